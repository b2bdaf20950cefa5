//! How much may be in a schema that comes in, counted before any of it is compiled: compiled, it takes many
//! times the bytes that it came in. A schema that was stored with more goes on.

use syncline_expression::Limits;

use super::Diagnostics;
use crate::schema::{
    Filter, FilterClause, FilterGroup, MAX_CLAUSES, ObjectMapping, SynchronizationSchema,
};

/// Object mappings of a schema. One of Entra's with all its helpers has about a dozen.
const MAX_OBJECT_MAPPINGS: usize = 100;

/// Attribute mappings of a schema: more than a user and a group have attributes, with as many extensions as a
/// tenant may have.
const MAX_ATTRIBUTE_MAPPINGS: usize = 5_000;

/// Bytes of all expressions of a schema, besides the longest that one may be. The default one has 2,000.
const ALL_EXPRESSIONS_BYTES: usize = 1_000_000;

/// Groups of clauses of a filter.
const MAX_GROUPS: usize = MAX_CLAUSES;

/// Values that one clause compares with.
const MAX_VALUES: usize = 1_000;

/// Values that all clauses of a schema compare with.
const ALL_VALUES: usize = 20_000;

/// Bytes of one of them. A user's longest text has 3072 characters.
const MAX_VALUE_BYTES: usize = 16 * 1024;

/// Tells what there is too much of.
pub(super) fn check(schema: &SynchronizationSchema, limits: &Limits, found: &mut Diagnostics) {
    let path = "synchronizationRules";
    let mappings = || {
        let rules = schema.synchronization_rules.iter();
        rules.flat_map(|rule| &rule.object_mappings)
    };
    let objects = mappings().count();
    if objects > MAX_OBJECT_MAPPINGS {
        found.invalid(
            path,
            format!("there are {objects} object mappings, and a schema has at most {MAX_OBJECT_MAPPINGS}; remove those that are switched off"),
        );
        return;
    }
    let attributes: usize = mappings().map(|it| it.attribute_mappings.len()).sum();
    if attributes > MAX_ATTRIBUTE_MAPPINGS {
        found.invalid(
            path,
            format!("there are {attributes} attribute mappings, and a schema has at most {MAX_ATTRIBUTE_MAPPINGS}; each attribute of the target is filled by one"),
        );
        return;
    }
    let most = ALL_EXPRESSIONS_BYTES.saturating_add(limits.length);
    if mappings().map(expression_bytes).sum::<usize>() > most {
        found.invalid(
            path,
            format!("all expressions of a schema have at most {most} bytes together; shorten them"),
        );
    }
    for (at, rule) in schema.synchronization_rules.iter().enumerate() {
        for (of, mapping) in rule.object_mappings.iter().enumerate() {
            if let Some(it) = &mapping.scope {
                filter(
                    it,
                    &format!("{path}[{at}].objectMappings[{of}].scope"),
                    found,
                );
            }
        }
    }
    let filters = mappings().filter_map(|it| it.scope.as_ref());
    let values: usize = filters.flat_map(Filter::clauses).map(values_of).sum();
    // Not where one clause has too many by itself.
    if values > ALL_VALUES && found.is_empty() {
        found.invalid(
            path,
            format!("clauses compare with {values} values, and with at most {ALL_VALUES} in all of a schema; put people into a group and ask with IsMemberOf"),
        );
    }
}

pub(super) fn expression_bytes(mapping: &ObjectMapping) -> usize {
    let sources = mapping.attribute_mappings.iter();
    let sources = sources.filter_map(|it| it.source.as_ref());
    // What can not be read is told when it is compiled.
    let texts = sources.filter_map(|it| it.text().ok());
    texts.map(|text| text.len()).sum()
}

fn values_of(clause: &FilterClause) -> usize {
    clause
        .target_operand
        .as_ref()
        .map_or(0, |it| it.values.len())
}

fn filter(filter: &Filter, path: &str, found: &mut Diagnostics) {
    let (groups, clauses) = (filter.all_groups().count(), filter.clauses().count());
    if clauses > MAX_CLAUSES {
        found.invalid(
            path,
            format!("there are {clauses} clauses, and at most {MAX_CLAUSES} are asked of an object; give one clause several values, or put people into a group and ask with IsMemberOf"),
        );
        return;
    }
    if groups > MAX_GROUPS {
        found.invalid(
            path,
            format!("there are {groups} groups of clauses, and at most {MAX_GROUPS} are asked; remove those without a clause"),
        );
        return;
    }
    for (name, groups) in [
        ("categoryFilterGroups", &filter.category_filter_groups),
        ("inputFilterGroups", &filter.input_filter_groups),
        ("groups", &filter.groups),
    ] {
        for (at, it) in groups.iter().enumerate() {
            group(it, &format!("{path}.{name}[{at}]"), found);
        }
    }
}

fn group(group: &FilterGroup, path: &str, found: &mut Diagnostics) {
    for (at, clause) in group.clauses.iter().enumerate() {
        let Some(operand) = &clause.target_operand else {
            continue;
        };
        let path = format!("{path}.clauses[{at}].targetOperand.values");
        let count = operand.values.len();
        if count > MAX_VALUES {
            found.invalid(
                &path,
                format!("there are {count} values, and at most {MAX_VALUES} are compared with; put people into a group and ask with IsMemberOf"),
            );
            continue;
        }
        let long = |it: &String| it.len() > MAX_VALUE_BYTES;
        if let Some(at) = operand.values.iter().position(long) {
            found.invalid(
                &format!("{path}[{at}]"),
                format!("a value has at most {MAX_VALUE_BYTES} bytes; no attribute has more"),
            );
        }
    }
}
