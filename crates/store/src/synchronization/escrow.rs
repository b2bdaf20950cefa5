//! Objects that failed and wait for another try.

use syncline_model::policy::PolicyRefusal;
use syncline_model::{EntityKind, JobId, ObjectId, TenantId, Timestamp};

use super::waking::{LOOK_UPS, Waiting};
use crate::driver::{Row, blob, int, optional_blob, text};
use crate::{Reader, Result, Tx};

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
    /// The source object that has what it wants, and may let go of it. Nobody's in rows that were written before they
    /// said it: see [`Reader::escrows_that_do_not_say`].
    pub waits_for: Option<ObjectId>,
}

impl Escrow {
    /// The next attempt of what is not tried again by itself.
    pub const NEVER: Timestamp = Timestamp(i64::MAX);

    /// Whether it failed for so long that it is not tried again by itself. What waits until the target lets its kind in
    /// always is: earlier versions gave it up.
    pub fn is_given_up(&self) -> bool {
        self.next_attempt == Self::NEVER && !self.awaits_consent()
    }

    /// Whether it waits until the target lets its kind in: then each cycle tries it, whatever its next attempt says.
    pub fn awaits_consent(&self) -> bool {
        self.failure.contains(&code_text(PolicyRefusal::CODE))
    }
}

/// What is in the text of a failure with this code, and in no other text.
fn code_text(code: &str) -> String {
    format!("\"code\":\"{code}\"")
}

/// The same as a pattern.
fn has_code(code: &str) -> String {
    format!("%{}%", code_text(code))
}

/// The same of one whose object waits until the target lets its kind in.
fn awaits_consent() -> String {
    has_code(PolicyRefusal::CODE)
}

const COLUMNS: &str = "source, kind, first_failed, attempts, next_attempt, failure, waits_for";

/// For whom a row waits that was written before rows said it, and may wait for somebody.
const NOT_SAID: &[u8] = &[0];

