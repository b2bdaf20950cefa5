//! `POST …/jobs/{id}/start`.

use syncline_model::job::ScheduleState;
use syncline_model::{Job, JobId, Problem, TenantId};
use syncline_store::Tx;

use crate::Runner;

impl Runner {
    /// Starts a job, or goes on where it was paused; lifts quarantine, and counts failures anew. The next cycle is due at
    /// once, also on a job that runs already.
    pub fn start(&self, tenant: TenantId, job: &JobId) -> Result<Job, Problem> {
        self.store.write(|tx| self.start_in(tx, tenant, job))
    }

    /// The same in a transaction that does more.
    pub fn start_in(&self, tx: &mut Tx<'_>, tenant: TenantId, job: &JobId) -> Result<Job, Problem> {
        let now = self.clock.now();
        let mut job = tx.known_job(tenant, job)?;
        job.state = ScheduleState::Active;
        job.started_at.get_or_insert(now);
        job.pause_requested = false;
        job.status.quarantine = None;
        job.status.count_successive_complete_failures = 0;
        job.next_due = Some(now);
        tx.update_job(&job)?;
        Ok(job)
    }
}
