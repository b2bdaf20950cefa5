//! Synchronization jobs. Each is one row whose body is the whole [`Job`]; columns hold what is
//! searched.

use syncline_model::{Job, JobId, ObjectId, TenantId, Timestamp};

use super::deleted_jobs::LEAVING;
use crate::directory::objects::all_taken;
use crate::driver::{Param, Row, blob, int, optional_int, text};
use crate::{Reader, Result, StoreError, Tx};

/// A row of a job: whose it is, and what is in it where that can be read.
#[derive(Debug)]
pub struct JobRow {
    pub tenant: TenantId,
    pub id: JobId,
    pub job: Result<Job>,
    /// Whether the columns by which it is found when it is due, or behind, say what is in it.
    pub is_found: bool,
}

/// Some jobs of a slice of all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobSlice {
    /// Each with whose it is.
    pub jobs: Vec<(TenantId, JobId)>,
    /// Behind which the next slice begins; `None`: that was the last.
    pub next: Option<u64>,
}

impl Reader<'_> {
    /// A job of this tenant.
    pub fn job(&self, tenant: TenantId, id: &JobId) -> Result<Option<Job>> {
        let tenant_no = self.tenant_no(tenant)?;
        self.connection.first(
            "SELECT body FROM job WHERE id = ?1 AND tenant_no = ?2 AND deleted = 0",
            &[text(id.as_str()), int(tenant_no)],
            parse,
        )
    }

    /// The same of one that is asked for by its id.
    ///
    /// # Errors
    /// [`StoreError::UnknownJob`], which is a 404 to whoever asked.
    pub fn known_job(&self, tenant: TenantId, id: &JobId) -> Result<Job> {
        let found = self.job(tenant, id)?;
        found.ok_or_else(|| StoreError::UnknownJob(id.to_string()))
    }

    /// A job by id, whichever tenant owns it: for the operator's command line, never for a caller of
    /// the API.
    pub fn job_of_any_tenant(&self, id: &JobId) -> Result<Option<Job>> {
        self.connection.first(
            "SELECT body FROM job WHERE id = ?1 AND deleted = 0",
            &[text(id.as_str())],
            parse,
        )
    }

    /// The jobs of one service principal, oldest first.
    pub fn jobs_of_service_principal(
        &self,
        tenant: TenantId,
        service_principal: ObjectId,
    ) -> Result<Vec<Job>> {
        let tenant_no = self.tenant_no(tenant)?;
        self.connection.query(
            "SELECT body FROM job WHERE tenant_no = ?1 AND service_principal = ?2 AND deleted = 0 ORDER BY job_no",
            &[int(tenant_no), blob(service_principal.as_bytes())],
            parse,
        )
    }

    /// The other jobs of a tenant with their service principals, oldest first.
    pub fn other_jobs(&self, tenant: TenantId, job: &JobId) -> Result<Vec<(JobId, ObjectId)>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.query(
            "SELECT id, service_principal FROM job WHERE tenant_no = ?1 AND job_no <> ?2 AND deleted = 0 ORDER BY job_no",
            &[int(tenant_no), int(job_no)],
            |row| Ok((JobId(row.text(0)?.into_owned()), row.id(1, ObjectId::from_bytes)?)),
        )
    }

    /// The jobs of a tenant with their service principals, oldest first.
    pub fn jobs_of_tenant(&self, tenant: TenantId) -> Result<Vec<(JobId, ObjectId)>> {
        self.connection.query(
            "SELECT id, service_principal FROM job WHERE tenant_no = ?1 AND deleted = 0 ORDER BY job_no",
            &[int(self.tenant_no(tenant)?)],
            |row| Ok((JobId(row.text(0)?.into_owned()), row.id(1, ObjectId::from_bytes)?)),
        )
    }

    /// All jobs of all tenants, oldest first (operator's view; jobs are few).
    pub fn all_jobs(&self) -> Result<Vec<Job>> {
        self.connection.query(
            "SELECT body FROM job WHERE deleted = 0 ORDER BY job_no",
            &[],
            parse,
        )
    }

    /// The same of the tenants that there are, each by itself: one that can not be read holds up no other.
    pub fn job_rows(&self) -> Result<Vec<JobRow>> {
        self.connection.query(
            "SELECT job.body, job.id, tenant.id, job.next_due, job.follows FROM job JOIN tenant ON tenant.tenant_no = job.tenant_no
             WHERE job.deleted = 0 ORDER BY job.job_no",
            &[],
            read,
        )
    }

    /// The same of one tenant, the oldest ones.
    pub fn job_rows_of(&self, tenant: TenantId, limit: usize) -> Result<Vec<JobRow>> {
        self.connection.query(
            "SELECT job.body, job.id, tenant.id, job.next_due, job.follows FROM job JOIN tenant ON tenant.tenant_no = job.tenant_no
             WHERE job.job_no IN (SELECT job_no FROM job WHERE tenant_no = ?1 AND deleted = 0 ORDER BY job_no LIMIT ?2) ORDER BY job.job_no",
            &[int(self.tenant_no(tenant)?), int(limit)],
            read,
        )
    }

    /// How many jobs a tenant has.
    pub fn count_jobs_of(&self, tenant: TenantId) -> Result<u64> {
        self.connection.count(
            "SELECT COUNT(*) FROM job WHERE tenant_no = ?1 AND deleted = 0",
            &[int(self.tenant_no(tenant)?)],
        )
    }

    /// Jobs whose next cycle is due ([`Job::is_due`]), and whose they are: one of each tenant, then the second of each, and
    /// so on, longest due first. However many a tenant has, others are among the first.
    pub fn due_jobs(&self, now: Timestamp, limit: usize) -> Result<Vec<(TenantId, JobId)>> {
        let latest = Job::latest_due(now);
        self.jobs_in_turn(
            "(job.next_due <= ?2 OR job.next_due > ?3)",
            &[int(limit), int(now.0), int(latest.0)],
        )
    }

    /// Jobs in continuous mode whose source has changed since their last cycle, due by their schedule or not. In the
    /// same order.
    pub fn jobs_behind(&self, limit: usize) -> Result<Vec<(TenantId, JobId)>> {
        self.jobs_in_turn("job.follows < tenant.sequence", &[int(limit)])
    }

    /// How many jobs are behind.
    pub fn count_jobs_behind(&self) -> Result<u64> {
        self.connection.count(
            "SELECT COUNT(*) FROM job JOIN tenant ON tenant.tenant_no = job.tenant_no
             WHERE job.follows < tenant.sequence AND job.deleted = 0",
            &[],
        )
    }

    /// `values`: how many, and what `condition` names.
    fn jobs_in_turn(
        &self,
        condition: &str,
        values: &[Param<'_>],
    ) -> Result<Vec<(TenantId, JobId)>> {
        self.connection.query(
            &format!(
                "SELECT tenant_id, id FROM (
                    SELECT tenant.id AS tenant_id, job.id, job.next_due,
                        ROW_NUMBER() OVER (PARTITION BY job.tenant_no ORDER BY job.next_due) AS place
                    FROM job JOIN tenant ON tenant.tenant_no = job.tenant_no
                    WHERE {condition} AND job.deleted = 0
                 ) AS found ORDER BY place, next_due LIMIT ?1"
            ),
            values,
            |row| Ok((row.id(0, TenantId::from_bytes)?, JobId(row.text(1)?.into_owned()))),
        )
    }

    /// Of `limit` jobs of all tenants behind `after`, in the order they were made, the first `most` that failed with this
    /// code and are not due by `now`. Such a failure may be over: whoever asks looks at each.
    pub fn jobs_that_failed_with(
        &self,
        code: &str,
        now: Timestamp,
        after: Option<u64>,
        limit: usize,
        most: usize,
    ) -> Result<JobSlice> {
        let after = after.map_or(-1, |it| i64::try_from(it).unwrap_or(i64::MAX));
        // A code is a word of ours: no sign in it has a meaning for LIKE, nor is any escaped in JSON.
        let holds_code = format!("%\"{code}\"%");
        let found = self.connection.query(
            "SELECT job.job_no, tenant.id, job.id FROM job
             LEFT JOIN tenant ON tenant.tenant_no = job.tenant_no AND job.next_due > ?2 AND job.body LIKE ?3
             WHERE job.job_no > ?1 AND job.deleted = 0 ORDER BY job.job_no LIMIT ?4",
            &[int(after), int(now.0), text(&holds_code), int(limit)],
            |row| {
                let failed = match row.optional_blob(1)? {
                    Some(_) => Some((
                        row.id(1, TenantId::from_bytes)?,
                        JobId(row.text(2)?.into_owned()),
                    )),
                    None => None,
                };
                Ok((row.number(0)?, failed))
            },
        )?;
        let is_last = found.len() < limit;
        let mut slice = JobSlice {
            jobs: Vec::new(),
            next: None,
        };
        for (job_no, failed) in found {
            slice.next = Some(job_no);
            slice.jobs.extend(failed);
            if slice.jobs.len() >= most {
                return Ok(slice);
            }
        }
        if is_last {
            slice.next = None;
        }
        Ok(slice)
    }

    /// Whether any job, of whichever tenant, follows changes now.
    pub fn any_job_follows(&self) -> Result<bool> {
        let found = self.connection.first(
            "SELECT 1 FROM job WHERE follows IS NOT NULL AND deleted = 0 LIMIT 1",
            &[],
            |_| Ok(()),
        )?;
        Ok(found.is_some())
    }
}