impl Reader<'_> {
    /// The escrow rows of these source objects, in the order asked.
    pub fn escrows_for(
        &self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
    ) -> Result<Vec<Option<Escrow>>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.find_each(
            &format!(
                "SELECT {COLUMNS} FROM escrow WHERE tenant_no = ?1 AND job_no = ?2 AND source = ?3"
            ),
            &[int(tenant_no), int(job_no)],
            sources.iter().map(|id| [blob(id.as_bytes())]),
            read,
        )
    }

    /// Up to `limit` escrowed objects that are due at `now`, by source id after `after`. What waits until the target
    /// lets its kind in always is: earlier versions gave it up. So is what waits for later than `latest`: nothing is tried
    /// so late, and the clock was wrong by which that was noted.
    pub fn due_escrows(
        &self,
        tenant: TenantId,
        job: &JobId,
        now: Timestamp,
        latest: Timestamp,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<Escrow>> {
        let never = Escrow::NEVER.0;
        let consent = awaits_consent();
        let condition = format!(
            " AND (next_attempt <= ?5 OR (next_attempt > {} AND next_attempt < {never}) OR (next_attempt = {never} AND failure LIKE '{consent}'))",
            latest.0
        );
        self.escrows_at(&condition, tenant, job, Some(now), after, limit)
    }

    /// A page of all escrowed objects by source id after `after`, those that were given up among them.
    pub fn escrows(
        &self,
        tenant: TenantId,
        job: &JobId,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<Escrow>> {
        self.escrows_at("", tenant, job, None, after, limit)
    }

    /// Up to `limit` escrowed objects that failed for the first time at `since` or later, or whose next attempt stands
    /// there, by source id after `after`.
    pub fn escrows_since(
        &self,
        tenant: TenantId,
        job: &JobId,
        since: Timestamp,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<Escrow>> {
        let never = Escrow::NEVER.0;
        let condition =
            format!(" AND (first_failed >= ?5 OR (next_attempt >= ?5 AND next_attempt < {never}))");
        self.escrows_at(&condition, tenant, job, Some(since), after, limit)
    }

    /// Up to `limit` escrowed objects whose failure has this code, by source id after `after`, of those whose rows were
    /// written before they said whom they wait for. They become fewer with each try.
    pub fn escrows_that_do_not_say(
        &self,
        tenant: TenantId,
        job: &JobId,
        code: &str,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<Escrow>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        self.connection.query(
            &format!("SELECT {COLUMNS} FROM escrow WHERE tenant_no = ?1 AND job_no = ?2 AND waits_for = ?3 AND source > ?4 AND failure LIKE ?5 ORDER BY source LIMIT ?6"),
            &[
                int(tenant_no),
                int(job_no),
                blob(NOT_SAID),
                blob(&after),
                text(&has_code(code)),
                int(limit),
            ],
            read,
        )
    }

    /// A page of all, or of those whose times fulfil a condition, in which `?5` is `at`.
    fn escrows_at(
        &self,
        condition: &str,
        tenant: TenantId,
        job: &JobId,
        at: Option<Timestamp>,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<Escrow>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let mut params = vec![int(tenant_no), int(job_no), blob(&after), int(limit)];
        params.extend(at.map(|at| int(at.0)));
        self.connection.query(
            &format!("SELECT {COLUMNS} FROM escrow WHERE tenant_no = ?1 AND job_no = ?2 AND source > ?3{condition} ORDER BY source LIMIT ?4"),
            &params,
            read,
        )
    }

    /// Whether any object of a job is escrowed, given up or not. Looks at one, where counting goes through all.
    pub fn any_escrow(&self, tenant: TenantId, job: &JobId) -> Result<bool> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let found = self.connection.first(
            "SELECT 1 FROM escrow WHERE tenant_no = ?1 AND job_no = ?2 LIMIT 1",
            &[int(tenant_no), int(job_no)],
            |_| Ok(()),
        )?;
        Ok(found.is_some())
    }

    /// How many objects of a job are escrowed, those that were given up among them.
    pub fn count_escrows(&self, tenant: TenantId, job: &JobId) -> Result<u64> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.count(
            "SELECT COUNT(*) FROM escrow WHERE tenant_no = ?1 AND job_no = ?2",
            &[int(tenant_no), int(job_no)],
        )
    }

    /// How many of them are tried again by themselves, but for those that wait until the target lets their kind in.
    pub fn count_escrows_to_try(&self, tenant: TenantId, job: &JobId) -> Result<u64> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.count(
            "SELECT COUNT(*) FROM escrow WHERE tenant_no = ?1 AND job_no = ?2 AND next_attempt < ?3 AND failure NOT LIKE ?4",
            &[
                int(tenant_no),
                int(job_no),
                int(Escrow::NEVER.0),
                text(&awaits_consent()),
            ],
        )
    }

    /// How many of all have no live link, but for those that wait until the target lets their kind in.
    pub fn count_unlinked_escrows(&self, tenant: TenantId, job: &JobId) -> Result<u64> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.count(
            "SELECT COUNT(*) FROM escrow WHERE tenant_no = ?1 AND job_no = ?2 AND NOT EXISTS (SELECT 1 FROM link WHERE link.tenant_no = ?1 AND link.job_no = ?2 AND link.source = escrow.source AND link.state = 0) AND failure NOT LIKE ?3",
            &[int(tenant_no), int(job_no), text(&awaits_consent())],
        )
    }

    /// How many of them were given up ([`Escrow::is_given_up`]).
    pub fn count_given_up(&self, tenant: TenantId, job: &JobId) -> Result<u64> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.count(
            "SELECT COUNT(*) FROM escrow WHERE tenant_no = ?1 AND job_no = ?2 AND next_attempt = ?3 AND failure NOT LIKE ?4",
            &[
                int(tenant_no),
                int(job_no),
                int(Escrow::NEVER.0),
                text(&awaits_consent()),
            ],
        )
    }
}

