//! Undoing what cycles of a job did, object by object: the target as it was before, as far as nobody else
//! has changed it since. What was done is read from the provisioning log ([`entries`], [`done`]), compared
//! with what there is now ([`decide`], [`references`]), counted, and then carried out as any page of a cycle is
//! ([`carry_out`]): through the target's operations, with links and log rows in the same transaction.
//!
//! In memory are ids of log entries, forty bytes each, and the evidence of a page.
//!
//! The job stays paused. Its configuration would do the same again, and that shows: once something was
//! undone the next cycle looks at everybody, and so does its plan.

mod carry_out;
mod decide;
mod done;
mod entries;
mod judge;
mod leavers;
mod manager;
mod references;
mod report;
mod tally;
mod values;

use std::ops::Range;

use syncline_engine::gate::Verdict;
use syncline_model::job::{CyclePhase, RunningCycle, ScheduleState};
use syncline_model::{CycleId, Job, JobId, Problem, ProblemKind, TenantId, Timestamp};
use syncline_store::Reader;

pub use report::{Left, Undone};

use self::carry_out::Carrying;
use self::done::Done;
use self::entries::Entries;
use self::tally::Tally;
use crate::admission::Obstacle;
use crate::configuration::Configuration;
use crate::cycle::Alone;
use crate::observer::{Observer, Progress};
use crate::{DeletionThreshold, Runner};

/// Which entries of the log are undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// Those of these cycles.
    Cycles(Vec<CycleId>),
    /// All since then, inclusive.
    Since(Timestamp),
}

/// What is to be undone, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undo {
    pub span: Span,
    /// Say what would be done, and write nothing.
    pub dry_run: bool,
    /// How many objects are named at most: of those that something is done with, and of those where something is left.
    pub show: usize,
    /// Go past the deletion threshold.
    pub force_deletes: bool,
}

/// Everything that all pages of one undoing work with.
struct Undoing<'u> {
    runner: &'u Runner,
    tenant: TenantId,
    job: &'u JobId,
    undo: &'u Undo,
    configuration: Configuration,
    entries: Entries,
    /// Removals that count at the gate with those of this.
    removed_before: u64,
    observer: &'u dyn Observer,
}

impl Runner {
    /// Undoes what a job did.
    ///
    /// # Errors
    /// A conflict unless the job is paused and no cycle of it runs; what its configuration can not be opened for; what
    /// breaks in a page: those before it are done, and the same call does the rest.
    pub fn undo(
        &self,
        tenant: TenantId,
        job: &JobId,
        undo: &Undo,
        observer: &dyn Observer,
    ) -> Result<Undone, Problem> {
        let found = self.store.read(|reader| paused(reader, tenant, job))?;
        if let Err(Obstacle::Refused { code, message }) =
            self.store.read(|reader| self.readable(reader, &found))?
        {
            return Ok(Undone::refused(job, undo, (code, message)));
        }
        self.alone(tenant, job, observer, |alone| {
            self.undo_alone(tenant, job, undo, alone, observer)
        })
    }

    fn undo_alone(
        &self,
        tenant: TenantId,
        job: &JobId,
        undo: &Undo,
        alone: &Alone<'_>,
        observer: &dyn Observer,
    ) -> Result<Undone, Problem> {
        let (configuration, removed_before) = self.store.read(|reader| {
            let job = paused(reader, tenant, job)?;
            let configuration = self.configuration_or_refusal(reader, &job)?;
            Ok::<_, Problem>((configuration, removed_before(&job)))
        })?;
        let Some(entries) = self.entries(tenant, job, &undo.span, observer)? else {
            return Ok(Undone::stopped(job, undo));
        };
        let undoing = Undoing {
            runner: self,
            tenant,
            job,
            undo,
            configuration,
            entries,
            removed_before,
            observer,
        };
        let mut report = undoing.foresee()?;
        if undo.dry_run || report.stopped || (report.held && !undo.force_deletes) {
            return Ok(report);
        }
        undoing.carry_out(alone, &mut report)?;
        Ok(report)
    }
}

