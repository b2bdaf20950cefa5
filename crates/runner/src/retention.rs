//! What is thrown away after its time, or was left to be done later, in bounded slices: each a short transaction, in one
//! tenant at most. Nobody waits long for it, and it for nobody else. The moment by which things are old is the caller's, who
//! knows whether a clock can be believed. Where nothing has had its time, which is looked for in a snapshot,
//! there is no transaction: writers of a tenant would take turns with it, every minute.

use syncline_model::{Problem, TenantId, Timestamp};

use crate::Runner;

/// Days a log row is kept, unless the operator says otherwise.
pub const LOG_DAYS: u32 = 30;
const SLICE: usize = 1000;
const DAY_SECONDS: i64 = 24 * 60 * 60;

/// What one slice removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    pub removed: usize,
    /// There may be more to remove.
    pub more: bool,
}

impl Swept {
    fn of(removed: usize) -> Self {
        Self {
            removed,
            more: removed == SLICE,
        }
    }
}

impl Runner {
    /// Removes one slice of sessions, codes and tickets whose time is over, of all tenants.
    pub fn sweep_documents(&self, now: Timestamp) -> Result<Swept, Problem> {
        if !self
            .store
            .read(|reader| reader.has_expired_documents(now))?
        {
            return Ok(Swept::default());
        }
        self.store
            .write(|tx| Ok(Swept::of(tx.sweep_documents(now, SLICE)?)))
    }

    /// Removes one slice of what a tenant's deleted jobs have left. Whoever failed in other jobs because one of these had
    /// them is tried again.
    pub fn sweep_deleted_jobs(&self, tenant: TenantId) -> Result<Swept, Problem> {
        let now = self.clock.now();
        let swept = self
            .store
            .write(|tx| tx.sweep_deleted_jobs(tenant, SLICE, now))?;
        Ok(Swept {
            removed: swept.removed,
            more: swept.more,
        })
    }

    /// Wakes one slice of what a tenant's jobs have let go of, where it was too much for the page that did; whether there
    /// may be more. The others are tried again by their next cycles.
    pub fn wake_noted(&self, tenant: TenantId) -> Result<bool, Problem> {
        if !self.store.read(|reader| reader.has_to_wake(tenant))? {
            return Ok(false);
        }
        let now = self.clock.now();
        Ok(self.store.write(|tx| tx.wake_noted(tenant, now))?)
    }

    /// Removes one slice of a tenant's log rows that are older than so many days.
    pub fn sweep_log(&self, tenant: TenantId, now: Timestamp, days: u32) -> Result<Swept, Problem> {
        let before = now.plus_seconds(-i64::from(days) * DAY_SECONDS);
        let has_expired =
            |reader: &syncline_store::Reader<'_>| reader.has_expired_log(tenant, before, now);
        if !self.store.read(has_expired)? {
            return Ok(Swept::default());
        }
        self.store
            .write(|tx| Ok(Swept::of(tx.sweep_log(tenant, before, now, SLICE)?)))
    }
}
