//! What a cycle looks at in its phases, whose order is in `course.rs`: failed objects that are due again, the source (`walk.rs`), whom a
//! change of the configuration concerns (`reevaluation.rs`), linked objects that a full read did not
//! meet, references that became ready, the staged removals, and whom these have made room for
//! (`retries.rs`).

use std::collections::HashMap;

use syncline_engine::{Lifecycle, Subject};
use syncline_model::job::{CycleKind, CyclePhase, RunningCycle};
use syncline_model::{EntityKind, Job, ObjectId, Problem};
use syncline_store::Staged;

use super::counted::Counted;
use super::course::Course;
use super::{gone, lapsed, memberships, retries};
use crate::Runner;
use crate::page::Page;
use crate::refused_kinds::RefusedKinds;
use crate::settle::{self, Event, Ledger, Removals};
use crate::unavailable::unavailable;
use crate::view::Decided;

/// Where the cycle goes after a page.
pub(super) enum Next {
    /// On with the same phase, from its cursor.
    Page,
    /// The same, and in the same transaction.
    Joined,
    Phase(CyclePhase),
    /// Into a phase at this place.
    Place(CyclePhase, String),
    /// The cycle must not go on: code and message.
    Refused(&'static str, String),
    /// What was prepared is not what the cycle waits for: nothing was written, look again.
    Outdated,
    End,
}

/// The phase after the one that the cycle is in.
pub(super) fn onwards(page: &Page<'_, '_>, cycle: &RunningCycle) -> Next {
    let next = Course::of(cycle, page.configuration).after(cycle.phase);
    next.map_or(Next::End, Next::Phase)
}

pub(super) fn step(
    runner: &Runner,
    page: &mut Page<'_, '_>,
    job: &Job,
    cycle: &mut RunningCycle,
    limit: usize,
    ledger: &mut Ledger,
) -> Result<(Vec<Event>, Next), Problem> {
    match cycle.phase {
        CyclePhase::Escrows => escrows(runner, page, cycle, limit, ledger),
        // The walk has its own way, page by page, decided ahead of the transaction.
        CyclePhase::Source | CyclePhase::Reevaluation => Ok((Vec::new(), Next::Outdated)),
        CyclePhase::Links => links(runner, page, cycle, limit, ledger),
        CyclePhase::References => {
            let (events, more) = settle::drain(
                page,
                limit,
                runner.page_sizes.largest,
                runner.ids.as_ref(),
                ledger,
            )?;
            Ok((
                events,
                if more {
                    Next::Page
                } else {
                    onwards(page, cycle)
                },
            ))
        }
        CyclePhase::Memberships => {
            let limit = limit.saturating_mul(runner.page_sizes.references);
            memberships::step(runner, page, job, cycle, limit, ledger)
        }
        CyclePhase::Staged => staged(runner, page, job, cycle, limit, ledger),
        CyclePhase::Retries => retries::step(runner, page, cycle, limit, ledger),
    }
}

fn escrows(
    runner: &Runner,
    page: &mut Page<'_, '_>,
    cycle: &mut RunningCycle,
    limit: usize,
    ledger: &mut Ledger,
) -> Result<(Vec<Event>, Next), Problem> {
    let due = page.due_escrows(after(cycle), limit)?;
    let Some(last) = due.last().map(|row| row.source) else {
        return Ok((Vec::new(), onwards(page, cycle)));
    };
    let mut objects: Vec<(EntityKind, ObjectId)> =
        due.iter().map(|row| (row.kind, row.source)).collect();
    // There may be thousands, in every cycle: of a kind that the target does not let in nobody is tried.
    let kinds = objects.iter().map(|(kind, _)| *kind);
    let refused = RefusedKinds::among(page.tx, page.configuration, kinds)?;
    objects.retain(|(kind, _)| !refused.contains(*kind));
    if objects.len() < due.len() {
        memberships::count_refused(cycle, ledger);
    }
    let (subjects, unmapped) = mapped(page, &objects)?;
    page.tx.delete_escrows(page.tenant, page.job, &unmapped)?;
    let met: Vec<ObjectId> = subjects.iter().map(|subject| subject.id).collect();
    page.tx.note_evaluated(page.tenant, page.job, &met)?;
    let decided = page.decide(&subjects)?;
    let events = settle::carry_out(page, decided, Removals::Stage, runner.ids.as_ref(), ledger)?;
    cycle.cursor = last.to_string();
    Ok((events, Next::Page))
}

/// These objects as the source has them now, and the ids of those for which the schema has no mapping: it
/// was taken out while they waited.
pub(super) fn mapped(
    page: &Page<'_, '_>,
    objects: &[(EntityKind, ObjectId)],
) -> Result<(Vec<Subject>, Vec<ObjectId>), Problem> {
    let source = &page.configuration.connected.source;
    let subjects = source.by_id(page.tx, objects).map_err(unavailable)?;
    let (mapped, unmapped): (Vec<Subject>, Vec<Subject>) = subjects
        .into_iter()
        .partition(|subject| page.configuration.rule_for(subject.kind).is_some());
    let unmapped = unmapped.into_iter().map(|subject| subject.id).collect();
    Ok((mapped, unmapped))
}

/// The cursor once all links were gone through.
const STAGED: &str = "staged:";

/// Linked objects that live no more in the source are not met by a walk over what lives; a walk through changes
/// meets them. Then come those who have failed, and what was put aside until everybody was matched.
fn links(
    runner: &Runner,
    page: &mut Page<'_, '_>,
    cycle: &mut RunningCycle,
    limit: usize,
    ledger: &mut Ledger,
) -> Result<(Vec<Event>, Next), Problem> {
    let staged = cycle.cursor.strip_prefix(STAGED);
    if staged.is_some() || cycle.kind == CycleKind::Incremental {
        let from = staged.and_then(|from| from.parse().ok());
        return put_aside_by_old_links(runner, page, cycle, from, limit, ledger);
    }
    if let Some(from) = cycle.cursor.strip_prefix(gone::FAILED) {
        let from = from.parse().ok();
        if let Some(events) = gone::step(runner, page, cycle, from, limit, ledger)? {
            return Ok((events, Next::Page));
        }
        return Ok((Vec::new(), behind_links(page, cycle)));
    }
    let linked = page.tx.links(page.tenant, page.job, after(cycle), limit)?;
    let Some(last) = linked.last().map(|link| link.source) else {
        let next = match page.tx.any_escrow(page.tenant, page.job)? {
            true => Next::Place(CyclePhase::Links, gone::FAILED.to_owned()),
            false => behind_links(page, cycle),
        };
        return Ok((Vec::new(), next));
    };
    let objects: Vec<(EntityKind, ObjectId)> =
        linked.iter().map(|link| (link.kind, link.source)).collect();
    let mut subjects: Vec<Subject> = page
        .configuration
        .connected
        .source
        .by_id(page.tx, &objects)
        .map_err(unavailable)?;
    subjects.retain(|subject| {
        subject.lifecycle != Lifecycle::Live && page.configuration.rule_for(subject.kind).is_some()
    });
    let decided = page.decide(&subjects)?;
    let events = settle::carry_out(page, decided, Removals::Stage, runner.ids.as_ref(), ledger)?;
    cycle.cursor = last.to_string();
    Ok((events, Next::Page))
}

/// Only a restart makes links old.
fn behind_links(page: &Page<'_, '_>, cycle: &RunningCycle) -> Next {
    if page.configuration.connected.facts.matching > 0 {
        Next::Place(CyclePhase::Links, STAGED.to_owned())
    } else {
        onwards(page, cycle)
    }
}

/// Now that everybody was matched, an old link either leads to nobody else's target object, or has made room.
/// Whatever is no removal is carried out; those wait on.
fn put_aside_by_old_links(
    runner: &Runner,
    page: &mut Page<'_, '_>,
    cycle: &mut RunningCycle,
    from: Option<ObjectId>,
    limit: usize,
    ledger: &mut Ledger,
) -> Result<(Vec<Event>, Next), Problem> {
    let rows = page.tx.staged(page.tenant, page.job, from, limit)?;
    let Some(last) = rows.last().map(|row| row.source) else {
        return Ok((Vec::new(), onwards(page, cycle)));
    };
    let sources: Vec<ObjectId> = rows.iter().map(|row| row.source).collect();
    let links = page.tx.links_for(page.tenant, page.job, &sources)?;
    let matching = page.configuration.connected.facts.matching;
    let rows = rows.iter().zip(links);
    let by_old_links =
        rows.filter(|(_, link)| link.as_ref().is_none_or(|it| it.matching < matching));
    let objects: Vec<(EntityKind, ObjectId)> = by_old_links
        .map(|(row, _)| (row.kind, row.source))
        .collect();
    let (subjects, _) = mapped(page, &objects)?;
    let mut decided = page.decide(&subjects)?;
    decided.retain(|it| !it.decision.action.is_removal());
    let events = settle::carry_out(page, decided, Removals::Stage, runner.ids.as_ref(), ledger)?;
    cycle.cursor = format!("{STAGED}{last}");
    Ok((events, Next::Page))
}

/// Removals are decided again when their turn comes: the source may have changed its mind. All of
/// them go through, or, when they reach the gate, none.
fn staged(
    runner: &Runner,
    page: &mut Page<'_, '_>,
    job: &Job,
    cycle: &mut RunningCycle,
    limit: usize,
    ledger: &mut Ledger,
) -> Result<(Vec<Event>, Next), Problem> {
    if let Some(events) = lapsed::step(runner, page, job, cycle, limit, ledger)? {
        return Ok((events, Next::Page));
    }
    let counted = Counted::of(page, job, cycle)?;
    let Counted {
        open, from, met, ..
    } = counted;
    // A permission that these were not let through by has ended: nobody is to be told that it lets anything through.
    cycle.force_deletes &= open;
    let mut rows = page.tx.staged(page.tenant, page.job, from, limit)?;
    let Some(last) = rows.last().map(|row| row.source) else {
        let carried_out = open && met;
        let next = if carried_out && page.tx.any_escrow(page.tenant, page.job)? {
            counted.leave(page, cycle)?;
            onwards(page, cycle)
        } else {
            Next::End
        };
        return Ok((Vec::new(), next));
    };
    // Staged by somebody else since, and not counted: the next cycle counts it.
    rows.retain(|row| counted.has(row.staged_at));
    let decided = decided_again(page, &rows)?;
    let events = if open {
        settle::carry_out(
            page,
            decided,
            Removals::CarryOut,
            runner.ids.as_ref(),
            ledger,
        )?
    } else {
        hold(runner, page, &rows, decided, ledger)?
    };
    cycle.cursor = counted.cursor(last, met || !rows.is_empty());
    Ok((events, Next::Page))
}

/// What would be done now with these staged objects. Nobody removes those for which the schema has no mapping any more: they
/// are staged no more.
pub(super) fn decided_again<'r>(
    page: &mut Page<'_, '_>,
    rows: impl IntoIterator<Item = &'r Staged>,
) -> Result<Vec<Decided>, Problem> {
    let rows = rows.into_iter().map(|row| (row.kind, row.source));
    let objects: Vec<(EntityKind, ObjectId)> = rows.collect();
    let (subjects, unmapped) = mapped(page, &objects)?;
    settle::unstage(page, &unmapped)?;
    page.decide(&subjects)
}