impl Undoing<'_> {
    /// Decides everything and writes nothing.
    fn foresee(&self) -> Result<Undone, Problem> {
        let mut tally = Tally::new(self.undo.show);
        for slice in self.entries.slices(self.runner.page_sizes.first) {
            if self.observer.must_stop() {
                return Ok(Undone::stopped(self.job, self.undo));
            }
            let dones = self.read(slice.clone())?;
            self.runner.store.read(|reader| {
                let judged = judge::judge(&self.view(reader), &dones)?;
                tally.foresee(&dones, &judged);
                tally.foresee_leavers(leavers::leavers(&self.view(reader), &dones, &judged)?);
                let items = references::items(&dones);
                // Of one group there may be more than a target is asked for at a time.
                for page in items.chunks(self.runner.page_sizes.largest.max(1)) {
                    let wanted = references::wanted(&self.view(reader), &dones, page.to_vec())?;
                    tally.foresee_references(&self.view(reader), &dones, wanted)?;
                }
                Ok::<(), Problem>(())
            })?;
            self.tell(slice.end, &tally);
        }
        Ok(self.report(tally, None))
    }

    /// Carries it out, in pages.
    fn carry_out(&self, alone: &Alone<'_>, report: &mut Undone) -> Result<(), Problem> {
        let foreseen = report.removals;
        let leavers = (std::mem::take(&mut report.leavers), report.leavers_of);
        let cycle = CycleId(self.runner.ids.object_id().0);
        let mut carrying = Carrying::new(self, alone, cycle, foreseen);
        let is_whole = self.pages(&mut carrying)?;
        let (tally, cycle) = carrying.ended();
        *report = self.report(tally, cycle);
        (report.leavers, report.leavers_of) = leavers;
        report.stopped = !is_whole;
        Ok(())
    }

    /// Objects first, and whoever could not have his name back once more behind the others; then who refers
    /// to whom. False when it was to stop before the end.
    fn pages(&self, carrying: &mut Carrying<'_, '_>) -> Result<bool, Problem> {
        let slices = || self.entries.slices(self.runner.page_sizes.first);
        for slice in slices() {
            if self.observer.must_stop() {
                return Ok(false);
            }
            let dones = self.read(slice.clone())?;
            carrying.objects(&dones, false)?;
            self.tell(slice.end, carrying.tally());
        }
        let mut before = usize::MAX;
        loop {
            let put_off = carrying.take_put_off();
            if put_off.is_empty() {
                break;
            }
            // As long as it helps.
            let is_last = put_off.len() >= before;
            before = put_off.len();
            let most = self.runner.page_sizes.largest;
            for slice in self.entries.of_objects(&put_off, most) {
                if self.observer.must_stop() {
                    return Ok(false);
                }
                let dones = self.read_all(&slice)?;
                carrying.objects(&dones, is_last)?;
            }
        }
        for slice in slices() {
            if !self.entries.have_references(&slice) {
                continue;
            }
            let dones = self.read(slice)?;
            let items = references::items(&dones);
            for page in items.chunks(self.runner.page_sizes.largest.max(1)) {
                if self.observer.must_stop() {
                    return Ok(false);
                }
                carrying.references(&dones, page)?;
            }
        }
        Ok(true)
    }

    /// What was done to the objects of a slice of the entries.
    fn read(&self, slice: Range<usize>) -> Result<Vec<Done>, Problem> {
        let places: Vec<usize> = slice.collect();
        self.read_all(&places)
    }

    fn read_all(&self, places: &[usize]) -> Result<Vec<Done>, Problem> {
        let ids = self.entries.ids(places);
        let rows = self.runner.patiently(self.observer, || {
            let rows = self
                .runner
                .store
                .read(|reader| reader.log_events(self.tenant, &ids))?;
            Ok(rows)
        })?;
        // What retention has taken away meanwhile is as what it took away before.
        Ok(done::of(rows.into_iter().flatten()))
    }

    fn view<'v, 'c>(&'v self, reader: &'v Reader<'c>) -> crate::view::View<'v, 'c> {
        crate::view::View {
            reader,
            tenant: self.tenant,
            job: self.job,
            configuration: &self.configuration,
            now: self.runner.clock.now(),
            drafter: None,
            forgotten: None,
        }
    }

    fn report(&self, tally: Tally, cycle: Option<CycleId>) -> Undone {
        let configuration = &self.configuration;
        let mut report = tally.report(self.job, self.undo);
        report.cycle_id = cycle;
        report.entries = self.entries.len() as u64;
        report.unreadable = self.entries.unreadable;
        report.log_begins = self.entries.begins.map(|at| at.to_seconds_text());
        report.removed_before = self.removed_before;
        report.held = self.is_held(report.removals);
        report.threshold =
            DeletionThreshold::from_gate((configuration.gate, configuration.gate_problem.clone()));
        report
    }

    /// Law 5: in parts, or between cycles, no more is removed than in one go. (What was removed before is no reason to
    /// hold what removes nobody.)
    fn is_held(&self, removals: u64) -> bool {
        let counted = removals.saturating_add(self.removed_before);
        removals > 0 && self.configuration.gate.verdict(counted) == Verdict::Held
    }

    fn tell(&self, done: usize, tally: &Tally) {
        self.observer.page_done(&Progress {
            phase: CyclePhase::Staged,
            done: done as u64,
            total: self.entries.len() as u64,
            counts: tally.counts(),
        });
    }
}

/// A cycle that was interrupted is given up by an undoing, and what it has removed goes on to count.
fn removed_before(job: &Job) -> u64 {
    let by_cycle = job.running.as_ref().map_or(0, RunningCycle::removals);
    job.removed_in_between.saturating_add(by_cycle)
}

/// The job, if nothing of it runs by itself.
fn paused(reader: &Reader<'_>, tenant: TenantId, id: &JobId) -> Result<Job, Problem> {
    let job = reader.known_job(tenant, id)?;
    if job.state == ScheduleState::Active && job.started_at.is_some() {
        return Err(Problem::new(
            ProblemKind::Conflict,
            "JobNotPaused",
            format!(
                "The job {id} is started: its cycles would do again what is undone. `syncline jobs pause --job {id}`, then try again."
            ),
        ));
    }
    Ok(job)
}
