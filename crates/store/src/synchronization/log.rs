//! The provisioning log: immutable rows, compact; Graph's JSON is rendered when read.

use serde::{Deserialize, Serialize};
use syncline_model::{CycleId, JobId, ObjectId, TenantId, Timestamp};

use crate::driver::{Param, Row, blob, int};
use crate::{Document, Reader, Result, StoreError, Tx};

/// One event. `evidence` is opaque here: the engine encodes and decodes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRow {
    /// Time-ordered.
    pub id: ObjectId,
    pub job: JobId,
    pub cycle: CycleId,
    pub change: ObjectId,
    /// End of the operation.
    pub at: Timestamp,
    pub duration_ms: u32,
    pub evidence: Vec<u8>,
}

/// A page of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogPage {
    /// Those of the times that are asked for.
    pub rows: Vec<LogRow>,
    /// How many events were looked at: those of other times stand among them. Fewer than were asked for at the end of the
    /// log alone.
    pub looked_at: usize,
    /// The last one that was looked at, beyond which the next page begins.
    pub last: Option<ObjectId>,
}

/// What a walk through the log is limited to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Of all jobs that had this id, one after the other. Nobody's: nothing is found.
    pub job: Option<JobId>,
    /// Not before, inclusive.
    pub from: Option<Timestamp>,
    /// Not after, inclusive.
    pub until: Option<Timestamp>,
}

/// An event's id says when it was made, which is before it ends. So those that ended before a moment
/// stand at the beginning of the key, and all that is newer is not walked through to find that it is.
const EXPIRED: &str = "SELECT tenant_no, id FROM provisioning_log WHERE tenant_no = ?1 AND id < ?2 AND at < ?3 ORDER BY id LIMIT ?4";

/// Of events whose ids are of a time to come, that time tells nothing: the clock was set back. They stand behind the first
/// one that was written so, in the order in which one node wrote them, and so those that ended first are found first. What was
/// written while the clock was ahead, whose own time is to come as well, stands among them and is passed over.
const EXPIRED_AHEAD: &str = "SELECT tenant_no, id FROM (SELECT tenant_no, id, at FROM provisioning_log WHERE tenant_no = ?1 AND id >= ?2 AND at < ?5 ORDER BY id LIMIT ?4) AS oldest WHERE at < ?3";

/// How far, in seconds, an event's id may be from its time, unless [`Ahead`] says more: it is made before the event ends,
/// and goes on from the last one when the clock is set back.
pub(super) const A_DAY: i64 = 24 * 60 * 60;

/// How far ids of events of one tenant are ahead of their times at most, where that is more than a day: the clock was
/// set back by so much. Gone with the last of them.
#[derive(PartialEq, Serialize, Deserialize)]
struct Ahead {
    seconds: i64,
    /// The first event of which it was so.
    #[serde(default)]
    from: Option<ObjectId>,
    /// All of which it was so were made before this moment by their ids, in milliseconds since 1970. The end of a day, so
    /// that not each page says another one. None: it was noted before that was, and is said by the next sweep.
    #[serde(default)]
    until: Option<i64>,
}

impl Document for Ahead {
    const KIND: &'static str = "log_ahead";
}

impl Reader<'_> {
    pub(super) fn ahead(&self, tenant: TenantId) -> Result<i64> {
        let known = self.document::<Ahead>(Some(tenant), "")?;
        Ok(known.map_or(A_DAY, |it| it.seconds))
    }

    /// Whether what is known of events whose ids were ahead is of none any more, once those that were made and ended
    /// before `before` are gone; or has still to say of which it is.
    fn has_stale_ahead(&self, tenant: TenantId, before: Timestamp) -> Result<bool> {
        let known = self.document::<Ahead>(Some(tenant), "")?;
        let is_stale = |it: Ahead| it.until.is_none_or(|until| until <= before.milliseconds());
        Ok(known.is_some_and(is_stale))
    }

    /// From where on there may be events whose ids are of a time behind `now`.
    fn ahead_from(&self, tenant: TenantId, now: Timestamp) -> Result<Option<ObjectId>> {
        let known = self.document::<Ahead>(Some(tenant), "")?;
        Ok(known
            .and_then(|it| it.from)
            .map(|from| from.max(first_id_at(now.plus_seconds(1)))))
    }
}

/// All that [`read`] takes, but for the evidence, which comes last.
pub(super) const COLUMNS: &str = "log.id, job.id, log.cycle, log.change, log.at, log.duration_ms";
pub(super) const EVIDENCE: usize = 6;

