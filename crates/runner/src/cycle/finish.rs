//! The end of a cycle: watermark, status, schedule, report.

use syncline_engine::Failure;
use syncline_model::job::{
    CycleReport, CycleState, Execution, Quarantine, RunningCycle, ScheduleState,
};
use syncline_model::{Job, JobId, Problem, TenantId, Timestamp};
use syncline_store::{Escrow, Tx};

use super::{Work, page};
use crate::Runner;
use crate::superseded::Superseded;

const ESCROWS_AT_ONCE: usize = 500;

const DAY_SECONDS: i64 = 24 * 60 * 60;

impl Runner {
    pub(super) fn finish(
        &self,
        work: &Work<'_>,
        state: CycleState,
        error: Option<(String, String)>,
    ) -> Result<CycleReport, Problem> {
        let (tenant, job_id) = (work.tenant, work.job);
        self.store.write(|tx| {
            tx.enter(&[tenant])?;
            self.confirm(tx, work)?;
            if let Some(lease) = &work.lease {
                tx.release_lease(tenant, job_id, lease)?;
            }
            let now = self.clock.now();
            let mut job = tx
                .job(tenant, job_id)?
                .ok_or_else(|| page::deleted(job_id))?;
            let Some(mut cycle) = job.running.take() else {
                return Err(page::restarted());
            };
            cycle.counts.references_pending = job.references_waiting;
            let state = match state {
                CycleState::Succeeded if left_behind(tx, job_id, tenant, &cycle)? => {
                    CycleState::EntryLevelErrors
                }
                state => state,
            };
            let report = CycleReport {
                job_id: job_id.clone(),
                cycle_id: cycle.id,
                kind: cycle.kind,
                state,
                counts: cycle.counts,
                skipped_by_reason: cycle.skipped_by_reason.clone(),
                duration_ms: now.milliseconds_since(cycle.began),
                error: error.clone(),
            };
            if state == CycleState::Stopped {
                // The checkpoint stays: the next start goes on from here.
                job.running = Some(cycle);
                // Somebody may have started it again since the page was refused: then it is due.
                if job.pause_requested || job.state != ScheduleState::Active {
                    job.pause_requested = false;
                    job.state = ScheduleState::Paused;
                    job.next_due = None;
                }
                tx.update_job(&job)?;
                return Ok(report);
            }

            let execution = Execution {
                activity: cycle.id,
                kind: cycle.kind,
                state,
                began: cycle.began,
                ended: now,
                counts: cycle.counts,
                skipped_by_reason: cycle.skipped_by_reason,
                imported: cycle.imported,
                entitled: cycle.entitled,
                error: error.clone(),
            };
            if state == CycleState::Failed {
                fail(&mut job, execution, error, now);
            } else {
                job.watermark = Some(cycle.until);
                job.evaluated_generation = cycle.configuration_generation;
                if job.evaluated_generation == job.configuration_generation {
                    // Nobody is left who was decided by another one.
                    tx.delete_document::<Superseded>(Some(tenant), job_id.as_str())?;
                    self.impacts.lock().remove(job_id);
                }
                let held = cycle.counts.staged > 0;
                // When some are held all the same, the permission came after they were counted: it
                // is for the next cycle.
                job.force_deletes &= held;
                succeed(&mut job, execution, held, now);
            }
            tx.clear_evaluated(tenant, job_id)?;
            if work.lease.is_some() {
                tx.put_parts(tenant, job_id, &[])?;
            }
            tx.update_job(&job)?;
            Ok(report)
        })
    }
}

