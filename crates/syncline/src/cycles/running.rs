//! How many cycles this process runs, and whether they should end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

/// The cycles of this process.
#[derive(Clone, Debug)]
pub struct Running {
    count: Arc<watch::Sender<usize>>,
    stopping: Arc<AtomicBool>,
    interrupted: Arc<AtomicBool>,
}

impl Default for Running {
    fn default() -> Self {
        Self {
            count: Arc::new(watch::Sender::new(0)),
            stopping: Arc::new(AtomicBool::new(false)),
            interrupted: Arc::new(AtomicBool::new(false)),
        }
    }
}

impl Running {
    /// Every cycle ends before its next page and keeps its checkpoint; no other begins.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    /// The same, because whoever waits for the cycle pressed Ctrl-C.
    pub fn interrupt(&self) {
        self.interrupted.store(true, Ordering::SeqCst);
        self.stop();
    }

    pub fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
    }

    pub fn stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// One more runs.
    pub(super) fn begins(&self) {
        self.count.send_modify(|count| *count += 1);
    }

    pub(super) fn ends(&self) {
        self.count.send_modify(|count| *count -= 1);
    }

    /// Returns when none runs.
    pub async fn ended(&self) {
        // The sender is held by `self`.
        let _ = self.count.subscribe().wait_for(|count| *count == 0).await;
    }

    /// How many run.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        *self.count.borrow()
    }
}
