//! Whether a person is in a group, and if not directly, by which groups.

use std::collections::VecDeque;

use syncline_connector::{Membership, SourceMemberships};
use syncline_model::{IdMap, ObjectId, Problem};

use super::InSource;
use crate::unavailable::unavailable;
use crate::view::View;

/// So many groups are asked what they are in.
const MOST_GROUPS: usize = 200;
/// So many of the groups that somebody is in are looked at.
const AT_ONCE: usize = 200;

/// What the source has of a membership. Groups in groups are followed upwards from the person, the nearest first.
pub(super) fn in_source(
    view: &View<'_, '_>,
    source: &dyn SourceMemberships,
    membership: Membership,
) -> Result<InSource, Problem> {
    let exist = source.exist(view.reader, &[membership]);
    let direct = exist.map_err(unavailable)?.first().is_some_and(|it| *it);
    let mut found = InSource {
        direct,
        through: Vec::new(),
        more_groups: false,
    };
    if direct {
        return Ok(found);
    }
    // Each group with the one by which it was met; the person's own by nobody.
    let mut met: IdMap<ObjectId, Option<ObjectId>> = IdMap::default();
    let mut next: VecDeque<ObjectId> = VecDeque::from([membership.member]);
    let mut asked = 0;
    while let Some(member) = next.pop_front() {
        if asked > MOST_GROUPS {
            found.more_groups = true;
            return Ok(found);
        }
        asked += 1;
        let groups = source.groups(view.reader, member, None, AT_ONCE);
        let groups = groups.map_err(unavailable)?;
        found.more_groups |= groups.len() == AT_ONCE;
        let by = (member != membership.member).then_some(member);
        for group in groups {
            if group == membership.group {
                found.through = path(&met, by);
                return Ok(found);
            }
            if let std::collections::hash_map::Entry::Vacant(place) = met.entry(group) {
                place.insert(by);
                next.push_back(group);
            }
        }
    }
    Ok(found)
}

/// The groups on the way to this one, which is the last of them.
fn path(met: &IdMap<ObjectId, Option<ObjectId>>, last: Option<ObjectId>) -> Vec<ObjectId> {
    let mut path: Vec<ObjectId> = Vec::new();
    let mut at = last;
    while let Some(group) = at {
        path.push(group);
        at = met.get(&group).copied().flatten();
    }
    path.reverse();
    path
}
