//! Who wants to know how far a cycle is.

use syncline_model::job::{Counts, CyclePhase};

/// How far a cycle is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub phase: CyclePhase,
    /// Source objects looked at.
    pub done: u64,
    /// Source objects to look at, as far as known.
    pub total: u64,
    pub counts: Counts,
}

/// Told after every page.
pub trait Observer {
    fn page_done(&self, progress: &Progress);
}

/// Nobody watches.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Observer for Silent {
    fn page_done(&self, _progress: &Progress) {}
}
