//! One cycle of a job, page by page. Each page is one transaction: policy question, writes, links,
//! log, and the checkpoint from which the cycle goes on after a pause or a crash. What the source
//! phase writes was decided before, outside of the transaction ([`prepared`]), a page or two ahead
//! ([`ahead`]), and what is ready joins the page before it ([`queue`]); the other phases decide inside, and so do
//! few changes ([`few`]).
//!
//! On a database that several nodes share, a cycle is led by the node that holds the job's lease;
//! others help with the parts of a full read ([`parts`]).

mod ahead;
mod begin;
pub(crate) mod course;
mod few;
mod finish;
mod forward;
mod held;
mod memberships;
mod page;
mod parts;
mod phases;
mod prepared;
mod queue;
mod ready;
pub(crate) mod reevaluation;
mod rehearsal;
mod retries;
mod short;
mod slow;
mod status;
mod walk;

pub(crate) use forward::Forward;
pub use held::LOST as LEASE_LOST;
pub use page::ABANDONED as CYCLE_ABANDONED;
pub use rehearsal::Rehearsed;
pub(crate) use short::short_of;
pub(crate) use slow::Slow;
use syncline_model::job::{CyclePhase, CycleReport, CycleState};
use syncline_model::{CycleId, Job, JobId, Problem, ProblemKind, TenantId};
use syncline_store::{Lease, StoreError};

use crate::observer::{Observer, PageReport};
use crate::settle::Ledger;
use crate::threads::discarded::Discarded;
use crate::threads::running::Claim;
use crate::threads::wait::{LOOK_EVERY_MS, pause};
use crate::view::Drafter;
use crate::{Progress, Runner};

/// The transaction of a page should take about this long, so that writers of the API wait little.
/// Shorter pages would cost more each: what a page dirties it dirties once, however much it writes
/// there. A page of a first cycle may bring as many forward as it reads.
const PAGE_BUDGET_MS: usize = 150;

/// So many pages are written in one transaction at most.
pub(crate) const IN_ONE: usize = 2;

/// Why a cycle is to begin.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Occasion {
    /// The job is due, or somebody asks for one ahead of its time.
    Due,
    /// In continuous mode, the source has changed between two scheduled cycles.
    Changed,
}

/// Whose cycle it is, and by which right this node works on it.
#[derive(Clone, Copy)]
struct Work<'w> {
    tenant: TenantId,
    job: &'w JobId,
    /// The job's lease, of the node that leads; `None` for helpers and where there is one process.
    lease: Option<Lease>,
    /// The part of the full read that is worked on.
    part: Option<u32>,
    /// The lease of that part.
    part_lease: Option<Lease>,
    /// Where to leave what is not needed any more.
    discarded: Option<&'w Discarded>,
    /// Who works out what is decided ahead.
    drafter: Option<&'w Drafter<'w>>,
}

/// What one page leaves behind.
enum PageEnd {
    More,
    /// What was prepared does not fit any more; nothing was written.
    Outdated,
    Finished(CycleState, Option<(String, String)>),
    /// The observer wants the cycle to stop here; nothing was begun.
    Interrupted,
}

impl PageEnd {
    /// Whether the cycle may go on with another page.
    fn goes_on(&self) -> bool {
        matches!(self, Self::More | Self::Outdated)
    }
}

impl Runner {
    /// Runs one cycle of a job to its end on the caller's thread: continues the one that a pause or
    /// a crash interrupted, else begins one. When another thread or node runs one already, waits for
    /// it and reports that one. One that only follows changes is waited for, and another one begun: it leaves out what a
    /// person may ask a cycle for. A job that was never started is refused.
    ///
    /// # Errors
    /// [`ProblemKind::Unavailable`] when the observer made the cycle stop at a page, a shared database
    /// did not come back, or its disk stayed full: the next run goes on from there.
    pub fn run_cycle(
        &self,
        tenant: TenantId,
        job: &JobId,
        observer: &dyn Observer,
    ) -> Result<CycleReport, Problem> {
        // Only the owner joins: nobody else may learn from waiting that a job of this id exists.
        loop {
            let found = self.store.read(|reader| {
                reader
                    .job(tenant, job)?
                    .ok_or_else(|| Problem::not_found(job))
            })?;
            let report = self.join_or_lead(found, observer)?;
            if !report.in_between || report.state == CycleState::Stopped {
                return Ok(report);
            }
        }
    }

