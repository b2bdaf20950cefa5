//! One cycle is asked for, and nothing else of the job is changed.

use syncline_model::{JobId, Problem, TenantId};

use crate::Runner;
use crate::cycle::check_active;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MadeDue {
    /// The next cycle is due.
    Due,
    /// A scheduled cycle is worked on: it is the one that is asked for.
    Joined,
}

impl Runner {
    /// Makes the next cycle of a job due ahead of its time. A quarantine and its series stay as they are, as where
    /// [`Runner::run_cycle`] is asked for one: whoever wants them to end starts the job. What is in progress is joined as
    /// there, but for a cycle that only follows changes, or goes by a configuration that is not in force any more.
    ///
    /// # Errors
    /// 404 where the tenant has no such job; 409 where none of its cycles may begin, because it was never started, or is
    /// paused or disabled.
    pub fn make_due(&self, tenant: TenantId, job: &JobId) -> Result<MadeDue, Problem> {
        self.store.write(|tx| {
            let mut job = tx.known_job(tenant, job)?;
            check_active(&job)?;
            let is_scheduled = job.running.as_ref().is_some_and(|it| !it.in_between);
            let is_worked_on = is_scheduled && self.is_worked_on(tx, &job)?;
            if is_worked_on && job.to_go_on().is_some() {
                return Ok(MadeDue::Joined);
            }
            let now = self.clock.now();
            // One that was interrupted is due, and goes on: another time would be taken for another cycle, behind that one.
            // One that is worked on by a configuration of before goes on to its end, and it is another one that is asked for.
            if is_worked_on || !job.is_due(now) {
                job.next_due = Some(now);
                tx.update_job(&job)?;
            }
            Ok(MadeDue::Due)
        })
    }
}
