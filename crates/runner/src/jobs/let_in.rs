//! Takes jobs out of quarantine that their targets let in again.
//!
//! Whoever changes a policy in the target knows nothing of the jobs, and writes nothing in their tenant. So the targets are
//! asked: a consent that was away for a moment would otherwise let a job stand still until its next attempt.

use syncline_model::job::ScheduleState;
use syncline_model::policy::PolicyRefusal;
use syncline_model::{Job, JobId, Problem, TenantId};
use syncline_store::{JobSlice, Reader, Tx};

use crate::Runner;

/// So many jobs are looked at in one go; few of them are in quarantine, and their targets are asked.
const AT_ONCE: usize = 500;

impl Runner {
    /// Of some jobs of all tenants behind `after`, takes those out of quarantine that the policies let in by now: their next
    /// cycle is due at once. Which these are, and where to go on.
    ///
    /// The targets are asked on a snapshot, so that none of their writers is waited for. Where a consent goes again
    /// meanwhile, the cycle finds that out.
    pub fn go_on_where_let_in(&self, after: Option<u64>) -> Result<JobSlice, Problem> {
        let now = self.clock.now();
        let mut slice = self.store.read(|reader| {
            let code = PolicyRefusal::CODE;
            let mut slice = reader.jobs_that_failed_with(code, now, after, AT_ONCE)?;
            // What is wrong with one is told by its next attempt, and keeps no other from going on.
            slice.jobs.retain(|(tenant, job)| {
                let let_in = self.job_to_let_in(reader, *tenant, job);
                let_in.is_ok_and(|it| it.is_some())
            });
            Ok::<_, Problem>(slice)
        })?;
        let let_in = std::mem::take(&mut slice.jobs);
        for (tenant, job) in let_in {
            let goes_on = self.store.write(|tx| {
                tx.enter(&[tenant])?;
                match refused(tx, tenant, &job)? {
                    Some(job) => self.go_on(tx, job).map(Some),
                    None => Ok(None),
                }
            })?;
            if goes_on.is_some() {
                slice.jobs.push((tenant, job));
            }
        }
        Ok(slice)
    }

    /// Takes a job out of quarantine if that is for a policy which lets it in by now: its next cycle is due at once. The
    /// job as it is then; `None` where nothing is changed. For who has entered both tenants: the target is read.
    pub fn go_on_if_let_in(
        &self,
        tx: &mut Tx<'_>,
        tenant: TenantId,
        job: &JobId,
    ) -> Result<Option<Job>, Problem> {
        match self.job_to_let_in(tx, tenant, job)? {
            Some(job) => self.go_on(tx, job).map(Some),
            None => Ok(None),
        }
    }

    fn go_on(&self, tx: &mut Tx<'_>, mut job: Job) -> Result<Job, Problem> {
        job.status.quarantine = None;
        job.next_due = Some(self.clock.now());
        tx.update_job(&job)?;
        Ok(job)
    }

    /// The job, if it is in quarantine for nothing but a policy that lets it in by now.
    fn job_to_let_in(
        &self,
        reader: &Reader<'_>,
        tenant: TenantId,
        job: &JobId,
    ) -> Result<Option<Job>, Problem> {
        let Some(job) = refused(reader, tenant, job)? else {
            return Ok(None);
        };
        let let_in = self.readable(reader, &job)?.is_ok();
        Ok(let_in.then_some(job))
    }
}

/// The job, if it waits in quarantine because it was not let in.
fn refused(reader: &Reader<'_>, tenant: TenantId, job: &JobId) -> Result<Option<Job>, Problem> {
    let job = reader.job(tenant, job)?;
    Ok(job.filter(|job| {
        let quarantine = job.status.quarantine.as_ref();
        let was_refused = quarantine.is_some_and(|it| it.was_refused());
        // One that is disabled is started by those who look after it.
        was_refused && job.state == ScheduleState::Active && job.running.is_none()
    }))
}