impl Tx<'_> {
    /// Writes escrow rows, replacing those of the same source.
    pub fn put_escrows(&mut self, tenant: TenantId, job: &JobId, rows: &[Escrow]) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.note_job_with(tenant_no, Waiting::Escrows, job_no);
        self.connection.execute_each(
            "INSERT INTO escrow (tenant_no, job_no, source, kind, first_failed, attempts, next_attempt, failure, waits_for) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (tenant_no, job_no, source) DO UPDATE SET first_failed = excluded.first_failed, attempts = excluded.attempts, next_attempt = excluded.next_attempt, failure = excluded.failure, waits_for = excluded.waits_for",
            &[int(tenant_no), int(job_no)],
            rows.iter().map(|row| {
                [
                    blob(row.source.as_bytes()),
                    int(row.kind as u8),
                    int(row.first_failed.0),
                    int(row.attempts),
                    int(row.next_attempt.0),
                    text(&row.failure),
                    optional_blob(row.waits_for.as_ref().map(|id| &id.as_bytes()[..])),
                ]
            }),
        )?;
        Ok(())
    }

    /// Removes the escrow rows of these source objects. What the target refused of theirs is ready again: nobody else
    /// would look at it.
    pub fn delete_escrows(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
    ) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.execute_each(
            "DELETE FROM escrow WHERE tenant_no = ?1 AND job_no = ?2 AND source = ?3",
            &[int(tenant_no), int(job_no)],
            sources.iter().map(|id| [blob(id.as_bytes())]),
        )?;
        self.wake_refused_of(tenant, job, sources)
    }

    /// Makes the next `limit` escrowed objects behind `after` due now, as if they had failed for the first time
    /// (restart with scope `Escrows`). Returns where to go on, if there are more.
    pub fn reset_escrows(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        now: Timestamp,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Option<ObjectId>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let next = self.connection.first(
            "SELECT source FROM escrow WHERE tenant_no = ?1 AND job_no = ?2 AND source > ?3 ORDER BY source LIMIT 1 OFFSET ?4",
            &[
                int(tenant_no),
                int(job_no),
                blob(&after),
                int(limit.max(1) - 1),
            ],
            |row| row.id(0, ObjectId::from_bytes),
        )?;
        let last = next.map_or([0xff; 16], |id| *id.as_bytes());
        self.connection.execute(
            "UPDATE escrow SET first_failed = ?3, attempts = 0, next_attempt = ?3 WHERE tenant_no = ?1 AND job_no = ?2 AND source > ?4 AND source <= ?5",
            &[
                int(tenant_no),
                int(job_no),
                int(now.0),
                blob(&after),
                blob(&last),
            ],
        )?;
        Ok(next)
    }

    /// Makes these source objects due now where the job has them escrowed. Whoever was given up counts from now on: by the
    /// times of before, one more failure would give him up again.
    pub fn wake_escrows(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
        now: Timestamp,
    ) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.wake_escrows_by("source", tenant_no, &[job_no], sources, now)
    }

    /// The same of all that the job has escrowed and that wait for one of these source objects.
    pub fn wake_escrows_waiting_for(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        let_go: &[ObjectId],
        now: Timestamp,
    ) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.wake_escrows_by("waits_for", tenant_no, &[job_no], let_go, now)
    }

    /// The same where another job of the tenant has them escrowed: of as many as a transaction may. The others are noted
    /// ([`Tx::wake_noted`]).
    pub fn wake_escrows_of_other_jobs(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
        now: Timestamp,
    ) -> Result<()> {
        let (_, job_no) = self.job_key(tenant, job)?;
        self.wake_in_others(Waiting::Escrows, tenant, job_no, sources, now)
    }

    /// Looks for each of these objects in each of these jobs: the caller bounds how often that is.
    pub(super) fn wake_escrows_of(
        &mut self,
        tenant_no: i64,
        job_nos: &[i64],
        sources: &[ObjectId],
        now: Timestamp,
    ) -> Result<()> {
        self.wake_escrows_by("source", tenant_no, job_nos, sources, now)
    }

    fn wake_escrows_by(
        &mut self,
        column: &str,
        tenant_no: i64,
        job_nos: &[i64],
        ids: &[ObjectId],
        now: Timestamp,
    ) -> Result<()> {
        let never = Escrow::NEVER.0;
        for job_nos in job_nos.chunks(1 + LOOK_UPS / (1 + ids.len())) {
            let asked: Vec<_> = job_nos
                .iter()
                .flat_map(|job_no| ids.iter().map(|id| [int(*job_no), blob(id.as_bytes())]))
                .collect();
            self.connection.execute_each(
                &format!("UPDATE escrow SET first_failed = CASE WHEN next_attempt = {never} THEN ?2 ELSE first_failed END, attempts = CASE WHEN next_attempt = {never} THEN 0 ELSE attempts END, next_attempt = ?2 WHERE tenant_no = ?1 AND job_no = ?3 AND {column} = ?4 AND next_attempt > ?2"),
                &[int(tenant_no), int(now.0)],
                asked.into_iter(),
            )?;
        }
        Ok(())
    }
}

fn read(row: &Row<'_>) -> Result<Escrow> {
    Ok(Escrow {
        source: row.id(0, ObjectId::from_bytes)?,
        kind: row.kind(1)?,
        first_failed: row.time(2)?,
        attempts: row.number(3)?,
        next_attempt: row.time(4)?,
        failure: row.text(5)?.into_owned(),
        waits_for: match row.optional_blob(6)? {
            None | Some(NOT_SAID) => None,
            Some(_) => Some(row.id(6, ObjectId::from_bytes)?),
        },
    })
}
