//! Undoing what the job did.

use std::collections::{BTreeMap, BTreeSet};

use syncline_model::job::CycleReport;
use syncline_model::link::LinkState;
use syncline_model::{Clock as _, ObjectId, Problem, Timestamp};
use syncline_runner::{Observer, Silent, Span, Undo, Undone};

use super::{Guest, World};

impl World {
    /// Pauses the job and undoes this.
    pub fn undo(&self, span: Span) -> Undone {
        self.pause();
        self.try_undo(&undo_of(span), &Silent).unwrap()
    }

    /// The same of one cycle.
    pub fn undo_cycle(&self, cycle: &CycleReport) -> Undone {
        self.undo(Span::Cycles(vec![cycle.cycle_id]))
    }

    /// The same of all cycles that the log has since then: ids of tests do not tell when they were made.
    pub fn undo_since(&self, since: Timestamp) -> Undone {
        let rows = self.log_rows().into_iter();
        let cycles = rows.filter(|row| row.at >= since).map(|row| row.cycle);
        self.undo(Span::Cycles(cycles.collect()))
    }

    pub fn try_undo(&self, undo: &Undo, observer: &dyn Observer) -> Result<Undone, Problem> {
        self.runner.undo(self.contoso.id, &self.job, undo, observer)
    }

    /// What would be done, which writes nothing.
    pub fn foresee_undo(&self, span: Span) -> Undone {
        self.pause();
        let (traces, job) = (self.traces(), self.stored_job());
        let dry_run = true;
        let undo = Undo {
            dry_run,
            ..undo_of(span)
        };
        let foreseen = self.try_undo(&undo, &Silent).unwrap();
        assert_eq!(self.traces(), traces, "a dry run writes nothing");
        assert_eq!(self.stored_job(), job, "a dry run writes nothing");
        foreseen
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whose links are live.
    pub fn kept(&self) -> BTreeSet<ObjectId> {
        let links = self.traces().links.into_iter();
        let live = links.filter(|it| it.state == LinkState::Live);
        live.map(|it| it.source).collect()
    }

    /// All who live in Fabrikam and come from Contoso, whole.
    pub fn live_guests(&self) -> BTreeMap<ObjectId, Guest> {
        let mut guests = self.guests();
        guests.retain(|_, guest| guest.is_live());
        guests
    }
}

/// Of this, and everything else as usual.
pub fn undo_of(span: Span) -> Undo {
    Undo {
        span,
        dry_run: false,
        show: 100,
        force_deletes: false,
    }
}

/// Why something stays as it is, by name.
pub fn left(undone: &Undone) -> Vec<(&str, &str)> {
    let left = undone.left.iter();
    let mut left: Vec<(&str, &str)> = left
        .map(|it| (it.name.as_str(), it.reason.as_str()))
        .collect();
    left.sort_unstable();
    left
}
