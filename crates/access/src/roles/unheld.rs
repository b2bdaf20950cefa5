//! Roles that nobody holds though they were given: by a version in which roles of groups did not count.

use syncline_model::{EntityKind, ObjectId, TenantId};
use syncline_store::{ObjectState, Reader, Result, Stored};

use super::{RoleAssignment, list};

const AT_ONCE: usize = 500;

/// The assignments to groups that do not count ([`RoleAssignment::counts_for`]), each with its group.
pub fn unheld(reader: &Reader<'_>, tenant: TenantId) -> Result<Vec<(RoleAssignment, Stored)>> {
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = list(reader, tenant, after.as_ref(), AT_ONCE)?;
        let is_last = page.len() < AT_ONCE;
        after = page.last().cloned();
        let others = page.into_iter().filter(|it| !it.to_group);
        let others: Vec<RoleAssignment> = others.collect();
        let principals: Vec<ObjectId> = others.iter().map(|it| it.principal).collect();
        let groups = reader.objects(tenant, EntityKind::Group, &principals)?;
        for assignment in others {
            let is_it = |it: &&Stored| it.entry.id == assignment.principal;
            // One in the recycle bin may be restored.
            let group = groups.iter().find(is_it).cloned();
            if let Some(group) = group.filter(|it| it.state != ObjectState::Purged) {
                found.push((assignment, group));
            }
        }
        if is_last {
            return Ok(found);
        }
    }
}
