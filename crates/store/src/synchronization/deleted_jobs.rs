//! What deleted jobs leave. A job may have linked millions: it is gone at once, and its rows go little by little.

use std::collections::BTreeSet;

use syncline_model::{JobId, ObjectId, TenantId, Timestamp};

use super::log_facts::PastFacts;
use super::memberships_due::MembershipsDue;
use super::waking::{LOOK_UPS, Waiting};
use crate::driver::{blob, int, text};
use crate::{Document as _, Reader, Result, Tx};

/// `job.deleted` of a job of which only its name is left, for the log.
const TOMBSTONE: i64 = 1;
/// The same while it has rows in other tables.
pub(crate) const LEAVING: i64 = 2;

/// What a job has beside its links, and by what its rows are told apart.
const TABLES: [(&str, &str); 6] = [
    ("staged", "source"),
    ("escrow", "source"),
    ("evaluated", "source"),
    ("membership_due", "source"),
    ("ready_reference", "waits_for"),
    ("waiting_reference", "waits_for, source, attr"),
];

/// Jobs of which only a name is left that no log needs any more.
const NAMES: &str = "FROM job WHERE tenant_no = ?1 AND deleted = ?2 AND NOT EXISTS (SELECT 1 FROM provisioning_log WHERE provisioning_log.tenant_no = job.tenant_no AND provisioning_log.job_no = job.job_no)";

/// What a slice of what deleted jobs have left did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SweptJobs {
    /// Rows; of a job that was emptied one more.
    pub removed: usize,
    /// Whether there may be more to remove.
    pub more: bool,
}

impl Reader<'_> {
    /// Whether deleted jobs of this tenant have left anything that can go now: the name of one can not before the
    /// last entry of its log.
    pub fn has_left_jobs(&self, tenant: TenantId) -> Result<bool> {
        let tenant_no = self.tenant_no(tenant)?;
        if !self.leaving_jobs(tenant_no, 1)?.is_empty() {
            return Ok(true);
        }
        let found = self.connection.first(
            &format!("SELECT 1 {NAMES} LIMIT 1"),
            &[int(tenant_no), int(TOMBSTONE)],
            |_| Ok(()),
        )?;
        Ok(found.is_some())
    }

    /// The numbers of all jobs of a tenant that have, or had, this id, oldest first.
    ///
    /// A deleted job's name stands in no index: a tenant has few jobs, and those that were deleted are gone with their logs.
    pub(super) fn jobs_named(&self, tenant_no: i64, id: &JobId) -> Result<Vec<i64>> {
        let names = self.job_names(tenant_no)?.into_iter();
        let mut found: Vec<i64> = names
            .filter(|(_, name)| name == id)
            .map(|(job_no, _)| job_no)
            .collect();
        found.sort_unstable();
        Ok(found)
    }

    fn job_names(&self, tenant_no: i64) -> Result<Vec<(i64, JobId)>> {
        self.connection.query(
            "SELECT job_no, id FROM job WHERE tenant_no = ?1",
            &[int(tenant_no)],
            |row| Ok((row.int(0)?, JobId(row.text(1)?.into_owned()))),
        )
    }

    fn leaving_jobs(&self, tenant_no: i64, limit: usize) -> Result<Vec<i64>> {
        self.connection.query(
            "SELECT job_no FROM job WHERE tenant_no = ?1 AND deleted = ?2 LIMIT ?3",
            &[int(tenant_no), int(LEAVING), int(limit)],
            |row| row.int(0),
        )
    }
}

