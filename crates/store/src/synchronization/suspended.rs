//! Waiting references of those who have left the target. They are suspended: as long as their owner is away nothing is to
//! be written, and they neither count as waiting nor are they found by whom they wait for. When the owner comes back
//! they wait on. Most are decided anew then; those that are given at creation only are not, and nobody else would know of
//! them.
//!
//! They stand in the column of the mark of what was refused: 0 waits, 1 was refused, 2 is suspended.

use syncline_model::{JobId, ObjectId, TenantId};

use super::references::{WaitingReference, one_id, read};
use crate::driver::{blob, int};
use crate::{Reader, Result, Tx};

impl Reader<'_> {
    /// The suspended references of these source objects.
    pub fn suspended_of(
        &self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
    ) -> Result<Vec<WaitingReference>> {
        if sources.is_empty() {
            return Ok(Vec::new());
        }
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.query_each(
            "SELECT waits_for, source, attr, kind FROM waiting_reference WHERE tenant_no = ?1 AND job_no = ?2 AND source = ?3 AND refused = 2",
            &[int(tenant_no), int(job_no)],
            sources.iter().map(one_id),
            read,
        )
    }
}

impl Tx<'_> {
    /// Suspends everything these source objects wait for, refused before or not: they left the target. Says how much
    /// that is.
    pub fn suspend_waiting_of(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
    ) -> Result<u64> {
        if sources.is_empty() {
            return Ok(0);
        }
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.execute_each(
            "UPDATE waiting_reference SET refused = 2 WHERE tenant_no = ?1 AND job_no = ?2 AND source = ?3 AND refused < 2",
            &[int(tenant_no), int(job_no)],
            sources.iter().map(one_id),
        )
    }

    /// Lets these source objects, which came back, wait on. Whom they wait for may have come meanwhile: that is ready.
    /// Says how many references wait on.
    pub fn resume_waiting_of(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
    ) -> Result<u64> {
        let rows = self.suspended_of(tenant, job, sources)?;
        if rows.is_empty() {
            return Ok(0);
        }
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let each_once = |mut ids: Vec<ObjectId>| {
            ids.sort_unstable();
            ids.dedup();
            ids
        };
        let owners = each_once(rows.iter().map(|row| row.source).collect());
        let waited_for = each_once(rows.iter().map(|row| row.waits_for).collect());
        let resumed = self.connection.execute_each(
            "UPDATE waiting_reference SET refused = 0 WHERE tenant_no = ?1 AND job_no = ?2 AND source = ?3 AND refused = 2",
            &[int(tenant_no), int(job_no)],
            owners.iter().map(one_id),
        )?;
        self.insert_ready((tenant_no, job_no), &waited_for)?;
        Ok(resumed)
    }

    /// Lets those of these references wait on that are suspended, and says how many are: their owners are in the target.
    /// A node with an earlier build brings an owner back, and knows nothing of what is suspended.
    pub(super) fn resume_waiting(
        &mut self,
        (tenant_no, job_no): (i64, i64),
        rows: &[WaitingReference],
    ) -> Result<u64> {
        self.connection.execute_each(
            "UPDATE waiting_reference SET refused = 0 WHERE tenant_no = ?1 AND job_no = ?2 AND waits_for = ?3 AND source = ?4 AND attr = ?5 AND refused = 2",
            &[int(tenant_no), int(job_no)],
            rows.iter().map(|row| {
                [
                    blob(row.waits_for.as_bytes()),
                    blob(row.source.as_bytes()),
                    int(row.attr.0),
                ]
            }),
        )
    }

    /// Removes the suspended references of these source objects, which are not linked any more.
    pub fn delete_suspended_of(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
    ) -> Result<()> {
        if sources.is_empty() {
            return Ok(());
        }
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.execute_each(
            "DELETE FROM waiting_reference WHERE tenant_no = ?1 AND job_no = ?2 AND source = ?3 AND refused = 2",
            &[int(tenant_no), int(job_no)],
            sources.iter().map(one_id),
        )?;
        Ok(())
    }
}
