//! Changes what is told of a tenant.

use syncline_model::{Problem, TenantId};
use syncline_store::{StoreError, Tenant, Tx};

/// The tenant as `change` leaves it, and whether that changed anything, which is written then. Nobody else writes in it
/// meanwhile.
pub(super) fn change(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    change: impl FnOnce(&mut Tx<'_>, &mut Tenant) -> Result<bool, Problem>,
) -> Result<(Tenant, bool), Problem> {
    let found = tx.tenant_to_change(tenant)?;
    let mut tenant = found.ok_or(StoreError::UnknownTenant(tenant))?;
    let changed = change(tx, &mut tenant)?;
    if changed {
        tx.update_tenant(&tenant)?;
    }
    Ok((tenant, changed))
}
