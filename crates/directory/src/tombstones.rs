//! How long the traces of deleted things stay: until every job has read past them, and every delta
//! link that was handed out before them has expired.
//!
//! Changes are numbered, not dated. So now and then the tenant's newest number is noted with the
//! time; what is not newer than a note that is older than a delta link's life has been seen by
//! everybody whose link still counts. How far tombstones are gone is noted, too: a link or page
//! from before that is refused, whatever its clock says. So is one from before a backup was restored.
//!
//! A job that is linked to an object keeps its tombstone, perhaps for long. So what was passed over is gone through again:
//! once a day, as long as there was any the last time.

use serde::{Deserialize, Serialize};
use syncline_model::{Ids, TenantId, Timestamp};
use syncline_store::{Document, Reader, Result, StoreError, Tx};

/// How long a delta link is good for: seven days, as Graph's for directory objects.
/// [Delta query overview, token duration](https://learn.microsoft.com/graph/delta-query-overview#token-duration)
pub const DELTA_LINK_SECONDS: i64 = 7 * 86_400;
/// Clocks of several nodes may disagree by less than this.
const SKEW_SECONDS: i64 = 3_600;
/// How often the newest number is noted.
const NOTE_EVERY_SECONDS: i64 = 6 * 3_600;
/// Numbers walked through in one transaction.
const SLICE: u64 = 20_000;
/// Objects looked at in one transaction for tombstones that were passed over.
const OBJECTS: usize = 5_000;
/// How often they are looked for.
const AGAIN_EVERY_SECONDS: i64 = 86_400;
/// More changes than a tenant has had between a backup and its restoring.
const NEVER_WERE: u64 = 1 << 30;
/// So many numbers more, by chance: the same backup may be restored again, or a restore taken back, and
/// what was said in between never was, either. Thousands of restores come before the last number.
const BY_CHANCE: u64 = 1 << 48;

/// Key: `tombstones`.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Swept {
    /// Tombstones up to this number are gone.
    until: u64,
    /// The newest number at a time, in the order in which they were noted.
    notes: Vec<(Timestamp, u64)>,
    /// Numbers after the first and up to the second may have been given to changes that a restored backup
    /// does not know: of the last one that was restored.
    #[serde(default)]
    never_were: (u64, u64),
    #[serde(default)]
    again: Again,
}

/// The walk through what was passed over.
#[derive(Debug, Serialize, Deserialize)]
struct Again {
    /// How far it is; 0: it has not begun.
    place: u64,
    /// Whether a tombstone was passed over since it began.
    passed_over: bool,
    /// When it begins.
    due: Timestamp,
}

