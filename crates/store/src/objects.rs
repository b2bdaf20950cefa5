//! Directory objects: rows of the object table.

use rusqlite::params;
use syncline_model::{Attrs, EntityKind, Entry, ObjectId, TenantId, Timestamp};

use crate::driver::id_column;
use crate::tenants::taken;
use crate::{Reader, Result, StoreError, Tx};

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

/// An object as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    pub entry: Entry,
    pub state: ObjectState,
    pub changed_seq: u64,
    pub created_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
}

const COLUMNS: &str = "id, state, changed_seq, created_at, deleted_at, body";

/// The range of `deleted_at` holds for everything in the bin; with the unary pluses it makes the
/// planner take the partial index instead of walking all objects by primary key.
const RECYCLED: &str = "SELECT id, state, changed_seq, created_at, deleted_at, body FROM object WHERE tenant_no = $1 AND kind = $2 AND state = 1 AND deleted_at > -9223372036854775808 AND +id > $3 ORDER BY +id LIMIT $4";

impl Reader<'_> {
    /// The objects of one kind with these ids, in the order asked, absent ones left out; all states.
    pub fn objects(
        &self,
        tenant: TenantId,
        kind: EntityKind,
        ids: &[ObjectId],
    ) -> Result<Vec<Stored>> {
        let tenant_no = self.tenant_no(tenant)?;
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM object WHERE tenant_no = $1 AND kind = $2 AND id = $3"
        ))?;
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let mut rows =
                statement.query(params![tenant_no, kind as u8, id.as_bytes().as_slice()])?;
            if let Some(row) = rows.next()? {
                found.push(read(kind, row)?);
            }
        }
        Ok(found)
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

    /// A page of objects of one kind and state in order of arrival (= of id), after `after`.
    pub fn scan(
        &self,
        tenant: TenantId,
        kind: EntityKind,
        state: ObjectState,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<Stored>> {
        let tenant_no = self.tenant_no(tenant)?;
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM object WHERE tenant_no = $1 AND kind = $2 AND id > $3 AND state = $4 ORDER BY id LIMIT $5"
        ))?;
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows =
            statement.query(params![tenant_no, kind as u8, after, state as u8, limit])?;
        let mut page = Vec::new();
        while let Some(row) = rows.next()? {
            page.push(read(kind, row)?);
        }
        Ok(page)
    }

    /// A page of the objects of one kind in the recycle bin, in order of id, after `after`. Reads
    /// only what is in the bin ([`Reader::scan`] would walk past every live object).
    pub fn recycled(
        &self,
        tenant: TenantId,
        kind: EntityKind,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<Stored>> {
        let tenant_no = self.tenant_no(tenant)?;
        let mut statement = self.connection.prepare_cached(RECYCLED)?;
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![tenant_no, kind as u8, after, limit])?;
        let mut page = Vec::new();
        while let Some(row) = rows.next()? {
            page.push(read(kind, row)?);
        }
        Ok(page)
    }

    /// Objects in the recycle bin since before `deleted_before`, oldest first.
    pub fn recycled_before(
        &self,
        tenant: TenantId,
        kind: EntityKind,
        deleted_before: Timestamp,
        limit: usize,
    ) -> Result<Vec<Stored>> {
        let tenant_no = self.tenant_no(tenant)?;
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM object WHERE tenant_no = $1 AND kind = $2 AND state = 1 AND deleted_at < $3 ORDER BY deleted_at LIMIT $4"
        ))?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![tenant_no, kind as u8, deleted_before.0, limit])?;
        let mut page = Vec::new();
        while let Some(row) = rows.next()? {
            page.push(read(kind, row)?);
        }
        Ok(page)
    }

    /// How many objects of one kind and state there are. Reads them all.
    pub fn count_objects(
        &self,
        tenant: TenantId,
        kind: EntityKind,
        state: ObjectState,
    ) -> Result<u64> {
        let tenant_no = self.tenant_no(tenant)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT COUNT(*) FROM object WHERE tenant_no = $1 AND kind = $2 AND state = $3",
        )?;
        let count: i64 = statement
            .query_row(params![tenant_no, kind as u8, state as u8], |row| {
                row.get(0)
            })?;
        u64::try_from(count).map_err(|_| StoreError::Damaged("object"))
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
        let tenant_no = self.tenant_no(tenant)?;
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO object (tenant_no, kind, id, state, changed_seq, created_at, deleted_at, body) VALUES ($1, $2, $3, 0, $4, $5, NULL, $6)",
        )?;
        for entry in entries {
            let sequence = sequence_column(self.next_sequence(tenant_no)?)?;
            statement
                .execute(params![
                    tenant_no,
                    entry.kind as u8,
                    entry.id.as_bytes().as_slice(),
                    sequence,
                    now.0,
                    encode(&entry.attrs)?
                ])
                .map_err(taken)?;
        }
        Ok(())
    }

    /// Replaces the attributes of objects, whatever their state.
    pub fn update_objects(&mut self, tenant: TenantId, entries: &[Entry]) -> Result<()> {
        let tenant_no = self.tenant_no(tenant)?;
        let mut statement = self.connection.prepare_cached(
            "UPDATE object SET body = $1, changed_seq = $2 WHERE tenant_no = $3 AND kind = $4 AND id = $5",
        )?;
        for entry in entries {
            let sequence = sequence_column(self.next_sequence(tenant_no)?)?;
            statement.execute(params![
                encode(&entry.attrs)?,
                sequence,
                tenant_no,
                entry.kind as u8,
                entry.id.as_bytes().as_slice()
            ])?;
        }
        Ok(())
    }

    /// Moves objects between live, recycle bin and tombstone, and replaces their attributes (a
    /// tombstone keeps none). `now` becomes `deletedDateTime` when the state is `Deleted`.
    pub fn move_objects(
        &mut self,
        tenant: TenantId,
        entries: &[Entry],
        state: ObjectState,
        now: Timestamp,
    ) -> Result<()> {
        let tenant_no = self.tenant_no(tenant)?;
        let mut statement = self.connection.prepare_cached(
            "UPDATE object SET state = $1, deleted_at = $2, body = $3, changed_seq = $4 WHERE tenant_no = $5 AND kind = $6 AND id = $7",
        )?;
        for entry in entries {
            let sequence = sequence_column(self.next_sequence(tenant_no)?)?;
            let deleted_at = (state == ObjectState::Deleted).then_some(now.0);
            let body = if state == ObjectState::Purged {
                encode(&Attrs::new())?
            } else {
                encode(&entry.attrs)?
            };
            statement.execute(params![
                state as u8,
                deleted_at,
                body,
                sequence,
                tenant_no,
                entry.kind as u8,
                entry.id.as_bytes().as_slice()
            ])?;
        }
        Ok(())
    }
}

