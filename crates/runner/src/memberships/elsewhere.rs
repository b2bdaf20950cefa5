//! Members whom other jobs have: those may have their removal still before them, or hold it.

use std::collections::HashMap;

use syncline_engine::{Lifecycle, Rule};
use syncline_model::link::LinkState;
use syncline_model::{EntityKind, IdMap, IdSet, JobId, Link, ObjectId, Problem};
use syncline_store::StoreError;

use super::resolved::Write;
use super::{Wanted, is_kept};
use crate::settle::in_order;
use crate::unavailable::unavailable;
use crate::view::View;

/// What another job has of a member, towards whatever target.
pub(super) struct Elsewhere {
    job: JobId,
    pub(super) link: Link,
    is_staged: bool,
}

/// Who is to be removed may be another job's, as he is when his group was that job's before, or when he was
/// handed over to it: such members, each with what those have of him.
pub(super) fn elsewhere(
    view: &View<'_, '_>,
    wanted: &[Wanted],
    links: &IdMap<ObjectId, Link>,
) -> Result<IdMap<ObjectId, Vec<Elsewhere>>, Problem> {
    let is_kept = |member: &ObjectId| links.get(member).is_some_and(is_kept);
    let removed = wanted.iter().filter(|it| !it.adds);
    let removed = removed.map(|it| it.membership.member);
    let asked = in_order(removed.filter(|member| !is_kept(member)).collect());
    let found = view
        .reader
        .links_of_other_jobs(view.tenant, view.job, &asked)?;
    let mut elsewhere: IdMap<ObjectId, Vec<Elsewhere>> = IdMap::default();
    for (job, link, is_staged) in found {
        let of_member = elsewhere.entry(link.source).or_default();
        of_member.push(Elsewhere {
            job,
            link,
            is_staged,
        });
    }
    Ok(elsewhere)
}

/// Of the members who are to be removed, by this job or by another one, those who were deleted in the source.
pub(super) fn deleted(
    view: &View<'_, '_>,
    writes: &[Write],
    links: &IdMap<ObjectId, Link>,
    elsewhere: &IdMap<ObjectId, Vec<Elsewhere>>,
    staged: &IdSet<ObjectId>,
) -> Result<IdSet<ObjectId>, Problem> {
    let members = in_order(writes.iter().map(|it| it.source.member).collect());
    // A job towards another target has his account there, and takes nothing with it here.
    let found_here: IdSet<(ObjectId, ObjectId)> = writes
        .iter()
        .map(|it| (it.source.member, it.target.member))
        .collect();
    let own = |member: ObjectId| links.get(&member).filter(|_| staged.contains(&member));
    let others = |member: ObjectId| {
        let others = elsewhere.get(&member).into_iter().flatten();
        let others = others.filter(|it| found_here.contains(&(it.link.source, it.link.target)));
        others.filter(|it| it.is_staged || it.link.state != LinkState::Released)
    };
    let asked: Vec<(EntityKind, ObjectId)> = members
        .into_iter()
        .filter_map(|member| {
            let other = || others(member).next().map(|it| &it.link);
            let link = own(member).or_else(other)?;
            Some((link.kind, member))
        })
        .collect();
    if asked.is_empty() {
        return Ok(IdSet::default());
    }
    let source = &view.configuration.connected.source;
    let found = source.by_id(view.reader, &asked).map_err(unavailable)?;
    let mut rules = RulesOfJobs::default();
    let mut deleted = IdSet::default();
    for subject in found {
        if subject.lifecycle == Lifecycle::Live {
            continue;
        }
        let mut waits = own(subject.id).is_some();
        for other in others(subject.id) {
            // Whom another job has deleted already it deletes once more only when he is gone for good.
            let is_to_come = other.is_staged
                || is_kept(&other.link)
                || subject.lifecycle == Lifecycle::HardDeleted;
            waits = waits || (is_to_come && rules.look_at(view, &other.job, other.link.kind)?);
        }
        if waits {
            deleted.insert(subject.id);
        }
    }
    Ok(deleted)
}

/// Of the members who are to be added and whom other jobs have in the target, those whose removal is held there.
pub(super) fn held(
    view: &View<'_, '_>,
    writes: &[Write],
    beside: &IdMap<ObjectId, Link>,
) -> Result<IdSet<ObjectId>, Problem> {
    let added = writes.iter().filter(|it| it.adds);
    let added = added.map(|it| it.source.member);
    let asked = in_order(added.filter(|it| beside.contains_key(it)).collect());
    if asked.is_empty() {
        return Ok(IdSet::default());
    }
    let found = view
        .reader
        .links_of_other_jobs(view.tenant, view.job, &asked)?;
    let held = found.into_iter().filter(|(_, link, is_staged)| {
        let is_there = beside.get(&link.source);
        *is_staged && is_there.is_some_and(|it| it.target == link.target)
    });
    Ok(held.map(|(_, link, _)| link.source).collect())
}

/// The rules of other jobs, each read once; `None` of one that has none that can be read. Most pages ask for nobody's.
#[derive(Default)]
struct RulesOfJobs(HashMap<JobId, Option<Vec<Rule>>>);

impl RulesOfJobs {
    /// Whether a job decides about objects of this kind: with the mapping switched off it never comes to a removal. One whose
    /// rules can not be read may come to it once they are mended.
    fn look_at(
        &mut self,
        view: &View<'_, '_>,
        job: &JobId,
        kind: EntityKind,
    ) -> Result<bool, Problem> {
        if !self.0.contains_key(job) {
            let rules = match view.reader.job(view.tenant, job) {
                Ok(None) | Err(StoreError::Damaged(_)) => None,
                Ok(Some(job)) => view.configuration.rules_of(view.reader, &job)?,
                Err(error) => return Err(error.into()),
            };
            self.0.insert(job.clone(), rules);
        }
        let rules = self.0.get(job).and_then(Option::as_deref);
        let decides = |rules: &[Rule]| Rule::deciding(rules, kind).is_some_and(|it| it.enabled);
        Ok(rules.is_none_or(decides))
    }
}
