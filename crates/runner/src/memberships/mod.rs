//! Members of synchronized groups, membership by membership: what has to be looked at, and which of it
//! is not as it should be. A group is never held in memory, and a changed membership is one to look at
//! in a group of any size.
//!
//! What changed in the source is told by the source. Who comes into the target (again) is *due*: of a
//! group its members, of anybody the groups that he is in, so that nobody waits for a restart.

mod elsewhere;
mod ends;
mod resolved;
mod standing;

use syncline_connector::{Held, Membership, SourceMemberships, TargetMemberships};
use syncline_model::job::{CycleKind, CyclePhase};
use syncline_model::link::LinkState;
use syncline_model::{EntityKind, IdMap, IdSet, Link, ObjectId, Problem};
use syncline_store::{MembershipStage, MembershipsDue};

use crate::beside;
use crate::configuration::Configuration;
use crate::settle::{Arrival, is_in_target};
use crate::unavailable::unavailable;
use crate::view::View;

pub(crate) use elsewhere::RulesOfJobs;
pub(crate) use resolved::{LeftOut, Resolved, WaitsFor, Write, resolved};
pub(crate) use standing::{MembershipFate, Standing, standing};

/// How the members of groups flow.
#[derive(Clone, Copy)]
pub(crate) struct Flowing<'c> {
    pub(crate) source: &'c dyn SourceMemberships,
    pub(crate) target: &'c dyn TargetMemberships,
    /// What a group is in the target.
    pub(crate) kind: EntityKind,
    /// Whether they are kept in step; otherwise a group gets its members when it comes into the target.
    pub(crate) follows: bool,
    /// Whether those who leave in the source are removed.
    pub(crate) removes: bool,
}

impl<'c> Flowing<'c> {
    /// `None` where members do not flow, or the systems do not tell memberships by themselves.
    pub(crate) fn of(configuration: &'c Configuration) -> Option<Self> {
        let rule = configuration.rule_for(EntityKind::Group)?;
        let members = rule.members()?;
        Some(Self {
            source: configuration.connected.source.memberships()?,
            target: configuration.connected.target.memberships()?,
            kind: rule.target,
            follows: members.follows,
            removes: members.removes,
        })
    }

    /// Whether the memberships of an object become due with a decision: a group is kept in step from now on,
    /// or somebody came into the target, or is kept in step anew. A first cycle meets all members in their
    /// groups.
    pub(crate) fn are_due(
        &self,
        walk: Option<(CycleKind, CyclePhase)>,
        kind: EntityKind,
        arrival: Arrival,
    ) -> bool {
        // Who was let go and deleted in the source joined no group meanwhile. A group that comes into the target and is
        // not kept in step has no members that are ours to write, and is a member itself.
        let joins = (arrival.came || arrival.is_kept_anew) && !meets_all(walk) && self.follows;
        joins || (kind == EntityKind::Group && arrival.is_kept_anew)
    }

    /// What is due of objects that were linked before a cycle that goes through all groups. Those that are to
    /// be removed are among them: they may stay.
    pub(crate) fn due_of_linked(&self, links: &[Link]) -> Vec<MembershipsDue> {
        let groups = links
            .iter()
            .filter(|link| self.follows && link.kind == EntityKind::Group && is_kept(link));
        groups
            .map(|link| MembershipsDue::of(link.kind, link.source))
            .collect()
    }
}

/// Whether a walk through everybody is under way, behind which groups are gone through.
pub(crate) fn meets_all(walk: Option<(CycleKind, CyclePhase)>) -> bool {
    matches!(walk, Some((CycleKind::Initial, _))) && !is_over(walk)
}

/// Whether the cycle has gone through members, and is at its removals or behind them.
pub(crate) fn is_over(walk: Option<(CycleKind, CyclePhase)>) -> bool {
    matches!(walk, Some((_, CyclePhase::Staged | CyclePhase::Retries)))
}

/// The links that a walk goes by: those there are, or those that a plan foresees.
pub(crate) trait Links {
    /// The links of these source objects, in whatever state.
    fn of(&self, sources: &[ObjectId]) -> Result<IdMap<ObjectId, Link>, Problem>;

    /// The links by which jobs beside this one have these source objects in the target.
    fn beside(&self, sources: Vec<ObjectId>) -> Result<IdMap<ObjectId, Link>, Problem>;

