//! What is left of deleted things, so that readers of changes learn of it.

use syncline_model::TenantId;

use crate::driver::int;
use crate::{Reader, Result, Tx};

/// The tombstone of an object that a job is still linked to stays: the job has not let go of it.
const OBJECTS: &str = "DELETE FROM object WHERE tenant_no = ?1 AND changed_seq > ?2 AND changed_seq <= ?3 AND state = 2 AND NOT EXISTS (SELECT 1 FROM job CROSS JOIN link WHERE job.tenant_no = object.tenant_no AND job.deleted = 0 AND link.tenant_no = job.tenant_no AND link.job_no = job.job_no AND link.source = object.id)";

/// What became of the tombstones among some changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tombstones {
    pub removed: u64,
    /// Whether there are objects of which they stay, because a job is linked to them.
    pub left: bool,
}

impl Tx<'_> {
    /// Removes the tombstones of objects, edges and assignments that changed after `after` and up to
    /// `until`. Walks through all changes between: the caller bounds them.
    pub fn remove_tombstones(
        &mut self,
        tenant: TenantId,
        after: u64,
        until: u64,
    ) -> Result<Tombstones> {
        let between = [int(self.tenant_no(tenant)?), int(after), int(until)];
        let mut removed = 0;
        for statement in [
            OBJECTS,
            "DELETE FROM edge WHERE tenant_no = ?1 AND changed_seq > ?2 AND changed_seq <= ?3 AND removed = 1",
            "DELETE FROM app_role_assignment WHERE tenant_no = ?1 AND changed_seq > ?2 AND changed_seq <= ?3 AND removed = 1",
        ] {
            removed += self.connection.execute(statement, &between)?;
        }
        let left = self.tombstones_are_left(tenant, after, until)?;
        Ok(Tombstones { removed, left })
    }

    /// Removes the tombstones of those objects that no job is linked to any more, among the changes that
    /// [`Reader::end_of_object_changes`] bounds.
    pub fn remove_tombstones_let_go(
        &mut self,
        tenant: TenantId,
        after: u64,
        until: u64,
    ) -> Result<Tombstones> {
        // Mostly there are none, and nothing is written.
        if !self.tombstones_are_left(tenant, after, until)? {
            return Ok(Tombstones::default());
        }
        let between = [int(self.tenant_no(tenant)?), int(after), int(until)];
        let removed = self.connection.execute(OBJECTS, &between)?;
        let left = self.tombstones_are_left(tenant, after, until)?;
        Ok(Tombstones { removed, left })
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

    fn tombstones_are_left(&self, tenant: TenantId, after: u64, until: u64) -> Result<bool> {
        let found = self.connection.first(
            "SELECT 1 FROM object WHERE tenant_no = ?1 AND changed_seq > ?2 AND changed_seq <= ?3 AND state = 2 LIMIT 1",
            &[int(self.tenant_no(tenant)?), int(after), int(until)],
            |_| Ok(()),
        )?;
        Ok(found.is_some())
    }
}
