//! Removes a domain from a tenant.

use syncline_model::{Problem, TenantId};
use syncline_store::{Reader, StoreError, Tenant, Tx};

use super::change::change;
use super::domain_use::DomainUse;
use super::domains;

/// A domain of which nobody had anything when it was looked. Whoever removes it looks at what has changed since, and holds
/// up the others of its tenant no longer than that takes.
#[derive(Clone, Debug)]
pub struct UnusedDomain {
    tenant: TenantId,
    name: String,
    /// The tenant's newest change then.
    sequence: u64,
}

impl UnusedDomain {
    /// Looks at everything in the tenant. One that is not there is not used.
    ///
    /// # Errors
    /// What is no domain, the initial one, the default one of a tenant with jobs, and one that is used, with how many use it, and who the first are.
    pub fn find(reader: &Reader<'_>, tenant: TenantId, domain: &str) -> Result<Self, Problem> {
        let name = domains::checked(domain)?;
        let found = reader.tenant_as_of(tenant)?;
        let (tenant, sequence) = found.ok_or(StoreError::UnknownTenant(tenant))?;
        if tenant.has_domain(&name) {
            refuse_needed(reader, &tenant, &name)?;
            let mut found = DomainUse::new(&tenant, &name);
            found.look_at_all(reader)?;
            found.refuse()?;
        }
        Ok(Self {
            tenant: tenant.id,
            name,
            sequence,
        })
    }
}

/// The tenant without this domain, and whether it was there. Where it was the default one, the oldest other one is then, and
/// the initial one only where there is no other.
///
/// # Errors
/// As [`UnusedDomain::find`], of what has come since.
pub fn remove_domain(tx: &mut Tx<'_>, unused: &UnusedDomain) -> Result<(Tenant, bool), Problem> {
    let name = &unused.name;
    change(tx, unused.tenant, |tx, tenant| {
        if !tenant.has_domain(name) {
            return Ok(false);
        }
        refuse_needed(tx, tenant, name)?;
        let mut found = DomainUse::new(tenant, name);
        found.look_at_changes(tx, unused.sequence)?;
        found.refuse()?;
        tx.remove_domain(tenant.id, name)?;
        tenant.domains.retain(|it| it.name != *name);
        if !tenant.domains.iter().any(|it| it.is_default) {
            let other = tenant.domains.iter().position(|it| !it.is_initial);
            if let Some(next) = tenant.domains.get_mut(other.unwrap_or_default()) {
                next.is_default = true;
            }
        }
        Ok(true)
    })
}

fn refuse_needed(reader: &Reader<'_>, tenant: &Tenant, name: &str) -> Result<(), Problem> {
    if tenant.initial_domain() == name {
        return Err(Problem::bad_request(format!(
            "`{name}` is the initial domain of the tenant, which external users are named in: it stays"
        )));
    }
    // Mappings may ask for it (`DefaultDomain()`), and nobody would be evaluated anew for another one.
    if tenant.default_domain() == name && reader.count_jobs_of(tenant.id)? > 0 {
        return Err(Problem::conflict(format!(
            "`{name}` is the default domain of the tenant, which the mappings of its jobs may ask for: it stays as long as there is any"
        )));
    }
    Ok(())
}
