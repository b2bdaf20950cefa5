//! Cycles as this process runs them: watched for figures and traces, and stopped at a page when the
//! process ends.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use syncline_model::job::{Counts, CycleKind, CyclePhase, CycleReport, RunningCycle};
use syncline_model::{CycleId, JobId, Problem, TenantId};
use syncline_runner::{Observer, PageReport, Progress, Silent};
use syncline_store::{NodeId, Store, StoreError};
use tokio::sync::watch;
use tracing::Span;
use tracing::field::{Empty, display};
use tracing::span::EnteredSpan;

use crate::app::App;
use crate::metrics::{CycleEnd, Cycles, kind_name, phase_name};
use crate::nodes;
use crate::seam::Stopwatch;

/// The cycles of this process: how many run, and whether they should end.
#[derive(Clone, Debug)]
pub struct Running {
    count: Arc<watch::Sender<usize>>,
    stopping: Arc<AtomicBool>,
    interrupted: Arc<AtomicBool>,
}

impl Default for Running {
    fn default() -> Self {
        Self {
            count: Arc::new(watch::Sender::new(0)),
            stopping: Arc::new(AtomicBool::new(false)),
            interrupted: Arc::new(AtomicBool::new(false)),
        }
    }
}

impl Running {
    /// Every cycle ends before its next page and keeps its checkpoint; no other begins.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    /// The same, because whoever waits for the cycle pressed Ctrl-C.
    pub fn interrupt(&self) {
        self.interrupted.store(true, Ordering::SeqCst);
        self.stop();
    }

    pub fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
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
        let watched = self.watched(tenant, job, observer);
        let outcome = self.runner.run_cycle(tenant, job, &watched);
        watched.ended(&outcome);
        outcome
    }

    /// As [`App::run_cycle`], for the scheduler: what another node runs is helped with, and not
    /// waited for.
    pub fn tend(&self, tenant: TenantId, job: &JobId) -> Result<Option<CycleReport>, Problem> {
        let watched = self.watched(tenant, job, &Silent);
        match self.runner.tend(tenant, job, &watched) {
            Ok(Some(report)) => {
                watched.ended(&Ok(report.clone()));
                Ok(Some(report))
            }
            Ok(None) => {
                watched.taken_over();
                Ok(None)
            }
            Err(problem) => {
                watched.ended(&Err(problem.clone()));
                Err(problem)
            }
        }
    }

    /// The node that has the job's lease, or had it and did not give it back: whoever goes on with its
    /// cycle takes over from that one.
    fn leader(&self, tenant: TenantId, job: &JobId) -> Option<NodeId> {
        if !self.store.is_shared() {
            return None;
        }
        let lease = self.store.read(|reader| reader.job_lease(tenant, job));
        // Only for the log: what goes wrong here, the cycle meets itself.
        let owner = lease.ok().flatten()?.owner;
        (owner != NodeId::NIL && owner != self.node).then_some(owner)
    }

    fn watched<'w>(
        &'w self,
        tenant: TenantId,
        job: &JobId,
        inner: &'w dyn Observer,
    ) -> Watched<'w> {
        Watched {
            leader: self.leader(tenant, job),
            store: &self.store,
            page: RefCell::new(None),
            helping: RefCell::new(None),
            cycle: RefCell::new(None),
            tenant,
            figures: &self.metrics.cycles,
            running: &self.cycles,
            inner,
        }
    }
}

