//! Links of a job.

use std::collections::HashSet;

use syncline_model::link::LinkState;
use syncline_model::{EntityKind, JobId, Link, ObjectId, TenantId};

use crate::driver::neighbours::FEW;
use crate::driver::{Row, blob, flag, int, text};
use crate::{Reader, Result, StoreError, Tx};

const COLUMNS: &str = "source, target, kind, state, since, matching, was_released";

/// Which links are asked for; `None` is all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkFilter {
    /// Of the source object.
    pub kind: Option<EntityKind>,
    pub state: Option<LinkState>,
}

/// How many links there are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkCounts {
    pub live: u64,
    pub soft_deleted: u64,
    pub released: u64,
}

/// So many links may stand where one of each object is wanted, before each is looked for by itself.
const WITH_OTHERS_BETWEEN: usize = 4;

impl Reader<'_> {
    /// The links of these source objects, in the order asked; `None` where there is none.
    pub fn links_for(
        &self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
    ) -> Result<Vec<Option<Link>>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.neighbours(
            sources,
            |first, last, limit| {
                self.connection.query(
                    &format!("SELECT {COLUMNS} FROM link WHERE tenant_no = ?1 AND job_no = ?2 AND source >= ?3 AND source <= ?4 ORDER BY source LIMIT ?5"),
                    &[
                        int(tenant_no),
                        int(job_no),
                        blob(first.as_bytes()),
                        blob(last.as_bytes()),
                        int(limit),
                    ],
                    |row| read(row).map(|link| (link.source, Some(link))),
                )
            },
            |sources| self.links_by("source", tenant, job, sources),
        )
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
        self.connection.find_each(
            &format!(
                "SELECT {COLUMNS} FROM link WHERE tenant_no = ?1 AND job_no = ?2 AND {column} = ?3"
            ),
            &[int(tenant_no), int(job_no)],
            ids.iter().map(|id| [blob(id.as_bytes())]),
            read,
        )
    }

    /// A page of a job's links by source id, after `after`.
    pub fn links(
        &self,
        tenant: TenantId,
        job: &JobId,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<Link>> {
        self.links_like(tenant, job, LinkFilter::default(), after, limit)
    }

    /// The same of those that the filter asks for.
    pub fn links_like(
        &self,
        tenant: TenantId,
        job: &JobId,
        filter: LinkFilter,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<Link>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let mut params = vec![int(tenant_no), int(job_no), blob(&after), int(limit)];
        let mut asked = String::new();
        let wanted = [
            ("kind", filter.kind.map(|it| it as u8)),
            ("state", filter.state.map(|it| it as u8)),
        ];
        for (column, value) in wanted {
            if let Some(value) = value {
                params.push(int(value));
                asked.push_str(&format!(" AND {column} = ?{}", params.len()));
            }
        }
        self.connection.query(
            &format!("SELECT {COLUMNS} FROM link WHERE tenant_no = ?1 AND job_no = ?2 AND source > ?3{asked} ORDER BY source LIMIT ?4"),
            &params,
            read,
        )
    }

    /// How many links a job has, of one kind or of all. Walks through them all.
    pub fn count_links(
        &self,
        tenant: TenantId,
        job: &JobId,
        kind: Option<EntityKind>,
    ) -> Result<LinkCounts> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let mut params = vec![int(tenant_no), int(job_no)];
        let mut asked = "";
        if let Some(kind) = kind {
            params.push(int(kind as u8));
            asked = " AND kind = ?3";
        }
        let counts = self.connection.first(
            &format!("SELECT COUNT(CASE WHEN state = 0 THEN 1 END), COUNT(CASE WHEN state = 1 THEN 1 END), COUNT(CASE WHEN state = 2 THEN 1 END) FROM link WHERE tenant_no = ?1 AND job_no = ?2{asked}"),
            &params,
            |row| {
                Ok(LinkCounts {
                    live: row.number(0)?,
                    soft_deleted: row.number(1)?,
                    released: row.number(2)?,
                })
            },
        )?;
        Ok(counts.unwrap_or_default())
    }

    /// Whether the job keeps anything in step by a link of an earlier matching than this one.
    pub fn any_live_link_before(
        &self,
        tenant: TenantId,
        job: &JobId,
        matching: u64,
    ) -> Result<bool> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let found = self.connection.first(
            "SELECT 1 FROM link WHERE tenant_no = ?1 AND job_no = ?2 AND state = 0 AND matching < ?3 LIMIT 1",
            &[int(tenant_no), int(job_no), int(matching)],
            |_| Ok(()),
        )?;
        Ok(found.is_some())
    }

    /// For each of these target objects the other job of the tenant that keeps it in step, and the
    /// source object it is linked to there.
    pub fn live_links_of_other_jobs(
        &self,
        tenant: TenantId,
        job: &JobId,
        targets: &[ObjectId],
    ) -> Result<Vec<Option<(JobId, ObjectId)>>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.find_each(
            "SELECT job.id, link.source FROM job CROSS JOIN link WHERE job.tenant_no = ?1 AND job.deleted = 0 AND job.job_no <> ?2 AND link.tenant_no = job.tenant_no AND link.job_no = job.job_no AND link.target = ?3 AND link.state = 0 LIMIT 1",
            &[int(tenant_no), int(job_no)],
            targets.iter().map(|id| [blob(id.as_bytes())]),
            |row| Ok((JobId(row.text(0)?.into_owned()), row.id(1, ObjectId::from_bytes)?)),
        )
    }

    /// The links to these target objects that any job of the tenant has, in whatever state, each with its job.
    /// One object may have several. A page of objects in order of id is read in one go, as long as the jobs have
    /// few other links in between.
    pub fn links_of_all_jobs_to(
        &self,
        tenant: TenantId,
        targets: &[ObjectId],
    ) -> Result<Vec<(JobId, Link)>> {
        const LINK_AND_JOB: &str = "SELECT link.source, link.target, link.kind, link.state, link.since, link.matching, link.was_released, job.id FROM job CROSS JOIN link WHERE job.tenant_no = ?1 AND job.deleted = 0 AND link.tenant_no = job.tenant_no AND link.job_no = job.job_no";
        let tenant_no = self.tenant_no(tenant)?;
        let row = |row: &Row<'_>| Ok((JobId(row.text(7)?.into_owned()), read(row)?));
        if let [first, .., last] = targets
            && targets.is_sorted()
            && targets.len() >= FEW
        {
            let most = targets.len() * WITH_OTHERS_BETWEEN;
            let mut found = self.connection.query(
                &format!("{LINK_AND_JOB} AND link.target >= ?2 AND link.target <= ?3 LIMIT ?4"),
                &[
                    int(tenant_no),
                    blob(first.as_bytes()),
                    blob(last.as_bytes()),
                    int(most + 1),
                ],
                row,
            )?;
            if found.len() <= most {
                found.retain(|(_, link)| targets.binary_search(&link.target).is_ok());
                return Ok(found);
            }
        }
        self.connection.query_each(
            &format!("{LINK_AND_JOB} AND link.target = ?2"),
            &[int(tenant_no)],
            targets.iter().map(|id| [blob(id.as_bytes())]),
            row,
        )
    }

    /// The links of these source objects that these jobs of the tenant have and that lead to somebody in their
    /// target, job by job. One object may have several. Of a job that is gone there are none.
    pub fn links_of_jobs(
        &self,
        tenant: TenantId,
        jobs: &[JobId],
        sources: &[ObjectId],
    ) -> Result<Vec<Link>> {
        let tenant_no = self.tenant_no(tenant)?;
        let mut found = Vec::new();
        for job in jobs {
            found.extend(self.connection.query_each(
                "SELECT link.source, link.target, link.kind, link.state, link.since, link.matching, link.was_released FROM job CROSS JOIN link WHERE job.id = ?2 AND job.tenant_no = ?1 AND job.deleted = 0 AND link.tenant_no = job.tenant_no AND link.job_no = job.job_no AND link.source = ?3 AND link.state <> 1",
                &[int(tenant_no), text(job.as_str())],
                sources.iter().map(|id| [blob(id.as_bytes())]),
                read,
            )?);
        }
        Ok(found)
    }

    /// For each of these target objects a link that another job of the tenant has to it, in whatever state: a
    /// live one, where there is one, as the target object is whose it is now.
    pub fn links_of_other_jobs_to(
        &self,
        tenant: TenantId,
        job: &JobId,
        targets: &[ObjectId],
    ) -> Result<Vec<Option<Link>>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.find_each(
            "SELECT link.source, link.target, link.kind, link.state, link.since, link.matching, link.was_released FROM job CROSS JOIN link WHERE job.tenant_no = ?1 AND job.deleted = 0 AND job.job_no <> ?2 AND link.tenant_no = job.tenant_no AND link.job_no = job.job_no AND link.target = ?3 ORDER BY link.state, link.source LIMIT 1",
            &[int(tenant_no), int(job_no)],
            targets.iter().map(|id| [blob(id.as_bytes())]),
            read,
        )
    }

    /// The links of these source objects that other jobs of the tenant have, each with its job and whether a removal is
    /// staged there. One object may have several.
    pub fn links_of_other_jobs(
        &self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
    ) -> Result<Vec<(JobId, Link, bool)>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.query_each(
            "SELECT link.source, link.target, link.kind, link.state, link.since, link.matching, link.was_released, (SELECT COUNT(*) FROM staged WHERE staged.tenant_no = link.tenant_no AND staged.job_no = link.job_no AND staged.source = link.source), job.id FROM job CROSS JOIN link WHERE job.tenant_no = ?1 AND job.deleted = 0 AND job.job_no <> ?2 AND link.tenant_no = job.tenant_no AND link.job_no = job.job_no AND link.source = ?3",
            &[int(tenant_no), int(job_no)],
            sources.iter().map(|id| [blob(id.as_bytes())]),
            |row| Ok((JobId(row.text(8)?.into_owned()), read(row)?, row.int(7)? > 0)),
        )
    }
}

