//! Anything → gone for good.

use syncline_model::{Attrs, EntityKind, ObjectId, Problem, TenantId};
use syncline_store::{Assignment, Edge, EdgeKind, ObjectState, StoreError, Stored, Tx};

use crate::{Context, edit, extension_properties};

const AT_ONCE: usize = 1000;
const EDGES: [EdgeKind; 4] = [
    EdgeKind::Manager,
    EdgeKind::Member,
    EdgeKind::Owner,
    EdgeKind::Sponsor,
];

/// Deletes an object for good. A tombstone of it, of its edges and of its assignments stays, so
/// that readers of changes learn of it.
pub(crate) fn purge(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    object: &Stored,
) -> Result<(), Problem> {
    detach(tx, context.tenant_id(), object.entry.kind, object.entry.id)?;
    edit::transfer(tx, context, object, Attrs::new(), ObjectState::Purged)?;
    extension_properties::follow_purge(tx, context, object)?;
    Ok(())
}

/// Removes every edge and assignment of an object, a bounded number at a time.
pub(crate) fn detach(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    kind: EntityKind,
    id: ObjectId,
) -> Result<(), StoreError> {
    for edge in EDGES {
        loop {
            let to = tx.edges_from(tenant, edge, id, None, AT_ONCE)?;
            let edges: Vec<Edge> = to
                .iter()
                .map(|to| Edge {
                    kind: edge,
                    from: id,
                    to: *to,
                })
                .collect();
            tx.remove_edges(tenant, &edges)?;
            if edges.len() < AT_ONCE {
                break;
            }
        }
        loop {
            let from = tx.edges_to(tenant, edge, id, None, AT_ONCE)?;
            let edges: Vec<Edge> = from
                .iter()
                .map(|from| Edge {
                    kind: edge,
                    from: *from,
                    to: id,
                })
                .collect();
            tx.remove_edges(tenant, &edges)?;
            if edges.len() < AT_ONCE {
                break;
            }
        }
    }
    remove_all(tx, tenant, &tx.assignments_of_principal(tenant, id)?)?;
    if kind == EntityKind::ServicePrincipal {
        loop {
            let page = tx.assignments_of_resource(tenant, id, None, AT_ONCE)?;
            remove_all(tx, tenant, &page)?;
            if page.len() < AT_ONCE {
                break;
            }
        }
    }
    Ok(())
}

fn remove_all(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    assignments: &[Assignment],
) -> Result<(), StoreError> {
    for assignment in assignments {
        tx.remove_assignment(tenant, assignment)?;
    }
    Ok(())
}
