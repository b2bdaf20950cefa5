//! How many device codes were asked for. Anybody may ask, so that strangers could fill the store:
//! they are counted, per tenant and in all, and past a number the rest have to wait.

use serde::{Deserialize, Serialize};
use syncline_access::Refusal;
use syncline_model::{TenantId, Timestamp};
use syncline_store::{Document, Reader, Tx};

use super::device_networks::wait_until;
use crate::Identity;

/// Key: a tenant, `common`, or `all`.
#[derive(Serialize, Deserialize)]
struct DeviceRequests {
    /// When counting begins anew.
    until: Timestamp,
    count: u32,
}

impl Document for DeviceRequests {
    const KIND: &'static str = "device_requests";
}

/// Refuses when the codes of the tenant (`None`: `common`), or of all, are spent.
pub(super) fn check(
    identity: &Identity,
    reader: &Reader<'_>,
    tenant: Option<TenantId>,
    now: Timestamp,
) -> Result<(), Refusal> {
    for (key, most) in counters(identity, tenant) {
        let begun = current(reader, &key, now)?;
        if let Some(begun) = begun.filter(|it| it.count >= most) {
            return Err(wait_until(begun.until, now));
        }
    }
    Ok(())
}

/// Counts one more, unless they are spent: others may have asked since [`check`] was.
pub(super) fn count(
    identity: &Identity,
    tx: &mut Tx<'_>,
    tenant: Option<TenantId>,
    now: Timestamp,
) -> Result<(), Refusal> {
    check(identity, tx, tenant, now)?;
    for (key, _) in counters(identity, tenant) {
        let mut begun = current(tx, &key, now)?.unwrap_or(DeviceRequests {
            until: now.plus_seconds(identity.settings.device_code_lifetime_seconds),
            count: 0,
        });
        begun.count = begun.count.saturating_add(1);
        tx.put_document(None, &key, &begun, Some(begun.until))?;
    }
    Ok(())
}

fn counters(identity: &Identity, tenant: Option<TenantId>) -> [(String, u32); 2] {
    let settings = &identity.settings;
    let key = tenant.map_or_else(|| "common".to_owned(), |tenant| tenant.to_string());
    [
        (key, settings.device_codes_of_a_tenant),
        ("all".to_owned(), settings.device_codes),
    ]
}

fn current(
    reader: &Reader<'_>,
    key: &str,
    now: Timestamp,
) -> Result<Option<DeviceRequests>, Refusal> {
    let found: Option<DeviceRequests> = reader.document(None, key)?;
    Ok(found.filter(|it| now < it.until))
}
