//! Target objects that somebody has let go of: whoever failed because they were somebody else's is tried again.

use syncline_engine::Failure;
use syncline_model::{ObjectId, Problem};
use syncline_store::Escrow;

use super::in_order;
use crate::page::Page;

/// Of those that do not say whom they wait for, so many are read at once.
const ESCROWS_AT_ONCE: usize = 1000;

/// So many slices of them a page goes through at most: whoever is behind those is tried again by the timetable.
const SLICES: usize = 4;

/// `left`: who are not kept in step any more; `removed`: those of them whose link is gone; `made_anew`: whose link led to
/// another target object before, or whose target object had another matching value.
pub(super) fn wake(
    page: &mut Page<'_, '_>,
    left: &[ObjectId],
    removed: &[ObjectId],
    made_anew: &[ObjectId],
) -> Result<(), Problem> {
    let with_anew = |some: &[ObjectId]| in_order(some.iter().chain(made_anew).copied().collect());
    // Another job may have failed for want of what this one held until now. Where these are many and many jobs wait, some
    // of them are told later.
    page.tx
        .wake_escrows_of_other_jobs(page.tenant, page.job, &with_anew(left), page.now)?;
    wake_of_this_job(page, &with_anew(removed))
}

/// A link keeps its target object from everybody else of the job for as long as there is one, in whatever state.
/// `let_go` is in order.
fn wake_of_this_job(page: &mut Page<'_, '_>, let_go: &[ObjectId]) -> Result<(), Problem> {
    if let_go.is_empty() || !page.tx.any_escrow(page.tenant, page.job)? {
        return Ok(());
    }
    page.tx
        .wake_escrows_waiting_for(page.tenant, page.job, let_go, page.now)?;
    wake_those_that_do_not_say(page, let_go)
}

/// Those who failed before their rows said whom they wait for: the reason does.
fn wake_those_that_do_not_say(page: &mut Page<'_, '_>, let_go: &[ObjectId]) -> Result<(), Problem> {
    let mut after = None;
    for _ in 0..SLICES {
        let rows = page.tx.escrows_that_do_not_say(
            page.tenant,
            page.job,
            Failure::DUPLICATE_SOURCE,
            after,
            ESCROWS_AT_ONCE,
        )?;
        let waited =
            |row: &&Escrow| held_by(row).is_some_and(|it| let_go.binary_search(&it).is_ok());
        let waited = rows.iter().filter(waited);
        let waited: Vec<ObjectId> = waited.map(|row| row.source).collect();
        page.tx
            .wake_escrows(page.tenant, page.job, &waited, page.now)?;
        if rows.len() < ESCROWS_AT_ONCE {
            break;
        }
        after = rows.last().map(|row| row.source);
    }
    Ok(())
}

fn held_by(row: &Escrow) -> Option<ObjectId> {
    Failure::from_stored(&row.failure)?.held_by_its_reason()
}
