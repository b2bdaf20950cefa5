//! Why one person, or one group, is or is not in the target: what is stored of it, and what a cycle
//! would decide now. The decision is the cycle's own ([`View::decide`]); here it is only put beside what
//! the job remembers. All of it is read from one snapshot, and nothing is written.
//!
//! Of a target that does not let the job in nothing is read: then there is no decision either.

mod find;
mod report;
mod verdict;

use syncline_engine::{Action, Failure, Lifecycle, Subject, TargetObject};
use syncline_model::policy::PolicyRefusal;
use syncline_model::{EntityKind, Job, JobId, Link, ObjectId, Problem, ProblemKind, TenantId};
use syncline_store::Reader;

pub use report::{Explanation, Holder, Obstacle, TargetState, Verdict, Waiting};

use crate::Runner;
use crate::configuration::Configuration;
use crate::plan::refusals::Refusals;
use crate::unavailable::unavailable;
use crate::view::absent::look;
use crate::view::{Decided, View};

impl Runner {
    /// Why this source object is or is not in the job's target; `id` may be that of the target object, too.
    ///
    /// # Errors
    /// 404 for a job that this tenant has not, and for an object that neither the source nor the job knows.
    pub fn explain(
        &self,
        tenant: TenantId,
        job: &JobId,
        kind: EntityKind,
        id: ObjectId,
    ) -> Result<Explanation, Problem> {
        self.store.read(|reader| {
            let job = reader
                .job(tenant, job)?
                .ok_or_else(|| Problem::not_found(job))?;
            self.explain_on(reader, &job, kind, id)
        })
    }

    /// The same on a snapshot that the caller reads other things from.
    pub fn explain_on(
        &self,
        reader: &Reader<'_>,
        job: &Job,
        kind: EntityKind,
        id: ObjectId,
    ) -> Result<Explanation, Problem> {
        let mut obstacles = Obstacle::of_schedule(job);
        let configuration = match self.configuration(reader, job) {
            Ok(configuration) => Some(configuration),
            Err(problem) if is_of_store(&problem) => return Err(problem),
            Err(problem) => {
                obstacles.push(Obstacle::Unusable {
                    code: problem.code.to_string(),
                    message: problem.message,
                });
                None
            }
        };
        let (subject, id) = known(reader, job, configuration.as_ref(), kind, id)?;
        let admitted = match &configuration {
            Some(it) => match it.connected.target.permits(reader).map_err(unavailable)? {
                Ok(()) => Some(it),
                Err(refusal) => {
                    obstacles.push(Obstacle::Refused {
                        code: PolicyRefusal::CODE.to_owned(),
                        message: refusal.message().to_owned(),
                    });
                    None
                }
            },
            None => None,
        };
        let link = link_of(reader, job, id)?;
        let kind = link.as_ref().map_or(kind, |it| it.kind);
        let (mut decided, mut target) = (None, None);
        if let Some(configuration) = admitted {
            let view = View {
                reader,
                tenant: job.tenant,
                job: &job.id,
                configuration,
                now: self.clock.now(),
                drafter: None,
                forgotten: None,
            };
            if let Some(subject) = subject.filter(|_| configuration.rule_for(kind).is_some()) {
                decided = decide(&view, subject)?;
            }
            if let Some(link) = &link {
                target = Some(state_of(&view, link)?);
            }
        }
        let mut explanation = Explanation {
            kind,
            id,
            obstacles,
            verdict: Verdict::Unknown,
            escrow: reader
                .escrows_for(job.tenant, &job.id, &[id])?
                .pop()
                .flatten(),
            staged: !reader.staged_among(job.tenant, &job.id, &[id])?.is_empty(),
            waits_for: waits_for(reader, job, id)?,
            waited_for: waited_for(reader, job, id)?,
            holders: holders(reader, job, id, link.as_ref(), decided.as_ref())?,
            matching_anew: job.watermark.is_none()
                && decided.as_ref().is_some_and(Decided::goes_by_old_link),
            link,
            target,
            evidence: decided.map(|it| it.decision.evidence.clone()),
        };
        explanation.verdict = verdict::of(job, &explanation, admitted);
        Ok(explanation)
    }
}

/// What ends the question, and is no answer to it.
fn is_of_store(problem: &Problem) -> bool {
    matches!(
        problem.kind,
        ProblemKind::Internal | ProblemKind::Unavailable
    )
}

