//! What goes on on a connection. One on which nothing does is closed, also when its client answers
//! PINGs: it would hold its place for ever.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};

/// Requests and pieces of answers, as they come and go.
#[derive(Clone, Debug)]
pub struct Activity(watch::Sender<State>);

#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// Requests whose head was read.
    requests: u64,
    /// Those of them that have no answer yet. They may take as long as they want.
    working: usize,
    /// Pieces of answers that the connection took over. A client that reads nothing does not let
    /// it take any.
    sent: u64,
}

impl Activity {
    pub fn new() -> Self {
        Self(watch::Sender::new(State::default()))
    }

    /// A request, until what is returned is dropped.
    pub fn work(&self) -> Work {
        self.0.send_modify(|state| {
            state.requests += 1;
            state.working += 1;
        });
        Work(self.clone())
    }

    /// A piece of an answer, or the end of one.
    pub fn sent(&self) {
        self.0.send_modify(|state| state.sent += 1);
    }

    /// Returns when there was no request until `first`, or nothing at all for `idle`.
    pub async fn ceases(&self, first: Instant, idle: Duration) {
        let mut seen = self.0.subscribe();
        loop {
            let state = *seen.borrow_and_update();
            // The sender is held by `self`: it only ever changes or is too late.
            let changed = seen.changed();
            let over = if state.working > 0 {
                changed.await.is_err()
            } else if state.requests == 0 {
                timeout_at(first, changed).await.is_err()
            } else {
                timeout(idle, changed).await.is_err()
            };
            if over {
                return;
            }
        }
    }
}

/// A request that has no answer yet.
#[derive(Debug)]
pub struct Work(Activity);

impl Drop for Work {
    fn drop(&mut self) {
        self.0.0.send_modify(|state| state.working -= 1);
    }
}
