//! References in a plan: set at once, set when their object comes into the target, or waiting.

mod follow;
mod misled;
mod page;
mod set;

use std::collections::{BTreeMap, HashMap};

use syncline_model::job::{CycleKind, CyclePhase};
use syncline_model::{Attr, EntityKind, IdSet, ObjectId, Problem};
use syncline_store::{MembershipsDue, WaitingReference};

use super::added::Added;
use super::links::PlannedLinks;
use super::owed::Owed;
use crate::view::{Decided, View};

pub(super) use page::References;

/// Who waits for whom: the one waited for, the one who waits, and with which target attribute.
pub(super) type Row = (ObjectId, ObjectId, Attr);

/// What a plan remembers of references that wait, and of the links they wait for.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub(super) links: PlannedLinks,
    /// Source objects that came into the target.
    arrived: IdSet<ObjectId>,
    /// Rows in the store that would be gone.
    gone: IdSet<Row>,
    added: Added,
    pub(super) owed: Owed,
    /// Where the walk is that decides.
    pub(super) walk: Option<(CycleKind, CyclePhase)>,
    /// Whose memberships would be due.
    due: BTreeMap<ObjectId, EntityKind>,
    /// Whom references of source objects would lead to once they were set by a link of an earlier matching;
    /// `None` where that made room. The same of those that waited and are set only while there is none.
    led: HashMap<(ObjectId, Attr), Option<ObjectId>>,
}

impl Waiting {
    /// Follows those of a page who would fail, and be tried once more: until then nobody can refer to who is gone.
    pub(super) fn put_off(
        &mut self,
        view: &View<'_, '_>,
        failed: &[Decided],
    ) -> Result<(), Problem> {
        // Who was to be created is in nobody's way.
        self.settle(view, failed.iter().map(|it| (it, None)))?;
        Ok(())
    }

    pub(super) fn note_due(&mut self, rows: &[MembershipsDue]) {
        self.due
            .extend(rows.iter().map(|row| (row.source, row.kind)));
    }

    /// Whose memberships would be due.
    pub(super) fn due(&self) -> &BTreeMap<ObjectId, EntityKind> {
        &self.due
    }

    /// Whether a source object would have come into the target.
    pub(super) fn has_arrived(&self, source: &ObjectId) -> bool {
        self.arrived.contains(source)
    }

    /// Rows that would be added, where they are not there yet.
    fn add(&mut self, view: &View<'_, '_>, waiting: Vec<WaitingReference>) -> Result<(), Problem> {
        let owners = waiting.iter().map(|row| row.source).collect();
        let there: IdSet<Row> = self.of(view, owners)?.into_iter().collect();
        for row in waiting.into_iter().map(key) {
            if !there.contains(&row) && !self.gone.remove(&row) {
                self.added.insert(row);
            }
        }
        Ok(())
    }

    /// Everything that these source objects wait for.
    pub(super) fn of(
        &self,
        view: &View<'_, '_>,
        sources: IdSet<ObjectId>,
    ) -> Result<Vec<Row>, Problem> {
        if sources.is_empty() {
            return Ok(Vec::new());
        }
        let asked: Vec<ObjectId> = sources.iter().copied().collect();
        let stored = view.reader.waiting_of(view.tenant, view.job, &asked)?;
        let added = asked.iter().flat_map(|source| self.added.of(*source));
        let rows = stored.into_iter().map(key).chain(added);
        Ok(rows.filter(|row| !self.gone.contains(row)).collect())
    }

    fn remove(&mut self, row: Row) {
        if !self.added.remove(&row) {
            self.gone.insert(row);
        }
    }

    /// How many more wait than before.
    pub(super) fn change(&self) -> i64 {
        let count = |rows: usize| i64::try_from(rows).unwrap_or(i64::MAX);
        count(self.added.len()) - count(self.gone.len())
    }
}

pub(super) fn key(row: WaitingReference) -> Row {
    (row.waits_for, row.source, row.attr)
}
