//! Source objects that the cycle in progress has looked at, where it may meet one again.

use syncline_model::{IdSet, JobId, ObjectId, TenantId};

use crate::driver::{blob, int};
use crate::{Reader, Result, Tx};

impl Reader<'_> {
    /// Whether the cycle in progress has noted any source object.
    pub fn any_evaluated(&self, tenant: TenantId, job: &JobId) -> Result<bool> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let found = self.connection.first(
            "SELECT 1 FROM evaluated WHERE tenant_no = ?1 AND job_no = ?2 LIMIT 1",
            &[int(tenant_no), int(job_no)],
            |_| Ok(()),
        )?;
        Ok(found.is_some())
    }

    /// The source objects that the cycle in progress has noted, of those from `first` to `last`.
    pub fn evaluated_between(
        &self,
        tenant: TenantId,
        job: &JobId,
        first: ObjectId,
        last: ObjectId,
    ) -> Result<IdSet<ObjectId>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let noted = self.connection.query(
            "SELECT source FROM evaluated WHERE tenant_no = ?1 AND job_no = ?2 AND source >= ?3 AND source <= ?4",
            &[
                int(tenant_no),
                int(job_no),
                blob(first.as_bytes()),
                blob(last.as_bytes()),
            ],
            |row| row.id(0, ObjectId::from_bytes),
        )?;
        Ok(noted.into_iter().collect())
    }
}

impl Tx<'_> {
    /// Notes source objects; says for each, in the order asked, whether it was noted for the first
    /// time.
    pub fn note_first_evaluated(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
    ) -> Result<Vec<bool>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let noted = self.connection.query_each(
            "INSERT INTO evaluated (tenant_no, job_no, source) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING RETURNING source",
            &[int(tenant_no), int(job_no)],
            sources.iter().map(|id| [blob(id.as_bytes())]),
            |row| row.id(0, ObjectId::from_bytes),
        )?;
        let mut noted: IdSet<ObjectId> = noted.into_iter().collect();
        Ok(sources.iter().map(|id| noted.remove(id)).collect())
    }

    /// Notes source objects, those again that are noted already.
    pub fn note_evaluated(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
    ) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.execute_each(
            "INSERT INTO evaluated (tenant_no, job_no, source) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            &[int(tenant_no), int(job_no)],
            sources.iter().map(|id| [blob(id.as_bytes())]),
        )?;
        Ok(())
    }

    /// Forgets up to `limit` notes of a job behind `after`, in order. Says behind which one to go on; `None` when no more
    /// are left. What was forgotten before is not gone through again: a server keeps it for a while.
    pub fn clear_some_evaluated(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Option<ObjectId>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let forgotten = self.connection.query(
            "DELETE FROM evaluated WHERE (tenant_no, job_no, source) IN (SELECT tenant_no, job_no, source FROM evaluated WHERE tenant_no = ?1 AND job_no = ?2 AND source > ?3 ORDER BY source LIMIT ?4) RETURNING source",
            &[
                int(tenant_no),
                int(job_no),
                blob(&after),
                int(limit),
            ],
            |row| row.id(0, ObjectId::from_bytes),
        )?;
        let is_last = forgotten.len() < limit;
        Ok(forgotten.into_iter().max().filter(|_| !is_last))
    }

    /// Forgets all notes of a job: its cycle begins.
    pub fn clear_evaluated(&mut self, tenant: TenantId, job: &JobId) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.execute(
            "DELETE FROM evaluated WHERE tenant_no = ?1 AND job_no = ?2",
            &[int(tenant_no), int(job_no)],
        )?;
        Ok(())
    }
}
