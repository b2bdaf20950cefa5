//! `=`, `<>`, `>`, `>=`, `<`, `<=`.

use std::cmp::Ordering;

use syncline_model::{Text, Value};

use crate::ast::Operator;
use crate::coerce;

/// Whether the comparison holds. No value counts as the empty text, so `[country] = ""` asks for
/// both (in Entra such a condition fails). Texts compare by their characters, case counts. Values
/// that do not compare are unequal and nothing else.
pub fn holds(left: Option<&Value>, operator: Operator, right: Option<&Value>) -> bool {
    let empty = Value::Text(Text::default());
    is(
        order(left.unwrap_or(&empty), right.unwrap_or(&empty)),
        operator,
    )
}

/// Whether the comparison holds where one side comes out of a function that writes dates: the other
/// side is read as a date as well, in any of the usual forms. Letter by letter `2/9/2024` would come
/// after `2/10/2024`. A date is unequal to what is none, and nothing else. Two sides that are no
/// dates are equal when they are the same text, no value counting as the empty one, as
/// `CDate([hired]) = ""` asks.
pub fn holds_of_dates(left: Option<&Value>, operator: Operator, right: Option<&Value>) -> bool {
    let empty = Value::Text(Text::default());
    let (left, right) = (left.unwrap_or(&empty), right.unwrap_or(&empty));
    let order = match (coerce::time(left), coerce::time(right)) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        (None, None) => order(left, right).filter(|it| it.is_eq()),
        _ => None,
    };
    is(order, operator)
}

/// Whether an order, or that there is none, is what the operator asks for.
fn is(order: Option<Ordering>, operator: Operator) -> bool {
    match operator {
        Operator::Equal => order == Some(Ordering::Equal),
        Operator::NotEqual => order != Some(Ordering::Equal),
        Operator::Greater => order == Some(Ordering::Greater),
        Operator::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        Operator::Less => order == Some(Ordering::Less),
        Operator::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
    }
}

fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(_), _) | (_, Value::Int(_)) => {
            Some(coerce::integer(left)?.cmp(&coerce::integer(right)?))
        }
        // `[accountEnabled] = "true"` means what it says, although our text for it is `True`.
        (Value::Bool(left), Value::Text(right)) => Some(left.cmp(&coerce::boolean_text(right)?)),
        (Value::Text(left), Value::Bool(right)) => Some(coerce::boolean_text(left)?.cmp(right)),
        (Value::Time(_), _) | (_, Value::Time(_)) => {
            Some(coerce::time(left)?.cmp(&coerce::time(right)?))
        }
        (Value::Guid(_), Value::Text(text)) => {
            Some(coerce::text(left).as_str().cmp(&text.to_ascii_lowercase()))
        }
        (Value::Text(text), Value::Guid(_)) => {
            Some(text.to_ascii_lowercase().as_str().cmp(&coerce::text(right)))
        }
        _ => Some(coerce::text(left).cmp(&coerce::text(right))),
    }
}
