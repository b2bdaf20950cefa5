//! Complex values: which members they have, how they are read, merged and written.

mod tables;

use serde_json::{Map, Value as Json};
use syncline_model::{PropertyType, Value};

pub use tables::of;

/// The members of a complex type.
#[derive(Debug)]
pub struct Complex {
    pub members: &'static [Member],
    /// Shown as an object of nulls when the object has no such value, as Graph does.
    pub always: bool,
}

/// One member.
#[derive(Debug)]
pub struct Member {
    pub name: &'static str,
    pub shape: Shape,
}

/// What a member holds.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    One(PropertyType),
    Many(PropertyType),
    Object(&'static Complex),
    Objects(&'static Complex),
    /// Read, never written: passwords, secret texts, private keys.
    Secret,
    /// Any JSON.
    Free,
}

/// Why a complex value was refused.
#[derive(Debug, PartialEq, Eq)]
pub enum Refused {
    Unknown(String),
    Wrong(String),
}

impl Complex {
    fn member(&self, name: &str) -> Option<&Member> {
        self.members
            .iter()
            .find(|it| it.name.eq_ignore_ascii_case(name))
    }

    /// Reads a JSON object; member names in any case become the exact ones.
    pub fn parse(&self, json: &Json) -> Result<Value, Refused> {
        let object = json
            .as_object()
            .ok_or_else(|| Refused::Wrong(String::new()))?;
        let mut members: Vec<(String, Value)> = Vec::new();
        for (name, json) in object.iter().filter(|(name, _)| !name.contains('@')) {
            let member = self
                .member(name)
                .ok_or_else(|| Refused::Unknown(name.clone()))?;
            let value = if json.is_null() {
                Value::Null
            } else {
                member.parse(json)?
            };
            members.retain(|(known, _)| known != member.name);
            members.push((member.name.to_owned(), value));
        }
        Ok(Value::Map(members))
    }

    /// A stored value as Graph writes it, every member named.
    pub fn json(&self, value: Option<&Value>) -> Json {
        let stored = match value {
            Some(Value::Map(members)) => members.as_slice(),
            _ => &[],
        };
        let mut object = Map::new();
        for member in self
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
                member.shape.json(value.filter(|it| **it != Value::Null)),
            );
        }
        Json::Object(object)
    }
}

impl Member {
    fn parse(&self, json: &Json) -> Result<Value, Refused> {
        let wrong = || Refused::Wrong(self.name.to_owned());
        let list = || json.as_array().ok_or_else(wrong);
        match self.shape {
            Shape::One(kind) => super::value::parse(kind, json).ok_or_else(wrong),
            Shape::Many(kind) => {
                let values: Option<Vec<Value>> = list()?
                    .iter()
                    .map(|it| super::value::parse(kind, it))
                    .collect();
                values.map(Value::List).ok_or_else(wrong)
            }
            Shape::Object(complex) => complex.parse(json),
            Shape::Objects(complex) => list()?
                .iter()
                .map(|it| complex.parse(it))
                .collect::<Result<_, _>>()
                .map(Value::List),
            Shape::Secret => super::value::parse(PropertyType::Text, json).ok_or_else(wrong),
            Shape::Free => Ok(super::value::free(json)),
        }
    }
}

impl Shape {
    fn json(self, value: Option<&Value>) -> Json {
        match (self, value) {
            (Self::Object(complex), value) if complex.always || value.is_some() => {
                complex.json(value)
            }
            (Self::Objects(complex), Some(Value::List(values))) => {
                values.iter().map(|it| complex.json(Some(it))).collect()
            }
            (Self::Many(_) | Self::Objects(_), None) => Json::Array(Vec::new()),
            (_, Some(value)) => super::value::json(value),
            (_, None) => Json::Null,
        }
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
