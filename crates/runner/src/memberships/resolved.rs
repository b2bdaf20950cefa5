//! Wanted memberships, resolved through the links: which of them the target lacks, or has too many, and
//! which wait.

use syncline_connector::{Held, Membership};
use syncline_model::link::LinkState;
use syncline_model::{EntityKind, IdMap, IdSet, Link, ObjectId, Problem};

use super::elsewhere::{Elsewhere, deleted};
use super::{Flowing, Links, Wanted, ends, is_kept};
use crate::settle::{in_order, is_in_target};
use crate::unavailable::unavailable;
use crate::view::View;

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

/// Why a membership is not to be written yet.
#[derive(Clone, Copy, Debug)]
pub(crate) enum WaitsFor {
    /// The removal of this end is staged, of a member also by another job.
    Held((EntityKind, ObjectId)),
    /// The removal of this end is to be decided by the next cycle.
    Undecided((EntityKind, ObjectId)),
    /// The member is another job's, and to be removed by that one.
    OtherJob,
}

/// Why nothing is to be done of a membership that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LeftOut {
    /// The job does not keep the group in step.
    GroupNotKept,
    /// The member is not in the target, by this job or one beside it.
    MemberNotThere,
    /// The target has it as it is wanted, or somebody else added it.
    Stands(Held),
    /// The target object of this end, which was let go of, is somebody else's by now.
    SomebodyElses(ObjectId),
    /// The member lives no more in the source and was let go of.
    LetGo,
}

/// What is to be done of those that are wanted.
pub(crate) struct Resolved {
    pub(crate) writes: Vec<Write>,
    /// What is not to be written yet, and for whom it waits.
    pub(crate) waiting: Vec<(Write, WaitsFor)>,
    /// The links of all ends, by source object.
    pub(crate) links: IdMap<ObjectId, Link>,
    /// Those of members whom a job beside this one has.
    pub(crate) beside: IdMap<ObjectId, Link>,
}

/// What is to be done of those that are wanted, each once: only into groups that are kept in step is
/// written, and only members who are in the target are added.
///
/// INVARIANT: what the gate holds is held as a whole. A group whose removal is staged loses nobody and gets
/// nobody. Nor does a member whose removal is staged get into any group, whatever the removal is for: what a group
/// opens is not for whoever is to go. Of one who was deleted in the source nothing is changed at all,
/// for there he may have lost his memberships with himself. Should they stay, what the source says holds.
/// Who lives there, and is only to be switched off or out of scope, left what he left. Where another job
/// has the member, it may hold his removal, or not have come to it yet: so whoever was deleted is left to it, as long as it
/// looks at people, and added to nothing meanwhile.
/// And whatever end was deleted behind the cycle's watermark is left to the next one, which decides of it.
pub(crate) fn resolved(
    view: &View<'_, '_>,
    flowing: &Flowing<'_>,
    wanted: &[Wanted],
    known: &impl Links,
) -> Result<Resolved, Problem> {
    resolved_telling(view, flowing, wanted, known, &mut |_, _| {})
}

/// The same, telling as well by its place why nothing is to be done of one, whoever has to explain that.
pub(super) fn resolved_telling(
    view: &View<'_, '_>,
    flowing: &Flowing<'_>,
    wanted: &[Wanted],
    known: &impl Links,
    tell: &mut impl FnMut(usize, LeftOut),
) -> Result<Resolved, Problem> {
    let ends = wanted.iter().map(|it| it.membership);
    let ends = ends.flat_map(|it| [it.group, it.member]).collect();
    let links = known.of(&in_order(ends))?;
    let beside = beside(wanted, &links, known)?;
    let mut elsewhere = Elsewhere::of_page(view, wanted, &links, &beside)?;
    let mut writes = writes(wanted, &links, &beside, &elsewhere, tell);
    // Whatever tells of somebody who left: a change, a walk that began under another mapping, a call.
    writes.retain(|write| write.adds || flowing.removes);
    let asked: Vec<Membership> = writes.iter().map(|write| write.target).collect();
    let held = flowing
        .target
        .held(view.reader, &asked)
        .map_err(unavailable)?;
    let mut held = held.into_iter();
    writes.retain(|write| {
        held.next().is_some_and(|held| {
            let changes = write.changes(held);
            if !changes {
                tell(write.at, LeftOut::Stands(held));
            }
            changes
        })
    });
    leave_out_somebody_elses(view, flowing, wanted, &mut writes, &links, known, tell)?;

    let departed = ends::departed(view, &writes, &links, &beside)?;
    writes.retain(|write| {
        let is_let_go = write.adds && departed.let_go.contains(&write.source.member);
        if is_let_go {
            tell(write.at, LeftOut::LetGo);
        }
        !is_let_go
    });

    let undecided = ends::undecided(view, &writes, &links)?;
    let ends = writes.iter().map(|it| it.source);
    let ends = ends.flat_map(|it| [it.group, it.member]).collect();
    let staged = known.staged(&in_order(ends))?;
    let deleted = deleted(view, &writes, &links, &elsewhere, &staged)?;
    let held_beside = elsewhere.held(view, &writes, &beside)?;
    let waits_for = |write: &Write| {
        let Membership { group, member } = write.source;
        let held = |id: ObjectId| links.get(&id).filter(|_| staged.contains(&id));
        let undecided = |id: ObjectId| {
            links
                .get(&id)
                .filter(|_| !write.adds && undecided.contains(&id))
        };
        let is_deleted = deleted.contains(&member);
        let own = held(group).or_else(|| held(member).filter(|_| write.adds || is_deleted));
        let others = || {
            let is_held = write.adds && held_beside.contains(&member);
            beside.get(&member).filter(|_| is_held)
        };
        if let Some(end) = own.or_else(others) {
            return Some(WaitsFor::Held((end.kind, end.source)));
        }
        if let Some(end) = undecided(group).or_else(|| undecided(member)) {
            return Some(WaitsFor::Undecided((end.kind, end.source)));
        }
        let is_others = write.adds && departed.kept_by_others.contains(&member) || is_deleted;
        is_others.then_some(WaitsFor::OtherJob)
    };
    let mut waiting = Vec::new();
    writes.retain(|write| match waits_for(write) {
        Some(reason) => {
            waiting.push((*write, reason));
            false
        }
        None => true,
    });
    Ok(Resolved {
        writes,
        waiting,
        links,
        beside,
    })
}

