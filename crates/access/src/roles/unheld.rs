//! Roles that nobody holds though they were given: by a version in which roles of groups did not count.

use syncline_model::{EntityKind, ObjectId, TenantId};
use syncline_store::{ObjectState, Reader, Result, Stored};

use super::RoleAssignment;

/// Those of these assignments that were given to groups and do not count ([`RoleAssignment::counts_for`]), each
/// with its group. One in the recycle bin may be restored.
pub fn unheld(
    reader: &Reader<'_>,
    tenant: TenantId,
    given: &[RoleAssignment],
) -> Result<Vec<(RoleAssignment, Stored)>> {
    let others = given.iter().filter(|it| !it.to_group);
    let principals: Vec<ObjectId> = others.clone().map(|it| it.principal).collect();
    let groups = reader.objects(tenant, EntityKind::Group, &principals)?;
    let unheld = others.filter_map(|assignment| {
        let is_it = |it: &&Stored| it.entry.id == assignment.principal;
        let group = groups.iter().find(is_it)?;
        (group.state != ObjectState::Purged).then(|| (assignment.clone(), group.clone()))
    });
    Ok(unheld.collect())
}
