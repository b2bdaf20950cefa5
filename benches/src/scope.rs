//! Who is in scope of the job that is measured.

use serde::Serialize;

/// Who is in scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "camelCase")]
pub enum Scope {
    /// Everybody (*Sync all*)
    All,
    /// Members of the groups of the departments, all of which are assigned
    Assigned,
}
