//! Leases: which node works on a job, or on a part of the full read of its cycle.
//!
//! A lease has an owner, an end and a generation that grows with every owner. Whoever works under a
//! lease confirms it in the transaction of every page; a node that was stopped or cut off and comes
//! back finds a newer generation and is refused before it writes.

use syncline_model::{JobId, TenantId, Timestamp};
use uuid::Uuid;

use crate::driver::{Row, blob, flag, int, text};
use crate::{Durability, Reader, Result, Store, Tx};

/// A node of a shared database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub Uuid);

impl NodeId {
    /// Nobody.
    pub const NIL: Self = Self(Uuid::nil());

    fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }
}

/// The right of one node to work on something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// 0: the job itself; from 1: a part of a full read.
    pub part: u32,
    pub owner: NodeId,
    pub generation: u64,
    pub until: Timestamp,
}

/// A part of the full read of a cycle in progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub lease: Lease,
    /// Where to go on, as the source wrote it; empty: at the start.
    pub cursor: String,
    /// Where it ends, inclusive; empty: where the source ends.
    pub last: String,
    pub done: bool,
}

/// The number of the lease of a job itself.
const JOB: u32 = 0;

/// The time of a shared database: in ticks of 100 ns since 1970.
macro_rules! now {
    () => {
        "CAST(FLOOR(EXTRACT(EPOCH FROM CLOCK_TIMESTAMP()) * 10000000) AS bigint)"
    };
}

/// So long after a lease has ended, whatever was written under it is on the disk of the server, which waits for a
/// second or a few before it writes what was committed with less care; or was lost when the server broke down, and
/// told to nobody since. Ten minutes: a transaction that was begun under the lease may have ended after it.
const ON_THE_DISK_TICKS: i64 = 600 * 10_000_000;

const COLUMNS: &str = "part, owner, generation, until, cursor, last, done";

impl Reader<'_> {
    /// The time that leases are measured by: the shared database's, so that nodes whose clocks
    /// differ agree; `own` where there is only one process.
    pub fn lease_time(&self, own: Timestamp) -> Result<Timestamp> {
        if !self.is_shared() {
            return Ok(own);
        }
        let now = self
            .connection
            .first(concat!("SELECT ", now!()), &[], |row| row.time(0))?;
        Ok(now.unwrap_or(own))
    }

    /// Whether there may be other nodes, so that work must be leased before it is done.
    pub fn lease_is_needed(&self) -> bool {
        self.is_shared()
    }

    /// The lease of a job itself, free or not.
    pub fn job_lease(&self, tenant: TenantId, job: &JobId) -> Result<Option<Lease>> {
        Ok(self.part(tenant, job, JOB)?.map(|part| part.lease))
    }

    /// All parts of the full read in progress, in order.
    pub fn parts(&self, tenant: TenantId, job: &JobId) -> Result<Vec<Part>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.query(
            &format!("SELECT {COLUMNS} FROM lease WHERE tenant_no = ?1 AND job_no = ?2 AND part > 0 ORDER BY part"),
            &[int(tenant_no), int(job_no)],
            read,
        )
    }

    /// One part.
    pub fn part(&self, tenant: TenantId, job: &JobId, part: u32) -> Result<Option<Part>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.first(
            &format!(
                "SELECT {COLUMNS} FROM lease WHERE tenant_no = ?1 AND job_no = ?2 AND part = ?3"
            ),
            &[int(tenant_no), int(job_no), int(part)],
            read,
        )
    }

    /// Whether this lease is still the newest.
    pub fn holds(&self, tenant: TenantId, job: &JobId, lease: &Lease) -> Result<bool> {
        let found = self.part(tenant, job, lease.part)?;
        Ok(found.is_some_and(|it| {
            it.lease.owner == lease.owner && it.lease.generation == lease.generation
        }))
    }
}

