//! What goes on on a connection. One on which nothing does is closed, also when its client answers
//! PINGs: it would hold its place for ever. So is one on which an answer stands still: it would hold
//! that answer's memory, whatever else its client asks for meanwhile.

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

/// Requests and pieces of answers, as they come and go.
#[derive(Clone, Debug)]
pub struct Activity(watch::Sender<State>);

#[derive(Debug, Default)]
struct State {
    /// Requests whose head was read.
    requests: u64,
    /// Those of them that have no answer yet. They may take as long as they want.
    working: usize,
    /// Answers so far.
    answers: u64,
    /// When the last piece of each answer left that has not left whole; its beginning counts, too.
    leaving: HashMap<u64, Instant>,
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

    /// An answer that is ready, until what is returned is dropped.
    pub fn answer(&self) -> Answer {
        let mut number = 0;
        self.0.send_modify(|state| {
            number = state.answers;
            state.answers += 1;
            state.leaving.insert(number, Instant::now());
        });
        Answer {
            activity: self.clone(),
            number,
        }
    }

    /// Returns when there was no request until `first`, or nothing at all for `idle`.
    pub async fn ceases(&self, first: Instant, idle: Duration) {
        let mut seen = self.0.subscribe();
        loop {
            let (working, requests) = {
                let state = seen.borrow_and_update();
                (state.working, state.requests)
            };
            // The sender is held by `self`: it only ever changes or is too late.
            let changed = seen.changed();
            let over = if working > 0 {
                changed.await.is_err()
            } else if requests == 0 {
                timeout_at(first, changed).await.is_err()
            } else {
                timeout(idle, changed).await.is_err()
            };
            if over {
                return;
            }
        }
    }

    /// Returns when no request is worked on: those who asked have their answers, as far as they are ready.
    pub async fn rests(&self) {
        // The sender is held by `self`.
        let _ = self
            .0
            .subscribe()
            .wait_for(|state| state.working == 0)
            .await;
    }

    /// Returns when no piece of some answer has left for `idle`.
    pub async fn stalls(&self, idle: Duration) {
        let mut seen = self.0.subscribe();
        loop {
            let slowest = seen.borrow_and_update().leaving.values().min().copied();
            match slowest.map(|last| last + idle) {
                None if seen.changed().await.is_err() => return,
                None => {}
                Some(until) if until <= Instant::now() => return,
                // Whatever happens meanwhile, none is too late any sooner.
                Some(until) => sleep_until(until).await,
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

/// An answer that has not left whole.
#[derive(Debug)]
pub struct Answer {
    activity: Activity,
    number: u64,
}

impl Answer {
    /// A piece of it left.
    pub fn sent(&self) {
        self.activity.0.send_modify(|state| {
            state.leaving.insert(self.number, Instant::now());
        });
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.activity.0.send_modify(|state| {
            state.leaving.remove(&self.number);
        });
    }
}
