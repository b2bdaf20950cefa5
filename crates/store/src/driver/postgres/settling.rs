//! Commits that take others to the disk: one at a time for each node, and whoever comes meanwhile shares the next.
//!
//! A commit that is made with care takes all to the disk that were made before it. So whoever wants that waits for
//! one that begins after they came, whoever else it serves: for two of them at most, and for nothing that
//! anybody writes in a tenant.

use parking_lot::{Condvar, Mutex};

use super::PATIENCE;
use super::patience::Patience;
use crate::{Result, StoreError};

#[derive(Debug, Default)]
pub(super) struct Settling {
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The number of the newest that was begun.
    begun: u64,
    /// The number of the newest that has succeeded.
    done: u64,
    at_work: bool,
    waiting: usize,
}

impl Settling {
    /// Returns when `work` has succeeded, here or for somebody else, that began after this was asked for. Where it fails
    /// for somebody else, those who waited try it themselves, one after the other.
    pub(super) fn settle(&self, work: impl FnOnce() -> Result<()>) -> Result<()> {
        let mut state = self.state.lock();
        let wanted = state.begun + 1;
        let patience = Patience::new(PATIENCE);
        let waits = |state: &mut State| state.at_work && state.done < wanted;
        state.waiting += 1;
        let has_come = patience.wait_while(&self.ended, &mut state, waits);
        state.waiting -= 1;
        if !has_come {
            return Err(StoreError::Busy(
                "what was written is not on its disk yet".to_owned(),
            ));
        }
        if state.done >= wanted {
            return Ok(());
        }
        state.at_work = true;
        state.begun += 1;
        let at_work = AtWork {
            settling: self,
            number: state.begun,
        };
        drop(state);
        work()?;
        at_work.succeeded();
        Ok(())
    }
}

impl Settling {
    /// How many wait for one.
    pub(super) fn waiting(&self) -> usize {
        self.state.lock().waiting
    }
}

/// Lets the next one begin when it is dropped, however the work ended.
struct AtWork<'s> {
    settling: &'s Settling,
    number: u64,
}

impl AtWork<'_> {
    fn succeeded(&self) {
        self.settling.state.lock().done = self.number;
    }
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.settling.state.lock().at_work = false;
        self.settling.ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, mpsc};
    use std::thread;

    use super::*;

    /// Whoever is at work when they come may have begun before what they want on the disk was committed.
    #[test]
    fn those_who_come_meanwhile_share_one_that_begins_after_they_came() {
        let settling = Arc::<Settling>::default();
        let count = Arc::<AtomicUsize>::default();
        let (begun, has_begun) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel::<()>();
        let first = {
            let settling = Arc::clone(&settling);
            thread::spawn(move || {
                settling.settle(|| {
                    begun.send(()).unwrap();
                    may_go_on.recv().unwrap();
                    Ok(())
                })
            })
        };
        has_begun.recv().unwrap();
        let others: Vec<_> = (0..8)
            .map(|_| {
                let (settling, count) = (Arc::clone(&settling), Arc::clone(&count));
                thread::spawn(move || {
                    settling.settle(|| {
                        count.fetch_add(1, Ordering::SeqCst);
                        Ok(())
                    })
                })
            })
            .collect();
        syncline_testkit::until("all others wait", || settling.waiting() == others.len());
        assert_eq!(count.load(Ordering::SeqCst), 0);
        go_on.send(()).unwrap();
        first.join().unwrap().unwrap();
        for other in others {
            other.join().unwrap().unwrap();
        }
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn what_fails_for_one_is_tried_by_the_next() {
        let settling = Settling::default();
        let failed = settling.settle(|| Err(StoreError::GivenUp));
        assert!(matches!(failed, Err(StoreError::GivenUp)));
        let mut tried = false;
        settling
            .settle(|| {
                tried = true;
                Ok(())
            })
            .unwrap();
        assert!(tried);
    }
}
