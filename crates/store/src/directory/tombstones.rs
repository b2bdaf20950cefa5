//! What is left of deleted things, so that readers of changes learn of it.

use syncline_model::TenantId;

use crate::driver::int;
use crate::{Result, Tx};

impl Tx<'_> {
    /// Removes the tombstones of objects, edges and assignments that changed after `after` and up to
    /// `until`; says how many. Walks through all changes between: the caller bounds them. The
    /// tombstone of an object that a job is still linked to stays: the job has not let go of it.
    pub fn remove_tombstones(&mut self, tenant: TenantId, after: u64, until: u64) -> Result<u64> {
        let between = [int(self.tenant_no(tenant)?), int(after), int(until)];
        let mut removed = 0;
        for statement in [
            "DELETE FROM object WHERE tenant_no = ?1 AND changed_seq > ?2 AND changed_seq <= ?3 AND state = 2 AND NOT EXISTS (SELECT 1 FROM job CROSS JOIN link WHERE job.tenant_no = object.tenant_no AND job.deleted = 0 AND link.tenant_no = job.tenant_no AND link.job_no = job.job_no AND link.source = object.id)",
            "DELETE FROM edge WHERE tenant_no = ?1 AND changed_seq > ?2 AND changed_seq <= ?3 AND removed = 1",
            "DELETE FROM app_role_assignment WHERE tenant_no = ?1 AND changed_seq > ?2 AND changed_seq <= ?3 AND removed = 1",
        ] {
            removed += self.connection.execute(statement, &between)?;
        }
        Ok(removed)
    }
}
