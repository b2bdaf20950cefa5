//! A walk through few changes: one page, read and decided inside the transaction that writes it.
//!
//! What is decided ahead is read twice, on a connection whose cache of the database every commit of
//! another one empties, and once more where it is written. While one page is decided and no other written,
//! nothing is won by that: the transaction lasts as long as any page's may.
//!
//! INVARIANT: nobody waits longer for this than for another page. Who are more, or take too long to be decided, are
//! decided ahead after all.

use std::sync::Arc;

use syncline_connector::{Cursor, SubjectPage};
use syncline_model::Problem;
use syncline_model::job::{CycleKind, CyclePhase, RunningCycle};

use super::page::Paged;
use super::prepared::{Place, Prepared};
use super::walk::first_met;
use super::{PAGE_BUDGET_MS, PageEnd, Work, tell};
use crate::Runner;
use crate::observer::Observer;
use crate::page::{given_up, is_given_up};
use crate::settle::{self, Removals};
use crate::unavailable::unavailable;
use crate::view::promised::Promised;

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
        if observer.must_stop() {
            return Ok(Some((PageEnd::Interrupted, page_size)));
        }
        observer.page_begins();
        let began = self.clock.now();
        let (end, done) = match self.patiently(observer, || self.try_few(work)) {
            Err(problem) if is_given_up(&problem) => return Ok(None),
            tried => tried?,
        };
        let read = done.as_ref().map_or(0, |(_, progress)| progress.done);
        tell(observer, done);
        let took_ms = self.clock.now().milliseconds_since(began);
        let read = usize::try_from(read).unwrap_or(usize::MAX);
        Ok(Some((end, self.page_sizes.next(read, took_ms))))
    }

    fn try_few(&self, work: &Work<'_>) -> Result<Paged, Problem> {
        let limit = self.page_sizes.few;
        let configuration = self.configured(work)?;
        let connected = &configuration.connected;
        // Others would wait for its answers.
        if !connected.target.capability().transactional {
            return Err(given_up());
        }
        let begin = Cursor(String::new());
        let prepared = connected.source.prepare(&begin, limit);
        prepared.map_err(unavailable)?;
        self.in_page(work, &configuration, |page, job, cycle, ledger| {
            if !may_be(cycle) {
                return Err(given_up());
            }
            let place = Place::of(job, cycle);
            let (page_read, _) = self.read_page(
                page.tx,
                job,
                &configuration,
                &place,
                (&begin, &begin),
                limit,
            )?;
            let SubjectPage {
                mut subjects,
                next: None,
            } = page_read
            else {
                return Err(given_up());
            };
            let prepared = Prepared {
                cycle: cycle.id,
                phase: cycle.phase,
                configuration: Arc::clone(&configuration),
                from: String::new(),
                limit,
                next: None,
                subjects: subjects.iter().map(|it| (it.kind, it.id)).collect(),
                brought: Vec::new(),
                passed_over: 0,
                decided: None,
            };
            let met = first_met(page, cycle, &prepared)?;
            cycle.imported += met.len() as u64;
            subjects.retain(|it| met.contains(&it.id));
            let too_slow = || match self.clock.now().milliseconds_since(page.now) {
                took_ms if took_ms < DECIDING_MS => Ok(()),
                _ => Err(given_up()),
            };
            let mut promised = Promised::default();
            let view = page.view();
            let decided = view.decide_unless(too_slow, subjects, &mut promised)?;
            page.all_or_nothing = true;
            let events =
                settle::carry_out(page, decided, Removals::Stage, self.ids.as_ref(), ledger)?;
            let next = self.advance(page, work, cycle, &prepared)?;
            Ok((events, next))
        })
    }
}
