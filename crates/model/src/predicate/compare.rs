//! How two values compare.

use std::cmp::Ordering;

use super::{Case, Operator};
use crate::Value;
use crate::fold::fold;

pub(super) fn compare(
    found: Option<&Value>,
    operator: Operator,
    value: &Value,
    case: Case,
) -> bool {
    if *value == Value::Null {
        return match operator {
            Operator::Equal => found.is_none(),
            Operator::NotEqual => found.is_some(),
            _ => false,
        };
    }
    let Some(found) = found else {
        return operator == Operator::NotEqual;
    };
    match operator {
        Operator::Equal => order(found, value, case) == Some(Ordering::Equal),
        Operator::NotEqual => order(found, value, case) != Some(Ordering::Equal),
        Operator::Greater => order(found, value, case) == Some(Ordering::Greater),
        Operator::GreaterOrEqual => matches!(
            order(found, value, case),
            Some(Ordering::Greater | Ordering::Equal)
        ),
        Operator::Less => order(found, value, case) == Some(Ordering::Less),
        Operator::LessOrEqual => matches!(
            order(found, value, case),
            Some(Ordering::Less | Ordering::Equal)
        ),
        Operator::StartsWith | Operator::EndsWith | Operator::Contains | Operator::ContainedIn => {
            let (found, value) = match case {
                Case::Sensitive => (found.display_text(), value.display_text()),
                Case::Insensitive => (
                    fold(&found.display_text()).into(),
                    fold(&value.display_text()).into(),
                ),
            };
            match operator {
                Operator::StartsWith => found.starts_with(value.as_str()),
                Operator::EndsWith => found.ends_with(value.as_str()),
                Operator::ContainedIn => value.contains(found.as_str()),
                _ => found.contains(value.as_str()),
            }
        }
    }
}

/// The order of two values of one type; a GUID compares with its text. `None` when the types do
/// not compare.
pub fn order(left: &Value, right: &Value, case: Case) -> Option<Ordering> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(match case {
            Case::Sensitive => left.cmp(right),
            Case::Insensitive => fold(left).cmp(&fold(right)),
        }),
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        (Value::Time(left), Value::Time(right)) => Some(left.cmp(right)),
        (Value::Guid(left), Value::Guid(right)) => Some(left.cmp(right)),
        (Value::Guid(left), Value::Text(right)) => {
            Some(left.to_string().cmp(&right.to_ascii_lowercase()))
        }
        (Value::Text(left), Value::Guid(right)) => {
            Some(left.to_ascii_lowercase().cmp(&right.to_string()))
        }
        (Value::Bytes(left), Value::Bytes(right)) => Some(left.cmp(right)),
        _ => None,
    }
}
