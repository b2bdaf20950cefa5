//! Events of the provisioning log.

use syncline_engine::Evidence;
use syncline_model::{CycleId, ObjectId, Problem, Timestamp};
use syncline_store::LogRow;

use crate::page::Page;

/// One event to be logged.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) id: ObjectId,
    pub(crate) evidence: Evidence,
}

/// Appends a page's events. `began` is when the page began, `ended` when its work was done.
pub(crate) fn append(
    page: &mut Page<'_, '_>,
    cycle: CycleId,
    events: &[Event],
    began: Timestamp,
    ended: Timestamp,
) -> Result<(), Problem> {
    let duration_ms = u32::try_from(ended.milliseconds_since(began)).unwrap_or(u32::MAX);
    let rows: Vec<LogRow> = events
        .iter()
        .map(|event| LogRow {
            id: event.id,
            job: page.job.clone(),
            cycle,
            change: event.id,
            at: ended,
            duration_ms,
            evidence: event.evidence.encode(),
        })
        .collect();
    page.tx.append_log(page.tenant, page.job, &rows)?;
    Ok(())
}