/// The object as the source shows it, and its id there: whoever is asked for by the id of a target object
/// is the one whom the job has linked to it.
fn known(
    reader: &Reader<'_>,
    job: &Job,
    configuration: Option<&Configuration>,
    kind: EntityKind,
    id: ObjectId,
) -> Result<(Option<Subject>, ObjectId), Problem> {
    let source = |id| match configuration {
        Some(it) => {
            let found = it.connected.source.by_id(reader, &[(kind, id)]);
            Ok::<_, Problem>(found.map_err(unavailable)?.pop())
        }
        None => Ok(None),
    };
    let is_there =
        |subject: &Subject| subject.entry.is_some() || subject.lifecycle != Lifecycle::HardDeleted;
    let subject = source(id)?;
    if subject.as_ref().is_some_and(is_there) || link_of(reader, job, id)?.is_some() {
        return Ok((subject, id));
    }
    let linked = reader.links_to(job.tenant, &job.id, &[id])?.pop();
    if let Some(link) = linked.flatten() {
        return Ok((source(link.source)?, link.source));
    }
    let failed = reader.escrows_for(job.tenant, &job.id, &[id])?.pop();
    let is_known = failed.flatten().is_some()
        || (configuration.is_none() && reader.object(job.tenant, id)?.is_some());
    if is_known {
        return Ok((subject, id));
    }
    Err(Problem::not_found(id))
}

fn link_of(reader: &Reader<'_>, job: &Job, source: ObjectId) -> Result<Option<Link>, Problem> {
    let links = reader.links_for(job.tenant, &job.id, &[source])?;
    Ok(links.into_iter().next().flatten())
}

/// As a cycle, with what the target says beforehand that it would refuse.
fn decide(view: &View<'_, '_>, subject: Subject) -> Result<Option<Decided>, Problem> {
    let mut decided = view.decide(&[subject])?;
    let configuration = view.configuration;
    for it in decided.iter_mut().filter(|it| it.decision.action.writes()) {
        let kind = configuration.target_kind(it.decision.kind);
        let target = &configuration.connected.target;
        if let Some(fault) = target.refuses(view.reader, kind).map_err(unavailable)? {
            *it.decision = it.decision.clone().failed(Failure::from(fault));
        }
    }
    let mut decided = Refusals::over().of_page(view, decided)?;
    Ok(decided.pop())
}

fn state_of(view: &View<'_, '_>, link: &Link) -> Result<TargetState, Problem> {
    let mut state = TargetState::Gone;
    let kind = view.configuration.target_kind(link.kind);
    look(view, [(kind, link.target)], |_, found| {
        state = match found {
            None => TargetState::Gone,
            Some(TargetObject { soft_deleted, .. }) if *soft_deleted => TargetState::InRecycleBin,
            Some(_) => TargetState::Live,
        };
    })?;
    Ok(state)
}

fn waits_for(reader: &Reader<'_>, job: &Job, id: ObjectId) -> Result<Vec<Waiting>, Problem> {
    let rows = reader.waiting_of(job.tenant, &job.id, &[id])?;
    let rows = rows.into_iter();
    Ok(rows.map(|it| Waiting::new(it.waits_for, it.attr)).collect())
}

fn waited_for(reader: &Reader<'_>, job: &Job, id: ObjectId) -> Result<Vec<Waiting>, Problem> {
    let rows = reader.waiting_for(job.tenant, &job.id, &[id])?;
    let rows = rows.into_iter();
    Ok(rows.map(|it| Waiting::new(it.source, it.attr)).collect())
}

/// Other jobs of the tenant that keep in step what this one would have, or what this object has elsewhere.
fn holders(
    reader: &Reader<'_>,
    job: &Job,
    id: ObjectId,
    link: Option<&Link>,
    decided: Option<&Decided>,
) -> Result<Vec<Holder>, Problem> {
    let elsewhere = reader.links_of_other_jobs(job.tenant, &job.id, &[id])?;
    let mut targets: Vec<ObjectId> = elsewhere.iter().map(|(it, _)| it.target).collect();
    targets.extend(link.map(|it| it.target));
    if let Some(decided) = decided {
        let evidence = &decided.decision.evidence;
        targets.extend(evidence.target);
        targets.extend(evidence.matching.iter().flat_map(|it| it.found.clone()));
        if let Action::Release { target } = decided.decision.action {
            targets.push(target);
        }
    }
    targets.sort();
    targets.dedup();
    let held = reader.live_links_of_other_jobs(job.tenant, &job.id, &targets)?;
    let held = targets.into_iter().zip(held);
    let holders = held.filter_map(|(target, held)| {
        let (job, source) = held?;
        Some(Holder {
            job,
            source,
            target,
        })
    });
    Ok(holders.collect())
}
