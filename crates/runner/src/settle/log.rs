//! Events of the provisioning log.

use syncline_engine::Evidence;
use syncline_engine::evidence::Packed;
use syncline_model::{CycleId, ObjectId, Problem, Timestamp};
use syncline_store::LogRow;

use crate::page::Page;

/// One event to be logged.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) id: ObjectId,
    pub(crate) evidence: Evidence,
    /// The evidence packed ahead, when it was.
    pub(crate) packed: Option<Packed>,
}

impl Event {
    pub(crate) fn new(id: ObjectId, evidence: Evidence) -> Self {
        Self {
            id,
            evidence,
            packed: None,
        }
    }
}

/// Appends a page's events. `began` is when the page began, `ended` when its work was done.
pub(crate) fn append(
    page: &mut Page<'_, '_>,
    cycle: CycleId,
    events: &mut [Event],
    began: Timestamp,
    ended: Timestamp,
) -> Result<(), Problem> {
    let duration_ms = u32::try_from(ended.milliseconds_since(began)).unwrap_or(u32::MAX);
    let rows: Vec<LogRow> = events
        .iter_mut()
        .map(|event| LogRow {
            id: event.id,
            job: page.job.clone(),
            cycle,
            change: event.id,
            at: ended,
            duration_ms,
            evidence: match event.packed.take() {
                Some(packed) => packed.seal(&event.evidence),
                None => event.evidence.encode(),
            },
        })
        .collect();
    page.tx.append_log(page.tenant, page.job, &rows)?;
    page.discard(rows);
    Ok(())
}
