//! What is judged only where a schema comes in: members that nobody knows or reads, comparisons with nothing,
//! and how groups are matched. How much there is in it was asked before (`measure`). A schema that was stored
//! before these were refused goes on.

use syncline_expression::closest;

use super::{Diagnostics, cross_tenant, object};
use crate::schema::{
    AttributeMapping, AttributeMappingSource, Extra, Filter, FilterClause, FilterGroup,
    FilterOperator, ObjectMapping, SynchronizationRule, SynchronizationSchema,
};

const RULE: &[&str] = &[
    "containerFilter",
    "editable",
    "groupFilter",
    "id",
    "metadata",
    "name",
    "objectMappings",
    "priority",
    "sourceDirectoryName",
    "targetDirectoryName",
];
const OBJECT_MAPPING: &[&str] = &[
    "attributeMappings",
    "enabled",
    "flowTypes",
    "metadata",
    "name",
    "scope",
    "sourceObjectName",
    "targetObjectName",
];
const ATTRIBUTE_MAPPING: &[&str] = &[
    "defaultValue",
    "exportMissingReferences",
    "flowBehavior",
    "flowType",
    "matchingPriority",
    "nullPolicy",
    "source",
    "targetAttributeName",
];
const SOURCE: &[&str] = &["expression", "name", "parameters", "type"];
const FILTER: &[&str] = &["categoryFilterGroups", "groups", "inputFilterGroups"];
const FILTER_GROUP: &[&str] = &["clauses", "name"];
const FILTER_CLAUSE: &[&str] = &[
    "multivaluedComparisonType",
    "operatorName",
    "sourceOperandName",
    "targetOperand",
];
const FILTER_OPERAND: &[&str] = &["values"];

/// What Graph's clients put beside the members of anything they have read, empty.
const OF_CLIENTS: &[&str] = &["additionalData", "additionalProperties"];

pub(super) fn check(schema: &SynchronizationSchema, found: &mut Diagnostics) {
    for (at, it) in schema.synchronization_rules.iter().enumerate() {
        let path = format!("synchronizationRules[{at}]");
        rule(it, &path, found);
        if cross_tenant::applies(schema, it) {
            groups(it, &path, found);
        }
    }
    one_of_a_kind(schema, found);
    defaults_of_definitions(schema, found);
}

/// Graph gives a required attribute without a value the default of its definition. Here only mappings have defaults.
fn defaults_of_definitions(schema: &SynchronizationSchema, found: &mut Diagnostics) {
    for (of, directory) in schema.directories.iter().enumerate() {
        for (on, object) in directory.objects.iter().enumerate() {
            for (at, attribute) in object.attributes.iter().enumerate() {
                if attribute
                    .default_value
                    .as_deref()
                    .is_some_and(|it| !it.is_empty())
                {
                    let name = &attribute.name;
                    found.not_supported(
                        &format!(
                            "directories[{of}].objects[{on}].attributes[{at}].defaultValue"
                        ),
                        format!(
                            "the definition of an attribute gives no default here; write `defaultValue` in the attribute mapping that fills `{name}`"
                        ),
                    );
                }
            }
        }
    }
}

/// One rule decides about all users, and one about all groups. Whoever is outside of its scope leaves the target,
/// whatever another one says of them.
fn one_of_a_kind(schema: &SynchronizationSchema, found: &mut Diagnostics) {
    let mut met = Vec::new();
    for (of, rule) in schema.synchronization_rules.iter().enumerate() {
        for (at, mapping) in rule.object_mappings.iter().enumerate() {
            let name = mapping.source_object_name.as_deref().unwrap_or("");
            let Some(kind) = object::kind_named(name).filter(|_| mapping.enabled) else {
                continue;
            };
            if met.contains(&kind) {
                let kind = kind.engine_name();
                found.invalid(
                    &format!("synchronizationRules[{of}].objectMappings[{at}].sourceObjectName"),
                    format!(
                        "another object mapping that is switched on is about objects of type {kind} already, and one decides about all of them; put filter groups into its scope and expressions into its mappings, such as one for `userType`, or make a second configuration"
                    ),
                );
            }
            met.push(kind);
        }
    }
}

fn groups(rule: &SynchronizationRule, path: &str, found: &mut Diagnostics) {
    for (at, it) in rule.object_mappings.iter().enumerate() {
        cross_tenant::check_groups(it, &format!("{path}.objectMappings[{at}]"), found);
    }
}

