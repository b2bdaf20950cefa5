//! Removals that are held since an earlier cycle, and are none any more: the target has removed its objects itself, or their
//! kind is not synchronized any more. They would keep the gate closed for others, although these are few.

use syncline_model::job::{LAPSING, RunningCycle};
use syncline_model::{Job, Problem};

use super::counted::Counted;
use super::phases::decided_again;
use crate::Runner;
use crate::page::Page;
use crate::settle::{self, Event, Ledger, Removals};

/// One page of what is held, before it is counted: what is no removal any more is carried out. `None` when all were gone
/// through, or the gate does not depend on them. An older version, to which the cursor means nothing, begins with the count.
pub(super) fn step(
    runner: &Runner,
    page: &mut Page<'_, '_>,
    job: &Job,
    cycle: &mut RunningCycle,
    limit: usize,
    ledger: &mut Ledger,
) -> Result<Option<Vec<Event>>, Problem> {
    let from = match cycle.cursor.strip_prefix(LAPSING) {
        Some(last) => last.parse().ok(),
        None if Counted::depends_on_held(page, job, cycle)? => None,
        None => return Ok(None),
    };
    let rows = page.tx.staged(page.tenant, page.job, from, limit)?;
    let Some(last) = rows.last().map(|row| row.source) else {
        cycle.cursor = String::new();
        return Ok(None);
    };
    let mut decided = decided_again(page, rows.iter().filter(|row| row.held))?;
    decided.retain(|it| !it.decision.action.is_removal());
    let ids = runner.ids.as_ref();
    let events = settle::carry_out(page, decided, Removals::CarryOut, ids, ledger)?;
    cycle.cursor = format!("{LAPSING}{last}");
    Ok(Some(events))
}
