//! How long the traces of deleted things stay: until every job has read past them, and every delta
//! link that was handed out before them has expired.
//!
//! Changes are numbered, not dated. So now and then the tenant's newest number is noted with the
//! time; what is not newer than a note that is older than a delta link's life has been seen by
//! everybody whose link still counts. How far tombstones are gone is noted, too: a link or page
//! from before that is refused, whatever its clock says. So is one from before a backup was restored.

use serde::{Deserialize, Serialize};
use syncline_model::{TenantId, Timestamp};
use syncline_store::{Document, Reader, Result, Tx};

/// How long a delta link is good for: seven days, as Graph's for directory objects.
/// [Delta query overview, token duration](https://learn.microsoft.com/graph/delta-query-overview#token-duration)
pub const DELTA_LINK_SECONDS: i64 = 7 * 86_400;
/// Clocks of several nodes may disagree by less than this.
const SKEW_SECONDS: i64 = 3_600;
/// How often the newest number is noted.
const NOTE_EVERY_SECONDS: i64 = 6 * 3_600;
/// Changes walked through in one transaction.
const SLICE: u64 = 20_000;
/// More changes than a tenant has had between a backup and its restoring.
const NEVER_WERE: u64 = 1 << 30;

/// Key: `tombstones`.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Swept {
    /// Tombstones up to this number are gone.
    until: u64,
    /// The newest number at a time, oldest first.
    notes: Vec<(Timestamp, u64)>,
    /// Numbers after the first and up to the second may have been given to changes that a restored backup
    /// does not know.
    #[serde(default)]
    never_were: (u64, u64),
}

impl Document for Swept {
    const KIND: &'static str = "tombstones";
}

const KEY: &str = "tombstones";

/// Changes up to this number can not be told any more.
pub fn gone_until(reader: &Reader<'_>, tenant: TenantId) -> Result<u64> {
    let swept: Option<Swept> = reader.document(Some(tenant), KEY)?;
    Ok(swept.map_or(0, |swept| swept.until.max(swept.never_were.1)))
}

/// A backup was restored. What the tenant said after it was made never was: links to that, and those from
/// before with them, are refused, and none of the numbers that they may hold is given once more.
pub fn restored(tx: &mut Tx<'_>, tenant: TenantId) -> Result<()> {
    let newest = tx.sequence(tenant)?;
    tx.pass_over_sequences(tenant, NEVER_WERE)?;
    let mut swept: Swept = tx.document(Some(tenant), KEY)?.unwrap_or_default();
    swept.never_were = (newest, newest.saturating_add(NEVER_WERE));
    tx.put_document(Some(tenant), KEY, &swept, None)
}

/// What a slice did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// Objects, references and assignments whose traces are gone now.
    pub removed: u64,
    /// Whether there may be more to remove.
    pub more: bool,
}

/// Removes one slice of old tombstones. `read_until`: the number up
/// to which the slowest job of the tenant has read, `None` without jobs that have begun.
pub fn sweep(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    now: Timestamp,
    read_until: Option<u64>,
) -> Result<Slice> {
    let mut swept: Swept = tx.document(Some(tenant), KEY)?.unwrap_or_default();
    let newest = tx.sequence(tenant)?;
    let mut changed = swept.note(now, newest);
    let bound = swept
        .old_enough(now)
        .min(read_until.unwrap_or(u64::MAX))
        .max(swept.until);
    let until = bound.min(swept.walked_to(swept.until + SLICE));
    let mut removed = 0;
    if until > swept.until {
        removed = tx.remove_tombstones(tenant, swept.until, until)?;
        swept.until = until;
        changed = true;
    }
    if changed {
        tx.put_document(Some(tenant), KEY, &swept, None)?;
    }
    Ok(Slice {
        removed,
        more: until < bound,
    })
}

impl Swept {
    /// There is nothing to walk through where no number was given.
    fn walked_to(&self, until: u64) -> u64 {
        let (after, last) = self.never_were;
        if (after..last).contains(&until) {
            last
        } else {
            until
        }
    }

    /// Notes the newest number, unless it is the one of the last note or that is young; whether it
    /// did.
    fn note(&mut self, now: Timestamp, newest: u64) -> bool {
        let due = self.notes.last().is_none_or(|(at, number)| {
            *number != newest && now >= at.plus_seconds(NOTE_EVERY_SECONDS)
        });
        if due {
            self.notes.push((now, newest));
        }
        due
    }

    /// Up to which number everything is older than any delta link that counts. Older notes have
    /// said what they had to.
    fn old_enough(&mut self, now: Timestamp) -> u64 {
        let old = |at: &Timestamp| now >= at.plus_seconds(DELTA_LINK_SECONDS + SKEW_SECONDS);
        let count = self.notes.iter().take_while(|(at, _)| old(at)).count();
        let Some((_, number)) = count.checked_sub(1).and_then(|last| self.notes.get(last)) else {
            return 0;
        };
        let number = *number;
        self.notes.drain(..count - 1);
        number
    }
}
