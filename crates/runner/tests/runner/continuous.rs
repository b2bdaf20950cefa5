//! Continuous mode: what changes in the source is followed between two scheduled cycles.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use syncline_engine::Operation;
use syncline_model::job::{CONTINUOUS_MODE, Counts, CycleKind, CycleReport, CycleState};
use syncline_model::{Clock as _, JobId, Timestamp};
use syncline_runner::{Due, Observer, Progress, Signal, Silent};
use syncline_store::{Meter, Written};

use crate::world::{AfterPage, INTERVAL_SECONDS, World, after_first_page};

pub const MINUTE: i64 = 60;

impl World {
    pub fn continuous(&self, value: &str) {
        self.set(CONTINUOUS_MODE, value);
    }

    pub fn due(&self) -> Due {
        self.runner.due(10).unwrap()
    }

    pub fn is_behind(&self) -> bool {
        self.due().behind == [(self.contoso.id, self.job.clone())]
    }

    /// What a scheduler does with a job that is behind, a minute after whatever was before.
    pub fn follow(&self) -> Option<CycleReport> {
        self.clock.advance_seconds(MINUTE);
        self.runner
            .follow(self.contoso.id, &self.job, &Silent)
            .unwrap()
    }

    pub fn next_due(&self) -> Option<Timestamp> {
        self.stored_job().next_due
    }
}

/// The server ends when something has come far enough.
pub struct StopsAfter<F>(pub F, pub Cell<bool>);

impl<F: Fn(&Progress) -> bool> Observer for StopsAfter<F> {
    fn page_done(&self, progress: &Progress) {
        self.1.set(self.1.get() || (self.0)(progress));
    }
    fn must_stop(&self) -> bool {
        self.1.get()
    }
}

/// Five changes, of which a cycle in between has followed the first page.
pub fn interrupt(world: &World) {
    for name in ["p0", "p1", "p2", "p3", "p4"] {
        world.person(name).department("Sales");
    }
    let observer = StopsAfter(|_: &Progress| true, Cell::new(false));
    let stopped = world.runner.follow(world.contoso.id, &world.job, &observer);
    assert!(stopped.is_err());
}

/// Ten people in Fabrikam, in continuous mode.
pub fn in_step() -> World {
    let world = World::new();
    world.continuous("True");
    world.people("p", 10);
    assert!(!world.is_behind(), "a first cycle is scheduled");
    world.cycle();
    assert!(!world.is_behind(), "nothing has changed since");
    world
}

#[test]
fn a_change_is_followed_and_the_schedule_stays() {
    let world = in_step();
    let scheduled = world.next_due();
    world.person("p3").department("Sales");
    assert!(world.is_behind());
    assert_eq!(world.due().scheduled, []);
    let report = world.follow().unwrap();
    let updated = Counts {
        updated: 1,
        ..Counts::default()
    };
    assert_eq!(
        (report.state, report.counts),
        (CycleState::Succeeded, updated)
    );
    assert_eq!(world.live("p3").department(), "Sales");
    assert_eq!(world.next_due(), scheduled);
    assert_eq!(
        world.due(),
        Due {
            any_follows: true,
            ..Due::default()
        }
    );
}

#[test]
fn without_the_setting_changes_wait_for_the_schedule() {
    for value in ["False", "", "yes"] {
        let world = in_step();
        world.continuous(value);
        world.person("p3").department("Sales");
        assert_eq!(world.due(), Due::default(), "{value}");
        assert_eq!(world.follow(), None);
        assert_ne!(world.live("p3").department(), "Sales");
    }
}

/// Counts the transactions that may write.
#[derive(Default)]
struct Writers(AtomicUsize);