    fn join_or_lead(&self, found: Job, observer: &dyn Observer) -> Result<CycleReport, Problem> {
        let (tenant, job) = (found.tenant, &found.id);
        let (in_progress, mut followed) = (found.running.map(|cycle| cycle.id), None);
        loop {
            match self.running.claim(job) {
                Claim::Joined(other) => {
                    let now = self.cycle_in_progress(tenant, job, observer)?;
                    followed = now.or(followed).or(in_progress);
                    if let Some(report) = other.wait()? {
                        return Ok(report);
                    }
                    // A scheduler only looked at another node's cycle, or helped: that one is waited for.
                }
                Claim::Mine(ticket) => {
                    let outcome = self.lead_or_follow(tenant, job, followed, observer);
                    ticket.finish(outcome.clone().map(Some));
                    return outcome;
                }
            }
        }
    }

    /// As [`Runner::run_cycle`], for a scheduler: what another thread or node runs is not waited
    /// for. Helps another node's full read as long as there is a part that nobody works on.
    pub fn tend(
        &self,
        tenant: TenantId,
        job: &JobId,
        observer: &dyn Observer,
    ) -> Result<Option<CycleReport>, Problem> {
        self.tend_on(Occasion::Due, tenant, job, observer)
    }

    /// As [`Runner::tend`], for a job in continuous mode whose source has changed ([`Due::behind`](crate::Due::behind)).
    /// `None` also when there is nothing to follow any more.
    pub fn follow(
        &self,
        tenant: TenantId,
        job: &JobId,
        observer: &dyn Observer,
    ) -> Result<Option<CycleReport>, Problem> {
        self.tend_on(Occasion::Changed, tenant, job, observer)
    }

    fn tend_on(
        &self,
        occasion: Occasion,
        tenant: TenantId,
        job: &JobId,
        observer: &dyn Observer,
    ) -> Result<Option<CycleReport>, Problem> {
        match self.running.claim(job) {
            Claim::Joined(_) => Ok(None),
            Claim::Mine(ticket) => {
                let outcome = self.lead_or_help(occasion, tenant, job, observer);
                ticket.finish(outcome.clone());
                outcome
            }
        }
    }

    fn lead_or_help(
        &self,
        occasion: Occasion,
        tenant: TenantId,
        job: &JobId,
        observer: &dyn Observer,
    ) -> Result<Option<CycleReport>, Problem> {
        if occasion == Occasion::Changed
            && !self.patiently(observer, || self.has_to_follow(tenant, job))?
        {
            return Ok(None);
        }
        match self.patiently(observer, || self.take_job(tenant, job))? {
            held::Taken::Mine(lease) => match self.cycle(tenant, job, lease, occasion, observer) {
                // Nothing is wrong: the cycle goes on elsewhere, and may be helped with.
                Err(problem) if problem.code == held::LOST => Ok(None),
                Err(problem) if problem.code == begin::NOTHING_TO_FOLLOW => Ok(None),
                outcome => outcome.map(Some),
            },
            held::Taken::Elsewhere => self.help(tenant, job, observer).map(|()| None),
        }
    }

    /// Whether a cycle of this job runs in this process now.
    pub fn is_running(&self, job: &JobId) -> bool {
        self.running.is_running(job)
    }

    /// How many callers wait for the cycle in progress of this job, besides the one that runs it.
    pub fn joined(&self, job: &JobId) -> usize {
        self.running.joined(job)
    }

    /// `followed`: the cycle that is waited for already, if one is.
    fn lead_or_follow(
        &self,
        tenant: TenantId,
        job: &JobId,
        mut followed: Option<CycleId>,
        observer: &dyn Observer,
    ) -> Result<CycleReport, Problem> {
        loop {
            let taken = self.patiently(observer, || self.take_job(tenant, job))?;
            // A cycle that was followed and has ended is the one that was asked for, also when the
            // job's lease is free again by now.
            let became = match followed {
                Some(cycle) => self.report_of(tenant, job, cycle, observer).transpose(),
                None => None,
            };
            if let Some(ended) = became {
                if let held::Taken::Mine(lease) = taken {
                    self.release(tenant, job, lease, observer);
                }
                return ended;
            }
            match taken {
                held::Taken::Mine(lease) => {
                    return self.cycle(tenant, job, lease, Occasion::Due, observer);
                }
                held::Taken::Elsewhere => {
                    followed = self.cycle_in_progress(tenant, job, observer)?.or(followed);
                    self.help(tenant, job, observer)?;
                    if observer.must_stop() {
                        return Err(interrupted(job));
                    }
                    pause(LOOK_EVERY_MS);
                }
            }
        }
    }

