//! Pages of the provisioning log, from the newest event or from the oldest.
//!
//! The time of an event is in no index. Its id is, and is near to it, so a page is a piece of the key; which of its events
//! are of the times that are asked for is told of each. However few they are, no more events are looked at than were asked
//! for, and whoever reads them goes on or not.

use std::cmp::Ordering;

use syncline_model::{JobId, ObjectId, TenantId};

use super::log::{A_DAY, COLUMNS, EVIDENCE, LogFilter, LogPage, LogRow, first_id_at, read};
use crate::directory::objects::fitting::fitting;
use crate::driver::{Row, blob, int, optional_int};
use crate::{Reader, Result};

/// From where to where, both exclusive, and which way.
#[derive(Clone, Copy)]
struct Way {
    above: ObjectId,
    below: ObjectId,
    descending: bool,
}

impl Way {
    fn order(self) -> &'static str {
        if self.descending { "DESC" } else { "ASC" }
    }

    /// Which of two is come to first.
    fn first(self, one: ObjectId, other: ObjectId) -> Ordering {
        if self.descending {
            other.cmp(&one)
        } else {
            one.cmp(&other)
        }
    }

    /// The same from behind this one on.
    fn from(self, passed: ObjectId) -> Self {
        if self.descending {
            let below = passed;
            Self { below, ..self }
        } else {
            let above = passed;
            Self { above, ..self }
        }
    }

    /// The same as far as this one, without it.
    fn until(self, end: ObjectId) -> Self {
        if self.descending {
            let above = end;
            Self { above, ..self }
        } else {
            let below = end;
            Self { below, ..self }
        }
    }
}

/// What is read of events: a statement, given which jobs and in which order, and what makes of a row what is wanted.
struct Wanted<T> {
    statement: fn(by_job: &str, order: &str) -> String,
    read: fn(&Row<'_>) -> Result<T>,
}

/// One event that was looked at, and all of it if it is of the times that are asked for.
struct LookedAt {
    id: ObjectId,
    row: Option<LogRow>,
}

const ROWS: Wanted<LookedAt> = Wanted {
    statement: |by_job, order| {
        format!(
            "SELECT {COLUMNS}, CASE WHEN log.at >= ?3 AND log.at <= ?4 THEN log.evidence END FROM provisioning_log AS log LEFT JOIN job ON job.tenant_no = log.tenant_no AND job.job_no = log.job_no WHERE log.tenant_no = ?1 AND log.id > ?2 AND log.id < ?7 {by_job} ORDER BY log.id {order} LIMIT ?5"
        )
    },
    read: |row| {
        let is_of_the_time = row.optional_blob(EVIDENCE)?.is_some();
        Ok(LookedAt {
            id: row.id(0, ObjectId::from_bytes)?,
            row: is_of_the_time.then(|| read(row)).transpose()?,
        })
    },
};

/// How many bytes their evidence has as it is stored; none if they are of other times.
const SIZES: Wanted<usize> = Wanted {
    statement: |by_job, order| {
        format!(
            "SELECT CAST(CASE WHEN log.at >= ?3 AND log.at <= ?4 THEN length(log.evidence) ELSE 0 END AS BIGINT) FROM provisioning_log AS log WHERE log.tenant_no = ?1 AND log.id > ?2 AND log.id < ?7 {by_job} ORDER BY log.id {order} LIMIT ?5"
        )
    },
    read: |row| row.number(0),
};

impl LogPage {
    fn of(found: Vec<LookedAt>) -> Self {
        Self {
            looked_at: found.len(),
            last: found.last().map(|it| it.id),
            rows: found.into_iter().filter_map(|it| it.row).collect(),
        }
    }
}

impl Reader<'_> {
    /// A page of the log, newest first, older than the event `before`. Looks at no more than `limit` events.
    pub fn log(
        &self,
        tenant: TenantId,
        filter: &LogFilter,
        before: Option<ObjectId>,
        limit: usize,
    ) -> Result<LogPage> {
        let found = self.log_page(&ROWS, tenant, filter, before, limit, true)?;
        Ok(LogPage::of(found))
    }

