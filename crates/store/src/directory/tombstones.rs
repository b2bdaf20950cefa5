//! What is left of deleted things, so that readers of changes learn of it.

use std::collections::HashSet;

use syncline_model::{ObjectId, TenantId};

use crate::driver::{blob, int};
use crate::{Reader, Result, Tx};

/// So many times a slice asks a job for an object: whoever makes many jobs, or deletes many objects, holds no writer up for
/// longer.
const LOOK_UPS: usize = 20_000;
/// A slice gets on by so many tombstones all the same.
const AT_LEAST: usize = 20;

/// What became of the tombstones among some changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tombstones {
    pub removed: u64,
    /// Whether there are objects of which they stay, because a job is linked to them.
    pub left: bool,
    /// The last change that was looked at: what comes after it is for the next slice.
    pub until: u64,
}

/// The tombstone of an object.
struct Tombstone {
    kind: i64,
    id: ObjectId,
}

impl Tx<'_> {
    /// Removes the tombstones of objects, edges and assignments that changed after `after` and up to
    /// `until`, or to where a slice ends. Walks through all changes between: the caller bounds them.
    pub fn remove_tombstones(
        &mut self,
        tenant: TenantId,
        after: u64,
        until: u64,
    ) -> Result<Tombstones> {
        let mut tombstones = self.remove_tombstones_let_go(tenant, after, until)?;
        let between = [
            int(self.tenant_no(tenant)?),
            int(after),
            int(tombstones.until),
        ];
        for statement in [
            "DELETE FROM edge WHERE tenant_no = ?1 AND changed_seq > ?2 AND changed_seq <= ?3 AND removed = 1",
            "DELETE FROM app_role_assignment WHERE tenant_no = ?1 AND changed_seq > ?2 AND changed_seq <= ?3 AND removed = 1",
        ] {
            tombstones.removed += self.connection.execute(statement, &between)?;
        }
        Ok(tombstones)
    }

    /// Removes the tombstones of those objects that no job is linked to (any more), among the changes that
    /// [`Reader::end_of_object_changes`] bounds. The tombstone of an object that a job is still linked to
    /// stays: the job has not let go of it.
    pub fn remove_tombstones_let_go(
        &mut self,
        tenant: TenantId,
        after: u64,
        until: u64,
    ) -> Result<Tombstones> {
        let tenant_no = self.tenant_no(tenant)?;
        // Once, and not of each tombstone: deleted jobs, whose rows stay as long as their log, are as many as a
        // tenant likes.
        let jobs = self.live_job_nos(tenant_no)?;
        let most = AT_LEAST.max(LOOK_UPS / (1 + jobs.len()));
        let (mut found, until) = self.tombstones(tenant_no, after, until, most)?;
        let all = found.len();
        for job_nos in jobs.chunks(1 + LOOK_UPS / (1 + all)) {
            if found.is_empty() {
                break;
            }
            let linked = self.linked_to_any(tenant_no, job_nos, &found)?;
            found.retain(|tombstone| !linked.contains(&tombstone.id));
        }
        let removed = self.connection.execute_each(
            "DELETE FROM object WHERE tenant_no = ?1 AND kind = ?2 AND id = ?3 AND state = 2",
            &[int(tenant_no)],
            found
                .iter()
                .map(|it| [int(it.kind), blob(it.id.as_bytes())]),
        )?;
        Ok(Tombstones {
            removed,
            left: found.len() < all,
            until,
        })
    }
}

impl Reader<'_> {
    /// The last of the first `limit` changes of objects after `after` and up to `until`; `until` when there are fewer.
    pub fn end_of_object_changes(
        &self,
        tenant: TenantId,
        after: u64,
        until: u64,
        limit: usize,
    ) -> Result<u64> {
        let last = self.connection.first(
            "SELECT changed_seq FROM object WHERE tenant_no = ?1 AND changed_seq > ?2 AND changed_seq <= ?3 ORDER BY changed_seq LIMIT 1 OFFSET ?4",
            &[
                int(self.tenant_no(tenant)?),
                int(after),
                int(until),
                int(limit.max(1) - 1),
            ],
            |row| row.number(0),
        )?;
        Ok(last.unwrap_or(until))
    }

    fn live_job_nos(&self, tenant_no: i64) -> Result<Vec<i64>> {
        self.connection.query(
            "SELECT job_no FROM job WHERE tenant_no = ?1 AND deleted = 0",
            &[int(tenant_no)],
            |row| row.int(0),
        )
    }

    /// The first `most` tombstones of objects after `after` and up to `until`, and the number that they go to:
    /// `until` when there are no more.
    fn tombstones(
        &self,
        tenant_no: i64,
        after: u64,
        until: u64,
        most: usize,
    ) -> Result<(Vec<Tombstone>, u64)> {
        let mut last = until;
        let found = self.connection.query(
            "SELECT kind, id, changed_seq FROM object WHERE tenant_no = ?1 AND changed_seq > ?2 AND changed_seq <= ?3 AND state = 2 ORDER BY changed_seq LIMIT ?4",
            &[int(tenant_no), int(after), int(until), int(most)],
            |row| {
                last = row.number(2)?;
                Ok(Tombstone {
                    kind: row.int(0)?,
                    id: row.id(1, ObjectId::from_bytes)?,
                })
            },
        )?;
        let until = if found.len() < most { until } else { last };
        Ok((found, until))
    }

    /// Which of these objects one of these jobs is linked to.
    fn linked_to_any(
        &self,
        tenant_no: i64,
        job_nos: &[i64],
        objects: &[Tombstone],
    ) -> Result<HashSet<ObjectId>> {
        let asked: Vec<_> = job_nos
            .iter()
            .flat_map(|job_no| {
                objects
                    .iter()
                    .map(|it| [int(*job_no), blob(it.id.as_bytes())])
            })
            .collect();
        let linked = self.connection.query_each(
            "SELECT source FROM link WHERE tenant_no = ?1 AND job_no = ?2 AND source = ?3",
            &[int(tenant_no)],
            asked.into_iter(),
            |row| row.id(0, ObjectId::from_bytes),
        )?;
        Ok(linked.into_iter().collect())
    }
}
