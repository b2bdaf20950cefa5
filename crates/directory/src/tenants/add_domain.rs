//! Adds a domain to a tenant.

use syncline_model::{Problem, TenantId};
use syncline_store::{Domain, StoreError, Tenant, Tx};

use super::domains;

/// The tenant with this domain, taken as verified, and whether it had to be added. The default domain stays what it is.
///
/// # Errors
/// What is no domain, and one of another tenant.
pub fn add_domain(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    domain: &str,
) -> Result<(Tenant, bool), Problem> {
    let domain = domains::checked(domain)?;
    let found = tx.tenant_to_change(tenant)?;
    let mut tenant = found.ok_or(StoreError::UnknownTenant(tenant))?;
    if tenant.has_domain(&domain) {
        return Ok((tenant, false));
    }
    tenant.domains.push(Domain {
        name: domain.clone(),
        is_default: false,
        is_initial: false,
    });
    match tx.update_tenant(&tenant) {
        Ok(()) => Ok((tenant, true)),
        Err(StoreError::Taken) => Err(domains::taken(&domain)),
        Err(error) => Err(error.into()),
    }
}
