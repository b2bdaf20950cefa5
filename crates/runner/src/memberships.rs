//! Members of synchronized groups, membership by membership: what has to be looked at, and which of it
//! is not as it should be. A group is never held in memory, and a changed membership is one to look at
//! in a group of any size.
//!
//! What changed in the source is told by the source. Who comes into the target (again) is *due*: of a
//! group its members, of anybody the groups that he is in, so that nobody waits for a restart.

use syncline_connector::{Held, Membership, SourceMemberships, TargetMemberships};
use syncline_engine::rule::{FlowType, MappingSource};
use syncline_model::job::{CycleKind, CyclePhase};
use syncline_model::link::LinkState;
use syncline_model::{Attr, EntityKind, IdMap, IdSet, Link, ObjectId, Problem};
use syncline_store::{MembershipStage, MembershipsDue};

use crate::configuration::Configuration;
use crate::page::unavailable;
use crate::settle::is_in_target;
use crate::view::View;

/// How the members of groups flow.
#[derive(Clone, Copy)]
pub(crate) struct Flowing<'c> {
    pub(crate) source: &'c dyn SourceMemberships,
    pub(crate) target: &'c dyn TargetMemberships,
    /// What a group is in the target.
    pub(crate) kind: EntityKind,
    /// Whether they are kept in step; otherwise a group gets its members when it comes into the target.
    pub(crate) follows: bool,
}

impl<'c> Flowing<'c> {
    /// `None` where members do not flow, or the systems do not tell memberships by themselves.
    pub(crate) fn of(configuration: &'c Configuration) -> Option<Self> {
        let rule = configuration
            .rule_for(EntityKind::Group)
            .filter(|rule| rule.enabled)?;
        let mapping = rule.mapping(Attr::MEMBERS).filter(|mapping| {
            matches!(mapping.source, MappingSource::Reference(attr) if attr == Attr::MEMBERS)
        })?;
        Some(Self {
            source: configuration.connected.source.memberships()?,
            target: configuration.connected.target.memberships()?,
            kind: rule.target,
            follows: rule.flow.update && mapping.flow_type != FlowType::ObjectAddOnly,
        })
    }

    /// Whether the memberships of an object become due with a decision: it came into the target
    /// (`arrived`), or it is a group that is there while the configuration changed. The walk of a first
    /// cycle meets the members in their groups: those that came into the target with it, and those that
    /// were linked before ([`Flowing::due_of_linked`]).
    pub(crate) fn are_due(
        &self,
        walk: Option<(CycleKind, CyclePhase)>,
        kind: EntityKind,
        arrived: bool,
        is_live: bool,
    ) -> bool {
        let meets_all =
            matches!(walk, Some((CycleKind::Initial, phase)) if phase != CyclePhase::Staged);
        let changed = matches!(walk, Some((_, CyclePhase::Reevaluation)));
        match kind {
            EntityKind::Group => arrived || (changed && is_live && self.follows),
            _ => arrived && !meets_all && self.follows,
        }
    }

    /// What a full read makes due of objects that were linked before: whatever was changed in their groups
    /// in the meantime, nobody told. Those that are to be removed are among them: they may stay.
    pub(crate) fn due_of_linked(&self, links: &[Link]) -> Vec<MembershipsDue> {
        let groups = links
            .iter()
            .filter(|link| self.follows && link.kind == EntityKind::Group && is_kept(link));
        groups
            .map(|link| MembershipsDue::of(link.kind, link.source))
            .collect()
    }
}

/// The links that a walk goes by: those there are, or those that a plan foresees.
pub(crate) trait Links {
    /// The links of these source objects, in whatever state.
    fn of(&self, sources: &[ObjectId]) -> Result<IdMap<ObjectId, Link>, Problem>;

    /// The source objects of these target objects; those of unknown ones are left out.
    fn to(&self, targets: &[ObjectId]) -> Result<Vec<ObjectId>, Problem>;
}

impl Links for View<'_, '_> {
    fn of(&self, sources: &[ObjectId]) -> Result<IdMap<ObjectId, Link>, Problem> {
        let links = self.reader.links_for(self.tenant, self.job, sources)?;
        let links = links.into_iter().flatten();
        Ok(links.map(|link| (link.source, link)).collect())
    }

    fn to(&self, targets: &[ObjectId]) -> Result<Vec<ObjectId>, Problem> {
        let links = self.reader.links_to(self.tenant, self.job, targets)?;
        Ok(links.into_iter().flatten().map(|it| it.source).collect())
    }
}