impl Default for Again {
    /// Of a tenant that was swept before anybody noted what was passed over.
    fn default() -> Self {
        Self {
            place: 0,
            passed_over: true,
            due: Timestamp(0),
        }
    }
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
/// before with them, are refused, and none of the numbers that they may hold is given once more. Where
/// the numbers go on can not be told from the backup, so that no two restores of it give the same ones.
pub(crate) fn restored(tx: &mut Tx<'_>, tenant: TenantId, ids: &dyn Ids) -> Result<()> {
    let newest = tx.sequence(tenant)?;
    let (_, random) = ids.random_uuid().as_u64_pair();
    let passed_over = NEVER_WERE + random % BY_CHANCE;
    tx.pass_over_sequences(tenant, passed_over)?;
    let mut swept: Swept = match tx.document(Some(tenant), KEY) {
        // How far they are gone is not known: nobody is told what changed before now. What a backup is restored for
        // can be read all the same.
        Err(StoreError::Damaged(_)) => Swept {
            until: newest,
            ..Swept::default()
        },
        found => found?.unwrap_or_default(),
    };
    swept.never_were = (newest, newest.saturating_add(passed_over));
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

/// Whether [`sweep`] has anything to do. Asked in a snapshot, so that no writer waits when it has not.
pub fn is_due(
    reader: &Reader<'_>,
    tenant: TenantId,
    now: Timestamp,
    read_until: Option<u64>,
) -> Result<bool> {
    let mut swept: Swept = reader.document(Some(tenant), KEY)?.unwrap_or_default();
    let is_noted = swept.note(now, reader.sequence(tenant)?);
    let bound = swept.bound(now, read_until);
    Ok(is_noted || bound > swept.until || swept.again.goes_on(now))
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
    let bound = swept.bound(now, read_until);
    let mut until = swept.until;
    let mut removed = 0;
    if bound > swept.until {
        let end = end_of_slice(tx, tenant, swept.until, bound)?;
        let tombstones = tx.remove_tombstones(tenant, swept.until, end)?;
        removed = tombstones.removed;
        swept.again.passed_over |= tombstones.left;
        until = tombstones.until;
        swept.until = until;
        changed = true;
    }
    let mut more = until < bound;
    if !more && swept.again.goes_on(now) {
        removed += swept.go_through_again(tx, tenant, now)?;
        more = swept.again.place > 0;
        changed = true;
    }
    if changed {
        tx.put_document(Some(tenant), KEY, &swept, None)?;
    }
    Ok(Slice { removed, more })
}

/// Nothing is walked through where no change has its number: a restored backup passes over very many.
fn end_of_slice(reader: &Reader<'_>, tenant: TenantId, after: u64, bound: u64) -> Result<u64> {
    let next = reader.changes_since(tenant, after, bound, 1)?;
    Ok(next.first().map_or(bound, |change| {
        bound.min(change.sequence.saturating_add(SLICE - 1))
    }))
}

impl Again {
    fn goes_on(&self, now: Timestamp) -> bool {
        let due = now >= self.due || !is_believed(self.due, now.plus_seconds(AGAIN_EVERY_SECONDS));
        self.place > 0 || (self.passed_over && due)
    }
}

impl Swept {
    /// One slice of what was passed over; says how many tombstones went.
    fn go_through_again(
        &mut self,
        tx: &mut Tx<'_>,
        tenant: TenantId,
        now: Timestamp,
    ) -> Result<u64> {
        let again = &mut self.again;
        if again.place == 0 {
            again.passed_over = false;
            again.due = now.plus_seconds(AGAIN_EVERY_SECONDS);
        }
        let end = tx.end_of_object_changes(tenant, again.place, self.until, OBJECTS)?;
        let tombstones = tx.remove_tombstones_let_go(tenant, again.place, end)?;
        again.passed_over |= tombstones.left;
        let place = tombstones.until;
        again.place = if place < self.until { place } else { 0 };
        Ok(tombstones.removed)
    }

    /// Notes the newest number, unless it is the one of the last note or that is young; whether it
    /// did.
    fn note(&mut self, now: Timestamp, newest: u64) -> bool {
        let last = self.notes.iter().rfind(|(at, _)| is_believed(*at, now));
        let due = last.is_none_or(|(at, number)| {
            *number != newest && now >= at.plus_seconds(NOTE_EVERY_SECONDS)
        });
        if due {
            self.notes.push((now, newest));
        }
        due
    }

    /// Up to which number tombstones may go now.
    fn bound(&mut self, now: Timestamp, read_until: Option<u64>) -> u64 {
        let read_by_all = read_until.unwrap_or(u64::MAX);
        self.old_enough(now).min(read_by_all).max(self.until)
    }

    /// Up to which number everything is older than any delta link that counts. Older notes have
    /// said what they had to.
    fn old_enough(&mut self, now: Timestamp) -> u64 {
        let old = |at: Timestamp| now >= at.plus_seconds(DELTA_LINK_SECONDS + SKEW_SECONDS);
        let notes = self.notes.iter().enumerate();
        let last = notes
            .filter(|(_, (at, _))| is_believed(*at, now))
            .take_while(|(_, (at, _))| old(*at))
            .last();
        let Some((place, &(_, number))) = last else {
            return 0;
        };
        self.notes.drain(..place);
        number
    }
}

/// Not a note of a clock that was far ahead, which would keep everything until that time has come. It
/// stays where it is all the same: it may be the clock of now that is wrong, and goes right again.
fn is_believed(at: Timestamp, now: Timestamp) -> bool {
    at <= now.plus_seconds(SKEW_SECONDS)
}
