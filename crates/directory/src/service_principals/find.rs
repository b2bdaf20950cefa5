//! Finds one service principal.

use syncline_model::{AppId, EntityKind, ObjectId, Problem, TenantId};
use syncline_store::{Key, KeyName, Reader, Stored};

use crate::load;

/// The live service principal with this object id; 404 otherwise.
pub fn find(reader: &Reader<'_>, tenant: TenantId, key: &str) -> Result<Stored, Problem> {
    let id: ObjectId = key.parse().map_err(|_| Problem::not_found(key))?;
    load::live(reader, tenant, EntityKind::ServicePrincipal, id)
}

/// The live service principal of this client id; 404 otherwise.
pub fn find_by_app_id(
    reader: &Reader<'_>,
    tenant: TenantId,
    app_id: AppId,
) -> Result<Stored, Problem> {
    let key = Key::new(KeyName::ServicePrincipalAppId, &app_id.to_string());
    match reader.holder(tenant, &key)? {
        Some((kind, id)) => load::live(reader, tenant, kind, id),
        None => Err(Problem::not_found(app_id)),
    }
}
