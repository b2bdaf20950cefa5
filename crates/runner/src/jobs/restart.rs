//! `POST …/jobs/{id}/restart`.

use syncline_model::job::ScheduleState;
use syncline_model::{Job, JobId, Problem, ResetScope, TenantId};

use crate::Runner;

impl Runner {
    /// Forgets what `scope` says and makes the next cycle due. Nothing is lost: a full read also looks for
    /// linked objects that the source no longer has. Links are not deleted when everybody is to be matched
    /// anew: until somebody is, his link still says whom to remove when he is not wanted any more.
    pub fn restart(
        &self,
        tenant: TenantId,
        job: &JobId,
        scope: ResetScope,
    ) -> Result<Job, Problem> {
        self.store.write(|tx| {
            let now = self.clock.now();
            let mut job = tx
                .job(tenant, job)?
                .ok_or_else(|| Problem::not_found(job))?;
            if scope.connector_data_store {
                job.matching += 1;
            }
            if scope.escrows {
                tx.reset_escrows(tenant, &job.id, now)?;
            }
            if scope.watermark || scope.connector_data_store {
                job.watermark = None;
                job.give_up_cycle();
            }
            if scope.quarantine_state {
                job.status.quarantine = None;
                job.status.count_successive_complete_failures = 0;
            }
            job.force_deletes |= scope.force_deletes;
            job.state = ScheduleState::Active;
            job.started_at.get_or_insert(now);
            job.pause_requested = false;
            job.next_due = Some(now);
            tx.update_job(&job)?;
            Ok(job)
        })
    }
}
