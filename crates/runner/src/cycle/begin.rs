//! Beginning a cycle, or picking up one that was interrupted.

use std::collections::BTreeMap;

use syncline_model::job::{Counts, CycleKind, RunningCycle, ScheduleState};
use syncline_model::{CycleId, Job, JobId, Problem, ProblemKind, TenantId, Timestamp};
use syncline_store::Reader;

use super::Work;
use super::counted::take_over_permission;
use super::course::Course;
use super::cut::Cut;
use super::lead::Occasion;
use super::page::ABANDONED;
use super::reevaluation::Extent;
use crate::Runner;
use crate::configuration::{clock, known_extensions, semantics};
use crate::observer::Observer;
use crate::unavailable::unavailable;

/// The code of the problem that there is no change to follow, or not any more.
pub(super) const NOTHING_TO_FOLLOW: &str = "NothingToFollow";

/// The code of the problem that no cycle of a job may begin, because it was not started, or is not any more.
const NOT_ACTIVE: &str = "JobNotActive";

/// Whether no cycle is to begin, which somebody who asks for one is told, and is nothing to a scheduler: since it saw
/// that the job is due, that was paused, disabled or deleted.
pub(super) fn is_not_due(problem: &Problem) -> bool {
    let is_gone = problem.kind == ProblemKind::NotFound && problem.code != ABANDONED;
    is_gone || [NOTHING_TO_FOLLOW, NOT_ACTIVE].contains(&&*problem.code)
}

fn not_active(message: String) -> Problem {
    Problem::new(ProblemKind::Conflict, NOT_ACTIVE, message)
}

/// # Errors
/// The problem that no cycle of the job may begin, with what to do.
pub(crate) fn check_active(job: &Job) -> Result<(), Problem> {
    let id = &job.id;
    if job.started_at.is_none() {
        return Err(not_active(format!(
            "The job {id} was never started. Start it with POST /servicePrincipals/{}/synchronization/jobs/{id}/start.",
            job.service_principal
        )));
    }
    if job.state == ScheduleState::Disabled {
        return Err(not_active(format!(
            "The job {id} was in quarantine for 4 weeks and is disabled. Mend what its status says, then start it with POST /servicePrincipals/{}/synchronization/jobs/{id}/start.",
            job.service_principal
        )));
    }
    if job.state != ScheduleState::Active {
        return Err(not_active(format!(
            "The job {id} is paused. Start it with POST /servicePrincipals/{}/synchronization/jobs/{id}/start.",
            job.service_principal
        )));
    }
    Ok(())
}

