//! References that wait and would be set.

use syncline_model::job::Counts;
use syncline_model::{Link, ObjectId, Problem};
use syncline_store::WaitingReference;

use super::{Row, Waiting, key};
use crate::plan::standing::Standing;
use crate::settle::unwanted;
use crate::view::View;

/// So many rows are looked at together.
const AT_ONCE: usize = 1000;

impl Waiting {
    /// References whose object came into the target are set; those whose own object is not kept in
    /// step wait no more.
    pub(in crate::plan) fn drain(
        &mut self,
        view: &View<'_, '_>,
        counts: &mut Counts,
    ) -> Result<(), Problem> {
        let ready = view
            .reader
            .ready_references(view.tenant, view.job, None, usize::MAX >> 1)?;
        let ready: Vec<Row> = ready.into_iter().map(key).collect();
        self.set(view, ready, counts)?;
        let arrived: Vec<ObjectId> = self.arrived.iter().copied().collect();
        for some in arrived.chunks(AT_ONCE) {
            let rows = view.reader.waiting_for(view.tenant, view.job, some)?;
            self.set(view, rows.into_iter().map(key).collect(), counts)?;
        }
        self.set(view, self.owed.woken(), counts)?;
        let added = self.added.iter().collect();
        self.set(view, added, counts)
    }

    /// Sets those of these that still wait, and may be tried.
    pub(in crate::plan) fn set(
        &mut self,
        view: &View<'_, '_>,
        mut rows: Vec<Row>,
        counts: &mut Counts,
    ) -> Result<(), Problem> {
        rows.retain(|row| !self.gone.contains(row) && self.owed.may_be_tried(row));
        for some in rows.chunks(AT_ONCE) {
            self.set_some(view, some, counts)?;
        }
        Ok(())
    }

    fn set_some(
        &mut self,
        view: &View<'_, '_>,
        rows: &[Row],
        counts: &mut Counts,
    ) -> Result<(), Problem> {
        let ends = rows.iter().flat_map(|row| [row.0, row.1]).collect();
        let own = self.links.in_target(view, ends)?;
        let waited_for = rows.iter().map(|row| row.0).collect();
        let present = self.links.with_beside(view, waited_for, &own)?;
        let standing = Standing::of(view, &self.links, rows, (&own, &present))?;
        let due = rows.iter().filter(|row| present.contains_key(&row.0));
        let due: Vec<WaitingReference> = due
            .filter_map(|row| Some(waiting(row, own.get(&row.1)?)))
            .collect();
        let unwanted = unwanted(view, &due)?;
        for row in rows {
            let Some(to) = present.get(&row.0) else {
                continue;
            };
            let owner = own.get(&row.1);
            let owner = owner.filter(|it| !unwanted.contains(&waiting(row, it)));
            let reference = (row.1, row.2);
            let led = self.led.get(&reference).copied();
            let only_fills = owner.is_some_and(|it| view.configuration.only_fills(it.kind, row.2));
            let given = owner.filter(|_| standing.is_gone(to));
            let given = given.map(|owner| waiting(row, owner));
            if given.is_some_and(|row| self.owed.refuse(view, &row)) {
                continue;
            }
            if owner.is_some_and(|owner| standing.lacks(owner, row.2, to, led, only_fills)) {
                counts.references_set += 1;
                self.note_led(view, reference, to.target, Some(to));
                if only_fills {
                    // Another one that waits finds it filled.
                    self.led.insert(reference, Some(to.target));
                }
            }
            self.remove(*row);
        }
        Ok(())
    }
}

fn waiting(row: &Row, owner: &Link) -> WaitingReference {
    WaitingReference {
        waits_for: row.0,
        source: row.1,
        kind: owner.kind,
        attr: row.2,
    }
}
