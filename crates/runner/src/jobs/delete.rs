//! `DELETE …/jobs/{id}`.

use syncline_model::{Job, JobId, Problem, TenantId};
use syncline_store::Tx;

use crate::Runner;
use crate::configuration::StoredSchema;
use crate::configuration::known_extensions::KnownExtensions;
use crate::configuration::log_facts;
use crate::configuration::previous::PreviousSchemas;
use crate::configuration::secrets::Secrets;
use crate::configuration::superseded::Superseded;

impl Runner {
    /// Stops a job and forgets all its state; what it synchronized stays. A cycle in progress ends
    /// at its next page, because it finds no job.
    pub fn delete_job(&self, tenant: TenantId, job: &JobId) -> Result<(), Problem> {
        self.store
            .write(|tx| Self::delete_job_in(tx, tenant, job))?;
        self.forget(std::slice::from_ref(job));
        Ok(())
    }

    /// The same in a transaction that does more; [`Runner::forget`] is for when that is committed.
    pub fn delete_job_in(tx: &mut Tx<'_>, tenant: TenantId, job: &JobId) -> Result<(), Problem> {
        let job = tx.known_job(tenant, job)?;
        delete(tx, &job)
    }

    /// Lets go of what this process has in memory of jobs that are deleted. What other processes have of them makes room for
    /// what they need.
    pub fn forget(&self, jobs: &[JobId]) {
        for job in jobs {
            self.impacts.forget(job);
            self.slow.forget(job);
            self.compiled.forget(job);
            self.on_demand_calls.lock().remove(job);
        }
    }

    /// Of how many jobs this process has the compiled schema in memory.
    pub fn compiled_jobs(&self) -> usize {
        self.compiled.count()
    }
}

/// The job, and all that is known of it but for its log.
pub(super) fn delete(tx: &mut Tx<'_>, job: &Job) -> Result<(), Problem> {
    let (tenant, service_principal) = (job.tenant, job.service_principal);
    // Secrets that can not be read keep nothing from being deleted.
    let secrets = Secrets::load(tx, tenant, service_principal).unwrap_or_default();
    let facts = log_facts::with(tx, tenant, service_principal, job.app_id, &secrets)?;
    let job = &job.id;
    tx.end_log_facts(tenant, job, &facts)?;
    tx.delete_document::<StoredSchema>(Some(tenant), job.as_str())?;
    tx.delete_document::<PreviousSchemas>(Some(tenant), job.as_str())?;
    tx.delete_document::<Superseded>(Some(tenant), job.as_str())?;
    tx.delete_document::<KnownExtensions>(Some(tenant), job.as_str())?;
    tx.delete_job(tenant, job)?;
    Ok(())
}
