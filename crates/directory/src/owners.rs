//! Owners of groups, applications and service principals.

use syncline_model::{EntityKind, ObjectId, Problem, TenantId};
use syncline_store::{Edge, EdgeKind, Reader, Stored, Tx};

use crate::{Context, edges, load};

/// What may own something.
const OWNER_KINDS: [EntityKind; 2] = [EntityKind::User, EntityKind::ServicePrincipal];

/// A page of the live owners of a live object.
pub(crate) fn list(
    reader: &Reader<'_>,
    tenant: TenantId,
    kind: EntityKind,
    owned: ObjectId,
    after: Option<ObjectId>,
    limit: usize,
) -> Result<Vec<Stored>, Problem> {
    load::live(reader, tenant, kind, owned)?;
    edges::visible(
        reader,
        tenant,
        EdgeKind::Owner,
        edges::End::To,
        owned,
        &OWNER_KINDS,
        after,
        limit,
    )
}

/// Adds owners to a live object; when one of them is an owner already, none is added.
pub(crate) fn add(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    kind: EntityKind,
    owned: ObjectId,
    owners: &[ObjectId],
) -> Result<(), Problem> {
    let tenant = context.tenant_id();
    load::live(tx, tenant, kind, owned)?;
    let mut owners = owners.to_vec();
    owners.sort_unstable();
    owners.dedup();
    for owner in &owners {
        load::live_among(tx, tenant, &OWNER_KINDS, *owner)?;
    }
    let edges: Vec<Edge> = owners
        .iter()
        .map(|to| Edge {
            kind: EdgeKind::Owner,
            from: owned,
            to: *to,
        })
        .collect();
    if tx.edges_exist(tenant, &edges)?.contains(&true) {
        return Err(Problem::bad_request(
            "One or more added object references already exist for the following modified properties: 'owners'.",
        ));
    }
    tx.add_edges(tenant, &edges)?;
    Ok(())
}

/// Removes an owner of a live object, also one that is in the recycle bin; 404 when it is none.
pub(crate) fn remove(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    kind: EntityKind,
    owned: ObjectId,
    owner: ObjectId,
) -> Result<(), Problem> {
    let tenant = context.tenant_id();
    load::live(tx, tenant, kind, owned)?;
    let removed = tx.remove_edges(
        tenant,
        &[Edge {
            kind: EdgeKind::Owner,
            from: owned,
            to: owner,
        }],
    )?;
    if removed.contains(&true) {
        Ok(())
    } else {
        Err(Problem::not_found(owner))
    }
}
