//! Directory objects: rows of the object table.

mod attributes;
pub(crate) mod body;
mod counts;
pub(crate) mod fitting;
pub(crate) mod peek;
mod recycled;
mod scan;

use std::borrow::Borrow;
use std::sync::Arc;

use syncline_model::{Attrs, EntityKind, Entry, ObjectId, TenantId, Timestamp};

use crate::driver::{Row, blob, int, optional_int, owned_blob};
use crate::{Reader, Result, StoreError, Tx};
use body::{decode, encode};
use counts::Changes;
pub use scan::Scanned;

/// Where an object is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ObjectState {
    Live = 0,
    /// In the recycle bin.
    Deleted = 1,
    /// Deleted for good; only the id is left, so that readers of changes learn of it.
    Purged = 2,
}

impl ObjectState {
    pub(crate) fn from_number(number: i64) -> Result<Self> {
        match number {
            0 => Ok(Self::Live),
            1 => Ok(Self::Deleted),
            2 => Ok(Self::Purged),
            _ => Err(StoreError::Damaged("object")),
        }
    }
}

/// When an object went into the recycle bin that is being deleted for good, a slice of its references at a time: so long
/// ago that it is the next one to go, however long the bin keeps things. Lists of the bin leave it out.
pub const BEING_PURGED: Timestamp = Timestamp(0);

/// An object as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    pub entry: Entry,
    pub state: ObjectState,
    pub changed_seq: u64,
    pub created_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
}

impl Stored {
    /// Whether it is past coming back, and only some of its references are still to go.
    pub fn is_being_purged(&self) -> bool {
        self.state == ObjectState::Deleted && self.deleted_at == Some(BEING_PURGED)
    }

    /// About how many bytes it takes on a page.
    pub fn bytes(&self) -> usize {
        let values = self.entry.attrs.iter();
        values.map(|(_, value)| 1 + value.bytes()).sum()
    }
}

/// An object ready to be inserted: its row can be made outside of the transaction that writes it.
#[derive(Clone, Debug)]
pub struct Encoded {
    pub(crate) kind: EntityKind,
    pub(crate) id: ObjectId,
    pub(crate) body: Vec<u8>,
}

impl Encoded {
    pub fn id(&self) -> ObjectId {
        self.id
    }

    pub fn kind(&self) -> EntityKind {
        self.kind
    }

    /// Encodes the attributes.
    pub fn of(entry: &Entry) -> Result<Self> {
        Ok(Self {
            kind: entry.kind,
            id: entry.id,
            body: encode(&entry.attrs)?,
        })
    }
}

const COLUMNS: &str = "id, state, changed_seq, created_at, deleted_at, body";

impl Reader<'_> {
    /// The objects of one kind with these ids, in the order asked, absent ones left out; all states.
    pub fn objects(
        &self,
        tenant: TenantId,
        kind: EntityKind,
        ids: &[ObjectId],
    ) -> Result<Vec<Stored>> {
        let tenant_no = self.tenant_no(tenant)?;
        self.connection.query_each(
            &format!("SELECT {COLUMNS} FROM object WHERE tenant_no = ?1 AND kind = ?2 AND id = ?3"),
            &[int(tenant_no), int(kind as u8)],
            ids.iter().map(|id| [blob(id.as_bytes())]),
            |row| read(kind, row),
        )
    }

    /// The object with this id, of whatever kind and state.
    pub fn object(&self, tenant: TenantId, id: ObjectId) -> Result<Option<Stored>> {
        for kind in EntityKind::DIRECTORY {
            if let Some(stored) = self.objects(tenant, kind, &[id])?.pop() {
                return Ok(Some(stored));
            }
        }
        Ok(None)
    }
}

