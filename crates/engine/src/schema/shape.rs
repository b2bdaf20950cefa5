//! What JSON a schema is made of, to say in plain words where a body is of another shape.

use serde_json::Value as Json;

/// What may stand at a place; null may stand everywhere but among the items of a list.
enum Shape {
    Text,
    Flag,
    Whole,
    Any,
    List(&'static Shape),
    /// Members that are not named may be anything.
    Record(&'static [(&'static str, &'static Shape)]),
}

use Shape::{Any, Flag, List, Record, Text, Whole};

static TEXTS: Shape = List(&Text);
static PAIRS: Shape = List(&Record(&[("key", &Text), ("value", &Text)]));

static SCHEMA: Shape = Record(&[
    ("id", &Text),
    ("version", &Text),
    ("directories", &List(&DIRECTORY)),
    ("synchronizationRules", &List(&RULE)),
]);

static DIRECTORY: Shape = Record(&[
    ("discoverabilities", &Text),
    ("discoveryDateTime", &Text),
    ("id", &Text),
    ("name", &Text),
    ("objects", &List(&OBJECT)),
    ("readOnly", &Flag),
    ("version", &Text),
]);

static OBJECT: Shape = Record(&[
    ("attributes", &List(&ATTRIBUTE)),
    ("metadata", &PAIRS),
    ("name", &Text),
    ("supportedApis", &TEXTS),
]);

static ATTRIBUTE: Shape = Record(&[
    ("anchor", &Flag),
    ("apiExpressions", &PAIRS),
    ("caseExact", &Flag),
    ("defaultValue", &Text),
    ("flowNullValues", &Flag),
    ("metadata", &PAIRS),
    ("multivalued", &Flag),
    ("mutability", &Text),
    ("name", &Text),
    ("referencedObjects", &List(&Any)),
    ("required", &Flag),
    ("type", &Text),
]);

static RULE: Shape = Record(&[
    ("editable", &Flag),
    ("id", &Text),
    ("metadata", &PAIRS),
    ("name", &Text),
    ("objectMappings", &List(&OBJECT_MAPPING)),
    ("priority", &Whole),
    ("sourceDirectoryName", &Text),
    ("targetDirectoryName", &Text),
]);

static OBJECT_MAPPING: Shape = Record(&[
    ("attributeMappings", &List(&ATTRIBUTE_MAPPING)),
    ("enabled", &Flag),
    ("flowTypes", &Text),
    ("metadata", &PAIRS),
    ("name", &Text),
    ("scope", &FILTER),
    ("sourceObjectName", &Text),
    ("targetObjectName", &Text),
]);

static ATTRIBUTE_MAPPING: Shape = Record(&[
    ("defaultValue", &Text),
    ("exportMissingReferences", &Flag),
    ("flowBehavior", &Text),
    ("flowType", &Text),
    ("matchingPriority", &Whole),
    ("nullPolicy", &Text),
    ("source", &SOURCE),
    ("targetAttributeName", &Text),
]);

static SOURCE: Shape = Record(&[
    ("expression", &Text),
    ("name", &Text),
    (
        "parameters",
        &List(&Record(&[("key", &Text), ("value", &SOURCE)])),
    ),
    ("type", &Text),
]);

static FILTER: Shape = Record(&[
    ("categoryFilterGroups", &GROUPS),
    ("groups", &GROUPS),
    ("inputFilterGroups", &GROUPS),
]);

static GROUPS: Shape = List(&Record(&[
    (
        "clauses",
        &List(&Record(&[
            ("multivaluedComparisonType", &Text),
            ("operatorName", &Text),
            ("sourceOperandName", &Text),
            ("targetOperand", &Record(&[("values", &TEXTS)])),
        ])),
    ),
    ("name", &Text),
]));

/// The path of the first value of another shape, and what it must be; the path of the whole is
/// empty.
pub(super) fn misfit(schema: &Json) -> Option<(String, &'static str)> {
    SCHEMA.misfit(schema, String::new(), false)
}

impl Shape {
    /// Not deeper than the JSON itself, whose depth its reader bounds.
    fn misfit(&self, json: &Json, path: String, nullable: bool) -> Option<(String, &'static str)> {
        if nullable && json.is_null() {
            return None;
        }
        match (self, json) {
            (Any, _) | (Text, Json::String(_)) | (Flag, Json::Bool(_)) => None,
            (Whole, Json::Number(number)) if number.is_i64() => None,
            (List(shape), Json::Array(items)) => items
                .iter()
                .enumerate()
                .find_map(|(at, item)| shape.misfit(item, format!("{path}[{at}]"), false)),
            (Record(members), Json::Object(given)) => members.iter().find_map(|(name, shape)| {
                let dot = if path.is_empty() { "" } else { "." };
                shape.misfit(given.get(*name)?, format!("{path}{dot}{name}"), true)
            }),
            _ => Some((path, self.words())),
        }
    }

    fn words(&self) -> &'static str {
        match self {
            Text => "must be a text",
            Flag => "must be true or false",
            Whole => "must be a whole number",
            List(_) => "must be a list, `[…]`",
            Record(_) => "must be an object, `{…}`",
            Any => "cannot be read",
        }
    }
}
