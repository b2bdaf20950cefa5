//! References that became ready, when they are more than a page takes: read from a snapshot, many at
//! once, put into the order of their owners, and written in slices of a transaction each. In the
//! order in which they are found, the owners of every page would be scattered over the whole tenant.
//! What the log will say of a slice is worked out while the one before it is written.
//!
//! Nothing of this is kept: it is forgotten with the phase, the pause or the configuration it was
//! read for, and the rows that still wait are the checkpoint.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::Scope;

use syncline_model::job::CyclePhase;
use syncline_model::{CycleId, Problem};
use syncline_store::{Pulse, Reader, WaitingReference};

use super::ahead::Ahead;
use super::page::Paged;
use super::phases::Next;
use super::{PageEnd, Work, tell};
use crate::configuration::Configuration;
use crate::observer::Observer;
use crate::settle::{self, Slice};
use crate::threads::courtesy;
use crate::threads::wait::receive;
use crate::view::View;
use crate::{Runner, Signal};

/// So many ready references are put into order at once: a page of these owners and a page of those
/// they wait for should be about the same share of all.
const BATCH: usize = 32_768;

/// A slice, and what it was made for.
struct ReadySlice {
    cycle: CycleId,
    configuration: Arc<Configuration>,
    /// The size of a page that it was cut for.
    page_size: usize,
    slice: Slice,
}

/// Reads ready references from snapshots and cuts them into slices.
struct ReadySlices<'r> {
    runner: &'r Runner,
    work: &'r Work<'r>,
    /// What was read last, in the order in which they are found.
    last: Option<WaitingReference>,
    batch: Option<Batch>,
}

struct Batch {
    cycle: CycleId,
    configuration: Arc<Configuration>,
    rows: std::vec::IntoIter<WaitingReference>,
}

impl Runner {
    /// Writes ready references: a page, decided inside, and when there are more, all that are found
    /// behind it.
    pub(super) fn references(
        &self,
        work: &Work<'_>,
        page_size: usize,
        observer: &dyn Observer,
    ) -> Result<(PageEnd, usize), Problem> {
        let (end, page_size) = self.decided_inside(work, page_size, observer)?;
        if !end.goes_on() {
            return Ok((end, page_size));
        }
        let ahead = Ahead::new(page_size);
        let work = &Work {
            discarded: Some(&ahead.discarded),
            ..*work
        };
        let mut slices = ReadySlices {
            runner: self,
            work,
            last: None,
            batch: None,
        };
        let mut size = page_size;
        let stops = || observer.must_stop();
        let Some(first) = slices.next(size, stops)? else {
            return Ok((end, page_size));
        };
        if !self.ahead {
            let mut next = Some(first);
            while let Some(slice) = next {
                let end = self.carry_out_ready(work, slice, &ahead, observer)?;
                size = ahead.page_size.load(Ordering::Relaxed);
                if !matches!(end, PageEnd::More) {
                    return Ok((end, size));
                }
                next = slices.next(size, stops)?;
            }
            return Ok((PageEnd::More, size));
        }
        let end = std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(0);
            slices.start(scope, &ahead, sender);
            let carried = std::iter::once(Ok(first))
                .chain(std::iter::from_fn(|| receive(&receiver, stops)))
                .map(|slice| self.carry_out_ready(work, slice?, &ahead, observer))
                .find(|end| !matches!(end, Ok(PageEnd::More)));
            ahead.stop();
            carried.unwrap_or(Ok(PageEnd::More))
        })?;
        Ok((end, ahead.page_size.load(Ordering::Relaxed)))
    }

    fn carry_out_ready(
        &self,
        work: &Work<'_>,
        mut ready: ReadySlice,
        ahead: &Ahead,
        observer: &dyn Observer,
    ) -> Result<PageEnd, Problem> {
        if observer.must_stop() {
            return Ok(PageEnd::Interrupted);
        }
        let began = self.clock.now();
        observer.page_begins();
        let mut is_again = false;
        let (end, done) = self.patiently(observer, || {
            // It was cut already.
            let is_again = std::mem::replace(&mut is_again, true);
            self.slowly(work, is_again, |work| {
                match self.try_ready(work, &mut ready) {
                    Err(problem) if Signal::PageGivenUp.is(&problem) => {
                        self.try_ready(work, &mut ready)
                    }
                    tried => tried,
                }
            })
        })?;
        tell(observer, done);
        ahead.discarded.put(ready.slice.rows);
        ahead
            .discarded
            .put(ready.slice.foreseen.unwrap_or_default());
        let took_ms = self.clock.now().milliseconds_since(began);
        ahead.page_size.store(
            self.page_sizes.next(ready.page_size, took_ms),
            Ordering::Relaxed,
        );
        Ok(end)
    }

    fn try_ready(&self, work: &Work<'_>, ready: &mut ReadySlice) -> Result<Paged, Problem> {
        let ReadySlice {
            cycle: of,
            configuration,
            slice,
            ..
        } = ready;
        self.in_page(work, configuration, |page, _, cycle, ledger| {
            if cycle.id != *of || cycle.phase != CyclePhase::References {
                return Ok((Vec::new(), Next::Outdated));
            }
            let events = settle::drain_slice(page, slice, self.ids.as_ref(), ledger)?;
            Ok((events, Next::Page))
        })
    }
}

