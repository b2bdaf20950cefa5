//! Lists assignments, with the objects at both ends: an assignment shows only while both are live.

use syncline_model::{EntityKind, ObjectId, Problem, TenantId};
use syncline_store::{Assignment, Reader, Stored};
use uuid::Uuid;

use super::PRINCIPAL_KINDS;
use crate::load;

/// A page of the assignments to a live service principal, by principal and role, each with its
/// principal. A short page is the last one.
pub fn of_resource(
    reader: &Reader<'_>,
    tenant: TenantId,
    resource: ObjectId,
    after: Option<(ObjectId, Uuid)>,
    limit: usize,
) -> Result<Vec<(Assignment, Stored)>, Problem> {
    load::live(reader, tenant, EntityKind::ServicePrincipal, resource)?;
    let mut page = Vec::new();
    let mut after = after;
    while page.len() < limit {
        let wanted = limit - page.len();
        let assignments = reader.assignments_of_resource(tenant, resource, after, wanted)?;
        after = assignments.last().map(|last| (last.principal(), last.role));
        let last = assignments.len() < wanted;
        let ids: Vec<ObjectId> = assignments.iter().map(Assignment::principal).collect();
        page.extend(with_live(
            reader,
            tenant,
            &PRINCIPAL_KINDS,
            assignments,
            &ids,
        )?);
        if last {
            break;
        }
    }
    Ok(page)
}

/// The assignments a live principal holds, each with its service principal.
pub fn of_principal(
    reader: &Reader<'_>,
    tenant: TenantId,
    principal: ObjectId,
) -> Result<Vec<(Assignment, Stored)>, Problem> {
    load::live_among(reader, tenant, &PRINCIPAL_KINDS, principal)?;
    let assignments = reader.assignments_of_principal(tenant, principal)?;
    let ids: Vec<ObjectId> = assignments.iter().map(|it| it.resource).collect();
    with_live(
        reader,
        tenant,
        &[EntityKind::ServicePrincipal],
        assignments,
        &ids,
    )
}

fn with_live(
    reader: &Reader<'_>,
    tenant: TenantId,
    kinds: &[EntityKind],
    assignments: Vec<Assignment>,
    ids: &[ObjectId],
) -> Result<Vec<(Assignment, Stored)>, Problem> {
    let mut unique = ids.to_vec();
    unique.sort_unstable();
    unique.dedup();
    let found = load::many(reader, tenant, kinds, &unique)?;
    let live = |id: ObjectId| {
        found
            .iter()
            .find(|it| it.entry.id == id && load::is_live(it))
            .cloned()
    };
    Ok(assignments
        .into_iter()
        .zip(ids)
        .filter_map(|(assignment, id)| Some((assignment, live(*id)?)))
        .collect())
}
