//! What failed, and when it is tried again.

use std::collections::HashSet;

use syncline_engine::Failure;
use syncline_engine::escrow::Timetable;
use syncline_engine::evidence::EvidenceOutcome;
use syncline_model::{EntityKind, IdMap, ObjectId, Problem, Timestamp};
use syncline_store::Escrow;

use super::awaited;
use super::log::Event;
use crate::page::Page;

/// Failed objects wait for another try, by the timetable. After its end they are given up, which is what is
/// returned: they stay to be seen, and count anew when somebody has changed something and they fail again. But not where
/// nobody has tried them in time, because the job stood still or the clock has jumped: then there is one more try. What waits
/// until the target lets its kind in is no try: it is due in every cycle, whenever that is. Another failure than the last one
/// has a time of its own.
pub(super) fn escrow(
    page: &mut Page<'_, '_>,
    failures: &[(ObjectId, EntityKind, Failure)],
) -> Result<HashSet<ObjectId>, Problem> {
    escrow_since(page, failures, &IdMap::default())
}

/// What is known of something that fails elsewhere than in escrow.
#[derive(Clone, Copy)]
pub(super) struct Before {
    pub(super) first_failed: Timestamp,
    /// When it was to be tried again, which it was now.
    pub(super) due: Timestamp,
}

/// The same, where it is known elsewhere since when some of these objects have failed.
pub(super) fn escrow_since(
    page: &mut Page<'_, '_>,
    failures: &[(ObjectId, EntityKind, Failure)],
    before: &IdMap<ObjectId, Before>,
) -> Result<HashSet<ObjectId>, Problem> {
    if failures.is_empty() {
        return Ok(HashSet::new());
    }
    let sources: Vec<ObjectId> = failures.iter().map(|(source, ..)| *source).collect();
    let known = page.tx.escrows_for(page.tenant, page.job, &sources)?;
    let rows = failures.iter().zip(known);
    let rows = rows.filter_map(|((source, kind, failure), known)| {
        let waits = failure.awaits_consent();
        // An earlier version gave up what waits for consent, too: that is written anew as it is now.
        let known = known.filter(|row| row.next_attempt < Escrow::NEVER);
        let waited = known.as_ref().is_some_and(awaited::is_told);
        if waits && waited {
            return None;
        }
        // What fails once it is let in fails for the first time.
        let known = known.filter(|_| !waited);
        // What failed first when a clock was ahead has failed since now at the latest.
        let first_failed = known.as_ref().map_or(page.now, |row| row.first_failed);
        let first_failed = first_failed.min(page.now);
        let timetable = &page.configuration.timetable;
        let first_failed = match known.as_ref().is_some_and(|row| is_another(row, failure)) {
            true => timetable.anew(first_failed, page.now),
            false => first_failed,
        };
        let before = before.get(source);
        let first_failed = before.map_or(first_failed, |it| first_failed.min(it.first_failed));
        let next = match waits {
            true => Some(page.now),
            false => timetable.next_attempt(first_failed, page.now, failure.transient),
        };
        let due = [
            known.as_ref().map(|row| row.next_attempt),
            before.map(|it| it.due),
        ];
        let missed = |due: &Timestamp| timetable.was_missed(first_failed, *due, page.now);
        let was_missed = due.iter().flatten().any(missed);
        let next = next.or(was_missed.then_some(page.now));
        Some(Escrow {
            source: *source,
            kind: *kind,
            first_failed,
            attempts: known.map_or(1, |row| row.attempts.saturating_add(1)),
            next_attempt: next.unwrap_or(Escrow::NEVER),
            failure: failure.to_stored(),
            waits_for: failure.held_by,
        })
    });
    let rows: Vec<Escrow> = rows.collect();
    page.tx.put_escrows(page.tenant, page.job, &rows)?;
    let given_up = rows.iter().filter(|row| row.is_given_up());
    Ok(given_up.map(|row| row.source).collect())
}

/// Whether it fails for another reason than before. One that passes is tried in every cycle: where two of those follow each
/// other for ever, they have one time together.
fn is_another(row: &Escrow, failure: &Failure) -> bool {
    let before = Failure::from_stored(&row.failure);
    before.is_some_and(|it| it.code != failure.code && !(it.transient && failure.transient))
}

/// The last of an object's failures says that it is.
pub(super) fn tell_given_up(
    events: &mut [Event],
    given_up: &HashSet<ObjectId>,
    timetable: &Timetable,
) {
    if given_up.is_empty() {
        return;
    }
    for event in events {
        if let EvidenceOutcome::Failed(failure) = &mut event.evidence.outcome
            && given_up.contains(&event.evidence.source)
        {
            *failure = failure.clone().given_up(timetable);
        }
    }
}
