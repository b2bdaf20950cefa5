//! Source objects that came into the target and whose memberships a job has still to go through: of a
//! group its members, of anybody the groups that he is in. A walk through a large group goes on from its
//! place, page by page, and after a restart.

use syncline_model::{EntityKind, JobId, ObjectId, TenantId, Timestamp};

use super::waking::Waiting;
use crate::driver::{Row, blob, int};
use crate::{Reader, Result, StoreError, Tx};

/// What a walk through memberships goes through. Numbers are stored: never renumber.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum MembershipStage {
    /// The members that the source has: those missing in the target are added.
    Members = 0,
    /// The members that the target has: those that the source has no more are removed.
    Leavers = 1,
    /// The groups that the object is in: it is added where it is missing.
    Groups = 2,
    /// The groups that it is in in the target: it is removed from those that it is in no more.
    LeftGroups = 3,
}

const COLUMNS: &str = "source, kind, stage, place, not_before, first_failed, again";

/// One object whose memberships are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MembershipsDue {
    pub source: ObjectId,
    pub kind: EntityKind,
    pub stage: MembershipStage,
    /// The last member (or group) gone through.
    pub place: Option<ObjectId>,
    pub not_before: Timestamp,
    /// Since when a membership of it fails, but for the time in which it waited and could not be tried.
    pub first_failed: Option<Timestamp>,
    /// Something failed in this walk: when to go through all of it again. [`MembershipsDue::HELD`] in a walk that is not
    /// begun and put off: also when the removal is over for whose end the rest waits.
    pub again: Option<Timestamp>,
}

impl MembershipsDue {
    /// The time of what waits until a removal is carried out or given up, which wakes it
    /// ([`Tx::wake_held_memberships`]).
    pub const HELD: Timestamp = Timestamp(i64::MAX);

    /// The time of what is due at once. Not 0, which stands for no time.
    pub const AT_ONCE: Timestamp = Timestamp(1);

    /// The whole walk, at once.
    pub fn of(kind: EntityKind, source: ObjectId) -> Self {
        Self {
            source,
            kind,
            stage: match kind {
                EntityKind::Group => MembershipStage::Members,
                _ => MembershipStage::Groups,
            },
            place: None,
            not_before: Timestamp(0),
            first_failed: None,
            again: None,
        }
    }

    /// Whether the end of a removal wakes it.
    pub fn waits_for_removal(&self) -> bool {
        self.not_before == Self::HELD || self.again == Some(Self::HELD)
    }
}

impl Reader<'_> {
    /// Up to `limit` objects whose memberships are due in a cycle that began at `began`, by source id after
    /// `after`. What has failed in this cycle waits for another one. What waits for later than `latest` is due: nothing
    /// is tried so late, and the clock was wrong by which that was noted. But not what waits for the end of a removal.
    pub fn memberships_due(
        &self,
        tenant: TenantId,
        job: &JobId,
        began: Timestamp,
        latest: Timestamp,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<MembershipsDue>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let held = MembershipsDue::HELD.0;
        self.connection.query(
            &format!("SELECT {COLUMNS} FROM membership_due WHERE tenant_no = ?1 AND job_no = ?2 AND source > ?3 AND (not_before < ?4 OR (not_before > ?6 AND not_before < {held})) ORDER BY source LIMIT ?5"),
            &[
                int(tenant_no),
                int(job_no),
                blob(&after),
                int(began.0),
                int(limit),
                int(latest.0),
            ],
            read,
        )
    }

    /// Up to `limit` objects whose memberships wait for the end of a removal, all or some of them, by source id after
    /// `after`.
    pub fn memberships_held(
        &self,
        tenant: TenantId,
        job: &JobId,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<MembershipsDue>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        self.connection.query(
            &format!("SELECT {COLUMNS} FROM membership_due WHERE tenant_no = ?1 AND job_no = ?2 AND source > ?3 AND (not_before = ?4 OR again = ?4) ORDER BY source LIMIT ?5"),
            &[
                int(tenant_no),
                int(job_no),
                blob(&after),
                int(MembershipsDue::HELD.0),
                int(limit),
            ],
            read,
        )
    }

    /// What is due of these source objects, now or later, in the order asked.
    pub fn memberships_due_of(
        &self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
    ) -> Result<Vec<Option<MembershipsDue>>> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.find_each(
            &format!("SELECT {COLUMNS} FROM membership_due WHERE tenant_no = ?1 AND job_no = ?2 AND source = ?3"),
            &[int(tenant_no), int(job_no)],
            sources.iter().map(|id| [blob(id.as_bytes())]),
            read,
        )
    }
}

