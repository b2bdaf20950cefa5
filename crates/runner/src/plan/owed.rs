//! References that are given at creation only and could not be: whose turn would come.

use syncline_engine::Action;
use syncline_model::job::Counts;
use syncline_model::{IdSet, ObjectId, Problem};
use syncline_store::WaitingReference;

use super::waiting::{References, Row, Waiting, key};
use crate::settle::{in_order, is_given_at_creation, owed};
use crate::view::{Decided, View};

#[derive(Debug, Default)]
pub(super) struct Owed {
    /// Those that would fail now, or fail again.
    refused: IdSet<Row>,
    /// Those that were refused, and would be drained as others are: the escrow of their owner would end.
    woken: IdSet<Row>,
}

impl Owed {
    /// Whether a reference whose object is gone from the target waits on.
    pub(super) fn refuse(&mut self, view: &View<'_, '_>, row: &WaitingReference) -> bool {
        let waits = is_given_at_creation(view.configuration, row.kind, row.attr);
        if waits {
            self.refused.insert(key(*row));
        }
        waits
    }

    /// This reference would be tried when its object comes into the target, whatever its link says until then.
    pub(super) fn await_arrival(&mut self, row: Row) {
        self.refused.insert(row);
    }

    /// This one would come into the target anew: what was refused of an earlier one is tried.
    pub(super) fn arrive(&mut self, waits_for: &ObjectId) {
        self.refused.retain(|row| row.0 != *waits_for);
    }

    pub(super) fn may_be_tried(&self, row: &Row) -> bool {
        !self.refused.contains(row)
    }

    pub(super) fn woken(&self) -> Vec<Row> {
        self.woken.iter().copied().collect()
    }
}

impl Waiting {
    /// What those are owed who were just decided would be tried again.
    pub(super) fn settle_owed(
        &mut self,
        view: &View<'_, '_>,
        decided: &[Decided],
        targets: &[Option<ObjectId>],
        become_of: &[References],
        counts: &mut Counts,
    ) -> Result<(), Problem> {
        let owed = owed(view, decided, targets)?;
        self.set(view, owed.into_iter().map(key).collect(), counts)?;
        let settled = decided.iter().zip(become_of).filter(|(it, references)| {
            let failed = matches!(it.decision.action, Action::Fail(_));
            !failed && !references.failed
        });
        let owners = in_order(settled.map(|(it, _)| it.decision.source).collect());
        let woken = view.reader.refused_of(view.tenant, view.job, &owners)?;
        self.owed.woken.extend(woken.into_iter().map(key));
        Ok(())
    }
}
