//! The owners of a group.

use syncline_model::{EntityKind, ObjectId, Problem, TenantId};
use syncline_store::{Reader, Stored, Tx};

use super::kinds;
use crate::{Context, load, owners as shared};

/// A page of the live owners of a live group, by id, after `after`.
pub fn owners(
    reader: &Reader<'_>,
    tenant: TenantId,
    group: ObjectId,
    after: Option<ObjectId>,
    limit: usize,
) -> Result<Vec<Stored>, Problem> {
    shared::list(reader, tenant, EntityKind::Group, group, after, limit)
}

/// Adds owners; when one of them is an owner already, none is added.
pub fn add_owners(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    group: ObjectId,
    owners: &[ObjectId],
) -> Result<(), Problem> {
    shared::add(tx, context, EntityKind::Group, group, owners)
}

/// Removes an owner; 404 when it is none. A Microsoft 365 group keeps its last one.
pub fn remove_owner(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    group: ObjectId,
    owner: ObjectId,
) -> Result<(), Problem> {
    let stored = load::live(tx, context.tenant_id(), EntityKind::Group, group)?;
    let owners = owners(tx, context.tenant_id(), group, None, 2)?;
    if kinds::is_unified(&stored.entry.attrs) && owners.len() == 1 && owners[0].entry.id == owner {
        return Err(Problem::bad_request(
            "The group must have at least one owner, hence this owner cannot be removed.",
        ));
    }
    shared::remove(tx, context, EntityKind::Group, group, owner)
}
