//! Whoever failed in this cycle only because somebody else had his name is tried once more, when the
//! cycle has removed people since: deletes come last, and the name may be free now. With the next cycle
//! he would be in the target only an interval later.
//!
//! INVARIANT: what is decided to be a removal here waits for the next cycle, so that this phase and the
//! staged removals do not follow each other for ever.

use std::collections::HashMap;

use syncline_engine::Failure;
use syncline_engine::evidence::EvidenceOutcome;
use syncline_model::job::RunningCycle;
use syncline_model::{EntityKind, ObjectId, Problem};
use syncline_store::Escrow;

use super::memberships;
use super::phases::{Next, after, mapped};
use crate::Runner;
use crate::page::Page;
use crate::settle::{self, Event, Ledger, Removals};

/// The cursor once all were tried, and the references to them are written.
const REFERENCES: &str = "references";

/// One page: of those who failed, or of references whose object has come with them.
pub(super) fn step(
    runner: &Runner,
    page: &mut Page<'_, '_>,
    cycle: &mut RunningCycle,
    limit: usize,
    ledger: &mut Ledger,
) -> Result<(Vec<Event>, Next), Problem> {
    if cycle.cursor == REFERENCES {
        let (events, more) = settle::drain(
            page,
            limit,
            runner.page_sizes.largest,
            runner.ids.as_ref(),
            ledger,
        )?;
        let next = if more {
            Next::Page
        } else {
            memberships::only_due(page)
        };
        return Ok((events, next));
    }
    let due = page.due_escrows(after(cycle), limit)?;
    let Some(last) = due.last().map(|row| row.source) else {
        cycle.cursor = REFERENCES.to_owned();
        return Ok((Vec::new(), Next::Page));
    };
    let events = again(runner, page, cycle, &due, ledger)?;
    cycle.cursor = last.to_string();
    Ok((events, Next::Page))
}

fn again(
    runner: &Runner,
    page: &mut Page<'_, '_>,
    cycle: &mut RunningCycle,
    due: &[Escrow],
    ledger: &mut Ledger,
) -> Result<Vec<Event>, Problem> {
    let failed: HashMap<ObjectId, Failure> = due
        .iter()
        .filter_map(|row| Some((row.source, wanted_a_name(row, cycle)?)))
        .collect();
    let objects: Vec<(EntityKind, ObjectId)> = due
        .iter()
        .filter(|row| failed.contains_key(&row.source))
        .map(|row| (row.kind, row.source))
        .collect();
    let (subjects, _) = mapped(page, &objects)?;
    let mut decided = page.decide(&subjects)?;
    decided.retain(|it| !it.decision.action.is_removal());
    // Each object counts once in a cycle, as what became of it in the end. Whoever adds up the pages has counted it already.
    let tried = decided.len() as u64;
    cycle.counts.escrowed = cycle.counts.escrowed.saturating_sub(tried);
    cycle.entitled = cycle.entitled.saturating_sub(tried);
    let ids = runner.ids.as_ref();
    let mut events = settle::carry_out(page, decided, Removals::Stage, ids, ledger)?;
    // That it failed was told; what else went wrong now was not.
    events.retain(|event| match &event.evidence.outcome {
        EvidenceOutcome::Failed(now) => {
            let before = failed.get(&event.evidence.source);
            before.is_none_or(|it| (&it.code, &it.reason) != (&now.code, &now.reason))
        }
        _ => true,
    });
    Ok(events)
}

/// The failure of somebody whose values another object had that was about to give them up, when this
/// row was written in this cycle.
fn wanted_a_name(row: &Escrow, cycle: &RunningCycle) -> Option<Failure> {
    let failure = Failure::from_stored(&row.failure)?;
    let is_meant =
        row.next_attempt >= cycle.began && failure.transient && failure.code == Failure::CONFLICT;
    is_meant.then_some(failure)
}
