//! One kind of value read as another.

use syncline_model::{Text, Timestamp, Value};

use crate::datetime;

/// `True`/`False` for Booleans, digits for numbers, RFC 3339 for times, the text itself for texts.
pub fn text(value: &Value) -> Text {
    value.display_text()
}

/// A number, or a text that is one (decimal or `&H…`).
pub fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        Value::Text(text) => integer_text(text),
        _ => None,
    }
}

pub fn integer_text(text: &str) -> Option<i64> {
    let text = text.trim();
    match text.strip_prefix("&H") {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// Whether a value counts as true: True, a number other than 0, or the text of either. No value,
/// and any other text, is false.
pub fn truth(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(it)) => *it,
        Some(Value::Int(number)) => *number != 0,
        Some(Value::Text(text)) => {
            boolean_text(text).unwrap_or_else(|| integer_text(text).is_some_and(|it| it != 0))
        }
        _ => false,
    }
}

/// `True` and `False` in any case.
pub fn boolean_text(text: &str) -> Option<bool> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// A time, or a text in one of the usual forms.
pub fn time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Time(at) => Some(*at),
        Value::Text(text) => datetime::parse(text),
        _ => None,
    }
}
