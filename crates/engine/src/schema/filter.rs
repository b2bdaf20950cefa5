//! `filter`: the scope of an object mapping.

use serde::{Deserialize, Serialize};

use super::Extra;
use super::wire::nullable;

/// `filter`. An object is in scope when any group of `groups` holds, or when there is none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Filter {
    /// Experimental in Graph; stored, refused at validation when it holds clauses.
    #[serde(deserialize_with = "nullable")]
    pub category_filter_groups: Vec<FilterGroup>,
    #[serde(deserialize_with = "nullable")]
    pub groups: Vec<FilterGroup>,
    /// Early filter, which never deprovisions; stored, refused at validation when it holds clauses.
    #[serde(deserialize_with = "nullable")]
    pub input_filter_groups: Vec<FilterGroup>,
    #[serde(flatten)]
    pub extra: Extra,
}

/// `filterGroup`: all clauses must hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FilterGroup {
    #[serde(deserialize_with = "nullable")]
    pub clauses: Vec<FilterClause>,
    pub name: Option<String>,
    #[serde(flatten)]
    pub extra: Extra,
}

/// `filterClause`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FilterClause {
    pub operator_name: Option<String>,
    pub source_operand_name: Option<String>,
    /// `None` for unary operators.
    pub target_operand: Option<FilterOperand>,
    #[serde(flatten)]
    pub extra: Extra,
}

/// `filterOperand`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FilterOperand {
    #[serde(deserialize_with = "nullable")]
    pub values: Vec<String>,
    #[serde(flatten)]
    pub extra: Extra,
}
