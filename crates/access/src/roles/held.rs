//! The roles that count for a principal.

use std::collections::BTreeSet;

use syncline_model::{ObjectId, TenantId};
use syncline_store::{Reader, Result};

use super::{DirectoryRole, behind, groups, prefix};

/// The roles that a user or a service principal holds: given to it, or to a group that it is in. The one
/// place that says so, for what is told, for tokens and for what is allowed.
pub fn held(
    reader: &Reader<'_>,
    tenant: TenantId,
    principal: ObjectId,
) -> Result<BTreeSet<DirectoryRole>> {
    let own = behind(reader, tenant, &prefix(principal, false))?;
    let mut roles: BTreeSet<_> = own.into_iter().collect();
    roles.extend(groups::of_groups(reader, tenant, principal)?);
    Ok(roles)
}
