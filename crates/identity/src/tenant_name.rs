//! The tenant that a path names.

use syncline_access::Refusal;
use syncline_model::TenantId;
use syncline_store::Tenant;

use crate::Identity;

/// The tenant with this id or verified domain; `None` for `common` and `organizations`, which mean
/// the tenant of whoever signs in.
pub(crate) fn resolve(identity: &Identity, name: &str) -> Result<Option<Tenant>, Refusal> {
    if name.eq_ignore_ascii_case("common") || name.eq_ignore_ascii_case("organizations") {
        return Ok(None);
    }
    let found = identity
        .store
        .read(|reader| match name.parse::<TenantId>() {
            Ok(id) => reader.tenant(id),
            Err(_) => reader.tenant_of_domain(name),
        })?;
    match found {
        Some(tenant) => {
            // A field of the request's span, where the server declares one.
            tracing::Span::current().record("tenant", tracing::field::display(tenant.id));
            Ok(Some(tenant))
        }
        None => {
            let shown: String = name
                .chars()
                .filter(|letter| !letter.is_control())
                .take(100)
                .collect();
            Err(Refusal::TenantNotFound(shown))
        }
    }
}

/// A tenant, where `common` will not do.
pub(crate) fn required(identity: &Identity, name: &str) -> Result<Tenant, Refusal> {
    resolve(identity, name)?.ok_or(Refusal::TenantNotNamed)
}
