//! The walk through the source, or through one part of it: pages prepared outside, carried out
//! inside their transactions.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use parking_lot::Mutex;
use syncline_model::job::{CycleKind, CyclePhase, RunningCycle};
use syncline_model::{EntityKind, IdSet, Job, ObjectId, Problem, Timestamp};
use syncline_store::StoreError;

use super::ahead::Ahead;
use super::first_met::first_of;
use super::forward::Forward;
use super::held_and_gone::HeldAndGone;
use super::page::Paged;
use super::page_size::PAGE_BUDGET_MS;
use super::phases::{Next, onwards};
use super::prepared::{Prepared, still_holds};
use super::queue::Queue;
use super::short::short_of;
use super::{PageEnd, Work, tell};
use super::{brought, few};
use crate::Runner;
use crate::observer::Observer;
use crate::page::Page;
use crate::settle::{self, Event, Ledger, Removals};
use crate::signal::{Signal, given_up};
use crate::unavailable::unavailable;

impl Runner {
    /// Walks from the checkpoint to the end of the source (of the part: to `last`), or until
    /// something ends it. Also says how large the next page should be.
    pub(super) fn walk(
        &self,
        work: &Work<'_>,
        last: &str,
        page_size: usize,
        observer: &dyn Observer,
    ) -> Result<(PageEnd, usize), Problem> {
        let Some((from, may_be_few)) = self.patiently(observer, || self.checkpoint(work))? else {
            return Ok((PageEnd::More, page_size));
        };
        if may_be_few && let Some(written) = self.few(work, page_size, observer)? {
            return Ok(written);
        }
        let ahead = Ahead::new(page_size);
        let held = Mutex::new(self.held_ahead(work));
        let work = &Work {
            held: Some(&held),
            discarded: Some(&ahead.discarded),
            ..*work
        };
        let mut forward = Forward::default();
        let began = self.clock.now();
        let prepare = self.with_fewer(page_size, |size| {
            self.prepare(work, &from, last, size, &mut forward)
        });
        let (first, page_size) = self.patiently(observer, prepare)?;
        ahead.page_size.store(page_size, Ordering::Relaxed);
        let size = || ahead.page_size.load(Ordering::Relaxed);
        let next = first.next.clone().filter(|_| self.ahead);
        let Some(cursor) = next else {
            let end = self.write_first(work, &mut Queue::only(first), began, &ahead, observer)?;
            return Ok((end, size()));
        };
        std::thread::scope(|scope| {
            let pages = ahead.start(scope, self, work, cursor.0, last, forward);
            let queue = Queue::beginning_with(first, &pages);
            let end = self.write_all(work, queue, &ahead, observer);
            ahead.stop();
            Ok((end?, size()))
        })
    }

    /// Writes page after page, until none comes any more or something ends the walk.
    fn write_all(
        &self,
        work: &Work<'_>,
        mut queue: Queue<'_>,
        ahead: &Ahead,
        observer: &dyn Observer,
    ) -> Result<PageEnd, Problem> {
        let stops = || observer.must_stop();
        while let Some(first) = queue.first(stops)? {
            // What is written together is written with less work, and so leaves more of the cores to
            // deciding, which this would wait for anyway. Nobody waits for this meanwhile.
            if first.limit >= self.page_sizes.largest {
                queue.gather(self.page_sizes.in_one, stops);
            }
            let began = self.clock.now();
            let end = self.write_first(work, &mut queue, began, ahead, observer)?;
            if !matches!(end, PageEnd::More) {
                return Ok(end);
            }
        }
        Ok(if stops() {
            PageEnd::Interrupted
        } else {
            PageEnd::More
        })
    }

    /// Where the walk goes on, and whether that is the begin of one that may be through few changes; `None` when it is
    /// over.
    fn checkpoint(&self, work: &Work<'_>) -> Result<Option<(String, bool)>, Problem> {
        self.store.read(|reader| {
            let job = work.job_row(reader)?;
            let rests = self.slow.rests(&job, self.clock.now());
            let cycle = job.running.ok_or_else(super::page::restarted)?;
            if !matches!(cycle.phase, CyclePhase::Source | CyclePhase::Reevaluation) {
                return Ok(None);
            }
            match work.part {
                None => {
                    let may_be_few = few::may_be(&cycle) && !rests;
                    Ok(Some((cycle.cursor, may_be_few)))
                }
                Some(part) => {
                    let part = reader.part(work.tenant, work.job, part)?;
                    Ok(part.filter(|it| !it.done).map(|it| (it.cursor, false)))
                }
            }
        })
    }

