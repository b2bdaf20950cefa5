//! Changing the secrets of a service principal, which its jobs may have to follow.

use syncline_model::{ObjectId, Problem, TenantId};
use syncline_store::Tx;

use super::StoredSchema;
use super::log_facts;
use super::secrets::Secrets;
use super::superseded::Superseded;

impl Secrets {
    /// Sets some keys and leaves the others; an empty value removes its key. Every job of the
    /// service principal evaluates those whom it concerns in its next cycle when its scope changed. What is in the log
    /// goes on telling the target that it had.
    pub fn merge(
        tx: &mut Tx<'_>,
        tenant: TenantId,
        service_principal: ObjectId,
        changes: &[(String, String)],
    ) -> Result<(), Problem> {
        let before = Self::load(tx, tenant, service_principal)?;
        let mut after = before.clone();
        for (key, value) in changes {
            if value.is_empty() {
                after.values.remove(key);
            } else {
                after.values.insert(key.clone(), value.clone());
            }
        }
        tx.put_document(Some(tenant), &service_principal.to_string(), &after, None)?;
        if before.target_text() != after.target_text() {
            for job in tx.jobs_of_service_principal(tenant, service_principal)? {
                let facts = log_facts::with(tx, tenant, service_principal, job.app_id, &before)?;
                tx.end_log_facts(tenant, &job.id, &facts)?;
            }
        }
        if before.switches() != after.switches() {
            for mut job in tx.jobs_of_service_principal(tenant, service_principal)? {
                let schema = StoredSchema::load(tx, &job)?;
                Superseded::note(tx, &job, schema, before.switches())?;
                job.configuration_generation += 1;
                tx.update_job(&job)?;
            }
        }
        Ok(())
    }
}
