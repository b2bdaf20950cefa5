//! Deletes for good.

use serde::{Deserialize, Serialize};
use syncline_model::{EntityKind, ObjectId, Problem, TenantId, Timestamp};
use syncline_store::{BEING_PURGED, Document, ObjectState, Reader, StoreError, Stored, Tx};

use super::find::recycled;
use crate::lifecycle::EDGES_AT_ONCE;
use crate::{Context, lifecycle, restored};

const SECONDS_PER_DAY: i64 = 86_400;

/// How much is deleted for good in one transaction at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    pub objects: usize,
    /// References, memberships and assignments that go with them. An object with more goes when its
    /// last ones went.
    pub edges: usize,
}

/// What one slice deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    pub objects: usize,
    /// There may be more to delete.
    pub more: bool,
}

/// The object that has lost some of its references and memberships because it is being deleted for
/// good, a slice at a time. It does not come back: it would not be what it was. Key: `purging`.
#[derive(Debug, Serialize, Deserialize)]
struct Purging {
    id: ObjectId,
}

impl Document for Purging {
    const KIND: &'static str = "purging";
}

const KEY: &str = "purging";

/// Deletes a soft-deleted object for good; 404 when it is not in the recycle bin. One that has more references than go
/// in one transaction is gone for everybody at once; [`purge_expired`] takes the rest of them away, and then the object.
pub fn purge(tx: &mut Tx<'_>, context: &Context<'_>, id: ObjectId) -> Result<(), Problem> {
    let object = recycled(tx, context.tenant_id(), id)?;
    lifecycle::forget(tx, context.tenant_id(), &[id])?;
    let mut edges = EDGES_AT_ONCE;
    if detached(tx, context, &object, &mut edges)? {
        lifecycle::purge(tx, context, &object)
    } else {
        lifecycle::begin_purge(tx, context, &object)
    }
}

/// Whether [`purge_expired`] has anything to do. Asked in a snapshot, so that no writer waits when it has not.
pub fn has_expired(
    reader: &Reader<'_>,
    tenant: TenantId,
    now: Timestamp,
    days: u32,
) -> Result<bool, Problem> {
    if being_purged(reader, tenant)?.is_some() {
        return Ok(true);
    }
    let before = before(reader, tenant, now, days)?;
    for kind in EntityKind::DIRECTORY {
        let expired = reader.recycled_before(tenant, kind, before, 1)?;
        if !expired.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Deleted before this time, it goes: where the bin keeps everything, only what is gone for everybody already.
fn before(
    reader: &Reader<'_>,
    tenant: TenantId,
    now: Timestamp,
    days: u32,
) -> Result<Timestamp, StoreError> {
    if restored::keeps_everything(reader, tenant, now)? {
        return Ok(Timestamp(BEING_PURGED.0 + 1));
    }
    Ok(now.plus_seconds(-i64::from(days) * SECONDS_PER_DAY))
}

/// Deletes one slice of the objects for good that have been in the recycle bin for longer than `days`;
/// for a day after a backup was restored only those whose purge was begun. Call again while there is more.
pub fn purge_expired(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    days: u32,
    slice: Slice,
) -> Result<Purged, Problem> {
    let tenant = context.tenant_id();
    let mut purged = Purged::default();
    let mut edges = slice.edges;
    // However long the bin keeps things by now: what was begun is finished.
    if let Some(Purging { id }) = tx.document(Some(tenant), KEY)? {
        let object = tx.object(tenant, id)?;
        if let Some(object) = object.filter(|it| it.state == ObjectState::Deleted) {
            if !detached(tx, context, &object, &mut edges)? {
                purged.more = true;
                return Ok(purged);
            }
            lifecycle::forget(tx, tenant, &[id])?;
            lifecycle::purge(tx, context, &object)?;
            purged.objects += 1;
        }
        tx.delete_document::<Purging>(Some(tenant), KEY)?;
    }
    let before = before(tx, tenant, context.now, days)?;
    let mut gone = Vec::new();
    'all: for kind in EntityKind::DIRECTORY {
        let limit = slice.objects.saturating_sub(purged.objects);
        for object in &tx.recycled_before(tenant, kind, before, limit)? {
            let id = object.entry.id;
            gone.push(id);
            if !detached(tx, context, object, &mut edges)? {
                tx.put_document(Some(tenant), KEY, &Purging { id }, None)?;
                purged.more = true;
                break 'all;
            }
            lifecycle::purge(tx, context, object)?;
            purged.objects += 1;
        }
    }
    lifecycle::forget(tx, tenant, &gone)?;
    purged.more |= purged.objects >= slice.objects;
    Ok(purged)
}

/// The object in the recycle bin that is past coming back, if there is one.
pub(crate) fn being_purged(
    reader: &Reader<'_>,
    tenant: TenantId,
) -> Result<Option<ObjectId>, StoreError> {
    let purging: Option<Purging> = reader.document(Some(tenant), KEY)?;
    Ok(purging.map(|it| it.id))
}

/// Whether an object has lost all of its edges. Who has, has left some of the budget for the next one.
fn detached(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    object: &Stored,
    edges: &mut usize,
) -> Result<bool, Problem> {
    let (tenant, entry) = (context.tenant_id(), &object.entry);
    Ok(lifecycle::detach_some(
        tx, tenant, entry.kind, entry.id, edges,
    )?)
}