impl Tx<'_> {
    /// Makes memberships due, replacing what was due of the same source: a walk that was under way begins
    /// anew where `rows` say so.
    pub fn put_memberships_due(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        rows: &[MembershipsDue],
    ) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.note_job_with(tenant_no, Waiting::Memberships, job_no);
        self.connection.execute_each(
            "INSERT INTO membership_due (tenant_no, job_no, source, kind, stage, place, not_before, first_failed, again) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (tenant_no, job_no, source) DO UPDATE SET kind = excluded.kind, stage = excluded.stage, place = excluded.place, not_before = excluded.not_before, first_failed = excluded.first_failed, again = excluded.again",
            &[int(tenant_no), int(job_no)],
            rows.iter().map(|row| {
                [
                    blob(row.source.as_bytes()),
                    int(row.kind as u8),
                    int(row.stage as u8),
                    blob(row.place.as_ref().map_or(&[], |id| &id.as_bytes()[..])),
                    int(row.not_before.0),
                    int(row.first_failed.map_or(0, |at| at.0)),
                    int(row.again.map_or(0, |at| at.0)),
                ]
            }),
        )?;
        Ok(())
    }

    /// Makes due what of these source objects waits for the end of a removal: of this job at `when`, of others of the
    /// tenant at once, as many as a transaction may; the others are noted ([`Tx::wake_noted`]). A walk that is under way
    /// and would wait behind its end is made again then; one that is put off, for what was refused beside, is made now.
    pub fn wake_held_memberships(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
        when: Timestamp,
    ) -> Result<()> {
        if sources.is_empty() {
            return Ok(());
        }
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let with_any = self.jobs_with(tenant_no, Waiting::Memberships)?;
        // Mostly nothing is due: nobody is asked for then.
        if with_any.contains(&job_no) {
            self.wake_held_memberships_of(tenant_no, &[job_no], sources, when)?;
        }
        self.wake_in_others(Waiting::Memberships, tenant, job_no, sources, when)
    }

    /// Looks for each of these objects in each of these jobs: the caller bounds how often that is.
    pub(super) fn wake_held_memberships_of(
        &mut self,
        tenant_no: i64,
        job_nos: &[i64],
        sources: &[ObjectId],
        when: Timestamp,
    ) -> Result<()> {
        let held = MembershipsDue::HELD.0;
        for job_no in job_nos {
            self.connection.execute_each(
                &format!("UPDATE membership_due SET not_before = CASE WHEN (not_before = {held} OR (again = {held} AND not_before > ?3 AND length(place) = 0)) THEN ?3 ELSE not_before END, again = CASE WHEN again = {held} THEN ?3 ELSE again END WHERE tenant_no = ?1 AND job_no = ?2 AND source = ?4 AND (not_before = {held} OR again = {held})"),
                &[int(tenant_no), int(*job_no), int(when.0)],
                sources.iter().map(|id| [blob(id.as_bytes())]),
            )?;
        }
        Ok(())
    }

    /// These source objects' memberships are done.
    pub fn delete_memberships_due(
        &mut self,
        tenant: TenantId,
        job: &JobId,
        sources: &[ObjectId],
    ) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.execute_each(
            "DELETE FROM membership_due WHERE tenant_no = ?1 AND job_no = ?2 AND source = ?3",
            &[int(tenant_no), int(job_no)],
            sources.iter().map(|id| [blob(id.as_bytes())]),
        )?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> Result<MembershipsDue> {
    let place = row.blob(3)?;
    let time = |column| -> Result<Option<Timestamp>> {
        Ok(Some(row.time(column)?).filter(|at| at.0 != 0))
    };
    Ok(MembershipsDue {
        source: row.id(0, ObjectId::from_bytes)?,
        kind: row.kind(1)?,
        stage: match row.int(2)? {
            0 => MembershipStage::Members,
            1 => MembershipStage::Leavers,
            2 => MembershipStage::Groups,
            3 => MembershipStage::LeftGroups,
            _ => return Err(StoreError::Damaged("membership_due")),
        },
        place: if place.is_empty() {
            None
        } else {
            Some(row.id(3, ObjectId::from_bytes)?)
        },
        not_before: row.time(4)?,
        first_failed: time(5)?,
        again: time(6)?,
    })
}
