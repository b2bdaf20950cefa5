//! Objects that have failed, have no link, and are gone from the source: a full read meets them neither among those who live
//! there nor among those who are linked, and whoever was given up is never tried.

use syncline_engine::Lifecycle;
use syncline_model::job::RunningCycle;
use syncline_model::{EntityKind, ObjectId, Problem};

use super::phases::mapped;
use crate::Runner;
use crate::page::Page;
use crate::settle::{self, Event, Ledger, Removals};

/// Before the id of the last one that was looked at. An older version goes through the links once more.
pub(super) const FAILED: &str = "failed:";

/// One page of those who have failed; `None` when all were gone through.
pub(super) fn step(
    runner: &Runner,
    page: &mut Page<'_, '_>,
    cycle: &mut RunningCycle,
    from: Option<ObjectId>,
    limit: usize,
    ledger: &mut Ledger,
) -> Result<Option<Vec<Event>>, Problem> {
    let rows = page.tx.escrows(page.tenant, page.job, from, limit)?;
    let Some(last) = rows.last().map(|row| row.source) else {
        return Ok(None);
    };
    let sources: Vec<ObjectId> = rows.iter().map(|row| row.source).collect();
    let links = page.tx.links_for(page.tenant, page.job, &sources)?;
    let unlinked = rows.iter().zip(links).filter(|(_, link)| link.is_none());
    let objects: Vec<(EntityKind, ObjectId)> =
        unlinked.map(|(row, _)| (row.kind, row.source)).collect();
    let (mut subjects, unmapped) = mapped(page, &objects)?;
    page.tx.delete_escrows(page.tenant, page.job, &unmapped)?;
    subjects.retain(|subject| subject.lifecycle != Lifecycle::Live);
    let decided = page.decide(&subjects)?;
    let ids = runner.ids.as_ref();
    let events = settle::carry_out(page, decided, Removals::Stage, ids, ledger)?;
    cycle.cursor = format!("{FAILED}{last}");
    Ok(Some(events))
}