/// What would make them as they are wanted, whatever the target has.
fn writes(
    wanted: &[Wanted],
    links: &IdMap<ObjectId, Link>,
    beside: &IdMap<ObjectId, Link>,
    elsewhere: &Elsewhere,
    tell: &mut impl FnMut(usize, LeftOut),
) -> Vec<Write> {
    let mut writes = Vec::new();
    // Both a group and one of its members may have come into the target.
    let mut met = IdSet::default();
    for (at, it) in wanted.iter().enumerate() {
        let source = it.membership;
        let Some(group) = links.get(&source.group).filter(|link| is_kept(link)) else {
            tell(at, LeftOut::GroupNotKept);
            continue;
        };
        if !met.insert((source, it.adds)) {
            continue;
        }
        let members = match (it.found, links.get(&source.member)) {
            (Some(found), _) => vec![found],
            (None, Some(link)) if is_in_target(link.state) => vec![link.target],
            (None, _) if it.adds => {
                let there = beside.get(&source.member);
                there.map(|link| link.target).into_iter().collect()
            }
            (None, link) => {
                let own = link.map(|link| link.target);
                let others = elsewhere.targets(source.member);
                in_order(own.into_iter().chain(others).collect())
            }
        };
        if members.is_empty() {
            tell(at, LeftOut::MemberNotThere);
        }
        writes.extend(members.into_iter().map(|member| Write {
            at,
            source,
            target: Membership {
                group: group.target,
                member,
            },
            adds: it.adds,
        }));
    }
    writes
}

/// Of those who are to be added and whom this job has not in the target, the links of jobs beside it that have.
fn beside(
    wanted: &[Wanted],
    links: &IdMap<ObjectId, Link>,
    known: &impl Links,
) -> Result<IdMap<ObjectId, Link>, Problem> {
    let is_there = |id: &ObjectId| links.get(id).is_some_and(|it| is_in_target(it.state));
    let added = wanted.iter().filter(|it| it.adds && it.found.is_none());
    let added = added.map(|it| it.membership);
    let added = added.filter(|it| links.get(&it.group).is_some_and(is_kept));
    known.beside(
        added
            .map(|it| it.member)
            .filter(|it| !is_there(it))
            .collect(),
    )
}

/// Whom this job let go or deleted another one may have linked to somebody else since: who is there now gets nothing for
/// what he was, and loses nothing that the source says of himself.
fn leave_out_somebody_elses(
    view: &View<'_, '_>,
    flowing: &Flowing<'_>,
    wanted: &[Wanted],
    writes: &mut Vec<Write>,
    links: &IdMap<ObjectId, Link>,
    known: &impl Links,
    tell: &mut impl FnMut(usize, LeftOut),
) -> Result<(), Problem> {
    let may_be = |write: &&Write| {
        let link = links.get(&write.source.member);
        if write.adds {
            link.is_some_and(|link| link.state == LinkState::Released)
        } else {
            // Whoever was met in the target is who is there now.
            let was_met = wanted.get(write.at).is_some_and(|it| it.found.is_some());
            !was_met && !link.is_some_and(is_kept)
        }
    };
    let asked = writes
        .iter()
        .filter(may_be)
        .map(|write| write.target.member);
    let targets = in_order(asked.collect());
    if targets.is_empty() {
        return Ok(());
    }
    let now: IdMap<ObjectId, ObjectId> = known.to(&targets)?.into_iter().collect();
    let somebody_else = |write: &Write| {
        let is_now = now.get(&write.target.member).copied();
        is_now.filter(|source| *source != write.source.member)
    };
    let removed = writes.iter().filter(|write| !write.adds);
    let theirs: Vec<Membership> = removed
        .filter_map(|write| {
            Some(Membership {
                group: write.source.group,
                member: somebody_else(write)?,
            })
        })
        .collect();
    let exist = flowing.source.exist(view.reader, &theirs);
    let exist = exist.map_err(unavailable)?;
    let theirs = theirs.into_iter().zip(exist);
    let theirs: IdSet<Membership> = theirs
        .filter_map(|(it, exists)| exists.then_some(it))
        .collect();
    writes.retain(|write| {
        let is_his = match somebody_else(write) {
            None => true,
            Some(_) if write.adds => false,
            Some(member) => !theirs.contains(&Membership {
                group: write.source.group,
                member,
            }),
        };
        if !is_his {
            tell(write.at, LeftOut::SomebodyElses(write.source.member));
        }
        is_his
    });
    Ok(())
}

impl Write {
    /// Whether there is anything to do. What somebody else added is not ours to remove.
    fn changes(&self, held: Held) -> bool {
        match held {
            Held::Not => self.adds,
            Held::FromSource => !self.adds,
            Held::ByOthers => false,
        }
    }
}