impl Runner {
    /// The cycle to run, as its last page left it; `None` when it must stop before there is one.
    pub(super) fn begin(
        &self,
        work: &Work<'_>,
        occasion: Occasion,
        observer: &dyn Observer,
    ) -> Result<Option<RunningCycle>, Problem> {
        let (tenant, job_id) = (work.tenant, work.job);
        // Comparing configurations compiles them, and a source is cut by counting it off, which no writer is to
        // wait for: worked out here, it is known there. What goes wrong is met there again, and told. Nor does
        // the target wait: who is not let in does not enter it, and whoever begins a cycle writes nothing there.
        let worked_out = self.store.read(|reader| {
            let mut job = reader
                .job(tenant, job_id)?
                .ok_or_else(|| Problem::not_found(job_id))?;
            if job.to_go_on().is_none() {
                semantics::note(&mut job, self.clock.now());
            }
            let configuration = self.configuration(reader, &job)?;
            // What is cut is a full read, whatever the time. Nothing is compared for the time that has passed.
            let extent = self.extent(reader, &job, &configuration, false);
            let cut = match extent {
                Ok(Extent::Everything) if Cut::is_wanted(&job) => {
                    self.cut(reader, &job, &configuration).ok()
                }
                _ => None,
            };
            let let_in = known_extensions::let_in(reader, &configuration);
            Ok::<_, Problem>((let_in, cut))
        });
        let (let_in, cut) = worked_out.unwrap_or((false, None));
        // What this leaves is forgotten with the beginning.
        if let Ok(false) = self.forget_notes(tenant, job_id, || observer.must_stop()) {
            return Ok(None);
        }
        // So is what this leaves by the next cycle.
        if let Ok(false) = self.wake_all_noted(tenant, || observer.must_stop()) {
            return Ok(None);
        }
        let begun = self.store.write(|tx| {
            tx.enter(&[tenant])?;
            self.confirm(tx, work)?;
            let mut job = tx
                .job(tenant, job_id)?
                .ok_or_else(|| Problem::not_found(job_id))?;
            if occasion == Occasion::Changed && !is_behind(tx, &job)? {
                return Ok(None);
            }
            check_active(&job)?;
            let is_taken_over = take_over_permission(&mut job);
            if let Some(cycle) = job.to_go_on().cloned() {
                if keep_due(&mut job, &cycle, self.clock.now()) || is_taken_over {
                    tx.update_job(&job)?;
                }
                return Ok(Some(cycle));
            }
            job.give_up_cycle();

            semantics::note(&mut job, self.clock.now());
            let configuration = self.configuration(tx, &job);
            if let Ok(configuration) = &configuration {
                known_extensions::note(tx, &mut job, configuration, let_in)?;
            }
            if occasion == Occasion::Changed && job.follows_from().is_none() {
                // What was found out about its configuration is kept, or it would be behind for ever.
                tx.update_job(&job)?;
                return Ok(None);
            }
            let now = self.clock.now();
            let is_early = !job.is_due(now);
            let in_between = is_early && occasion == Occasion::Changed;
            let owed_by_clock =
                |configuration| !in_between && clock::is_owed(&job, configuration, now);
            let by_clock = configuration.as_ref().is_ok_and(owed_by_clock);
            let extent = match &configuration {
                Ok(configuration) => self.extent(tx, &job, configuration, by_clock)?,
                Err(_)
                    if job.evaluated_generation == job.configuration_generation
                        && job.watermark.is_some() =>
                {
                    Extent::Changes
                }
                Err(_) => Extent::Everything,
            };
            let full = matches!(extent, Extent::Everything);
            let by_clock = match &configuration {
                Ok(configuration) => clock::begin(&mut job, configuration, full, by_clock),
                Err(_) => false,
            };
            // A configuration that can not be opened makes the first page fail and say why.
            let (until, total, parts) = match &configuration {
                Ok(configuration) => {
                    let source = &configuration.connected.source;
                    let until = source.watermark(tx).map_err(unavailable)?;
                    let kinds = configuration.kinds();
                    let total = match (full, &job.watermark) {
                        (false, Some(since)) => {
                            let changes = source.count_changes(tx, &kinds, since, &until);
                            changes.map_err(unavailable)?
                                + self.to_go_through(tx, &job, configuration, &extent)?
                        }
                        _ => source.count(tx, &kinds).map_err(unavailable)?,
                    };
                    let parts = match &cut {
                        _ if !full => Vec::new(),
                        Some(cut) if cut.is_for(&job, configuration) => cut.parts.clone(),
                        _ => self.cut(tx, &job, configuration)?.parts,
                    };
                    (until, total, parts)
                }
                Err(_) => (
                    syncline_model::job::Watermark {
                        sequence: 0,
                        token: None,
                    },
                    0,
                    Vec::new(),
                ),
            };
            if tx.lease_is_needed() {
                tx.put_parts(tenant, job_id, &parts)?;
            }
            let had_links = !tx.links(tenant, job_id, None, 1)?.is_empty();
            let had_failed = tx.any_escrow(tenant, job_id)?;
            let began = after_the_last(&job, now);
            if !in_between && job.next_due.is_none_or(|due| due > now) {
                // A cycle that is asked for ahead of its time makes its job due, as one that the scheduler
                // begins is: should it be interrupted, it goes on as soon as a scheduler runs.
                job.next_due = Some(now);
            }
            let force_deletes = !in_between && std::mem::take(&mut job.force_deletes);
            let is_told_of_others = std::mem::take(&mut job.groups_to_walk);
            let kind = if full {
                CycleKind::Initial
            } else {
                CycleKind::Incremental
            };
            let cycle = RunningCycle {
                id: CycleId(self.ids.object_id().0),
                kind,
                began,
                phase: Course::first(kind, in_between),
                counts: Counts::default(),
                skipped_by_reason: BTreeMap::new(),
                imported: 0,
                entitled: 0,
                total,
                until,
                cursor: String::new(),
                configuration_generation: job.configuration_generation,
                references_failed: 0,
                awaiting_consent: 0,
                in_parts: !parts.is_empty(),
                reevaluates: matches!(extent, Extent::Concerned(_)),
                by_clock,
                walks_groups: had_links && (extent.walks_groups() || is_told_of_others),
                removed_before: job.removed_in_between,
                removed: 0,
                passed_over: 0,
                due: job.next_due,
                in_between,
                left_staged: None,
                force_deletes,
                has_own_permission: true,
                had_links: had_links || had_failed,
            };
            job.running = Some(cycle.clone());
            tx.clear_evaluated(tenant, job_id)?;
            tx.update_job(&job)?;
            Ok::<_, Problem>(Some(cycle))
        })?;
        begun.map(Some).ok_or_else(|| nothing_to_follow(job_id))
    }

