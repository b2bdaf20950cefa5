//! How one membership stands: what [`super::resolved`] makes of it, for whoever has to explain that. Nothing is decided
//! here that a cycle does not decide.

use syncline_connector::{Held, Membership};
use syncline_model::link::LinkState;
use syncline_model::{IdMap, Link, ObjectId, Problem};

use super::resolved::{Write, resolved_telling};
use super::{Flowing, LeftOut, Links, Resolved, WaitsFor, Wanted, is_kept};
use crate::settle::is_in_target;
use crate::unavailable::unavailable;
use crate::view::View;

/// One membership, as a cycle would see it now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    /// Whether the source has it, not counting groups in groups.
    pub(crate) is_in_source: bool,
    pub(crate) fate: MembershipFate,
    /// What the target has; `None` where one end has nothing there, or what it had is somebody else's by now.
    pub(crate) in_target: Option<Held>,
    /// Its ends there, by the links that are gone by; `None` where one has none, or what it had is somebody else's by now.
    pub(crate) ends: Option<Membership>,
}

/// What a cycle that looks at a membership would make of it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum MembershipFate {
    /// It is added, or removed where removals flow.
    Written,
    Waits(WaitsFor),
    LeftOut(LeftOut),
}

/// Looks at one membership. That removals do not flow is for the caller to say: it is told what they would be.
pub(crate) fn standing(
    view: &View<'_, '_>,
    flowing: &Flowing<'_>,
    membership: Membership,
) -> Result<Standing, Problem> {
    let exist = flowing.source.exist(view.reader, &[membership]);
    let is_in_source = exist.map_err(unavailable)?.first().is_some_and(|it| *it);
    let flowing = Flowing {
        removes: true,
        ..*flowing
    };
    let wanted = [Wanted::changed((membership, is_in_source))];
    // Somebody who left may have been in the target by several links: what is there counts.
    let mut left_out = LeftOut::MemberNotThere;
    let Resolved {
        mut writes,
        mut waiting,
        links,
        beside,
    } = resolved_telling(view, &flowing, &wanted, view, &mut |_, why| {
        if !matches!(left_out, LeftOut::Stands(Held::ByOthers)) {
            left_out = why;
        }
    })?;
    let group = links.get(&membership.group);
    let own = links.get(&membership.member);
    let member = own
        .filter(|it| is_in_target(it.state))
        .or(beside.get(&membership.member))
        .or(own);
    let theirs = somebody_elses(view, [group, member])?;
    let [group_is_theirs, member_is_theirs] = theirs;
    if let Some(member) = member.filter(|_| member_is_theirs) {
        // Whatever is there is no membership of whoever was there before.
        let is_his = |write: &Write| write.target.member != member.target;
        writes.retain(is_his);
        waiting.retain(|(write, _)| is_his(write));
    }
    let was_let_go = |link: Option<&Link>| link.is_some_and(|it| it.state == LinkState::Released);
    let fate = if !writes.is_empty() {
        MembershipFate::Written
    } else if let Some((_, reason)) = waiting.first() {
        MembershipFate::Waits(*reason)
    } else {
        MembershipFate::LeftOut(match left_out {
            _ if group_is_theirs && was_let_go(group) => LeftOut::SomebodyElses(membership.group),
            LeftOut::GroupNotKept | LeftOut::MemberNotThere => left_out,
            _ if member_is_theirs => LeftOut::SomebodyElses(membership.member),
            _ => left_out,
        })
    };
    let written = writes.first().or(waiting.first().map(|(write, _)| write));
    let ends = match (written, group, member) {
        (Some(write), ..) => Some(write.target),
        (None, Some(group), Some(member)) if !theirs.contains(&true) => Some(Membership {
            group: group.target,
            member: member.target,
        }),
        _ => None,
    };
    let in_target = match (fate, ends) {
        (MembershipFate::LeftOut(LeftOut::SomebodyElses(_)), _) => None,
        (MembershipFate::LeftOut(LeftOut::Stands(held)), _) => Some(held),
        (MembershipFate::Written | MembershipFate::Waits(_), _) => Some(match is_in_source {
            true => Held::Not,
            false => Held::FromSource,
        }),
        (_, Some(ends)) => {
            let held = flowing.target.held(view.reader, &[ends]);
            held.map_err(unavailable)?.first().copied()
        }
        (_, None) => None,
    };
    Ok(Standing {
        is_in_source,
        fate,
        in_target,
        ends,
    })
}

/// Whether the target objects of ends that are not kept in step are somebody else's by now: another job may have linked
/// whom this one let go of, or took out of the target, to somebody else since.
fn somebody_elses(view: &View<'_, '_>, ends: [Option<&Link>; 2]) -> Result<[bool; 2], Problem> {
    let not_kept = ends.map(|end| end.filter(|link| !is_kept(link)));
    let targets: Vec<ObjectId> = not_kept.iter().flatten().map(|it| it.target).collect();
    if targets.is_empty() {
        return Ok([false; 2]);
    }
    let now: IdMap<ObjectId, ObjectId> = view.to(&targets)?.into_iter().collect();
    Ok(not_kept.map(|end| {
        end.is_some_and(|link| {
            now.get(&link.target)
                .is_some_and(|source| *source != link.source)
        })
    }))
}
