//! How many roles a tenant gives at most. Whoever asks who holds which reads all of them, and whoever gets a token is looked
//! for in every group that holds one.

use std::collections::BTreeSet;

use syncline_model::{EntityKind, ObjectId, Problem, TenantId};
use syncline_store::Reader;

use super::{GROUPS, RoleAssignment};

/// Assignments of a tenant, those of groups among them.
pub const MOST_ASSIGNMENTS: usize = 5_000;

/// Groups of a tenant that hold roles. Entra lets as many be made for it.
pub const MOST_GROUPS: usize = 500;

/// Whether a principal can be given one more role. What is there already, of a version that knew no bound, stays.
///
/// # Errors
/// 400 when the tenant has given as many as it may.
pub fn check_room(
    reader: &Reader<'_>,
    tenant: TenantId,
    (kind, principal): (EntityKind, ObjectId),
) -> Result<(), Problem> {
    let of_all = reader.document_keys::<RoleAssignment>(Some(tenant), "", MOST_ASSIGNMENTS)?;
    if of_all.len() == MOST_ASSIGNMENTS {
        return Err(Problem::bad_request(format!(
            "A tenant has at most {MOST_ASSIGNMENTS} role assignments. Take some away first, or give the role to a group with \"isAssignableToRole\": true."
        )));
    }
    if kind != EntityKind::Group {
        return Ok(());
    }
    let of_groups = of_all.iter().filter_map(|key| key.strip_prefix(GROUPS));
    let groups: BTreeSet<&str> = of_groups.filter_map(|key| key.split('/').next()).collect();
    if groups.len() >= MOST_GROUPS && !groups.contains(principal.to_string().as_str()) {
        return Err(Problem::bad_request(format!(
            "At most {MOST_GROUPS} groups of a tenant hold roles. Take the roles of some away first, or give the role to one of them."
        )));
    }
    Ok(())
}
