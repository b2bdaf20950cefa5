//! A thread that works out what another one decides, as long as pages are decided ahead. One for each page
//! would have to take over what memory the one before it has left, which took it a fifth of its time.
//!
//! Whoever has decided all of a page works out with it what is left: it could only wait for it, and on a
//! machine of two cores the system lets the drafter wait for the one that writes while the other core
//! stands still.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, Scope};

use parking_lot::{Condvar, Mutex, MutexGuard};
use syncline_model::Problem;
use syncline_store::{Reader, Store};

use super::Decided;
use super::ahead::work_out;
use crate::configuration::Configuration;
use crate::threads::courtesy;
use crate::threads::discarded::Discarded;

/// Ends when nobody has it any more.
pub(crate) struct Drafter<'w> {
    pages: SyncSender<Told>,
    /// What the walk has done with: whoever decides frees some between two few.
    discarded: &'w Discarded,
}

/// A drafter, and what it works out for.
#[derive(Clone, Copy)]
pub(crate) struct DrafterFor<'d> {
    drafter: &'d Drafter<'d>,
    configuration: &'d Arc<Configuration>,
}

/// A page that one thread decides and two work out.
struct Page {
    configuration: Arc<Configuration>,
    work: Mutex<Work>,
    changed: Condvar,
}

#[derive(Default)]
struct Work {
    /// A few decided ones each, by their place in the page.
    waiting: VecDeque<(usize, Vec<Decided>)>,
    worked_out: Vec<(usize, Vec<Decided>)>,
    /// No more are decided.
    all_decided: bool,
    /// The drafter has a state of the database to work on, and has taken the first.
    begun: bool,
    /// The drafter works some out.
    in_hand: bool,
    /// Why the drafter could not go on.
    problem: Option<Problem>,
}

impl<'w> Drafter<'w> {
    /// `None` on a shared database, where each that reads takes a connection, and where the system has
    /// no thread left.
    pub(crate) fn start<'s>(
        scope: &'s Scope<'s, '_>,
        store: &'s Store,
        discarded: &'w Discarded,
    ) -> Option<Self> {
        if store.is_shared() {
            return None;
        }
        let (pages, told) = sync_channel(1);
        let serve = move || serve(store, &told);
        let thread = Builder::new().name("drafter".to_owned());
        thread.spawn_scoped(scope, serve).ok()?;
        Some(Self { pages, discarded })
    }

    pub(crate) fn of<'d>(&'d self, configuration: &'d Arc<Configuration>) -> DrafterFor<'d> {
        DrafterFor {
            drafter: self,
            configuration,
        }
    }
}

impl DrafterFor<'_> {
    /// A page, of which `few_decided` gives the next few until there are none.
    pub(super) fn work_out(
        self,
        reader: &Reader<'_>,
        mut few_decided: impl FnMut() -> Result<Option<Vec<Decided>>, Problem>,
    ) -> Result<Vec<Decided>, Problem> {
        let page = Arc::new(Page {
            configuration: Arc::clone(self.configuration),
            work: Mutex::default(),
            changed: Condvar::new(),
        });
        let told = self.drafter.pages.send(Told(Arc::clone(&page)));
        told.map_err(|_| ended())?;
        // However deciding ends, by a panic too, the drafter waits for no more.
        let all_decided = AllDecided(&page);
        let decided = page.decide(|| {
            self.drafter.discarded.free_some();
            few_decided()
        });
        drop(all_decided);
        decided?;
        page.help(reader)?;
        page.collect()
    }
}

impl Page {
    fn tell(&self, what: impl FnOnce(&mut Work)) {
        what(&mut self.work.lock());
        self.changed.notify_all();
    }

    /// Until nothing more is worth deciding: the drafter says why.
    fn decide(
        &self,
        mut few_decided: impl FnMut() -> Result<Option<Vec<Decided>>, Problem>,
    ) -> Result<(), Problem> {
        let mut place = 0;
        while let Some(few) = few_decided()? {
            let mut work = self.work.lock();
            if work.problem.is_some() {
                break;
            }
            work.waiting.push_back((place, few));
            drop(work);
            self.changed.notify_all();
            place += 1;
        }
        Ok(())
    }

    /// Works out what is left, once the drafter has begun with it.
    fn help(&self, reader: &Reader<'_>) -> Result<(), Problem> {
        loop {
            let mut work = self.wait_while(|work| !work.begun && work.problem.is_none());
            if work.problem.is_some() {
                return Ok(());
            }
            let Some((place, mut few)) = work.waiting.pop_front() else {
                return Ok(());
            };
            drop(work);
            work_out(reader, &self.configuration, &mut few)?;
            self.tell(|work| work.worked_out.push((place, few)));
        }
    }

    fn collect(&self) -> Result<Vec<Decided>, Problem> {
        let mut work = self.wait_while(|work| work.in_hand);
        if let Some(problem) = work.problem.take() {
            return Err(problem);
        }
        let mut worked_out = std::mem::take(&mut work.worked_out);
        worked_out.sort_by_key(|(place, _)| *place);
        Ok(worked_out.into_iter().flat_map(|(_, few)| few).collect())
    }

    /// Takes the next few; `None` when there are no more.
    fn take(&self) -> Option<(usize, Vec<Decided>)> {
        let mut work = self.wait_while(|work| work.waiting.is_empty() && !work.all_decided);
        let next = work.waiting.pop_front();
        work.begun = true;
        work.in_hand = next.is_some();
        drop(work);
        self.changed.notify_all();
        next
    }

    fn fails(&self, problem: Problem) {
        self.tell(|work| {
            work.in_hand = false;
            work.problem.get_or_insert(problem);
        });
    }

    fn wait_while(&self, not_yet: impl Fn(&Work) -> bool) -> MutexGuard<'_, Work> {
        let mut work = self.work.lock();
        while not_yet(&work) {
            self.changed.wait(&mut work);
        }
        work
    }
}

fn serve(store: &Store, pages: &Receiver<Told>) {
    // Behind the thread that decides, whose priority it has taken on: that one is waited for, and works out
    // what this one has not come to.
    courtesy::step_back();
    while let Ok(told) = pages.recv() {
        let page = &told.0;
        let all = store.read(|reader| {
            while let Some((place, mut few)) = page.take() {
                work_out(reader, &page.configuration, &mut few)?;
                page.tell(|work| {
                    work.worked_out.push((place, few));
                    work.in_hand = false;
                });
            }
            Ok(())
        });
        if let Err(problem) = all {
            page.fails(problem);
        }
    }
}

/// A page that the drafter is told of. Should it end before it has worked on it, by a panic for example,
/// whoever decides must not wait for it. A panic itself is told where the threads are joined.
struct Told(Arc<Page>);

impl Drop for Told {
    fn drop(&mut self) {
        self.0.tell(|work| {
            if work.in_hand || !work.begun {
                work.in_hand = false;
                work.problem.get_or_insert_with(ended);
            }
        });
    }
}

/// Says so when it is dropped.
struct AllDecided<'p>(&'p Page);

impl Drop for AllDecided<'_> {
    fn drop(&mut self) {
        self.0.tell(|work| work.all_decided = true);
    }
}

fn ended() -> Problem {
    Problem::internal("the thread that works out what is decided has ended")
}
