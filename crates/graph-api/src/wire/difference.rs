//! What a PATCH would change. Clients send back what they read, and their own defaults with it.

use syncline_model::{Entry, Value};

use super::entity_in::Changes;
use super::value;

/// The changes that leave another value than is stored; null, an empty list and no value are the same.
#[must_use]
pub fn of(stored: &Entry, mut changes: Changes) -> Changes {
    changes.retain(|(attr, value)| !is_same(stored.get(*attr), value.as_ref()));
    changes
}

/// Whether two values are the same to Graph. Members of complex values are compared by name, in whatever order they
/// stand.
#[must_use]
pub fn is_same(one: Option<&Value>, other: Option<&Value>) -> bool {
    match (one, other) {
        (None, value) | (value, None) => value.is_none_or(is_nothing),
        (Some(one @ Value::Map(ones)), Some(other @ Value::Map(others))) => {
            let mut names = ones.iter().chain(others).map(|(name, _)| name);
            names.all(|name| is_same(one.member(name), other.member(name)))
        }
        (Some(Value::List(ones)), Some(Value::List(others))) if ones.len() == others.len() => ones
            .iter()
            .zip(others)
            .all(|(one, other)| is_same(Some(one), Some(other))),
        // As they are written: an id may be stored as a text.
        (Some(one), Some(other)) => {
            value::json(one) == value::json(other) || (is_nothing(one) && is_nothing(other))
        }
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::List(values) => values.is_empty(),
        Value::Map(members) => members.iter().all(|(_, value)| is_nothing(value)),
        _ => false,
    }
}
