//! The synchronization schema as Graph reads and writes it (`synchronizationSchema`), and its
//! compilation into [`crate::Rule`]s.
//!
//! The types keep everything a body carries: known keys typed, all others in `extra`, so that a
//! schema read with GET can be written back with PUT unchanged. Enumerations are read in any case
//! (older clients write `"string"`) and written in Graph's.

pub mod compile;
mod declared;
pub mod diagnostic;
pub mod directory;
pub mod filter;
pub mod mapping;
pub mod operators;
mod received;
pub mod rule;
mod shape;
mod wire;

use serde::{Deserialize, Serialize};

pub use compile::{Types, compile, compile_with};
pub use declared::declared;
pub use diagnostic::{SchemaDiagnostic, in_words};
pub use directory::{
    AttributeDefinition, AttributeType, DirectoryDefinition, Mutability, ObjectDefinition,
};
pub(crate) use filter::MAX_CLAUSES;
pub use filter::{Filter, FilterClause, FilterGroup, FilterOperand, MultivaluedComparison};
pub use mapping::{
    AttributeMapping, AttributeMappingSource, FlowBehavior, FlowType, NullPolicy, SourceParameter,
    SourceType,
};
pub use operators::{FILTER_OPERATORS, FilterOperator};
pub use received::{other_rules, plain, received};
pub use rule::{FlowTypes, ObjectMapping, SynchronizationRule};
pub use wire::{Extra, Pair};

use wire::nullable;

/// `synchronizationSchema`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SynchronizationSchema {
    /// The job's id; a template's own schema has `{template}.{32 zeros}`.
    #[serde(deserialize_with = "nullable")]
    pub id: String,
    pub version: Option<String>,
    #[serde(deserialize_with = "nullable")]
    pub directories: Vec<DirectoryDefinition>,
    #[serde(deserialize_with = "nullable")]
    pub synchronization_rules: Vec<SynchronizationRule>,
    #[serde(flatten)]
    pub extra: Extra,
}