/// Memberships that should be, or not, in ids of source objects.
pub(crate) type Wanted = (Membership, bool);

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
    let Some(link) = link.filter(is_kept) else {
        // It left again; should it come back, its memberships are due anew.
        return Ok(Walked {
            wanted: Vec::new(),
            next: None,
            read: 1,
        });
    };
    let (ids, wanted) = match due.stage {
        MembershipStage::Members => {
            let members = flowing.source.members(view.reader, source, after, limit);
            let members = members.map_err(unavailable)?;
            let wanted = members.iter().map(|member| wanted(source, *member));
            let wanted = wanted.collect();
            (members, wanted)
        }
        MembershipStage::Leavers => {
            let members = flowing
                .target
                .members(view.reader, link.target, after, limit)
                .map_err(unavailable)?;
            let ids = members.iter().map(|(id, _)| *id).collect();
            let ours = members
                .into_iter()
                .filter(|(_, held)| *held == Held::FromSource);
            let ours: Vec<ObjectId> = ours.map(|(id, _)| id).collect();
            let known = links.to(&ours)?;
            (ids, leavers(view, flowing, source, &known)?)
        }
        MembershipStage::Groups => {
            let groups = flowing.source.groups(view.reader, source, after, limit);
            let groups = groups.map_err(unavailable)?;
            let wanted = groups.iter().map(|group| wanted(*group, source));
            let wanted = wanted.collect();
            (groups, wanted)
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
            ..MembershipsDue::of(due.kind, source)
        }),
        read: ids.len().max(1),
    })
}

fn wanted(group: ObjectId, member: ObjectId) -> Wanted {
    (Membership { group, member }, true)
}

fn stage_after(flowing: &Flowing<'_>, stage: MembershipStage) -> Option<MembershipStage> {
    match stage {
        MembershipStage::Members if flowing.follows => Some(MembershipStage::Leavers),
        MembershipStage::Leavers => Some(MembershipStage::Groups),
        MembershipStage::Members | MembershipStage::Groups => None,
    }
}

/// Those of these source objects, whose target objects are members of a group, that are no members of the
/// source's group any more.
fn leavers(
    view: &View<'_, '_>,
    flowing: &Flowing<'_>,
    group: ObjectId,
    known: &[ObjectId],
) -> Result<Vec<Wanted>, Problem> {
    let asked: Vec<Membership> = known
        .iter()
        .map(|member| Membership {
            group,
            member: *member,
        })
        .collect();
    let exist = flowing
        .source
        .exist(view.reader, &asked)
        .map_err(unavailable)?;
    let gone = asked.into_iter().zip(exist).filter(|(_, exists)| !exists);
    Ok(gone.map(|(membership, _)| (membership, false)).collect())
}

/// Whether an object with such a link is kept in step.
fn is_kept(link: &Link) -> bool {
    link.state == LinkState::Live
}

/// A membership to be written into the target, or taken out of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Write {
    /// Its place among those that were wanted.
    pub(crate) at: usize,
    /// In ids of source objects.
    pub(crate) source: Membership,
    /// In ids of target objects.
    pub(crate) target: Membership,
    pub(crate) adds: bool,
}

/// What the links say of those that are wanted, each once: only into groups that are kept in step is
/// written, and only members who are in the target are added.
pub(crate) fn resolved(wanted: &[Wanted], links: &IdMap<ObjectId, Link>) -> Vec<Write> {
    // Both a group and one of its members may have come into the target.
    let mut met = IdSet::default();
    let wanted = wanted.iter().enumerate().filter(|(_, it)| met.insert(**it));
    let writes = wanted.filter_map(|(at, (source, adds))| {
        let group = links.get(&source.group).filter(|link| is_kept(link))?;
        let member = links.get(&source.member)?;
        (!adds || is_in_target(member.state)).then_some(Write {
            at,
            source: *source,
            target: Membership {
                group: group.target,
                member: member.target,
            },
            adds: *adds,
        })
    });
    writes.collect()
}

impl Write {
    /// Whether there is anything to do. What somebody else added is not ours to remove.
    pub(crate) fn changes(&self, held: Held) -> bool {
        match held {
            Held::Not => self.adds,
            Held::FromSource => !self.adds,
            Held::ByOthers => false,
        }
    }
}
