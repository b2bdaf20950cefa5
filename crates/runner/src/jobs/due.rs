//! What the scheduler asks.

use syncline_model::{JobId, Problem, TenantId};

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
        // Those that run hide nobody behind them.
        let with_running = limit.saturating_add(self.running.count());
        let at_rest = |mut jobs: Vec<(TenantId, JobId)>| {
            jobs.retain(|(_, job)| !self.is_running(job));
            jobs.truncate(limit);
            jobs
        };
        self.store.read(|reader| {
            let any_follows = reader.any_job_follows()?;
            Ok(Due {
                scheduled: at_rest(reader.due_jobs(now, with_running)?),
                behind: match any_follows {
                    true => at_rest(reader.jobs_behind(with_running)?),
                    false => Vec::new(),
                },
                any_follows,
            })
        })
    }
}
