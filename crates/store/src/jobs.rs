//! Synchronization jobs. Each is one row whose body is the whole [`Job`]; columns hold what is
//! searched.

use rusqlite::params;
use syncline_model::{Job, JobId, ObjectId, TenantId, Timestamp};

use crate::tenants::taken;
use crate::{Reader, Result, StoreError, Tx};

impl Reader<'_> {
    /// A job of this tenant.
    pub fn job(&self, tenant: TenantId, id: &JobId) -> Result<Option<Job>> {
        let tenant_no = self.tenant_no(tenant)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT body FROM job WHERE id = $1 AND tenant_no = $2 AND deleted = 0",
        )?;
        let mut rows = statement.query(params![id.as_str(), tenant_no])?;
        rows.next()?.map(parse).transpose()
    }

    /// A job by id, whichever tenant owns it: for the operator's command line, never for a caller of
    /// the API.
    pub fn job_of_any_tenant(&self, id: &JobId) -> Result<Option<Job>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT body FROM job WHERE id = $1 AND deleted = 0")?;
        let mut rows = statement.query([id.as_str()])?;
        rows.next()?.map(parse).transpose()
    }

    /// The jobs of one service principal, oldest first.
    pub fn jobs_of_service_principal(
        &self,
        tenant: TenantId,
        service_principal: ObjectId,
    ) -> Result<Vec<Job>> {
        let tenant_no = self.tenant_no(tenant)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT body FROM job WHERE tenant_no = $1 AND service_principal = $2 AND deleted = 0 ORDER BY job_no",
        )?;
        let mut rows =
            statement.query(params![tenant_no, service_principal.as_bytes().as_slice()])?;
        let mut jobs = Vec::new();
        while let Some(row) = rows.next()? {
            jobs.push(parse(row)?);
        }
        Ok(jobs)
    }

    /// All jobs of all tenants, oldest first (operator's view; jobs are few).
    pub fn all_jobs(&self) -> Result<Vec<Job>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT body FROM job WHERE deleted = 0 ORDER BY job_no")?;
        let mut rows = statement.query([])?;
        let mut jobs = Vec::new();
        while let Some(row) = rows.next()? {
            jobs.push(parse(row)?);
        }
        Ok(jobs)
    }

    /// Jobs whose next cycle is due, longest due first.
    pub fn due_jobs(&self, now: Timestamp, limit: usize) -> Result<Vec<Job>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT body FROM job WHERE next_due <= $1 AND deleted = 0 ORDER BY next_due LIMIT $2",
        )?;
        let mut rows = statement.query(params![now.0, i64::try_from(limit).unwrap_or(i64::MAX)])?;
        let mut jobs = Vec::new();
        while let Some(row) = rows.next()? {
            jobs.push(parse(row)?);
        }
        Ok(jobs)
    }

    pub(crate) fn job_no(&self, tenant_no: i64, id: &JobId) -> Result<i64> {
        let mut statement = self.connection.prepare_cached(
            "SELECT job_no FROM job WHERE id = $1 AND tenant_no = $2 AND deleted = 0",
        )?;
        let mut rows = statement.query(params![id.as_str(), tenant_no])?;
        match rows.next()? {
            Some(row) => Ok(row.get(0)?),
            None => Err(StoreError::UnknownJob(id.to_string())),
        }
    }

    /// (tenant row number, job row number).
    pub(crate) fn job_key(&self, tenant: TenantId, id: &JobId) -> Result<(i64, i64)> {
        let tenant_no = self.tenant_no(tenant)?;
        Ok((tenant_no, self.job_no(tenant_no, id)?))
    }
}

impl Tx<'_> {
    /// Adds a job. [`StoreError::Taken`] when the id exists.
    pub fn insert_job(&mut self, job: &Job) -> Result<()> {
        let tenant_no = self.tenant_no(job.tenant)?;
        let body = serde_json::to_string(job).map_err(|_| StoreError::Damaged("job"))?;
        self.connection
            .execute(
                "INSERT INTO job (id, tenant_no, service_principal, next_due, body) VALUES ($1, $2, $3, $4, $5)",
                params![
                    job.id.as_str(),
                    tenant_no,
                    job.service_principal.as_bytes().as_slice(),
                    job.next_due.map(|at| at.0),
                    body
                ],
            )
            .map_err(taken)?;
        Ok(())
    }

    /// Replaces a job's row.
    pub fn update_job(&mut self, job: &Job) -> Result<()> {
        let tenant_no = self.tenant_no(job.tenant)?;
        let body = serde_json::to_string(job).map_err(|_| StoreError::Damaged("job"))?;
        let changed = self
            .connection
            .prepare_cached("UPDATE job SET next_due = $1, body = $2 WHERE id = $3 AND tenant_no = $4 AND deleted = 0")?
            .execute(params![job.next_due.map(|at| at.0), body, job.id.as_str(), tenant_no])?;
        if changed == 0 {
            Err(StoreError::UnknownJob(job.id.to_string()))
        } else {
            Ok(())
        }
    }

    /// Removes a job and all its state (links, escrows, waiting references, staged deletes). The
    /// provisioning log stays: it is immutable; a tombstone of the job keeps its name for it.
    pub fn delete_job(&mut self, tenant: TenantId, id: &JobId) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, id)?;
        for table in [
            "link",
            "waiting_reference",
            "ready_reference",
            "escrow",
            "staged",
            "evaluated",
        ] {
            self.connection.execute(
                &format!("DELETE FROM {table} WHERE tenant_no = $1 AND job_no = $2"),
                params![tenant_no, job_no],
            )?;
        }
        self.connection.execute(
            "UPDATE job SET deleted = 1, next_due = NULL WHERE tenant_no = $1 AND job_no = $2",
            params![tenant_no, job_no],
        )?;
        Ok(())
    }
}

fn parse(row: &rusqlite::Row<'_>) -> Result<Job> {
    let body = row
        .get_ref(0)?
        .as_str()
        .map_err(|_| StoreError::Damaged("job"))?;
    serde_json::from_str(body).map_err(|_| StoreError::Damaged("job"))
}
