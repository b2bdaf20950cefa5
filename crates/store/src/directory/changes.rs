//! What changed in a tenant, in order: serves Graph's delta tokens, the engine's watermark and
//! continuous mode alike. An object, edge or assignment appears once, with its newest change.

use syncline_model::{EntityKind, ObjectId, TenantId};

use crate::driver::{blob, int};
use crate::{Edge, EdgeKind, Reader, Result, StoreError};

/// One changed thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub sequence: u64,
    pub what: Changed,
}

/// One changed reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EdgeChange {
    pub sequence: u64,
    pub edge: Edge,
    pub removed: bool,
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
        // Its number may be remembered from before it was deleted, by another node.
        self.connection
            .first(
                "SELECT sequence FROM tenant WHERE tenant_no = ?1 AND id = ?2",
                &[int(tenant_no), blob(tenant.as_bytes())],
                |row| row.number(0),
            )?
            .ok_or(StoreError::UnknownTenant(tenant))
    }

    /// The first `limit` changes after `after` and up to `until`, ascending.
    pub fn changes_since(
        &self,
        tenant: TenantId,
        after: u64,
        until: u64,
        limit: usize,
    ) -> Result<Vec<Change>> {
        let bounds = [
            int(self.tenant_no(tenant)?),
            int(after),
            int(until),
            int(limit),
        ];
        let mut changes = self.connection.query(
            "SELECT changed_seq, kind, id FROM object WHERE tenant_no = ?1 AND changed_seq > ?2 AND changed_seq <= ?3 ORDER BY changed_seq LIMIT ?4",
            &bounds,
            |row| {
                let (kind, id) = (row.kind(1)?, row.id(2, ObjectId::from_bytes)?);
                Ok(Change {
                    sequence: row.number(0)?,
                    what: Changed::Object { kind, id },
                })
            },
        )?;
        let edges = self.edge_changes(tenant, after, until, limit)?;
        changes.extend(edges.into_iter().map(|it| Change {
            sequence: it.sequence,
            what: Changed::Edge {
                edge: it.edge,
                removed: it.removed,
            },
        }));
        changes.extend(self.connection.query(
            "SELECT changed_seq, resource, principal, principal_kind, removed FROM app_role_assignment WHERE tenant_no = ?1 AND changed_seq > ?2 AND changed_seq <= ?3 ORDER BY changed_seq LIMIT ?4",
            &bounds,
            |row| {
                let what = Changed::Assignment {
                    resource: row.id(1, ObjectId::from_bytes)?,
                    principal: row.id(2, ObjectId::from_bytes)?,
                    principal_kind: row.kind(3)?,
                    removed: row.flag(4)?,
                };
                Ok(Change {
                    sequence: row.number(0)?,
                    what,
                })
            },
        )?);
        changes.sort_by_key(|change| change.sequence);
        changes.truncate(limit);
        Ok(changes)
    }

    /// The same of references alone, of all kinds.
    pub fn edge_changes(
        &self,
        tenant: TenantId,
        after: u64,
        until: u64,
        limit: usize,
    ) -> Result<Vec<EdgeChange>> {
        self.connection.query(
            "SELECT changed_seq, kind, from_id, to_id, removed FROM edge WHERE tenant_no = ?1 AND changed_seq > ?2 AND changed_seq <= ?3 ORDER BY changed_seq LIMIT ?4",
            &[
                int(self.tenant_no(tenant)?),
                int(after),
                int(until),
                int(limit),
            ],
            |row| {
                Ok(EdgeChange {
                    sequence: row.number(0)?,
                    edge: Edge {
                        kind: EdgeKind::from_number(row.number(1)?)?,
                        from: row.id(2, ObjectId::from_bytes)?,
                        to: row.id(3, ObjectId::from_bytes)?,
                    },
                    removed: row.flag(4)?,
                })
            },
        )
    }
}
