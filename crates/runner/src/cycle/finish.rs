//! The end of a cycle: watermark and report; what it makes of the job's status is in [`status`](super::status).

use syncline_engine::Failure;
use syncline_engine::quarantine::Failures;
use syncline_model::job::{
    CLOCK_SECONDS, Counts, CycleReport, CycleState, Execution, RunningCycle, ScheduleState,
};
use syncline_model::{Job, Problem, Timestamp};
use syncline_store::Escrow;

use super::{Work, page, status};
use crate::Runner;
use crate::configuration::superseded::Superseded;
use crate::observer::Observer;

/// Few enough that the lease is confirmed long before its end.
const ESCROWS_AT_ONCE: usize = 5_000;

impl Runner {
    pub(super) fn finish(
        &self,
        work: &Work<'_>,
        state: CycleState,
        error: Option<(String, String)>,
        observer: &dyn Observer,
    ) -> Result<CycleReport, Problem> {
        let (tenant, job_id) = (work.tenant, work.job);
        // All of them are gone through, which no writer of the tenant is to wait for. Whoever fails beside the
        // cycle from here on fails as if behind it.
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
                ended,
                counts: cycle.counts,
                skipped_by_reason: cycle.skipped_by_reason,
                imported: cycle.imported,
                entitled: cycle.entitled,
                error: error.clone(),
                in_between: cycle.in_between,
            };
            if state == CycleState::Failed {
                status::fail(&mut job, execution, error, asked_for, now);
            } else {
                job.watermark = Some(cycle.until);
                job.evaluated_generation = cycle.configuration_generation;
                if cycle.by_clock {
                    job.clock_read_at = Some(cycle.began);
                }
                // Counted from the end: a look that takes more than its hour would be due again at once, without end.
                let in_an_hour = now.plus_seconds(CLOCK_SECONDS);
                let by_clock = job.due_by_clock();
                let next = by_clock.map_or(next, |_| next.min(in_an_hour));
                if job.evaluated_generation == job.configuration_generation {
                    // Nobody is left who was decided by another one.
                    tx.delete_document::<Superseded>(Some(tenant), job_id.as_str())?;
                    self.impacts.forget(job_id);
                }
                let waits = cycle.awaiting_consent;
                let failures = Failures {
                    objects: cycle.counts.escrowed.saturating_sub(waits),
                    references: cycle.references_failed,
                    looked_at: looked_at(&cycle.counts).saturating_sub(waits),
                    known: linked(&job) + escrowed.unlinked,
                };
                let failed = status::Failed {
                    failures,
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

/// What is in escrow when a cycle ends, but for what waits until the target lets its kind in.
#[derive(Default)]
struct Escrowed {
    /// How many are tried again.
    waiting: u64,
    /// How many have no live link, those that were given up among them.
    unlinked: u64,
    left_behind: bool,
}

impl Runner {
    fn escrowed(&self, work: &Work<'_>, state: CycleState) -> Result<Escrowed, Problem> {
        let (tenant, job_id) = (work.tenant, work.job);
        let (cycle, mut escrowed) = self.store.read(|reader| {
            // What is wrong with either is met in the transaction again, and told.
            let job = reader.job(tenant, job_id)?;
            let cycle = job.and_then(|it| it.running);
            if cycle.is_none() || !reader.any_escrow(tenant, job_id)? {
                return Ok((None, Escrowed::default()));
            }
            let escrowed = Escrowed {
                waiting: reader.count_escrows_to_try(tenant, job_id)?,
                unlinked: reader.count_unlinked_escrows(tenant, job_id)?,
                left_behind: false,
            };
            Ok::<_, Problem>((cycle, escrowed))
        })?;
        if let Some(cycle) = cycle
            && state == CycleState::Succeeded
        {
            escrowed.left_behind = self.left_behind(work, &cycle)?;
        }
        Ok(escrowed)
    }

    /// Whether somebody waits who failed since the cycle began, although its counts say that nobody does:
    /// of those who were tried once more behind the removals, some may have failed on demand, beside the
    /// cycle, and were taken off its counts for others.
    fn left_behind(&self, work: &Work<'_>, cycle: &RunningCycle) -> Result<bool, Problem> {
        let (tenant, job, began) = (work.tenant, work.job, cycle.began);
        if cycle.removals() == 0 {
            return Ok(false);
        }
        let mut after = None;
        loop {
            let rows = self
                .store
                .read(|reader| reader.escrows_since(tenant, job, began, after, ESCROWS_AT_ONCE))?;
            // The next attempt of what is transient stands at its last failure; of the others it is ahead. What failed
            // by a clock that was ahead has not failed since, nor has what somebody has had tried anew.
            let now = self.clock.now();
            let is_since = |at: Timestamp| at >= began && !at.is_told_too_early(now);
            let since = |row: &Escrow| {
                let is_late = is_since(row.next_attempt) && is_transient(&row.failure);
                row.attempts > 0 && (is_since(row.first_failed) || is_late)
            };
            if rows.iter().any(since) {
                return Ok(true);
            }
            if rows.len() < ESCROWS_AT_ONCE {
                return Ok(false);
            }
            after = rows.last().map(|it| it.source);
            // Reading keeps no lease, and another node that takes over would begin to read as well.
            if work.lease.is_some() {
                self.store.write(|tx| {
                    tx.enter(&[tenant])?;
                    self.confirm(tx, work)
                })?;
            }
        }
    }
}

fn is_transient(failure: &str) -> bool {
    serde_json::from_str::<Failure>(failure).is_ok_and(|it| it.transient)
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
