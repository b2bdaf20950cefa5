//! How one membership stands: what [`super::resolved`] makes of it, for whoever has to explain that. Nothing is decided
//! here that a cycle does not decide.

use syncline_connector::{Held, Membership};
use syncline_model::Problem;

use super::resolved::resolved_telling;
use super::{Flowing, LeftOut, WaitsFor, Wanted};
use crate::settle::is_in_target;
use crate::unavailable::unavailable;
use crate::view::View;

/// One membership, as a cycle would see it now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    /// Whether the source has it, not counting groups in groups.
    pub(crate) is_in_source: bool,
    pub(crate) fate: MembershipFate,
    /// What the target has; `None` where one end has nothing there.
    pub(crate) in_target: Option<Held>,
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
    let found = resolved_telling(view, &flowing, &wanted, view, &mut |_, why| {
        if !matches!(left_out, LeftOut::Stands(Held::ByOthers)) {
            left_out = why;
        }
    })?;
    let fate = if !found.writes.is_empty() {
        MembershipFate::Written
    } else if let Some((_, reason)) = found.waiting.first() {
        MembershipFate::Waits(*reason)
    } else {
        MembershipFate::LeftOut(left_out)
    };
    let group = found.links.get(&membership.group);
    let own = found.links.get(&membership.member);
    let member = own
        .filter(|it| is_in_target(it.state))
        .or(found.beside.get(&membership.member))
        .or(own);
    let in_target = match (fate, group, member) {
        (MembershipFate::LeftOut(LeftOut::Stands(held)), ..) => Some(held),
        (MembershipFate::Written | MembershipFate::Waits(_), ..) => Some(match is_in_source {
            true => Held::Not,
            false => Held::FromSource,
        }),
        (_, Some(group), Some(member)) => {
            let asked = Membership {
                group: group.target,
                member: member.target,
            };
            let held = flowing.target.held(view.reader, &[asked]);
            held.map_err(unavailable)?.first().copied()
        }
        _ => None,
    };
    Ok(Standing {
        is_in_source,
        fate,
        in_target,
    })
}
