//! `directoryDefinition`: the objects and attributes of a connected directory.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use syncline_expression::parse_date;
use syncline_model::{PropertyType, Timestamp, Value};

use super::wire::{nullable, words};
use super::{Extra, Pair};

/// `directoryDefinition`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DirectoryDefinition {
    pub discoverabilities: Option<String>,
    pub discovery_date_time: Option<String>,
    #[serde(deserialize_with = "nullable")]
    pub id: String,
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    #[serde(deserialize_with = "nullable")]
    pub objects: Vec<ObjectDefinition>,
    #[serde(deserialize_with = "nullable")]
    pub read_only: bool,
    pub version: Option<String>,
    #[serde(flatten)]
    pub extra: Extra,
}

/// `objectDefinition`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ObjectDefinition {
    #[serde(deserialize_with = "nullable")]
    pub attributes: Vec<AttributeDefinition>,
    #[serde(deserialize_with = "nullable")]
    pub metadata: Vec<Pair>,
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    #[serde(deserialize_with = "nullable")]
    pub supported_apis: Vec<String>,
    #[serde(flatten)]
    pub extra: Extra,
}

/// `attributeDefinition`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AttributeDefinition {
    #[serde(deserialize_with = "nullable")]
    pub anchor: bool,
    #[serde(deserialize_with = "nullable")]
    pub api_expressions: Vec<Pair>,
    #[serde(deserialize_with = "nullable")]
    pub case_exact: bool,
    pub default_value: Option<String>,
    #[serde(deserialize_with = "nullable")]
    pub flow_null_values: bool,
    #[serde(deserialize_with = "nullable")]
    pub metadata: Vec<Pair>,
    #[serde(deserialize_with = "nullable")]
    pub multivalued: bool,
    #[serde(deserialize_with = "nullable")]
    pub mutability: Mutability,
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    /// `[{referencedObjectName, referencedProperty}]`.
    #[serde(deserialize_with = "nullable")]
    pub referenced_objects: Vec<Json>,
    #[serde(deserialize_with = "nullable")]
    pub required: bool,
    #[serde(rename = "type", deserialize_with = "nullable")]
    pub kind: AttributeType,
    #[serde(flatten)]
    pub extra: Extra,
}

words! {
    /// `mutability`.
    Mutability {
        ReadWrite "ReadWrite",
        ReadOnly "ReadOnly",
        Immutable "Immutable",
        WriteOnly "WriteOnly",
    } default ReadWrite
}

words! {
    /// `attributeType`.
    AttributeType {
        String "String",
        Integer "Integer",
        Reference "Reference",
        Binary "Binary",
        Boolean "Boolean",
        DateTime "DateTime",
    } default String
}

impl AttributeType {
    /// The kind of value an attribute of this type has.
    pub fn property_type(&self) -> PropertyType {
        match self {
            Self::String | Self::Unknown(_) => PropertyType::Text,
            Self::Integer => PropertyType::Int,
            Self::Reference => PropertyType::Reference,
            Self::Binary => PropertyType::Bytes,
            Self::Boolean => PropertyType::Bool,
            Self::DateTime => PropertyType::Time,
        }
    }
}

/// How directory extensions are named. Their large integers are `Integer` here, too.
const EXTENSION: &str = "extension_";

impl AttributeDefinition {
    /// Whether the attribute takes this one value: it is of its type, or a text that reads as one, as it is when an object
    /// is synchronized. An empty text is no value, which is of any type.
    pub fn takes(&self, value: &Value) -> bool {
        if value.as_text() == Some("") {
            return true;
        }
        let text = value.as_text().map(str::trim);
        match self.kind {
            AttributeType::Integer => {
                let number = match value {
                    Value::Int(number) => Some(*number),
                    _ => text.and_then(|it| it.parse::<i64>().ok()),
                };
                let is_large = self.name.starts_with(EXTENSION);
                number.is_some_and(|it| is_large || i32::try_from(it).is_ok())
            }
            AttributeType::Boolean => {
                matches!(value, Value::Bool(_))
                    || text.is_some_and(|it| {
                        it.eq_ignore_ascii_case("true") || it.eq_ignore_ascii_case("false")
                    })
            }
            AttributeType::DateTime => {
                matches!(value, Value::Time(_))
                    || text.is_some_and(|it| {
                        Timestamp::parse(it).is_some() || parse_date(it).is_some()
                    })
            }
            AttributeType::String
            | AttributeType::Reference
            | AttributeType::Binary
            | AttributeType::Unknown(_) => true,
        }
    }
}