/// Whether somebody waits who failed since the cycle began, although its counts say that nobody does:
/// of those who were tried once more behind the removals, some may have failed on demand, beside the
/// cycle, and were taken off its counts for others.
fn left_behind(
    tx: &Tx<'_>,
    job: &JobId,
    tenant: TenantId,
    cycle: &RunningCycle,
) -> Result<bool, Problem> {
    let counts = &cycle.counts;
    if counts.deleted + counts.disabled == 0 || tx.count_escrows(tenant, job)? == 0 {
        return Ok(false);
    }
    let mut after = None;
    loop {
        let rows = tx.due_escrows(tenant, job, Timestamp(i64::MAX), after, ESCROWS_AT_ONCE)?;
        // The next attempt of what is transient stands at its last failure; of the others it is ahead.
        let since = |row: &Escrow| {
            row.first_failed >= cycle.began
                || (row.next_attempt >= cycle.began && is_transient(&row.failure))
        };
        if rows.iter().any(since) {
            return Ok(true);
        }
        let Some(last) = rows.last() else {
            return Ok(false);
        };
        after = Some(last.source);
    }
}

fn is_transient(failure: &str) -> bool {
    serde_json::from_str::<Failure>(failure).is_ok_and(|it| it.transient)
}

fn succeed(job: &mut Job, execution: Execution, held: bool, now: Timestamp) {
    let (counts, began) = (execution.counts, execution.began);
    let exports = counts.created
        + counts.updated
        + counts.disabled
        + counts.deleted
        + counts.restored
        + counts.references_set
        + counts.references_removed;
    let status = &mut job.status;
    status.count_successive_complete_failures = 0;
    status.last_execution = Some(execution.clone());
    if exports > 0 {
        status.last_successful_execution_with_exports = Some(execution.clone());
    }
    status.last_successful_execution = Some(execution);
    status.steady_state_first_achieved.get_or_insert(now);
    status.steady_state_last_achieved = Some(now);
    status.quarantine = held.then(|| {
        let message = match counts.staged {
            1 => "1 delete or disable is held because it reaches the accidental-deletion threshold. Check it, then restart the job with resetScope ForceDeletes to let it through.".to_owned(),
            staged => format!("{staged} deletes and disables are held because they reach the accidental-deletion threshold. Check them, then restart the job with resetScope ForceDeletes to let them through."),
        };
        quarantine(
            status.quarantine.take(),
            "TooManyDeletes",
            Some(("TooManyDeletes".to_owned(), message)),
            now,
            job.interval_seconds,
        )
    });
    // A start or restart while the cycle ran asked for the one after it.
    let asked_for = job.next_due.is_some_and(|due| due > began && due <= now);
    let next = if asked_for {
        now
    } else {
        now.plus_seconds(i64::from(job.interval_seconds))
    };
    job.next_due = (job.state == ScheduleState::Active).then_some(next);
    if let Some(quarantine) = &mut job.status.quarantine {
        // Only the removals are held: everything else goes on as scheduled.
        quarantine.next_attempt = next;
    }
}

fn fail(job: &mut Job, execution: Execution, error: Option<(String, String)>, now: Timestamp) {
    job.status.count_successive_complete_failures += 1;
    job.status.last_execution = Some(execution);
    let quarantine = quarantine(
        job.status.quarantine.take(),
        "EncounteredQuarantineException",
        error,
        now,
        job.interval_seconds,
    );
    job.next_due = (job.state == ScheduleState::Active).then_some(quarantine.next_attempt);
    job.status.quarantine = Some(quarantine);
}

/// A new quarantine, or the next step of the one in effect: its attempts become rarer, to once a day.
fn quarantine(
    before: Option<Quarantine>,
    reason: &str,
    error: Option<(String, String)>,
    now: Timestamp,
    interval_seconds: u32,
) -> Quarantine {
    let series_count = before
        .as_ref()
        .map_or(1, |it| it.series_count.saturating_add(1));
    let doublings = u32::try_from(series_count - 1).unwrap_or(u32::MAX).min(16);
    let wait = (i64::from(interval_seconds) << doublings).min(DAY_SECONDS);
    Quarantine {
        reason: reason.to_owned(),
        series_began: before.map_or(now, |it| it.series_began),
        current_began: now,
        series_count,
        next_attempt: now.plus_seconds(wait),
        error,
    }
}