impl Reader<'_> {
    /// Until when somebody works under a lease that has not ended, unless that is moved or given back: a server, or a
    /// command that runs a cycle by itself. By the time of [`Self::lease_time`].
    pub fn leased_until(&self, own: Timestamp) -> Result<Option<Timestamp>> {
        let now = self.lease_time(own)?;
        self.connection.first(
            "SELECT until FROM lease WHERE owner <> ?1 AND until > ?2 ORDER BY until DESC LIMIT 1",
            &[blob(NodeId::NIL.0.as_bytes()), int(now.0)],
            |row| row.time(0),
        )
    }

    /// Whether anybody holds a lease of a shared database, or held one and died not long ago.
    pub(crate) fn any_lease_is_held(&self) -> Result<bool> {
        let held = self.connection.first(
            concat!(
                "SELECT part FROM lease WHERE owner <> ?1 AND until > ",
                now!(),
                " - ?2 LIMIT 1"
            ),
            &[blob(NodeId::NIL.0.as_bytes()), int(ON_THE_DISK_TICKS)],
            |row| row.int(0),
        )?;
        Ok(held.is_some())
    }
}

impl Tx<'_> {
    /// Takes the lease of a job, unless another node holds it and its time has not passed at `now`.
    pub fn lease_job(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        owner: NodeId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.execute(
            "INSERT INTO lease (tenant_no, job_no, part, owner, generation, until, cursor, last, done) VALUES (?1, ?2, 0, ?3, 0, 0, '', '', 0) ON CONFLICT DO NOTHING",
            &[int(tenant_no), int(job_no), blob(NodeId::NIL.0.as_bytes())],
        )?;
        self.lease(tenant, job, JOB, owner, now, until)
    }

    /// Takes the first part that is neither done nor held by another node.
    pub fn lease_part(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        owner: NodeId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Part>> {
        for part in self.parts(tenant, job)? {
            if part.done {
                continue;
            }
            if let Some(lease) = self.lease(tenant, job, part.lease.part, owner, now, until)? {
                return Ok(Some(Part { lease, ..part }));
            }
        }
        Ok(None)
    }

    fn lease(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        part: u32,
        owner: NodeId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.first(
            &format!("UPDATE lease SET owner = ?4, generation = generation + 1, until = ?6 WHERE tenant_no = ?1 AND job_no = ?2 AND part = ?3 AND (owner = ?4 OR until <= ?5) RETURNING {COLUMNS}"),
            &[
                int(tenant_no),
                int(job_no),
                int(part),
                blob(owner.0.as_bytes()),
                int(now.0),
                int(until.0),
            ],
            |row| Ok(read(row)?.lease),
        )
    }

    /// Confirms a lease and moves its end; false when it has another owner by now.
    pub fn keep_lease(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        lease: &Lease,
        until: Timestamp,
    ) -> Result<bool> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let kept = self.connection.execute(
            "UPDATE lease SET until = ?6 WHERE tenant_no = ?1 AND job_no = ?2 AND part = ?3 AND owner = ?4 AND generation = ?5",
            &[
                int(tenant_no),
                int(job_no),
                int(lease.part),
                blob(lease.owner.0.as_bytes()),
                int(lease.generation),
                int(until.0),
            ],
        )?;
        Ok(kept == 1)
    }

    /// See [`Store::renew_lease`].
    fn renew_lease(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        lease: &Lease,
        seconds: u32,
    ) -> Result<bool> {
        // Not as other verbs do it, which lock the tenant: its page may be at work for long.
        let numbers = self.connection.first(
            "SELECT tenant.tenant_no, job.job_no FROM tenant JOIN job ON job.tenant_no = tenant.tenant_no WHERE tenant.id = ?1 AND job.id = ?2 AND job.deleted = 0",
            &[blob(tenant.as_bytes()), text(job.as_str())],
            |row| Ok((row.int(0)?, row.int(1)?)),
        )?;
        let Some((tenant_no, job_no)) = numbers else {
            return Ok(false);
        };
        let ours = [
            int(tenant_no),
            int(job_no),
            int(lease.part),
            blob(lease.owner.0.as_bytes()),
            int(lease.generation),
        ];
        let found = self.connection.first(
            "SELECT part FROM lease WHERE tenant_no = ?1 AND job_no = ?2 AND part = ?3 AND owner = ?4 AND generation = ?5 FOR UPDATE SKIP LOCKED",
            &ours,
            |_| Ok(()),
        )?;
        if found.is_none() {
            return Ok(false);
        }
        // From here on nobody replaces the database or this table; has anybody before?
        self.refuse_replaced()?;
        let until = self
            .lease_time(lease.until)?
            .plus_seconds(i64::from(seconds));
        let [tenant_no, job_no, part, owner, generation] = ours;
        let kept = self.connection.execute(
            "UPDATE lease SET until = GREATEST(until, ?6) WHERE tenant_no = ?1 AND job_no = ?2 AND part = ?3 AND owner = ?4 AND generation = ?5",
            &[tenant_no, job_no, part, owner, generation, int(until.0)],
        )?;
        Ok(kept == 1)
    }

    /// Gives a lease back; nothing happens when it has another owner by now.
    pub fn release_lease(&mut self, tenant: TenantId, job: &JobId, lease: &Lease) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.execute(
            "UPDATE lease SET owner = ?6, until = 0 WHERE tenant_no = ?1 AND job_no = ?2 AND part = ?3 AND owner = ?4 AND generation = ?5",
            &[
                int(tenant_no),
                int(job_no),
                int(lease.part),
                blob(lease.owner.0.as_bytes()),
                int(lease.generation),
                blob(NodeId::NIL.0.as_bytes()),
            ],
        )?;
        Ok(())
    }

    /// Gives back every lease of every tenant, with how far the parts have come: those who hold them worked on the database
    /// that a backup was made of.
    pub fn release_every_lease(&mut self) -> Result<()> {
        self.connection.execute(
            "UPDATE lease SET owner = ?1, until = 0 WHERE owner <> ?1",
            &[blob(NodeId::NIL.0.as_bytes())],
        )?;
        Ok(())
    }

    /// Cuts the full read of the cycle in progress into parts `(cursor, last)`, in place of those
    /// of an earlier one.
    pub fn put_parts(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        parts: &[(String, String)],
    ) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.execute(
            "DELETE FROM lease WHERE tenant_no = ?1 AND job_no = ?2 AND part > 0",
            &[int(tenant_no), int(job_no)],
        )?;
        self.connection.execute_each(
            "INSERT INTO lease (tenant_no, job_no, owner, part, cursor, last, generation, until, done) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, 0)",
            &[int(tenant_no), int(job_no), blob(NodeId::NIL.0.as_bytes())],
            parts
                .iter()
                .enumerate()
                .map(|(at, (cursor, last))| [int(at + 1), text(cursor), text(last)]),
        )?;
        Ok(())
    }

    /// Notes where a part goes on, or that it is done.
    pub fn advance_part(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        part: u32,
        cursor: &str,
        done: bool,
    ) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.execute(
            "UPDATE lease SET cursor = ?4, done = ?5 WHERE tenant_no = ?1 AND job_no = ?2 AND part = ?3",
            &[
                int(tenant_no),
                int(job_no),
                int(part),
                text(cursor),
                flag(done),
            ],
        )?;
        Ok(())
    }
}

impl Store {
    /// Moves the end of a lease of a shared database to so many seconds from now, if it does not end later. Locks no tenant,
    /// and waits for nobody: false when the lease has another owner by now, and also while a transaction of its own
    /// owner, or of whoever takes it, is at it. Where there is no other process, nothing is to be kept.
    pub fn renew_lease(
        &self,
        tenant: TenantId,
        job: &JobId,
        lease: &Lease,
        seconds: u32,
    ) -> Result<bool> {
        if !self.is_shared() {
            return Ok(false);
        }
        self.write_with(Durability::Relaxed, |tx| {
            tx.renew_lease(tenant, job, lease, seconds)
        })
    }
}

fn read(row: &Row<'_>) -> Result<Part> {
    Ok(Part {
        lease: Lease {
            part: row.number(0)?,
            owner: row.id(1, NodeId::from_bytes)?,
            generation: row.number(2)?,
            until: row.time(3)?,
        },
        cursor: row.text(4)?.into_owned(),
        last: row.text(5)?.into_owned(),
        done: row.flag(6)?,
    })
}