impl Reader<'_> {
    /// Whether there are events that were made and ended before `before`; or ended then, and have ids that are of a time
    /// behind `now`. Or whether something is known of such that is of none any more.
    pub fn has_expired_log(
        &self,
        tenant: TenantId,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        let tenant_no = self.tenant_no(tenant)?;
        let found = |statement: &str, bounds: &[Param<'_>]| {
            let first = self.connection.first(statement, bounds, |_| Ok(()))?;
            Ok::<_, StoreError>(first.is_some())
        };
        let oldest = first_id_at(before);
        let bounds = [
            int(tenant_no),
            blob(oldest.as_bytes()),
            int(before.0),
            int(1),
        ];
        if found(EXPIRED, &bounds)? || self.has_stale_ahead(tenant, before)? {
            return Ok(true);
        }
        let Some(from) = self.ahead_from(tenant, now)? else {
            return Ok(false);
        };
        let [tenant_no, _, before, most] = bounds;
        let soon = int(now.plus_seconds(1).0);
        found(
            EXPIRED_AHEAD,
            &[tenant_no, blob(from.as_bytes()), before, most, soon],
        )
    }

    /// One event.
    pub fn log_event(&self, tenant: TenantId, id: ObjectId) -> Result<Option<LogRow>> {
        Ok(self.log_events(tenant, &[id])?.pop().flatten())
    }

    /// These events, in the order asked; `None` where there is none, or not any more.
    pub fn log_events(&self, tenant: TenantId, ids: &[ObjectId]) -> Result<Vec<Option<LogRow>>> {
        let tenant_no = self.tenant_no(tenant)?;
        self.connection.find_each(
            &format!("SELECT {COLUMNS}, log.evidence FROM provisioning_log AS log LEFT JOIN job ON job.tenant_no = log.tenant_no AND job.job_no = log.job_no WHERE log.tenant_no = ?1 AND log.id = ?2"),
            &[int(tenant_no)],
            ids.iter().map(|id| [blob(id.as_bytes())]),
            read,
        )
    }
}

impl Reader<'_> {
    fn newest_log_id(&self, tenant: TenantId) -> Result<Option<ObjectId>> {
        let tenant_no = self.tenant_no(tenant)?;
        self.connection.first(
            "SELECT id FROM provisioning_log WHERE tenant_no = ?1 ORDER BY id DESC LIMIT 1",
            &[int(tenant_no)],
            |row| row.id(0, ObjectId::from_bytes),
        )
    }

    /// The greatest id of all tenants' events: whose ids come behind it has them behind all. One look into each tenant's log.
    pub fn greatest_log_id(&self) -> Result<Option<ObjectId>> {
        self.connection.first(
            "SELECT newest FROM (SELECT (SELECT log.id FROM provisioning_log AS log WHERE log.tenant_no = tenant.tenant_no ORDER BY log.id DESC LIMIT 1) AS newest FROM tenant) AS of_each WHERE newest IS NOT NULL ORDER BY newest DESC LIMIT 1",
            &[],
            |row| row.id(0, ObjectId::from_bytes),
        )
    }
}

