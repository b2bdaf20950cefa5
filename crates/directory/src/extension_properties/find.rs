//! Finds extensions.

use syncline_model::schema::ExtensionProperty;
use syncline_model::{ObjectId, Problem, TenantId};
use syncline_store::Reader;

/// The extensions of an application, oldest first.
pub fn list(
    reader: &Reader<'_>,
    tenant: TenantId,
    application: ObjectId,
) -> Result<Vec<ExtensionProperty>, Problem> {
    Ok(reader
        .extensions(tenant)?
        .of(application)
        .cloned()
        .collect())
}

/// All extensions that the tenant's objects may hold, oldest first.
pub fn available(reader: &Reader<'_>, tenant: TenantId) -> Result<Vec<ExtensionProperty>, Problem> {
    Ok(reader.extensions(tenant)?.live().cloned().collect())
}

/// One extension of an application; 404 otherwise, also for ids of another application or tenant.
pub fn find(
    reader: &Reader<'_>,
    tenant: TenantId,
    application: ObjectId,
    id: ObjectId,
) -> Result<ExtensionProperty, Problem> {
    reader
        .extensions(tenant)?
        .of(application)
        .find(|it| it.id == id)
        .cloned()
        .ok_or_else(|| Problem::not_found(id))
}
