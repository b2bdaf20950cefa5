//! Lists assignments, with the objects at both ends: an assignment shows only while both are live.

use std::collections::HashMap;

use syncline_model::{Attr, Attrs, EntityKind, ObjectId, Problem, TenantId};
use syncline_store::{Assignment, Reader, Stored};
use uuid::Uuid;

use super::PRINCIPAL_KINDS;
use crate::load;

/// Objects that are looked at together.
const AT_ONCE: usize = 50;

/// Bytes of those that are in memory together, as they are stored.
const BYTES_AT_ONCE: usize = 4 * 1024 * 1024;

/// What is told of the objects at both ends.
const NAMES: [Attr; 3] = [Attr::APP_ID, Attr::DISPLAY_NAME, Attr::USER_PRINCIPAL_NAME];

/// A page of the assignments to a live service principal, by principal and role, each with the
/// names of its principal. A short page is the last one.
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

/// The assignments a live principal holds, each with the names of its service principal.
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
    let mut found = HashMap::with_capacity(unique.len());
    for mut some in unique.chunks(AT_ONCE) {
        while !some.is_empty() {
            let fitting = reader.fitting_of(tenant, kinds, some, BYTES_AT_ONCE)?;
            let (here, later) = some.split_at(fitting);
            let live = load::many(reader, tenant, kinds, here)?;
            let live = live.into_iter().filter(load::is_live);
            found.extend(live.map(|it| (it.entry.id, named(it))));
            some = later;
        }
    }
    Ok(assignments
        .into_iter()
        .zip(ids)
        .filter_map(|(assignment, id)| Some((assignment, found.get(id)?.clone())))
        .collect())
}

/// An object without all but its names. A page of assignments may have a thousand of them, each with MiB besides.
fn named(mut stored: Stored) -> Stored {
    let mut attrs = Attrs::new();
    for name in NAMES {
        attrs.put(name, stored.entry.get(name).cloned());
    }
    stored.entry.attrs = attrs;
    stored
}
