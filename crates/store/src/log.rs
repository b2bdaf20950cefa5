//! The provisioning log: immutable rows, compact; Graph's JSON is rendered when read.

use rusqlite::params;
use syncline_model::{CycleId, JobId, ObjectId, TenantId, Timestamp};

use crate::driver::id_column;
use crate::{Reader, Result, Tx};

/// One event. `evidence` is opaque here: the engine encodes and decodes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRow {
    /// Time-ordered.
    pub id: ObjectId,
    pub job: JobId,
    pub cycle: CycleId,
    pub change: ObjectId,
    /// End of the operation.
    pub at: Timestamp,
    pub duration_ms: u32,
    pub evidence: Vec<u8>,
}

/// What a walk through the log is limited to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFilter {
    pub job: Option<JobId>,
    /// Not before, inclusive.
    pub from: Option<Timestamp>,
    /// Not after, inclusive.
    pub until: Option<Timestamp>,
}

impl Reader<'_> {
    /// A page of the log, newest first, older than the event `before`.
    pub fn log(
        &self,
        tenant: TenantId,
        filter: &LogFilter,
        before: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<LogRow>> {
        self.log_page(tenant, filter, before, limit, true)
    }

    /// A page of the log, oldest first, newer than the event `after`.
    pub fn log_ascending(
        &self,
        tenant: TenantId,
        filter: &LogFilter,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<LogRow>> {
        self.log_page(tenant, filter, after, limit, false)
    }

    fn log_page(
        &self,
        tenant: TenantId,
        filter: &LogFilter,
        beyond: Option<ObjectId>,
        limit: usize,
        descending: bool,
    ) -> Result<Vec<LogRow>> {
        let tenant_no = self.tenant_no(tenant)?;
        let job_no = match &filter.job {
            Some(job) => Some(self.job_no(tenant_no, job)?),
            None => None,
        };
        let (compare, order, open) = if descending {
            ("<", "DESC", ObjectId::from_bytes([0xff; 16]))
        } else {
            (">", "ASC", ObjectId::NIL)
        };
        // Parameters are numbered by their first appearance in the text, not by their digits: they
        // must appear in ascending order.
        let by_job = if job_no.is_some() {
            "AND log.job_no = $5"
        } else {
            "AND $5 IS NULL"
        };
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT log.id, job.id, log.cycle, log.change, log.at, log.duration_ms, log.evidence FROM provisioning_log AS log LEFT JOIN job ON job.job_no = log.job_no WHERE log.tenant_no = $1 AND log.id {compare} $2 AND log.at >= $3 AND log.at <= $4 {by_job} ORDER BY log.id {order} LIMIT $6"
        ))?;
        let mut rows = statement.query(params![
            tenant_no,
            beyond.unwrap_or(open).as_bytes().as_slice(),
            filter.from.map_or(i64::MIN, |at| at.0),
            filter.until.map_or(i64::MAX, |at| at.0),
            job_no,
            i64::try_from(limit).unwrap_or(i64::MAX)
        ])?;
        let mut page = Vec::new();
        while let Some(row) = rows.next()? {
            page.push(read(row)?);
        }
        Ok(page)
    }

    /// One event.
    pub fn log_event(&self, tenant: TenantId, id: ObjectId) -> Result<Option<LogRow>> {
        let tenant_no = self.tenant_no(tenant)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT log.id, job.id, log.cycle, log.change, log.at, log.duration_ms, log.evidence FROM provisioning_log AS log LEFT JOIN job ON job.job_no = log.job_no WHERE log.tenant_no = $1 AND log.id = $2",
        )?;
        let mut rows = statement.query(params![tenant_no, id.as_bytes().as_slice()])?;
        rows.next()?.map(read).transpose()
    }
}

impl Tx<'_> {
    /// Appends events to the log of the tenant that owns the job.
    pub fn append_log(&mut self, tenant: TenantId, job: &JobId, rows: &[LogRow]) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO provisioning_log (tenant_no, id, job_no, cycle, change, at, duration_ms, evidence) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )?;
        for row in rows {
            statement.execute(params![
                tenant_no,
                row.id.as_bytes().as_slice(),
                job_no,
                row.cycle.as_bytes().as_slice(),
                row.change.as_bytes().as_slice(),
                row.at.0,
                row.duration_ms,
                row.evidence
            ])?;
        }
        Ok(())
    }

    /// Removes up to `limit` events that ended before `before`; says how many.
    pub fn sweep_log(
        &mut self,
        tenant: TenantId,
        before: Timestamp,
        limit: usize,
    ) -> Result<usize> {
        let tenant_no = self.tenant_no(tenant)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        Ok(self
            .connection
            .prepare_cached(
                "DELETE FROM provisioning_log WHERE (tenant_no, id) IN (SELECT tenant_no, id FROM provisioning_log WHERE tenant_no = $1 AND at < $2 ORDER BY id LIMIT $3)",
            )?
            .execute(params![tenant_no, before.0, limit])?)
    }
}

fn read(row: &rusqlite::Row<'_>) -> Result<LogRow> {
    Ok(LogRow {
        id: id_column(row, 0, ObjectId::from_bytes)?,
        // A deleted job leaves its log without a name to show.
        job: JobId(row.get::<_, Option<String>>(1)?.unwrap_or_default()),
        cycle: id_column(row, 2, CycleId::from_bytes)?,
        change: id_column(row, 3, ObjectId::from_bytes)?,
        at: Timestamp(row.get(4)?),
        duration_ms: row.get(5)?,
        evidence: row.get(6)?,
    })
}
