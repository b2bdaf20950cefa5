//! Which values are the same to Graph and its clients, however they were stored or sent.

use std::borrow::Cow;

use crate::{Text, Value};

/// Whether two values are the same: null, an empty list and no value are, and members of complex values are compared by
/// name, in whatever order they stand.
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
        (Some(one), Some(other)) => {
            let written = written(one);
            one == other
                || (is_nothing(one) && is_nothing(other))
                || (written.is_some() && written == self::written(other))
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

/// What is written as a text: an id may be stored as one.
fn written(value: &Value) -> Option<Cow<'_, Text>> {
    let is_text = matches!(
        value,
        Value::Text(_) | Value::Time(_) | Value::Guid(_) | Value::Bytes(_)
    );
    is_text.then(|| value.shown_text())
}
