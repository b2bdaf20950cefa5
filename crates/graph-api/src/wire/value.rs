//! Single values: JSON to [`Value`] by type, and back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;
use syncline_model::{PropertyType, Timestamp, Value};
use uuid::Uuid;

/// The value of a JSON value of the given type; `None` when it is of another type. Complex values
/// are read by [`super::complex`].
pub fn parse(kind: PropertyType, json: &Json) -> Option<Value> {
    match kind {
        PropertyType::Bool => json.as_bool().map(Value::Bool),
        PropertyType::Int => json.as_i64().map(Value::Int),
        PropertyType::Text => json
            .as_str()
            .filter(|text| !text.contains('\0'))
            .map(Value::text),
        PropertyType::Time => json.as_str().and_then(Timestamp::parse).map(Value::Time),
        PropertyType::Guid => json
            .as_str()
            .filter(|it| it.len() == 36)
            .and_then(|it| Uuid::parse_str(it).ok())
            .map(Value::Guid),
        PropertyType::Bytes => json
            .as_str()
            .and_then(|it| STANDARD.decode(it).ok())
            .map(Value::Bytes),
        PropertyType::Complex | PropertyType::Reference => None,
    }
}

/// A value as Graph writes it: times in RFC 3339 with `Z`, GUIDs in lower case, bytes in base64.
pub fn json(value: &Value) -> Json {
    match value {
        Value::Bool(it) => Json::Bool(*it),
        Value::Int(number) => Json::from(*number),
        Value::Text(text) => Json::String(text.to_string()),
        Value::Time(at) => Json::String(at.to_string()),
        Value::Guid(id) => Json::String(id.hyphenated().to_string()),
        Value::Bytes(bytes) => Json::String(STANDARD.encode(bytes)),
        Value::List(values) => values.iter().map(json).collect(),
        Value::Map(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), json(value)))
            .collect(),
        Value::Null => Json::Null,
    }
}

/// The value of any JSON, for complex values without a table of members.
pub fn free(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(it) => Value::Bool(*it),
        Json::Number(number) => number
            .as_i64()
            .map_or_else(|| Value::text(number.to_string()), Value::Int),
        Json::String(text) => Value::text(text.clone()),
        Json::Array(values) => Value::List(values.iter().map(free).collect()),
        Json::Object(members) => Value::Map(
            members
                .iter()
                .map(|(name, value)| (name.clone(), free(value)))
                .collect(),
        ),
    }
}
