//! One cycle of a job, page by page. Each page is one transaction: policy question, decisions,
//! writes, links, log, and the checkpoint from which the cycle goes on after a pause or a crash.

mod begin;
mod finish;
mod phases;

use syncline_model::job::{CycleReport, CycleState};
use syncline_model::policy::PolicyRefusal;
use syncline_model::{JobId, Problem, ProblemKind, TenantId};
use syncline_store::Durability;

use crate::observer::{Observer, PageReport};
use crate::page::{Page, unavailable};
use crate::running::Claim;
use crate::settle::Ledger;
use crate::{Progress, Runner};

/// A page should take about this long, so that writers of the API wait little.
const PAGE_BUDGET_MS: u64 = 100;

/// What one page leaves behind.
enum PageEnd {
    More,
    Finished(CycleState, Option<(String, String)>),
}

impl Runner {
    /// Runs one cycle of a job to its end on the caller's thread: continues the one that a pause or
    /// a crash interrupted, else begins one. When another thread runs one already, waits for it and
    /// reports that one. A job that was never started is refused.
    ///
    /// # Errors
    /// [`ProblemKind::Unavailable`] when the observer made the cycle stop at a page.
    pub fn run_cycle(
        &self,
        tenant: TenantId,
        job: &JobId,
        observer: &dyn Observer,
    ) -> Result<CycleReport, Problem> {
        // Only the owner joins: nobody else may learn from waiting that a job of this id exists.
        self.store.read(|reader| {
            reader
                .job(tenant, job)?
                .ok_or_else(|| Problem::not_found(job))
        })?;
        match self.running.claim(job) {
            Claim::Joined(other) => other.wait(),
            Claim::Mine(ticket) => {
                let outcome = self.cycle(tenant, job, observer);
                ticket.finish(&outcome);
                outcome
            }
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

    fn cycle(
        &self,
        tenant: TenantId,
        job: &JobId,
        observer: &dyn Observer,
    ) -> Result<CycleReport, Problem> {
        let cycle = self.begin(tenant, job)?;
        observer.cycle_begins(job, &cycle);
        let sizes = self.page_sizes;
        let mut page_size = sizes.first;
        loop {
            if observer.must_stop() {
                return Err(interrupted(job));
            }
            let began = self.clock.now();
            observer.page_begins();
            let (end, done) = match self.one_page(tenant, job, page_size) {
                Ok(done) => done,
                // What broke is no single object: the connector, the configuration or the store.
                // The page left nothing behind; the cycle ends Failed and says why.
                Err(problem) => {
                    let error = (problem.code.to_string(), problem.message.clone());
                    // When even this can not be written down, the checkpoint is what is left, and
                    // the first problem is the one to tell.
                    return self
                        .finish(tenant, job, CycleState::Failed, Some(error))
                        .map_err(|_| problem);
                }
            };
            if let Some((page, progress)) = done {
                observer.page_committed(&page);
                observer.page_done(&progress);
            }
            if let PageEnd::Finished(state, error) = end {
                return self.finish(tenant, job, state, error);
            }
            let took_ms = self.clock.now().milliseconds_since(began);
            if took_ms < PAGE_BUDGET_MS / 2 {
                page_size = (page_size * 2).min(sizes.largest);
            } else if took_ms > PAGE_BUDGET_MS * 2 {
                page_size = (page_size / 2).max(sizes.smallest);
            }
        }
    }

    fn one_page(
        &self,
        tenant: TenantId,
        job_id: &JobId,
        page_size: usize,
    ) -> Result<(PageEnd, Option<(PageReport, Progress)>), Problem> {
        self.store.write_with(Durability::Relaxed, |tx| {
            let began = self.clock.now();
            let mut job = tx
                .job(tenant, job_id)?
                .ok_or_else(|| Problem::not_found(job_id))?;
            if job.pause_requested {
                return Ok((PageEnd::Finished(CycleState::Stopped, None), None));
            }
            let Some(mut cycle) = job.running.take() else {
                return Err(Problem::conflict(
                    "The job was restarted while its cycle ran; its next cycle begins anew.",
                ));
            };
            let configuration = self.configuration(tx, &job)?;
            if let Err(refusal) = configuration
                .connected
                .target
                .permits(tx)
                .map_err(unavailable)?
            {
                let error = (PolicyRefusal::CODE.to_owned(), refusal.message().to_owned());
                return Ok((PageEnd::Finished(CycleState::Failed, Some(error)), None));
            }

            let mut page = Page {
                tx,
                tenant,
                job: job_id,
                configuration: &configuration,
                now: began,
            };
            let mut ledger = Ledger::default();
            let (events, step) =
                phases::step(self, &mut page, &job, &mut cycle, page_size, &mut ledger)?;
            let ended = self.clock.now();
            crate::settle::append(&mut page, cycle.id, &events, began, ended)?;

            add(&mut cycle, &ledger);
            apply_ledger(&mut job, &ledger);
            let report = PageReport {
                phase: cycle.phase,
                counts: ledger.counts,
                skipped_by_reason: ledger.skipped_by_reason,
            };
            let progress = Progress {
                phase: cycle.phase,
                done: cycle.imported,
                total: cycle.total.max(cycle.imported),
                counts: cycle.counts,
            };
            let end = match step {
                phases::Next::Page => PageEnd::More,
                phases::Next::Phase(phase) => {
                    cycle.phase = phase;
                    cycle.cursor = String::new();
                    PageEnd::More
                }
                phases::Next::Refused(code, message) => {
                    PageEnd::Finished(CycleState::Failed, Some((code.to_owned(), message)))
                }
                phases::Next::End => {
                    let state = if cycle.counts.escrowed > 0 || cycle.references_failed > 0 {
                        CycleState::EntryLevelErrors
                    } else {
                        CycleState::Succeeded
                    };
                    PageEnd::Finished(state, None)
                }
            };
            job.running = Some(cycle);
            tx.update_job(&job)?;
            Ok((end, Some((report, progress))))
        })
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