impl Meter for Writers {
    fn now(&self) -> Duration {
        Duration::ZERO
    }
    fn read(&self, _took: Duration) {}
    fn wrote(&self, _written: &Written) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Another node was quicker. All but one are too late for each change: they must not even ask for the right to write.
#[test]
fn where_nothing_has_changed_nothing_is_written() {
    let world = in_step();
    let writers = Arc::new(Writers::default());
    world.store.measure(writers.clone());
    let written = || writers.0.load(Ordering::Relaxed);
    assert_eq!(world.follow(), None);
    assert_eq!(written(), 0);
    world.person("p3").department("Sales");
    let by_the_change = written();
    assert!(world.follow().is_some() && written() > by_the_change);
}

/// Lets something happen behind the first read.
struct BehindRead(Mutex<Option<(Sender<()>, Receiver<()>)>>);

impl Meter for BehindRead {
    fn now(&self) -> Duration {
        Duration::ZERO
    }
    fn read(&self, _took: Duration) {
        let first = self.0.lock().unwrap().take();
        if let Some((is_read, may_go_on)) = first {
            is_read.send(()).unwrap();
            may_go_on.recv().unwrap();
        }
    }
    fn wrote(&self, _written: &Written) {}
}

/// It was seen that something is to be followed, and then it is not any more: that is no error, and makes no cycle.
#[test]
fn where_somebody_was_quicker_in_the_last_moment_nothing_is_begun() {
    let pauses = |world: &World| {
        world.pause();
    };
    let follows = |world: &World| {
        let elsewhere = world.another_process();
        let followed = elsewhere.follow(world.contoso.id, &world.job, &Silent);
        assert!(followed.unwrap().is_some());
    };
    for quicker in [&pauses as &(dyn Fn(&World) + Sync), &follows] {
        let world = in_step();
        world.person("p3").department("Sales");
        let (read, is_read) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel();
        let behind_read = BehindRead(Mutex::new(Some((read, may_go_on))));
        world.store.measure(Arc::new(behind_read));
        std::thread::scope(|scope| {
            let world = &world;
            let quicker = scope.spawn(move || {
                is_read.recv().unwrap();
                quicker(world);
                let job = world.stored_job();
                go_on.send(()).unwrap();
                job
            });
            assert_eq!(world.follow(), None);
            assert_eq!(world.stored_job(), quicker.join().unwrap());
        });
    }
}

/// A scheduler that is told of an error leaves the job alone for a while, and whoever starts it again would wait.
#[test]
fn a_job_that_is_paused_or_deleted_in_the_last_moment_is_no_error_to_a_scheduler() {
    let pauses = |world: &World| {
        world.pause();
    };
    let deletes = |world: &World| {
        let deleted = world.runner.delete_job(world.contoso.id, &world.job);
        deleted.unwrap();
    };
    for (quicker, told) in [
        (
            &pauses as &(dyn Fn(&World) + Sync),
            "is paused. Start it with",
        ),
        (&deletes, "does not exist"),
    ] {
        let world = in_step();
        world.clock.advance_seconds(INTERVAL_SECONDS);
        let (read, is_read) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel();
        let behind_read = BehindRead(Mutex::new(Some((read, may_go_on))));
        world.store.measure(Arc::new(behind_read));
        std::thread::scope(|scope| {
            let world = &world;
            scope.spawn(move || {
                is_read.recv().unwrap();
                quicker(world);
                go_on.send(()).unwrap();
            });
            let tended = world.runner.tend(world.contoso.id, &world.job, &Silent);
            match tended {
                // With the job, its lease went.
                Err(problem) if world.store.is_shared() => {
                    assert_eq!(problem.code, Signal::CycleAbandoned.code())
                }
                told => assert_eq!(told.unwrap(), None),
            }
        });
        let asked = world
            .runner
            .run_cycle(world.contoso.id, &world.job, &Silent);
        let message = asked.unwrap_err().message;
        assert!(message.contains(told), "{message}");
    }
}

#[test]
fn a_job_that_is_paused_or_changed_is_left_to_its_schedule() {
    let world = in_step();
    world.person("p3").department("Sales");
    world.pause();
    assert!(!world.is_behind());
    assert_eq!(world.follow(), None, "somebody was quicker: no error");
    world.start();
    assert_eq!(world.due().scheduled.len(), 1, "a start asks for a cycle");
    world.cycle();

    // It may be half made.
    world.map("jobTitle", "\"Colleague\"");
    world.person("p4").department("Sales");
    assert!(!world.is_behind());
    assert_eq!(world.follow(), None);
    assert_ne!(world.live("p4").department(), "Sales");
    world.cycle();
    assert_eq!(world.live("p4").department(), "Sales");
    world.person("p5").department("Sales");
    assert!(world.is_behind());
}

/// As if nobody was let in any more: a job in quarantine is tried when its status says so, not with each change.
#[test]
fn a_job_in_quarantine_is_left_to_its_schedule() {
    let world = in_step();
    world.fabrikam_policy(|partner| partner.identity_synchronization = None);
    world.person("p3").department("Sales");
    assert_eq!(world.follow().unwrap().state, CycleState::Failed);
    assert!(world.stored_job().status.quarantine.is_some());
    assert_eq!(world.due().behind, []);
    assert_eq!(world.follow(), None);
    // When it is due, it is not tried in a place for short cycles either.
    world.clock.advance_seconds(60 * MINUTE);
    assert_eq!(world.due().scheduled.len(), 1);
    assert_eq!(world.follow(), None);
}

#[test]
fn who_failed_is_tried_again_in_scheduled_cycles_and_not_with_each_change() {
    let world = in_step();
    let mut job = world.stored_job();
    job.next_due = Some(world.clock.now().plus_seconds(24 * 60 * MINUTE));
    world.store.write(|tx| tx.update_job(&job)).unwrap();
    world.target_refuses(|operation| matches!(operation, Operation::Create { .. }));
    world.person("new");
    assert_eq!(world.follow().unwrap().counts.escrowed, 1);
    world.target_is_well();
    // Due again after six hours.
    world.clock.advance_seconds(7 * 60 * MINUTE);
    world.person("p3").department("Sales");
    let report = world.follow().unwrap();
    assert_eq!((report.counts.created, report.counts.updated), (0, 1));
    assert_eq!(world.cycle().counts.created, 1);
}

#[test]
fn a_cycle_in_between_that_was_interrupted_goes_on_and_leaves_the_schedule() {
    let world = in_step().with_pages_of(2);
    let scheduled = world.next_due();
    interrupt(&world);
    let world = world.elsewhere().with_pages_of(2);
    assert!(world.is_behind());
    let report = world.follow().unwrap();
    assert_eq!(report.counts.updated, 5);
    assert_eq!(world.next_due(), scheduled);
    assert!(!world.is_behind());
}

/// The cycle ends at its next page, and nobody begins another one before the job is started.
#[test]
fn a_pause_while_a_change_is_followed_ends_it() {
    let world = in_step().with_pages_of(2);
    for name in ["p0", "p1", "p2", "p3", "p4"] {
        world.person(name).department("Sales");
    }
    let observer = AfterPage::new(|page, _: &Progress| {
        if page == 1 {
            world.pause();
            let elsewhere = world.another_process().due(10).unwrap();
            assert_eq!(elsewhere, Due::default());
        }
    });
    let followed = world.runner.follow(world.contoso.id, &world.job, &observer);
    assert_eq!(followed.unwrap().unwrap().state, CycleState::Stopped);
    assert_eq!(world.due(), Due::default());
    world.start();
    assert_eq!(world.due().scheduled.len(), 1);
    // Whoever asks for a cycle has one of his own behind the one that goes on.
    let report = world.cycle();
    assert_eq!(
        (report.kind, report.counts),
        (CycleKind::Incremental, Counts::default())
    );
    assert_eq!(world.live("p4").department(), "Sales");
}

/// Nobody can plan before it has ended, and no change has it go on any more.
#[test]
fn a_cycle_in_between_that_was_interrupted_is_due_when_continuous_mode_is_switched_off() {
    let world = in_step().with_pages_of(2);
    interrupt(&world);
    assert_eq!(world.due().scheduled, []);
    let mut job = world.stored_job();
    job.set_continuous(Some("False".to_owned()), world.clock.now());
    world.store.write(|tx| tx.update_job(&job)).unwrap();
    assert_eq!(world.due().scheduled.len(), 1);
    let ended = world.runner.tend(world.contoso.id, &world.job, &Silent);
    assert_eq!(ended.unwrap().unwrap().counts.updated, 5);
    assert_eq!(world.live("p4").department(), "Sales");
    world.plan();

    // Nothing is in progress, and the schedule stays.
    world.cycle();
    let scheduled = world.next_due();
    let mut job = world.stored_job();
    job.set_continuous(Some("True".to_owned()), world.clock.now());
    job.set_continuous(Some("False".to_owned()), world.clock.now());
    assert_eq!(job.next_due, scheduled);
}

/// A scheduled cycle that is due meanwhile is not lost behind those that follow.
#[test]
fn what_is_due_by_the_schedule_is_a_scheduled_cycle_also_where_something_has_changed() {
    let world = in_step();
    world.target_refuses(|operation| matches!(operation, Operation::Create { .. }));
    world.person("new");
    assert_eq!(world.cycle().counts.escrowed, 1);
    world.target_is_well();
    // Six hours later the failed one is due, and so is the job.
    world.clock.advance_seconds(7 * 60 * MINUTE);
    world.person("p3").department("Sales");
    let due = [(world.contoso.id, world.job.clone())];
    assert_eq!(world.due().scheduled, due);
    assert_eq!(
        world.due().behind,
        due,
        "so that it need not wait for a place"
    );
    let report = world.follow().unwrap();
    assert_eq!((report.counts.created, report.counts.updated), (1, 1));
    assert!(world.next_due() > Some(world.clock.now()));
}

/// However many run, whoever does not is found behind them.
#[test]
fn a_job_that_runs_hides_none_behind_it() {
    let mut world = in_step().with_pages_of(2);
    let first = world.configuration_towards_tailspin();
    world.continuous("True");
    world.cycle_without_checks();
    let (_, second) = world.speak_of(first);
    world.clock.advance_seconds(INTERVAL_SECONDS);
    world.person("p3").department("Sales");
    let is_found = |job: &JobId| {
        let due = world.runner.due(1).unwrap();
        let job = [(world.contoso.id, job.clone())];
        due.scheduled == job && due.behind == job
    };
    assert!(is_found(&world.job));
    let observer = after_first_page(|| assert!(is_found(&second)));
    let followed = world.runner.follow(world.contoso.id, &world.job, &observer);
    assert!(followed.unwrap().is_some());
}
