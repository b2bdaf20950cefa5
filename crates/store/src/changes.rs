//! What changed in a tenant, in order: serves Graph's delta tokens, the engine's watermark and
//! continuous mode alike. An object, edge or assignment appears once, with its newest change.

use rusqlite::params;
use syncline_model::{EntityKind, ObjectId, TenantId};

use crate::driver::id_column;
use crate::objects::sequence_column;
use crate::{Edge, EdgeKind, Reader, Result, StoreError};

/// One changed thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub sequence: u64,
    pub what: Changed,
}

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// Attributes or state of an object.
    Object {
        kind: EntityKind,
        id: ObjectId,
    },
    Edge {
        edge: Edge,
        removed: bool,
    },
    Assignment {
        resource: ObjectId,
        principal: ObjectId,
        principal_kind: EntityKind,
        removed: bool,
    },
}

impl Reader<'_> {
    /// The tenant's newest sequence, as this view sees it.
    pub fn sequence(&self, tenant: TenantId) -> Result<u64> {
        let tenant_no = self.tenant_no(tenant)?;
        let mut statement = self
            .connection
            .prepare_cached("SELECT sequence FROM tenant WHERE tenant_no = $1")?;
        let sequence: i64 = statement.query_row([tenant_no], |row| row.get(0))?;
        u64::try_from(sequence).map_err(|_| StoreError::Damaged("tenant"))
    }

    /// The first `limit` changes after `after` and up to `until`, ascending.
    pub fn changes_since(
        &self,
        tenant: TenantId,
        after: u64,
        until: u64,
        limit: usize,
    ) -> Result<Vec<Change>> {
        let tenant_no = self.tenant_no(tenant)?;
        let bounds = params![
            tenant_no,
            sequence_column(after)?,
            sequence_column(until)?,
            i64::try_from(limit).unwrap_or(i64::MAX)
        ];
        let mut changes = Vec::new();

        let mut statement = self.connection.prepare_cached(
            "SELECT changed_seq, kind, id FROM object WHERE tenant_no = $1 AND changed_seq > $2 AND changed_seq <= $3 ORDER BY changed_seq LIMIT $4",
        )?;
        let mut rows = statement.query(bounds)?;
        while let Some(row) = rows.next()? {
            let kind = EntityKind::from_number(row.get(1)?).ok_or(StoreError::Damaged("object"))?;
            let what = Changed::Object {
                kind,
                id: id_column(row, 2, ObjectId::from_bytes)?,
            };
            changes.push(Change {
                sequence: sequence_of(row)?,
                what,
            });
        }

        let mut statement = self.connection.prepare_cached(
            "SELECT changed_seq, kind, from_id, to_id, removed FROM edge WHERE tenant_no = $1 AND changed_seq > $2 AND changed_seq <= $3 ORDER BY changed_seq LIMIT $4",
        )?;
        let mut rows = statement.query(bounds)?;
        while let Some(row) = rows.next()? {
            let edge = Edge {
                kind: EdgeKind::from_number(row.get(1)?)?,
                from: id_column(row, 2, ObjectId::from_bytes)?,
                to: id_column(row, 3, ObjectId::from_bytes)?,
            };
            changes.push(Change {
                sequence: sequence_of(row)?,
                what: Changed::Edge {
                    edge,
                    removed: row.get(4)?,
                },
            });
        }

        let mut statement = self.connection.prepare_cached(
            "SELECT changed_seq, resource, principal, principal_kind, removed FROM app_role_assignment WHERE tenant_no = $1 AND changed_seq > $2 AND changed_seq <= $3 ORDER BY changed_seq LIMIT $4",
        )?;
        let mut rows = statement.query(bounds)?;
        while let Some(row) = rows.next()? {
            let what = Changed::Assignment {
                resource: id_column(row, 1, ObjectId::from_bytes)?,
                principal: id_column(row, 2, ObjectId::from_bytes)?,
                principal_kind: EntityKind::from_number(row.get(3)?)
                    .ok_or(StoreError::Damaged("app_role_assignment"))?,
                removed: row.get(4)?,
            };
            changes.push(Change {
                sequence: sequence_of(row)?,
                what,
            });
        }

        changes.sort_by_key(|change| change.sequence);
        changes.truncate(limit);
        Ok(changes)
    }
}

fn sequence_of(row: &rusqlite::Row<'_>) -> Result<u64> {
    u64::try_from(row.get::<_, i64>(0)?).map_err(|_| StoreError::Damaged("changed_seq"))
}
