//! What the next cycle of a job would do, with the configuration in force or with a schema that is
//! not saved yet: the same phases and the same decisions as a cycle, and nothing carried out. All of
//! it is read from one snapshot, a page at a time; what stays in memory are ids: of those evaluated,
//! of those who come into the target, and of references that wait; and hashes of the anchors and unique
//! values they would have.
//!
//! The target is asked which creates it would refuse (`refusals.rs`), and which updates and restores for a name or an
//! address that is another tenant's; that one is taken is not foreseen of these. Which of two people gets a unique
//! value that both would have may be another one in the cycle: it decides in pages of other sizes.

mod added;
mod changed_groups;
mod gone;
mod kept;
mod left_behind;
mod links;
mod memberships;
mod owed;
pub(crate) mod refusals;
mod report;
mod staged;
mod standing;
mod steps;
mod taken_up;
mod tally;
mod waiting;

use std::sync::Arc;

use syncline_engine::{Impact, Rule};
use syncline_model::job::{CycleKind, RunningCycle, ScheduleState};
use syncline_model::{Job, JobId, Problem, ProblemKind, TenantId};
use syncline_store::Reader;

pub use kept::KeptValues;
pub use left_behind::LeftBehind;
pub use report::{AttributePlan, Example, GroupPlan, Plan, PlannedChange, PlannedObject, Reach};

use crate::admission::Obstacle;
use crate::configuration::Configuration;
use crate::configuration::replacement::Replacement;
use crate::configuration::secrets::Secrets;
use crate::configuration::{clock, known_extensions, semantics, superseded};
use crate::cycle::reevaluation::{Extent, extent_of};
use crate::cycle::{HeldAndGone, short_of};
use crate::observer::Observer;
use crate::unavailable::unavailable;
use crate::{DeletionThreshold, Runner};

/// So many plans at a time on one node: each reads a whole tenant from one snapshot.
const AT_A_TIME: usize = 2;
/// And so many of one tenant, so that it does not keep others from planning.
const OF_TENANT: usize = 1;

/// See [`semantics`].
const PROGRAM_CHANGED: &str =
    "the program: this version reads stored schemas otherwise than the one before";

/// The right to plan; given back when it is dropped.
struct Turn<'r> {
    runner: &'r Runner,
    job: &'r JobId,
}

impl<'r> Turn<'r> {
    fn take(runner: &'r Runner, tenant: TenantId, job: &'r JobId) -> Result<Self, Problem> {
        let mut planning = runner.planning.lock();
        let of_tenant = planning.values().filter(|other| **other == tenant).count();
        if planning.len() >= AT_A_TIME || of_tenant >= OF_TENANT || planning.contains_key(job) {
            return Err(Problem::new(
                ProblemKind::TooManyRequests,
                "TooManyRequests",
                "A job of this tenant, or as many as this node plans at a time, is being planned. Please retry when that is done.",
            )
            .with_retry_after(5));
        }
        planning.insert(job.clone(), tenant);
        Ok(Self { runner, job })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.runner.planning.lock().remove(self.job);
    }
}

impl Runner {
    /// What the next cycle of a job would do; with `proposed`, if that schema were saved before. One that means the same as the
    /// job's is none, as nothing changes when it is saved. Names up to `show` objects, and groups whose members change.
    /// Writes nothing.
    ///
    /// # Errors
    /// A conflict while a cycle is in progress and no other schema is given; what the configuration can
    /// not be opened for; [`syncline_model::ProblemKind::Unavailable`] when the observer wants it to
    /// stop.
    pub fn plan(
        &self,
        tenant: TenantId,
        job: &JobId,
        proposed: Option<Replacement>,
        show: usize,
        observer: &dyn Observer,
    ) -> Result<Plan, Problem> {
        let _turn = Turn::take(self, tenant, job)?;
        self.store.read(|reader| {
            let job = reader.known_job(tenant, job)?;
            let rules = match proposed {
                Some(proposed) => proposed.of_another_schema(reader, &job)?,
                None => None,
            };
            self.plan_of(reader, job, rules, show, observer)
        })
    }