/// Measures the cycle that runs on this thread and passes on what the caller wants to know.
struct Watched<'w> {
    // Before the cycle: spans are left in the order opposite to that in which they were entered.
    page: RefCell<Option<(Stopwatch, EnteredSpan)>>,
    /// A cycle that another node leads.
    helping: RefCell<Option<(CycleId, EnteredSpan)>>,
    cycle: RefCell<Option<InProgress>>,
    tenant: TenantId,
    /// Who else had the cycle before.
    leader: Option<NodeId>,
    store: &'w Store,
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
        self.stops_helping();
        let span = self.span(job, cycle);
        *self.cycle.borrow_mut() = Some(InProgress {
            kind: cycle.kind,
            began: Stopwatch::start(),
            span: span.entered(),
        });
        self.tell_beginning(cycle);
        self.inner.cycle_begins(job, cycle);
    }

    fn helps(&self, job: &JobId, cycle: &RunningCycle) {
        let known = self.helping.borrow().as_ref().map(|(id, _)| *id);
        if known != Some(cycle.id) {
            self.stops_helping();
            let span = self.span(job, cycle).entered();
            tracing::info!(target: "syncline::cycle", leader = self.leader.map(|it| display(it.0)), "helping with the cycle of another node");
            *self.helping.borrow_mut() = Some((cycle.id, span));
        }
        self.inner.helps(job, cycle);
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
    fn span(&self, job: &JobId, cycle: &RunningCycle) -> Span {
        tracing::info_span!(
            target: "syncline::cycle",
            "cycle",
            %job,
            cycle = %cycle.id,
            tenant = %self.tenant,
            kind = kind_name(cycle.kind),
            state = Empty,
            otel.status_code = Empty,
        )
    }

    fn tell_beginning(&self, cycle: &RunningCycle) {
        if !has_begun(cycle) {
            tracing::info!(target: "syncline::cycle", total = cycle.total, "cycle began");
            return;
        }
        let (done, total) = (cycle.imported, cycle.total);
        let Some(before) = self.leader else {
            tracing::info!(target: "syncline::cycle", done, total, "cycle goes on where it stopped");
            return;
        };
        let address = self.store.read(|reader| nodes::address(reader, before));
        let address = address.ok().flatten().map(display);
        tracing::info!(target: "syncline::cycle", done, total, from = %before.0, from_address = address, "cycle taken over from another node, which was not heard of");
    }

    fn stops_helping(&self) {
        self.page.borrow_mut().take();
        self.helping.borrow_mut().take();
    }

    fn ended(&self, outcome: &Result<CycleReport, Problem>) {
        self.stops_helping();
        // Empty when another thread runs the cycle, or none could begin.
        let Some(cycle) = self.cycle.borrow_mut().take() else {
            return;
        };
        let end = match outcome {
            Ok(report) => CycleEnd::Ended(report.state),
            Err(problem) if problem.code == syncline_runner::LEASE_LOST => CycleEnd::TakenOver,
            Err(_) if self.must_stop() => CycleEnd::Interrupted,
            // Nothing is wrong with the cycle: it waits at its last page for the database, or for room.
            Err(problem) if is_away(problem) => CycleEnd::Interrupted,
            Err(_) => CycleEnd::Broken,
        };
        self.close(cycle, end, outcome.as_ref().ok());
    }

    /// The cycle that began here, if one did, goes on at another node, which reports it.
    fn taken_over(&self) {
        self.stops_helping();
        let begun = self.cycle.borrow_mut().take();
        if let Some(cycle) = begun {
            self.close(cycle, CycleEnd::TakenOver, None);
        }
    }

    fn close(&self, cycle: InProgress, end: CycleEnd, report: Option<&CycleReport>) {
        let took = cycle.began.elapsed();
        let here_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        // From the cycle's beginning, wherever and however often it was worked on.
        let took_ms = report.map_or(here_ms, |it| it.duration_ms);
        cycle.span.record("state", end.name());
        let error = report.and_then(|it| it.error.as_ref());
        let code = error.map(|it| display(&it.0));
        // What failed inside names nobody; what a connector says may.
        let cause = error
            .filter(|it| it.0.starts_with("Internal"))
            .map(|it| display(&it.1));
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
                if self.must_stop() {
                    tracing::info!(target: "syncline::cycle", here_ms, "cycle stopped at a page; it goes on when the server runs again");
                } else {
                    tracing::info!(target: "syncline::cycle", here_ms, "cycle stopped at a page; it goes on when the database is back and has room");
                }
            }
            (CycleEnd::TakenOver, _) => {
                tracing::warn!(target: "syncline::cycle", here_ms, "another node has taken the cycle over, because this one was not heard of; it goes on there");
            }
            _ => {
                cycle.span.record("otel.status_code", "ERROR");
                tracing::error!(target: "syncline::cycle", took_ms, code, cause, "cycle failed");
            }
        }
        self.figures.ended(cycle.kind, end, took);
        drop(cycle);
        self.running.count.send_modify(|count| *count -= 1);
    }
}

/// Whether pages of it were written before.
fn has_begun(cycle: &RunningCycle) -> bool {
    let began_with = [CyclePhase::Source, CyclePhase::Escrows];
    cycle.imported + cycle.passed_over > 0
        || !cycle.cursor.is_empty()
        || cycle.counts != Counts::default()
        || !began_with.contains(&cycle.phase)
}

/// Whether a cycle stopped because the database was waited for in vain.
fn is_away(problem: &Problem) -> bool {
    problem.code == StoreError::BUSY || problem.code == StoreError::FULL
}