    /// Whether there is a change to follow: asked before anything is written, for on a shared database every node is
    /// told of it, and all but one come too late.
    pub(super) fn has_to_follow(&self, tenant: TenantId, job: &JobId) -> Result<bool, Problem> {
        self.store.read(|reader| {
            let job = reader.job(tenant, job)?;
            job.map_or(Ok(false), |job| is_behind(reader, &job))
        })
    }
}

/// As the store tells of it ([`Reader::jobs_behind`]).
fn is_behind(reader: &Reader<'_>, job: &Job) -> Result<bool, Problem> {
    let sequence = reader.sequence(job.tenant)?;
    Ok(job.follows_from().is_some_and(|from| from < sequence))
}

/// Another node was quicker, or the job was changed or is held back since somebody saw that it is behind.
fn nothing_to_follow(job: &JobId) -> Problem {
    Problem::new(
        ProblemKind::Conflict,
        NOTHING_TO_FOLLOW,
        format!("The job {job} has no change to follow now."),
    )
}

/// A cycle begins after the one before it, whatever the clock of this node says: what was noted in that one
/// is told from what is noted in this one by its time. But not after one that is still to come by a clock that was far
/// ahead: all that is noted would bear that time until it has come. Nor does the schedule go by this: the job would be late
/// for as long as clocks differ.
fn after_the_last(job: &Job, now: Timestamp) -> Timestamp {
    let last = job.status.last_execution.as_ref();
    let ends = last.map(|it| [it.ended, Timestamp(it.began.0 + 1)]);
    let ends = ends.into_iter().flatten();
    ends.filter(|at| !at.is_told_too_early(now))
        .fold(now, Timestamp::max)
}

/// Keeps the job of a cycle due that goes on. Says whether that changed anything.
fn keep_due(job: &mut Job, cycle: &RunningCycle, now: Timestamp) -> bool {
    if cycle.in_between && job.next_due.is_some() {
        // It never was due by what it has begun with.
        return false;
    }
    let begun_with = Some(cycle.due.unwrap_or(cycle.began));
    let kept = match job.next_due {
        // A node whose clock is ahead has asked for another cycle.
        Some(due) if due > now && cycle.due.is_some() && job.next_due != begun_with => Some(now),
        Some(due) if due <= now => job.next_due,
        _ => begun_with,
    };
    let changes = kept != job.next_due;
    job.next_due = kept;
    changes
}
