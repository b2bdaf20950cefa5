//! Links of a job.

use rusqlite::params;
use syncline_model::link::LinkState;
use syncline_model::{EntityKind, JobId, Link, ObjectId, TenantId, Timestamp};

use crate::driver::id_column;
use crate::tenants::taken;
use crate::{Reader, Result, StoreError, Tx};

const COLUMNS: &str = "source, target, kind, state, since";

impl Reader<'_> {
    /// The links of these source objects, in the order asked; `None` where there is none.
    pub fn links_for(
        &self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
    ) -> Result<Vec<Option<Link>>> {
        self.links_by("source", tenant, job, sources)
    }

    /// The links to these target objects, in the order asked.
    pub fn links_to(
        &self,
        tenant: TenantId,
        job: &JobId,
        targets: &[ObjectId],
    ) -> Result<Vec<Option<Link>>> {
        self.links_by("target", tenant, job, targets)
    }

    fn links_by(
        &self,
        column: &str,
        tenant: TenantId,
        job: &JobId,
        ids: &[ObjectId],
    ) -> Result<Vec<Option<Link>>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM link WHERE tenant_no = $1 AND job_no = $2 AND {column} = $3"
        ))?;
        let mut links = Vec::with_capacity(ids.len());
        for id in ids {
            let mut rows = statement.query(params![tenant_no, job_no, id.as_bytes().as_slice()])?;
            links.push(rows.next()?.map(read).transpose()?);
        }
        Ok(links)
    }

    /// A page of a job's links by source id, after `after`.
    pub fn links(
        &self,
        tenant: TenantId,
        job: &JobId,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<Link>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM link WHERE tenant_no = $1 AND job_no = $2 AND source > $3 ORDER BY source LIMIT $4"
        ))?;
        let mut rows = statement.query(params![
            tenant_no,
            job_no,
            after,
            i64::try_from(limit).unwrap_or(i64::MAX)
        ])?;
        let mut page = Vec::new();
        while let Some(row) = rows.next()? {
            page.push(read(row)?);
        }
        Ok(page)
    }
}

impl Reader<'_> {
    /// For each of these target objects the other job of the tenant that keeps it in step, and the
    /// source object it is linked to there.
    pub fn live_links_of_other_jobs(
        &self,
        tenant: TenantId,
        job: &JobId,
        targets: &[ObjectId],
    ) -> Result<Vec<Option<(JobId, ObjectId)>>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT job.id, link.source FROM job CROSS JOIN link WHERE job.tenant_no = $1 AND job.deleted = 0 AND job.job_no <> $2 AND link.tenant_no = job.tenant_no AND link.job_no = job.job_no AND link.target = $3 AND link.state = 0 LIMIT 1",
        )?;
        let mut held = Vec::with_capacity(targets.len());
        for target in targets {
            let mut rows =
                statement.query(params![tenant_no, job_no, target.as_bytes().as_slice()])?;
            held.push(match rows.next()? {
                Some(row) => Some((JobId(row.get(0)?), id_column(row, 1, ObjectId::from_bytes)?)),
                None => None,
            });
        }
        Ok(held)
    }
}

impl Tx<'_> {
    /// Writes links, replacing those of the same source. [`StoreError::Taken`] when another source
    /// is linked to a target already.
    pub fn put_links(&mut self, tenant: TenantId, job: &JobId, links: &[Link]) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO link (tenant_no, job_no, source, target, kind, state, since) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant_no, job_no, source) DO UPDATE SET target = excluded.target, state = excluded.state, since = excluded.since",
        )?;
        for link in links {
            statement
                .execute(params![
                    tenant_no,
                    job_no,
                    link.source.as_bytes().as_slice(),
                    link.target.as_bytes().as_slice(),
                    link.kind as u8,
                    link.state as u8,
                    link.since.0
                ])
                .map_err(taken)?;
        }
        Ok(())
    }

    /// Removes the links of these source objects.
    pub fn delete_links(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
    ) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let mut statement = self.connection.prepare_cached(
            "DELETE FROM link WHERE tenant_no = $1 AND job_no = $2 AND source = $3",
        )?;
        for source in sources {
            statement.execute(params![tenant_no, job_no, source.as_bytes().as_slice()])?;
        }
        Ok(())
    }

    /// Removes all links of a job (restart with scope `Full` or `ConnectorDataStore`).
    pub fn delete_all_links(&mut self, tenant: TenantId, job: &JobId) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.execute(
            "DELETE FROM link WHERE tenant_no = $1 AND job_no = $2",
            params![tenant_no, job_no],
        )?;
        Ok(())
    }
}

fn read(row: &rusqlite::Row<'_>) -> Result<Link> {
    Ok(Link {
        source: id_column(row, 0, ObjectId::from_bytes)?,
        target: id_column(row, 1, ObjectId::from_bytes)?,
        kind: EntityKind::from_number(row.get(2)?).ok_or(StoreError::Damaged("link"))?,
        state: match row.get::<_, i64>(3)? {
            0 => LinkState::Live,
            1 => LinkState::SoftDeleted,
            2 => LinkState::Released,
            _ => return Err(StoreError::Damaged("link")),
        },
        since: Timestamp(row.get(4)?),
    })
}
