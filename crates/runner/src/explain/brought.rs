//! Which other job between the same two tenants brings somebody for whom a reference waits: with that one's next cycle
//! the wait is over, and nothing that is done to the own job ends it earlier.

use std::collections::HashMap;

use syncline_engine::Action;
use syncline_model::job::ScheduleState;
use syncline_model::{EntityKind, Job, JobId, ObjectId, Problem};
use syncline_store::StoreError;

use super::report::{Bringer, Bringing, Waiting};
use crate::Runner;
use crate::unavailable::unavailable;
use crate::view::View;

/// Of so many is asked: the first that are shown. Each may be decided by as many jobs as there are beside this one.
const MOST: usize = 20;

impl Runner {
    /// Names the jobs in whose scope those are who are waited for. `view`: of a job that the target lets in.
    pub(super) fn note_who_brings(
        &self,
        view: &View<'_, '_>,
        waits_for: &mut [Waiting],
    ) -> Result<(), Problem> {
        if waits_for.is_empty() {
            return Ok(());
        }
        let beside = view.jobs_beside()?;
        let asked = waits_for.len().min(MOST);
        let (asked, others) = waits_for.split_at_mut(asked);
        for it in others {
            it.more_jobs = !beside.is_empty();
        }
        for it in asked.iter_mut() {
            it.more_jobs = beside.len() > MOST;
        }
        let mut objects: Vec<(EntityKind, ObjectId)> = Vec::new();
        for it in asked.iter() {
            if let Some(stored) = view.reader.object(view.tenant, it.id)? {
                objects.push((stored.entry.kind, it.id));
            }
        }
        for job in beside.iter().take(MOST) {
            let brought = match self.brought_by(view, job, objects.clone()) {
                // Of one that can not be read nobody knows.
                Err(problem) if StoreError::was_damaged_row(&problem) => {
                    asked.iter_mut().for_each(|it| it.more_jobs = true);
                    continue;
                }
                brought => brought?,
            };
            for it in asked.iter_mut() {
                it.jobs.extend(brought.get(&it.id).map(|bringing| Bringer {
                    job: job.clone(),
                    bringing: *bringing,
                }));
            }
        }
        Ok(())
    }

    /// Those whom this job would have in the target, and whether it will.
    fn brought_by(
        &self,
        view: &View<'_, '_>,
        job: &JobId,
        mut objects: Vec<(EntityKind, ObjectId)>,
    ) -> Result<HashMap<ObjectId, Bringing>, Problem> {
        let Some(job) = view.reader.job(view.tenant, job)? else {
            return Ok(HashMap::new());
        };
        // One that can not work brings nobody.
        let Some(configuration) = self.configuration_or_why(view.reader, &job, &mut Vec::new())?
        else {
            return Ok(HashMap::new());
        };
        objects.retain(|(kind, _)| configuration.rule_for(*kind).is_some());
        let source = &configuration.connected.source;
        let subjects = source.by_id(view.reader, &objects).map_err(unavailable)?;
        let of_job = View {
            reader: view.reader,
            tenant: view.tenant,
            job: &job.id,
            configuration: &configuration,
            now: view.now,
            drafter: None,
            forgotten: None,
        };
        let decided = of_job.decide(&subjects)?;
        let works = works(&job);
        let brought = decided
            .iter()
            .filter(|it| has_in_scope(&it.decision.action));
        let brought = brought.map(|it| match it.decision.action {
            Action::Fail(_) if works == Bringing::Brings => (it.decision.source, Bringing::Fails),
            _ => (it.decision.source, works),
        });
        Ok(brought.collect())
    }
}

/// What a job does with those whom it has in its scope.
fn works(job: &Job) -> Bringing {
    match job.state {
        _ if job.started_at.is_none() => Bringing::NotStarted,
        ScheduleState::Active if job.pause_requested => Bringing::Paused,
        ScheduleState::Active => Bringing::Brings,
        ScheduleState::Paused => Bringing::Paused,
        ScheduleState::Disabled => Bringing::Disabled,
    }
}

fn has_in_scope(action: &Action) -> bool {
    match action {
        Action::Create { .. }
        | Action::Update { .. }
        | Action::Disable { .. }
        | Action::Restore { .. }
        | Action::Unchanged { .. }
        | Action::Fail(_) => true,
        Action::SoftDelete { .. }
        | Action::HardDelete { .. }
        | Action::Release { .. }
        | Action::Skip(_) => false,
    }
}
