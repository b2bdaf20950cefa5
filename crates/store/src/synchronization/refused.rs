//! Waiting references that the target refused. They are marked, and no longer ready: what is ready is written in every
//! cycle, and they would fail in each. The mark goes when the one they wait for comes into the target anew, and with the
//! escrow of their owner: whoever has a reference that is marked is in escrow.

use syncline_model::{JobId, ObjectId, TenantId};

use super::references::{WaitingReference, one_id, read};
use crate::driver::{blob, int};
use crate::{Reader, Result, Tx};

impl Reader<'_> {
    /// The references of these source objects that wait and were refused.
    pub fn refused_of(
        &self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
    ) -> Result<Vec<WaitingReference>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        if sources.is_empty() || !self.any_refused((tenant_no, job_no))? {
            return Ok(Vec::new());
        }
        self.connection.query_each(
            "SELECT waits_for, source, attr, kind FROM waiting_reference WHERE tenant_no = ?1 AND job_no = ?2 AND source = ?3 AND refused = 1",
            &[int(tenant_no), int(job_no)],
            sources.iter().map(one_id),
            read,
        )
    }

    /// Mostly none is: then nobody is asked for.
    fn any_refused(&self, (tenant_no, job_no): (i64, i64)) -> Result<bool> {
        let found = self.connection.first(
            "SELECT 1 FROM waiting_reference WHERE tenant_no = ?1 AND job_no = ?2 AND refused = 1 LIMIT 1",
            &[int(tenant_no), int(job_no)],
            |_| Ok(()),
        )?;
        Ok(found.is_some())
    }
}

impl Tx<'_> {
    /// Lets references wait that the target refused; those already waiting are marked. Says how many are new.
    pub fn insert_refused(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        rows: &[WaitingReference],
    ) -> Result<u64> {
        let new = self.insert_waiting(tenant, job, rows)?;
        let key = self.job_key(tenant, job)?;
        self.mark(key, rows, true)?;
        Ok(new)
    }

    /// Wakes the refused references of these source objects: they are written with what is ready.
    pub(super) fn wake_refused_of(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
    ) -> Result<()> {
        let rows = self.refused_of(tenant, job, sources)?;
        if rows.is_empty() {
            return Ok(());
        }
        let key = self.job_key(tenant, job)?;
        self.mark(key, &rows, false)?;
        let mut waited_for: Vec<ObjectId> = rows.iter().map(|row| row.waits_for).collect();
        waited_for.sort_unstable();
        waited_for.dedup();
        self.insert_ready(key, &waited_for)
    }

    /// These source objects came into the target anew: that an earlier one was refused is no matter.
    pub(super) fn unmark_waiting_for(
        &mut self,
        (tenant_no, job_no): (i64, i64),
        waits_for: &[ObjectId],
    ) -> Result<()> {
        if waits_for.is_empty() || !self.any_refused((tenant_no, job_no))? {
            return Ok(());
        }
        self.connection.execute_each(
            "UPDATE waiting_reference SET refused = 0 WHERE tenant_no = ?1 AND job_no = ?2 AND waits_for = ?3 AND refused = 1",
            &[int(tenant_no), int(job_no)],
            waits_for.iter().map(one_id),
        )?;
        Ok(())
    }

    fn mark(
        &mut self,
        (tenant_no, job_no): (i64, i64),
        rows: &[WaitingReference],
        refused: bool,
    ) -> Result<()> {
        self.connection.execute_each(
            "UPDATE waiting_reference SET refused = ?3 WHERE tenant_no = ?1 AND job_no = ?2 AND waits_for = ?4 AND source = ?5 AND attr = ?6",
            &[int(tenant_no), int(job_no), int(u8::from(refused))],
            rows.iter().map(|row| {
                [
                    blob(row.waits_for.as_bytes()),
                    blob(row.source.as_bytes()),
                    int(row.attr.0),
                ]
            }),
        )?;
        Ok(())
    }
}