    /// Writes the first page of the queue, and with it those that join it.
    fn write_first(
        &self,
        work: &Work<'_>,
        queue: &mut Queue<'_>,
        began: Timestamp,
        ahead: &Ahead,
        observer: &dyn Observer,
    ) -> Result<PageEnd, Problem> {
        if observer.must_stop() {
            return Ok(PageEnd::Interrupted);
        }
        observer.page_begins();
        let mut tries = 0;
        let ((end, done), count) = self.patiently(observer, || {
            tries += 1;
            let is_smallest = tries > 1 && !self.may_be_fewer(queue);
            let written = self.slowly(work, is_smallest, |work| self.source_pages(work, queue));
            match &written {
                // The first try may have met anything; the second decides inside, and what takes too long there
                // looks as if the database were away. Fewer are read anew.
                Err(problem) if tries > 1 && self.is_too_long(problem, queue) => {
                    Ok(((PageEnd::Outdated, None), 1))
                }
                _ => written,
            }
        })?;
        if tries > 1 && matches!(end, PageEnd::Outdated) {
            let size = queue.ready(0).map_or(1, |page| page.limit);
            let fewer = self.page_sizes.fewer(size);
            ahead.page_size.store(fewer, Ordering::Relaxed);
            return Ok(end);
        }
        let mut limit = self.page_sizes.smallest;
        for page in queue.take(count) {
            limit = page.limit;
            ahead.discarded.put(page.subjects);
        }
        tell(observer, done);
        let took_ms = self.clock.now().milliseconds_since(began) / count as u64;
        ahead
            .page_size
            .store(self.page_sizes.next(limit, took_ms), Ordering::Relaxed);
        Ok(end)
    }

    /// Whether a page could be shorter, where that may be what is wrong.
    fn is_too_long(&self, problem: &Problem, queue: &mut Queue<'_>) -> bool {
        self.is_away(problem) && !StoreError::was_obstacle(problem) && self.may_be_fewer(queue)
    }

    fn may_be_fewer(&self, queue: &mut Queue<'_>) -> bool {
        let may_be_fewer = |size| self.page_sizes.fewer(size) < size;
        queue.ready(0).is_some_and(|page| may_be_fewer(page.limit))
    }

    /// The transaction of prepared pages, and how many it took. Decisions are used up by the first try;
    /// another one, after a busy database or when they can not be carried out as a whole, decides
    /// inside, each page for itself. When that can not create all who were brought forward, a third does
    /// without them.
    fn source_pages(
        &self,
        work: &Work<'_>,
        queue: &mut Queue<'_>,
    ) -> Result<(Paged, usize), Problem> {
        loop {
            match self.try_source_pages(work, queue) {
                Err(problem) if Signal::PageGivenUp.is(&problem) => {}
                tried => return tried,
            }
        }
    }

    fn try_source_pages(
        &self,
        work: &Work<'_>,
        queue: &mut Queue<'_>,
    ) -> Result<(Paged, usize), Problem> {
        let Some(first) = queue.ready(0) else {
            return Ok(((PageEnd::Outdated, None), 1));
        };
        let at_most = if first.decided.is_some() {
            self.page_sizes.in_one
        } else {
            1
        };
        let configuration = Arc::clone(&first.configuration);
        let mut count = 0;
        let mut begun = None;
        let paged = self.in_page(work, &configuration, |page, job, cycle, ledger| {
            // Not the page's own time, which never lies before the cycle: the clock may have been set back.
            let begun = *begun.get_or_insert_with(|| self.clock.now());
            let prepared = queue.ready(count).ok_or_else(given_up)?;
            // Whoever joins was found to fit.
            if count == 0 && !fits(page, work, cycle, prepared)? {
                return Ok((Vec::new(), Next::Outdated));
            }
            if cycle.kind == CycleKind::Initial
                && cycle.imported == 0
                && !job.lets_removals_through_in(cycle)
                && let Some((code, message)) = short(work, page, job)?
            {
                return Ok((Vec::new(), Next::Refused(code, message)));
            }
            let met = first_of(page, cycle, prepared)?;
            cycle.imported += met.len() as u64;
            cycle.passed_over += prepared.passed_over;
            let events = self.carry_out(page, prepared, &met, ledger)?;
            if cycle.kind == CycleKind::Initial {
                brought::note_unlinked(page, ledger)?;
            }
            let next = self.advance(page, work, cycle, prepared)?;
            count += 1;
            let took_ms = self.clock.now().milliseconds_since(begun);
            let in_time = took_ms + took_ms / count as u64 <= PAGE_BUDGET_MS as u64;
            if matches!(next, Next::Page)
                && count < at_most
                && in_time
                && all_went_well(ledger)
                && let Some(another) = queue.ready(count)
                && another.decided.is_some()
                && another.configuration.generation == configuration.generation
                && fits(page, work, cycle, another)?
            {
                return Ok((events, Next::Joined));
            }
            Ok((events, next))
        })?;
        Ok((paged, count.max(1)))
    }

