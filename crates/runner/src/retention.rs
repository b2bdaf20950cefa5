//! What is thrown away after its time, in bounded slices.

use syncline_model::{Problem, TenantId};

use crate::Runner;

/// Days a log row is kept.
const LOG_DAYS: i64 = 30;
const SLICE: usize = 1000;
const DAY_SECONDS: i64 = 24 * 60 * 60;

impl Runner {
    /// Removes one slice of expired documents and old log rows; true while there may be more.
    pub fn sweep(&self) -> Result<bool, Problem> {
        let now = self.clock.now();
        let tenants: Vec<TenantId> = self.store.read(|reader| {
            Ok::<_, Problem>(reader.tenants()?.into_iter().map(|it| it.id).collect())
        })?;
        self.store.write(|tx| {
            let mut full = tx.sweep_documents(now, SLICE)? == SLICE;
            for tenant in tenants {
                full |= tx.sweep_log(tenant, now.plus_seconds(-LOG_DAYS * DAY_SECONDS), SLICE)?
                    == SLICE;
            }
            Ok(full)
        })
    }
}
