//! Complex values: how they are read, merged and written, by the table of their members.

use serde_json::{Map, Value as Json};
use syncline_model::schema::complex::{Complex, Member, Shape};
use syncline_model::{PropertyType, Value};

/// Why a complex value was refused.
#[derive(Debug, PartialEq, Eq)]
pub enum Refused {
    Unknown(String),
    Wrong(String),
}

/// Reads a JSON object; member names in any case become the exact ones.
pub fn parse(table: &Complex, json: &Json) -> Result<Value, Refused> {
    let object = json
        .as_object()
        .ok_or_else(|| Refused::Wrong(String::new()))?;
    let mut members: Vec<(String, Value)> = Vec::new();
    for (name, json) in object.iter().filter(|(name, _)| !name.contains('@')) {
        let member = table
            .member(name)
            .ok_or_else(|| Refused::Unknown(name.clone()))?;
        let value = if json.is_null() {
            Value::Null
        } else {
            parse_member(member, json)?
        };
        members.retain(|(known, _)| known != member.name);
        members.push((member.name.to_owned(), value));
    }
    Ok(Value::Map(members))
}

fn parse_member(member: &Member, json: &Json) -> Result<Value, Refused> {
    let wrong = || Refused::Wrong(member.name.to_owned());
    let list = || json.as_array().ok_or_else(wrong);
    match member.shape {
        Shape::One(kind) => super::value::parse(kind, json)
            .filter(|value| member.has_room_for(value))
            .ok_or_else(wrong),
        Shape::Many(kind) => {
            let values: Option<Vec<Value>> = list()?
                .iter()
                .map(|it| super::value::parse(kind, it))
                .collect();
            values.map(Value::List).ok_or_else(wrong)
        }
        Shape::Object(complex) => parse(complex, json),
        Shape::Objects(complex) => list()?
            .iter()
            .map(|it| parse(complex, it))
            .collect::<Result<_, _>>()
            .map(Value::List),
        Shape::Secret => super::value::parse(PropertyType::Text, json).ok_or_else(wrong),
        Shape::Free => Ok(super::value::free(json)),
    }
}

/// A stored value as Graph writes it, every member named.
pub fn json(table: &Complex, value: Option<&Value>) -> Json {
    let stored = match value {
        Some(Value::Map(members)) => members.as_slice(),
        _ => &[],
    };
    let mut object = Map::new();
    for member in table
        .members
        .iter()
        .filter(|it| !matches!(it.shape, Shape::Secret))
    {
        let value = stored
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(member.name))
            .map(|(_, value)| value);
        object.insert(
            member.name.to_owned(),
            shape_json(member.shape, value.filter(|it| **it != Value::Null)),
        );
    }
    Json::Object(object)
}

fn shape_json(shape: Shape, value: Option<&Value>) -> Json {
    match (shape, value) {
        (Shape::Object(complex), value) if complex.always || value.is_some() => {
            json(complex, value)
        }
        (Shape::Objects(complex), Some(Value::List(values))) => {
            values.iter().map(|it| json(complex, Some(it))).collect()
        }
        (Shape::Many(_) | Shape::Objects(_), None) => Json::Array(Vec::new()),
        (_, Some(value)) => super::value::json(value),
        (_, None) => Json::Null,
    }
}

/// A PATCH of a complex value: members sent replace members stored, null clears one, others stay.
pub fn merge(stored: Option<&Value>, sent: Value) -> Value {
    let (Some(Value::Map(stored)), Value::Map(sent)) = (stored, &sent) else {
        return sent;
    };
    let mut merged = stored.clone();
    for (name, value) in sent {
        let before = merged
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone());
        merged.retain(|(known, _)| known != name);
        merged.push((name.clone(), merge(before.as_ref(), value.clone())));
    }
    Value::Map(merged)
}