/// Holds the removals of a page; whatever is no removal any more is carried out.
fn hold(
    runner: &Runner,
    page: &mut Page<'_, '_>,
    rows: &[Staged],
    decided: Vec<Decided>,
    ledger: &mut Ledger,
) -> Result<Vec<Event>, Problem> {
    let (removals, others): (Vec<_>, Vec<_>) = decided
        .into_iter()
        .partition(|it| it.decision.action.is_removal());
    let mut events = settle::carry_out(
        page,
        others,
        Removals::CarryOut,
        runner.ids.as_ref(),
        ledger,
    )?;
    ledger.counts.staged += removals.len() as u64;
    let news: HashMap<ObjectId, &Staged> = rows
        .iter()
        .filter(|row| !row.held)
        .map(|row| (row.source, row))
        .collect();
    let mut held = Vec::new();
    for removal in removals {
        // Logged when it is held for the first time, not in every cycle after.
        if let Some(row) = news.get(&removal.decision.source) {
            held.push(Staged {
                held: true,
                ..**row
            });
            let evidence = settle::held(removal.decision.evidence);
            events.push(Event::new(runner.ids.object_id(), evidence));
        }
    }
    page.tx.put_staged(page.tenant, page.job, &held)?;
    Ok(events)
}

pub(super) fn after(cycle: &RunningCycle) -> Option<ObjectId> {
    cycle.cursor.parse().ok()
}
