//! Deletes and disables of a cycle: decided first, counted, and only then carried out or held.

use syncline_model::{EntityKind, IdSet, JobId, ObjectId, TenantId, Timestamp};

use crate::driver::{Row, blob, flag, int};
use crate::{Reader, Result, Tx};

/// One source object whose removal (delete or disable in the target) is staged; in the cycle that matches everybody
/// anew also one that is decided again once everybody was matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Staged {
    pub source: ObjectId,
    pub kind: EntityKind,
    /// Held by the accidental-deletion gate.
    pub held: bool,
    pub staged_at: Timestamp,
}

const COLUMNS: &str = "source, kind, held, staged_at";

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
        self.connection.query(
            &format!("SELECT {COLUMNS} FROM staged WHERE tenant_no = ?1 AND job_no = ?2 AND source > ?3 ORDER BY source LIMIT ?4"),
            &[int(tenant_no), int(job_no), blob(&after), int(limit)],
            read,
        )
    }

    /// Those of these source objects that are staged.
    pub fn staged_among(
        &self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
    ) -> Result<IdSet<ObjectId>> {
        let found = self.staged_for(tenant, job, sources)?;
        Ok(found.into_iter().map(|it| it.source).collect())
    }

    /// What is staged of these source objects.
    pub fn staged_for(
        &self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
    ) -> Result<Vec<Staged>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.query_each(
            &format!(
                "SELECT {COLUMNS} FROM staged WHERE tenant_no = ?1 AND job_no = ?2 AND source = ?3"
            ),
            &[int(tenant_no), int(job_no)],
            sources.iter().map(|id| [blob(id.as_bytes())]),
            read,
        )
    }

    /// How many objects of a job are staged.
    pub fn count_staged(&self, tenant: TenantId, job: &JobId) -> Result<u64> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.count(
            "SELECT COUNT(*) FROM staged WHERE tenant_no = ?1 AND job_no = ?2",
            &[int(tenant_no), int(job_no)],
        )
    }

    /// How many of them the accidental-deletion gate holds. Others wait to be counted.
    pub fn count_held(&self, tenant: TenantId, job: &JobId) -> Result<u64> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.count(
            "SELECT COUNT(*) FROM staged WHERE tenant_no = ?1 AND job_no = ?2 AND held = 1",
            &[int(tenant_no), int(job_no)],
        )
    }

    /// How many of them were staged later than `after`, and no later than `through`.
    pub fn count_staged_between(
        &self,
        tenant: TenantId,
        job: &JobId,
        (after, through): (Timestamp, Timestamp),
    ) -> Result<u64> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.count(
            "SELECT COUNT(*) FROM staged WHERE tenant_no = ?1 AND job_no = ?2 AND staged_at > ?3 AND staged_at <= ?4",
            &[int(tenant_no), int(job_no), int(after.0), int(through.0)],
        )
    }

    /// When the last of a job's staged objects was staged.
    pub fn newest_staged(&self, tenant: TenantId, job: &JobId) -> Result<Option<Timestamp>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let newest = self.connection.query(
            "SELECT staged_at FROM staged WHERE tenant_no = ?1 AND job_no = ?2 ORDER BY staged_at DESC LIMIT 1",
            &[int(tenant_no), int(job_no)],
            |row| row.time(0),
        )?;
        Ok(newest.first().copied())
    }
}

impl Tx<'_> {
    /// Stages objects; those staged already keep their time, and stay held if they are.
    pub fn put_staged(&mut self, tenant: TenantId, job: &JobId, rows: &[Staged]) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.execute_each(
            "INSERT INTO staged (tenant_no, job_no, source, kind, held, staged_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (tenant_no, job_no, source) DO UPDATE SET held = CASE WHEN excluded.held = 1 THEN 1 ELSE staged.held END",
            &[int(tenant_no), int(job_no)],
            rows.iter().map(|row| {
                [
                    blob(row.source.as_bytes()),
                    int(row.kind as u8),
                    flag(row.held),
                    int(row.staged_at.0),
                ]
            }),
        )?;
        Ok(())
    }

    /// Removes staged rows: carried out, or no longer wanted. Memberships that waited for that are due from `when` on:
    /// nobody else would look at them.
    pub fn delete_staged(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
        when: Timestamp,
    ) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.execute_each(
            "DELETE FROM staged WHERE tenant_no = ?1 AND job_no = ?2 AND source = ?3",
            &[int(tenant_no), int(job_no)],
            sources.iter().map(|id| [blob(id.as_bytes())]),
        )?;
        self.wake_held_memberships(tenant, job, sources, when)
    }
}

fn read(row: &Row<'_>) -> Result<Staged> {
    Ok(Staged {
        source: row.id(0, ObjectId::from_bytes)?,
        kind: row.kind(1)?,
        held: row.flag(2)?,
        staged_at: row.time(3)?,
    })
}
