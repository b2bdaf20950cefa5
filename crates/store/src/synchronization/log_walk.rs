//! Pages of the provisioning log, from the newest event or from the oldest.

use syncline_model::{ObjectId, TenantId};

use super::log::{A_DAY, COLUMNS, LogFilter, LogRow, first_id_at, read};
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
}

/// What is read of events: a statement, given which jobs and in which order, and what makes of a row what is wanted.
struct Wanted<T> {
    statement: fn(by_job: &str, order: &str) -> String,
    read: fn(&Row<'_>) -> Result<T>,
}

const ROWS: Wanted<LogRow> = Wanted {
    statement: |by_job, order| {
        format!(
            "SELECT {COLUMNS} FROM provisioning_log AS log LEFT JOIN job ON job.tenant_no = log.tenant_no AND job.job_no = log.job_no WHERE log.tenant_no = ?1 AND log.id > ?2 AND log.id < ?7 AND log.at >= ?3 AND log.at <= ?4 {by_job} ORDER BY log.id {order} LIMIT ?5"
        )
    },
    read,
};

/// How many bytes their evidence has as it is stored.
const SIZES: Wanted<usize> = Wanted {
    statement: |by_job, order| {
        format!(
            "SELECT CAST(length(log.evidence) AS BIGINT) FROM provisioning_log AS log WHERE log.tenant_no = ?1 AND log.id > ?2 AND log.id < ?7 AND log.at >= ?3 AND log.at <= ?4 {by_job} ORDER BY log.id {order} LIMIT ?5"
        )
    },
    read: |row| row.number(0),
};

impl Reader<'_> {
    /// A page of the log, newest first, older than the event `before`.
    pub fn log(
        &self,
        tenant: TenantId,
        filter: &LogFilter,
        before: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<LogRow>> {
        self.log_page(&ROWS, tenant, filter, before, limit, true)
    }

    /// A page of the log, oldest first, newer than the event `after`.
    pub fn log_ascending(
        &self,
        tenant: TenantId,
        filter: &LogFilter,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<LogRow>> {
        self.log_page(&ROWS, tenant, filter, after, limit, false)
    }

    /// How many of the events of such a page have together no more than so many bytes of evidence as it is stored; the
    /// first one always counts. `limit` when all of the page have. `beyond`: before which one, or behind which one when
    /// ascending.
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
        // The time of an event is in no index. Its id is, and is near to it: what is far from the times that are asked for
        // is not walked through to find that it is.
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
        let job_no = match &filter.job {
            Some(job) => Some(self.job_no(tenant_no, job)?),
            None => None,
        };
        page(job_no, way, limit)
    }
}
