//! Directory roles that principals hold, one document per assignment.

mod activation;
mod directory_role;

use serde::{Deserialize, Serialize};
use syncline_model::{Ids, ObjectId, TenantId};
use syncline_store::{Document, Reader, Result, Tx};
use uuid::Uuid;

pub use activation::{activate, activated};
pub use directory_role::DirectoryRole;

/// Graph's `unifiedRoleAssignment`, always for the whole directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleAssignment {
    pub id: Uuid,
    pub principal: ObjectId,
    pub role: DirectoryRole,
}

/// Key: `{principal}/{role template id}`, so that a principal's roles lie together.
impl Document for RoleAssignment {
    const KIND: &'static str = "directory_role";
}

/// Gives a principal a role; holding it already is fine. Returns the assignment.
pub fn grant(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    ids: &dyn Ids,
    principal: ObjectId,
    role: DirectoryRole,
) -> Result<RoleAssignment> {
    let key = key(principal, role);
    if let Some(held) = tx.document(Some(tenant), &key)? {
        return Ok(held);
    }
    let assignment = RoleAssignment {
        id: ids.random_uuid(),
        principal,
        role,
    };
    tx.put_document(Some(tenant), &key, &assignment, None)?;
    Ok(assignment)
}

/// Takes a role away; false when the principal did not hold it.
pub fn revoke(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    principal: ObjectId,
    role: DirectoryRole,
) -> Result<bool> {
    tx.delete_document::<RoleAssignment>(Some(tenant), &key(principal, role))
}

/// The roles a principal holds.
pub fn of(
    reader: &Reader<'_>,
    tenant: TenantId,
    principal: ObjectId,
) -> Result<Vec<DirectoryRole>> {
    let prefix = format!("{principal}/");
    // A principal holds each role at most once, so one page holds all of them.
    let page =
        reader.documents::<RoleAssignment>(Some(tenant), &prefix, DirectoryRole::ALL.len())?;
    Ok(page
        .into_iter()
        .take_while(|(key, _)| key.starts_with(&prefix))
        .map(|(_, held)| held.role)
        .collect())
}

/// A page of a tenant's assignments by principal, after the assignment `after`.
pub fn list(
    reader: &Reader<'_>,
    tenant: TenantId,
    after: Option<(ObjectId, DirectoryRole)>,
    limit: usize,
) -> Result<Vec<RoleAssignment>> {
    let after = after
        .map(|(principal, role)| key(principal, role))
        .unwrap_or_default();
    let page = reader.documents::<RoleAssignment>(Some(tenant), &after, limit)?;
    Ok(page.into_iter().map(|(_, assignment)| assignment).collect())
}

/// The assignment with this id. Walks them all: there are few.
pub fn find(reader: &Reader<'_>, tenant: TenantId, id: Uuid) -> Result<Option<RoleAssignment>> {
    let mut after = None;
    loop {
        let page = list(reader, tenant, after, 100)?;
        let Some(last) = page.last() else {
            return Ok(None);
        };
        after = Some((last.principal, last.role));
        if let Some(found) = page.into_iter().find(|assignment| assignment.id == id) {
            return Ok(Some(found));
        }
    }
}

fn key(principal: ObjectId, role: DirectoryRole) -> String {
    format!("{principal}/{}", role.template_id())
}
