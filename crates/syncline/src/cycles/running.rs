//! How many cycles this process runs, which of them wait for the database, and whether they should end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use syncline_model::JobId;
use tokio::sync::watch;

/// The cycles of this process.
#[derive(Clone, Debug)]
pub struct Running {
    count: Arc<watch::Sender<usize>>,
    stopping: Arc<AtomicBool>,
    interrupted: Arc<AtomicBool>,
    /// How often each job waits: what waits may try what waits again.
    waiting: Arc<Mutex<BTreeMap<JobId, usize>>>,
}

impl Default for Running {
    fn default() -> Self {
        Self {
            count: Arc::new(watch::Sender::new(0)),
            stopping: Arc::new(AtomicBool::new(false)),
            interrupted: Arc::new(AtomicBool::new(false)),
            waiting: Arc::default(),
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

    /// A cycle of this job waits for the database.
    pub(super) fn waits(&self, job: &JobId) {
        *self.waiting.lock().entry(job.clone()).or_default() += 1;
    }

    pub(super) fn has_waited(&self, job: &JobId) {
        let mut waiting = self.waiting.lock();
        if let Some(times) = waiting.get_mut(job) {
            *times -= 1;
            if *times == 0 {
                waiting.remove(job);
            }
        }
    }

    /// Whether a cycle of this job waits for the database, or for room there, in this process.
    pub fn is_waiting(&self, job: &JobId) -> bool {
        self.waiting.lock().contains_key(job)
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
