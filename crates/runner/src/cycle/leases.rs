//! By which right a node works on a cycle: leases, on a database that several nodes share.

use syncline_model::job::{CycleReport, CycleState, Execution};
use syncline_model::{CycleId, Job, JobId, Problem, ProblemKind, TenantId, Timestamp};
use syncline_store::{Lease, Reader, Tx};

use super::Work;
use super::page::{deleted, restarted};
use crate::observer::Observer;
use crate::{Runner, Signal};

/// What asking for a job gives.
pub(super) enum Taken {
    /// This node leads; without a lease where there is only one process.
    Mine(Option<Lease>),
    /// Another node does.
    Elsewhere,
}

/// A cycle in progress that is waited for.
#[derive(Clone, Copy)]
pub(super) struct Followed {
    cycle: CycleId,
    /// The one that had ended last, where that is known.
    behind: Option<CycleId>,
}

impl Followed {
    /// One that was led here until another node took it over.
    pub(super) fn led(cycle: CycleId) -> Self {
        Self {
            cycle,
            behind: None,
        }
    }

    pub(super) fn of(job: &Job) -> Option<Self> {
        let last = job.status.last_execution.as_ref();
        job.running.as_ref().map(|running| Self {
            cycle: running.id,
            behind: last.map(|it| it.activity),
        })
    }
}

impl Runner {
    pub(super) fn take_job(&self, tenant: TenantId, job: &JobId) -> Result<Taken, Problem> {
        if !self.store.is_shared() {
            return Ok(Taken::Mine(None));
        }
        self.store.write(|tx| {
            // Before the term is known: whoever waits long for his turn must not get what has ended.
            tx.enter(&[tenant])?;
            let (now, until) = self.lease_term(tx)?;
            let lease = tx.lease_job(tenant, job, self.node.id, now, until)?;
            Ok(lease.map_or(Taken::Elsewhere, |lease| Taken::Mine(Some(lease))))
        })
    }

    /// Now, and when a lease that is taken or kept now ends.
    pub(super) fn lease_term(
        &self,
        reader: &Reader<'_>,
    ) -> Result<(Timestamp, Timestamp), Problem> {
        let now = reader.lease_time(self.clock.now())?;
        Ok((now, now.plus_seconds(i64::from(self.node.lease_seconds))))
    }

    /// Asked in every transaction of a cycle: is this node still the one? Whoever was stopped or cut
    /// off, and came back after another took over, is refused here, before it writes.
    pub(super) fn confirm(&self, tx: &mut Tx<'_>, work: &Work<'_>) -> Result<(), Problem> {
        let leases = [work.lease, work.part_lease];
        if leases.iter().all(Option::is_none) {
            return Ok(());
        }
        let (_, until) = self.lease_term(tx)?;
        for (lease, lost) in leases
            .iter()
            .zip([Signal::LeaseLost, Signal::PartLeaseLost])
        {
            if let Some(lease) = lease
                && !tx.keep_lease(work.tenant, work.job, lease, until)?
            {
                // Its leases went with it.
                if tx.job(work.tenant, work.job)?.is_none() {
                    return Err(deleted(work.job));
                }
                return Err(taken_over(lost));
            }
        }
        Ok(())
    }

    /// Gives a lease back. Can it not be given back, it ends by itself.
    pub(super) fn release(
        &self,
        tenant: TenantId,
        job: &JobId,
        lease: Option<Lease>,
        observer: &dyn Observer,
    ) {
        let _ = self.patiently(observer, || self.release_at_once(tenant, job, lease));
    }

    fn release_at_once(
        &self,
        tenant: TenantId,
        job: &JobId,
        lease: Option<Lease>,
    ) -> Result<(), Problem> {
        let Some(lease) = lease else { return Ok(()) };
        self.store
            .write(|tx| Ok(tx.release_lease(tenant, job, &lease)?))
    }

    /// Lets a lease go because of a problem, which is the one to tell. For a database that was waited
    /// for in vain nobody waits once more: the lease ends by itself.
    pub(super) fn let_go(
        &self,
        tenant: TenantId,
        job: &JobId,
        lease: Option<Lease>,
        problem: Problem,
        observer: &dyn Observer,
    ) -> Problem {
        if self.is_away(&problem) {
            let _ = self.release_at_once(tenant, job, lease);
        } else {
            self.release(tenant, job, lease, observer);
        }
        problem
    }

