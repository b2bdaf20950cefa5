//! Who runs a cycle: the caller's thread, another one that it joins, or another node that it follows or helps.

use syncline_model::job::{CycleReport, CycleState};
use syncline_model::{Job, JobId, Problem, TenantId};

use super::{begin, interrupted, leases};
use crate::observer::Observer;
use crate::threads::running::Claim;
use crate::threads::wait::{LOOK_EVERY_MS, pause};
use crate::{Runner, Signal};

/// Why a cycle is to begin.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Occasion {
    /// The job is due, or somebody asks for one ahead of its time.
    Due,
    /// In continuous mode, the source has changed between two scheduled cycles.
    Changed,
}

impl Runner {
    /// Runs one cycle of a job to its end on the caller's thread: continues the one that a pause or
    /// a crash interrupted, else begins one. When another thread or node runs one already, waits for
    /// it and reports that one. One that only follows changes is waited for, and another one begun: it leaves out what a
    /// person may ask a cycle for. A job that was never started is refused.
    ///
    /// # Errors
    /// [`syncline_model::ProblemKind::Unavailable`] when the observer made the cycle stop at a page, a shared database
    /// did not come back, or its disk stayed full: the next run goes on from there.
    pub fn run_cycle(
        &self,
        tenant: TenantId,
        job: &JobId,
        observer: &dyn Observer,
    ) -> Result<CycleReport, Problem> {
        // Only the owner joins: nobody else may learn from waiting that a job of this id exists.
        loop {
            let found = self.store.read(|reader| {
                reader
                    .job(tenant, job)?
                    .ok_or_else(|| Problem::not_found(job))
            })?;
            let report = self.join_or_lead(found, observer)?;
            if !report.in_between || report.state == CycleState::Stopped {
                return Ok(report);
            }
        }
    }

    fn join_or_lead(&self, found: Job, observer: &dyn Observer) -> Result<CycleReport, Problem> {
        let (tenant, job) = (found.tenant, &found.id);
        let (in_progress, mut followed) = (leases::Followed::of(&found), None);
        loop {
            match self.running.claim(job) {
                Claim::Joined(other) => {
                    let now = self.cycle_in_progress(tenant, job, observer)?;
                    followed = now.or(followed).or(in_progress);
                    if let Some(report) = other.wait()? {
                        return Ok(report);
                    }
                    // A scheduler only looked at another node's cycle, or helped: that one is waited for.
                }
                Claim::Mine(ticket) => {
                    let outcome = self.lead_or_follow(tenant, job, followed, observer);
                    ticket.finish(outcome.clone().map(Some));
                    return outcome;
                }
            }
        }
    }

    /// As [`Runner::run_cycle`], for a scheduler: what another thread or node runs is not waited
    /// for. Helps another node's full read as long as there is a part that nobody works on. `None` also when the job was
    /// paused, disabled or deleted in the last moment.
    pub fn tend(
        &self,
        tenant: TenantId,
        job: &JobId,
        observer: &dyn Observer,
    ) -> Result<Option<CycleReport>, Problem> {
        self.tend_on(Occasion::Due, tenant, job, observer)
    }

    /// As [`Runner::tend`], for a job in continuous mode whose source has changed ([`Due::behind`](crate::Due::behind)).
    /// `None` also when there is nothing to follow any more.
    pub fn follow(
        &self,
        tenant: TenantId,
        job: &JobId,
        observer: &dyn Observer,
    ) -> Result<Option<CycleReport>, Problem> {
        self.tend_on(Occasion::Changed, tenant, job, observer)
    }

    fn tend_on(
        &self,
        occasion: Occasion,
        tenant: TenantId,
        job: &JobId,
        observer: &dyn Observer,
    ) -> Result<Option<CycleReport>, Problem> {
        match self.running.claim(job) {
            Claim::Joined(_) => Ok(None),
            Claim::Mine(ticket) => {
                let outcome = self.lead_or_help(occasion, tenant, job, observer);
                ticket.finish(outcome.clone());
                outcome
            }
        }
    }

    fn lead_or_help(
        &self,
        occasion: Occasion,
        tenant: TenantId,
        job: &JobId,
        observer: &dyn Observer,
    ) -> Result<Option<CycleReport>, Problem> {
        if occasion == Occasion::Changed
            && !self.patiently(observer, || self.has_to_follow(tenant, job))?
        {
            return Ok(None);
        }
        match self.patiently(observer, || self.take_job(tenant, job))? {
            leases::Taken::Mine(lease) => {
                match self.cycle(tenant, job, lease, occasion, observer) {
                    // Nothing is wrong: the cycle goes on elsewhere, and may be helped with.
                    Err(problem) if Signal::LeaseLost.is(&problem) => Ok(None),
                    Err(problem) if begin::is_not_due(&problem) => Ok(None),
                    outcome => outcome.map(Some),
                }
            }
            leases::Taken::Elsewhere => self.help(tenant, job, observer).map(|()| None),
        }
    }

    /// Whether a cycle of this job runs in this process now.
    pub fn is_running(&self, job: &JobId) -> bool {
        self.running.is_running(job)
    }

    /// How many callers wait for the cycle in progress of this job, besides the one that runs it.
    pub fn joined(&self, job: &JobId) -> usize {
        self.running.joined(job)
    }

    /// `followed`: the cycle that is waited for already, if one is.
    fn lead_or_follow(
        &self,
        tenant: TenantId,
        job: &JobId,
        mut followed: Option<leases::Followed>,
        observer: &dyn Observer,
    ) -> Result<CycleReport, Problem> {
        loop {
            let taken = self.patiently(observer, || self.take_job(tenant, job))?;
            // A cycle that was followed and has ended is the one that was asked for, also when the
            // job's lease is free again by now.
            let became = match followed {
                Some(cycle) => self.report_of(tenant, job, cycle, observer).transpose(),
                None => None,
            };
            if let Some(ended) = became {
                if let leases::Taken::Mine(lease) = taken {
                    self.release(tenant, job, lease, observer);
                }
                return ended;
            }
            match taken {
                leases::Taken::Mine(lease) => {
                    return self.cycle(tenant, job, lease, Occasion::Due, observer);
                }
                leases::Taken::Elsewhere => {
                    followed = self.cycle_in_progress(tenant, job, observer)?.or(followed);
                    self.help(tenant, job, observer)?;
                    if observer.must_stop() {
                        return Err(interrupted(job));
                    }
                    pause(LOOK_EVERY_MS);
                }
            }
        }
    }
}