    fn cycle(
        &self,
        tenant: TenantId,
        job: &JobId,
        lease: Option<Lease>,
        occasion: Occasion,
        observer: &dyn Observer,
    ) -> Result<CycleReport, Problem> {
        let work = Work {
            tenant,
            job,
            lease,
            part: None,
            part_lease: None,
            discarded: None,
            drafter: None,
        };
        let cycle = match self.patiently(observer, || self.begin(&work, occasion)) {
            Ok(cycle) => cycle,
            Err(problem) => return Err(self.let_go(tenant, job, lease, problem, observer)),
        };
        observer.cycle_begins(job, &cycle);
        let mut page_size = self.page_sizes.first;
        loop {
            let paged = self
                .phase(&work, page_size, observer)
                .map_err(|problem| self.why_gone(tenant, job, lease, problem, observer));
            let end = match paged {
                Ok((end, size)) => {
                    page_size = size;
                    end
                }
                Err(problem) if problem.code == held::LOST => return Err(problem),
                // Nothing is left to be ended.
                Err(problem) if problem.code == page::ABANDONED => {
                    return Err(self.let_go(tenant, job, lease, problem, observer));
                }
                // Nothing is wrong with the cycle: it stays as its last page left it, and goes on from
                // there when the database is back, or has room.
                Err(problem) if self.is_away(&problem) => {
                    return Err(left(
                        job,
                        self.let_go(tenant, job, lease, problem, observer),
                    ));
                }
                // What broke is no single object: the connector, the configuration or the store.
                // The page left nothing behind; the cycle ends Failed and says why.
                Err(problem) => {
                    let error = (problem.code.to_string(), problem.message.clone());
                    // When even this can not be written down, the checkpoint is what is left, and
                    // the first problem is the one to tell.
                    let finished = self.patiently(observer, || {
                        self.finish(&work, CycleState::Failed, Some(error.clone()))
                    });
                    return match finished {
                        Ok(report) => Ok(report),
                        // It only broke because the cycle was abandoned.
                        Err(gone) if gone.code == page::ABANDONED => {
                            Err(self.let_go(tenant, job, lease, gone, observer))
                        }
                        // It only broke because another node has gone on with the cycle.
                        // Or the answer was lost after it had been ended here.
                        Err(lost) if lost.code == held::LOST => {
                            self.report_of(tenant, job, cycle.id, observer)?.ok_or(lost)
                        }
                        Err(other) => {
                            self.let_go(tenant, job, lease, other, observer);
                            Err(problem)
                        }
                    };
                }
            };
            match end {
                PageEnd::Finished(state, error) => {
                    let finished =
                        self.patiently(observer, || self.finish(&work, state, error.clone()));
                    return match finished {
                        // The connection may have been lost after the commit: trying again found
                        // that the lease is not ours any more because we ended the cycle.
                        Err(problem) if problem.code == held::LOST => self
                            .report_of(tenant, job, cycle.id, observer)?
                            .ok_or(problem),
                        Err(problem) => Err(self.let_go(tenant, job, lease, problem, observer)),
                        finished => finished,
                    };
                }
                PageEnd::Interrupted => {
                    self.release(tenant, job, lease, observer);
                    return Err(interrupted(job));
                }
                PageEnd::More | PageEnd::Outdated => {}
            }
        }
    }

    /// Works on the phase that the cycle is in: the whole walk through the source, or one page of
    /// another. Also says how large the next page should be.
    fn phase(
        &self,
        work: &Work<'_>,
        page_size: usize,
        observer: &dyn Observer,
    ) -> Result<(PageEnd, usize), Problem> {
        let (phase, in_parts) = self.patiently(observer, || self.place(work))?;
        match phase {
            CyclePhase::Source if in_parts => Ok((self.parts(work, observer)?, page_size)),
            CyclePhase::Source | CyclePhase::Reevaluation => {
                self.walk(work, "", page_size, observer)
            }
            CyclePhase::References => self.references(work, page_size, observer),
            CyclePhase::Escrows
            | CyclePhase::Links
            | CyclePhase::Memberships
            | CyclePhase::Staged
            | CyclePhase::Retries => self.decided_inside(work, page_size, observer),
        }
    }

