//! References that wait: rows indexed by the source object they wait for, so that its link wakes
//! exactly those and no restart is ever needed.

use rusqlite::params;
use syncline_model::{Attr, EntityKind, JobId, ObjectId, TenantId};

use crate::driver::id_column;
use crate::{Reader, Result, StoreError, Tx};

/// One waiting reference, in ids of source objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WaitingReference {
    pub waits_for: ObjectId,
    pub source: ObjectId,
    pub kind: EntityKind,
    /// Target attribute.
    pub attr: Attr,
}

impl Reader<'_> {
    /// How many references of a job wait. Reads them all.
    pub fn count_waiting(&self, tenant: TenantId, job: &JobId) -> Result<u64> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT COUNT(*) FROM waiting_reference WHERE tenant_no = $1 AND job_no = $2",
        )?;
        let count: i64 = statement.query_row(params![tenant_no, job_no], |row| row.get(0))?;
        u64::try_from(count).map_err(|_| StoreError::Damaged("waiting_reference"))
    }

    /// Up to `limit` waiting references whose object has been linked meanwhile.
    pub fn ready_references(
        &self,
        tenant: TenantId,
        job: &JobId,
        limit: usize,
    ) -> Result<Vec<WaitingReference>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT waits_for, source, attr, kind FROM ready_reference JOIN waiting_reference USING (tenant_no, job_no, waits_for) WHERE tenant_no = $1 AND job_no = $2 ORDER BY waits_for, source LIMIT $3",
        )?;
        let mut rows = statement.query(params![
            tenant_no,
            job_no,
            i64::try_from(limit).unwrap_or(i64::MAX)
        ])?;
        let mut ready = Vec::new();
        while let Some(row) = rows.next()? {
            ready.push(WaitingReference {
                waits_for: id_column(row, 0, ObjectId::from_bytes)?,
                source: id_column(row, 1, ObjectId::from_bytes)?,
                attr: Attr(row.get(2)?),
                kind: EntityKind::from_number(row.get(3)?)
                    .ok_or(StoreError::Damaged("waiting_reference"))?,
            });
        }
        Ok(ready)
    }
}

impl Tx<'_> {
    /// Lets references wait; those already waiting stay. Says how many are new.
    pub fn insert_waiting(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        rows: &[WaitingReference],
    ) -> Result<u64> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO waiting_reference (tenant_no, job_no, waits_for, source, attr, kind) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        )?;
        let mut added = 0;
        for row in rows {
            added += statement.execute(params![
                tenant_no,
                job_no,
                row.waits_for.as_bytes().as_slice(),
                row.source.as_bytes().as_slice(),
                row.attr.0,
                row.kind as u8
            ])?;
        }
        Ok(added as u64)
    }

    /// Removes these waiting references; says how many there were.
    pub fn delete_waiting(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        rows: &[WaitingReference],
    ) -> Result<u64> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let mut statement = self.connection.prepare_cached(
            "DELETE FROM waiting_reference WHERE tenant_no = $1 AND job_no = $2 AND waits_for = $3 AND source = $4 AND attr = $5",
        )?;
        let mut removed = 0;
        for row in rows {
            removed += statement.execute(params![
                tenant_no,
                job_no,
                row.waits_for.as_bytes().as_slice(),
                row.source.as_bytes().as_slice(),
                row.attr.0
            ])?;
        }
        Ok(removed as u64)
    }

    /// Removes everything these source objects wait for (they left the target); says how many there
    /// were.
    pub fn delete_waiting_of(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
    ) -> Result<u64> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let mut statement = self.connection.prepare_cached(
            "DELETE FROM waiting_reference WHERE tenant_no = $1 AND job_no = $2 AND source = $3",
        )?;
        let mut removed = 0;
        for source in sources {
            removed +=
                statement.execute(params![tenant_no, job_no, source.as_bytes().as_slice()])?;
        }
        Ok(removed as u64)
    }

    /// Removes what these references (source object, target attribute) wait for: they are decided
    /// anew; says how many there were.
    pub fn delete_waiting_at(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        references: &[(ObjectId, Attr)],
    ) -> Result<u64> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let mut statement = self.connection.prepare_cached(
            "DELETE FROM waiting_reference WHERE tenant_no = $1 AND job_no = $2 AND source = $3 AND attr = $4",
        )?;
        let mut removed = 0;
        for (source, attr) in references {
            removed += statement.execute(params![
                tenant_no,
                job_no,
                source.as_bytes().as_slice(),
                attr.0
            ])?;
        }
        Ok(removed as u64)
    }

    /// Wakes whatever waits for these source objects, which were just linked.
    pub fn wake_waiting(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        linked: &[ObjectId],
    ) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO ready_reference (tenant_no, job_no, waits_for) SELECT $1, $2, $3 WHERE EXISTS (SELECT 1 FROM waiting_reference WHERE tenant_no = $1 AND job_no = $2 AND waits_for = $3) ON CONFLICT DO NOTHING",
        )?;
        for source in linked {
            statement.execute(params![tenant_no, job_no, source.as_bytes().as_slice()])?;
        }
        Ok(())
    }

    /// Puts woken objects back to sleep: they are not linked after all, and what waits goes on waiting.
    pub fn delete_ready(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        waits_for: &[ObjectId],
    ) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let mut statement = self.connection.prepare_cached(
            "DELETE FROM ready_reference WHERE tenant_no = $1 AND job_no = $2 AND waits_for = $3",
        )?;
        for id in waits_for {
            statement.execute(params![tenant_no, job_no, id.as_bytes().as_slice()])?;
        }
        Ok(())
    }

    /// Forgets woken objects for which nothing waits any more.
    pub fn sweep_ready(&mut self, tenant: TenantId, job: &JobId) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection
            .prepare_cached(
                "DELETE FROM ready_reference WHERE tenant_no = $1 AND job_no = $2 AND NOT EXISTS (SELECT 1 FROM waiting_reference AS waiting WHERE waiting.tenant_no = $1 AND waiting.job_no = $2 AND waiting.waits_for = ready_reference.waits_for)",
            )?
            .execute(params![tenant_no, job_no])?;
        Ok(())
    }

    /// Removes all waiting and woken references of a job (its links were broken).
    pub fn delete_all_waiting(&mut self, tenant: TenantId, job: &JobId) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        for table in ["waiting_reference", "ready_reference"] {
            self.connection.execute(
                &format!("DELETE FROM {table} WHERE tenant_no = $1 AND job_no = $2"),
                params![tenant_no, job_no],
            )?;
        }
        Ok(())
    }
}
