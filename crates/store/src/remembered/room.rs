//! Whether the disk of the database has room, as far as this process has found out by writing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use super::trials::Trials;
use crate::figures::Metered;
use crate::{Durability, Store, StoreError};

/// What was found out last. Each process learns for itself.
#[derive(Default)]
pub(crate) struct Room {
    missing: Mutex<Missing>,
    trials: Trials,
    /// Whether a write-ahead log was found that has no room in the database file.
    unmerged: AtomicBool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Missing {
    #[default]
    Nothing,
    /// For what is written at a caller's request.
    Some,
    /// For a page of a cycle, which is much more: that something small was written says nothing.
    Much,
}

impl Room {
    pub(crate) fn is_missing(&self, metered: &Metered, durability: Durability) {
        let missing = match durability {
            Durability::Full => Missing::Some,
            Durability::Relaxed => Missing::Much,
        };
        {
            let mut known = self.missing.lock();
            if *known != Missing::Much {
                *known = missing;
            }
        }
        metered.room(false);
    }

    /// Something was written like this.
    pub(crate) fn was_there(&self, metered: &Metered, durability: Durability) {
        let known = *self.missing.lock();
        if known == Missing::Some || durability == Durability::Relaxed {
            self.is_there(metered);
        }
    }

    fn is_missed(&self) -> bool {
        *self.missing.lock() != Missing::Nothing
    }

    fn is_there(&self, metered: &Metered) {
        let known = std::mem::take(&mut *self.missing.lock());
        if known != Missing::Nothing {
            metered.room(true);
        }
    }
}

/// Bytes of a trial: as much as a page of some hundred objects writes.
const FILLING: usize = 1024 * 1024;

impl Store {
    /// False when a write met a full disk and one of a megabyte, tried now or a moment ago, still does.
    /// Writes nothing as long as no write has met one. False, too, while there is no room to merge the
    /// write-ahead log into the database file. `now` is the time since any moment that stays the same.
    ///
    /// # Errors
    /// When the trial fails for another reason.
    pub fn has_room(&self, now: Duration) -> Result<bool, StoreError> {
        if !self.can_be_merged() {
            return Ok(false);
        }
        if !self.room.is_missed() {
            return Ok(true);
        }
        let is_over = || !self.room.is_missed();
        self.room.trials.pass(now, is_over, || {
            self.try_to_write(FILLING)?;
            self.room.is_there(&self.metered);
            Ok(())
        })
    }

    /// Whether there is room for what is in the write-ahead log. Of no trial: whoever merges tries again.
    fn can_be_merged(&self) -> bool {
        let unmerged = self.refuse_unmerged().is_err_and(|error| error.is_full());
        let before = self.room.unmerged.swap(unmerged, Ordering::Relaxed);
        if unmerged {
            self.metered.room(false);
        } else if before && !self.room.is_missed() {
            self.metered.room(true);
        }
        !unmerged
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::{MasterKey, Store, StoreError};

    #[test]
    fn a_log_that_has_no_room_in_the_database_is_a_full_disk_and_no_sick_store() {
        let folder = tempfile::tempdir().unwrap();
        let key = MasterKey::load_or_create(&folder.path().join("key")).unwrap();
        let store = Store::open(&folder.path().join("test.db"), &key).unwrap();
        let has_room = || store.has_room(Duration::ZERO).unwrap();
        assert!(has_room());
        store.could_not_merge(Some(StoreError::Full("no space".to_owned())));
        assert!(!has_room());
        assert!(store.layout().unwrap().is_current());
        store.could_not_merge(None);
        assert!(has_room());

        // What else keeps it from being merged is the store's.
        let other = std::io::Error::other("input/output error");
        store.could_not_merge(Some(StoreError::File(other)));
        assert!(has_room());
        assert!(store.layout().is_err());
    }
}