    /// One page that is decided inside its transaction.
    fn decided_inside(
        &self,
        work: &Work<'_>,
        page_size: usize,
        observer: &dyn Observer,
    ) -> Result<(PageEnd, usize), Problem> {
        if observer.must_stop() {
            return Ok((PageEnd::Interrupted, page_size));
        }
        let began = self.clock.now();
        observer.page_begins();
        let (end, done) = self.patiently(observer, || self.one_page(work, page_size))?;
        tell(observer, done);
        let took_ms = self.clock.now().milliseconds_since(began);
        Ok((end, self.page_sizes.next(page_size, took_ms)))
    }

    /// The phase of the cycle in progress, and whether its full read is cut into parts.
    fn place(&self, work: &Work<'_>) -> Result<(CyclePhase, bool), Problem> {
        self.store.read(|reader| {
            let job = reader
                .job(work.tenant, work.job)?
                .ok_or_else(|| page::deleted(work.job))?;
            let cycle = job.running.ok_or_else(page::restarted)?;
            Ok((cycle.phase, cycle.in_parts))
        })
    }
}

impl crate::PageSizes {
    /// The size of the page after one that took so long: as large as takes the budget at that rate, and
    /// no more than double or half.
    fn next(self, size: usize, took_ms: u64) -> usize {
        let took_ms = usize::try_from(took_ms).unwrap_or(usize::MAX).max(1);
        (size.saturating_mul(PAGE_BUDGET_MS) / took_ms)
            .clamp(size / 2, size * 2)
            .clamp(self.smallest, self.largest)
    }
}

/// Tells what a page did.
fn tell(observer: &dyn Observer, done: Option<(PageReport, Progress)>) {
    if let Some((page, progress)) = done {
        observer.page_committed(&page);
        observer.page_done(&progress);
    }
}

/// The process ends or the job moves: nothing is wrong with it.
fn interrupted(job: &JobId) -> Problem {
    Problem::new(
        ProblemKind::Unavailable,
        "ServiceUnavailable",
        format!("The cycle of {job} stopped at a page because the server is stopping. It goes on from there when the server runs again."),
    )
    .with_retry_after(5)
}

/// The database was waited for in vain.
fn left(job: &JobId, problem: Problem) -> Problem {
    let message = if problem.code == StoreError::FULL {
        format!(
            "The cycle of {job} stopped at a page because the disk of the database is full. It goes on from there when there is room."
        )
    } else {
        format!(
            "The cycle of {job} stopped at a page because the database did not come back. It goes on from there when it does."
        )
    };
    Problem { message, ..problem }
}

fn add(cycle: &mut syncline_model::job::RunningCycle, ledger: &Ledger) {
    let (sum, more) = (&mut cycle.counts, &ledger.counts);
    sum.created += more.created;
    sum.updated += more.updated;
    sum.disabled += more.disabled;
    sum.deleted += more.deleted;
    sum.restored += more.restored;
    sum.skipped += more.skipped;
    sum.escrowed += more.escrowed;
    sum.staged += more.staged;
    sum.unchanged += more.unchanged;
    sum.references_set += more.references_set;
    sum.references_removed += more.references_removed;
    cycle.entitled += ledger.entitled;
    cycle.references_failed += ledger.references_failed;
    for (reason, count) in &ledger.skipped_by_reason {
        *cycle.skipped_by_reason.entry(reason.clone()).or_default() += count;
    }
}

/// Numbers that belong to the job, not to one cycle.
pub(crate) fn apply_ledger(job: &mut syncline_model::Job, ledger: &Ledger) {
    job.references_waiting = job.references_waiting.saturating_add_signed(ledger.waiting);
    for (key, change) in &ledger.entries {
        let count = job
            .status
            .synchronized_entries
            .entry(key.clone())
            .or_default();
        *count = count.saturating_add_signed(*change);
    }
}

#[cfg(test)]
mod tests {
    use crate::PageSizes;

    /// The size of a page is chosen while three before it are still to be written.
    #[test]
    fn pages_become_as_large_as_takes_the_budget_and_stay_so() {
        let sizes = PageSizes::default();
        for people_per_second in [500, 2_000, 7_500, 10_000, 16_000, 40_000] {
            let took = |size: usize| (size * 1_000 / people_per_second) as u64;
            let mut pages = vec![sizes.first; 4];
            for at in 0..80 {
                pages.push(sizes.next(pages[at], took(pages[at])));
            }
            let best = people_per_second * super::PAGE_BUDGET_MS / 1_000;
            let best = best.clamp(sizes.smallest, sizes.largest);
            for size in &pages[60..] {
                assert!(size.abs_diff(best) <= best / 50, "{size} of {best}");
            }
        }
    }
}
