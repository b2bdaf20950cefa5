//! Source objects that the cycle in progress has looked at, where it may meet one again.

use rusqlite::params;
use syncline_model::{JobId, ObjectId, TenantId};

use crate::{Reader, Result, Tx};

impl Reader<'_> {
    /// Whether the cycle in progress has noted any source object.
    pub fn any_evaluated(&self, tenant: TenantId, job: &JobId) -> Result<bool> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT 1 FROM evaluated WHERE tenant_no = $1 AND job_no = $2 LIMIT 1",
        )?;
        Ok(statement.exists(params![tenant_no, job_no])?)
    }
}

impl Tx<'_> {
    /// Notes source objects; says for each, in the order asked, whether it was noted for the first
    /// time.
    pub fn note_evaluated(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
    ) -> Result<Vec<bool>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO evaluated (tenant_no, job_no, source) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )?;
        let mut first = Vec::with_capacity(sources.len());
        for source in sources {
            let added =
                statement.execute(params![tenant_no, job_no, source.as_bytes().as_slice()])?;
            first.push(added == 1);
        }
        Ok(first)
    }

    /// Forgets all notes of a job: its cycle begins or has ended.
    pub fn clear_evaluated(&mut self, tenant: TenantId, job: &JobId) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection
            .prepare_cached("DELETE FROM evaluated WHERE tenant_no = $1 AND job_no = $2")?
            .execute(params![tenant_no, job_no])?;
        Ok(())
    }
}
