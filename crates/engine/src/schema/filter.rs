//! `filter`: the scope of an object mapping.

use serde::{Deserialize, Serialize};

use super::Extra;
use super::wire::{nullable, words};

/// `filter`. Of each set of groups any must hold, or the set be empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Filter {
    /// Whether an object is this mapping's business at all. An object that is not is left alone.
    #[serde(deserialize_with = "nullable")]
    pub category_filter_groups: Vec<FilterGroup>,
    #[serde(deserialize_with = "nullable")]
    pub groups: Vec<FilterGroup>,
    /// Early filter: an object it leaves out is not processed further, and never deprovisioned.
    #[serde(deserialize_with = "nullable")]
    pub input_filter_groups: Vec<FilterGroup>,
    #[serde(flatten)]
    pub extra: Extra,
}

/// Clauses that the filter of a schema that comes in may have: each is asked of each object, and told in
/// its log.
pub(crate) const MAX_CLAUSES: usize = 1_000;

impl Filter {
    /// The clauses of all its groups.
    pub(crate) fn clauses(&self) -> impl Iterator<Item = &FilterClause> {
        self.all_groups().flat_map(|group| &group.clauses)
    }

    /// The groups of all its sets.
    pub(crate) fn all_groups(&self) -> impl Iterator<Item = &FilterGroup> {
        [
            &self.category_filter_groups,
            &self.input_filter_groups,
            &self.groups,
        ]
        .into_iter()
        .flatten()
    }
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
    /// Whether all values of a multi-valued attribute must hold or any. Ours, and no property of a
    /// clause in Graph: without it the operator's own decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multivalued_comparison_type: Option<MultivaluedComparison>,
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

words! {
    /// `scopeOperatorMultiValuedComparisonType`.
    MultivaluedComparison {
        All "All",
        Any "Any",
    } default All
}
