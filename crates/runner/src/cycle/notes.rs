//! Whom a cycle has looked at is forgotten when it is over, and so are objects for which something waited until they came;
//! what others let go of is woken before it begins. All of it a slice at a time, so that nobody in the tenant waits for the
//! end of millions of rows.

use syncline_model::{JobId, Problem, TenantId};
use syncline_store::Reader;

use crate::Runner;

impl Runner {
    /// Forgets the notes of cycles that are over, if there are any, and says whether all are gone: not when it must stop
    /// before. What is left when this does not come to its end, the next cycle forgets before it begins.
    pub(super) fn forget_notes(
        &self,
        tenant: TenantId,
        job: &JobId,
        must_stop: impl Fn() -> bool,
    ) -> Result<bool, Problem> {
        let are_left = |reader: &Reader<'_>| {
            Ok::<_, Problem>(is_idle(reader, tenant, job)? && reader.any_evaluated(tenant, job)?)
        };
        if !self.store.read(are_left)? {
            return Ok(true);
        }
        let mut after = None;
        loop {
            if must_stop() {
                return Ok(false);
            }
            after = self.store.write(|tx| {
                tx.enter(&[tenant])?;
                // Another cycle may have begun, with notes of its own.
                if !is_idle(tx, tenant, job)? {
                    return Ok(None);
                }
                let limit = self.page_sizes.largest.max(1);
                Ok::<_, Problem>(tx.clear_some_evaluated(tenant, job, after, limit)?)
            })?;
            if after.is_none() {
                return Ok(true);
            }
        }
    }
}

impl Runner {
    /// Wakes what jobs of the tenant have let go of, where it was too much for the pages that did, and says whether all is
    /// woken: not when it must stop before. What is left when this does not come to its end, the next cycle of any of its
    /// jobs wakes before it begins, or whoever sweeps.
    pub(super) fn wake_all_noted(
        &self,
        tenant: TenantId,
        must_stop: impl Fn() -> bool,
    ) -> Result<bool, Problem> {
        while self.wake_noted(tenant)? {
            if must_stop() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Runner {
    /// Forgets objects for which nothing waits any more, where they may have been too many for the page that wrote the
    /// last of these references. What is left when this does not come to its end goes with later cycles, each of
    /// which forgets some.
    pub(super) fn forget_ready(
        &self,
        tenant: TenantId,
        job: &JobId,
        must_stop: impl Fn() -> bool,
    ) -> Result<(), Problem> {
        let at_once = self.page_sizes.largest.max(1);
        let mut after = None;
        loop {
            if must_stop() {
                return Ok(());
            }
            after = self.store.write(|tx| {
                tx.enter(&[tenant])?;
                tx.sweep_ready(tenant, job, after, at_once)
            })?;
            if after.is_none() {
                return Ok(());
            }
        }
    }
}

/// INVARIANT: notes belong to the cycle in progress, which begins in the transaction that forgets all others and writes
/// its own down in transactions that find it in progress. So those of a job without one are nobody's.
fn is_idle(reader: &Reader<'_>, tenant: TenantId, job: &JobId) -> Result<bool, Problem> {
    let stored = reader.job(tenant, job)?;
    Ok(stored.is_some_and(|it| it.running.is_none()))
}
