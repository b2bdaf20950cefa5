//! Waiting for the database, for another node or for the end of something. The only place of this crate that lets time pass.

use std::convert::Infallible;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use syncline_model::Problem;
use syncline_store::StoreError;

use crate::Runner;
use crate::observer::Observer;

/// How often is looked whether another node is done.
pub(crate) const LOOK_EVERY_MS: u64 = 200;

/// A database that restarts or fails over is back within this time, or an operator is needed.
pub(crate) const PATIENCE_MS: u64 = 120_000;
const FIRST_PAUSE_MS: u64 = 50;
const LONGEST_PAUSE_MS: u64 = 2_000;

/// Waits for what another thread sends; `None` when nothing comes any more, or the wait is to end.
pub(crate) fn receive<T>(from: &Receiver<T>, must_stop: impl Fn() -> bool) -> Option<T> {
    loop {
        match from.recv_timeout(Duration::from_millis(LOOK_EVERY_MS)) {
            Err(RecvTimeoutError::Timeout) if !must_stop() => {}
            received => return received.ok(),
        }
    }
}

/// Waits until whoever holds the other end is gone; false when that one is still there after so long.
pub(crate) fn ends_within(held: &Receiver<Infallible>, milliseconds: u64) -> bool {
    let rested = held.recv_timeout(Duration::from_millis(milliseconds));
    matches!(rested, Err(RecvTimeoutError::Disconnected))
}

/// So long whoever must stop still waits: a lost connection or a passing conflict is over by then, and
/// what was nearly done is done.
const LAST_PATIENCE_MS: u64 = 1_000;

/// Lets the caller's thread rest.
pub(crate) fn pause(milliseconds: u64) {
    let never = Mutex::new(());
    Condvar::new().wait_for(&mut never.lock(), Duration::from_millis(milliseconds));
}

/// Says that it is waited until it is dropped.
struct Waiting<'o>(&'o dyn Observer);

impl<'o> Waiting<'o> {
    fn tell(observer: &'o dyn Observer) -> Self {
        observer.waits();
        Self(observer)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.has_waited();
    }
}

impl Runner {
    /// Does something again while the database can not do it for the moment ([`Runner::is_away`]).
    /// What is done must be harmless to do twice: whether a commit whose answer was lost took place
    /// is found out by looking. Whoever must stop waits a second more at most, and what was to be done
    /// fails for the reason that it was waited for.
    pub(crate) fn patiently<T>(
        &self,
        observer: &dyn Observer,
        work: impl FnMut() -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        self.patiently_telling(|| observer.must_stop(), || Waiting::tell(observer), work)
    }

    /// The same on a thread that has no observer.
    pub(crate) fn patiently_unless<T>(
        &self,
        must_stop: impl Fn() -> bool,
        work: impl FnMut() -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        self.patiently_telling(must_stop, || (), work)
    }

    /// `tell`: that it is waited, as long as what it returns is there.
    fn patiently_telling<T, W>(
        &self,
        must_stop: impl Fn() -> bool,
        tell: impl Fn() -> W,
        mut work: impl FnMut() -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let (mut waited, mut rest) = (0, FIRST_PAUSE_MS);
        let mut patience = self.patience_ms;
        let mut waits = None;
        loop {
            match work() {
                Err(problem) if self.is_away(&problem) => {
                    if must_stop() {
                        patience = patience.min(waited + LAST_PATIENCE_MS);
                        rest = rest.min(LOOK_EVERY_MS);
                    }
                    if waited >= patience {
                        return Err(problem);
                    }
                    waits.get_or_insert_with(&tell);
                    pause(rest);
                    waited += rest;
                    rest = (rest * 2).min(LONGEST_PAUSE_MS);
                }
                done => return done,
            }
        }
    }

    /// A page of so many for [`Runner::patiently`], which is tried again with half as many each time. The server ends a
    /// transaction that stands still for long, which looks as if it were away: a page that takes too long to
    /// be decided would be tried in vain again and again. Also says how many it was at last.
    pub(crate) fn with_fewer<T>(
        &self,
        size: usize,
        mut work: impl FnMut(usize) -> Result<T, Problem>,
    ) -> impl FnMut() -> Result<(T, usize), Problem> {
        let mut next = size;
        move || {
            let now = next;
            next = self.page_sizes.fewer(now);
            Ok((work(now)?, now))
        }
    }

    /// Whether the database is busy or gone for the moment, or its disk is full or takes no writes: nothing is
    /// wrong with what was to be done there.
    pub fn is_away(&self, problem: &Problem) -> bool {
        // A file whose disk did not confirm something is to be opened anew.
        let is_gone = problem.code == StoreError::UNANSWERED && self.store.is_shared();
        is_gone || problem.code == StoreError::BUSY || StoreError::was_obstacle(problem)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::receive;

    #[test]
    fn whoever_must_stop_is_given_what_is_there_and_waits_for_nothing_else() {
        let (to, from) = sync_channel(1);
        to.send(1).unwrap();
        assert_eq!(receive(&from, || true), Some(1));
        assert_eq!(receive(&from, || true), None);
    }

    #[test]
    fn nothing_is_waited_for_when_nobody_sends_any_more() {
        let (to, from) = sync_channel(1);
        to.send(1).unwrap();
        drop(to);
        assert_eq!(receive(&from, || false), Some(1));
        assert_eq!(receive(&from, || false), None);
    }
}