    /// Carries out what was decided outside, if it still holds; otherwise it is decided again on what
    /// the transaction sees. What does not go well as a whole is given up, and so is what can not
    /// create those brought forward.
    fn carry_out(
        &self,
        page: &mut Page<'_, '_>,
        prepared: &mut Prepared,
        met: &IdSet<ObjectId>,
        ledger: &mut Ledger,
    ) -> Result<Vec<Event>, Problem> {
        let ids = self.ids.as_ref();
        page.all_or_nothing = false;
        let mut decided = prepared.decided.take().unwrap_or_default();
        decided.retain(|it| met.contains(&it.decision.source));
        if decided.len() == met.len() && still_holds(page, &decided)? {
            page.all_or_nothing = true;
            let events = settle::carry_out(page, decided, Removals::Stage, ids, ledger)?;
            // Perhaps it failed only because it was decided on what is past.
            if !all_went_well(ledger) {
                return Err(given_up());
            }
            return Ok(events);
        }
        let again: Vec<(EntityKind, ObjectId)> = prepared
            .brought
            .iter()
            .chain(&prepared.subjects)
            .filter(|(_, id)| met.contains(id))
            .copied()
            .collect();
        let source = &page.configuration.connected.source;
        let subjects = source.by_id(page.tx, &again).map_err(unavailable)?;
        let decided = page.decide(&subjects)?;
        if brought::to_be_created(prepared, &decided) {
            let events = settle::carry_out(page, decided, Removals::Stage, ids, ledger)?;
            if brought::went_well(prepared, &events) {
                return Ok(events);
            }
        }
        prepared.brought.clear();
        Err(given_up())
    }

    /// Notes where the walk goes on.
    fn advance(
        &self,
        page: &mut Page<'_, '_>,
        work: &Work<'_>,
        cycle: &mut RunningCycle,
        prepared: &Prepared,
    ) -> Result<Next, Problem> {
        let place = prepared.next.as_ref().map(|cursor| cursor.0.clone());
        if let Some(part) = work.part {
            let cursor = place.as_deref().unwrap_or_default();
            page.tx
                .advance_part(work.tenant, work.job, part, cursor, place.is_none())?;
            let parts = page.tx.parts(work.tenant, work.job)?;
            if parts.iter().any(|part| !part.done) {
                return Ok(Next::Page);
            }
        } else if let Some(cursor) = place {
            cycle.cursor = cursor;
            return Ok(Next::Page);
        }
        Ok(onwards(page, cycle))
    }
}

/// As [`short_of`], by what was read ahead of those whose removal is held.
fn short(
    work: &Work<'_>,
    page: &Page<'_, '_>,
    job: &Job,
) -> Result<Option<(&'static str, String)>, Problem> {
    let mut unread = HeldAndGone::default();
    let mut ahead = work.held.map(|it| it.lock());
    let held = ahead.as_deref_mut().unwrap_or(&mut unread);
    short_of(page.tx, job, page.configuration, held)
}

fn all_went_well(ledger: &Ledger) -> bool {
    ledger.counts.escrowed == 0 && ledger.references_failed == 0
}

/// Whether the page is the one that the cycle waits for.
fn fits(
    page: &Page<'_, '_>,
    work: &Work<'_>,
    cycle: &RunningCycle,
    prepared: &Prepared,
) -> Result<bool, Problem> {
    if cycle.id != prepared.cycle || cycle.phase != prepared.phase {
        return Ok(false);
    }
    Ok(match work.part {
        None => cycle.cursor == prepared.from,
        Some(part) => page
            .tx
            .part(work.tenant, work.job, part)?
            .is_some_and(|part| !part.done && part.cursor == prepared.from),
    })
}
