//! What the end of a cycle makes of its job's status and schedule.

use syncline_engine::quarantine::{Failures, Threshold, Thresholds};
use syncline_model::job::{CycleState, Execution, Quarantine, RunningCycle, ScheduleState};
use syncline_model::{Job, Timestamp};

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// After so long in quarantine a job is disabled: nobody looks after it.
const DISABLED_AFTER_SECONDS: i64 = 28 * DAY_SECONDS;

/// Whether a start or restart while the cycle ran asked for the one after it.
pub(super) fn asked_for(job: &Job, cycle: &RunningCycle, now: Timestamp) -> bool {
    match cycle.due {
        // Another interval moves it, too.
        Some(_) if cycle.in_between => job.is_due(now),
        Some(_) => job.next_due.is_some() && job.next_due != cycle.due,
        None => job
            .next_due
            .is_some_and(|due| due > cycle.began && due <= now),
    }
}

/// When the cycle after this one is due: a cycle in between leaves the schedule as it is.
pub(super) fn next(job: &Job, cycle: &RunningCycle, now: Timestamp) -> Timestamp {
    if asked_for(job, cycle, now) {
        return now;
    }
    let kept = job.next_due.filter(|_| cycle.in_between);
    kept.unwrap_or_else(|| now.plus_seconds(i64::from(job.interval_seconds)))
}

/// What failed in a cycle, and what of that holds a job back.
pub(super) struct Failed {
    pub(super) failures: Failures,
    /// How many objects wait in escrow after it.
    pub(super) waiting: u64,
    pub(super) thresholds: Thresholds,
}

/// A cycle that went through everything. `next`: when the cycle after it is due, if nothing holds the job back;
/// `asked_for`: see [`asked_for`].
pub(super) fn succeed(
    job: &mut Job,
    execution: Execution,
    failed: &Failed,
    next: Timestamp,
    asked_for: bool,
    now: Timestamp,
) {
    let counts = execution.counts;
    let exports = counts.created
        + counts.updated
        + counts.disabled
        + counts.deleted
        + counts.restored
        + counts.references_set
        + counts.references_removed;
    let faultless = execution.state == CycleState::Succeeded;
    let status = &mut job.status;
    status.count_successive_complete_failures = 0;
    status.last_execution = Some(execution.clone());
    if exports > 0 {
        status.last_successful_execution_with_exports = Some(execution.clone());
    }
    // Graph's words: an execution without errors; a state in which nothing is left to be done.
    if faultless {
        status.last_successful_execution = Some(execution);
        if counts.staged == 0 {
            status.steady_state_first_achieved.get_or_insert(now);
            status.steady_state_last_achieved = Some(now);
        }
    }
    let before = job.status.quarantine.take();
    if let Some(reason) = too_much(before.as_ref(), failed) {
        let (failures, waiting) = (failed.failures, failed.waiting);
        let mut message = format!(
            "Too much fails: {} objects in this cycle, and {waiting} wait for another try, of {} that the job has. Cycles become rarer until fewer wait; after 4 weeks the job is disabled. Mend what the provisioning log says of them, then restart the job.",
            failures.objects,
            failures.of(),
        );
        if counts.staged > 0 {
            let held = held_in_words(counts.staged, job.removed_in_between);
            message = format!("{message} {held}");
        }
        hold_back(job, before, reason, Some((reason.to_owned(), message)), now);
        if asked_for {
            attempt_at(job, now);
        }
        return;
    }
    job.next_due = (job.state == ScheduleState::Active).then_some(next);
    job.status.quarantine =
        (counts.staged > 0).then(|| held(before, counts.staged, job.removed_in_between, now, next));
}

/// A cycle that could not go through everything. `asked_for`: see [`asked_for`].
pub(super) fn fail(
    job: &mut Job,
    execution: Execution,
    error: Option<(String, String)>,
    asked_for: bool,
    now: Timestamp,
) {
    // It was not the one that somebody has asked for meanwhile, and a cycle in between is not the scheduled one: that is still
    // to come.
    let still_to_come = match execution.in_between {
        true => job.next_due,
        false => asked_for.then_some(now),
    };
    job.status.count_successive_complete_failures += 1;
    job.status.last_execution = Some(execution);
    let before = job.status.quarantine.take();
    hold_back(job, before, "EncounteredQuarantineException", error, now);
    if let (Some(due), Some(to_come)) = (job.next_due, still_to_come) {
        attempt_at(job, to_come.min(due));
    }
}

/// Has the next cycle of a job in quarantine due then, unless that has disabled it.
fn attempt_at(job: &mut Job, at: Timestamp) {
    if job.next_due.is_none() {
        return;
    }
    job.next_due = Some(at);
    if let Some(quarantine) = &mut job.status.quarantine {
        quarantine.next_attempt = at;
    }
}

