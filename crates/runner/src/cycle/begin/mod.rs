//! Beginning a cycle, or picking up one that was interrupted.

mod active;
mod due;
mod reading;
mod worked_out;

use syncline_model::job::{CycleKind, RunningCycle};
use syncline_model::{CycleId, Job, JobId, Problem, TenantId};
use syncline_store::{Reader, Tx};

use self::active::nothing_to_follow;
use self::due::{after_the_last, keep_due};
use self::reading::Reading;
use self::worked_out::WorkedOut;
use super::Work;
use super::counted::take_over_permission;
use super::course::Course;
use super::lead::Occasion;
use super::reevaluation::Extent;
use crate::Runner;
use crate::configuration::{clock, known_extensions, semantics};
use crate::observer::Observer;

pub(crate) use active::check_active;
pub(super) use active::is_not_due;

impl Runner {
    /// The cycle to run, as its last page left it; `None` when it must stop before there is one.
    pub(super) fn begin(
        &self,
        work: &Work<'_>,
        occasion: Occasion,
        observer: &dyn Observer,
    ) -> Result<Option<RunningCycle>, Problem> {
        let (tenant, job_id) = (work.tenant, work.job);
        let worked_out = self.work_out(work);
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
            let mut job = tx.known_job(tenant, job_id)?;
            if occasion == Occasion::Changed && !is_behind(tx, &job)? {
                return Ok(None);
            }
            check_active(&job)?;
            let is_taken_over = take_over_permission(&mut job);
            if let Some(mut cycle) = job.to_go_on().cloned() {
                let has_ended = worked_out.permission_has_ended && cycle.force_deletes;
                if has_ended {
                    cycle.force_deletes = false;
                    job.running = Some(cycle.clone());
                }
                if keep_due(&mut job, &cycle, self.clock.now()) || is_taken_over || has_ended {
                    tx.update_job(&job)?;
                }
                return Ok(Some(cycle));
            }
            self.begin_anew(tx, job, occasion, &worked_out)
        })?;
        begun.map(Some).ok_or_else(|| nothing_to_follow(job_id))
    }

    /// A cycle of its own for this job, whose last one is over; `None` when there is nothing to follow after all.
    fn begin_anew(
        &self,
        tx: &mut Tx<'_>,
        mut job: Job,
        occasion: Occasion,
        worked_out: &WorkedOut,
    ) -> Result<Option<RunningCycle>, Problem> {
        let tenant = job.tenant;
        job.give_up_cycle();

        semantics::note(&mut job, self.clock.now());
        let configuration = self.configuration(tx, &job);
        if let Ok(configuration) = &configuration {
            known_extensions::note(tx, &mut job, configuration, worked_out.let_in)?;
        }
        if occasion == Occasion::Changed && job.follows_from().is_none() {
            // What was found out about its configuration is kept, or it would be behind for ever.
            tx.update_job(&job)?;
            return Ok(None);
        }
        let now = self.clock.now();
        let is_early = !job.is_due(now);
        let in_between = is_early && occasion == Occasion::Changed;
        let (reading, by_clock) = match &configuration {
            Ok(configuration) => {
                let is_owed = !in_between && clock::is_owed(&job, configuration, now);
                let reading =
                    self.reading(tx, &job, configuration, is_owed, worked_out.cut.as_ref())?;
                let full = reading.is_full();
                let by_clock = clock::begin(&mut job, configuration, full, is_owed);
                (reading, by_clock)
            }
            Err(_) => (Reading::of_none(&job), false),
        };
        if tx.lease_is_needed() {
            tx.put_parts(tenant, &job.id, &reading.parts)?;
        }
        let had_links = !tx.links(tenant, &job.id, None, 1)?.is_empty();
        let had_failed = tx.any_escrow(tenant, &job.id)?;
        let began = after_the_last(&job, now);
        if !in_between && job.next_due.is_none_or(|due| due > now) {
            // A cycle that is asked for ahead of its time makes its job due, as one that the scheduler
            // begins is: should it be interrupted, it goes on as soon as a scheduler runs.
            job.next_due = Some(now);
        }
        let force_deletes = !in_between && std::mem::take(&mut job.force_deletes);
        let is_told_of_others = std::mem::take(&mut job.groups_to_walk);
        let kind = if reading.is_full() {
            CycleKind::Initial
        } else {
            CycleKind::Incremental
        };
        let cycle = RunningCycle {
            total: reading.total,
            configuration_generation: job.configuration_generation,
            in_parts: !reading.parts.is_empty(),
            reevaluates: matches!(reading.extent, Extent::Concerned(_)),
            by_clock,
            walks_groups: had_links && (reading.extent.walks_groups() || is_told_of_others),
            removed_before: job.removed_in_between,
            due: job.next_due,
            in_between,
            force_deletes,
            had_links: had_links || had_failed,
            ..RunningCycle::new(
                CycleId(self.ids.object_id().0),
                kind,
                Course::first(kind, in_between),
                began,
                reading.until,
            )
        };
        job.running = Some(cycle.clone());
        tx.clear_evaluated(tenant, &job.id)?;
        tx.update_job(&job)?;
        Ok(Some(cycle))
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