    /// These target objects with the source objects they come from, as far as a job of this tenant says.
    fn to(&self, targets: &[ObjectId]) -> Result<Vec<(ObjectId, ObjectId)>, Problem>;

    /// Those of these source objects whose removal is staged.
    fn staged(&self, sources: &[ObjectId]) -> Result<IdSet<ObjectId>, Problem>;
}

impl Links for View<'_, '_> {
    fn of(&self, sources: &[ObjectId]) -> Result<IdMap<ObjectId, Link>, Problem> {
        let links = self.reader.links_for(self.tenant, self.job, sources)?;
        let links = links.into_iter().flatten();
        Ok(links.map(|link| (link.source, link)).collect())
    }

    fn beside(&self, sources: Vec<ObjectId>) -> Result<IdMap<ObjectId, Link>, Problem> {
        beside::in_target(self, sources)
    }

    fn to(&self, targets: &[ObjectId]) -> Result<Vec<(ObjectId, ObjectId)>, Problem> {
        let (tenant, job) = (self.tenant, self.job);
        let own = self.reader.links_to(tenant, job, targets)?;
        sources_of(self, targets, own)
    }

    fn staged(&self, sources: &[ObjectId]) -> Result<IdSet<ObjectId>, Problem> {
        let (tenant, job) = (self.tenant, self.job);
        // Mostly none is, and then nobody is asked for.
        if self.reader.staged(tenant, job, None, 1)?.is_empty() {
            return Ok(IdSet::default());
        }
        Ok(self.reader.staged_among(tenant, job, sources)?)
    }
}

/// These target objects with the source objects they come from, given this job's links to them. A group may
/// have been another job's before, and its members are still; and whom this job let go, another one may have
/// linked to somebody else since.
pub(crate) fn sources_of(
    view: &View<'_, '_>,
    targets: &[ObjectId],
    own: Vec<Option<Link>>,
) -> Result<Vec<(ObjectId, ObjectId)>, Problem> {
    let others = view
        .reader
        .links_of_other_jobs_to(view.tenant, view.job, targets)?;
    let found = targets.iter().zip(own.into_iter().zip(others));
    let found = found.filter_map(|(target, (own, other))| {
        let link = match (own, other) {
            (Some(own), Some(other)) if !is_kept(&own) && is_kept(&other) => other,
            (own, other) => own.or(other)?,
        };
        Some((*target, link.source))
    });
    Ok(found.collect())
}

/// A membership that should be, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Wanted {
    /// In ids of source objects.
    pub(crate) membership: Membership,
    pub(crate) adds: bool,
    /// The member in the target, where it was found there.
    found: Option<ObjectId>,
}

impl Wanted {
    fn to_be(group: ObjectId, member: ObjectId) -> Self {
        Self::changed((Membership { group, member }, true))
    }

    /// As the source tells a change.
    pub(crate) fn changed((membership, adds): (Membership, bool)) -> Self {
        Self {
            membership,
            adds,
            found: None,
        }
    }
}

/// A step of a walk.
pub(crate) struct Walked {
    pub(crate) wanted: Vec<Wanted>,
    /// Where the walk goes on; `None` when it is over.
    pub(crate) next: Option<MembershipsDue>,
    /// So many memberships were looked at.
    pub(crate) read: usize,
}

