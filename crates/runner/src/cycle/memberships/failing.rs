//! Memberships that could not be written: for whom, why, and when they are gone through again.

use std::collections::BTreeMap;

use syncline_model::job::RunningCycle;
use syncline_model::{EntityKind, ObjectId, Problem, Timestamp};
use syncline_store::MembershipsDue;

use crate::page::Page;
use crate::settle::Why;

/// Why memberships could not be written.
#[derive(Clone, Copy)]
pub(super) struct Reasons {
    strongest: Why,
    /// Beside it one of them waits for the removal of a member, who may stay by the next cycle.
    departing: bool,
    /// Beside it one of them waits for the end of a removal that is staged.
    held: bool,
}

impl Reasons {
    /// This one, and those known before.
    pub(super) fn with(known: Option<Self>, why: Why) -> Self {
        Self {
            strongest: known.map_or(why, |known| known.strongest.max(why)),
            departing: why == Why::Departing || known.is_some_and(|known| known.departing),
            held: why == Why::Held || known.is_some_and(|known| known.held),
        }
    }
}

/// Objects for which memberships could not be written, and why.
#[derive(Default)]
pub(super) struct Noted(BTreeMap<ObjectId, (EntityKind, Reasons)>);

impl Noted {
    pub(super) fn note(&mut self, end: Option<(EntityKind, ObjectId)>, why: Why) {
        if let Some((kind, source)) = end {
            let known = self.0.get(&source).map(|(_, reasons)| *reasons);
            self.0.insert(source, (kind, Reasons::with(known, why)));
        }
    }

    /// Makes the memberships of these objects due again. Whatever is due of them already comes no later for it,
    /// and what was refused first counts.
    pub(super) fn make_due(
        &self,
        page: &mut Page<'_, '_>,
        cycle: &RunningCycle,
    ) -> Result<(), Problem> {
        let (tenant, job) = (page.tenant, page.job);
        let sources: Vec<ObjectId> = self.0.keys().copied().collect();
        let known = page.tx.memberships_due_of(tenant, job, &sources)?;
        let rows = self.0.iter().zip(known);
        let rows = rows.filter_map(|((source, (kind, reasons)), known)| {
            let mut whole = MembershipsDue::of(*kind, *source);
            if let Some(known) = known {
                whole.first_failed = known.first_failed;
                whole.not_before = known.not_before;
            }
            let mut row = after_failure(page, cycle, &whole, None, *reasons)?;
            if let Some(known) = known {
                let is_held = row.waits_for_removal() || known.waits_for_removal();
                row.not_before = row.not_before.min(known.not_before);
                row.first_failed = row.first_failed.or(known.first_failed);
                row.again = also_held(page.now, &row, is_held);
            }
            Some(row)
        });
        let rows: Vec<MembershipsDue> = rows.collect();
        page.tx.put_memberships_due(tenant, job, &rows)?;
        Ok(())
    }
}

/// Where a walk goes on of which something failed. What is not to be decided now holds it at its place until a
/// later cycle, for as long as it lasts: that is no try that failed, and no time of the timetable. So does an end that is gone: the next
/// cycle looks at it first, and then the timetable holds. A membership that is refused holds up no others:
/// the walk goes on, and is made again by the timetable; by the next cycle, where a member is to be removed,
/// whoever else is refused. What waits for the end of a removal holds up no others either, and is looked at once that is
/// over: there may be thousands, for weeks.
pub(super) fn after_failure(
    page: &Page<'_, '_>,
    cycle: &RunningCycle,
    due: &MembershipsDue,
    next: Option<MembershipsDue>,
    reasons: Reasons,
) -> Option<MembershipsDue> {
    // Not since a time that is still to come: a clock was ahead by then, and it would be due again at once.
    let due = &MembershipsDue {
        first_failed: due.first_failed.map(|since| since.min(page.now)),
        ..*due
    };
    let since = due.first_failed.unwrap_or(page.now);
    let timetable = &page.configuration.timetable;
    // Nobody has tried it in time, because the job stood still or the clock has jumped: it is tried once more.
    let missed = |since: &Timestamp| timetable.was_missed(*since, due.not_before, page.now);
    let once_more = due.first_failed.filter(missed).map(|_| page.now);
    let by_timetable = timetable.next_attempt(since, page.now, false);
    let by_timetable = by_timetable.or(once_more);
    let next_cycle = reasons.departing.then_some(cycle.began);
    let held_again = Some(MembershipsDue::HELD);
    let held = held_again.filter(|_| reasons.held);
    let goes_on = |first_failed: Option<Timestamp>, when: Option<Timestamp>| {
        let marked = |row: MembershipsDue| MembershipsDue {
            first_failed,
            again: [row.again, when, next_cycle, held]
                .into_iter()
                .flatten()
                .min(),
            ..row
        };
        match next {
            Some(next) => Some(marked(next)),
            None => again(&marked(*due)).map(|row| MembershipsDue {
                again: also_held(page.now, &row, reasons.held || due.again == held_again),
                ..row
            }),
        }
    };
    match reasons.strongest {
        Why::Held | Why::Departing => goes_on(due.first_failed, None),
        Why::Refused => goes_on(Some(since), by_timetable),
        Why::Gone => Some(MembershipsDue {
            not_before: match due.first_failed {
                None => cycle.began,
                Some(_) => by_timetable.or(held)?,
            },
            first_failed: Some(since),
            ..*due
        }),
        Why::NotNow => Some(MembershipsDue {
            not_before: cycle.began,
            first_failed: due
                .first_failed
                .map(|since| later_by_wait(since, due, cycle.began)),
            ..*due
        }),
    }
}

/// Of a walk that is put off by the timetable, whether the end of a removal has it made earlier: what is refused beside keeps
/// nothing back that was held.
fn also_held(now: Timestamp, row: &MembershipsDue, is_held: bool) -> Option<Timestamp> {
    let is_put_off = row.not_before > now && row.not_before != MembershipsDue::HELD;
    (is_held && is_put_off).then_some(MembershipsDue::HELD)
}

/// Since when it fails, but for the time since it was due, in which it could not be tried: or what was refused once would
/// be given up with the next refusal, when the target lets groups in again after weeks.
fn later_by_wait(since: Timestamp, due: &MembershipsDue, until: Timestamp) -> Timestamp {
    let waited = until.0.saturating_sub(since.max(due.not_before).0);
    Timestamp(since.0.saturating_add(waited.max(0)))
}

/// The walk that follows one of which something failed. Where all that is left waits for the end of a removal, nothing
/// is refused any more: what is refused then is refused for the first time.
pub(super) fn again(due: &MembershipsDue) -> Option<MembershipsDue> {
    let not_before = due.again?;
    Some(MembershipsDue {
        not_before,
        first_failed: due
            .first_failed
            .filter(|_| not_before != MembershipsDue::HELD),
        ..MembershipsDue::of(due.kind, due.source)
    })
}
