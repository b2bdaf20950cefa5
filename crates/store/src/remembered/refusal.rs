//! Whether the database may be written, as far as this process has found out: by writing to a disk that the system has made
//! read-only, or that fails, which is read as ever; or by asking a server for a connection that is another one's standby by
//! now, from which nothing is read either.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::trials::Trials;
use crate::figures::Metered;
use crate::{Store, StoreError};

/// What was found out last. Each process learns for itself.
#[derive(Default)]
pub(crate) struct Refusal {
    met: AtomicBool,
    trials: Trials,
}

impl Refusal {
    /// A write was refused, or a connection for want of writes; and why.
    pub(crate) fn is_met(&self, metered: &Metered, why: &str) {
        self.met.store(true, Ordering::Relaxed);
        metered.writing_refused(why);
    }

    /// Something was written.
    pub(crate) fn is_over(&self, metered: &Metered) {
        if self.met.load(Ordering::Relaxed) && self.met.swap(false, Ordering::Relaxed) {
            metered.writing_taken();
        }
    }

    fn is_remembered(&self) -> bool {
        self.met.load(Ordering::Relaxed)
    }
}

impl Store {
    /// False when a write was refused, or a connection for want of writes ([`StoreError::Unwritable`]), and a small write,
    /// tried now or a moment ago, still is. Writes nothing as long as none was. `now` is the time since any moment that stays the same.
    ///
    /// # Errors
    /// When the trial fails for another reason.
    pub fn takes_writes(&self, now: Duration) -> Result<bool, StoreError> {
        if !self.refusal.is_remembered() {
            return Ok(true);
        }
        let is_over = || !self.refusal.is_remembered();
        self.refusal
            .trials
            .pass(now, is_over, || self.try_to_write(0))
    }
}
