//! What is thrown away after its time, in bounded slices.

use syncline_model::{Problem, TenantId};

use crate::Runner;

/// Days a log row is kept, unless the operator says otherwise.
pub const LOG_DAYS: u32 = 30;
const SLICE: usize = 1000;
const DAY_SECONDS: i64 = 24 * 60 * 60;

/// What one slice removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Sessions, codes and tickets whose time is over.
    pub documents: usize,
    pub log_rows: usize,
    /// There may be more to remove.
    pub more: bool,
}

impl Runner {
    /// Removes one slice of expired documents and of log rows older than [`LOG_DAYS`].
    pub fn sweep(&self) -> Result<Swept, Problem> {
        self.sweep_older_than(LOG_DAYS)
    }

    /// [`Runner::sweep`] with log rows kept for so many days. Each transaction is short and in one
    /// tenant: nobody waits long for it, and it for nobody else.
    pub fn sweep_older_than(&self, log_days: u32) -> Result<Swept, Problem> {
        let now = self.clock.now();
        let before = now.plus_seconds(-i64::from(log_days) * DAY_SECONDS);
        let tenants: Vec<TenantId> = self.store.read(|reader| {
            Ok::<_, Problem>(reader.tenants()?.into_iter().map(|it| it.id).collect())
        })?;
        let documents = self
            .store
            .write(|tx| Ok::<_, Problem>(tx.sweep_documents(now, SLICE)?))?;
        let mut swept = Swept {
            documents,
            log_rows: 0,
            more: documents == SLICE,
        };
        for tenant in tenants {
            let rows = self
                .store
                .write(|tx| Ok::<_, Problem>(tx.sweep_log(tenant, before, SLICE)?))?;
            swept.log_rows += rows;
            swept.more |= rows == SLICE;
        }
        Ok(swept)
    }
}
