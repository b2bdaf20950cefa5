//! Directory roles that principals hold, one document per assignment. A role counts for whoever it was
//! given to, and for who is in a group that it was given to ([`held`]).

mod activation;
mod directory_role;
mod groups;
mod held;
mod room;
mod unheld;

use serde::{Deserialize, Serialize};
use syncline_model::{EntityKind, Ids, ObjectId, TenantId};
use syncline_store::{Document, Reader, Result, Tx, object_documents};
use uuid::Uuid;

pub use activation::{activate, activated};
pub use directory_role::DirectoryRole;
pub use groups::is_privileged;
pub use held::held;
pub use room::{MOST_ASSIGNMENTS, MOST_GROUPS, check_room};
pub use unheld::unheld;

/// Keys of groups begin with this, so that their assignments lie together, behind all others: ids are
/// hexadecimal.
const GROUPS: &str = object_documents::ROLES_OF_GROUPS;

/// So many are read at once.
const AT_ONCE: usize = 500;

/// Graph's `unifiedRoleAssignment`, always for the whole directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleAssignment {
    pub id: Uuid,
    pub principal: ObjectId,
    pub role: DirectoryRole,
    /// Given to a group, and so to who is in it.
    #[serde(default)]
    pub to_group: bool,
}

/// Key: `{principal}/{role template id}`, so that a principal's roles lie together; a group's after
/// [`GROUPS`]. Written by [`grant`] and [`revoke`] alone, which move the tenant's sequence; it goes with its
/// principal.
impl Document for RoleAssignment {
    const KIND: &'static str = object_documents::DIRECTORY_ROLE;
}

impl RoleAssignment {
    /// Whether it counts for its principal, which is of this kind. Not where a version gave it to a group in
    /// which roles of groups did not count yet: nobody gets a role by an upgrade. It can be given anew.
    pub fn counts_for(&self, kind: EntityKind) -> bool {
        self.to_group == (kind == EntityKind::Group)
    }
}

/// Gives a principal a role; holding it already is fine. Returns the assignment.
pub fn grant(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    ids: &dyn Ids,
    principal: ObjectId,
    role: DirectoryRole,
) -> Result<RoleAssignment> {
    let found = tx.objects(tenant, EntityKind::Group, &[principal])?;
    let assignment = RoleAssignment {
        id: ids.random_uuid(),
        principal,
        role,
        to_group: !found.is_empty(),
    };
    let key = key(&assignment);
    if let Some(held) = tx.document(Some(tenant), &key)? {
        return Ok(held);
    }
    if assignment.to_group {
        // Instead of one that does not count.
        revoke(tx, tenant, principal, role)?;
    }
    tx.put_document(Some(tenant), &key, &assignment, None)?;
    changed(tx, tenant)?;
    Ok(assignment)
}

/// Takes a role away; false when the principal did not hold it by itself.
pub fn revoke(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    principal: ObjectId,
    role: DirectoryRole,
) -> Result<bool> {
    let mut revoked = false;
    for to_group in [false, true] {
        let key = key_of(principal, role, to_group);
        revoked |= tx.delete_document::<RoleAssignment>(Some(tenant), &key)?;
    }
    if revoked {
        changed(tx, tenant)?;
    }
    Ok(revoked)
}

/// Takes this very assignment away; false when it is gone by now, whether the role was given anew or not.
pub fn revoke_assignment(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    assignment: &RoleAssignment,
) -> Result<bool> {
    let held = tx.document::<RoleAssignment>(Some(tenant), &key(assignment))?;
    if held.is_none_or(|held| held.id != assignment.id) {
        return Ok(false);
    }
    revoke(tx, tenant, assignment.principal, assignment.role)
}

/// Moves the tenant's sequence, which documents do not: as long as it stands, callers are remembered with
/// the roles that they hold.
fn changed(tx: &mut Tx<'_>, tenant: TenantId) -> Result<()> {
    tx.pass_over_sequences(tenant, 1)
}

/// Whether a role was given to this very principal, and counts.
pub fn is_given(
    reader: &Reader<'_>,
    tenant: TenantId,
    (kind, principal): (EntityKind, ObjectId),
    role: DirectoryRole,
) -> Result<bool> {
    let key = key_of(principal, role, kind == EntityKind::Group);
    let found = reader.document::<RoleAssignment>(Some(tenant), &key)?;
    Ok(found.is_some())
}

/// The roles that were given to this very principal, and count. Those that it holds by its groups, too:
/// [`held`].
pub fn given(
    reader: &Reader<'_>,
    tenant: TenantId,
    (kind, principal): (EntityKind, ObjectId),
) -> Result<Vec<DirectoryRole>> {
    behind(
        reader,
        tenant,
        &prefix(principal, kind == EntityKind::Group),
    )
}

fn behind(reader: &Reader<'_>, tenant: TenantId, prefix: &str) -> Result<Vec<DirectoryRole>> {
    // A principal holds each role at most once, so one page holds all of them.
    let page =
        reader.documents::<RoleAssignment>(Some(tenant), prefix, DirectoryRole::ALL.len())?;
    Ok(page
        .into_iter()
        .take_while(|(key, _)| key.starts_with(prefix))
        .map(|(_, it)| it.role)
        .collect())
}

/// A page of a tenant's assignments by principal, groups last, after the assignment `after`.
pub fn list(
    reader: &Reader<'_>,
    tenant: TenantId,
    after: Option<&RoleAssignment>,
    limit: usize,
) -> Result<Vec<RoleAssignment>> {
    let after = after.map(key).unwrap_or_default();
    let page = reader.documents::<RoleAssignment>(Some(tenant), &after, limit)?;
    Ok(page.into_iter().map(|(_, assignment)| assignment).collect())
}

/// All assignments of a tenant: administrators, [`MOST_ASSIGNMENTS`] at most since there is a bound.
pub fn all(reader: &Reader<'_>, tenant: TenantId) -> Result<Vec<RoleAssignment>> {
    let mut all: Vec<RoleAssignment> = Vec::new();
    loop {
        let page = list(reader, tenant, all.last(), AT_ONCE)?;
        let is_last = page.len() < AT_ONCE;
        all.extend(page);
        if is_last {
            return Ok(all);
        }
    }
}

fn key(assignment: &RoleAssignment) -> String {
    key_of(assignment.principal, assignment.role, assignment.to_group)
}

fn key_of(principal: ObjectId, role: DirectoryRole, to_group: bool) -> String {
    format!("{}{}", prefix(principal, to_group), role.template_id())
}

/// With what the keys of a principal's assignments begin.
fn prefix(principal: ObjectId, to_group: bool) -> String {
    let space = if to_group { GROUPS } else { "" };
    format!("{space}{principal}/")
}