impl Tx<'_> {
    /// Adds live objects; ids must be new. Gives each the next `changed_seq`.
    pub fn insert_objects(
        &mut self,
        tenant: TenantId,
        entries: &[Entry],
        now: Timestamp,
    ) -> Result<()> {
        let encoded = entries.iter().map(|entry| Encoded::of(entry).map(Arc::new));
        let encoded: Vec<Arc<Encoded>> = encoded.collect::<Result<_>>()?;
        self.insert_encoded(tenant, &encoded, now)
    }

    /// The same of objects that were encoded before.
    pub fn insert_encoded(
        &mut self,
        tenant: TenantId,
        objects: &[Arc<Encoded>],
        now: Timestamp,
    ) -> Result<()> {
        let tenant_no = self.tenant_no(tenant)?;
        let rows = self.numbered(tenant_no, objects, |object, sequence| {
            Ok([
                int(object.kind as u8),
                blob(object.id.as_bytes()),
                int(sequence),
                blob(&object.body),
            ])
        })?;
        let inserted = self.connection.execute_each(
            "INSERT INTO object (tenant_no, created_at, kind, id, changed_seq, body, state, deleted_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, NULL) ON CONFLICT DO NOTHING",
            &[int(tenant_no), int(now.0)],
            rows.into_iter(),
        )?;
        all_taken(inserted, objects.len())?;
        let mut counts = Changes::default();
        for object in objects {
            counts.add(object.kind, ObjectState::Live, 1);
        }
        self.change_counts(tenant_no, &counts)?;
        self.note_inserted(tenant_no, objects);
        Ok(())
    }

    /// Replaces the attributes of objects, whatever their state.
    pub fn update_objects(
        &mut self,
        tenant: TenantId,
        entries: &[impl Borrow<Entry>],
    ) -> Result<()> {
        let tenant_no = self.tenant_no(tenant)?;
        let rows = self.numbered(tenant_no, entries, |entry, sequence| {
            let entry = entry.borrow();
            Ok([
                owned_blob(encode(&entry.attrs)?),
                int(sequence),
                int(entry.kind as u8),
                blob(entry.id.as_bytes()),
            ])
        })?;
        self.connection.execute_each(
            "UPDATE object SET body = ?2, changed_seq = ?3 WHERE tenant_no = ?1 AND kind = ?4 AND id = ?5",
            &[int(tenant_no)],
            rows.into_iter(),
        )?;
        self.forget_inserted(tenant_no, entries.iter().map(|it| it.borrow().id));
        Ok(())
    }

    /// Moves objects between live, recycle bin and tombstone, and replaces their attributes (a
    /// tombstone keeps none). Each that is not gone for good gets a second number, by which [`Reader::moves_since`]
    /// tells of it. `now` becomes `deletedDateTime` when the state is `Deleted`: [`BEING_PURGED`] for
    /// what does not come back.
    pub fn move_objects(
        &mut self,
        tenant: TenantId,
        entries: &[impl Borrow<Entry>],
        state: ObjectState,
        now: Timestamp,
    ) -> Result<()> {
        let tenant_no = self.tenant_no(tenant)?;
        let ids = || entries.iter().map(|it| it.borrow().id);
        self.forget_inserted(tenant_no, ids());
        self.forget_objects(tenant_no, ids());
        let counts =
            self.changes_of_moving(tenant_no, entries.iter().map(Borrow::borrow), state)?;
        let deleted_at = (state == ObjectState::Deleted).then_some(now.0);
        let gone = state == ObjectState::Purged;
        let mut rows = self.numbered(tenant_no, entries, |entry, sequence| {
            let entry = entry.borrow();
            let body = if gone {
                encode(&Attrs::new())?
            } else {
                encode(&entry.attrs)?
            };
            Ok([
                owned_blob(body),
                int(sequence),
                optional_int(None),
                int(entry.kind as u8),
                blob(entry.id.as_bytes()),
            ])
        })?;
        // What is gone for good has no references any more: their own tombstones tell of them.
        if !gone {
            let moved = self.next_sequences(tenant_no, rows.len())?;
            for (row, moved) in rows.iter_mut().zip(moved) {
                row[2] = int(moved);
            }
        }
        self.connection.execute_each(
            // Deleted already, it hides nothing more.
            "UPDATE object SET state = ?2, deleted_at = ?3, body = ?4, changed_seq = ?5, moved_seq = CASE WHEN state = 1 AND ?2 = 1 THEN moved_seq ELSE ?6 END WHERE tenant_no = ?1 AND kind = ?7 AND id = ?8",
            &[int(tenant_no), int(state as u8), optional_int(deleted_at)],
            rows.into_iter(),
        )?;
        self.change_counts(tenant_no, &counts)
    }

    /// Rows of values for things that each get the next `changed_seq`.
    pub(crate) fn numbered<'v, I, const N: usize>(
        &self,
        tenant_no: i64,
        items: &'v [I],
        row: impl Fn(&'v I, u64) -> Result<[crate::driver::Param<'v>; N]>,
    ) -> Result<Vec<[crate::driver::Param<'v>; N]>> {
        let sequences = self.next_sequences(tenant_no, items.len())?;
        items
            .iter()
            .zip(sequences)
            .map(|(item, sequence)| row(item, sequence))
            .collect()
    }
}

/// [`StoreError::Taken`] unless every row found its place.
pub(crate) fn all_taken(inserted: u64, wanted: usize) -> Result<()> {
    if inserted == wanted as u64 {
        Ok(())
    } else {
        Err(StoreError::Taken)
    }
}

pub(crate) fn read(kind: EntityKind, row: &Row<'_>) -> Result<Stored> {
    read_with(kind, row, decode)
}

fn read_with(
    kind: EntityKind,
    row: &Row<'_>,
    attrs: impl Fn(&[u8]) -> Result<Attrs>,
) -> Result<Stored> {
    Ok(Stored {
        entry: Entry {
            id: row.id(0, ObjectId::from_bytes)?,
            kind,
            attrs: attrs(row.blob(5)?)?,
        },
        state: ObjectState::from_number(row.int(1)?)?,
        changed_seq: row.number(2)?,
        created_at: row.time(3)?,
        deleted_at: row.optional_int(4)?.map(Timestamp),
    })
}
