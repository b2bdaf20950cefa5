//! A walk through the log with a filter. Times, job and direction narrow it in the store; all else
//! is evaluated here, within a budget of rows, and of their bytes, per request. It ends when nobody waits for it.

use syncline_engine::Evidence;
use syncline_model::predicate::{Operator, Predicate};
use syncline_model::{Attr, JobId, ObjectId, Problem, Query, TenantId, Timestamp, Value};
use syncline_store::{LogFilter, LogRow, Reader};

use super::event::{Event, Jobs};
use crate::Call;
use crate::list::FULL;

/// Rows looked at per request; a filter that finds less answers a short page with a link.
const BUDGET: usize = 20_000;
/// And so many bytes of evidence, as it is stored: that of one row may have hundreds of thousands.
const BUDGET_BYTES: usize = 64 * 1024 * 1024;
/// Rows read at a time, if they do not have more than [`FULL`] bytes together.
const SLICE: usize = 500;

/// Where a walk ended.
#[derive(Debug)]
pub enum End {
    /// The log is at its end.
    Done,
    /// Go on behind this row.
    Behind(ObjectId),
}

/// Calls `take` for matching events until it says stop, the log ends, or the budget is spent. Whatever their time, all
/// that are looked at count.
///
/// # Errors
/// Those of [`Call::has_read`], which is asked after each slice.
pub fn walk(
    call: &Call<'_>,
    reader: &Reader<'_>,
    query: &Query,
    from: Option<ObjectId>,
    mut take: impl FnMut(&Event<'_>) -> bool,
) -> Result<End, Problem> {
    let tenant = call.tenant();
    let ascending = query.order.first().is_some_and(|order| !order.descending);
    let mut filter = LogFilter::default();
    if let Some(predicate) = &query.predicate {
        narrow(predicate, &mut filter);
    }
    let mut jobs = Jobs::default();
    let mut last = from;
    let (mut looked_at, mut bytes) = (0, 0);
    call.has_read(0)?;
    loop {
        let limit = reader.log_fitting(tenant, &filter, last, !ascending, SLICE, FULL)?;
        let page = if ascending {
            reader.log_ascending(tenant, &filter, last, limit)?
        } else {
            reader.log(tenant, &filter, last, limit)?
        };
        for row in &page.rows {
            bytes += row.evidence.len();
            let Some(evidence) = Evidence::decode(&row.evidence) else {
                tracing::warn!(event = %row.id, "provisioning log row cannot be read");
                continue;
            };
            if !matches(reader, tenant, query, row, &evidence, &mut jobs, &mut take)? {
                return Ok(End::Behind(row.id));
            }
        }
        if page.looked_at < limit {
            return Ok(End::Done);
        }
        call.has_read(page.looked_at)?;
        last = page.last.or(last);
        looked_at += page.looked_at;
        if let Some(last) = last
            && (looked_at >= BUDGET || bytes >= BUDGET_BYTES)
        {
            return Ok(End::Behind(last));
        }
    }
}

/// Whether the walk goes on.
fn matches(
    reader: &Reader<'_>,
    tenant: TenantId,
    query: &Query,
    row: &LogRow,
    evidence: &Evidence,
    jobs: &mut Jobs,
    take: &mut impl FnMut(&Event<'_>) -> bool,
) -> Result<bool, Problem> {
    let event = Event {
        row,
        evidence,
        job: jobs.facts(reader, tenant, row)?,
    };
    let wanted = query
        .predicate
        .as_ref()
        .is_none_or(|predicate| predicate.evaluate(&event));
    Ok(!wanted || take(&event))
}

/// Takes from a conjunction what the store can do by itself. The rest is still evaluated, so a
/// bound that is too wide costs time and never a wrong answer.
fn narrow(predicate: &Predicate, filter: &mut LogFilter) {
    match predicate {
        Predicate::And(all) => all.iter().for_each(|it| narrow(it, filter)),
        Predicate::Compare {
            operand,
            operator,
            value,
            ..
        } if operand.function.is_none() => match (operand.path.attr, value) {
            (Some(Attr::LOG_ACTIVITY_DATE_TIME), Value::Time(at)) => bound(*operator, *at, filter),
            (Some(Attr::LOG_JOB_ID), Value::Text(id)) if *operator == Operator::Equal => {
                filter.job = Some(JobId(id.to_string()));
            }
            _ => {}
        },
        _ => {}
    }
}

fn bound(operator: Operator, at: Timestamp, filter: &mut LogFilter) {
    if matches!(
        operator,
        Operator::Equal | Operator::Greater | Operator::GreaterOrEqual
    ) {
        filter.from = filter.from.max(Some(at));
    }
    if matches!(
        operator,
        Operator::Equal | Operator::Less | Operator::LessOrEqual
    ) {
        filter.until = Some(filter.until.map_or(at, |before| before.min(at)));
    }
}
