//! Waking what waits in other jobs for what one of them lets go of. Each object is looked for in each of these jobs, and a
//! tenant may have many: what is too much for one transaction is noted, and woken a slice at a time.

use serde::{Deserialize, Serialize};
use syncline_model::{ObjectId, TenantId, Timestamp};

use super::memberships_due::MembershipsDue;
use crate::driver::{int, text};
use crate::{Document, Reader, Result, Tx};

/// So many times jobs are asked together whether something of an object waits there.
pub(super) const LOOK_UPS: usize = 20_000;

/// What waits for what another job may let go of, each in a table of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Waiting {
    /// Who failed because the job had it.
    Escrows,
    /// Whose memberships wait for the end of a removal, or for anything else.
    Memberships,
}

impl Waiting {
    fn table(self) -> &'static str {
        match self {
            Self::Escrows => "escrow",
            Self::Memberships => "membership_due",
        }
    }
}

/// Objects that are still to be looked for in the other jobs of a tenant. Key: what waits, the job that let go of them, and
/// the first of them.
#[derive(Serialize, Deserialize)]
struct ToWake {
    waiting: Waiting,
    /// Which let go of them: of its own rows none is woken by it. One that gets its number later has none that waited then.
    job_no: i64,
    sources: Vec<ObjectId>,
}

impl Document for ToWake {
    const KIND: &'static str = "to_wake";
}

impl Reader<'_> {
    /// The jobs of a tenant in which any of these wait, without those that were deleted. Mostly none: nobody has to be
    /// looked for then. A transaction asks once.
    pub(super) fn jobs_with(&self, tenant_no: i64, waiting: Waiting) -> Result<Vec<i64>> {
        if let Some(known) = self.known_jobs_with(tenant_no, waiting) {
            return Ok(known);
        }
        let table = waiting.table();
        let found = self.connection.query(
            &format!("SELECT job.job_no FROM job WHERE job.tenant_no = ?1 AND job.deleted = 0 AND EXISTS (SELECT 1 FROM {table} WHERE {table}.tenant_no = ?1 AND {table}.job_no = job.job_no)"),
            &[int(tenant_no)],
            |row| row.int(0),
        )?;
        self.note_jobs_with(tenant_no, waiting, &found);
        Ok(found)
    }

    /// Whether [`Tx::wake_noted`] would find any.
    pub fn has_to_wake(&self, tenant: TenantId) -> Result<bool> {
        let tenant_no = self.tenant_no(tenant)?;
        let found = self.connection.first(
            "SELECT 1 FROM document WHERE tenant_no = ?1 AND kind = ?2 LIMIT 1",
            &[int(tenant_no), text(ToWake::KIND)],
            |_| Ok(()),
        )?;
        Ok(found.is_some())
    }
}

impl Tx<'_> {
    /// Wakes a slice of what waits for objects that a job let go of, where they were too many for the transaction that did;
    /// whether there is more.
    pub fn wake_noted(&mut self, tenant: TenantId, now: Timestamp) -> Result<bool> {
        let noted = self.documents_one_by_one::<ToWake>(Some(tenant), "", 1)?;
        for (key, noted) in noted {
            self.delete_document::<ToWake>(Some(tenant), &key)?;
            // One that can not be read is not to be in the way of others.
            if let Some(it) = noted {
                self.wake_in_others(it.waiting, tenant, it.job_no, &it.sources, now)?;
            }
        }
        self.has_to_wake(tenant)
    }

    /// Wakes what waits for these objects in all jobs of the tenant but this one, `now`: as much of it as a transaction
    /// may. The rest is noted.
    pub(super) fn wake_in_others(
        &mut self,
        waiting: Waiting,
        tenant: TenantId,
        job_no: i64,
        sources: &[ObjectId],
        now: Timestamp,
    ) -> Result<()> {
        if sources.is_empty() {
            return Ok(());
        }
        let tenant_no = self.tenant_no(tenant)?;
        let mut others = self.jobs_with(tenant_no, waiting)?;
        others.retain(|other| *other != job_no);
        if others.is_empty() {
            return Ok(());
        }
        let most = (LOOK_UPS / others.len()).max(1);
        let (woken, left) = sources.split_at(most.min(sources.len()));
        match waiting {
            Waiting::Escrows => self.wake_escrows_of(tenant_no, &others, woken, now)?,
            Waiting::Memberships => {
                self.wake_held_memberships_of(tenant_no, &others, woken, MembershipsDue::AT_ONCE)?;
            }
        }
        self.note_to_wake(waiting, tenant, job_no, left)
    }

    fn note_to_wake(
        &mut self,
        waiting: Waiting,
        tenant: TenantId,
        job_no: i64,
        sources: &[ObjectId],
    ) -> Result<()> {
        let Some(first) = sources.first() else {
            return Ok(());
        };
        let key = format!("{}/{job_no}/{first}", waiting.table());
        let mut sources = sources.to_vec();
        // Noted before, and not woken since.
        if let Some(known) = self.document::<ToWake>(Some(tenant), &key)? {
            sources.extend(known.sources);
            sources.sort_unstable();
            sources.dedup();
        }
        let noted = ToWake {
            waiting,
            job_no,
            sources,
        };
        self.put_document(Some(tenant), &key, &noted, None)
    }
}