fn rule(rule: &SynchronizationRule, path: &str, found: &mut Diagnostics) {
    near_misses(&rule.extra, RULE, path, found);
    for (at, it) in rule.object_mappings.iter().enumerate() {
        object_mapping(it, &format!("{path}.objectMappings[{at}]"), found);
    }
}

fn object_mapping(mapping: &ObjectMapping, path: &str, found: &mut Diagnostics) {
    near_misses(&mapping.extra, OBJECT_MAPPING, path, found);
    for (at, it) in mapping.attribute_mappings.iter().enumerate() {
        attribute_mapping(it, &format!("{path}.attributeMappings[{at}]"), found);
    }
    if let Some(it) = &mapping.scope {
        filter(it, &format!("{path}.scope"), found);
    }
}

fn attribute_mapping(mapping: &AttributeMapping, path: &str, found: &mut Diagnostics) {
    near_misses(&mapping.extra, ATTRIBUTE_MAPPING, path, found);
    if let Some(AttributeMappingSource { extra, .. }) = &mapping.source {
        near_misses(extra, SOURCE, &format!("{path}.source"), found);
    }
}

fn filter(filter: &Filter, path: &str, found: &mut Diagnostics) {
    strangers(&filter.extra, FILTER, "filter", path, found);
    for (name, groups) in [
        ("categoryFilterGroups", &filter.category_filter_groups),
        ("inputFilterGroups", &filter.input_filter_groups),
        ("groups", &filter.groups),
    ] {
        for (at, it) in groups.iter().enumerate() {
            filter_group(it, &format!("{path}.{name}[{at}]"), found);
        }
    }
}

fn filter_group(group: &FilterGroup, path: &str, found: &mut Diagnostics) {
    strangers(&group.extra, FILTER_GROUP, "filter group", path, found);
    for (at, it) in group.clauses.iter().enumerate() {
        filter_clause(it, &format!("{path}.clauses[{at}]"), found);
    }
}

fn filter_clause(clause: &FilterClause, path: &str, found: &mut Diagnostics) {
    strangers(&clause.extra, FILTER_CLAUSE, "filter clause", path, found);
    let Some(operand) = &clause.target_operand else {
        return;
    };
    let path = format!("{path}.targetOperand");
    strangers(
        &operand.extra,
        FILTER_OPERAND,
        "filter operand",
        &path,
        found,
    );
    let operator = clause.operator_name.as_deref().unwrap_or("");
    if !FilterOperator::named(operator).is_some_and(FilterOperator::is_binary) {
        return;
    }
    for (at, _) in operand.values.iter().enumerate().filter(empty) {
        let path = format!("{path}.values[{at}]");
        // Not for what is no number, no time and no id anyway.
        if !found.tells_of(&path) {
            found.invalid(
                &path,
                "an empty text is no value, so comparing with it never says anything; use IS NULL for objects without a value, IS NOT NULL for those with one",
            );
        }
    }
}

fn empty((_, value): &(usize, &String)) -> bool {
    value.is_empty()
}

/// Of a filter, every member that is none of its own: with one that is passed over, more people
/// would be in scope than somebody meant.
fn strangers(extra: &Extra, known: &[&str], what: &str, path: &str, found: &mut Diagnostics) {
    for name in said(extra) {
        let hint = match closest(name, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("it has {}", known.join(", ")),
        };
        found.invalid(
            &format!("{path}.{name}"),
            format!("`{name}` is not a member of a {what}; {hint}"),
        );
    }
}

/// Elsewhere, only what looks like a slip: schemas carry members that we keep and do not know.
fn near_misses(extra: &Extra, known: &[&str], path: &str, found: &mut Diagnostics) {
    for name in said(extra) {
        if let Some(meant) = closest(name, known.iter().copied()) {
            found.invalid(
                &format!("{path}.{name}"),
                format!("`{name}` is not known here; did you mean `{meant}`?"),
            );
        }
    }
}

/// The unknown members that say something: null leaves nothing out.
fn said(extra: &Extra) -> impl Iterator<Item = &str> {
    extra
        .iter()
        .filter(|(name, value)| {
            !(value.is_null() || OF_CLIENTS.contains(&name.as_str()) && super::is_empty(value))
        })
        .map(|(name, _)| name.as_str())
}
