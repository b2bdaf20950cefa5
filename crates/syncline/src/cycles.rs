//! Cycles as this process runs them: watched for figures and traces, and stopped at a page when the
//! process ends.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use syncline_model::job::{CycleKind, CycleReport, RunningCycle};
use syncline_model::{JobId, Problem, TenantId};
use syncline_runner::{Observer, PageReport, Progress};
use tokio::sync::watch;
use tracing::field::{Empty, display};
use tracing::span::EnteredSpan;

use crate::app::App;
use crate::metrics::{CycleEnd, Cycles, kind_name, phase_name};
use crate::seam::Stopwatch;

/// The cycles of this process: how many run, and whether they should end.
#[derive(Clone, Debug)]
pub struct Running {
    count: Arc<watch::Sender<usize>>,
    stopping: Arc<AtomicBool>,
}

impl Default for Running {
    fn default() -> Self {
        Self {
            count: Arc::new(watch::Sender::new(0)),
            stopping: Arc::new(AtomicBool::new(false)),
        }
    }
}

impl Running {
    /// Every cycle ends before its next page and keeps its checkpoint; no other begins.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    pub fn stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// Returns when none runs.
    pub async fn ended(&self) {
        // The sender is held by `self`.
        let _ = self.count.subscribe().wait_for(|count| *count == 0).await;
    }
}

impl App {
    /// Runs a cycle of a job, or joins the one in progress, on the caller's thread.
    pub fn run_cycle(
        &self,
        tenant: TenantId,
        job: &JobId,
        observer: &dyn Observer,
    ) -> Result<CycleReport, Problem> {
        let watched = Watched {
            page: RefCell::new(None),
            cycle: RefCell::new(None),
            tenant,
            figures: &self.metrics.cycles,
            running: &self.cycles,
            inner: observer,
        };
        let outcome = self.runner.run_cycle(tenant, job, &watched);
        watched.ended(&outcome);
        outcome
    }
}

/// Measures the cycle that runs on this thread and passes on what the caller wants to know.
struct Watched<'w> {
    // Before the cycle: spans are left in the order opposite to that in which they were entered.
    page: RefCell<Option<(Stopwatch, EnteredSpan)>>,
    cycle: RefCell<Option<InProgress>>,
    tenant: TenantId,
    figures: &'w Cycles,
    running: &'w Running,
    inner: &'w dyn Observer,
}

struct InProgress {
    kind: CycleKind,
    began: Stopwatch,
    span: EnteredSpan,
}

impl Observer for Watched<'_> {
    fn page_done(&self, progress: &Progress) {
        self.inner.page_done(progress);
    }

    fn cycle_begins(&self, job: &JobId, cycle: &RunningCycle) {
        self.running.count.send_modify(|count| *count += 1);
        self.figures.begins(cycle.kind);
        let span = tracing::info_span!(
            target: "syncline::cycle",
            "cycle",
            %job,
            cycle = %cycle.id,
            tenant = %self.tenant,
            kind = kind_name(cycle.kind),
            state = Empty,
            otel.status_code = Empty,
        );
        *self.cycle.borrow_mut() = Some(InProgress {
            kind: cycle.kind,
            began: Stopwatch::start(),
            span: span.entered(),
        });
        self.inner.cycle_begins(job, cycle);
    }

    fn page_begins(&self) {
        // The one before ended without a commit: nothing of it is left to tell.
        self.page.borrow_mut().take();
        let span = tracing::info_span!(
            target: "syncline::cycle",
            "page",
            phase = Empty,
            created = Empty,
            updated = Empty,
            skipped = Empty,
            escrowed = Empty,
        );
        *self.page.borrow_mut() = Some((Stopwatch::start(), span.entered()));
        self.inner.page_begins();
    }

    fn page_committed(&self, page: &PageReport) {
        if let Some((began, span)) = self.page.borrow_mut().take() {
            span.record("phase", phase_name(page.phase));
            span.record("created", page.counts.created);
            span.record("updated", page.counts.updated);
            span.record("skipped", page.counts.skipped);
            span.record("escrowed", page.counts.escrowed);
            self.figures.page(page, began.elapsed());
        }
        self.inner.page_committed(page);
    }

    fn must_stop(&self) -> bool {
        self.running.stopping() || self.inner.must_stop()
    }
}

impl Watched<'_> {
    fn ended(&self, outcome: &Result<CycleReport, Problem>) {
        self.page.borrow_mut().take();
        // Empty when another thread runs the cycle, or none could begin.
        let Some(cycle) = self.cycle.borrow_mut().take() else {
            return;
        };
        let end = match outcome {
            Ok(report) => CycleEnd::Ended(report.state),
            Err(_) if self.must_stop() => CycleEnd::Interrupted,
            Err(_) => CycleEnd::Broken,
        };
        self.close(cycle, end, outcome.as_ref().ok());
    }

    fn close(&self, cycle: InProgress, end: CycleEnd, report: Option<&CycleReport>) {
        let took = cycle.began.elapsed();
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        cycle.span.record("state", end.name());
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
            _ => {
                cycle.span.record("otel.status_code", "ERROR");
                tracing::error!(target: "syncline::cycle", took_ms, code, "cycle failed");
            }
        }
        self.figures.ended(cycle.kind, end, took);
        drop(cycle);
        self.running.count.send_modify(|count| *count -= 1);
    }
}

/// A cycle that panicked ended, too.
impl Drop for Watched<'_> {
    fn drop(&mut self) {
        self.page.borrow_mut().take();
        let left = self.cycle.borrow_mut().take();
        if let Some(cycle) = left {
            self.close(cycle, CycleEnd::Broken, None);
        }
    }
}
