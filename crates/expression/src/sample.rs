//! An object typed in by hand, as JSON: what an expression is tried on before any directory is
//! asked. The examples of the function table run on it.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::{Map, Value as Json};
use syncline_model::predicate::Attributes;
use syncline_model::{Attr, PropertyType, Value};

use crate::attributes::{AttributeInfo, AttributeTypes};

/// Attributes with types inferred from their JSON values; null is a known attribute without value.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    attributes: Vec<(String, AttributeInfo, Option<Value>)>,
    /// Where the first attribute of each name is.
    places: HashMap<String, usize>,
}

impl Sample {
    pub fn from_json(attributes: &Map<String, Json>) -> Self {
        let mut sample = Self::default();
        for (name, value) in attributes {
            sample.set_json(name, value);
        }
        sample
    }

    /// Adds an attribute whose type its JSON value shows.
    pub fn set_json(&mut self, name: &str, value: &Json) {
        let (kind, multi_valued) = infer(value);
        self.set(name, kind, multi_valued, value_of(value));
    }

    /// Adds an attribute. At most as many as there are numbers for extensions; more are ignored.
    pub fn set(
        &mut self,
        name: &str,
        kind: PropertyType,
        multi_valued: bool,
        value: Option<Value>,
    ) {
        let number = u16::try_from(self.attributes.len())
            .ok()
            .and_then(|at| Attr::FIRST_EXTENSION.checked_add(at));
        if let Some(number) = number {
            let info = AttributeInfo {
                attr: Attr(number),
                kind,
                multi_valued,
                nullable: match &value {
                    None => true,
                    Some(Value::List(values)) => values.is_empty(),
                    Some(_) => false,
                },
            };
            self.places
                .entry(name.to_owned())
                .or_insert(self.attributes.len());
            self.attributes.push((name.to_owned(), info, value));
        }
    }
}

impl AttributeTypes for Sample {
    fn resolve(&self, name: &str) -> Option<AttributeInfo> {
        let (_, info, _) = self.attributes.get(*self.places.get(name)?)?;
        Some(*info)
    }

    fn names(&self) -> Vec<String> {
        self.attributes
            .iter()
            .map(|(name, ..)| name.clone())
            .collect()
    }
}

impl Attributes for Sample {
    fn value(&self, attr: Attr) -> Option<Cow<'_, Value>> {
        // They are numbered in their order.
        let place = attr.0.checked_sub(Attr::FIRST_EXTENSION)?;
        let (.., value) = self.attributes.get(usize::from(place))?;
        value.as_ref().map(Cow::Borrowed)
    }
}

fn infer(value: &Json) -> (PropertyType, bool) {
    match value {
        Json::Bool(_) => (PropertyType::Bool, false),
        Json::Number(number) if number.is_i64() => (PropertyType::Int, false),
        Json::Null | Json::Number(_) | Json::String(_) => (PropertyType::Text, false),
        Json::Array(values) => (
            values
                .first()
                .map_or(PropertyType::Text, |first| infer(first).0),
            // A list of one stands for its element, and an empty one for no value.
            values.len() > 1,
        ),
        Json::Object(_) => (PropertyType::Complex, false),
    }
}

/// The attribute value a JSON value stands for; null stands for none.
pub fn value_of(value: &Json) -> Option<Value> {
    Some(match value {
        Json::Null => return None,
        Json::Bool(it) => Value::Bool(*it),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::Int(number),
            None => Value::text(number.to_string()),
        },
        Json::String(text) => Value::text(text.clone()),
        Json::Array(values) => Value::List(
            values
                .iter()
                .map(|it| value_of(it).unwrap_or(Value::Null))
                .collect(),
        ),
        Json::Object(members) => Value::Map(
            members
                .iter()
                .map(|(name, value)| (name.clone(), value_of(value).unwrap_or(Value::Null)))
                .collect(),
        ),
    })
}

/// The JSON value that shows an attribute value; times and binary values as texts.
pub fn json_of(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(it) => Json::Bool(*it),
        Value::Int(number) => (*number).into(),
        Value::List(values) => values.iter().map(json_of).collect(),
        Value::Map(members) => Json::Object(
            members
                .iter()
                .map(|(name, value)| (name.clone(), json_of(value)))
                .collect(),
        ),
        other => Json::String(other.display_text().into()),
    }
}