impl Tx<'_> {
    /// Removes up to `limit` rows of jobs of this tenant that were deleted, with about as many statements at most:
    /// whoever makes and deletes jobs without end holds nobody up for longer. Whom one of them kept in step is due `now`
    /// where other jobs of the tenant failed for it. The name of one goes with the last entry of its log.
    pub fn sweep_deleted_jobs(
        &mut self,
        tenant: TenantId,
        limit: usize,
        now: Timestamp,
    ) -> Result<SweptJobs> {
        let tenant_no = self.tenant_no(tenant)?;
        // A job takes a statement for each table, the links among them, however little it has left.
        let most = (limit / (2 + TABLES.len())).max(1);
        let jobs = self.leaving_jobs(tenant_no, most + 1)?;
        let mut removed = 0;
        let failing = self.jobs_with(tenant_no, Waiting::Escrows)?;
        // Whoever makes many jobs that fail holds nobody up for longer, either.
        let waiting = self.jobs_with(tenant_no, Waiting::Memberships)?;
        let mut links_left = (LOOK_UPS / (1 + failing.len() + waiting.len())).max(1);
        for job_no in jobs.iter().take(most) {
            for (table, key) in TABLES {
                let room = limit.saturating_sub(removed);
                if room == 0 {
                    return Ok(SweptJobs {
                        removed,
                        more: true,
                    });
                }
                let rows = self.connection.execute(
                    &format!("DELETE FROM {table} WHERE tenant_no = ?1 AND job_no = ?2 AND ({key}) IN (SELECT {key} FROM {table} WHERE tenant_no = ?1 AND job_no = ?2 LIMIT ?3)"),
                    &[int(tenant_no), int(*job_no), int(room)],
                )?;
                removed += usize::try_from(rows).unwrap_or(usize::MAX);
            }
            let room = limit.saturating_sub(removed).min(links_left);
            let others = (failing.as_slice(), waiting.as_slice());
            let links = self.sweep_links((tenant_no, *job_no), others, room, now)?;
            removed += links;
            links_left -= links;
            if removed >= limit || links_left == 0 {
                return Ok(SweptJobs {
                    removed,
                    more: true,
                });
            }
            self.connection.execute(
                "UPDATE job SET deleted = ?1 WHERE tenant_no = ?2 AND job_no = ?3",
                &[int(TOMBSTONE), int(tenant_no), int(*job_no)],
            )?;
            removed += 1;
        }
        removed += self.sweep_names(tenant, limit - removed)?;
        Ok(SweptJobs {
            removed,
            more: removed >= limit || jobs.len() > most,
        })
    }

    /// Removes up to so many links of a deleted job, and says how many. Those that are `failing` may have failed for want
    /// of what they held until now, and those `waiting` may have memberships that wait for their end.
    fn sweep_links(
        &mut self,
        (tenant_no, job_no): (i64, i64),
        (failing, waiting): (&[i64], &[i64]),
        limit: usize,
        now: Timestamp,
    ) -> Result<usize> {
        let links: Vec<(ObjectId, bool)> = self.connection.query(
            "SELECT source, state FROM link WHERE tenant_no = ?1 AND job_no = ?2 ORDER BY source LIMIT ?3",
            &[int(tenant_no), int(job_no), int(limit)],
            |row| Ok((row.id(0, ObjectId::from_bytes)?, row.int(1)? == 0)),
        )?;
        let Some((last, _)) = links.last() else {
            return Ok(0);
        };
        self.connection.execute(
            "DELETE FROM link WHERE tenant_no = ?1 AND job_no = ?2 AND source <= ?3",
            &[int(tenant_no), int(job_no), blob(last.as_bytes())],
        )?;
        // And what it held nobody holds any more.
        let all: Vec<ObjectId> = links.iter().map(|(source, _)| *source).collect();
        self.wake_held_memberships_of(tenant_no, waiting, &all, MembershipsDue::AT_ONCE)?;
        let live = links.iter().filter(|(_, is_live)| *is_live);
        let live: Vec<ObjectId> = live.map(|(source, _)| *source).collect();
        self.wake_escrows_of(tenant_no, failing, &live, now)?;
        Ok(links.len())
    }

    /// Removes up to so many names that no log needs any more, and what was noted for the logs of those who had them, unless
    /// another job has it.
    fn sweep_names(&mut self, tenant: TenantId, limit: usize) -> Result<usize> {
        let tenant_no = self.tenant_no(tenant)?;
        let gone: Vec<(i64, JobId)> = self.connection.query(
            &format!("SELECT job_no, id {NAMES} LIMIT ?3"),
            &[int(tenant_no), int(TOMBSTONE), int(limit)],
            |row| Ok((row.int(0)?, JobId(row.text(1)?.into_owned()))),
        )?;
        if gone.is_empty() {
            return Ok(0);
        }
        self.connection.execute_each(
            "DELETE FROM job WHERE tenant_no = ?1 AND deleted = ?2 AND job_no = ?3",
            &[int(tenant_no), int(TOMBSTONE)],
            gone.iter().map(|(job_no, _)| [int(*job_no)]),
        )?;
        let left: BTreeSet<JobId> = self
            .job_names(tenant_no)?
            .into_iter()
            .map(|(_, name)| name)
            .collect();
        self.connection.execute_each(
            "DELETE FROM document WHERE tenant_no = ?1 AND kind = ?2 AND key = ?3",
            &[int(tenant_no), text(PastFacts::KIND)],
            gone.iter()
                .filter(|(_, name)| !left.contains(name))
                .map(|(_, name)| [text(name.as_str())])
                .collect::<Vec<_>>()
                .into_iter(),
        )?;
        Ok(gone.len())
    }
}
