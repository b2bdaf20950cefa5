//! Deciding a page while others before it are written: reading and deciding keep one core busy,
//! writing another. Besides the page that is being decided one more waits to be written, so that
//! neither thread stands still when a page takes the other longer than usual; and no more, so that
//! memory stays bounded and little is decided in vain.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Scope;

use syncline_model::Problem;
use syncline_store::Pulse;

use super::Work;
use super::forward::Forward;
use super::page_size::{UNCOMMITTED, WAITING};
use super::prepared::Prepared;
use crate::Runner;
use crate::threads::courtesy;
use crate::threads::discarded::Discarded;
use crate::view::Drafter;

/// Told to the thread that decides.
pub(super) struct Ahead {
    /// How large the next page should be.
    pub(super) page_size: AtomicUsize,
    stop: AtomicBool,
    pub(super) discarded: Discarded,
}

impl Ahead {
    pub(super) fn new(page_size: usize) -> Self {
        Self {
            page_size: AtomicUsize::new(page_size),
            stop: AtomicBool::new(false),
            discarded: Discarded::default(),
        }
    }

    /// Nothing more is wanted.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    pub(super) fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }

    /// Starts a thread that prepares the pages from `from` on, each where the one before ends.
    pub(super) fn start<'s, 'e: 's>(
        &'e self,
        scope: &'s Scope<'s, 'e>,
        runner: &'e Runner,
        work: &'e Work<'e>,
        from: String,
        last: &'e str,
        forward: Forward,
    ) -> Receiver<Result<Prepared, Problem>> {
        let (sender, receiver) = sync_channel(WAITING);
        self.discarded.open();
        let pulse = Pulse::here();
        scope.spawn(move || {
            let _counting = pulse.counts_here();
            courtesy::step_back();
            let drafter = Drafter::start(scope, &runner.store, &self.discarded);
            let work = &Work {
                drafter: drafter.as_ref(),
                ..*work
            };
            self.produce(runner, work, from, last, forward, &sender);
            self.discarded.close();
        });
        receiver
    }

    fn produce(
        &self,
        runner: &Runner,
        work: &Work<'_>,
        mut from: String,
        last: &str,
        mut forward: Forward,
        sender: &SyncSender<Result<Prepared, Problem>>,
    ) {
        while self.goes_on() {
            let size = self.page_size.load(Ordering::Relaxed);
            forward.promised.next_page(UNCOMMITTED);
            let prepare = runner.with_fewer(size, |size| {
                runner.prepare(work, &from, last, size, &mut forward)
            });
            let prepared = runner.patiently_unless(|| !self.goes_on(), prepare);
            let prepared = prepared.map(|(page, _)| page);
            self.discarded.empty();
            let next = match &prepared {
                Ok(page) => page.next.clone(),
                Err(_) => None,
            };
            // Nobody takes it: the walk has ended otherwise.
            if sender.send(prepared).is_err() {
                return;
            }
            match next {
                Some(cursor) => from = cursor.0,
                None => return,
            }
        }
    }
}