/// A cycle that panicked ended, too.
impl Drop for Watched<'_> {
    fn drop(&mut self) {
        self.stops_helping();
        let left = self.cycle.borrow_mut().take();
        if let Some(cycle) = left {
            self.close(cycle, CycleEnd::Broken, None);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use std::collections::BTreeMap;

    use syncline_model::job::Watermark;
    use syncline_model::{ProblemKind, Timestamp};
    use syncline_runner::Silent;

    use super::*;
    use crate::app::Settings;
    use crate::data_dir::DataDir;

    fn cycle() -> RunningCycle {
        RunningCycle {
            id: CycleId::NIL,
            kind: CycleKind::Initial,
            began: Timestamp(0),
            phase: CyclePhase::Source,
            counts: Counts::default(),
            skipped_by_reason: BTreeMap::new(),
            imported: 0,
            entitled: 0,
            total: 0,
            until: Watermark {
                sequence: 0,
                token: None,
            },
            cursor: String::new(),
            configuration_generation: 0,
            references_failed: 0,
            in_parts: false,
            reevaluates: false,
            walks_groups: false,
            passed_over: 0,
            had_links: false,
        }
    }

    struct World {
        _folder: tempfile::TempDir,
        app: App,
    }

    impl World {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let data = DataDir::new(folder.path().join("data"));
            data.create().unwrap();
            let app = App::open(data, Settings::default()).unwrap();
            Self {
                _folder: folder,
                app,
            }
        }

        fn watched(&self) -> Watched<'_> {
            Watched {
                page: RefCell::new(None),
                helping: RefCell::new(None),
                cycle: RefCell::new(None),
                tenant: TenantId::NIL,
                leader: None,
                store: &self.app.store,
                figures: &self.app.metrics.cycles,
                running: &self.app.cycles,
                inner: &Silent,
            }
        }

        /// A cycle that has begun.
        fn begun(&self) -> Watched<'_> {
            let watched = self.watched();
            watched.cycle_begins(&JobId("job".to_owned()), &cycle());
            watched.page_begins();
            watched
        }

        fn ended(&self, state: &str) -> bool {
            let line =
                format!("syncline_cycles_ended_total{{kind=\"initial\",state=\"{state}\"}} 1\n");
            self.app.metrics.render(&self.app).unwrap().contains(&line)
        }

        fn running(&self) -> usize {
            *self.app.cycles.count.borrow()
        }
    }

    #[test]
    fn a_cycle_that_the_end_of_the_process_stops_counts_as_interrupted() {
        let world = World::new();
        let watched = world.begun();
        assert_eq!(world.running(), 1);
        assert!(!watched.must_stop());
        world.app.cycles.stop();
        assert!(watched.must_stop());
        watched.ended(&Err(Problem::internal("stopped")));
        assert!(world.ended("Interrupted"));
        assert_eq!(world.running(), 0);
    }

    #[test]
    fn a_cycle_that_waits_for_room_or_for_the_database_did_not_fail() {
        for error in [
            StoreError::Full("database or disk is full".to_owned()),
            StoreError::Busy("it does not answer".to_owned()),
        ] {
            let world = World::new();
            world.begun().ended(&Err(error.into()));
            assert!(world.ended("Interrupted"));
            assert!(!world.ended("Broken"));
        }
    }

    #[test]
    fn a_cycle_that_another_node_has_taken_over_did_not_fail() {
        // The scheduler is told nothing of it, whoever waits for the cycle is.
        for lost in [
            |watched: Watched<'_>| watched.taken_over(),
            |watched: Watched<'_>| {
                let problem = Problem::new(
                    ProblemKind::Conflict,
                    syncline_runner::LEASE_LOST,
                    "taken over",
                );
                watched.ended(&Err(problem));
            },
        ] {
            let world = World::new();
            lost(world.begun());
            assert!(world.ended("TakenOver"));
            assert!(!world.ended("Broken"));
            assert_eq!(world.running(), 0);
        }
    }

    #[test]
    fn a_cycle_whose_thread_breaks_does_not_hold_up_the_end_for_ever() {
        let world = World::new();
        drop(world.begun());
        assert!(world.ended("Broken"));
        assert_eq!(world.running(), 0);
    }

    #[test]
    fn pages_of_a_cycle_that_another_node_leads_are_within_it_and_it_is_counted_there() {
        let world = World::new();
        // Whether a span is wanted is kept for the whole process. Met for the first time by another test's
        // thread just now, where nobody wants any, it would stay off: so it is met before, and asked again.
        {
            let first = World::new();
            let watched = first.watched();
            watched.helps(&JobId("job".to_owned()), &cycle());
            watched.page_begins();
            watched.cycle_begins(&JobId("job".to_owned()), &cycle());
        }
        tracing::subscriber::with_default(tracing_subscriber::registry(), || {
            tracing::callsite::rebuild_interest_cache();
            let name = || Span::current().metadata().map(tracing::Metadata::name);
            let watched = world.watched();
            watched.helps(&JobId("job".to_owned()), &cycle());
            assert_eq!(name(), Some("cycle"));
            watched.page_begins();
            assert_eq!(name(), Some("page"));
            watched.helps(&JobId("job".to_owned()), &cycle());
            // The leader is gone: this node goes on with the cycle, in a span that ends with it.
            watched.cycle_begins(&JobId("job".to_owned()), &cycle());
            assert_eq!(name(), Some("cycle"));
            assert!(watched.helping.borrow().is_none());
            assert_eq!(world.running(), 1);
            watched.ended(&Err(Problem::internal("on purpose")));
            assert_eq!(name(), None);

            let helper = world.watched();
            helper.helps(&JobId("job".to_owned()), &cycle());
            helper.page_begins();
            drop(helper);
            assert_eq!(name(), None);
        });
        assert_eq!(world.running(), 0);
        let begun = "syncline_cycles_started_total{kind=\"initial\"} 1\n";
        assert!(
            world
                .app
                .metrics
                .render(&world.app)
                .unwrap()
                .contains(begun)
        );
    }

    #[test]
    fn a_cycle_that_never_began_counts_as_nothing() {
        let world = World::new();
        let unknown = world
            .app
            .run_cycle(TenantId::NIL, &JobId("none".to_owned()), &Silent);
        assert!(unknown.is_err());
        assert_eq!(world.running(), 0);
        assert!(!world.ended("Broken"));
    }
}
