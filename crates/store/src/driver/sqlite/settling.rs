//! Getting what was committed with [`Durability::Relaxed`](crate::Durability) onto the disk, when
//! somebody is about to rely on it.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use crate::{Result, StoreError};

/// Counts relaxed commits, and how many of them are known to be on the disk.
#[derive(Debug)]
pub(super) struct Settling {
    /// Counted before the commit: whoever sees what it wrote sees this too.
    begun: AtomicU64,
    ended: AtomicU64,
    settled: Mutex<u64>,
    /// The disk has refused the log. The system tells that once, and whoever opens the log anew hears nothing
    /// of it: so nothing counts as settled any more. Nor is anything more written: it would stand behind what may be
    /// missing, and be lost with it however well the disk has taken it. As it is said.
    refused: Mutex<Option<String>>,
}

impl Default for Settling {
    /// As if there had been one: a process that was killed may have left some behind.
    fn default() -> Self {
        Self {
            begun: AtomicU64::new(1),
            ended: AtomicU64::new(1),
            settled: Mutex::new(0),
            refused: Mutex::new(None),
        }
    }
}

impl Settling {
    /// Around a relaxed commit.
    pub(super) fn commit<T>(&self, commit: impl FnOnce() -> T) -> T {
        self.begun.fetch_add(1, Ordering::SeqCst);
        let done = commit();
        self.ended.fetch_add(1, Ordering::SeqCst);
        done
    }

    pub(super) fn is_settled(&self) -> bool {
        self.refuse_unsure().is_ok() && *self.settled.lock() >= self.begun.load(Ordering::SeqCst)
    }

    /// The disk has refused the log, and why. The first time stays.
    pub(super) fn refuse(&self, why: &str) {
        let said = || {
            format!(
                "the disk has refused what was written ({why}), and nothing is sure to be on it any more; look at the disk, and start again"
            )
        };
        self.refused.lock().get_or_insert_with(said);
    }

    /// What is written would be found by nobody, for this reason. The first time stays.
    pub(super) fn refuse_moved(&self, why: &str) {
        self.refused.lock().get_or_insert_with(|| why.to_owned());
    }

    /// Fails once the disk has refused the log, or the file has lost its name.
    pub(super) fn refuse_unsure(&self) -> Result<()> {
        match &*self.refused.lock() {
            Some(said) => Err(StoreError::Unwritable(said.clone())),
            None => Ok(()),
        }
    }

    /// Waits for the disk, unless nothing was committed since that was done last.
    pub(super) fn settle(&self, log: &Path) -> Result<()> {
        // Not so what was refused: no writer waits for this.
        let mut settled = self.settled.lock();
        self.refuse_unsure()?;
        if *settled >= self.begun.load(Ordering::SeqCst) {
            return Ok(());
        }
        let ended = self.ended.load(Ordering::SeqCst);
        // What is not in the log any more was on the disk before the log began anew.
        match std::fs::OpenOptions::new().write(true).open(log) {
            Ok(log) => {
                if let Err(error) = log.sync_data() {
                    self.refuse(&error.to_string());
                }
                self.refuse_unsure()?;
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            // It may be written again, and waited for.
            Err(error) if error.kind() == ErrorKind::ReadOnlyFilesystem => {
                return Err(StoreError::Unwritable(error.to_string()));
            }
            Err(error) => return Err(error.into()),
        }
        *settled = ended;
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that can not go on should stop")]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_settled_any_more_when_the_disk_has_refused_once() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("test.db-wal");
        std::fs::write(&log, "").unwrap();
        let settling = Settling::default();
        settling.settle(&log).unwrap();
        assert!(settling.is_settled());
        settling.commit(|| ());
        // It can not be waited for.
        let refused = settling.settle(Path::new("/dev/null"));
        assert!(refused.unwrap_err().to_string().contains("start again"));
        assert!(settling.settle(&log).is_err());
        assert!(!settling.is_settled());
    }
}