/// The reason to hold a job back for what failed. One that is held back stays so while too many wait: a cycle in
/// which none of them was due shows nothing.
fn too_much(before: Option<&Quarantine>, failed: &Failed) -> Option<&'static str> {
    let Failed {
        failures,
        waiting,
        thresholds,
    } = *failed;
    let still = || {
        let before = of_failures(before?)?;
        let goes_on = thresholds.goes_on(before, waiting, failures.of());
        goes_on.then_some(before)
    };
    let passed = thresholds.verdict(failures).or_else(still);
    passed.map(Threshold::reason)
}

/// The threshold that a quarantine is for: itself, or the one beneath it.
fn of_failures(quarantine: &Quarantine) -> Option<Threshold> {
    let of = |it: &Quarantine| Threshold::of_reason(&it.reason);
    of(quarantine).or_else(|| of(quarantine.beneath.as_deref()?))
}

/// What goes on beneath a quarantine for this reason. A cycle that does not come to its end shows nothing of how much fails.
fn beneath(before: &Quarantine, reason: &str) -> Option<Box<Quarantine>> {
    if Threshold::of_reason(reason).is_some() {
        return None;
    }
    match Threshold::of_reason(&before.reason) {
        Some(_) => Some(Box::new(before.clone())),
        None => before.beneath.clone(),
    }
}

/// What is held, and what to do about it. `removed_before`: see [`Job::removed_in_between`].
fn held_in_words(staged: u64, removed_before: u64) -> String {
    let with = match removed_before {
        0 => String::new(),
        others => format!(", with {others} carried out before"),
    };
    match staged {
        1 => format!(
            "1 delete or disable is held because it reaches the accidental-deletion threshold{with}. Check it, then restart the job with resetScope ForceDeletes to let it through."
        ),
        staged => format!(
            "{staged} deletes and disables are held because they reach the accidental-deletion threshold{with}. Check them, then restart the job with resetScope ForceDeletes to let them through."
        ),
    }
}

/// Only the removals are held: everything else goes on as scheduled, and nothing becomes rarer.
fn held(
    before: Option<Quarantine>,
    staged: u64,
    removed_before: u64,
    now: Timestamp,
    next: Timestamp,
) -> Quarantine {
    let message = held_in_words(staged, removed_before);
    let since = series_of(before, Quarantine::TOO_MANY_DELETES, now);
    Quarantine {
        reason: Quarantine::TOO_MANY_DELETES.to_owned(),
        series_began: since.as_ref().map_or(now, |it| it.series_began.min(now)),
        current_began: since.map_or(now, |it| it.current_began.min(now)),
        series_count: 1,
        next_attempt: next,
        error: Some((Quarantine::TOO_MANY_DELETES.to_owned(), message)),
        beneath: None,
    }
}

/// A new quarantine, or the next step of the one in effect: its attempts become rarer, to once a day, and
/// after four weeks there are none. Where none was made in time, because nobody ran it or the clock has jumped, there
/// is another one.
fn hold_back(
    job: &mut Job,
    before: Option<Quarantine>,
    reason: &str,
    error: Option<(String, String)>,
    now: Timestamp,
) {
    let beneath = before.as_ref().and_then(|it| beneath(it, reason));
    let before = series_of(before, reason, now);
    let series_count = before
        .as_ref()
        .map_or(1, |it| it.series_count.saturating_add(1));
    let was_tried = before
        .as_ref()
        .is_some_and(|it| now <= Job::latest_due(it.next_attempt));
    let series_began = before.map_or(now, |it| it.series_began.min(now));
    let doublings = u32::try_from(series_count - 1).unwrap_or(u32::MAX).min(16);
    let wait = (i64::from(job.interval_seconds) << doublings).min(DAY_SECONDS);
    let next_attempt = now.plus_seconds(wait);
    if job.state == ScheduleState::Active && was_tried && has_had_its_time(series_began, now) {
        job.state = ScheduleState::Disabled;
    }
    job.next_due = (job.state == ScheduleState::Active).then_some(next_attempt);
    job.status.quarantine = Some(Quarantine {
        reason: reason.to_owned(),
        series_began,
        current_began: now,
        series_count,
        next_attempt,
        error,
        beneath,
    });
}

/// Whether a quarantine since then disables its job with one more failure.
pub(crate) fn has_had_its_time(series_began: Timestamp, now: Timestamp) -> bool {
    now > series_began.plus_seconds(DISABLED_AFTER_SECONDS)
}

/// The quarantine in effect, or the one beneath it, when it goes on: for another reason it is another one.
fn series_of(before: Option<Quarantine>, reason: &str, now: Timestamp) -> Option<Quarantine> {
    let before = before?;
    if before.reason == reason {
        return Some(before);
    }
    // Meanwhile there were attempts, too.
    before.beneath_resumed(now).filter(|it| it.reason == reason)
}
