//! `synchronizationRule` and `objectMapping`.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::wire::nullable;
use super::{AttributeMapping, Extra, Filter, Pair};

/// `synchronizationRule`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SynchronizationRule {
    /// Only for directories with containers; stored, refused at validation when set.
    pub container_filter: Option<Json>,
    #[serde(deserialize_with = "nullable")]
    pub editable: bool,
    /// As `container_filter`.
    pub group_filter: Option<Json>,
    #[serde(deserialize_with = "nullable")]
    pub id: String,
    #[serde(deserialize_with = "nullable")]
    pub metadata: Vec<Pair>,
    pub name: Option<String>,
    #[serde(deserialize_with = "nullable")]
    pub object_mappings: Vec<ObjectMapping>,
    #[serde(deserialize_with = "nullable")]
    pub priority: i64,
    pub source_directory_name: Option<String>,
    pub target_directory_name: Option<String>,
    #[serde(flatten)]
    pub extra: Extra,
}

/// `objectMapping`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ObjectMapping {
    #[serde(deserialize_with = "nullable")]
    pub attribute_mappings: Vec<AttributeMapping>,
    #[serde(deserialize_with = "nullable")]
    pub enabled: bool,
    #[serde(deserialize_with = "nullable")]
    pub flow_types: FlowTypes,
    #[serde(deserialize_with = "nullable")]
    pub metadata: Vec<Pair>,
    pub name: Option<String>,
    pub scope: Option<Filter>,
    pub source_object_name: Option<String>,
    pub target_object_name: Option<String>,
    #[serde(flatten)]
    pub extra: Extra,
}

/// `objectFlowTypes`: flags in one text. The text is kept, because clients write `Add,Update` and
/// `Add, Update` and expect to read what they wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FlowTypes(pub String);

impl Default for FlowTypes {
    fn default() -> Self {
        Self("Add,Update,Delete".to_owned())
    }
}

impl FlowTypes {
    fn flags(&self) -> impl Iterator<Item = &str> {
        self.0
            .split(',')
            .map(str::trim)
            .filter(|flag| !flag.is_empty())
    }

    /// Whether `flag` (`Add`, `Update`, `Delete`) is among them.
    pub fn has(&self, flag: &str) -> bool {
        self.flags().any(|it| it.eq_ignore_ascii_case(flag))
    }

    /// The first flag that is none of Graph's.
    pub fn unknown(&self) -> Option<&str> {
        self.flags().find(|flag| {
            !["None", "Add", "Update", "Delete"]
                .iter()
                .any(|it| it.eq_ignore_ascii_case(flag))
        })
    }
}
