//! Anything → gone for good.

use syncline_model::{Attrs, EntityKind, ObjectId, Problem, TenantId};
use syncline_store::{Edge, EdgeKind, ObjectState, StoreError, Stored, Tx};

use crate::{Context, edit, extension_properties};

/// References, memberships and assignments that go in one transaction at most: with more of them other writers of the
/// tenant would wait for long.
pub const EDGES_AT_ONCE: usize = 20_000;

const AT_ONCE: usize = 1000;
const EDGES: [EdgeKind; 4] = [
    EdgeKind::Manager,
    EdgeKind::Member,
    EdgeKind::Owner,
    EdgeKind::Sponsor,
];

/// Deletes an object for good that has no edges and assignments any more. A tombstone of it, of these and of those
/// stays, so that readers of changes learn of it.
pub(crate) fn purge(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    object: &Stored,
) -> Result<(), Problem> {
    edit::transfer(tx, context, object, Attrs::new(), ObjectState::Purged)?;
    extension_properties::follow_purge(tx, context, object)
}

/// The same of an object that has too many edges for one transaction: nobody sees it any more, its unique values are
/// free, and the sweep of the recycle bin takes the rest of its edges away before it goes.
pub(crate) fn begin_purge(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    object: &Stored,
) -> Result<(), Problem> {
    edit::empty(tx, context, object)?;
    extension_properties::follow_purge(tx, context, object)
}

/// Removes what else is known of objects that go for good: passwords, secrets, directory roles, permission grants. For many
/// together, because grants are walked through for it.
pub(crate) fn forget(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    ids: &[ObjectId],
) -> Result<(), StoreError> {
    tx.remove_documents_of(tenant, ids)
}

/// Removes so many edges and assignments of an object at most; whether none is left. `budget` is less
/// by as many as were removed.
pub(crate) fn detach_some(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    kind: EntityKind,
    id: ObjectId,
    budget: &mut usize,
) -> Result<bool, StoreError> {
    for edge in EDGES {
        let done = in_pages(budget, |limit| {
            let to = tx.edges_from(tenant, edge, id, None, limit)?;
            remove_edges(tx, tenant, to.iter().map(|to| (edge, id, *to)))
        })? && in_pages(budget, |limit| {
            let from = tx.edges_to(tenant, edge, id, None, limit)?;
            remove_edges(tx, tenant, from.iter().map(|from| (edge, *from, id)))
        })?;
        if !done {
            return Ok(false);
        }
    }
    let done = in_pages(budget, |limit| {
        let page = tx.some_assignments_of_principal(tenant, id, limit)?;
        tx.remove_assignments(tenant, &page)?;
        Ok(page.len())
    })?;
    if !done {
        return Ok(false);
    }
    if kind == EntityKind::ServicePrincipal {
        return in_pages(budget, |limit| {
            let page = tx.assignments_of_resource(tenant, id, None, limit)?;
            tx.remove_assignments(tenant, &page)?;
            Ok(page.len())
        });
    }
    Ok(true)
}

/// Removes page after page until one is not full or the budget is used up; whether none is left.
fn in_pages(
    budget: &mut usize,
    mut remove: impl FnMut(usize) -> Result<usize, StoreError>,
) -> Result<bool, StoreError> {
    while *budget > 0 {
        let limit = AT_ONCE.min(*budget);
        let removed = remove(limit)?;
        *budget -= removed.min(*budget);
        if removed < limit {
            return Ok(true);
        }
    }
    Ok(false)
}

fn remove_edges(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    edges: impl Iterator<Item = (EdgeKind, ObjectId, ObjectId)>,
) -> Result<usize, StoreError> {
    let edges: Vec<Edge> = edges
        .map(|(kind, from, to)| Edge { kind, from, to })
        .collect();
    tx.remove_edges(tenant, &edges)?;
    Ok(edges.len())
}
