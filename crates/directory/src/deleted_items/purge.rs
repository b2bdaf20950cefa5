//! Deletes for good.

use syncline_model::{EntityKind, ObjectId, Problem};
use syncline_store::Tx;

use super::find::recycled;
use crate::Context;
use crate::lifecycle;

const SECONDS_PER_DAY: i64 = 86_400;

/// Deletes a soft-deleted object for good; 404 when it is not in the recycle bin.
pub fn purge(tx: &mut Tx<'_>, context: &Context<'_>, id: ObjectId) -> Result<(), Problem> {
    let object = recycled(tx, context.tenant_id(), id)?;
    lifecycle::purge(tx, context, &object)
}

/// Deletes up to `limit` objects for good that have been in the recycle bin for longer than `days`;
/// says how many. Call again while it answers `limit`.
pub fn purge_expired(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    days: u32,
    limit: usize,
) -> Result<usize, Problem> {
    let before = context.now.plus_seconds(-i64::from(days) * SECONDS_PER_DAY);
    let mut purged = 0;
    for kind in EntityKind::DIRECTORY {
        let expired = tx.recycled_before(context.tenant_id(), kind, before, limit - purged)?;
        for object in &expired {
            lifecycle::purge(tx, context, object)?;
        }
        purged += expired.len();
    }
    Ok(purged)
}
