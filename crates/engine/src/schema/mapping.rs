//! `attributeMapping` and `attributeMappingSource`.

use serde::{Deserialize, Serialize};
use syncline_expression as expression;
use syncline_expression::{Diagnostic, MappingSourceType};

use super::Extra;
use super::wire::{nullable, words};

/// `attributeMapping`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AttributeMapping {
    pub default_value: Option<String>,
    #[serde(deserialize_with = "nullable")]
    pub export_missing_references: bool,
    #[serde(deserialize_with = "nullable")]
    pub flow_behavior: FlowBehavior,
    #[serde(deserialize_with = "nullable")]
    pub flow_type: FlowType,
    #[serde(deserialize_with = "nullable")]
    pub matching_priority: i64,
    /// Ours, and no property of Graph's: clients of Graph pass over it and send it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub null_policy: Option<NullPolicy>,
    pub target_attribute_name: Option<String>,
    /// `None`: only the default.
    pub source: Option<AttributeMappingSource>,
    #[serde(flatten)]
    pub extra: Extra,
}

/// `attributeMappingSource`: the same value twice, as text (`expression`) and as a tree.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AttributeMappingSource {
    pub expression: Option<String>,
    pub name: Option<String>,
    #[serde(deserialize_with = "nullable")]
    pub parameters: Vec<SourceParameter>,
    #[serde(rename = "type", deserialize_with = "nullable")]
    pub kind: SourceType,
    #[serde(flatten)]
    pub extra: Extra,
}

/// `stringKeyAttributeMappingSourceValuePair`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceParameter {
    #[serde(deserialize_with = "nullable")]
    pub key: String,
    pub value: Option<AttributeMappingSource>,
    #[serde(flatten)]
    pub extra: Extra,
}

words! {
    /// `attributeFlowBehavior`.
    FlowBehavior { FlowWhenChanged "FlowWhenChanged", FlowAlways "FlowAlways" } default FlowWhenChanged
}

words! {
    /// `attributeFlowType`.
    FlowType {
        Always "Always",
        ObjectAddOnly "ObjectAddOnly",
        MultiValueAddOnly "MultiValueAddOnly",
        ValueAddOnly "ValueAddOnly",
        AttributeAddOnly "AttributeAddOnly",
    } default Always
}

words! {
    /// `nullPolicy`: what a target value becomes when the source has none. At creation the default
    /// is given in any case.
    NullPolicy {
        /// It stays, as in Entra.
        Ignore "ignore",
        /// It is cleared, but for a default given at creation; what a mapping without policy does,
        /// unless the target can not be without a value and the mapping has a default: then that.
        Clear "clear",
        /// It becomes the mapping's default value.
        Default "default",
    } default Clear
}

words! {
    /// `attributeMappingSourceType`.
    SourceType { Attribute "Attribute", Constant "Constant", Function "Function" } default Attribute
}

impl AttributeMappingSource {
    /// `[name]`.
    pub fn attribute(name: &str) -> Self {
        Self {
            expression: Some(format!("[{name}]")),
            name: Some(name.to_owned()),
            kind: SourceType::Attribute,
            ..Self::default()
        }
    }

    /// `"text"`.
    pub fn constant(text: &str) -> Self {
        Self {
            expression: Some(quoted(text)),
            name: Some(text.to_owned()),
            kind: SourceType::Constant,
            ..Self::default()
        }
    }

    /// `Name(argument, …)`.
    pub fn function(name: &str, parameters: &[(&str, Self)]) -> Self {
        let arguments: Vec<String> = parameters
            .iter()
            .filter_map(|(_, value)| value.expression.clone())
            .collect();
        Self {
            expression: Some(format!("{name}({})", arguments.join(", "))),
            name: Some(name.to_owned()),
            kind: SourceType::Function,
            parameters: parameters
                .iter()
                .map(|(key, value)| SourceParameter {
                    key: (*key).to_owned(),
                    value: Some(value.clone()),
                    extra: Extra::new(),
                })
                .collect(),
            ..Self::default()
        }
    }

    /// The expression to compile: the text when it is there, otherwise what the tree says (a client
    /// may send either).
    pub fn text(&self) -> Result<String, Diagnostic> {
        expression::MappingSource::from(self).to_text()
    }
}

impl From<&AttributeMappingSource> for expression::MappingSource {
    fn from(source: &AttributeMappingSource) -> Self {
        Self {
            expression: source.expression.clone(),
            name: source.name.clone(),
            kind: match source.kind {
                SourceType::Constant => MappingSourceType::Constant,
                SourceType::Function => MappingSourceType::Function,
                SourceType::Attribute | SourceType::Unknown(_) => MappingSourceType::Attribute,
            },
            parameters: source
                .parameters
                .iter()
                .filter_map(|parameter| {
                    let value = Self::from(parameter.value.as_ref()?);
                    Some(expression::Parameter {
                        key: parameter.key.clone(),
                        value,
                    })
                })
                .collect(),
        }
    }
}

impl From<&expression::MappingSource> for AttributeMappingSource {
    fn from(source: &expression::MappingSource) -> Self {
        Self {
            expression: source.expression.clone(),
            name: source.name.clone(),
            kind: match source.kind {
                MappingSourceType::Attribute => SourceType::Attribute,
                MappingSourceType::Constant => SourceType::Constant,
                MappingSourceType::Function => SourceType::Function,
            },
            parameters: source
                .parameters
                .iter()
                .map(|parameter| SourceParameter {
                    key: parameter.key.clone(),
                    value: Some(Self::from(&parameter.value)),
                    extra: Extra::new(),
                })
                .collect(),
            extra: Extra::new(),
        }
    }
}

/// A string constant of the expression language.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
