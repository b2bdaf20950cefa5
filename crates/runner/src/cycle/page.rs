//! One page's transaction, the same for every phase: who may write, what is written down.

use std::sync::Arc;

use syncline_model::job::{CycleState, RunningCycle, ScheduleState};
use syncline_model::policy::PolicyRefusal;
use syncline_model::{Job, JobId, Problem, ProblemKind};
use syncline_store::Durability;

use super::accounts::{add, apply_ledger};
use super::counted::stages_at;
use super::phases::{self, Next};
use super::{PageEnd, Work};
use crate::configuration::Configuration;
use crate::configuration::known_extensions;
use crate::page::Page;
use crate::page::consent::Consent;
use crate::settle::{Event, Ledger};
use crate::threads::heartbeat::beat_ms;
use crate::{PageReport, Progress, Runner, Signal};

/// How a page ended, and what it did if it was committed.
pub(super) type Paged = (PageEnd, Option<(PageReport, Progress)>);

pub(super) fn restarted() -> Problem {
    let message = "The job was restarted while its cycle ran; its next cycle begins anew.";
    Signal::CycleAbandoned.problem(ProblemKind::Conflict, message)
}

pub(super) fn deleted(job: &JobId) -> Problem {
    let message = format!("The job {job} was deleted while its cycle ran.");
    Signal::CycleAbandoned.problem(ProblemKind::NotFound, message)
}

impl Runner {
    /// The job's configuration as it is now.
    pub(super) fn configured(&self, work: &Work<'_>) -> Result<Arc<Configuration>, Problem> {
        self.store.read(|reader| {
            let job = work.job_row(reader)?;
            Ok(Arc::new(self.configuration_or_refusal(reader, &job)?))
        })
    }

    /// A page of a phase that decides inside its transaction.
    pub(super) fn one_page(&self, work: &Work<'_>, size: usize) -> Result<Paged, Problem> {
        let configuration = self.configured(work)?;
        self.in_page(work, &configuration, |page, job, cycle, ledger| {
            phases::step(self, page, job, cycle, size, ledger)
        })
    }

    /// Runs `step` in one transaction with everything a page needs around it; again for every page that
    /// joins.
    pub(super) fn in_page(
        &self,
        work: &Work<'_>,
        configuration: &Configuration,
        mut step: impl FnMut(
            &mut Page<'_, '_>,
            &Job,
            &mut RunningCycle,
            &mut Ledger,
        ) -> Result<(Vec<Event>, Next), Problem>,
    ) -> Result<Paged, Problem> {
        let consent = Consent::ask(&self.store, configuration.connected.target.as_ref())?;
        self.store.write_with(Durability::Relaxed, |tx| {
            consent.enter(tx, work.tenant)?;
            self.confirm(tx, work)?;
            let confirmed = self.clock.now();
            if work.may_stand_still {
                tx.let_stand_still()?;
            }
            let mut job = work.job_row(tx)?;
            // The request reaches the process that was asked; the state reaches every node.
            if job.pause_requested || job.state != ScheduleState::Active {
                return Ok((PageEnd::Finished(CycleState::Stopped, None), None));
            }
            // Scope, mappings, deletes or the target itself may be others by now.
            let facts = &configuration.connected.facts;
            if configuration.generation != job.configuration_generation
                || facts.matching != job.matching
            {
                return Ok((PageEnd::Outdated, None));
            }
            let mut cycle = job.running.take().ok_or_else(restarted)?;
            if let Err(refusal) = consent.confirm(tx)? {
                let error = (PolicyRefusal::CODE.to_owned(), refusal.message().to_owned());
                return Ok((PageEnd::Finished(CycleState::Failed, Some(error)), None));
            }

            // Another node's clock may be ahead, and what is noted now was not noted before the cycle. One that was
            // far ahead when the cycle began is not followed: what it has noted is behind this begin as well.
            if cycle.began.is_told_too_early(confirmed) {
                cycle.began = confirmed;
            }
            let since = cycle.began;
            let now = || self.clock.now().max(since);
            let mut began = now();
            let mut page = Page {
                tx,
                tenant: work.tenant,
                job: work.job,
                configuration,
                now: began,
                decides_at: confirmed,
                stages_at: stages_at(Some(&cycle), began),
                walk: Some((cycle.kind, cycle.phase)),
                discarded: work.discarded,
                all_or_nothing: false,
            };
            let mut ledger = Ledger::default();
            let next = loop {
                let (mut events, next) = step(&mut page, &job, &mut cycle, &mut ledger)?;
                if let Next::Outdated = next {
                    return Ok((PageEnd::Outdated, None));
                }
                let ended = now();
                crate::settle::append(&mut page, cycle.id, &mut events, began, ended)?;
                page.discard(events);
                began = ended;
                if !matches!(next, Next::Joined) {
                    break next;
                }
            };

            add(&mut cycle, &ledger);
            apply_ledger(&mut job, &ledger);
            if job.decided_generation != configuration.generation {
                known_extensions::note_further(tx, &job, configuration)?;
                job.decided_generation = configuration.generation;
            }
            let report = PageReport {
                phase: cycle.phase,
                counts: ledger.counts,
                skipped_by_reason: ledger.skipped_by_reason,
            };
            let progress = Progress {
                phase: cycle.phase,
                done: cycle.imported + cycle.passed_over,
                total: cycle.total.max(cycle.imported + cycle.passed_over),
                counts: cycle.counts,
            };
            let end = end_of(next, &mut cycle);
            job.running = Some(cycle);
            tx.update_job(&job)?;
            // Nobody could keep the lease since: its row is locked. It must not end with the page.
            let took_ms = self.clock.now().milliseconds_since(confirmed);
            if took_ms >= beat_ms(self.node.lease_seconds) {
                self.confirm(tx, work)?;
            }
            Ok((end, Some((report, progress))))
        })
    }
}

fn end_of(next: Next, cycle: &mut RunningCycle) -> PageEnd {
    match next {
        Next::Page | Next::Joined => PageEnd::More,
        Next::Outdated => PageEnd::Outdated,
        Next::Phase(phase) => {
            cycle.phase = phase;
            cycle.cursor = String::new();
            PageEnd::More
        }
        Next::Place(phase, cursor) => {
            cycle.phase = phase;
            cycle.cursor = cursor;
            PageEnd::More
        }
        Next::Refused(code, message) => {
            PageEnd::Finished(CycleState::Failed, Some((code.to_owned(), message)))
        }
        Next::End => {
            let failed = cycle.counts.escrowed > 0 || cycle.references_failed > 0;
            let state = if failed {
                CycleState::EntryLevelErrors
            } else {
                CycleState::Succeeded
            };
            PageEnd::Finished(state, None)
        }
    }
}
