//! A backup that becomes the database: nobody is believed who heard what was said after it was made,
//! and for a day nothing is removed from the recycle bins and logs that it brings back.

use serde::{Deserialize, Serialize};
use syncline_model::{Ids, TenantId, Timestamp};
use syncline_store::{Document, Reader, Result, Tx};

use crate::tombstones;

/// How long recycle bins and logs keep everything, however old it is: somebody may have restored the backup for
/// what is in them.
const KEPT_SECONDS: i64 = 86_400;
/// Clocks of several nodes may disagree by less than this.
const SKEW_SECONDS: i64 = 3_600;

/// When. Of each tenant, key: `restored`.
#[derive(Debug, Serialize, Deserialize)]
struct Restored {
    at: Timestamp,
}

impl Document for Restored {
    const KIND: &'static str = "restored";
}

const KEY: &str = "restored";

/// Lets every tenant of what was restored begin anew, before anybody works with it. Of one transaction: either
/// all do, or the backup is not restored.
pub fn begin_anew(tx: &mut Tx<'_>, ids: &dyn Ids, now: Timestamp) -> Result<()> {
    let until = kept_until(now);
    for tenant in tx.tenant_ids()? {
        tombstones::restored(tx, tenant, ids)?;
        tx.put_document(Some(tenant), KEY, &Restored { at: now }, Some(until))?;
    }
    Ok(())
}

/// Until when recycle bins and logs keep everything of a backup that is restored now.
pub fn kept_until(now: Timestamp) -> Timestamp {
    now.plus_seconds(KEPT_SECONDS)
}

/// Whether a backup was restored so lately that the tenant's recycle bin and log keep everything.
pub fn keeps_everything(reader: &Reader<'_>, tenant: TenantId, now: Timestamp) -> Result<bool> {
    let restored: Option<Restored> = reader.document(Some(tenant), KEY)?;
    // A clock that was far ahead does not keep them for ever.
    Ok(restored.is_some_and(|Restored { at }| {
        now < kept_until(at) && now >= at.plus_seconds(-SKEW_SECONDS)
    }))
}
