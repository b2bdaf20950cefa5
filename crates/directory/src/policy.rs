//! Cross-tenant access policy: one tenant's settings for its partners, and what two tenants'
//! settings say together.

use syncline_model::policy::{self, Partner, PolicyRefusal};
use syncline_model::{Problem, TenantId};
use syncline_store::{Reader, Tx};

const AT_ONCE: usize = 500;

/// A tenant's settings for one partner, when it has any.
pub fn partner(
    reader: &Reader<'_>,
    tenant: TenantId,
    partner: TenantId,
) -> Result<Option<Partner>, Problem> {
    Ok(reader.document(Some(tenant), &partner.to_string())?)
}

/// All of a tenant's partners, by tenant id.
pub fn partners(reader: &Reader<'_>, tenant: TenantId) -> Result<Vec<Partner>, Problem> {
    let mut all = Vec::new();
    let mut after = String::new();
    loop {
        let page = reader.documents::<Partner>(Some(tenant), &after, AT_ONCE)?;
        let last = page.len() < AT_ONCE;
        if let Some((key, _)) = page.last() {
            after.clone_from(key);
        }
        all.extend(page.into_iter().map(|(_, partner)| partner));
        if last {
            return Ok(all);
        }
    }
}

/// Stores a tenant's settings for a partner, replacing those before.
pub fn put_partner(tx: &mut Tx<'_>, tenant: TenantId, partner: &Partner) -> Result<(), Problem> {
    Ok(tx.put_document(Some(tenant), &partner.tenant_id.to_string(), partner, None)?)
}

/// Removes a tenant's settings for a partner; 404 when there are none.
pub fn delete_partner(tx: &mut Tx<'_>, tenant: TenantId, partner: TenantId) -> Result<(), Problem> {
    if tx.delete_document::<Partner>(Some(tenant), &partner.to_string())? {
        Ok(())
    } else {
        Err(Problem::not_found(partner))
    }
}

/// Whether users of `source` may be synchronized into `target` now. The outer error is ours, the
/// inner one is the tenants' word.
pub fn check(
    reader: &Reader<'_>,
    source: TenantId,
    target: TenantId,
) -> Result<Result<(), PolicyRefusal>, Problem> {
    if reader.tenant(target)?.is_none() {
        return Ok(Err(PolicyRefusal::TargetTenantNotFound));
    }
    let source_view = partner(reader, source, target)?;
    let target_view = partner(reader, target, source)?;
    Ok(policy::check(source_view.as_ref(), target_view.as_ref()))
}

/// Whether groups of `source` may be synchronized into `target` now, given that users may
/// ([`check`]).
pub fn groups_allowed(
    reader: &Reader<'_>,
    source: TenantId,
    target: TenantId,
) -> Result<bool, Problem> {
    let target_view = partner(reader, target, source)?;
    Ok(target_view
        .and_then(|partner| partner.identity_synchronization)
        .and_then(|sync| sync.group_sync_allowed)
        .unwrap_or(false))
}
