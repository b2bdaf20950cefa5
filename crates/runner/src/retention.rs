//! What is thrown away after its time, in bounded slices.

use syncline_model::{Problem, TenantId};

use crate::Runner;

/// Days a log row is kept.
const LOG_DAYS: i64 = 30;
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
    /// Removes one slice of expired documents and old log rows.
    pub fn sweep(&self) -> Result<Swept, Problem> {
        let now = self.clock.now();
        let tenants: Vec<TenantId> = self.store.read(|reader| {
            Ok::<_, Problem>(reader.tenants()?.into_iter().map(|it| it.id).collect())
        })?;
        self.store.write(|tx| {
            let documents = tx.sweep_documents(now, SLICE)?;
            let mut swept = Swept {
                documents,
                log_rows: 0,
                more: documents == SLICE,
            };
            for tenant in tenants {
                let rows =
                    tx.sweep_log(tenant, now.plus_seconds(-LOG_DAYS * DAY_SECONDS), SLICE)?;
                swept.log_rows += rows;
                swept.more |= rows == SLICE;
            }
            Ok(swept)
        })
    }
}
