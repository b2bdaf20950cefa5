//! Brings a value into the type of a target attribute.

use std::borrow::Cow;
use std::fmt;

use syncline_expression::{parse_date, shown_up_to};
use syncline_model::schema::size;
use syncline_model::{Attr, EntityKind, Property, PropertyType, Text, Timestamp, Value};
use uuid::Uuid;

/// More letters of a value that does not fit say nothing more.
const LETTERS: usize = 100;

/// What is synchronized: of users and groups the measure is the same.
const SYNCHRONIZED: EntityKind = EntityKind::User;

/// A value that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    attribute: String,
    wanted: Cow<'static, str>,
    /// `None` when the value itself must not be shown.
    got: Option<Text>,
}

impl Misfit {
    /// In words; without the value when it must not be shown.
    pub fn hiding(mut self, redacted: bool) -> String {
        if redacted {
            self.got = None;
        }
        self.to_string()
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` wants {}", self.attribute, self.wanted)?;
        match &self.got {
            Some(got) => write!(f, ", not `{}`", shown_up_to(got, LETTERS)),
            None => Ok(()),
        }
    }
}

/// The value as the target stores it. `None` when nothing is left: an empty text or list is no
/// value, in the directory as in Graph.
pub fn to_property(property: &Property, value: Value) -> Result<Option<Value>, Misfit> {
    let value = to_type(property, value)?;
    value.map(|value| allowed(property, value)).transpose()
}

/// The same, however long it is, and whether or not it is of the enumeration.
pub fn to_type(property: &Property, value: Value) -> Result<Option<Value>, Misfit> {
    if is_single(property) {
        return match value {
            Value::List(mut values) => match values.len() {
                0 => Ok(None),
                1 => scalar(property, values.remove(0)),
                _ => Err(misfit(property, "one value", &Value::List(values))),
            },
            one => scalar(property, one),
        };
    }
    let values = match value {
        Value::List(values) => values,
        one => vec![one],
    };
    let mut kept = Vec::with_capacity(values.len());
    for value in values {
        kept.extend(scalar(property, value)?);
    }
    Ok((!kept.is_empty()).then_some(Value::List(kept)))
}

/// A value of the right type, if it is of the enumeration and there is room for it, and for each of several.
pub(super) fn allowed(property: &Property, value: Value) -> Result<Value, Misfit> {
    let stranger = value.as_slice().iter().find(|it| !is_member(property, it));
    if let Some(stranger) = stranger {
        return Err(misfit(property, members(property), stranger));
    }
    let long = value.as_slice().iter().find(|it| !has_room(property, it));
    if let Some(long) = long {
        return Err(misfit(property, room(property, long), long));
    }
    if !is_single(property) && !size::fits(SYNCHRONIZED, &value) {
        return Err(misfit(property, "fewer or shorter values", &value));
    }
    Ok(value)
}

/// Whether [`to_property`] gives back this very value: one of the right type.
pub(super) fn stays(property: &Property, value: &Value) -> bool {
    is_single(property)
        && is_of(property.kind, value)
        && !is_empty(value)
        && is_member(property, value)
        && has_room(property, value)
}

/// Anchors are many in the schema, and one here; a telephone number is a list of one, here as there.
fn is_single(property: &Property) -> bool {
    !property.multi_valued || property.attr == Attr::ALTERNATIVE_SECURITY_IDS
}

fn is_empty(value: &Value) -> bool {
    *value == Value::Null || value.as_text() == Some("")
}

/// Whether a value of the right type is neither too large a number for the attribute nor too long: the
/// target would refuse it, and until then a page holds it for each of its objects.
fn has_room(property: &Property, value: &Value) -> bool {
    property.has_room_for(value)
        && match value {
            Value::Text(text) => {
                let longest = size::longest_text(SYNCHRONIZED);
                property.max_length.is_some()
                    // It has no more characters than bytes.
                    || text.len() <= longest
                    || text.chars().count() <= longest
            }
            other => size::fits(SYNCHRONIZED, other),
        }
}

fn scalar(property: &Property, value: Value) -> Result<Option<Value>, Misfit> {
    if is_empty(&value) {
        return Ok(None);
    }
    if is_of(property.kind, &value) {
        return in_range(property, spelled(property, value)).map(Some);
    }
    let text = value.as_text().map(str::trim);
    let fitting = match (property.kind, &value) {
        (PropertyType::Bool, Value::Text(_)) => match text {
            Some(text) if text.eq_ignore_ascii_case("true") => Some(Value::Bool(true)),
            Some(text) if text.eq_ignore_ascii_case("false") => Some(Value::Bool(false)),
            _ => None,
        },
        (PropertyType::Int, Value::Text(_)) => {
            text.and_then(|text| text.parse().ok()).map(Value::Int)
        }
        // Or in a form of the mapping language, whose functions write dates in one of its own.
        (PropertyType::Time, Value::Text(_)) => text
            .and_then(|text| Timestamp::parse(text).or_else(|| parse_date(text)))
            .map(Value::Time),
        (PropertyType::Guid, Value::Text(_)) => text
            .and_then(|text| Uuid::parse_str(text).ok())
            .map(Value::Guid),
        (PropertyType::Bytes, Value::Text(_)) => text.and_then(Value::from_base64),
        (
            PropertyType::Text,
            Value::Bool(_) | Value::Int(_) | Value::Time(_) | Value::Guid(_) | Value::Bytes(_),
        ) => Some(Value::Text(value.display_text())),
        _ => None,
    };
    match fitting {
        Some(value) => in_range(property, spelled(property, value)).map(Some),
        None => Err(misfit(property, wanted(property.kind), &value)),
    }
}

/// Whether the value has the type already.
fn is_of(kind: PropertyType, value: &Value) -> bool {
    matches!(
        (kind, value),
        (PropertyType::Bool, Value::Bool(_))
            | (PropertyType::Int, Value::Int(_))
            | (PropertyType::Text, Value::Text(_))
            | (PropertyType::Time, Value::Time(_))
            | (PropertyType::Guid, Value::Guid(_))
            | (PropertyType::Bytes, Value::Bytes(_))
            | (PropertyType::Complex, Value::Map(_))
    )
}

/// A member of the enumeration as the target spells it, which compares with any case and stores its own: another one
/// would be written again at every look. Whatever else as it is.
fn spelled(property: &Property, value: Value) -> Value {
    let mut members = property.one_of.iter();
    let known = value
        .as_text()
        .and_then(|text| members.find(|known| known.eq_ignore_ascii_case(text)));
    known.map_or(value, |known| Value::Text(Text::fixed(known)))
}

/// Whether the value is one of the enumeration, in its spelling, if the attribute has one.
fn is_member(property: &Property, value: &Value) -> bool {
    let is_known = |text| property.one_of.contains(&text);
    property.one_of.is_empty() || value.as_text().is_some_and(is_known)
}

/// The enumeration, in words.
fn members(property: &Property) -> String {
    match property.one_of.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// A value of the right type, unless it is too large a number.
fn in_range(property: &Property, value: Value) -> Result<Value, Misfit> {
    if matches!(value, Value::Int(_)) && !property.has_room_for(&value) {
        return Err(misfit(property, room(property, &value), &value));
    }
    Ok(value)
}

/// What there is room for, in words.
fn room(property: &Property, value: &Value) -> Cow<'static, str> {
    match value {
        Value::Int(_) => "an integer of 32 bits".into(),
        Value::Text(_) => {
            let longest = property
                .max_length
                .unwrap_or_else(|| size::longest_text(SYNCHRONIZED));
            format!("a text of at most {longest} characters").into()
        }
        _ => match property.max_length {
            Some(longest) => format!("at most {longest} bytes").into(),
            None => "a shorter value".into(),
        },
    }
}

fn misfit(property: &Property, wanted: impl Into<Cow<'static, str>>, got: &Value) -> Misfit {
    Misfit {
        attribute: property.engine_or_graph_name().to_owned(),
        wanted: wanted.into(),
        got: (!property.sensitive).then(|| got.display_text()),
    }
}

fn wanted(kind: PropertyType) -> &'static str {
    match kind {
        PropertyType::Bool => "true or false",
        PropertyType::Int => "an integer",
        PropertyType::Text => "a text",
        PropertyType::Time => "a date and time",
        PropertyType::Guid => "a GUID",
        PropertyType::Bytes => "binary data (base64)",
        PropertyType::Complex => "a complex value",
        PropertyType::Reference => "a reference",
    }
}
