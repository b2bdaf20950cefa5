//! What the scheduler asks.

use syncline_model::{JobId, Problem, TenantId};

use crate::Runner;

impl Runner {
    /// Jobs whose next cycle is due now and runs nowhere in this process: one of each tenant, then the
    /// second of each, and so on, longest due first.
    pub fn due(&self, limit: usize) -> Result<Vec<(TenantId, JobId)>, Problem> {
        let now = self.clock.now();
        self.store.read(|reader| {
            let due = reader.due_jobs(now, limit)?;
            Ok(due
                .into_iter()
                .filter(|job| !self.is_running(&job.id))
                .map(|job| (job.tenant, job.id))
                .collect())
        })
    }
}
