//! `DELETE …/jobs/{id}`.

use syncline_model::{JobId, ObjectId, Problem, TenantId};
use syncline_store::Tx;

use crate::Runner;
use crate::configuration::StoredSchema;
use crate::configuration::known_extensions::KnownExtensions;
use crate::configuration::secrets::Secrets;
use crate::configuration::superseded::Superseded;

impl Runner {
    /// Stops a job and forgets all its state; what it synchronized stays. A cycle in progress ends
    /// at its next page, because it finds no job.
    pub fn delete_job(&self, tenant: TenantId, job: &JobId) -> Result<(), Problem> {
        self.store.write(|tx| {
            tx.job(tenant, job)?
                .ok_or_else(|| Problem::not_found(job))?;
            delete(tx, tenant, job)
        })?;
        self.impacts.lock().remove(job);
        self.slow.forget(job);
        self.compiled.lock().remove(job);
        Ok(())
    }

    /// Forgets everything of a service principal that is deleted: jobs, schemas, secrets.
    pub fn delete_configuration(
        tx: &mut Tx<'_>,
        tenant: TenantId,
        service_principal: ObjectId,
    ) -> Result<(), Problem> {
        for job in tx.jobs_of_service_principal(tenant, service_principal)? {
            delete(tx, tenant, &job.id)?;
        }
        tx.delete_document::<Secrets>(Some(tenant), &service_principal.to_string())?;
        Ok(())
    }
}

fn delete(tx: &mut Tx<'_>, tenant: TenantId, job: &JobId) -> Result<(), Problem> {
    tx.delete_document::<StoredSchema>(Some(tenant), job.as_str())?;
    tx.delete_document::<Superseded>(Some(tenant), job.as_str())?;
    tx.delete_document::<KnownExtensions>(Some(tenant), job.as_str())?;
    tx.delete_job(tenant, job)?;
    Ok(())
}
