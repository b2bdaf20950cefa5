//! In what a schema differs from another one: read as text would be, but with the names that its parts have.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use syncline_engine::SynchronizationSchema;
use syncline_engine::schema::{AttributeMappingSource, Filter};

use crate::failure::Failure;

/// One part of a schema that is added, removed or other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SchemaChange {
    /// Where it is, from the outside in, e.g. `User → User`, `attribute mapping city`, `source`.
    pub place: Vec<String>,
    /// `None`: it is added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Json>,
    /// `None`: it is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Json>,
}

/// What is otherwise in `to`, in the order in which it stands there. Empty only where they are equal.
///
/// # Errors
/// When one of them can not be written as JSON.
pub fn between(
    from: &SynchronizationSchema,
    to: &SynchronizationSchema,
) -> Result<Vec<SchemaChange>, Failure> {
    let json = |schema| {
        serde_json::to_value(schema)
            .map_err(|error| Failure::new(format!("cannot compare the schemas: {error}")))
    };
    let mut found = Found::default();
    found.compare("", &json(from)?, &json(to)?);
    Ok(found.changes)
}

#[derive(Default)]
struct Found {
    place: Vec<String>,
    changes: Vec<SchemaChange>,
}

impl Found {
    /// `name`: of the property that has these values.
    fn compare(&mut self, name: &str, from: &Json, to: &Json) {
        if from == to {
            return;
        }
        if name == "source"
            && let (Some(was), Some(is)) = (expression(from), expression(to))
            && was != is
        {
            return self.push(Some(was.into()), Some(is.into()));
        }
        match (from, to) {
            (Json::Object(was), Json::Object(is)) => self.members(was, is),
            (Json::Array(was), Json::Array(is)) => match (named(was), named(is)) {
                (Some(was), Some(is)) => self.elements(name, &was, &is),
                _ => self.push(Some(from.clone()), Some(to.clone())),
            },
            _ => self.push(present(from), present(to)),
        }
    }

    fn members(&mut self, from: &Map<String, Json>, to: &Map<String, Json>) {
        let gone = from.keys().filter(|name| !to.contains_key(*name));
        for name in to.keys().chain(gone) {
            let of = |all: &Map<String, Json>| all.get(name).cloned().unwrap_or_default();
            let (was, is) = match name.as_str() {
                "scope" => filters(of(from), of(to)),
                _ => (of(from), of(to)),
            };
            let depth = self.place.len();
            // What is in a list says by itself what it is.
            if named_of(&was).is_none() || named_of(&is).is_none() {
                self.place.push(words(name).to_owned());
            }
            self.compare(name, &was, &is);
            self.place.truncate(depth);
        }
    }

    fn elements(&mut self, list: &str, from: &[(String, &Json)], to: &[(String, &Json)]) {
        let of = |all: &[(String, &Json)], name: &str| {
            let found = all.iter().find(|(known, _)| known == name);
            found.map(|(_, it)| (*it).clone())
        };
        let before = self.changes.len();
        let gone = from.iter().filter(|(name, _)| of(to, name).is_none());
        for (name, _) in to.iter().chain(gone) {
            self.place.push(element(list, name));
            match (of(from, name), of(to, name)) {
                (Some(was), Some(is)) => self.compare("", &was, &is),
                (was, is) => self.push(was, is),
            }
            self.place.pop();
        }
        if self.changes.len() == before {
            let order = |all: &[(String, &Json)]| -> Json {
                all.iter().map(|(name, _)| name.as_str()).collect()
            };
            self.place.push(format!("order of {list}"));
            self.push(Some(order(from)), Some(order(to)));
            self.place.pop();
        }
    }

    fn push(&mut self, from: Option<Json>, to: Option<Json>) {
        self.changes.push(SchemaChange {
            place: self.place.clone(),
            from,
            to,
        });
    }
}

fn present(value: &Json) -> Option<Json> {
    (!value.is_null()).then(|| value.clone())
}

/// Scoping filters: where there is none, one that lets everybody through, unless that is all the difference.
fn filters(from: Json, to: Json) -> (Json, Json) {
    let whole = |filter: &Json| match filter {
        Json::Null => serde_json::to_value(Filter::default()).unwrap_or_default(),
        filter => filter.clone(),
    };
    let (was, is) = (whole(&from), whole(&to));
    if was == is { (from, to) } else { (was, is) }
}

/// The expression of an attribute mapping's source.
fn expression(source: &Json) -> Option<String> {
    let source: AttributeMappingSource = serde_json::from_value(source.clone()).ok()?;
    source.text().ok()
}

fn named_of(value: &Json) -> Option<Vec<(String, &Json)>> {
    named(value.as_array()?)
}

/// The elements of a list by their names, where each has one of its own.
fn named(all: &[Json]) -> Option<Vec<(String, &Json)>> {
    let mut named: Vec<(String, &Json)> = Vec::with_capacity(all.len());
    for one in all {
        named.push((name_of(one)?, one));
    }
    let mut names: Vec<&str> = named.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    (names.len() == named.len()).then_some(named)
}

fn name_of(element: &Json) -> Option<String> {
    let text = |name: &str| element.get(name)?.as_str().filter(|it| !it.is_empty());
    if let (Some(source), Some(target)) = (text("sourceObjectName"), text("targetObjectName")) {
        return Some(format!("{source} → {target}"));
    }
    let name = ["targetAttributeName", "name", "key", "id"]
        .into_iter()
        .find_map(text)?;
    Some(name.to_owned())
}

/// What a property is called, where that is not its name.
fn words(name: &str) -> &str {
    match name {
        "scope" => "scoping filter",
        name => name,
    }
}

fn element(list: &str, name: &str) -> String {
    match list {
        // Their names say it.
        "objectMappings" | "synchronizationRules" => name.to_owned(),
        "attributeMappings" => format!("attribute mapping {name}"),
        "directories" => format!("directory {name}"),
        "objects" => format!("object {name}"),
        "attributes" => format!("attribute {name}"),
        list => format!("{} {name}", list.strip_suffix('s').unwrap_or(list)),
    }
}

impl SchemaChange {
    /// For people, on one line.
    pub fn text(&self) -> String {
        let place = self.place.join(": ");
        match (&self.from, &self.to) {
            (None, Some(to)) => format!("+ {place}: {}", shown(to)),
            (Some(from), None) => format!("- {place}: {}", shown(from)),
            (from, to) => {
                let shown = |value: &Option<Json>| value.as_ref().map_or("none".to_owned(), shown);
                format!("~ {place}: {} → {}", shown(from), shown(to))
            }
        }
    }
}

/// Longer values are cut in text; JSON has them whole.
const LONGEST: usize = 160;

fn shown(value: &Json) -> String {
    let text = match value {
        Json::String(text) => text.clone(),
        // Of an attribute mapping that is what everybody asks for.
        value => value
            .get("source")
            .and_then(expression)
            .unwrap_or_else(|| value.to_string()),
    };
    let text = text.replace(char::is_control, " ");
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
