//! Who wants to know how far a cycle is, and who may ask it to stop.

use std::collections::BTreeMap;

use syncline_model::JobId;
use syncline_model::job::{Counts, CyclePhase, RunningCycle};

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

/// What one page did, after it was committed. The pages of a cycle add up to its report, but for whoever failed and was
/// tried again in the same cycle ([`CyclePhase::Retries`]): the page told that he was escrowed, and the report tells only
/// what became of him.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageReport {
    pub phase: CyclePhase,
    pub counts: Counts,
    pub skipped_by_reason: BTreeMap<String, u64>,
}

/// Told what a cycle does, on the thread it runs on. A caller who only joins a cycle that somebody
/// else runs is told nothing, so what is counted here is counted once.
pub trait Observer {
    /// After every page.
    fn page_done(&self, progress: &Progress);

    /// The cycle begins, or goes on from the checkpoint that `cycle` holds.
    fn cycle_begins(&self, _job: &JobId, _cycle: &RunningCycle) {}

    /// The pages that follow are parts of a cycle that another node leads, and reports.
    fn helps(&self, _job: &JobId, _cycle: &RunningCycle) {}

    /// A page begins; it ends with [`Observer::page_committed`], or breaks and leaves nothing.
    fn page_begins(&self) {}

    fn page_committed(&self, _page: &PageReport) {}

    /// The database can not do for the moment what is next: it is waited for. May be told again before it is told
    /// that this is over.
    fn waits(&self) {}

    /// One of these waits is over, however that ended.
    fn has_waited(&self) {}

    /// Whether the cycle should end before its next page. Its checkpoint stays and its job stays
    /// due: the next [`Runner::run_cycle`](crate::Runner::run_cycle) goes on from there.
    fn must_stop(&self) -> bool {
        false
    }
}

/// Nobody watches.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Observer for Silent {
    fn page_done(&self, _progress: &Progress) {}
}
