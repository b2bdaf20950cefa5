//! When a cycle begins, and when its job is due.

use syncline_model::job::RunningCycle;
use syncline_model::{Job, Timestamp};

/// A cycle begins after the one before it, whatever the clock of this node says: what was noted in that one
/// is told from what is noted in this one by its time. But not after one that is still to come by a clock that was far
/// ahead: all that is noted would bear that time until it has come. Nor does the schedule go by this: the job would be late
/// for as long as clocks differ.
pub(super) fn after_the_last(job: &Job, now: Timestamp) -> Timestamp {
    let last = job.status.last_execution.as_ref();
    let ends = last.map(|it| [it.ended, Timestamp(it.began.0 + 1)]);
    let ends = ends.into_iter().flatten();
    ends.filter(|at| !at.is_told_too_early(now))
        .fold(now, Timestamp::max)
}

/// Keeps the job of a cycle due that goes on. Says whether that changed anything.
pub(super) fn keep_due(job: &mut Job, cycle: &RunningCycle, now: Timestamp) -> bool {
    if cycle.in_between && job.next_due.is_some() {
        // It never was due by what it has begun with.
        return false;
    }
    let begun_with = Some(cycle.due.unwrap_or(cycle.began));
    let kept = match job.next_due {
        // A node whose clock is ahead has asked for another cycle.
        Some(due) if due > now && cycle.due.is_some() && job.next_due != begun_with => Some(now),
        Some(due) if due <= now => job.next_due,
        _ => begun_with,
    };
    let changes = kept != job.next_due;
    job.next_due = kept;
    changes
}
