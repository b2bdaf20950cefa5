//! What log and trace say of a cycle that ended.

use std::time::Duration;

use syncline_model::job::CycleReport;
use tracing::Span;
use tracing::field::display;

use crate::metrics::CycleEnd;

/// Within `span`, which is the cycle's.
pub(super) fn tell(span: &Span, end: CycleEnd, report: Option<&CycleReport>, took: Duration) {
    let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    span.record("state", end.name());
    let code = report
        .and_then(|it| it.error.as_ref())
        .map(|it| display(&it.0));
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
        (CycleEnd::Interrupted, _) => {
            tracing::info!(target: "syncline::cycle", took_ms, "cycle stopped at a page; it goes on when the server runs again");
        }
        (CycleEnd::TakenOver, _) => {
            tracing::warn!(target: "syncline::cycle", took_ms, "another node has taken the cycle over, because this one was not heard of; it goes on there");
        }
        _ => {
            span.record("otel.status_code", "ERROR");
            tracing::error!(target: "syncline::cycle", took_ms, code, "cycle failed");
        }
    }
}
