//! The place of a cycle in its staged removals, with what was decided of all of them when they were counted.

use syncline_engine::gate::Verdict;
use syncline_model::job::{CyclePhase, RunningCycle};
use syncline_model::{Job, ObjectId, Problem, Timestamp};

use crate::configuration::secrets::Secrets;
use crate::page::Page;

/// `<verdict>:<when>:<id>`, as text in the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    /// They are let through.
    pub(super) open: bool,
    /// Whatever was staged later is not among them. `None` in cycles that an older version began.
    through: Option<Timestamp>,
    /// Behind whom it goes on.
    pub(super) from: Option<ObjectId>,
}

/// When the removals of the cycle in progress were counted, once they are. What somebody stages after that must be
/// staged later than this, so that it waits for the next count.
pub(crate) fn counted_through(job: &Job) -> Option<Timestamp> {
    let cycle = job.running.as_ref()?;
    let is_at_it = cycle.phase == CyclePhase::Staged;
    is_at_it.then(|| Counted::read(&cycle.cursor))??.through
}

impl Counted {
    /// The verdict is taken once, before the first is carried out, and kept.
    pub(super) fn of(
        page: &Page<'_, '_>,
        job: &Job,
        cycle: &RunningCycle,
    ) -> Result<Self, Problem> {
        if let Some(taken) = Self::read(&cycle.cursor) {
            return Ok(taken);
        }
        let removals = page.tx.count_staged(page.tenant, page.job)?;
        let newest = page.tx.newest_staged(page.tenant, page.job)?;
        // As it is now: while this waited for its turn, somebody may have lowered the threshold.
        let secrets = Secrets::load(page.tx, page.tenant, job.service_principal)?;
        // This cycle may have been here already, before others were tried once more.
        let counted = removals
            .saturating_add(job.removed_in_between)
            .saturating_add(cycle.removals());
        let is_allowed = job.force_deletes && !cycle.in_between;
        Ok(Self {
            open: is_allowed || secrets.gate().0.verdict(counted) == Verdict::Open,
            // Another node's clock may be ahead.
            through: Some(newest.map_or(page.now, |it| it.max(page.now))),
            from: None,
        })
    }

    /// Whether what was staged then is one of those that were counted.
    pub(super) fn has(&self, staged_at: Timestamp) -> bool {
        self.through.is_none_or(|through| staged_at <= through)
    }

    pub(super) fn cursor(&self, last: ObjectId) -> String {
        let verdict = if self.open { "open" } else { "held" };
        match self.through {
            Some(through) => format!("{verdict}:{}:{last}", through.0),
            None => format!("{verdict}:{last}"),
        }
    }

    fn read(cursor: &str) -> Option<Self> {
        let (verdict, place) = cursor.split_once(':')?;
        let (through, from) = match place.split_once(':') {
            Some((through, from)) => (through.parse().ok().map(Timestamp), from),
            None => (None, place),
        };
        Some(Self {
            open: verdict == "open",
            through,
            from: from.parse().ok(),
        })
    }
}
