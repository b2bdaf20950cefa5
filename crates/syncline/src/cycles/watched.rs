//! A cycle that is watched: counted, measured and traced from its first page to its end.

use std::cell::RefCell;

use syncline_model::job::{CycleKind, CycleReport, RunningCycle};
use syncline_model::{CycleId, JobId, Problem, TenantId};
use syncline_runner::{Observer, PageReport, Progress, Signal};
use syncline_store::{NodeId, Store, StoreError};
use tracing::Span;
use tracing::field::Empty;
use tracing::span::EnteredSpan;

use super::{Running, began, ended};
use crate::app::App;
use crate::metrics::{CycleEnd, Cycles, kind_name, phase_name};
use crate::seam::Stopwatch;

/// Measures the cycle that runs on this thread and passes on what the caller wants to know.
pub(super) struct Watched<'w> {
    // Before the cycle: spans are left in the order opposite to that in which they were entered.
    page: RefCell<Option<(Stopwatch, EnteredSpan)>>,
    /// A cycle that another node leads.
    helping: RefCell<Option<(CycleId, EnteredSpan)>>,
    cycle: RefCell<Option<InProgress>>,
    tenant: TenantId,
    job: JobId,
    /// Who else had the cycle before.
    leader: Option<NodeId>,
    store: &'w Store,
    figures: &'w Cycles,
    running: &'w Running,
    inner: &'w dyn Observer,
}

struct InProgress {
    kind: CycleKind,
    in_between: bool,
    began: Stopwatch,
    span: EnteredSpan,
}