impl Tx<'_> {
    /// Adds a job. [`StoreError::Taken`] when the id exists.
    pub fn insert_job(&mut self, job: &Job) -> Result<()> {
        let tenant_no = self.tenant_no(job.tenant)?;
        let body = serde_json::to_string(job).map_err(|_| StoreError::NotEncoded("job"))?;
        let inserted = self.connection.execute(
            "INSERT INTO job (id, tenant_no, service_principal, next_due, follows, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
            &[
                text(job.id.as_str()),
                int(tenant_no),
                blob(job.service_principal.as_bytes()),
                optional_int(job.next_due.map(|at| at.0)),
                optional_int(follows(job)),
                text(&body),
            ],
        )?;
        all_taken(inserted, 1)
    }

    /// Replaces a job's row.
    pub fn update_job(&mut self, job: &Job) -> Result<()> {
        let tenant_no = self.tenant_no(job.tenant)?;
        let body = serde_json::to_string(job).map_err(|_| StoreError::NotEncoded("job"))?;
        let changed = self.connection.execute(
            "UPDATE job SET next_due = ?1, follows = ?2, body = ?3 WHERE id = ?4 AND tenant_no = ?5 AND deleted = 0",
            &[
                optional_int(job.next_due.map(|at| at.0)),
                optional_int(follows(job)),
                text(&body),
                text(job.id.as_str()),
                int(tenant_no),
            ],
        )?;
        if changed == 0 {
            Err(StoreError::UnknownJob(job.id.to_string()))
        } else {
            Ok(())
        }
    }

    /// Removes a job. From now on nobody sees any of its state (links, escrows, waiting references, staged
    /// deletes), which is removed little by little ([`Tx::sweep_deleted_jobs`]). The provisioning log stays
    /// for its time: it is immutable; a tombstone of the job keeps its name for it.
    pub fn delete_job(&mut self, tenant: TenantId, id: &JobId) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, id)?;
        let key = [int(tenant_no), int(job_no)];
        self.forget_referred();
        self.connection.execute(
            "DELETE FROM lease WHERE tenant_no = ?1 AND job_no = ?2",
            &key,
        )?;
        self.connection.execute(
            "UPDATE job SET deleted = ?3, next_due = NULL, follows = NULL WHERE tenant_no = ?1 AND job_no = ?2",
            &[int(tenant_no), int(job_no), int(LEAVING)],
        )?;
        self.forget_job(tenant_no, id);
        Ok(())
    }
}

/// What [`Job::follows_from`] says, as it is stored.
fn follows(job: &Job) -> Option<i64> {
    job.follows_from().and_then(|from| from.try_into().ok())
}

fn read(row: &Row<'_>) -> Result<JobRow> {
    let job = parse(row);
    let columns = (row.optional_int(3)?, row.optional_int(4)?);
    let said = |job: &Job| (job.next_due.map(|at| at.0), follows(job));
    Ok(JobRow {
        tenant: row.id(2, TenantId::from_bytes)?,
        id: JobId(row.text(1)?.into_owned()),
        is_found: job.as_ref().is_ok_and(|job| said(job) == columns),
        job,
    })
}

fn parse(row: &Row<'_>) -> Result<Job> {
    serde_json::from_str(&row.text(0)?).map_err(|_| StoreError::Damaged("job"))
}
