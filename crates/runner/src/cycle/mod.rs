//! One cycle of a job, page by page. Each page is one transaction: policy question, writes, links,
//! log, and the checkpoint from which the cycle goes on after a pause or a crash. What the source
//! phase writes was decided before, outside of the transaction ([`prepared`]), a page or two ahead
//! ([`ahead`]), and what is ready joins the page before it ([`queue`]); the other phases decide inside, and so do
//! few changes ([`few`]).
//!
//! On a database that several nodes share, a cycle is led by the node that holds the job's lease;
//! others help with the parts of a full read ([`parts`]).

mod accounts;
mod ahead;
mod alone;
mod begin;
mod broken;
mod brought;
mod counted;
pub(crate) mod course;
mod cut;
mod few;
mod finish;
mod first_met;
mod forward;
mod gone;
mod held_and_gone;
mod kept;
mod lapsed;
mod lead;
mod leases;
mod memberships;
mod notes;
mod page;
mod page_size;
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
mod slow_page;
mod status;
mod walk;
mod work;

pub(crate) use accounts::apply_ledger;
pub(crate) use alone::Alone;
pub(crate) use begin::check_active;
pub(crate) use counted::stages_at;
pub(crate) use forward::Forward;
pub(crate) use held_and_gone::HeldAndGone;
use lead::Occasion;
pub(crate) use page_size::IN_ONE;
pub use rehearsal::Rehearsed;
pub(crate) use short::short_of;
pub(crate) use slow::Slow;
pub(crate) use status::has_had_its_time;
use syncline_model::job::{CyclePhase, CycleReport, CycleState};
use syncline_model::{CycleId, JobId, Problem, ProblemKind, TenantId};
use syncline_store::{Lease, StoreError};
use work::Work;

use crate::observer::{Observer, PageReport};
use crate::{Progress, Runner, Signal};

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
    /// Leads a cycle, from where it is to its end or until something stops it.
    fn cycle(
        &self,
        tenant: TenantId,
        job: &JobId,
        lease: Option<Lease>,
        occasion: Occasion,
        observer: &dyn Observer,
    ) -> Result<CycleReport, Problem> {
        let work = Work::whole(tenant, job, lease);
        let _kept = self.heartbeat(tenant, job, lease);
        let begun = self.patiently(observer, || self.begin(&work, occasion, observer));
        let cycle = match begun {
            Ok(Some(cycle)) => cycle,
            Ok(None) => {
                self.release(tenant, job, lease, observer);
                return Err(interrupted(job));
            }
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
                Err(problem) if Signal::LeaseLost.is(&problem) => return Err(problem),
                // Nothing is left to be ended.
                Err(problem) if Signal::CycleAbandoned.is(&problem) => {
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
                Err(problem) => return self.broken(&work, cycle.id, problem, observer),
            };
            match end {
                PageEnd::Finished(state, error) => {
                    return self.end(&work, cycle.id, state, error, observer);
                }
                PageEnd::Interrupted => {
                    self.release(tenant, job, lease, observer);
                    return Err(interrupted(job));
                }
                PageEnd::More | PageEnd::Outdated => {}
            }
        }
    }

    /// What broke is no single object: the connector, the configuration or the store. The page left nothing behind; the
    /// cycle ends Failed and says why.
    fn broken(
        &self,
        work: &Work<'_>,
        cycle: CycleId,
        problem: Problem,
        observer: &dyn Observer,
    ) -> Result<CycleReport, Problem> {
        let (tenant, job, lease) = (work.tenant, work.job, work.lease);
        let error = (problem.code.to_string(), problem.message.clone());
        // When even this can not be written down, the checkpoint is what is left, and the first problem is the one to
        // tell.
        let finished = self.patiently(observer, || {
            self.finish(work, CycleState::Failed, Some(error.clone()), observer)
        });
        match finished {
            Ok(report) => Ok(report),
            // It only broke because the cycle was abandoned.
            Err(gone) if Signal::CycleAbandoned.is(&gone) => {
                Err(self.let_go(tenant, job, lease, gone, observer))
            }
            // It only broke because another node has gone on with the cycle.
            // Or the answer was lost after it had been ended here.
            Err(lost) if Signal::LeaseLost.is(&lost) => self
                .report_of(tenant, job, leases::Followed::led(cycle), observer)?
                .ok_or(lost),
            Err(other) => {
                self.let_go(tenant, job, lease, other, observer);
                Err(problem)
            }
        }
    }

    /// Ends a cycle that has come to its end.
    fn end(
        &self,
        work: &Work<'_>,
        cycle: CycleId,
        state: CycleState,
        error: Option<(String, String)>,
        observer: &dyn Observer,
    ) -> Result<CycleReport, Problem> {
        let (tenant, job, lease) = (work.tenant, work.job, work.lease);
        let finished = self.patiently(observer, || {
            self.finish(work, state, error.clone(), observer)
        });
        match finished {
            // The connection may have been lost after the commit: trying again found that the lease is not ours any
            // more because we ended the cycle.
            Err(problem) if Signal::LeaseLost.is(&problem) => self
                .report_of(tenant, job, leases::Followed::led(cycle), observer)?
                .ok_or(problem),
            Err(problem) => Err(self.let_go(tenant, job, lease, problem, observer)),
            finished => finished,
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
        let mut before = None;
        let page = self.with_fewer(page_size, |size| {
            let is_smallest = before.replace(size) == Some(size);
            self.slowly(work, is_smallest, |work| self.one_page(work, size))
        });
        let ((end, done), size) = self.patiently(observer, page)?;
        tell(observer, done);
        let took_ms = self.clock.now().milliseconds_since(began);
        Ok((end, self.page_sizes.next(size, took_ms)))
    }

    /// The phase of the cycle in progress, and whether its full read is cut into parts.
    fn place(&self, work: &Work<'_>) -> Result<(CyclePhase, bool), Problem> {
        self.store.read(|reader| {
            let job = work.job_row(reader)?;
            let cycle = job.running.ok_or_else(page::restarted)?;
            Ok((cycle.phase, cycle.in_parts))
        })
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
    let why = match problem.code.as_ref() {
        StoreError::FULL => {
            "the disk of the database is full. It goes on from there when there is room."
        }
        StoreError::UNWRITABLE => {
            "the database takes no writes. It goes on from there when it does."
        }
        _ => "the database did not come back. It goes on from there when it does.",
    };
    let message = format!("The cycle of {job} stopped at a page because {why}");
    Problem { message, ..problem }
}
