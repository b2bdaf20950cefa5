//! Finds one user by id or userPrincipalName.

use syncline_model::{EntityKind, ObjectId, Problem, TenantId};
use syncline_store::{Reader, Stored};

use crate::{load, unique};

/// The live user with this id or userPrincipalName (any case); 404 otherwise.
pub fn find(reader: &Reader<'_>, tenant: TenantId, key: &str) -> Result<Stored, Problem> {
    if let Ok(id) = key.parse::<ObjectId>() {
        return load::live(reader, tenant, EntityKind::User, id);
    }
    match reader.holder(tenant, &unique::user_principal_name(key))? {
        Some((EntityKind::User, id)) => load::live(reader, tenant, EntityKind::User, id),
        _ => Err(Problem::not_found(key)),
    }
}
