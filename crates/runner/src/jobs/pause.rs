//! `POST …/jobs/{id}/pause`.

use syncline_model::job::ScheduleState;
use syncline_model::{Job, JobId, Problem, TenantId};
use syncline_store::{Reader, Tx};

use crate::Runner;

impl Runner {
    /// Pauses a job: a cycle in progress stops after the page in hand and keeps its checkpoint; it
    /// never runs on to its end. Removals that were let through are not any more: whoever starts the job again does
    /// not know of that.
    pub fn pause(&self, tenant: TenantId, job: &JobId) -> Result<Job, Problem> {
        self.store.write(|tx| self.pause_in(tx, tenant, job))
    }

    /// The same in a transaction that does more.
    pub fn pause_in(&self, tx: &mut Tx<'_>, tenant: TenantId, job: &JobId) -> Result<Job, Problem> {
        let mut job = tx.known_job(tenant, job)?;
        if job.started_at.is_some() {
            job.state = ScheduleState::Paused;
        }
        job.pause_requested = self.leads(tx, &job)?;
        job.next_due = None;
        job.let_removals_through(false);
        tx.update_job(&job)?;
        Ok(job)
    }

    /// Whether a cycle of the job is in progress that this process leads, and so ends, with the request. One
    /// that helps with it, or waits for it, would leave that behind; the state reaches every node.
    fn leads(&self, reader: &Reader<'_>, job: &Job) -> Result<bool, Problem> {
        if job.running.is_none() || !self.is_running(&job.id) {
            return Ok(false);
        }
        if !reader.lease_is_needed() {
            return Ok(true);
        }
        let lease = reader.job_lease(job.tenant, &job.id)?;
        Ok(lease.is_some_and(|lease| lease.owner == self.node.id))
    }
}
