//! Finds one assignment by the id Graph shows.

use syncline_model::{Problem, TenantId};
use syncline_store::{Assignment, AssignmentId, Reader};

use super::id_text;

/// The assignment with this id; 404 otherwise.
pub fn find(
    reader: &Reader<'_>,
    tenant: TenantId,
    id: &AssignmentId,
) -> Result<Assignment, Problem> {
    let held = reader.assignments_of_principal(tenant, id.principal)?;
    held.into_iter()
        .find(|assignment| assignment.id == *id)
        .ok_or_else(|| Problem::not_found(id_text(id)))
}
