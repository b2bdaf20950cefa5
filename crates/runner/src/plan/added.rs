//! References that would be added to those that wait, to be found by who waits.

use std::collections::BTreeSet;

use syncline_model::{Attr, ObjectId};

use super::waiting::Row;

/// The one who waits, the one waited for, and with which target attribute.
#[derive(Debug, Default)]
pub(super) struct Added(BTreeSet<(ObjectId, ObjectId, Attr)>);

impl Added {
    pub(super) fn insert(&mut self, (waits_for, source, attr): Row) {
        self.0.insert((source, waits_for, attr));
    }

    /// Whether it was there.
    pub(super) fn remove(&mut self, (waits_for, source, attr): &Row) -> bool {
        self.0.remove(&(*source, *waits_for, *attr))
    }

    /// Everything that this one waits for.
    pub(super) fn of(&self, source: ObjectId) -> impl Iterator<Item = Row> {
        let first = (source, ObjectId::NIL, Attr(0));
        let from = self.0.range(first..);
        from.take_while(move |row| row.0 == source).map(row)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Row> {
        self.0.iter().map(row)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

fn row((source, waits_for, attr): &(ObjectId, ObjectId, Attr)) -> Row {
    (*waits_for, *source, *attr)
}
