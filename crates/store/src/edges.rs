//! References between directory objects: manager, members, owners, sponsors.

use rusqlite::params;
use syncline_model::{ObjectId, TenantId};

use crate::driver::id_column;
use crate::objects::sequence_column;
use crate::{Reader, Result, StoreError, Tx};

/// What an edge means. Numbers are stored: never renumber.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum EdgeKind {
    /// From a user to the manager.
    Manager = 1,
    /// From a group to a member.
    Member = 2,
    /// From a group, application or service principal to an owner.
    Owner = 3,
    /// From a user to a sponsor.
    Sponsor = 4,
}

impl EdgeKind {
    pub(crate) fn from_number(number: u8) -> Result<Self> {
        [Self::Manager, Self::Member, Self::Owner, Self::Sponsor]
            .into_iter()
            .find(|kind| *kind as u8 == number)
            .ok_or(StoreError::Damaged("edge"))
    }
}

/// One edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edge {
    pub kind: EdgeKind,
    pub from: ObjectId,
    pub to: ObjectId,
}

impl Reader<'_> {
    /// A page of the ids an object refers to, ascending, after `after`.
    pub fn edges_from(
        &self,
        tenant: TenantId,
        kind: EdgeKind,
        from: ObjectId,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<ObjectId>> {
        self.edge_page(
            "SELECT to_id FROM edge WHERE tenant_no = $1 AND kind = $2 AND from_id = $3 AND to_id > $4 AND removed = 0 ORDER BY to_id LIMIT $5",
            tenant,
            kind,
            from,
            after,
            limit,
        )
    }

    /// A page of the ids that refer to an object, ascending, after `after`.
    pub fn edges_to(
        &self,
        tenant: TenantId,
        kind: EdgeKind,
        to: ObjectId,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<ObjectId>> {
        self.edge_page(
            "SELECT from_id FROM edge WHERE tenant_no = $1 AND kind = $2 AND to_id = $3 AND from_id > $4 AND removed = 0 ORDER BY from_id LIMIT $5",
            tenant,
            kind,
            to,
            after,
            limit,
        )
    }

    fn edge_page(
        &self,
        sql: &str,
        tenant: TenantId,
        kind: EdgeKind,
        end: ObjectId,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<ObjectId>> {
        let tenant_no = self.tenant_no(tenant)?;
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![
            tenant_no,
            kind as u8,
            end.as_bytes().as_slice(),
            after,
            limit
        ])?;
        let mut ids = Vec::new();
        while let Some(row) = rows.next()? {
            ids.push(id_column(row, 0, ObjectId::from_bytes)?);
        }
        Ok(ids)
    }

    /// For each of these objects its first reference of a kind (a user has one manager at most).
    pub fn single_edges(
        &self,
        tenant: TenantId,
        kind: EdgeKind,
        from: &[ObjectId],
    ) -> Result<Vec<Option<ObjectId>>> {
        let tenant_no = self.tenant_no(tenant)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT to_id FROM edge WHERE tenant_no = $1 AND kind = $2 AND from_id = $3 AND removed = 0 ORDER BY to_id LIMIT 1",
        )?;
        let mut found = Vec::with_capacity(from.len());
        for id in from {
            let mut rows =
                statement.query(params![tenant_no, kind as u8, id.as_bytes().as_slice()])?;
            let first = rows
                .next()?
                .map(|row| id_column(row, 0, ObjectId::from_bytes));
            found.push(first.transpose()?);
        }
        Ok(found)
    }

    /// Which of these edges exist, in the order asked.
    pub fn edges_exist(&self, tenant: TenantId, edges: &[Edge]) -> Result<Vec<bool>> {
        let tenant_no = self.tenant_no(tenant)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT 1 FROM edge WHERE tenant_no = $1 AND kind = $2 AND from_id = $3 AND to_id = $4 AND removed = 0",
        )?;
        edges
            .iter()
            .map(|edge| {
                Ok(statement.exists(params![
                    tenant_no,
                    edge.kind as u8,
                    edge.from.as_bytes().as_slice(),
                    edge.to.as_bytes().as_slice()
                ])?)
            })
            .collect()
    }

    /// How many references of a kind an object has. Reads them all.
    pub fn count_edges_from(
        &self,
        tenant: TenantId,
        kind: EdgeKind,
        from: ObjectId,
    ) -> Result<u64> {
        let tenant_no = self.tenant_no(tenant)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT COUNT(*) FROM edge WHERE tenant_no = $1 AND kind = $2 AND from_id = $3 AND removed = 0",
        )?;
        let count: i64 = statement.query_row(
            params![tenant_no, kind as u8, from.as_bytes().as_slice()],
            |row| row.get(0),
        )?;
        u64::try_from(count).map_err(|_| StoreError::Damaged("edge"))
    }
}

impl Tx<'_> {
    /// Adds edges; returns for each whether it is new (an edge already there is left as it is).
    pub fn add_edges(&mut self, tenant: TenantId, edges: &[Edge]) -> Result<Vec<bool>> {
        let tenant_no = self.tenant_no(tenant)?;
        let exist = self.edges_exist(tenant, edges)?;
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO edge (tenant_no, kind, from_id, to_id, removed, changed_seq) VALUES ($1, $2, $3, $4, 0, $5) ON CONFLICT (tenant_no, kind, from_id, to_id) DO UPDATE SET removed = 0, changed_seq = excluded.changed_seq",
        )?;
        let mut added = Vec::with_capacity(edges.len());
        for (edge, exists) in edges.iter().zip(exist) {
            if !exists {
                let sequence = sequence_column(self.next_sequence(tenant_no)?)?;
                statement.execute(params![
                    tenant_no,
                    edge.kind as u8,
                    edge.from.as_bytes().as_slice(),
                    edge.to.as_bytes().as_slice(),
                    sequence
                ])?;
            }
            added.push(!exists);
        }
        Ok(added)
    }

    /// Removes edges; returns for each whether it was there. A tombstone stays for readers of
    /// changes.
    pub fn remove_edges(&mut self, tenant: TenantId, edges: &[Edge]) -> Result<Vec<bool>> {
        let tenant_no = self.tenant_no(tenant)?;
        let mut statement = self.connection.prepare_cached(
            "UPDATE edge SET removed = 1, changed_seq = $1 WHERE tenant_no = $2 AND kind = $3 AND from_id = $4 AND to_id = $5",
        )?;
        let exist = self.edges_exist(tenant, edges)?;
        for (edge, exists) in edges.iter().zip(&exist) {
            if *exists {
                let sequence = sequence_column(self.next_sequence(tenant_no)?)?;
                statement.execute(params![
                    sequence,
                    tenant_no,
                    edge.kind as u8,
                    edge.from.as_bytes().as_slice(),
                    edge.to.as_bytes().as_slice()
                ])?;
            }
        }
        Ok(exist)
    }
}
