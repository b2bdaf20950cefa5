//! A walk through few changes: one page, read and decided inside the transaction that writes it.
//!
//! What is decided ahead is read twice, on a connection whose cache of the database every commit of
//! another one empties, and once more where it is written. While one page is decided and no other written,
//! nothing is won by that.
//!
//! INVARIANT: nobody waits longer for this than for another page, but for the first time in a while that a job turns out to be
//! slow. Who are more, or take too long to be decided, are decided ahead after all.

use std::sync::Arc;

use syncline_connector::Cursor;
use syncline_model::Problem;
use syncline_model::job::{CycleKind, CyclePhase, RunningCycle};

use super::first_met::first_met;
use super::page::Paged;
use super::page_size::PAGE_BUDGET_MS;
use super::phases::onwards;
use super::prepared::Place;
use super::{PageEnd, Work, tell};
use crate::Runner;
use crate::configuration::Configuration;
use crate::observer::Observer;
use crate::settle::{self, Removals};
use crate::signal::{Signal, given_up};
use crate::unavailable::unavailable;

/// What is decided is written within the other half of the time that a transaction may take.
const DECIDING_MS: u64 = PAGE_BUDGET_MS as u64 / 2;

/// Whether a cycle is at the begin of its walk through changes.
pub(super) fn may_be(cycle: &RunningCycle) -> bool {
    let is_begin = cycle.phase == CyclePhase::Source && cycle.cursor.is_empty();
    cycle.kind == CycleKind::Incremental && is_begin
}

impl Runner {
    /// Writes a whole walk through changes, if they are few, and says how large the next page
    /// should be; `None` where they are not, it takes too long to be decided, or can not be written as a whole.
    pub(super) fn few(
        &self,
        work: &Work<'_>,
        page_size: usize,
        observer: &dyn Observer,
    ) -> Result<Option<(PageEnd, usize)>, Problem> {
        // On a shared database everything that is read is a round trip, with the tenant locked.
        if self.store.is_shared() || self.page_sizes.few == 0 {
            return Ok(None);
        }
        let configuration = self.patiently(observer, || self.configured(work))?;
        // Others would wait for the answers of a target that is not in the database.
        if !configuration.connected.target.capability().transactional {
            return Ok(None);
        }
        if observer.must_stop() {
            return Ok(Some((PageEnd::Interrupted, page_size)));
        }
        observer.page_begins();
        let began = self.clock.now();
        let (end, done) = match self.patiently(observer, || self.try_few(work, &configuration)) {
            Err(problem) if Signal::PageGivenUp.is(&problem) => return Ok(None),
            tried => tried?,
        };
        let read = done.as_ref().map_or(0, |(_, progress)| progress.done);
        tell(observer, done);
        let took_ms = self.clock.now().milliseconds_since(began);
        let read = usize::try_from(read).unwrap_or(usize::MAX);
        Ok(Some((end, self.page_sizes.next(read, took_ms))))
    }

    fn try_few(
        &self,
        work: &Work<'_>,
        configuration: &Arc<Configuration>,
    ) -> Result<Paged, Problem> {
        let few = self.page_sizes.few;
        // With room for one more, a page that has them all says that none follows.
        let limit = few + 1;
        let begin = Cursor(String::new());
        let prepared = configuration.connected.source.prepare(&begin, limit);
        prepared.map_err(unavailable)?;
        self.in_page(work, configuration, |page, job, cycle, ledger| {
            // Not since the cycle began, as the page's time is: the clock may have been set back.
            let began = self.clock.now();
            let took_ms = || self.clock.now().milliseconds_since(began);
            if !may_be(cycle) {
                return Err(given_up());
            }
            let place = Place::of(job, cycle);
            let ends = (&begin, &begin);
            let (read, _) = self.read_page(page.tx, job, configuration, &place, ends, limit)?;
            let mut subjects = read.subjects;
            if read.next.is_some() || subjects.len() > few {
                return Err(given_up());
            }
            let ids = subjects.iter().map(|it| it.id).collect();
            let met = first_met(page, cycle, ids, true)?;
            cycle.imported += met.len() as u64;
            subjects.retain(|it| met.contains(&it.id));
            let goes_on = || {
                if took_ms() < DECIDING_MS {
                    return Ok(());
                }
                self.slow.note(job, self.clock.now());
                Err(given_up())
            };
            let decided = page.view().decide_in_steps(&subjects, goes_on)?;
            page.all_or_nothing = true;
            let ids = self.ids.as_ref();
            let events = settle::carry_out(page, decided, Removals::Stage, ids, ledger)?;
            if took_ms() > PAGE_BUDGET_MS as u64 {
                self.slow.note(job, self.clock.now());
            }
            Ok((events, onwards(page, cycle)))
        })
    }
}
