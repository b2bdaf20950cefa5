//! Why one person, or one group, is or is not in the target: what is stored of it, and what a cycle
//! would decide now. The decision is the cycle's own ([`View::decide`]); here it is only put beside what
//! the job remembers. All of it is read from one snapshot, and nothing is written.
//!
//! Of a target that does not let the job in nothing is read: then there is no decision either.

mod brought;
mod find;
mod linked_first;
mod membership;
mod opening;
mod report;
mod verdict;

use syncline_connector::Source;
use syncline_engine::{Action, Lifecycle};
use syncline_model::{EntityKind, Job, JobId, Link, ObjectId, Problem, TenantId};
use syncline_store::Reader;

pub use membership::{
    HeldBy, InSource, InTarget, MembersKept, MembershipExplanation, MembershipVerdict, Which,
};
pub use report::{Bringer, Bringing, Explanation, Holder, Leaves, Verdict, Waiting};

use self::opening::Opening;
use crate::Runner;
use crate::ends::EndState;
use crate::plan::refusals::Refusals;
use crate::refused_kinds::RefusedKinds;
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
            let job = reader.known_job(tenant, job)?;
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
        let Opening {
            obstacles,
            connected,
            admitted,
        } = self.opening(reader, job)?;
        let source = connected.as_ref().map(|it| it.source.as_ref());
        let (id, link) = known(reader, job, source, kind, id)?;
        let (mut decided, mut is_removal, mut target) = (None, None, None);
        let mut leaves = None;
        let mut waits_for = waits_for(reader, job, id)?;
        if let Some(configuration) = &admitted {
            let view = self.view_of(reader, job, configuration);
            if configuration.rule_for(kind).is_some() {
                let source = &configuration.connected.source;
                let subjects = source.by_id(reader, &[(kind, id)]).map_err(unavailable)?;
                let page = view.decide(&subjects)?;
                let page = linked_first::decided_last(&view, &subjects, page)?;
                // What is held is so whether the target would refuse it or not.
                is_removal = page.first().map(|it| it.decision.action.is_removal());
                leaves = page.first().and_then(|it| Leaves::by(&it.decision.action));
                decided = foresee(&view, page)?;
            }
            if let Some(link) = &link {
                target = Some(state_of(&view, link)?);
            }
            self.note_who_brings(&view, &mut waits_for)?;
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
            staged: reader.staged_for(job.tenant, &job.id, &[id])?.pop(),
            waits_for,
            waited_for: waited_for(reader, job, id)?,
            holders: holders(reader, job, id, link.as_ref(), decided.as_ref())?,
            matching_anew: job.is_matching_anew()
                && decided.as_ref().is_some_and(Decided::goes_by_old_link),
            link,
            target,
            leaves,
            is_let_go_again: decided
                .as_ref()
                .is_some_and(|it| it.decision.action.restores_released()),
            evidence: decided.map(|it| it.decision.evidence.clone()),
        };
        explanation.verdict = verdict::of(job, &explanation, is_removal, admitted.as_ref());
        Ok(explanation)
    }
}

/// The id of the object in the source, and its link: whoever is asked for by the id of a target object
/// is the one whom the job has linked to it.
fn known(
    reader: &Reader<'_>,
    job: &Job,
    source: Option<&dyn Source>,
    kind: EntityKind,
    id: ObjectId,
) -> Result<(ObjectId, Option<Link>), Problem> {
    let linked = match link_of(reader, job, id)? {
        Some(link) => Some(link),
        None => {
            let links = reader.links_to(job.tenant, &job.id, &[id])?;
            links.into_iter().next().flatten()
        }
    };
    if let Some(link) = linked {
        of_kind(kind, link.kind, id)?;
        return Ok((link.source, Some(link)));
    }
    let stored = reader.object(job.tenant, id)?;
    if let Some(stored) = &stored {
        of_kind(kind, stored.entry.kind, id)?;
    }
    let is_there = match source {
        Some(source) => {
            let found = source.by_id(reader, &[(kind, id)]).map_err(unavailable)?;
            found
                .iter()
                .any(|it| it.entry.is_some() || it.lifecycle != Lifecycle::HardDeleted)
        }
        None => stored.is_some(),
    };
    let failed = reader.escrows_for(job.tenant, &job.id, &[id])?.pop();
    if is_there || failed.flatten().is_some_and(|it| it.kind == kind) {
        return Ok((id, None));
    }
    Err(Problem::not_found(id))
}

/// Decided as one of another kind, it would be taken for one that is gone.
fn of_kind(asked: EntityKind, is: EntityKind, id: ObjectId) -> Result<(), Problem> {
    if asked == is {
        return Ok(());
    }
    Err(Problem::bad_request(format!(
        "The object {id} is a {}, not a {}.",
        is.engine_name(),
        asked.engine_name()
    )))
}

fn link_of(reader: &Reader<'_>, job: &Job, source: ObjectId) -> Result<Option<Link>, Problem> {
    let links = reader.links_for(job.tenant, &job.id, &[source])?;
    Ok(links.into_iter().next().flatten())
}

/// With what the target says beforehand that it would refuse.
fn foresee(view: &View<'_, '_>, mut decided: Vec<Decided>) -> Result<Option<Decided>, Problem> {
    let refused = RefusedKinds::of(view.reader, view.configuration)?;
    for it in &mut decided {
        refused.refuse(&mut it.decision);
    }
    let (mut decided, _) = Refusals::over().of_page(view, decided)?;
    Ok(decided.pop())
}

fn state_of(view: &View<'_, '_>, link: &Link) -> Result<EndState, Problem> {
    let mut state = EndState::Gone;
    let kind = view.configuration.target_kind(link.kind);
    look(view, [(kind, link.target)], |_, found| {
        state = EndState::in_target(found);
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
    let mut targets: Vec<ObjectId> = elsewhere.iter().map(|(_, it, _)| it.target).collect();
    targets.extend(link.map(|it| it.target));
    if let Some(decided) = decided {
        let evidence = &decided.decision.evidence;
        targets.extend(evidence.target);
        targets.extend(evidence.matching.iter().flat_map(|it| it.found.clone()));
        if let Action::Release { target, .. } = decided.decision.action {
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
