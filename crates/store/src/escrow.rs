//! Objects that failed and wait for another try.

use rusqlite::params;
use syncline_model::{EntityKind, JobId, ObjectId, TenantId, Timestamp};

use crate::driver::id_column;
use crate::{Reader, Result, StoreError, Tx};

/// A failed object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escrow {
    pub source: ObjectId,
    pub kind: EntityKind,
    pub first_failed: Timestamp,
    pub attempts: u32,
    pub next_attempt: Timestamp,
    /// The last failure as the engine describes it, JSON text.
    pub failure: String,
}

impl Reader<'_> {
    /// The escrow rows of these source objects, in the order asked.
    pub fn escrows_for(
        &self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
    ) -> Result<Vec<Option<Escrow>>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT source, kind, first_failed, attempts, next_attempt, failure FROM escrow WHERE tenant_no = $1 AND job_no = $2 AND source = $3",
        )?;
        let mut found = Vec::with_capacity(sources.len());
        for source in sources {
            let mut rows =
                statement.query(params![tenant_no, job_no, source.as_bytes().as_slice()])?;
            found.push(rows.next()?.map(read).transpose()?);
        }
        Ok(found)
    }

    /// Up to `limit` escrowed objects that are due at `now`, by source id after `after`.
    pub fn due_escrows(
        &self,
        tenant: TenantId,
        job: &JobId,
        now: Timestamp,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<Escrow>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let mut statement = self.connection.prepare_cached(
            "SELECT source, kind, first_failed, attempts, next_attempt, failure FROM escrow WHERE tenant_no = $1 AND job_no = $2 AND source > $3 AND next_attempt <= $4 ORDER BY source LIMIT $5",
        )?;
        let mut rows = statement.query(params![
            tenant_no,
            job_no,
            after,
            now.0,
            i64::try_from(limit).unwrap_or(i64::MAX)
        ])?;
        let mut due = Vec::new();
        while let Some(row) = rows.next()? {
            due.push(read(row)?);
        }
        Ok(due)
    }

    /// How many objects of a job are escrowed.
    pub fn count_escrows(&self, tenant: TenantId, job: &JobId) -> Result<u64> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let mut statement = self
            .connection
            .prepare_cached("SELECT COUNT(*) FROM escrow WHERE tenant_no = $1 AND job_no = $2")?;
        let count: i64 = statement.query_row(params![tenant_no, job_no], |row| row.get(0))?;
        u64::try_from(count).map_err(|_| StoreError::Damaged("escrow"))
    }
}

impl Tx<'_> {
    /// Writes escrow rows, replacing those of the same source.
    pub fn put_escrows(&mut self, tenant: TenantId, job: &JobId, rows: &[Escrow]) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO escrow (tenant_no, job_no, source, kind, first_failed, attempts, next_attempt, failure) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (tenant_no, job_no, source) DO UPDATE SET first_failed = excluded.first_failed, attempts = excluded.attempts, next_attempt = excluded.next_attempt, failure = excluded.failure",
        )?;
        for row in rows {
            statement.execute(params![
                tenant_no,
                job_no,
                row.source.as_bytes().as_slice(),
                row.kind as u8,
                row.first_failed.0,
                row.attempts,
                row.next_attempt.0,
                row.failure
            ])?;
        }
        Ok(())
    }

    /// Removes the escrow rows of these source objects.
    pub fn delete_escrows(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
    ) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let mut statement = self.connection.prepare_cached(
            "DELETE FROM escrow WHERE tenant_no = $1 AND job_no = $2 AND source = $3",
        )?;
        for source in sources {
            statement.execute(params![tenant_no, job_no, source.as_bytes().as_slice()])?;
        }
        Ok(())
    }

    /// Makes all escrowed objects due now, as if they had failed for the first time (restart with
    /// scope `Escrows`).
    pub fn reset_escrows(&mut self, tenant: TenantId, job: &JobId, now: Timestamp) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.execute(
            "UPDATE escrow SET first_failed = $1, attempts = 0, next_attempt = $1 WHERE tenant_no = $2 AND job_no = $3",
            params![now.0, tenant_no, job_no],
        )?;
        Ok(())
    }
}

fn read(row: &rusqlite::Row<'_>) -> Result<Escrow> {
    Ok(Escrow {
        source: id_column(row, 0, ObjectId::from_bytes)?,
        kind: EntityKind::from_number(row.get(1)?).ok_or(StoreError::Damaged("escrow"))?,
        first_failed: Timestamp(row.get(2)?),
        attempts: row.get(3)?,
        next_attempt: Timestamp(row.get(4)?),
        failure: row.get(5)?,
    })
}
