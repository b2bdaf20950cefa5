//! What is measured: a step, and what it took.

use serde::{Deserialize, Serialize};
use syncline_model::job::CycleReport;

use crate::seam::Spent;

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// Ceiling A
    RawRows,
    /// Ceiling B
    ProductRows,
    Import,
    Initial,
    NoChange,
    /// The first cycle of a process.
    Changes,
    /// Further cycles of a process.
    FurtherChanges,
}

impl Step {
    /// Those that are a cycle, in the order in which a folder goes through them.
    pub const CYCLES: [Self; 4] = [
        Self::Initial,
        Self::NoChange,
        Self::Changes,
        Self::FurtherChanges,
    ];

    pub const ALL: [Self; 7] = [
        Self::RawRows,
        Self::ProductRows,
        Self::Import,
        Self::Initial,
        Self::NoChange,
        Self::Changes,
        Self::FurtherChanges,
    ];
}

/// What a step did, and what it took.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Done {
    pub step: Step,
    /// People the step had to look at.
    pub people: u64,
    #[serde(flatten)]
    pub spent: Spent,
    /// Of a cycle.
    pub report: Option<CycleReport>,
}

impl Done {
    /// People of whom the step wrote something, by which it is compared with others: a first cycle
    /// skips who has left, a ceiling writes everybody.
    pub fn written(&self) -> u64 {
        match (self.step, &self.report) {
            (Step::Initial, Some(report)) => report.counts.created,
            _ => self.people,
        }
    }
}
