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
    /// Whether a write-ahead log was found that may not be merged into the database file.
    unmerged: AtomicBool,
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
    /// tried now or a moment ago, still is. Writes nothing as long as none was. False, too, while the write-ahead log may not
    /// be merged into the database file, although something can still be written there. `now` is the time since any moment
    /// that stays the same.
    ///
    /// # Errors
    /// When the trial fails for another reason.
    pub fn takes_writes(&self, now: Duration) -> Result<bool, StoreError> {
        if !self.may_be_merged() {
            return Ok(false);
        }
        if !self.refusal.is_remembered() {
            return Ok(true);
        }
        let is_over = || !self.refusal.is_remembered();
        self.refusal
            .trials
            .pass(now, is_over, || self.try_to_write(0))
    }

    /// Whether what is in the write-ahead log may be written to the file. Of no trial: whoever merges tries again.
    fn may_be_merged(&self) -> bool {
        let refused = match self.refuse_unmerged() {
            Err(StoreError::Unwritable(why)) => Some(why),
            _ => None,
        };
        let unmerged = &self.refusal.unmerged;
        let before = unmerged.swap(refused.is_some(), Ordering::Relaxed);
        if let Some(why) = &refused {
            self.metered.writing_refused(why);
        } else if before && !self.refusal.is_remembered() {
            self.metered.writing_taken();
        }
        refused.is_none()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::{MasterKey, Store, StoreError};

    #[test]
    fn a_log_that_may_not_be_merged_is_a_database_without_writes_and_no_sick_store() {
        let folder = tempfile::tempdir().unwrap();
        let key = MasterKey::load_or_create(&folder.path().join("key")).unwrap();
        let store = Store::open(&folder.path().join("test.db"), &key).unwrap();
        let takes = || store.takes_writes(Duration::ZERO).unwrap();
        assert!(takes());
        store.could_not_merge(Some(StoreError::Unwritable("code 778".to_owned())));
        assert!(!takes());
        assert!(store.has_room(Duration::ZERO).unwrap());
        assert!(store.layout().unwrap().is_current());
        store.could_not_merge(None);
        assert!(takes());
    }
}