    fn plan_of(
        &self,
        reader: &Reader<'_>,
        job: Job,
        rules: Option<Vec<Rule>>,
        show: usize,
        observer: &dyn Observer,
    ) -> Result<Plan, Problem> {
        let proposed = rules.is_some();
        if let (false, Some(cycle)) = (proposed, job.to_go_on()) {
            let worked_on = self.is_worked_on(reader, &job)?;
            return Err(in_progress(&job, cycle, worked_on));
        }
        // Before its schema is read, which goes by what the target's objects hold.
        if let Err(Obstacle::Refused { code, message }) = self.readable(reader, &job)? {
            let mut plan = Plan::not_let_in(&job, proposed, &code, &message);
            let secrets = Secrets::load(reader, job.tenant, job.service_principal)?;
            plan.threshold = DeletionThreshold::of(&secrets, &job.settings);
            return Ok(plan);
        }
        let (job, configuration, extent, changed) = self.foresee(reader, job, rules)?;
        let source = &configuration.connected.source;
        let kinds = configuration.kinds();
        let objects = source.count(reader, &kinds).map_err(unavailable)?;
        let mut plan = Plan::new(&job, proposed, objects, &extent, changed);
        let gate = (configuration.gate, configuration.gate_problem.clone());
        plan.threshold = DeletionThreshold::from_gate(gate);
        plan.kept = KeptValues::of(reader, &job, &extent)?;
        plan.left_behind = LeftBehind::of(reader, &job, &configuration, || goes_on(observer))?;
        if plan.kind == CycleKind::Initial
            && !job.force_deletes
            && let Some((code, message)) =
                short_of(reader, &job, &configuration, &mut HeldAndGone::default())?
        {
            plan.refuse(code, &message);
            return Ok(plan);
        }
        let until = source.watermark(reader).map_err(unavailable)?;
        let changes = match (&plan.kind, &job.watermark) {
            (CycleKind::Incremental, Some(since)) => {
                let changes = source.count_changes(reader, &kinds, since, &until);
                changes.map_err(unavailable)?
            }
            _ => objects,
        };
        let total = changes + self.to_go_through(reader, &job, &configuration, &extent)?;
        let steps = steps::Steps {
            runner: self,
            reader,
            job: &job,
            configuration: &configuration,
            extent: &extent,
            until,
            now: self.clock.now(),
            total,
            observer,
        };
        steps.run(&mut plan, show)?;
        Ok(plan)
    }

    /// The job as it would be when its next cycle begins, the configuration it would work with, what
    /// it would look at, and what changed, in words; these also when the change concerns nobody.
    fn foresee(
        &self,
        reader: &Reader<'_>,
        mut job: Job,
        rules: Option<Vec<Rule>>,
    ) -> Result<(Job, Configuration, Extent, Vec<String>), Problem> {
        let proposed = rules.is_some();
        let goes_on = !proposed && job.to_go_on().is_some();
        let is_read_otherwise = !goes_on && semantics::changed(&job);
        if !goes_on {
            semantics::note(&mut job, self.clock.now());
        }
        let mut configuration = self.configuration(reader, &job)?;
        if !goes_on && known_extensions::changed(reader, &job, &configuration)? {
            job.configured_anew();
            configuration.generation = job.configuration_generation;
        }
        let read_whole = job.watermark.is_none();
        let is_evaluated = job.evaluated_generation == job.configuration_generation;
        let is_unchanged = is_evaluated && !read_whole && !proposed;
        let (by_clock, impact);
        if let Some(rules) = rules {
            job.configured_anew();
            configuration = configuration.with_rules(rules)?;
            configuration.generation = job.configuration_generation;
            by_clock = clock::is_owed(&job, &configuration, self.clock.now());
            let saved = match read_whole {
                true => None,
                false => superseded::impact_of_saving(reader, &job, &configuration)?,
            };
            let last_look = job.clock_read_at;
            let with_time = |it: Impact| it.with_time_passed(last_look);
            let saved = saved.map(|it| if by_clock { with_time(it) } else { it });
            impact = saved.map(Arc::new);
        } else {
            by_clock = !goes_on && clock::is_owed(&job, &configuration, self.clock.now());
            impact = match read_whole || is_unchanged && !by_clock {
                true => None,
                false => self.impact(reader, &job, &configuration, by_clock)?,
            };
        }
        // The cycle gives it up before all else, and not earlier than now: it tells what objects were decided by.
        if job.to_go_on().is_none() {
            job.give_up_cycle();
        }
        let mut changed = impact.as_ref().map(|it| it.words()).unwrap_or_default();
        if is_read_otherwise {
            changed.push(PROGRAM_CHANGED.to_owned());
        }
        let extent = match impact {
            Some(impact) => extent_of(impact),
            None if is_unchanged && !by_clock => Extent::Changes,
            None => Extent::Everything,
        };
        Ok((job, configuration, extent, changed))
    }
}

/// Whether anybody waits for the plan still.
fn goes_on(observer: &dyn Observer) -> Result<(), Problem> {
    if observer.must_stop() {
        return Err(Problem::new(
            ProblemKind::Unavailable,
            "ServiceUnavailable",
            "The plan was broken off. Nothing was written; ask for it again.",
        ));
    }
    Ok(())
}

fn in_progress(job: &Job, cycle: &RunningCycle, worked_on: bool) -> Problem {
    let (id, cycle) = (&job.id, cycle.id);
    Problem::conflict(if job.state == ScheduleState::Active && !worked_on {
        format!(
            "The cycle {cycle} of the job {id} was interrupted, and nobody runs it now. `syncline jobs run --job {id} --wait` goes on where it stopped, and so does a running server by itself. Plan when the cycle has ended."
        )
    } else if job.state == ScheduleState::Active {
        format!(
            "The cycle {cycle} of the job {id} is in progress. Plan when it has ended; `syncline jobs run --job {id} --wait` waits for it."
        )
    } else {
        format!(
            "The job {id} is paused in the middle of the cycle {cycle}. `syncline plan --job {id} --file SCHEMA` plans another schema from where it stands, and a schema that is saved now is followed instead. `syncline jobs start --job {id}` goes on with the cycle, what it removes included; plan without a file when it has ended."
        )
    })
}