    /// A page of the log, oldest first, newer than the event `after`. Looks at no more than `limit` events.
    pub fn log_ascending(
        &self,
        tenant: TenantId,
        filter: &LogFilter,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<LogPage> {
        let found = self.log_page(&ROWS, tenant, filter, after, limit, false)?;
        Ok(LogPage::of(found))
    }

    /// How many of the events that such a page looks at have together no more than so many bytes of evidence as it is
    /// stored; the first one always counts, and those of other times have none. `limit` when all of the page have.
    /// `beyond`: before which one, or behind which one when ascending.
    pub fn log_fitting(
        &self,
        tenant: TenantId,
        filter: &LogFilter,
        beyond: Option<ObjectId>,
        descending: bool,
        limit: usize,
        bytes: usize,
    ) -> Result<usize> {
        let sizes = self.log_page(&SIZES, tenant, filter, beyond, limit, descending)?;
        Ok(fitting(&sizes, bytes).unwrap_or(limit))
    }

    /// Whether a job of this tenant has this id, or had it and has left something that knows its name.
    pub fn knows_job(&self, tenant: TenantId, id: &JobId) -> Result<bool> {
        Ok(!self.jobs_named(self.tenant_no(tenant)?, id)?.is_empty())
    }

    fn log_page<T>(
        &self,
        wanted: &Wanted<T>,
        tenant: TenantId,
        filter: &LogFilter,
        beyond: Option<ObjectId>,
        limit: usize,
        descending: bool,
    ) -> Result<Vec<T>> {
        let tenant_no = self.tenant_no(tenant)?;
        // What is far from the times that are asked for is not walked through to find that it is.
        let above = filter
            .from
            .map_or(ObjectId::NIL, |from| first_id_at(from.plus_seconds(-A_DAY)));
        let below = match filter.until {
            None => ObjectId::from_bytes([0xff; 16]),
            Some(until) => first_id_at(until.plus_seconds(self.ahead(tenant)?)),
        };
        let mut way = Way {
            above,
            below,
            descending,
        };
        if let Some(beyond) = beyond {
            way = way.from(if descending {
                below.min(beyond)
            } else {
                above.max(beyond)
            });
        }
        let page = |job_no, way: Way, limit| {
            let by_job = match job_no {
                Some(_) => "AND log.job_no = ?6",
                None => "AND ?6 IS NULL",
            };
            self.connection.query(
                &(wanted.statement)(by_job, way.order()),
                &[
                    int(tenant_no),
                    blob(way.above.as_bytes()),
                    int(filter.from.map_or(i64::MIN, |at| at.0)),
                    int(filter.until.map_or(i64::MAX, |at| at.0)),
                    int(limit),
                    optional_int(job_no),
                    blob(way.below.as_bytes()),
                ],
                wanted.read,
            )
        };
        let Some(job) = &filter.job else {
            return page(None, way, limit);
        };
        match self.jobs_named(tenant_no, job)?.as_slice() {
            [] => Ok(Vec::new()),
            [one] => page(Some(*one), way, limit),
            several => self.merged(tenant_no, several, way, limit, |job_no, way, limit| {
                page(Some(job_no), way, limit)
            }),
        }
    }

    /// The events of several jobs in the order of their ids, of which each job's own are read as far as another's next
    /// one. One that was deleted and made again has its events behind the deleted one's, so there are few changes of job.
    fn merged<T>(
        &self,
        tenant_no: i64,
        job_nos: &[i64],
        way: Way,
        limit: usize,
        page: impl Fn(i64, Way, usize) -> Result<Vec<T>>,
    ) -> Result<Vec<T>> {
        let first = self.first_events(tenant_no, job_nos, way)?;
        // Each job with its next event and what is left of the way; the one whose turn is next stands last.
        let mut next: Vec<(ObjectId, i64, Way)> = job_nos
            .iter()
            .zip(first)
            .filter_map(|(job_no, first)| Some((first?, *job_no, way)))
            .collect();
        let mut found = Vec::new();
        loop {
            next.sort_by(|one, other| way.first(other.0, one.0));
            let Some((_, job_no, way)) = next.pop() else {
                return Ok(found);
            };
            let end = next.last().map(|it| it.0);
            let stretch = end.map_or(way, |end| way.until(end));
            found.extend(page(job_no, stretch, limit - found.len())?);
            if found.len() >= limit {
                return Ok(found);
            }
            if let Some(end) = end {
                let way = way.from(end);
                let first = self.first_events(tenant_no, &[job_no], way)?;
                next.extend(first.into_iter().flatten().map(|it| (it, job_no, way)));
            }
        }
    }

    /// The first event of each of these jobs on a way.
    fn first_events(
        &self,
        tenant_no: i64,
        job_nos: &[i64],
        way: Way,
    ) -> Result<Vec<Option<ObjectId>>> {
        let order = way.order();
        self.connection.find_each(
            &format!("SELECT id FROM provisioning_log WHERE tenant_no = ?1 AND id > ?2 AND id < ?3 AND job_no = ?4 ORDER BY id {order} LIMIT 1"),
            &[
                int(tenant_no),
                blob(way.above.as_bytes()),
                blob(way.below.as_bytes()),
            ],
            job_nos.iter().map(|job_no| [int(*job_no)]),
            |row| row.id(0, ObjectId::from_bytes),
        )
    }
}