pub(crate) fn sequence_column(sequence: u64) -> Result<i64> {
    i64::try_from(sequence).map_err(|_| StoreError::Damaged("tenant"))
}

fn encode(attrs: &Attrs) -> Result<Vec<u8>> {
    postcard::to_allocvec(attrs).map_err(|_| StoreError::Damaged("object"))
}

fn read(kind: EntityKind, row: &rusqlite::Row<'_>) -> Result<Stored> {
    let body = row
        .get_ref(5)?
        .as_blob()
        .map_err(|_| StoreError::Damaged("object"))?;
    let attrs: Attrs = postcard::from_bytes(body).map_err(|_| StoreError::Damaged("object"))?;
    Ok(Stored {
        entry: Entry {
            id: id_column(row, 0, ObjectId::from_bytes)?,
            kind,
            attrs,
        },
        state: ObjectState::from_number(row.get(1)?)?,
        changed_seq: u64::try_from(row.get::<_, i64>(2)?)
            .map_err(|_| StoreError::Damaged("object"))?,
        created_at: Timestamp(row.get(3)?),
        deleted_at: row.get::<_, Option<i64>>(4)?.map(Timestamp),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recycle_bin_is_listed_by_its_own_index() {
        crate::driver::assert_plan(RECYCLED, "object_recycled");
    }
}
