//! Changes what a tenant is called.

use syncline_model::{Problem, TenantId};
use syncline_store::{Tenant, Tx};

use super::change::change;

/// Characters of a display name.
const LONGEST: usize = 256;

/// The tenant with this display name, and whether it had another one.
///
/// # Errors
/// A name that no tenant can have.
pub fn rename(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    display_name: &str,
) -> Result<(Tenant, bool), Problem> {
    check(display_name)?;
    change(tx, tenant, |_, tenant| {
        let changed = tenant.display_name != display_name;
        tenant.display_name = display_name.to_owned();
        Ok(changed)
    })
}

pub(super) fn check(display_name: &str) -> Result<(), Problem> {
    if display_name.trim().is_empty() || display_name.chars().count() > LONGEST {
        return Err(Problem::invalid_value("displayName", "Organization"));
    }
    Ok(())
}
