//! Roles that come with a group. Only groups that were made for it hold roles (`isAssignableToRole`): to
//! change who is in one takes the permission to manage roles.

use std::collections::BTreeSet;

use syncline_model::{Attr, EntityKind, ObjectId, TenantId, Value};
use syncline_store::{EdgeKind, Reader, Result};

use super::{AT_ONCE, DirectoryRole, GROUPS, RoleAssignment, behind, prefix};
use crate::entered::entered;

/// What groups for roles are told by, as [`syncline_model::is_role_assignable`] says.
const FOR_ROLES: Attr = Attr::IS_ASSIGNABLE_TO_ROLE;

/// The roles of the groups that a principal is in. Where no group holds a role, which is the usual case, it
/// reads nothing but that.
pub(super) fn of_groups(
    reader: &Reader<'_>,
    tenant: TenantId,
    member: ObjectId,
) -> Result<BTreeSet<DirectoryRole>> {
    let mut roles = BTreeSet::new();
    let mut after = GROUPS.to_owned();
    loop {
        let page = reader.documents::<RoleAssignment>(Some(tenant), &after, AT_ONCE)?;
        let is_last = page.len() < AT_ONCE;
        if let Some((key, _)) = page.last() {
            after.clone_from(key);
        }
        let groups: BTreeSet<ObjectId> = page.iter().map(|(_, it)| it.principal).collect();
        let entered = entered(reader, tenant, groups, member, FOR_ROLES, is_for_roles)?;
        let counting = page
            .iter()
            .filter(|(_, it)| entered.contains(&it.principal));
        roles.extend(counting.map(|(_, it)| it.role));
        if is_last {
            return Ok(roles);
        }
    }
}

/// Whether who takes over this user or service principal, live or in the recycle bin, gets a role with it,
/// or may get one: it was given a role, or it is in a group for roles or owns one.
pub fn is_privileged(reader: &Reader<'_>, tenant: TenantId, principal: ObjectId) -> Result<bool> {
    if !behind(reader, tenant, &prefix(principal, false))?.is_empty() {
        return Ok(true);
    }
    for kind in [EdgeKind::Member, EdgeKind::Owner] {
        let mut after = None;
        loop {
            let page = reader.edges_to(tenant, kind, principal, after, AT_ONCE)?;
            // Deleted ones, too: they may be restored. Whole ones may be GiB together.
            let groups = reader.peek(tenant, EntityKind::Group, &page, [FOR_ROLES])?;
            if groups.iter().any(|it| is_for_roles(it.values[0].as_ref())) {
                return Ok(true);
            }
            after = page.last().copied();
            if page.len() < AT_ONCE {
                break;
            }
        }
    }
    Ok(false)
}

fn is_for_roles(value: Option<&Value>) -> bool {
    value == Some(&Value::Bool(true))
}
