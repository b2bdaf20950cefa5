//! What is thrown away after its time, in bounded slices.

use syncline_model::{Problem, TenantId};

use crate::Runner;

/// Days a log row is kept, unless the operator says otherwise.
pub const LOG_DAYS: u32 = 30;
const SLICE: usize = 1000;
const DAY_SECONDS: i64 = 24 * 60 * 60;

impl Runner {
    /// Removes one slice of expired documents and of log rows older than [`LOG_DAYS`]; true while
    /// there may be more.
    pub fn sweep(&self) -> Result<bool, Problem> {
        self.sweep_older_than(LOG_DAYS)
    }

    /// [`Runner::sweep`] with log rows kept for so many days. Each transaction is short and in one
    /// tenant: nobody waits long for it, and it for nobody else.
    pub fn sweep_older_than(&self, log_days: u32) -> Result<bool, Problem> {
        let now = self.clock.now();
        let before = now.plus_seconds(-i64::from(log_days) * DAY_SECONDS);
        let tenants: Vec<TenantId> = self.store.read(|reader| {
            Ok::<_, Problem>(reader.tenants()?.into_iter().map(|it| it.id).collect())
        })?;
        let mut full = self
            .store
            .write(|tx| Ok::<_, Problem>(tx.sweep_documents(now, SLICE)? == SLICE))?;
        for tenant in tenants {
            full |= self
                .store
                .write(|tx| Ok::<_, Problem>(tx.sweep_log(tenant, before, SLICE)? == SLICE))?;
        }
        Ok(full)
    }
}
