//! The end of a cycle: watermark and report; what it makes of the job's status is in [`status`](super::status).

mod escrowed;

use syncline_engine::quarantine::Failures;
use syncline_model::job::{
    CLOCK_SECONDS, Counts, CycleReport, CycleState, Execution, RunningCycle, ScheduleState,
};
use syncline_model::{Job, Problem, Timestamp};

use self::escrowed::Escrowed;
use super::{Work, page, status};
use crate::Runner;
use crate::configuration::superseded::Superseded;
use crate::observer::Observer;

impl Runner {
    pub(super) fn finish(
        &self,
        work: &Work<'_>,
        state: CycleState,
        error: Option<(String, String)>,
        observer: &dyn Observer,
    ) -> Result<CycleReport, Problem> {
        let (tenant, job_id) = (work.tenant, work.job);
        let escrowed = match state {
            CycleState::Stopped | CycleState::Failed => Escrowed::default(),
            _ => self.escrowed(work, state)?,
        };
        let report = self.store.write(|tx| {
            tx.enter(&[tenant])?;
            self.confirm(tx, work)?;
            if let Some(lease) = &work.lease {
                tx.release_lease(tenant, job_id, lease)?;
            }
            let mut job = tx
                .job(tenant, job_id)?
                .ok_or_else(|| page::deleted(job_id))?;
            let Some(mut cycle) = job.running.take() else {
                return Err(page::restarted());
            };
            let now = self.clock.now();
            let ended = now.max(cycle.began);
            let asked_for = status::asked_for(&job, &cycle, now);
            let next = status::next(&job, &cycle, now);
            cycle.counts.references_pending = job.references_waiting;
            count_removed(&mut job, &cycle, state);
            // What it did not come to is left to the next one.
            job.groups_to_walk |= state == CycleState::Failed && cycle.walks_groups;
            let state = match state {
                CycleState::Succeeded if escrowed.left_behind => CycleState::EntryLevelErrors,
                state => state,
            };
            let mut report = CycleReport {
                job_id: job_id.clone(),
                cycle_id: cycle.id,
                kind: cycle.kind,
                state,
                counts: cycle.counts,
                skipped_by_reason: cycle.skipped_by_reason.clone(),
                duration_ms: ended.milliseconds_since(cycle.began),
                error: error.clone(),
                job_disabled: false,
                in_between: cycle.in_between,
            };
            if state == CycleState::Stopped {
                stop(&mut job, cycle);
                tx.update_job(&job)?;
                return Ok(report);
            }

            let execution = Execution {
                activity: cycle.id,
                kind: cycle.kind,
                state,
                began: cycle.began,
                ended,
                counts: cycle.counts,
                skipped_by_reason: std::mem::take(&mut cycle.skipped_by_reason),
                imported: cycle.imported,
                entitled: cycle.entitled,
                error: error.clone(),
                in_between: cycle.in_between,
            };
            if state == CycleState::Failed {
                status::fail(&mut job, execution, error, asked_for, now);
            } else {
                let next = read_through(&mut job, &cycle, next, now);
                if job.evaluated_generation == job.configuration_generation {
                    // Nobody is left who was decided by another one.
                    tx.delete_document::<Superseded>(Some(tenant), job_id.as_str())?;
                    self.impacts.forget(job_id);
                }
                let failed = status::Failed {
                    failures: failures(&job, &cycle, escrowed.unlinked),
                    waiting: escrowed.waiting,
                    thresholds: self.thresholds,
                };
                status::succeed(&mut job, execution, &failed, next, asked_for, now);
            }
            report.job_disabled = job.state == ScheduleState::Disabled;
            tx.clear_some_evaluated(tenant, job_id, None, self.page_sizes.largest)?;
            if work.lease.is_some() {
                tx.put_parts(tenant, job_id, &[])?;
            }
            tx.update_job(&job)?;
            Ok::<_, Problem>(report)
        })?;
        // It is over, whatever becomes of its notes.
        let _ = self.forget_notes(tenant, job_id, || observer.must_stop());
        if report.counts.references_set >= self.page_sizes.largest as u64 {
            let _ = self.forget_ready(tenant, job_id, || observer.must_stop());
        }
        Ok(report)
    }
}

/// The checkpoint stays: the next start goes on from here.
fn stop(job: &mut Job, cycle: RunningCycle) {
    job.running = Some(cycle);
    // Somebody may have started it again since the page was refused: then it is due.
    if job.pause_requested || job.state != ScheduleState::Active {
        job.pause_requested = false;
        job.state = ScheduleState::Paused;
        job.next_due = None;
    }
}

/// Notes how far the source is read, and by which configuration. When the job is due again, which is at `next` unless a
/// mapping goes by the clock.
fn read_through(job: &mut Job, cycle: &RunningCycle, next: Timestamp, now: Timestamp) -> Timestamp {
    job.watermark = Some(cycle.until.clone());
    job.evaluated_generation = cycle.configuration_generation;
    if cycle.by_clock {
        job.clock_read_at = Some(cycle.began);
    }
    // Counted from the end: a look that takes more than its hour would be due again at once, without end.
    let in_an_hour = now.plus_seconds(CLOCK_SECONDS);
    job.due_by_clock().map_or(next, |_| next.min(in_an_hour))
}

/// What quarantine goes by. `unlinked`: how many are in escrow who have no link.
fn failures(job: &Job, cycle: &RunningCycle, unlinked: u64) -> Failures {
    let waits = cycle.awaiting_consent;
    Failures {
        objects: cycle.counts.escrowed.saturating_sub(waits),
        references: cycle.references_failed,
        looked_at: looked_at(&cycle.counts).saturating_sub(waits),
        known: linked(job) + unlinked,
    }
}

/// What was removed counts at the threshold until a scheduled cycle has come to its end and holds nothing. Whoever has let
/// removals through has let these through as well.
fn count_removed(job: &mut Job, cycle: &RunningCycle, state: CycleState) {
    match state {
        // It goes on, and ends.
        CycleState::Stopped => {}
        CycleState::Succeeded | CycleState::EntryLevelErrors
            if !cycle.in_between && cycle.counts.staged == 0 =>
        {
            let since = job.removed_in_between.saturating_sub(cycle.removed_before);
            job.removed_in_between = since;
        }
        // What is left of its removals, or held because of them, must not be let through by the next cycle.
        _ => job.count_removals_of(cycle),
    }
}

/// How many objects the job has linked. With those in escrow that are not, they are all that it has.
fn linked(job: &Job) -> u64 {
    job.status.synchronized_entries.values().sum()
}

/// How many source objects a cycle looked at.
fn looked_at(counts: &Counts) -> u64 {
    counts.created
        + counts.updated
        + counts.disabled
        + counts.deleted
        + counts.restored
        + counts.skipped
        + counts.escrowed
        + counts.staged
        + counts.unchanged
}
