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
struct Theirs {
    job: JobId,
    link: Link,
    is_staged: bool,
}

/// What other jobs have of members of a page: asked for once.
pub(super) struct Elsewhere {
    of: IdMap<ObjectId, Vec<Theirs>>,
    /// Who is to be removed and was asked about, in order. Where anybody was, those who are to be added were as well.
    removed: Vec<ObjectId>,
}

impl Elsewhere {
    /// Who is to be removed may be another job's, as he is when his group was that job's before, or when he was
    /// handed over to it. Where anybody is asked about, those who are to be added and are in the target by other jobs are
    /// asked about with him; otherwise once it is known who of them is not there yet.
    pub(super) fn of_page(
        view: &View<'_, '_>,
        wanted: &[Wanted],
        links: &IdMap<ObjectId, Link>,
        beside: &IdMap<ObjectId, Link>,
    ) -> Result<Self, Problem> {
        let is_kept = |member: &ObjectId| links.get(member).is_some_and(is_kept);
        let removed = wanted.iter().filter(|it| !it.adds);
        let removed = removed.map(|it| it.membership.member);
        let removed = in_order(removed.filter(|member| !is_kept(member)).collect());
        let mut asked = removed.clone();
        if !removed.is_empty() {
            asked.extend(beside.keys());
        }
        let of = ask(view, in_order(asked))?;
        Ok(Self { of, removed })
    }

    /// What other jobs have of a member who is to be removed.
    fn of_removed(&self, member: ObjectId) -> impl Iterator<Item = &Theirs> {
        let is_asked = self.removed.binary_search(&member).is_ok();
        let theirs = self.of.get(&member).filter(|_| is_asked);
        theirs.into_iter().flatten()
    }

    /// The target objects that other jobs have linked to a member who is to be removed.
    pub(super) fn targets(&self, member: ObjectId) -> impl Iterator<Item = ObjectId> {
        self.of_removed(member).map(|it| it.link.target)
    }

    /// Of the members who are to be added and whom other jobs have in the target, those whose removal is held there.
    pub(super) fn held(
        &mut self,
        view: &View<'_, '_>,
        writes: &[Write],
        beside: &IdMap<ObjectId, Link>,
    ) -> Result<IdSet<ObjectId>, Problem> {
        let added = writes.iter().filter(|it| it.adds);
        let added = added.map(|it| it.source.member);
        let asked = in_order(added.filter(|it| beside.contains_key(it)).collect());
        if self.removed.is_empty() {
            self.of = ask(view, asked.clone())?;
        }
        let is_held = |member: &ObjectId| {
            let mut theirs = self.of.get(member).into_iter().flatten();
            let is_there = beside.get(member);
            theirs.any(|it| {
                it.is_staged && is_there.is_some_and(|there| there.target == it.link.target)
            })
        };
        Ok(asked.into_iter().filter(is_held).collect())
    }
}

fn ask(view: &View<'_, '_>, asked: Vec<ObjectId>) -> Result<IdMap<ObjectId, Vec<Theirs>>, Problem> {
    let mut of: IdMap<ObjectId, Vec<Theirs>> = IdMap::default();
    if asked.is_empty() {
        return Ok(of);
    }
    let found = view
        .reader
        .links_of_other_jobs(view.tenant, view.job, &asked)?;
    for (job, link, is_staged) in found {
        of.entry(link.source).or_default().push(Theirs {
            job,
            link,
            is_staged,
        });
    }
    Ok(of)
}

/// Of the members who are to be removed, by this job or by another one, those who were deleted in the source.
pub(super) fn deleted(
    view: &View<'_, '_>,
    writes: &[Write],
    links: &IdMap<ObjectId, Link>,
    elsewhere: &Elsewhere,
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
        let others = elsewhere.of_removed(member);
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

/// The rules of other jobs, each read once; `None` of one that has none that can be read. Most pages ask for nobody's.
#[derive(Default)]
pub(crate) struct RulesOfJobs(HashMap<JobId, Option<Vec<Rule>>>);

impl RulesOfJobs {
    /// Whether a job decides about objects of this kind: with the mapping switched off it never comes to a removal. One whose
    /// rules can not be read may come to it once they are mended.
    pub(crate) fn look_at(
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
