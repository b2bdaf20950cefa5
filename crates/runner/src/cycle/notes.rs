//! Whom a cycle has looked at is forgotten when it is over, a slice at a time: nobody in the tenant waits for the end of
//! millions of rows.

use syncline_model::{JobId, Problem, TenantId};
use syncline_store::Reader;

use crate::Runner;

impl Runner {
    /// Forgets the notes of cycles that are over, if there are any. What is left when this does not come to its end, the
    /// next cycle forgets before it begins.
    pub(super) fn forget_notes(&self, tenant: TenantId, job: &JobId) -> Result<(), Problem> {
        while self
            .store
            .read(|reader| are_left_over(reader, tenant, job))?
        {
            self.store.write(|tx| {
                tx.enter(&[tenant])?;
                // Another cycle may have begun, with notes of its own.
                if are_left_over(tx, tenant, job)? {
                    tx.clear_some_evaluated(tenant, job, self.page_sizes.largest.max(1))?;
                }
                Ok::<_, Problem>(())
            })?;
        }
        Ok(())
    }
}

/// INVARIANT: notes belong to the cycle in progress, which begins in the transaction that forgets all others and writes
/// its own down in transactions that find it in progress. So those of a job without one are nobody's.
fn are_left_over(reader: &Reader<'_>, tenant: TenantId, job: &JobId) -> Result<bool, Problem> {
    let stored = reader.job(tenant, job)?;
    let is_idle = stored.is_some_and(|it| it.running.is_none());
    Ok(is_idle && reader.any_evaluated(tenant, job)?)
}
