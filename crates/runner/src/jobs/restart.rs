//! `POST …/jobs/{id}/restart`.

use syncline_model::job::{Quarantine, ScheduleState};
use syncline_model::{Job, JobId, ObjectId, Problem, ResetScope, TenantId, Timestamp};
use syncline_store::Tx;

use crate::Runner;
use crate::cycle::has_had_its_time;

/// Objects whose escrow is reset in one transaction.
const ESCROWS_AT_ONCE: usize = 5_000;

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
        self.restart_and(tenant, job, scope, |_, job| Ok(job.clone()))
    }

    /// The same, and what `tell` says of the restarted job, in the same transaction: where it can say nothing, the job is
    /// not restarted.
    pub fn restart_and<T>(
        &self,
        tenant: TenantId,
        job: &JobId,
        scope: ResetScope,
        tell: impl FnOnce(&mut Tx<'_>, &Job) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let mut slice = scope.escrows.then_some(None);
        while let Some(after) = slice {
            let reset = |tx: &mut Tx<'_>| self.reset_escrows_in(tx, tenant, job, after);
            slice = self.store.write(reset)?.map(Some);
        }
        self.store.write(|tx| {
            let job = self.restart_in(tx, tenant, job, scope)?;
            tell(tx, &job)
        })
    }

    /// The same in a transaction that does more, behind [`Runner::reset_escrows_in`] where the scope asks for that.
    pub fn restart_in(
        &self,
        tx: &mut Tx<'_>,
        tenant: TenantId,
        job: &JobId,
        scope: ResetScope,
    ) -> Result<Job, Problem> {
        let now = self.clock.now();
        let mut job = tx.known_job(tenant, job)?;
        if scope.watermark || scope.connector_data_store {
            job.drop_watermark();
            job.give_up_cycle();
        }
        if scope.connector_data_store {
            job.matching += 1;
        }
        if scope.quarantine_state {
            job.status.quarantine = None;
            job.status.count_successive_complete_failures = 0;
        }
        go_on_in_quarantine(&mut job, now);
        job.let_removals_through(scope.force_deletes);
        job.state = ScheduleState::Active;
        job.started_at.get_or_insert(now);
        job.pause_requested = false;
        job.next_due = Some(now);
        tx.update_job(&job)?;
        Ok(job)
    }

    /// The next slice of what the scope `Escrows` asks for, behind `after`; in a transaction that does no more than to ask
    /// whether it may. Returns behind whom to go on, if there are more. All slices come before [`Runner::restart_in`]: then
    /// all of them are due when the cycle begins. When that does not come, nothing is wrong: some are tried again a little
    /// earlier.
    pub fn reset_escrows_in(
        &self,
        tx: &mut Tx<'_>,
        tenant: TenantId,
        job: &JobId,
        after: Option<ObjectId>,
    ) -> Result<Option<ObjectId>, Problem> {
        tx.known_job(tenant, job)?;
        Ok(tx.reset_escrows(tenant, job, self.clock.now(), after, ESCROWS_AT_ONCE)?)
    }
}

/// What is left of a quarantine when the next cycle is due at once. One that has disabled the job is over, as with a start, and
/// so is one that would: by its four weeks the first failure would disable the job again. Of any other the next attempt is
/// this one, unless that was due before: then nobody has made it in time.
fn go_on_in_quarantine(job: &mut Job, now: Timestamp) {
    let is_over =
        |it: &Quarantine| !it.only_holds_removals() && has_had_its_time(it.series_began, now);
    let quarantine = job.status.quarantine.take();
    let kept = quarantine.filter(|it| job.state != ScheduleState::Disabled && !is_over(it));
    job.status.quarantine = kept.map(|it| Quarantine {
        next_attempt: it.next_attempt.min(now),
        ..it
    });
}