    /// Whether somebody works on the job's cycle now: this process, or another node whose lease has
    /// not ended.
    pub fn is_worked_on(&self, reader: &Reader<'_>, job: &Job) -> Result<bool, Problem> {
        if self.is_running(&job.id) {
            return Ok(true);
        }
        if !reader.lease_is_needed() {
            return Ok(false);
        }
        let now = reader.lease_time(self.clock.now())?;
        let lease = reader.job_lease(job.tenant, &job.id)?;
        Ok(lease.is_some_and(|lease| lease.until > now))
    }

    pub(super) fn cycle_in_progress(
        &self,
        tenant: TenantId,
        job: &JobId,
        observer: &dyn Observer,
    ) -> Result<Option<Followed>, Problem> {
        let job = self.patiently(observer, || {
            self.store.read(|reader| Ok(reader.job(tenant, job)?))
        })?;
        Ok(job.as_ref().and_then(Followed::of))
    }

    /// Why there is no such cycle any more, which a cycle meets in many places: its job was deleted or
    /// restarted, or another node has taken it over and ended it. Other problems stay what they are.
    pub(super) fn why_gone(
        &self,
        tenant: TenantId,
        job: &JobId,
        lease: Option<Lease>,
        problem: Problem,
        observer: &dyn Observer,
    ) -> Problem {
        if problem.kind != ProblemKind::NotFound && !Signal::CycleAbandoned.is(&problem) {
            return problem;
        }
        let found = self.patiently(observer, || {
            self.store.read(|reader| {
                // Leases of a job that is gone can not be asked for.
                if reader.job(tenant, job)?.is_none() {
                    return Ok((false, None));
                }
                let is_ours = lease.map(|it| reader.holds(tenant, job, &it)).transpose()?;
                Ok((true, is_ours))
            })
        });
        match found {
            Ok((false, _)) => deleted(job),
            Ok((true, Some(false))) => taken_over(Signal::LeaseLost),
            _ => problem,
        }
    }

    /// What became of a cycle that another node ran; `None` while it goes on, and when that is not known any more.
    pub(super) fn report_of(
        &self,
        tenant: TenantId,
        job: &JobId,
        followed: Followed,
        observer: &dyn Observer,
    ) -> Result<Option<CycleReport>, Problem> {
        let found = self.patiently(observer, || {
            self.store.read(|reader| Ok(reader.job(tenant, job)?))
        })?;
        let found = found.ok_or_else(|| deleted(job))?;
        match &found.running {
            Some(running) if running.id == followed.cycle => {
                return Ok(stopped(&found, self.clock.now()));
            }
            _ => {}
        }
        match &found.status.last_execution {
            Some(execution) if execution.activity == followed.cycle => {
                Ok(Some(ended(&found, execution)))
            }
            // None has ended since, so that this one was given up.
            last if last.as_ref().map(|it| it.activity) == followed.behind => Err(restarted()),
            // It has ended since, and another one behind it: how, is not known any more.
            _ => Ok(None),
        }
    }
}

fn taken_over(lost: Signal) -> Problem {
    let message = "another node has taken this work over; it goes on there";
    lost.problem(ProblemKind::Conflict, message)
}

/// The report of a cycle that waits at its checkpoint, if it does.
fn stopped(job: &Job, now: Timestamp) -> Option<CycleReport> {
    let cycle = job.running.as_ref()?;
    let paused = job.state == syncline_model::job::ScheduleState::Paused && !job.pause_requested;
    paused.then(|| CycleReport {
        job_id: job.id.clone(),
        cycle_id: cycle.id,
        kind: cycle.kind,
        state: CycleState::Stopped,
        counts: cycle.counts,
        skipped_by_reason: cycle.skipped_by_reason.clone(),
        duration_ms: now.milliseconds_since(cycle.began),
        error: None,
        job_disabled: false,
        in_between: cycle.in_between,
    })
}

fn ended(job: &Job, execution: &Execution) -> CycleReport {
    CycleReport {
        job_id: job.id.clone(),
        cycle_id: execution.activity,
        kind: execution.kind,
        state: execution.state,
        counts: execution.counts,
        skipped_by_reason: execution.skipped_by_reason.clone(),
        duration_ms: execution.ended.milliseconds_since(execution.began),
        error: execution.error.clone(),
        job_disabled: job.state == syncline_model::job::ScheduleState::Disabled,
        in_between: execution.in_between,
    }
}
