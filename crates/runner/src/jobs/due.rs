//! What the scheduler asks.

use syncline_model::{Job, JobId, Problem, TenantId};

use crate::Runner;

/// What is to be done now, and runs nowhere in this process: one job of each tenant, then the second of each, and so
/// on, longest due first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// By their schedule.
    pub scheduled: Vec<(TenantId, JobId)>,
    /// In continuous mode, because their source has changed; also those that are due by their schedule, which then
    /// have a scheduled cycle.
    pub behind: Vec<(TenantId, JobId)>,
    /// Whether any job waits for changes at all.
    pub any_follows: bool,
}

impl Runner {
    /// What is due now, `limit` of each at most.
    pub fn due(&self, limit: usize) -> Result<Due, Problem> {
        let now = self.clock.now();
        let at_rest = |jobs: Vec<Job>| {
            let at_rest = jobs.into_iter().filter(|job| !self.is_running(&job.id));
            at_rest.map(|job| (job.tenant, job.id)).collect()
        };
        self.store.read(|reader| {
            let any_follows = reader.any_job_follows()?;
            Ok(Due {
                scheduled: at_rest(reader.due_jobs(now, limit)?),
                behind: match any_follows {
                    true => at_rest(reader.jobs_behind(limit)?),
                    false => Vec::new(),
                },
                any_follows,
            })
        })
    }
}