impl Observer for Watched<'_> {
    fn page_done(&self, progress: &Progress) {
        self.inner.page_done(progress);
    }

    fn cycle_begins(&self, job: &JobId, cycle: &RunningCycle) {
        self.running.begins();
        self.figures.begins(cycle.kind);
        self.stops_helping();
        let span = self.span(job, cycle);
        *self.cycle.borrow_mut() = Some(InProgress {
            kind: cycle.kind,
            in_between: cycle.in_between,
            began: Stopwatch::start(),
            span: span.entered(),
        });
        began::tell(self.store, cycle, self.leader);
        self.inner.cycle_begins(job, cycle);
    }

    fn helps(&self, job: &JobId, cycle: &RunningCycle) {
        let known = self.helping.borrow().as_ref().map(|(id, _)| *id);
        if known != Some(cycle.id) {
            self.stops_helping();
            let span = self.span(job, cycle).entered();
            began::tell_helping(self.leader);
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

    fn waits(&self) {
        self.running.waits(&self.job);
        self.inner.waits();
    }

    fn has_waited(&self) {
        self.running.has_waited(&self.job);
        self.inner.has_waited();
    }

    fn must_stop(&self) -> bool {
        self.running.stopping() || self.inner.must_stop()
    }
}

impl<'w> Watched<'w> {
    pub(super) fn new(
        app: &'w App,
        tenant: TenantId,
        job: &JobId,
        inner: &'w dyn Observer,
    ) -> Self {
        Self {
            leader: began::leader(app, tenant, job),
            store: &app.store,
            page: RefCell::new(None),
            helping: RefCell::new(None),
            cycle: RefCell::new(None),
            tenant,
            job: job.clone(),
            figures: &app.metrics.cycles,
            running: &app.cycles,
            inner,
        }
    }

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

    fn stops_helping(&self) {
        self.page.borrow_mut().take();
        self.helping.borrow_mut().take();
    }

    pub(super) fn ended(&self, outcome: &Result<CycleReport, Problem>) {
        self.stops_helping();
        // Empty when another thread runs the cycle, or none could begin.
        let Some(cycle) = self.cycle.borrow_mut().take() else {
            return;
        };
        let end = match outcome {
            Ok(report) => CycleEnd::Ended(report.state),
            Err(problem) if Signal::LeaseLost.is(problem) => CycleEnd::TakenOver,
            Err(problem) if Signal::CycleAbandoned.is(problem) => CycleEnd::Abandoned,
            Err(_) if self.must_stop() => CycleEnd::Interrupted,
            // Nothing is wrong with the cycle: it waits at its last page for the database, or for room.
            Err(problem) if is_away(problem) => CycleEnd::Interrupted,
            Err(_) => CycleEnd::Broken,
        };
        self.close(cycle, end, outcome.as_ref().ok());
    }

    /// The cycle that began here, if one did, goes on at another node, which reports it.
    pub(super) fn taken_over(&self) {
        self.stops_helping();
        let begun = self.cycle.borrow_mut().take();
        if let Some(cycle) = begun {
            self.close(cycle, CycleEnd::TakenOver, None);
        }
    }

    fn close(&self, cycle: InProgress, end: CycleEnd, report: Option<&CycleReport>) {
        let took = cycle.began.elapsed();
        if cycle.in_between && report.is_some_and(ended::has_done_nothing) {
            // What changed concerns nobody here; in continuous mode there may be many such cycles a minute.
            cycle.span.record("state", end.name());
            tracing::debug!(target: "syncline::cycle", "cycle ended without anything to do");
        } else {
            ended::tell(&cycle.span, end, report, took, self.must_stop());
        }
        self.figures.ended(cycle.kind, end, took);
        drop(cycle);
        self.running.ends();
    }
}

/// Whether a cycle stopped because the database was waited for in vain.
fn is_away(problem: &Problem) -> bool {
    let is_gone = [StoreError::BUSY, StoreError::UNANSWERED].contains(&problem.code.as_ref());
    is_gone || StoreError::was_obstacle(problem)
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
    use syncline_model::job::{CyclePhase, Watermark};
    use syncline_model::{ProblemKind, Timestamp};
    use syncline_runner::Silent;

    use super::*;
    use crate::app::Settings;
    use crate::data_dir::DataDir;

    fn cycle() -> RunningCycle {
        let until = Watermark {
            sequence: 0,
            token: None,
        };
        RunningCycle::new(
            CycleId::NIL,
            CycleKind::Initial,
            CyclePhase::Source,
            Timestamp(0),
            until,
        )
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
            Watched::new(&self.app, TenantId::NIL, &JobId("job".to_owned()), &Silent)
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
    }

    #[test]
    fn a_cycle_that_the_end_of_the_process_stops_counts_as_interrupted() {
        let world = World::new();
        let watched = world.begun();
        assert_eq!(world.app.cycles.count(), 1);
        assert!(!watched.must_stop());
        world.app.cycles.stop();
        assert!(watched.must_stop());
        watched.ended(&Err(Problem::internal("stopped")));
        assert!(world.ended("Interrupted"));
        assert_eq!(world.app.cycles.count(), 0);
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
                    Signal::LeaseLost.code(),
                    "taken over",
                );
                watched.ended(&Err(problem));
            },
        ] {
            let world = World::new();
            lost(world.begun());
            assert!(world.ended("TakenOver"));
            assert!(!world.ended("Broken"));
            assert_eq!(world.app.cycles.count(), 0);
        }
    }

    #[test]
    fn a_cycle_whose_job_was_restarted_did_not_fail() {
        let world = World::new();
        let code = Signal::CycleAbandoned.code();
        world
            .begun()
            .ended(&Err(Problem::new(ProblemKind::Conflict, code, "restarted")));
        assert!(world.ended("Abandoned"));
        assert!(!world.ended("Broken"));
        assert_eq!(world.app.cycles.count(), 0);
    }

    #[test]
    fn a_cycle_whose_thread_breaks_does_not_hold_up_the_end_for_ever() {
        let world = World::new();
        drop(world.begun());
        assert!(world.ended("Broken"));
        assert_eq!(world.app.cycles.count(), 0);
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
            assert_eq!(world.app.cycles.count(), 1);
            watched.ended(&Err(Problem::internal("on purpose")));
            assert_eq!(name(), None);

            let helper = world.watched();
            helper.helps(&JobId("job".to_owned()), &cycle());
            helper.page_begins();
            drop(helper);
            assert_eq!(name(), None);
        });
        assert_eq!(world.app.cycles.count(), 0);
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
}