impl<'r> ReadySlices<'r> {
    /// Starts a thread that prepares slices until none is left or nobody takes them.
    fn start<'s>(
        mut self,
        scope: &'s Scope<'s, '_>,
        ahead: &'s Ahead,
        sender: SyncSender<Result<ReadySlice, Problem>>,
    ) where
        'r: 's,
    {
        ahead.discarded.open();
        let pulse = Pulse::here();
        scope.spawn(move || {
            let _counting = pulse.counts_here();
            courtesy::step_back();
            while ahead.goes_on() {
                let size = ahead.page_size.load(Ordering::Relaxed);
                let slice = self.next(size, || !ahead.goes_on());
                ahead.discarded.empty();
                let is_last = !matches!(slice, Ok(Some(_)));
                if slice.transpose().is_none_or(|it| sender.send(it).is_err()) || is_last {
                    break;
                }
            }
            ahead.discarded.close();
        });
    }

    /// The next slice, for pages of this size.
    fn next(
        &mut self,
        page_size: usize,
        must_stop: impl Fn() -> bool,
    ) -> Result<Option<ReadySlice>, Problem> {
        let mut batch = match self.batch.take() {
            Some(batch) => batch,
            None => match self.runner.patiently_unless(&must_stop, || self.read())? {
                Some((batch, last)) => {
                    self.last = Some(last);
                    batch
                }
                None => return Ok(None),
            },
        };
        let runner = self.runner;
        let size = runner.page_sizes.references * page_size;
        let rows: Vec<WaitingReference> = batch.rows.by_ref().take(size).collect();
        let foreseen = runner.patiently_unless(must_stop, || {
            runner
                .store
                .read(|reader| settle::foresee(&self.view(reader, &batch.configuration), &rows))
        })?;
        let ready = ReadySlice {
            cycle: batch.cycle,
            configuration: Arc::clone(&batch.configuration),
            page_size,
            slice: Slice {
                rows,
                foreseen: Some(foreseen),
            },
        };
        self.batch = (batch.rows.len() > 0).then_some(batch);
        Ok(Some(ready))
    }

    fn view<'v, 'c>(&self, reader: &'v Reader<'c>, configuration: &'v Configuration) -> View<'v, 'c>
    where
        'r: 'v,
    {
        View {
            reader,
            tenant: self.work.tenant,
            job: self.work.job,
            configuration,
            now: self.runner.clock.now(),
            drafter: None,
            forgotten: None,
        }
    }

    /// Reads a batch, behind the one before. Behind, so that what is written at this moment is not
    /// found once more; what becomes ready before it is found when the phase is looked at again.
    fn read(&self) -> Result<Option<(Batch, WaitingReference)>, Problem> {
        let Self { runner, work, .. } = self;
        let configuration = runner.configured(work)?;
        runner.store.read(|reader| {
            let job = work.job_row(reader)?;
            let cycle = job.running.ok_or_else(super::page::restarted)?;
            if cycle.phase != CyclePhase::References {
                return Ok(None);
            }
            let last = self.last.as_ref();
            let mut rows = reader.ready_references(work.tenant, work.job, last, BATCH)?;
            let Some(last) = rows.last().copied() else {
                return Ok(None);
            };
            rows.sort_unstable_by_key(|row| (row.source, row.waits_for, row.attr));
            let batch = Batch {
                cycle: cycle.id,
                configuration: Arc::clone(&configuration),
                rows: rows.into_iter(),
            };
            Ok(Some((batch, last)))
        })
    }
}
