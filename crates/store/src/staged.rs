//! Deletes and disables of a cycle: decided first, counted, and only then carried out or held.

use rusqlite::params;
use syncline_model::{EntityKind, JobId, ObjectId, TenantId, Timestamp};

use crate::driver::id_column;
use crate::{Reader, Result, StoreError, Tx};

/// One source object whose removal (delete or disable in the target) is staged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Staged {
    pub source: ObjectId,
    pub kind: EntityKind,
    /// Held by the accidental-deletion gate.
    pub held: bool,
    pub staged_at: Timestamp,
}

impl Reader<'_> {
    /// A page of a job's staged objects by source id, after `after`.
    pub fn staged(
        &self,
        tenant: TenantId,
        job: &JobId,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<Staged>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let mut statement = self.connection.prepare_cached(
            "SELECT source, kind, held, staged_at FROM staged WHERE tenant_no = $1 AND job_no = $2 AND source > $3 ORDER BY source LIMIT $4",
        )?;
        let mut rows = statement.query(params![
            tenant_no,
            job_no,
            after,
            i64::try_from(limit).unwrap_or(i64::MAX)
        ])?;
        let mut page = Vec::new();
        while let Some(row) = rows.next()? {
            page.push(Staged {
                source: id_column(row, 0, ObjectId::from_bytes)?,
                kind: EntityKind::from_number(row.get(1)?).ok_or(StoreError::Damaged("staged"))?,
                held: row.get(2)?,
                staged_at: Timestamp(row.get(3)?),
            });
        }
        Ok(page)
    }

    /// How many objects of a job are staged.
    pub fn count_staged(&self, tenant: TenantId, job: &JobId) -> Result<u64> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let mut statement = self
            .connection
            .prepare_cached("SELECT COUNT(*) FROM staged WHERE tenant_no = $1 AND job_no = $2")?;
        let count: i64 = statement.query_row(params![tenant_no, job_no], |row| row.get(0))?;
        u64::try_from(count).map_err(|_| StoreError::Damaged("staged"))
    }
}

impl Tx<'_> {
    /// Stages objects; those staged already keep their time, and stay held if they are.
    pub fn put_staged(&mut self, tenant: TenantId, job: &JobId, rows: &[Staged]) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO staged (tenant_no, job_no, source, kind, held, staged_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant_no, job_no, source) DO UPDATE SET held = staged.held OR excluded.held",
        )?;
        for row in rows {
            statement.execute(params![
                tenant_no,
                job_no,
                row.source.as_bytes().as_slice(),
                row.kind as u8,
                row.held,
                row.staged_at.0
            ])?;
        }
        Ok(())
    }

    /// Removes staged rows: carried out, or no longer wanted.
    pub fn delete_staged(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
    ) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let mut statement = self.connection.prepare_cached(
            "DELETE FROM staged WHERE tenant_no = $1 AND job_no = $2 AND source = $3",
        )?;
        for source in sources {
            statement.execute(params![tenant_no, job_no, source.as_bytes().as_slice()])?;
        }
        Ok(())
    }
}
