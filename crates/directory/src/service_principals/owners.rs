//! The owners of a service principal.

use syncline_model::{EntityKind, ObjectId, Problem, TenantId};
use syncline_store::{Reader, Stored, Tx};

use crate::{Context, owners as shared};

/// A page of the live owners of a live service principal, by id, after `after`.
pub fn owners(
    reader: &Reader<'_>,
    tenant: TenantId,
    service_principal: ObjectId,
    after: Option<ObjectId>,
    limit: usize,
) -> Result<Vec<Stored>, Problem> {
    shared::list(
        reader,
        tenant,
        EntityKind::ServicePrincipal,
        service_principal,
        after,
        limit,
    )
}

/// Adds owners; when one of them is an owner already, none is added.
pub fn add_owners(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    service_principal: ObjectId,
    owners: &[ObjectId],
) -> Result<(), Problem> {
    shared::add(
        tx,
        context,
        EntityKind::ServicePrincipal,
        service_principal,
        owners,
    )
}

/// Removes an owner; 404 when it is none.
pub fn remove_owner(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    service_principal: ObjectId,
    owner: ObjectId,
) -> Result<(), Problem> {
    shared::remove(
        tx,
        context,
        EntityKind::ServicePrincipal,
        service_principal,
        owner,
    )
}
