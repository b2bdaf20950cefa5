//! Which cycles run in this process now, so that a second caller joins instead of starting another.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::{Condvar, Mutex};
use syncline_model::job::CycleReport;
use syncline_model::{JobId, Problem};

/// `None`: the cycle is another node's, and this process only looked at it or helped.
type Outcome = Result<Option<CycleReport>, Problem>;

/// One cycle in progress; joined by waiting for its outcome.
#[derive(Debug, Default)]
pub(crate) struct InProgress {
    outcome: Mutex<Option<Outcome>>,
    joined: AtomicUsize,
    ended: Condvar,
}

/// All cycles in progress.
#[derive(Debug, Default)]
pub(crate) struct Running {
    cycles: Mutex<HashMap<JobId, Arc<InProgress>>>,
}

/// What asking for a cycle gives.
pub(crate) enum Claim<'r> {
    /// The caller runs it, and ends it through the ticket.
    Mine(Ticket<'r>),
    /// Somebody runs it already.
    Joined(Arc<InProgress>),
}

impl Running {
    pub(crate) fn claim(&self, job: &JobId) -> Claim<'_> {
        let mut cycles = self.cycles.lock();
        if let Some(other) = cycles.get(job) {
            other.joined.fetch_add(1, Ordering::SeqCst);
            return Claim::Joined(Arc::clone(other));
        }
        let mine = Arc::new(InProgress::default());
        cycles.insert(job.clone(), Arc::clone(&mine));
        Claim::Mine(Ticket {
            running: self,
            job: job.clone(),
            cycle: mine,
            outcome: None,
        })
    }

    pub(crate) fn joined(&self, job: &JobId) -> usize {
        let cycles = self.cycles.lock();
        cycles
            .get(job)
            .map_or(0, |cycle| cycle.joined.load(Ordering::SeqCst))
    }

    pub(crate) fn is_running(&self, job: &JobId) -> bool {
        self.cycles.lock().contains_key(job)
    }

    pub(crate) fn count(&self) -> usize {
        self.cycles.lock().len()
    }
}

impl InProgress {
    pub(crate) fn wait(&self) -> Outcome {
        let mut outcome = self.outcome.lock();
        loop {
            if let Some(outcome) = outcome.as_ref() {
                return outcome.clone();
            }
            self.ended.wait(&mut outcome);
        }
    }
}

/// The right to run a job's cycle in this process. Dropped without an outcome (a panic), it tells
/// those who wait that the cycle broke off.
pub(crate) struct Ticket<'r> {
    running: &'r Running,
    job: JobId,
    cycle: Arc<InProgress>,
    outcome: Option<Box<Outcome>>,
}

impl Ticket<'_> {
    pub(crate) fn finish(mut self, outcome: Outcome) {
        self.outcome = Some(Box::new(outcome));
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        // First: who is told that it was another node's asks for the cycle again.
        self.running.cycles.lock().remove(&self.job);
        let outcome = self.outcome.take().map_or_else(
            || {
                Err(Problem::internal(
                    "the cycle broke off; its last page is safe",
                ))
            },
            |outcome| *outcome,
        );
        *self.cycle.outcome.lock() = Some(outcome);
        self.cycle.ended.notify_all();
    }
}
