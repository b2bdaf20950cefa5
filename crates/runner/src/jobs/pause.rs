//! `POST …/jobs/{id}/pause`.

use syncline_model::job::ScheduleState;
use syncline_model::{Job, JobId, Problem, TenantId};
use syncline_store::Tx;

use crate::Runner;

impl Runner {
    /// Pauses a job: a cycle in progress stops after the page in hand and keeps its checkpoint; it
    /// never runs on to its end.
    pub fn pause(&self, tenant: TenantId, job: &JobId) -> Result<Job, Problem> {
        self.store.write(|tx| self.pause_in(tx, tenant, job))
    }

    /// The same in a transaction that does more.
    pub fn pause_in(&self, tx: &mut Tx<'_>, tenant: TenantId, job: &JobId) -> Result<Job, Problem> {
        let mut job = tx
            .job(tenant, job)?
            .ok_or_else(|| Problem::not_found(job))?;
        if job.started_at.is_some() {
            job.state = ScheduleState::Paused;
        }
        job.pause_requested = self.is_running(&job.id);
        job.next_due = None;
        tx.update_job(&job)?;
        Ok(job)
    }
}
