//! What log and trace say of a cycle that ended.

use std::time::Duration;

use syncline_model::job::{Counts, CycleReport, CycleState};
use tracing::Span;
use tracing::field::display;

use crate::metrics::CycleEnd;

/// Whether it has neither written anything nor met anything that somebody should look at.
pub(super) fn has_done_nothing(report: &CycleReport) -> bool {
    let nothing = Counts {
        skipped: report.counts.skipped,
        unchanged: report.counts.unchanged,
        references_pending: report.counts.references_pending,
        ..Counts::default()
    };
    report.state == CycleState::Succeeded && report.counts == nothing
}

/// Within `span`, which is the cycle's. `stopping`: this process ends, or somebody wants the cycle to.
pub(super) fn tell(
    span: &Span,
    end: CycleEnd,
    report: Option<&CycleReport>,
    took: Duration,
    stopping: bool,
) {
    let here_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    // From the cycle's beginning, wherever and however often it was worked on.
    let took_ms = report.map_or(here_ms, |it| it.duration_ms);
    span.record("state", end.name());
    let error = report.and_then(|it| it.error.as_ref());
    let code = error.map(|it| display(&it.0));
    // What failed inside names nobody; what a connector says may.
    let cause = error
        .filter(|it| it.0.starts_with("Internal"))
        .map(|it| display(&it.1));
    if let Some(report) = report.filter(|it| it.job_disabled) {
        let job = &report.job_id;
        tracing::error!(target: "syncline::cycle", %job, "the job was in quarantine for 4 weeks and is disabled; `syncline jobs show` says why, `syncline jobs start` starts it again");
    }
    match (end, report) {
        (_, Some(report)) if code.is_none() => {
            let counts = &report.counts;
            tracing::info!(
                target: "syncline::cycle",
                took_ms,
                created = counts.created,
                updated = counts.updated,
                disabled = counts.disabled,
                deleted = counts.deleted,
                restored = counts.restored,
                skipped = counts.skipped,
                escrowed = counts.escrowed,
                staged = counts.staged,
                "cycle ended"
            );
        }
        (CycleEnd::Interrupted, _) if stopping => {
            tracing::info!(target: "syncline::cycle", here_ms, "cycle stopped at a page; it goes on when the server runs again");
        }
        (CycleEnd::Interrupted, _) => {
            tracing::info!(target: "syncline::cycle", here_ms, "cycle stopped at a page; it goes on when the database is back and has room");
        }
        (CycleEnd::Abandoned, _) => {
            tracing::info!(target: "syncline::cycle", here_ms, "cycle abandoned, because its job was restarted or deleted");
        }
        (CycleEnd::TakenOver, _) => {
            tracing::warn!(target: "syncline::cycle", here_ms, "another node has taken the cycle over, because this one was not heard of; it goes on there");
        }
        _ => {
            span.record("otel.status_code", "ERROR");
            tracing::error!(target: "syncline::cycle", took_ms, code, cause, "cycle failed");
        }
    }
}