impl Tx<'_> {
    /// Writes links, replacing those of the same source. A link of an earlier matching makes room for one of a
    /// later to the same target, and is returned, unless its source gets another one here.
    /// [`StoreError::Taken`] when another source is linked to a target already; some of the others may be
    /// written then, so the caller undoes what it did.
    pub fn put_links(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        links: &[Link],
    ) -> Result<Vec<Link>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.forget_links((tenant_no, job_no), links.iter().map(|link| link.source));
        let rows = links.iter().map(|link| {
            [
                blob(link.source.as_bytes()),
                blob(link.target.as_bytes()),
                int(link.kind as u8),
                int(link.state as u8),
                int(link.since.0),
                int(link.matching),
                flag(link.was_released),
            ]
        });
        // Nearly all are new, and then there is nothing to look for.
        let inserted = self.connection.execute_each(
            "INSERT INTO link (tenant_no, job_no, source, target, kind, state, since, matching, was_released) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
            &[int(tenant_no), int(job_no)],
            rows.clone(),
        )?;
        if inserted == links.len() as u64 {
            return Ok(Vec::new());
        }
        // Asked, not tried: a refused statement would end the whole transaction on PostgreSQL. Two
        // links of one page never name one target; should they, the unique index ends the page.
        let targets: Vec<ObjectId> = links.iter().map(|link| link.target).collect();
        let holders = self.links_to(tenant, job, &targets)?;
        let moving: HashSet<ObjectId> = links.iter().map(|link| link.source).collect();
        let mut made_room = Vec::new();
        for (link, holder) in links.iter().zip(holders) {
            let Some(holder) = holder.filter(|it| it.source != link.source) else {
                continue;
            };
            if holder.matching < link.matching {
                made_room.push(holder);
            } else if !moving.contains(&holder.source) {
                return Err(StoreError::Taken);
            }
        }
        if !made_room.is_empty() {
            let sources: Vec<ObjectId> = made_room.iter().map(|it| it.source).collect();
            self.delete_links(tenant, job, &sources)?;
        }
        self.connection.execute_each(
            "INSERT INTO link (tenant_no, job_no, source, target, kind, state, since, matching, was_released) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (tenant_no, job_no, source) DO UPDATE SET target = excluded.target, state = excluded.state, since = excluded.since, matching = excluded.matching, was_released = excluded.was_released",
            &[int(tenant_no), int(job_no)],
            rows,
        )?;
        made_room.retain(|it| !moving.contains(&it.source));
        Ok(made_room)
    }

    /// Removes the links of these source objects.
    pub fn delete_links(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
    ) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.forget_links((tenant_no, job_no), sources.iter().copied());
        self.connection.execute_each(
            "DELETE FROM link WHERE tenant_no = ?1 AND job_no = ?2 AND source = ?3",
            &[int(tenant_no), int(job_no)],
            sources.iter().map(|id| [blob(id.as_bytes())]),
        )?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> Result<Link> {
    Ok(Link {
        source: row.id(0, ObjectId::from_bytes)?,
        target: row.id(1, ObjectId::from_bytes)?,
        kind: row.kind(2)?,
        state: state(row.int(3)?)?,
        since: row.time(4)?,
        matching: row.number(5)?,
        was_released: row.flag(6)?,
    })
}

fn state(number: i64) -> Result<LinkState> {
    Ok(match number {
        0 => LinkState::Live,
        1 => LinkState::SoftDeleted,
        2 => LinkState::Released,
        _ => return Err(StoreError::Damaged("link")),
    })
}
