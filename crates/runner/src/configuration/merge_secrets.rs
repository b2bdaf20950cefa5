//! Changing the secrets of a service principal, which its jobs may have to follow.

use syncline_model::{ObjectId, Problem, TenantId};
use syncline_store::Tx;

use super::StoredSchema;
use super::log_facts;
use super::secrets::Secrets;
use super::superseded::Superseded;
use crate::settle::tell_again;

/// What the secrets of a new configuration are made of: whom to let in where, and who. Without the last, people whom
/// secrets had in scope that can not be read any more would be out of it.
const WHOLE: [&str; 3] = ["AuthenticationType", "CompanyId", "SyncAll"];

impl Secrets {
    /// Sets some keys and leaves the others; an empty value removes its key. Every job of the
    /// service principal evaluates those whom it concerns in its next cycle when its scope changed. What is in the log
    /// goes on telling the target that it had.
    ///
    /// Secrets that can not be read are replaced as a whole. What they were nobody knows: then the next cycle evaluates
    /// everybody, and what is in the log names no target.
    ///
    /// # Errors
    /// 400 when the stored ones can not be read, and these are not whole.
    pub fn merge(
        tx: &mut Tx<'_>,
        tenant: TenantId,
        service_principal: ObjectId,
        changes: &[(String, String)],
    ) -> Result<(), Problem> {
        let readable = Self::readable(tx, tenant, service_principal)?;
        let was_unreadable = readable.is_none();
        if was_unreadable {
            must_be_whole(changes)?;
        }
        let before = readable.unwrap_or_default();
        let mut after = before.clone();
        for (key, value) in changes {
            if value.is_empty() {
                after.values.remove(key);
            } else {
                after.values.insert(key.clone(), value.clone());
            }
        }
        tx.put_document(Some(tenant), &service_principal.to_string(), &after, None)?;
        if was_unreadable && let Some(target) = after.target() {
            tell_again(tx, tenant, service_principal, target)?;
        }
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
                job.configured_anew();
                tx.update_job(&job)?;
            }
        }
        Ok(())
    }
}

fn must_be_whole(changes: &[(String, String)]) -> Result<(), Problem> {
    let is_set = |key: &&str| {
        changes
            .iter()
            .any(|(it, value)| it == key && !value.is_empty())
    };
    if WHOLE.iter().all(is_set) {
        return Ok(());
    }
    Err(Problem::bad_request(format!(
        "The secrets that are stored cannot be read. Send all of them at once, at least {}, to replace them.",
        WHOLE.join(", ")
    )))
}
