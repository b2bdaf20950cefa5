//! References between directory objects: manager, members, owners, sponsors.

use syncline_model::{IdSet, ObjectId, TenantId, id_set};

use crate::driver::{Param, blob, int};
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
            "SELECT to_id FROM edge WHERE tenant_no = ?1 AND kind = ?2 AND from_id = ?3 AND to_id > ?4 AND removed = 0 ORDER BY to_id LIMIT ?5",
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
            "SELECT from_id FROM edge WHERE tenant_no = ?1 AND kind = ?2 AND to_id = ?3 AND from_id > ?4 AND removed = 0 ORDER BY from_id LIMIT ?5",
            tenant,
            kind,
            to,
            after,
            limit,
        )
    }

    /// For each of these objects up to `limit` of those that refer to it, ascending, after the one that stands beside
    /// it: object and referrer, in the order asked.
    pub fn edges_to_each(
        &self,
        tenant: TenantId,
        kind: EdgeKind,
        to: &[(ObjectId, Option<ObjectId>)],
        limit: usize,
    ) -> Result<Vec<(ObjectId, ObjectId)>> {
        let tenant_no = self.tenant_no(tenant)?;
        let from_the_first: &[u8] = &[];
        self.connection.query_each(
            "SELECT to_id, from_id FROM edge WHERE tenant_no = ?1 AND kind = ?2 AND to_id = ?4 AND from_id > ?5 AND removed = 0 ORDER BY from_id LIMIT ?3",
            &[int(tenant_no), int(kind as u8), int(limit)],
            to.iter().map(|(to, after)| {
                let after = after.as_ref().map_or(from_the_first, |id| id.as_bytes());
                [blob(to.as_bytes()), blob(after)]
            }),
            |row| {
                Ok((
                    row.id(0, ObjectId::from_bytes)?,
                    row.id(1, ObjectId::from_bytes)?,
                ))
            },
        )
    }

    /// For each of these objects up to `limit` of those that it refers to, ascending: object and what it refers to, in the
    /// order asked.
    pub fn edges_from_each(
        &self,
        tenant: TenantId,
        kind: EdgeKind,
        from: &[ObjectId],
        limit: usize,
    ) -> Result<Vec<(ObjectId, ObjectId)>> {
        let tenant_no = self.tenant_no(tenant)?;
        self.connection.query_each(
            // By a range of one and in its order: ordered by `to_id` alone, PostgreSQL would walk the index of that through
            // all edges of the tenant, as long as its statistics know little of these.
            "SELECT from_id, to_id FROM edge WHERE tenant_no = ?1 AND kind = ?2 AND from_id >= ?4 AND from_id <= ?4 AND removed = 0 ORDER BY from_id, to_id LIMIT ?3",
            &[int(tenant_no), int(kind as u8), int(limit)],
            from.iter().map(|id| [blob(id.as_bytes())]),
            |row| {
                Ok((
                    row.id(0, ObjectId::from_bytes)?,
                    row.id(1, ObjectId::from_bytes)?,
                ))
            },
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
        self.connection.query(
            sql,
            &[
                int(tenant_no),
                int(kind as u8),
                blob(end.as_bytes()),
                blob(&after),
                int(limit),
            ],
            |row| row.id(0, ObjectId::from_bytes),
        )
    }

    /// For each of these objects its reference of a kind of which it has one at most (a user's manager).
    pub fn single_edges(
        &self,
        tenant: TenantId,
        kind: EdgeKind,
        from: &[ObjectId],
    ) -> Result<Vec<Option<ObjectId>>> {
        let tenant_no = self.tenant_no(tenant)?;
        self.neighbours(
            from,
            |first, last, limit| {
                self.connection.query(
                    "SELECT from_id, to_id, removed FROM edge WHERE tenant_no = ?1 AND kind = ?2 AND from_id >= ?3 AND from_id <= ?4 ORDER BY from_id, to_id LIMIT ?5",
                    &[
                        int(tenant_no),
                        int(kind as u8),
                        blob(first.as_bytes()),
                        blob(last.as_bytes()),
                        int(limit),
                    ],
                    |row| {
                        let to = row.id(1, ObjectId::from_bytes)?;
                        Ok((row.id(0, ObjectId::from_bytes)?, (row.int(2)? == 0).then_some(to)))
                    },
                )
            },
            |from| {
                self.connection.find_each(
                    // No order and no limit: PostgreSQL would walk the index by `to_id` until it meets an
                    // edge of this object.
                    "SELECT to_id FROM edge WHERE tenant_no = ?1 AND kind = ?2 AND from_id = ?3 AND removed = 0",
                    &[int(tenant_no), int(kind as u8)],
                    from.iter().map(|id| [blob(id.as_bytes())]),
                    |row| row.id(0, ObjectId::from_bytes),
                )
            },
        )
    }

    /// As [`Reader::edges_from`]; of each, whether the synchronization from the tenant `by` added it.
    pub fn edges_from_added(
        &self,
        tenant: TenantId,
        kind: EdgeKind,
        from: ObjectId,
        by: TenantId,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<(ObjectId, bool)>> {
        self.added_page(
            "SELECT to_id, added_by FROM edge WHERE tenant_no = ?1 AND kind = ?2 AND from_id = ?3 AND to_id > ?4 AND removed = 0 ORDER BY to_id LIMIT ?5",
            (tenant, kind, from),
            by,
            after,
            limit,
        )
    }

    /// As [`Reader::edges_to`]; of each, whether the synchronization from the tenant `by` added it.
    pub fn edges_to_added(
        &self,
        tenant: TenantId,
        kind: EdgeKind,
        to: ObjectId,
        by: TenantId,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<(ObjectId, bool)>> {
        self.added_page(
            "SELECT from_id, added_by FROM edge WHERE tenant_no = ?1 AND kind = ?2 AND to_id = ?3 AND from_id > ?4 AND removed = 0 ORDER BY from_id LIMIT ?5",
            (tenant, kind, to),
            by,
            after,
            limit,
        )
    }

    fn added_page(
        &self,
        sql: &str,
        (tenant, kind, end): (TenantId, EdgeKind, ObjectId),
        by: TenantId,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<(ObjectId, bool)>> {
        let (tenant_no, by) = (self.tenant_no(tenant)?, self.tenant_no(by)?);
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        self.connection.query(
            sql,
            &[
                int(tenant_no),
                int(kind as u8),
                blob(end.as_bytes()),
                blob(&after),
                int(limit),
            ],
            |row| Ok((row.id(0, ObjectId::from_bytes)?, row.int(1)? == by)),
        )
    }

    /// Which of these edges exist, and of those whether the synchronization from this tenant added them; in
    /// the order asked.
    pub fn edges_added(
        &self,
        tenant: TenantId,
        edges: &[Edge],
        by: TenantId,
    ) -> Result<Vec<Option<bool>>> {
        if edges.is_empty() {
            return Ok(Vec::new());
        }
        let (tenant_no, by) = (self.tenant_no(tenant)?, self.tenant_no(by)?);
        let found = self.connection.find_each(
            "SELECT removed, added_by FROM edge WHERE tenant_no = ?1 AND kind = ?2 AND from_id = ?3 AND to_id = ?4",
            &[int(tenant_no)],
            edges.iter().map(ends),
            |row| Ok((row.flag(0)?, row.int(1)?)),
        )?;
        Ok(found
            .into_iter()
            .map(|found| match found {
                Some((false, added_by)) => Some(added_by == by),
                Some((true, _)) | None => None,
            })
            .collect())
    }

    /// Which of these edges exist, in the order asked.
    pub fn edges_exist(&self, tenant: TenantId, edges: &[Edge]) -> Result<Vec<bool>> {
        let tenant_no = self.tenant_no(tenant)?;
        let found = self.connection.find_each(
            "SELECT removed FROM edge WHERE tenant_no = ?1 AND kind = ?2 AND from_id = ?3 AND to_id = ?4",
            &[int(tenant_no)],
            edges.iter().map(ends),
            |row| row.int(0),
        )?;
        Ok(found
            .into_iter()
            .map(|removed| removed == Some(0))
            .collect())
    }
}

impl Tx<'_> {
    /// Adds edges; returns for each whether it is new (an edge already there is left as it is).
    pub fn add_edges(&mut self, tenant: TenantId, edges: &[Edge]) -> Result<Vec<bool>> {
        self.add_edges_of(tenant, edges, 0)
    }

    /// The same for the synchronization from the tenant `by`, which may remove them again.
    pub fn add_edges_by(
        &mut self,
        tenant: TenantId,
        edges: &[Edge],
        by: TenantId,
    ) -> Result<Vec<bool>> {
        if edges.is_empty() {
            return Ok(Vec::new());
        }
        let by = self.tenant_no(by)?;
        self.add_edges_of(tenant, edges, by)
    }

    fn add_edges_of(
        &mut self,
        tenant: TenantId,
        edges: &[Edge],
        added_by: i64,
    ) -> Result<Vec<bool>> {
        let tenant_no = self.tenant_no(tenant)?;
        // One that is asked for twice is one row.
        let mut met = id_set(edges.len());
        let edges_once: Vec<Edge> = edges.iter().copied().filter(|it| met.insert(*it)).collect();
        let sequences = self.next_sequences(tenant_no, edges_once.len())?;
        let mut given: Vec<(Edge, u64)> = edges_once.into_iter().zip(sequences).collect();
        // Numbered in the order asked, written in the order of the table.
        given.sort_unstable();
        // Nearly all are new, and looking for each before would cost as much as writing one tree.
        let inserted = self.connection.execute_each(
            "INSERT INTO edge (tenant_no, added_by, kind, from_id, to_id, removed, changed_seq) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6) ON CONFLICT DO NOTHING",
            &[int(tenant_no), int(added_by)],
            given.iter().map(|(edge, sequence)| with_number(edge, *sequence)),
        )?;
        if inserted == given.len() as u64 {
            return Ok(vec![true; edges.len()]);
        }
        if inserted == 0 {
            // Nobody changed yet, so no number shall be missing either.
            self.return_sequences(tenant_no, given.len());
        }
        let live = self.bring_back(tenant_no, &given, added_by)?;
        Ok(edges.iter().map(|edge| !live.contains(edge)).collect())
    }

    /// Makes live what was found as a tombstone in place of these rows. Returns which were live
    /// before: those with another number than the one that was given.
    fn bring_back(
        &self,
        tenant_no: i64,
        given: &[(Edge, u64)],
        added_by: i64,
    ) -> Result<IdSet<Edge>> {
        let found = self.connection.find_each(
            "SELECT removed, changed_seq FROM edge WHERE tenant_no = ?1 AND kind = ?2 AND from_id = ?3 AND to_id = ?4",
            &[int(tenant_no)],
            given.iter().map(|(edge, _)| ends(edge)),
            |row| Ok((row.int(0)?, row.number::<u64>(1)?)),
        )?;
        let mut live = IdSet::default();
        let mut tombstones: Vec<(u64, Edge)> = Vec::new();
        for ((edge, sequence), found) in given.iter().zip(found) {
            match found {
                Some((0, stored)) if stored != *sequence => {
                    live.insert(*edge);
                }
                Some((0, _)) | None => {}
                Some(_) => tombstones.push((*sequence, *edge)),
            }
        }
        // In the order asked.
        tombstones.sort_unstable();
        let back: Vec<Edge> = tombstones.into_iter().map(|(_, edge)| edge).collect();
        let rows = self.numbered(tenant_no, &back, with_sequence)?;
        self.connection.execute_each(
            "UPDATE edge SET removed = 0, added_by = ?2, changed_seq = ?6 WHERE tenant_no = ?1 AND kind = ?3 AND from_id = ?4 AND to_id = ?5",
            &[int(tenant_no), int(added_by)],
            rows.into_iter(),
        )?;
        Ok(live)
    }

    /// Removes edges; returns for each whether it was there. A tombstone stays for readers of
    /// changes.
    pub fn remove_edges(&mut self, tenant: TenantId, edges: &[Edge]) -> Result<Vec<bool>> {
        let tenant_no = self.tenant_no(tenant)?;
        let exist = self.edges_exist(tenant, edges)?;
        let old = chosen(edges, &exist);
        let rows = self.numbered(tenant_no, &old, with_sequence)?;
        self.connection.execute_each(
            "UPDATE edge SET removed = 1, changed_seq = ?5 WHERE tenant_no = ?1 AND kind = ?2 AND from_id = ?3 AND to_id = ?4",
            &[int(tenant_no)],
            rows.into_iter(),
        )?;
        Ok(exist)
    }
}

fn chosen(edges: &[Edge], flags: &[bool]) -> Vec<Edge> {
    let chosen = edges.iter().zip(flags).filter(|(_, flag)| **flag);
    chosen.map(|(edge, _)| *edge).collect()
}

fn ends(edge: &Edge) -> [Param<'_>; 3] {
    [
        int(edge.kind as u8),
        blob(edge.from.as_bytes()),
        blob(edge.to.as_bytes()),
    ]
}

fn with_number(edge: &Edge, sequence: u64) -> [Param<'_>; 4] {
    let [kind, from, to] = ends(edge);
    [kind, from, to, int(sequence)]
}

fn with_sequence(edge: &Edge, sequence: u64) -> Result<[Param<'_>; 4]> {
    Ok(with_number(edge, sequence))
}
