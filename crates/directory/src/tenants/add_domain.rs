//! Adds a domain to a tenant.

use syncline_model::{Problem, TenantId};
use syncline_store::{Domain, StoreError, Tenant, Tx};

use super::change::change;
use super::domains;

/// Domains of a tenant. They stand in its row, which every request reads.
const MOST: usize = 500;

/// The tenant with this domain, taken as verified, and whether it had to be added. The default domain stays what it is.
///
/// # Errors
/// What is no domain, one of another tenant, and one more than a tenant can have.
pub fn add_domain(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    domain: &str,
) -> Result<(Tenant, bool), Problem> {
    let domain = domains::checked(domain)?;
    change(tx, tenant, |tx, tenant| {
        if tenant.has_domain(&domain) {
            return Ok(false);
        }
        if tenant.domains.len() >= MOST {
            return Err(Problem::bad_request(format!(
                "a tenant has at most {MOST} domains"
            )));
        }
        domains::refuse_taken(tx, &domain)?;
        tx.insert_domain(tenant.id, &domain)
            .map_err(|error| match error {
                StoreError::Taken => domains::taken(&domain),
                error => error.into(),
            })?;
        tenant.domains.push(Domain {
            name: domain,
            is_default: false,
            is_initial: false,
        });
        Ok(true)
    })
}