/// Looks at up to `limit` memberships of an object whose memberships are due.
pub(crate) fn walk(
    view: &View<'_, '_>,
    flowing: &Flowing<'_>,
    due: &MembershipsDue,
    links: &impl Links,
    limit: usize,
) -> Result<Walked, Problem> {
    let (source, after) = (due.source, due.place);
    let link = links.of(&[source])?.remove(&source);
    let own = link.filter(|link| is_in_target(link.state));
    // Another job's group is only a member here: whom it has itself is that job's.
    let has_members = own.as_ref().is_some_and(is_kept);
    let link = match own {
        Some(link) => Some(link),
        None if flowing.follows => links.beside(vec![source])?.remove(&source),
        None => None,
    };
    // Whatever brought it: where members are only given to their groups at creation, nobody is looked for in others.
    let is_walked = flowing.follows || (has_members && is_of_members(due.stage));
    let Some(link) = link.filter(|_| is_walked) else {
        // Or it left again; should it come back, its memberships are due anew.
        return Ok(Walked {
            wanted: Vec::new(),
            next: None,
            read: 1,
        });
    };
    if link.kind == EntityKind::Group && is_of_members(due.stage) && !has_members {
        return Ok(Walked {
            wanted: Vec::new(),
            next: flowing.follows.then_some(MembershipsDue {
                stage: MembershipStage::Groups,
                place: None,
                ..*due
            }),
            read: 1,
        });
    }
    let to_be = |ids: &[ObjectId], membership: fn(ObjectId, ObjectId) -> Wanted| -> Vec<Wanted> {
        ids.iter().map(|id| membership(source, *id)).collect()
    };
    let (ids, wanted) = match due.stage {
        MembershipStage::Members => {
            let members = flowing.source.members(view.reader, source, after, limit);
            let members = members.map_err(unavailable)?;
            let wanted = to_be(&members, Wanted::to_be);
            (members, wanted)
        }
        MembershipStage::Leavers => {
            let members = flowing
                .target
                .members(view.reader, link.target, after, limit)
                .map_err(unavailable)?;
            let known = links.to(&ours(&members))?;
            let ends = known
                .iter()
                .map(|(target, member)| (source, *member, *target));
            let wanted = gone(view, flowing, ends.collect())?;
            (all(&members), wanted)
        }
        MembershipStage::Groups => {
            let groups = flowing.source.groups(view.reader, source, after, limit);
            let groups = groups.map_err(unavailable)?;
            let wanted = to_be(&groups, |member, group| Wanted::to_be(group, member));
            (groups, wanted)
        }
        MembershipStage::LeftGroups => {
            let groups = flowing
                .target
                .groups(view.reader, link.target, after, limit)
                .map_err(unavailable)?;
            let known = links.to(&ours(&groups))?;
            let ends = known.iter().map(|(_, group)| (*group, source, link.target));
            let wanted = gone(view, flowing, ends.collect())?;
            (all(&groups), wanted)
        }
    };
    let next = match ids.last() {
        Some(last) if ids.len() == limit => Some((due.stage, Some(*last))),
        _ => stage_after(flowing, due.stage).map(|stage| (stage, None)),
    };
    Ok(Walked {
        wanted,
        next: next.map(|(stage, place)| MembershipsDue {
            stage,
            place,
            ..*due
        }),
        read: ids.len().max(1),
    })
}

/// Whether a walk is at the members of a group: those of one that is kept in step alone.
fn is_of_members(stage: MembershipStage) -> bool {
    matches!(stage, MembershipStage::Members | MembershipStage::Leavers)
}

fn stage_after(flowing: &Flowing<'_>, stage: MembershipStage) -> Option<MembershipStage> {
    match stage {
        MembershipStage::Members if flowing.removes => Some(MembershipStage::Leavers),
        MembershipStage::Members if flowing.follows => Some(MembershipStage::Groups),
        MembershipStage::Leavers => Some(MembershipStage::Groups),
        MembershipStage::Groups if flowing.removes => Some(MembershipStage::LeftGroups),
        MembershipStage::Members | MembershipStage::Groups | MembershipStage::LeftGroups => None,
    }
}

/// Those that this source's synchronization added.
fn ours(held: &[(ObjectId, Held)]) -> Vec<ObjectId> {
    let ours = held.iter().filter(|(_, held)| *held == Held::FromSource);
    ours.map(|(id, _)| *id).collect()
}

fn all(held: &[(ObjectId, Held)]) -> Vec<ObjectId> {
    held.iter().map(|(id, _)| *id).collect()
}

/// Of these memberships in the target (group and member in ids of source objects, the member in the target),
/// those that the source has no more.
fn gone(
    view: &View<'_, '_>,
    flowing: &Flowing<'_>,
    ends: Vec<(ObjectId, ObjectId, ObjectId)>,
) -> Result<Vec<Wanted>, Problem> {
    let asked: Vec<Membership> = ends
        .iter()
        .map(|(group, member, _)| Membership {
            group: *group,
            member: *member,
        })
        .collect();
    let exist = flowing
        .source
        .exist(view.reader, &asked)
        .map_err(unavailable)?;
    let members = asked.into_iter().zip(ends).zip(exist);
    let gone = members.filter(|(_, exists)| !exists);
    Ok(gone
        .map(|((membership, (.., found)), _)| Wanted {
            membership,
            adds: false,
            found: Some(found),
        })
        .collect())
}

/// Whether an object with such a link is kept in step.
pub(crate) fn is_kept(link: &Link) -> bool {
    link.state == LinkState::Live
}
