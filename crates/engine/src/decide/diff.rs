//! Compares what the target has with what it should have.

use syncline_model::{Attr, Value};

use crate::Change;
use crate::rule::{FlowType, Mapping};

/// The change of one attribute; `None` when nothing differs.
pub(super) fn change(attr: Attr, has: Option<&Value>, wanted: Option<Value>) -> Option<Change> {
    if same(has, wanted.as_ref()) {
        return None;
    }
    Some(Change {
        attr,
        old: has.cloned(),
        new: wanted,
    })
}

/// What a mapping makes of the value the target has: usually the new value, and both together for
/// mappings that only add values.
pub(super) fn merged(mapping: &Mapping, has: Option<&Value>, wanted: Value) -> Option<Value> {
    // Where the target takes one value, another one in its place is the only way to give it.
    let adds = !mapping.property.is_one_in_engine()
        && matches!(
            mapping.flow_type,
            FlowType::MultiValueAddOnly | FlowType::ValueAddOnly
        );
    match (adds, has, wanted) {
        (true, Some(Value::List(has)), Value::List(wanted)) => {
            let mut both = has.clone();
            both.extend(wanted.into_iter().filter(|value| !has.contains(value)));
            Some(Value::List(both))
        }
        (_, _, wanted) => Some(wanted),
    }
}

/// Only `accountEnabled` goes from true to false.
pub(crate) fn only_disables(changes: &[Change]) -> bool {
    matches!(changes, [only] if only.attr == Attr::ACCOUNT_ENABLED
        && only.old == Some(Value::Bool(true))
        && only.new == Some(Value::Bool(false)))
}

/// Texts compare exactly, so that a corrected case flows. Values of a list compare as a set: the
/// target may keep them in another order, and each once. An empty text or list is no value.
fn same(has: Option<&Value>, wanted: Option<&Value>) -> bool {
    let (has, wanted) = (values(has), values(wanted));
    let holds = |list: &[Value], others: &[Value]| others.iter().all(|it| list.contains(it));
    holds(has, wanted) && holds(wanted, has)
}

/// Whether there is a value: an empty text or list is none.
pub(super) fn is_filled(value: &Value) -> bool {
    !values(Some(value)).is_empty()
}

fn values(value: Option<&Value>) -> &[Value] {
    match value {
        None | Some(Value::Null) => &[],
        Some(Value::Text(text)) if text.is_empty() => &[],
        Some(value) => value.as_slice(),
    }
}
