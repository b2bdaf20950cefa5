//! What came out of a suite.

use serde::{Deserialize, Serialize};

/// All cases, and how much of the schema they reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub cases: Vec<CaseReport>,
    /// Whether each mapping yields a value, and none where it may; ways through `IIF`, `Switch`,
    /// `Coalesce` and `IgnoreFlowIfNullOrEmpty`; both answers of every scoping clause.
    pub branches: usize,
    pub reached: usize,
    pub missed: Vec<Missed>,
}

/// One case; good when there are no problems.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CaseReport {
    pub name: String,
    pub problems: Vec<String>,
}

/// A way that no case goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Missed {
    /// `User: department`, or `User: scope`.
    pub place: String,
    /// The call or the clause.
    pub text: String,
    /// Which way: `the condition does not hold`.
    pub way: String,
}

impl Report {
    /// How many cases have problems.
    pub fn failed(&self) -> usize {
        self.cases
            .iter()
            .filter(|case| !case.problems.is_empty())
            .count()
    }

    /// Ways reached, of a hundred; a schema without any is reached as a whole.
    pub fn percent(&self) -> usize {
        (self.reached * 100)
            .checked_div(self.branches)
            .unwrap_or(100)
    }
}
