//! Getting what was committed with [`Durability::Relaxed`](crate::Durability) onto the disk, when
//! somebody is about to rely on it.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use crate::Result;

/// Counts relaxed commits, and how many of them are known to be on the disk.
#[derive(Debug)]
pub(super) struct Settling {
    /// Counted before the commit: whoever sees what it wrote sees this too.
    begun: AtomicU64,
    ended: AtomicU64,
    settled: Mutex<u64>,
}

impl Default for Settling {
    /// As if there had been one: a process that was killed may have left some behind.
    fn default() -> Self {
        Self {
            begun: AtomicU64::new(1),
            ended: AtomicU64::new(1),
            settled: Mutex::new(0),
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
        *self.settled.lock() >= self.begun.load(Ordering::SeqCst)
    }

    /// Waits for the disk, unless nothing was committed since that was done last.
    pub(super) fn settle(&self, database: &Path) -> Result<()> {
        let mut settled = self.settled.lock();
        if *settled >= self.begun.load(Ordering::SeqCst) {
            return Ok(());
        }
        let ended = self.ended.load(Ordering::SeqCst);
        let mut log = database.as_os_str().to_owned();
        log.push("-wal");
        // What is not in the log any more was on the disk before the log began anew.
        match std::fs::OpenOptions::new().write(true).open(&log) {
            Ok(log) => log.sync_data()?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
        *settled = ended;
        Ok(())
    }
}
