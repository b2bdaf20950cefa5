//! The members of groups: first those memberships that changed in the source, then those of objects that
//! came into the target.

use syncline_connector::Cursor;
use syncline_engine::{Failure, escrow};
use syncline_model::job::{CycleKind, CyclePhase, RunningCycle};
use syncline_model::{EntityKind, Job, ObjectId, Problem};
use syncline_store::MembershipsDue;

use super::phases::Next;
use crate::Runner;
use crate::memberships::{Flowing, Walked, Wanted, walk};
use crate::page::{Page, unavailable};
use crate::settle::{self, Event, Ledger};

/// The place behind the last change; no source's cursor looks like this.
const CHANGES_DONE: &str = "due:";

/// The phase after the references: this one, where members flow.
pub(super) fn or_staged(page: &Page<'_, '_>) -> CyclePhase {
    match Flowing::of(page.configuration) {
        Some(_) => CyclePhase::Memberships,
        None => CyclePhase::Staged,
    }
}

/// One page: looks at up to `limit` memberships.
pub(super) fn step(
    runner: &Runner,
    page: &mut Page<'_, '_>,
    job: &Job,
    cycle: &mut RunningCycle,
    limit: usize,
    ledger: &mut Ledger,
) -> Result<(Vec<Event>, Next), Problem> {
    let configuration = page.configuration;
    let Some(flowing) = Flowing::of(configuration) else {
        return Ok((Vec::new(), Next::Phase(CyclePhase::Staged)));
    };
    let limit = limit.max(1);
    if cycle.cursor != CHANGES_DONE {
        let events = changes(runner, page, &flowing, job, cycle, limit, ledger)?;
        // Mostly that is all there is: then one page does for both.
        if !events.is_empty() || cycle.cursor != CHANGES_DONE {
            return Ok((events, Next::Page));
        }
    }
    due(runner, page, &flowing, cycle, limit, ledger)
}

fn changes(
    runner: &Runner,
    page: &mut Page<'_, '_>,
    flowing: &Flowing<'_>,
    job: &Job,
    cycle: &mut RunningCycle,
    limit: usize,
    ledger: &mut Ledger,
) -> Result<Vec<Event>, Problem> {
    let since = match (cycle.kind, &job.watermark) {
        (CycleKind::Incremental, Some(since)) if flowing.follows => since,
        _ => {
            CHANGES_DONE.clone_into(&mut cycle.cursor);
            return Ok(Vec::new());
        }
    };
    let cursor = Cursor(std::mem::take(&mut cycle.cursor));
    let found = flowing
        .source
        .changes(page.tx, since, &cycle.until, &cursor, limit)
        .map_err(unavailable)?;
    let settled = settle::memberships(page, flowing, &found.changes, runner.ids.as_ref(), ledger)?;
    // What could not be written is gone through again with its whole group.
    let failed: Vec<MembershipsDue> = settled
        .failed
        .iter()
        .filter_map(|(at, failure)| {
            let (membership, _) = found.changes.get(*at)?;
            let due = MembershipsDue::of(EntityKind::Group, membership.group);
            later(page, &due, failure)
        })
        .collect();
    page.tx
        .put_memberships_due(page.tenant, page.job, &failed)?;
    cycle.cursor = match found.next {
        Some(next) => next.0,
        None => CHANGES_DONE.to_owned(),
    };
    Ok(settled.events)
}

fn due(
    runner: &Runner,
    page: &mut Page<'_, '_>,
    flowing: &Flowing<'_>,
    cycle: &RunningCycle,
    limit: usize,
    ledger: &mut Ledger,
) -> Result<(Vec<Event>, Next), Problem> {
    let (tenant, job) = (page.tenant, page.job);
    let rows = page
        .tx
        .memberships_due(tenant, job, cycle.began, None, limit)?;
    if rows.is_empty() {
        return Ok((Vec::new(), Next::Phase(CyclePhase::Staged)));
    }
    let (wanted, steps) = walk_some(page, flowing, rows, limit)?;
    let settled = settle::memberships(page, flowing, &wanted, runner.ids.as_ref(), ledger)?;
    let mut done: Vec<ObjectId> = Vec::new();
    let mut put: Vec<MembershipsDue> = Vec::new();
    for step in steps {
        // What fails stays where it is: the rest of a step that is done twice does nothing.
        let failure = settled.failed.range(step.wanted).next();
        let next = match failure {
            Some((_, failure)) => later(page, &step.due, failure),
            None => step.next,
        };
        match next {
            Some(next) => put.push(next),
            None => done.push(step.due.source),
        }
    }
    page.tx.put_memberships_due(tenant, job, &put)?;
    page.tx.delete_memberships_due(tenant, job, &done)?;
    Ok((settled.events, Next::Page))
}

/// A step of one walk, and which of the wanted memberships are its.
struct Step {
    due: MembershipsDue,
    next: Option<MembershipsDue>,
    wanted: std::ops::Range<usize>,
}

/// A step of each of these walks, until `limit` memberships were looked at.
fn walk_some(
    page: &Page<'_, '_>,
    flowing: &Flowing<'_>,
    rows: Vec<MembershipsDue>,
    limit: usize,
) -> Result<(Vec<Wanted>, Vec<Step>), Problem> {
    let view = page.view();
    let mut wanted = Vec::new();
    let mut steps = Vec::new();
    let mut left = limit;
    for due in rows {
        if left == 0 {
            break;
        }
        let Walked {
            wanted: found,
            next,
            read,
        } = walk(&view, flowing, &due, &view, left)?;
        left = left.saturating_sub(read);
        let from = wanted.len();
        wanted.extend(found);
        steps.push(Step {
            due,
            next,
            wanted: from..wanted.len(),
        });
    }
    Ok((wanted, steps))
}

/// When to try a walk again that could not go on here; `None` to give it up.
fn later(page: &Page<'_, '_>, due: &MembershipsDue, failure: &Failure) -> Option<MembershipsDue> {
    let first_failed = due.first_failed.unwrap_or(page.now);
    let next = escrow::next_attempt(first_failed, page.now, failure.transient)?;
    Some(MembershipsDue {
        not_before: next,
        first_failed: Some(first_failed),
        ..*due
    })
}
