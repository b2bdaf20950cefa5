//! Roles that a tenant has made from their templates, held by somebody or not: one document each.

use serde::{Deserialize, Serialize};
use syncline_model::TenantId;
use syncline_store::{Document, Reader, Result, Tx};

use super::DirectoryRole;

#[derive(Debug, Serialize, Deserialize)]
struct Activation {
    role: DirectoryRole,
}

/// Key: `{role template id}`.
impl Document for Activation {
    const KIND: &'static str = "activated_directory_role";
}

/// Notes that a tenant has a role; false when it was noted before.
pub fn activate(tx: &mut Tx<'_>, tenant: TenantId, role: DirectoryRole) -> Result<bool> {
    let key = role.template_id().to_string();
    if tx.document::<Activation>(Some(tenant), &key)?.is_some() {
        return Ok(false);
    }
    tx.put_document(Some(tenant), &key, &Activation { role }, None)?;
    Ok(true)
}

/// The roles that a tenant has activated. One that somebody holds is active without.
pub fn activated(reader: &Reader<'_>, tenant: TenantId) -> Result<Vec<DirectoryRole>> {
    // Each role at most once, so one page holds all of them.
    let page = reader.documents::<Activation>(Some(tenant), "", DirectoryRole::ALL.len())?;
    Ok(page.into_iter().map(|(_, it)| it.role).collect())
}
