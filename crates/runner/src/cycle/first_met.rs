//! Whom a cycle has not looked at before.

use syncline_model::job::{CycleKind, RunningCycle};
use syncline_model::{IdSet, ObjectId, Problem};

use super::brought;
use super::prepared::Prepared;
use crate::page::Page;

/// Those of a page that this cycle has not looked at before.
pub(super) fn first_of(
    page: &mut Page<'_, '_>,
    cycle: &RunningCycle,
    prepared: &Prepared,
) -> Result<IdSet<ObjectId>, Problem> {
    if cycle.kind == CycleKind::Initial {
        return brought::first_met(page, prepared);
    }
    let ids = prepared.subjects.iter().map(|(_, id)| *id).collect();
    first_met(page, cycle, ids, prepared.next.is_none())
}

/// Those of these that this cycle has not looked at before: a walk through changes may
/// meet one again. The others were decided by what they are now, which no change of this cycle's
/// can differ from. A walk that fits into one page needs no notes.
pub(super) fn first_met(
    page: &mut Page<'_, '_>,
    cycle: &RunningCycle,
    ids: Vec<ObjectId>,
    is_last: bool,
) -> Result<IdSet<ObjectId>, Problem> {
    let only_page = cycle.cursor.is_empty() && is_last && !cycle.reevaluates;
    if only_page && !page.tx.any_evaluated(page.tenant, page.job)? {
        return Ok(ids.into_iter().collect());
    }
    let first = page.tx.note_first_evaluated(page.tenant, page.job, &ids)?;
    let met = ids.into_iter().zip(first);
    Ok(met.filter_map(|(id, first)| first.then_some(id)).collect())
}
