//! References that are given at creation only and could not be: whose turn would come.

use syncline_model::job::Counts;
use syncline_model::{EntityKind, IdMap, IdSet, ObjectId, Problem};
use syncline_store::WaitingReference;

use super::waiting::{Row, Waiting, key};
use crate::settle::{is_given_at_creation, looked_at, owed};
use crate::view::{Decided, View};

#[derive(Debug, Default)]
pub(super) struct Owed {
    /// Those who failed before, and were looked at.
    looked_at: IdSet<ObjectId>,
    /// Those that would fail now, or fail again.
    refused: IdSet<Row>,
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

    /// Those of these rows whose turn it is.
    pub(super) fn due(
        &self,
        view: &View<'_, '_>,
        rows: Vec<WaitingReference>,
    ) -> Result<Vec<Row>, Problem> {
        let owed = owed(view, &rows)?;
        let waits =
            |row: &WaitingReference| owed.contains(row) && !self.looked_at.contains(&row.source);
        let due = rows.into_iter().filter(|row| !waits(row)).map(key);
        Ok(due.filter(|row| self.may_be_tried(row)).collect())
    }

    pub(super) fn may_be_tried(&self, row: &Row) -> bool {
        !self.refused.contains(row)
    }
}

impl Waiting {
    /// What those are owed who were just decided would be tried again.
    pub(super) fn settle_owed(
        &mut self,
        view: &View<'_, '_>,
        decided: &[Decided],
        targets: &[Option<ObjectId>],
        counts: &mut Counts,
    ) -> Result<(), Problem> {
        let owners = looked_at(view, decided, targets)?;
        if owners.is_empty() {
            return Ok(());
        }
        let kinds: IdMap<ObjectId, EntityKind> = decided
            .iter()
            .map(|it| (it.decision.source, it.decision.kind))
            .collect();
        let mut rows = self.of(view, owners.clone())?;
        rows.retain(|row| {
            let kind = kinds.get(&row.1);
            kind.is_some_and(|kind| is_given_at_creation(view.configuration, *kind, row.2))
        });
        self.owed.looked_at.extend(owners);
        self.set(view, rows, counts)
    }
}