impl Tx<'_> {
    /// Appends events to the log of the tenant that owns the job.
    pub fn append_log(&mut self, tenant: TenantId, job: &JobId, rows: &[LogRow]) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        self.connection.execute_each(
            "INSERT INTO provisioning_log (tenant_no, job_no, id, cycle, change, at, duration_ms, evidence) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            &[int(tenant_no), int(job_no)],
            rows.iter().map(|row| {
                [
                    blob(row.id.as_bytes()),
                    blob(row.cycle.as_bytes()),
                    blob(row.change.as_bytes()),
                    int(row.at.0),
                    int(row.duration_ms),
                    blob(&row.evidence),
                ]
            }),
        )?;
        self.note_ahead(tenant, rows)
    }

    /// So that these events are found by their times.
    fn note_ahead(&mut self, tenant: TenantId, rows: &[LogRow]) -> Result<()> {
        let ahead = |row: &LogRow| made_at(row.id).saturating_sub(row.at.milliseconds()) / 1000;
        // Begun seconds count whole.
        let seconds = rows.iter().map(ahead).max().unwrap_or(0).saturating_add(1);
        if seconds <= A_DAY {
            return Ok(());
        }
        let known = self.document::<Ahead>(Some(tenant), "")?;
        let those_ahead = rows.iter().filter(|row| ahead(row) >= A_DAY);
        let first = those_ahead.min_by_key(|row| row.id);
        // One that the clock has caught up with is of an accident before this one.
        let counts =
            |from: &ObjectId| first.is_none_or(|row| made_at(*from) > row.at.milliseconds());
        let from = known.as_ref().and_then(|it| it.from).filter(counts);
        let from = from.or(first.map(|row| row.id));
        let seconds = known.as_ref().map_or(seconds, |it| it.seconds.max(seconds));
        let until = match &known {
            Some(Ahead { until: None, .. }) => None,
            known => {
                let last = rows.iter().filter(|row| ahead(row) >= A_DAY);
                let last = last.map(|row| end_of_day(made_at(row.id))).max();
                last.max(known.as_ref().and_then(|it| it.until))
            }
        };
        let all = Ahead {
            seconds,
            from,
            until,
        };
        if known.is_some_and(|it| it == all) {
            return Ok(());
        }
        self.put_document(Some(tenant), "", &all, None)
    }

    /// Once all events that were made and ended before `before` are gone.
    fn forget_ahead(&mut self, tenant: TenantId, before: Timestamp) -> Result<()> {
        if !self.has_stale_ahead(tenant, before)? {
            return Ok(());
        }
        let Some(known) = self.document::<Ahead>(Some(tenant), "")? else {
            return Ok(());
        };
        let until = match known.until {
            Some(until) => until,
            // Whichever they were, they are none of those that are still to come.
            None => match self.newest_log_id(tenant)? {
                Some(newest) => end_of_day(made_at(newest)),
                None => i64::MIN,
            },
        };
        if until <= before.milliseconds() {
            self.delete_document::<Ahead>(Some(tenant), "")?;
            return Ok(());
        }
        let until = Some(until);
        self.put_document(Some(tenant), "", &Ahead { until, ..known }, None)
    }

    /// Removes up to `limit` events that were made and ended before `before`, or ended then and have ids that are of a time
    /// behind `now`; says how many. Looks at no newer ones. What is known of a clock that was ahead goes with the last that
    /// tells of it.
    pub fn sweep_log(
        &mut self,
        tenant: TenantId,
        before: Timestamp,
        now: Timestamp,
        limit: usize,
    ) -> Result<usize> {
        let tenant_no = self.tenant_no(tenant)?;
        let remove = |expired: &str, bounds: &[Param<'_>]| {
            let removed = self.connection.execute(
                &format!("DELETE FROM provisioning_log WHERE (tenant_no, id) IN ({expired})"),
                bounds,
            )?;
            Ok::<_, StoreError>(usize::try_from(removed).unwrap_or(usize::MAX))
        };
        let oldest = first_id_at(before);
        let bounds = [
            int(tenant_no),
            blob(oldest.as_bytes()),
            int(before.0),
            int(limit),
        ];
        let removed = remove(EXPIRED, &bounds)?;
        let left = limit.saturating_sub(removed);
        if left == 0 {
            return Ok(removed);
        }
        let [tenant_no, _, ended, _] = bounds;
        let removed_ahead = match self.ahead_from(tenant, now)? {
            Some(from) => {
                let soon = int(now.plus_seconds(1).0);
                let bounds = [tenant_no, blob(from.as_bytes()), ended, int(left), soon];
                remove(EXPIRED_AHEAD, &bounds)?
            }
            None => 0,
        };
        self.forget_ahead(tenant, before)?;
        Ok(removed + removed_ahead)
    }
}

/// Before every id that is made at this moment or later: a UUID of version 7 begins with 48 bits of
/// milliseconds since 1970.
pub(super) fn first_id_at(at: Timestamp) -> ObjectId {
    let mut bytes = [0; 16];
    let milliseconds = u64::try_from(at.milliseconds()).unwrap_or_default();
    let milliseconds = milliseconds.min((1 << 48) - 1);
    bytes[..6].copy_from_slice(&milliseconds.to_be_bytes()[2..]);
    ObjectId::from_bytes(bytes)
}

/// When the day of a moment is over, both in milliseconds since 1970.
fn end_of_day(milliseconds: i64) -> i64 {
    let of_day = milliseconds.rem_euclid(A_DAY * 1000);
    milliseconds.saturating_add(A_DAY * 1000 - of_day)
}

/// When an id was made, in milliseconds since 1970.
fn made_at(id: ObjectId) -> i64 {
    let mut milliseconds = [0; 8];
    milliseconds[2..].copy_from_slice(&id.as_bytes()[..6]);
    i64::from_be_bytes(milliseconds)
}

pub(super) fn read(row: &Row<'_>) -> Result<LogRow> {
    Ok(LogRow {
        id: row.id(0, ObjectId::from_bytes)?,
        // A deleted job leaves its log without a name to show.
        job: JobId(row.optional_text(1)?.unwrap_or_default().into_owned()),
        cycle: row.id(2, CycleId::from_bytes)?,
        change: row.id(3, ObjectId::from_bytes)?,
        at: row.time(4)?,
        duration_ms: row.number(5)?,
        evidence: row.blob(EVIDENCE)?.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::{EXPIRED, EXPIRED_AHEAD};

    #[test]
    fn the_sweep_looks_at_what_is_old_alone() {
        crate::driver::assert_plan(EXPIRED, "PRIMARY KEY (tenant_no=? AND id<?)");
        crate::driver::assert_plan(EXPIRED_AHEAD, "PRIMARY KEY (tenant_no=? AND id>?)");
        for expired in [EXPIRED, EXPIRED_AHEAD] {
            let plan = crate::driver::plan(expired);
            assert!(!plan.contains("TEMP"), "{plan}");
        }
    }
}
