//! What objects left behind that were deleted for good: documents that did not go with them. Once a day all of a tenant's
//! documents of objects are walked through, a slice at a time.

use serde::{Deserialize, Serialize};
use syncline_model::{TenantId, Timestamp};
use syncline_store::{Document, ObjectDocumentPlace, Reader, Result, Tx};

/// Documents looked at in one transaction.
const DOCUMENTS: usize = 2_000;
/// How often they are looked for.
const AGAIN_EVERY_SECONDS: i64 = 86_400;

/// The walk. Key: `walk`.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Walk {
    /// How far it is; `None`: it has not begun.
    place: Option<ObjectDocumentPlace>,
    /// When it begins.
    due: Timestamp,
}

impl Document for Walk {
    const KIND: &'static str = "left_behind";
}

const KEY: &str = "walk";

impl Walk {
    fn goes_on(&self, now: Timestamp) -> bool {
        // Not the word of a clock that was far ahead.
        let is_believed = self.due <= now.plus_seconds(AGAIN_EVERY_SECONDS);
        self.place.is_some() || now >= self.due || !is_believed
    }
}

/// What a slice did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    pub removed: u64,
    /// There may be more to remove.
    pub more: bool,
}

/// Whether [`sweep`] has anything to do. Asked in a snapshot, so that no writer waits when it has not.
pub fn is_due(reader: &Reader<'_>, tenant: TenantId, now: Timestamp) -> Result<bool> {
    let walk: Option<Walk> = reader.document(Some(tenant), KEY)?;
    Ok(walk.unwrap_or_default().goes_on(now))
}

/// Removes what one slice of the walk finds.
pub fn sweep(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<Swept> {
    let mut walk: Walk = tx.document(Some(tenant), KEY)?.unwrap_or_default();
    if !walk.goes_on(now) {
        return Ok(Swept::default());
    }
    let place = walk.place.take().unwrap_or_else(|| {
        walk.due = now.plus_seconds(AGAIN_EVERY_SECONDS);
        ObjectDocumentPlace::default()
    });
    let left = tx.remove_documents_left_behind(tenant, &place, DOCUMENTS)?;
    walk.place = left.next;
    tx.put_document(Some(tenant), KEY, &walk, None)?;
    Ok(Swept {
        removed: left.removed,
        more: walk.place.is_some(),
    })
}
