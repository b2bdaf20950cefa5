//! `DELETE …/jobs/{id}`.

use syncline_model::{Job, JobId, ObjectId, Problem, TenantId};
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
        self.store.write(|tx| {
            let job = tx
                .job(tenant, job)?
                .ok_or_else(|| Problem::not_found(job))?;
            delete(tx, &job)
        })?;
        self.impacts.lock().remove(job);
        self.slow.forget(job);
        self.compiled.lock().remove(job);
        Ok(())
    }

    /// Forgets everything of a service principal that is deleted: jobs, schemas, secrets. The log goes on telling of it.
    pub fn delete_configuration(
        tx: &mut Tx<'_>,
        tenant: TenantId,
        service_principal: ObjectId,
    ) -> Result<(), Problem> {
        for job in tx.jobs_of_service_principal(tenant, service_principal)? {
            delete(tx, &job)?;
        }
        tx.delete_document::<Secrets>(Some(tenant), &service_principal.to_string())?;
        Ok(())
    }
}

fn delete(tx: &mut Tx<'_>, job: &Job) -> Result<(), Problem> {
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
