//! What deleted jobs leave. A job may have linked millions: it is gone at once, and its rows go little by little.

use syncline_model::TenantId;

use crate::driver::int;
use crate::{Reader, Result, Tx};

/// `job.deleted` of a job of which only its name is left, for the log.
const TOMBSTONE: i64 = 1;
/// The same while it has rows in other tables.
pub(super) const LEAVING: i64 = 2;

/// What a job has, and by what its rows are told apart.
const TABLES: [(&str, &str); 7] = [
    ("staged", "source"),
    ("escrow", "source"),
    ("evaluated", "source"),
    ("membership_due", "source"),
    ("ready_reference", "waits_for"),
    ("waiting_reference", "waits_for, source, attr"),
    ("link", "source"),
];

impl Reader<'_> {
    /// Whether a job of this tenant was deleted and has left anything, if only its name.
    pub fn has_left_jobs(&self, tenant: TenantId) -> Result<bool> {
        let found = self.connection.first(
            "SELECT 1 FROM job WHERE tenant_no = ?1 AND deleted <> 0 LIMIT 1",
            &[int(self.tenant_no(tenant)?)],
            |row| row.int(0),
        )?;
        Ok(found.is_some())
    }

    fn leaving_jobs(&self, tenant_no: i64, limit: usize) -> Result<Vec<i64>> {
        self.connection.query(
            "SELECT job_no FROM job WHERE tenant_no = ?1 AND deleted = ?2 LIMIT ?3",
            &[int(tenant_no), int(LEAVING), int(limit)],
            |row| row.int(0),
        )
    }
}

impl Tx<'_> {
    /// Removes up to `limit` rows of jobs of this tenant that were deleted; says how many, of a job that was
    /// emptied one more: whoever makes and deletes jobs without end holds nobody up for longer. The name of
    /// one goes with the last entry of its log.
    pub fn sweep_deleted_jobs(&mut self, tenant: TenantId, limit: usize) -> Result<usize> {
        let tenant_no = self.tenant_no(tenant)?;
        let mut removed = 0;
        for job_no in self.leaving_jobs(tenant_no, limit)? {
            for (table, key) in TABLES {
                let room = limit.saturating_sub(removed);
                if room == 0 {
                    return Ok(removed);
                }
                let rows = self.connection.execute(
                    &format!("DELETE FROM {table} WHERE tenant_no = ?1 AND job_no = ?2 AND ({key}) IN (SELECT {key} FROM {table} WHERE tenant_no = ?1 AND job_no = ?2 LIMIT ?3)"),
                    &[int(tenant_no), int(job_no), int(room)],
                )?;
                removed += usize::try_from(rows).unwrap_or(usize::MAX);
            }
            if removed >= limit {
                return Ok(removed);
            }
            self.connection.execute(
                "UPDATE job SET deleted = ?1 WHERE tenant_no = ?2 AND job_no = ?3",
                &[int(TOMBSTONE), int(tenant_no), int(job_no)],
            )?;
            removed += 1;
        }
        let names = self.connection.execute(
            "DELETE FROM job WHERE tenant_no = ?1 AND job_no IN (SELECT job_no FROM job WHERE tenant_no = ?1 AND deleted = ?2 AND NOT EXISTS (SELECT 1 FROM provisioning_log WHERE provisioning_log.tenant_no = job.tenant_no AND provisioning_log.job_no = job.job_no) LIMIT ?3)",
            &[int(tenant_no), int(TOMBSTONE), int(limit - removed)],
        )?;
        Ok(removed + usize::try_from(names).unwrap_or_default())
    }
}
