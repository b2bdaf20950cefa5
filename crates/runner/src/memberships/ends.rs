//! Ends of memberships as the source has them now. What a walk reads there may be newer than what the cycle has
//! decided of them: changes behind its watermark are the next one's.

use syncline_engine::Lifecycle;
use syncline_model::link::LinkState;
use syncline_model::{EntityKind, IdMap, IdSet, Link, ObjectId, Problem};

use super::{Write, is_kept};
use crate::configuration::Configuration;
use crate::unavailable::unavailable;
use crate::view::View;

/// Of the ends of what is to be removed, those that were deleted in the source, and that nobody has decided to delete
/// here yet: the gate may hold that. There they lost their memberships with themselves.
pub(super) fn undecided(
    view: &View<'_, '_>,
    writes: &[Write],
    links: &IdMap<ObjectId, Link>,
) -> Result<IdSet<ObjectId>, Problem> {
    let removed = writes.iter().filter(|write| !write.adds);
    let ends = removed.flat_map(|write| {
        let member = links.get(&write.source.member);
        let member = member.filter(|link| are_deleted(view.configuration, link.kind));
        [links.get(&write.source.group), member]
    });
    let found = in_source(view, ends.flatten())?;
    let is_undecided = |(id, lifecycle): &(ObjectId, Lifecycle)| match lifecycle {
        Lifecycle::Live => false,
        // Whom the job let go or deleted already it deletes once more when he is gone for good.
        Lifecycle::SoftDeleted => links.get(id).is_some_and(is_kept),
        Lifecycle::HardDeleted => true,
    };
    Ok(found
        .into_iter()
        .filter(is_undecided)
        .map(|(id, _)| id)
        .collect())
}

/// Members who live no more in the source and would be added.
#[derive(Default)]
pub(super) struct Departed {
    /// Those who were let go, by this job or one beside it: they keep what they have, and get nothing new, as whoever is
    /// deleted does not. When they come back, their memberships are due.
    pub(super) let_go: IdSet<ObjectId>,
    /// Those whom a job beside this one keeps: it holds their removal, or has not come to it yet.
    pub(super) kept_by_others: IdSet<ObjectId>,
}

/// Of the members who would be added, those who live no more in the source.
pub(super) fn departed(
    view: &View<'_, '_>,
    writes: &[Write],
    links: &IdMap<ObjectId, Link>,
    beside: &IdMap<ObjectId, Link>,
) -> Result<Departed, Problem> {
    let added = writes.iter().filter(|write| write.adds);
    let members = added.filter_map(|write| {
        let member = &write.source.member;
        let own = || {
            links
                .get(member)
                .filter(|it| it.state == LinkState::Released)
        };
        beside.get(member).or_else(own)
    });
    let mut departed = Departed::default();
    for (id, lifecycle) in in_source(view, members)? {
        if lifecycle == Lifecycle::Live {
            continue;
        }
        if beside.get(&id).is_some_and(is_kept) {
            departed.kept_by_others.insert(id);
        } else {
            departed.let_go.insert(id);
        }
    }
    Ok(departed)
}

/// Whether those who are deleted in the source are deleted in the target as well. Whom a job lets go instead, or does not
/// look at because the mapping is switched off, leaves the groups that he left, by whatever way.
fn are_deleted(configuration: &Configuration, kind: EntityKind) -> bool {
    let rule = configuration.rule_for(kind);
    rule.is_some_and(|rule| rule.enabled && rule.flow.delete)
}

/// How these stand in the source now.
fn in_source<'l>(
    view: &View<'_, '_>,
    links: impl Iterator<Item = &'l Link>,
) -> Result<Vec<(ObjectId, Lifecycle)>, Problem> {
    let mut asked: Vec<(EntityKind, ObjectId)> =
        links.map(|link| (link.kind, link.source)).collect();
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    asked.sort_unstable();
    asked.dedup();
    let source = &view.configuration.connected.source;
    let found = source.by_id(view.reader, &asked).map_err(unavailable)?;
    Ok(found.into_iter().map(|it| (it.id, it.lifecycle)).collect())
}
