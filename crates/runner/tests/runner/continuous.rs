//! Continuous mode: what changes in the source is followed between two scheduled cycles.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use syncline_engine::{Operation, SynchronizationSchema};
use syncline_model::job::{CONTINUOUS_MODE, Counts, CycleKind, CycleReport, CycleState};
use syncline_model::{Clock as _, JobId, Timestamp};
use syncline_runner::{CYCLE_ABANDONED, Due, Observer, Progress, Silent};
use syncline_store::{Meter, Written};

use crate::world::{AfterPage, INTERVAL_SECONDS, World, after_first_page, map};

const MINUTE: i64 = 60;

impl World {
    pub fn continuous(&self, value: &str) {
        self.set(CONTINUOUS_MODE, value);
    }

    fn due(&self) -> Due {
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

    fn next_due(&self) -> Option<Timestamp> {
        self.stored_job().next_due
    }
}

/// The server ends when something has come far enough.
struct StopsAfter<F>(F, Cell<bool>);

impl<F: Fn(&Progress) -> bool> Observer for StopsAfter<F> {
    fn page_done(&self, progress: &Progress) {
        self.1.set(self.1.get() || (self.0)(progress));
    }
    fn must_stop(&self) -> bool {
        self.1.get()
    }
}

/// Five changes, of which a cycle in between has followed the first page.
fn interrupt(world: &World) {
    for name in ["p0", "p1", "p2", "p3", "p4"] {
        world.person(name).department("Sales");
    }
    let observer = StopsAfter(|_: &Progress| true, Cell::new(false));
    let stopped = world.runner.follow(world.contoso.id, &world.job, &observer);
    assert!(stopped.is_err());
}

/// Ten people in Fabrikam, in continuous mode.
fn in_step() -> World {
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
                    assert_eq!(problem.code, CYCLE_ABANDONED)
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
fn removals_in_between_count_at_the_threshold_as_if_one_cycle_had_met_them_all() {
    let world = in_step();
    world.threshold(3);
    world.person("p0").deleted();
    assert_eq!(world.follow().unwrap().counts.deleted, 1);
    world.person("p1").disabled();
    assert_eq!(world.follow().unwrap().counts.disabled, 1);
    world.person("p2").deleted();
    let held = world.follow().unwrap().counts;
    assert_eq!((held.deleted, held.staged), (0, 1));
    let quarantine = world.stored_job().status.quarantine.unwrap();
    let message = quarantine.error.unwrap().1;
    assert!(
        message.starts_with("1 delete or disable is held because it reaches the accidental-deletion threshold, with 2 carried out since"),
        "{message}"
    );
    // Nothing is followed while something is held; and no scheduled cycle lets it through, nor does a plan say so.
    world.person("p4").department("Sales");
    assert_eq!(world.due().behind, []);
    for _ in 0..2 {
        assert!(world.plan().held);
        assert_eq!(world.cycle().counts.staged, 1);
    }
    assert!(world.live("p2").is_live());

    world.restart("ForceDeletes");
    assert_eq!(world.cycle().counts.deleted, 1);
    // Who has let them through has let all of them through.
    for name in ["p5", "p6"] {
        world.person(name).deleted();
        assert_eq!(world.follow().unwrap().counts.deleted, 1);
    }
}

/// Whoever is switched off and moved in one change is an update by the counts.
#[test]
fn a_disable_that_comes_with_another_change_counts_at_the_threshold_as_well() {
    let world = in_step();
    world.threshold(3);
    for name in ["p0", "p1"] {
        world.person(name).disabled().department("Left");
        let counts = world.follow().unwrap().counts;
        assert_eq!((counts.updated, counts.disabled), (1, 0));
    }
    assert_eq!(world.stored_job().removed_in_between, 2);
    world.person("p2").disabled().department("Left");
    let held = world.follow().unwrap().counts;
    assert_eq!((held.updated, held.staged), (0, 1));
    assert!(world.live("p2").is_enabled());
}

#[test]
fn a_scheduled_cycle_counts_those_in_between_too_and_begins_anew() {
    let world = in_step();
    world.threshold(3);
    for name in ["p0", "p1"] {
        world.person(name).deleted();
        assert_eq!(world.follow().unwrap().counts.deleted, 1);
    }
    world.cycle();
    for name in ["p2", "p3"] {
        world.person(name).deleted();
        assert_eq!(world.follow().unwrap().counts.deleted, 1);
    }
    world.person("p4").deleted();
    assert!(world.plan().held);
    assert_eq!(world.cycle().counts.staged, 1);
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

/// Whoever asks for a cycle may ask for what one in between leaves out.
#[test]
fn whoever_asks_for_a_cycle_has_failed_objects_tried_also_behind_one_in_between() {
    let world = in_step().with_pages_of(2);
    world.target_refuses(|operation| matches!(operation, Operation::Create { .. }));
    world.person("new");
    assert_eq!(world.follow().unwrap().counts.escrowed, 1);
    world.target_is_well();
    interrupt(&world);
    world.clock.advance_seconds(7 * 60 * MINUTE);
    assert_eq!(world.cycle().counts.created, 1);
}

/// Of three removals that the threshold allows, a cycle in between has carried out two when it was interrupted.
fn interrupted_behind_two_removals() -> World {
    let world = in_step().with_pages_of(1);
    world.threshold(3);
    for name in ["p0", "p1"] {
        world.person(name).deleted();
    }
    let observer = StopsAfter(
        |progress: &Progress| progress.counts.deleted == 2,
        Cell::new(false),
    );
    let stopped = world.runner.follow(world.contoso.id, &world.job, &observer);
    assert!(stopped.is_err());
    world
}

#[test]
fn removals_of_a_cycle_in_between_that_is_given_up_count_as_well() {
    for restarted in [true, false] {
        let world = interrupted_behind_two_removals();
        match restarted {
            true => world.restart("Watermark"),
            false => world.map("jobTitle", "\"Colleague\""),
        }
        world.person("p2").deleted();
        assert!(world.plan().held, "{restarted}");
        assert_eq!(world.cycle().counts.staged, 1, "{restarted}");
    }
}

/// Whoever saves it has the cycle given up.
#[test]
fn a_plan_for_a_schema_that_is_not_saved_counts_the_removals_of_a_cycle_in_between_too() {
    let world = interrupted_behind_two_removals();
    world.person("p2").deleted();
    let change = |schema: &mut SynchronizationSchema| map(schema, "jobTitle", "\"Colleague\"");
    assert!(world.plan_change(change).held);
    world.change_schema(change);
    assert_eq!(world.cycle().counts.staged, 1);
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

#[test]
fn a_start_while_a_change_is_followed_asks_for_a_scheduled_cycle() {
    let world = in_step();
    world.person("p3").department("Sales");
    let observer = AfterPage::new(|_, _: &Progress| {
        world.start();
    });
    let followed = world.runner.follow(world.contoso.id, &world.job, &observer);
    assert!(followed.unwrap().is_some());
    assert_eq!(world.due().scheduled.len(), 1);
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

/// What is followed, and what whoever has joined that is told. `meanwhile`: once he waits.
fn joined(world: &World, meanwhile: impl Fn()) -> (CycleReport, CycleReport) {
    for name in ["p0", "p1", "p2", "p3", "p4"] {
        world.person(name).department("Sales");
    }
    std::thread::scope(|scope| {
        let asked = RefCell::new(None);
        let observer = after_first_page(|| {
            let asks = || {
                world
                    .runner
                    .run_cycle(world.contoso.id, &world.job, &Silent)
            };
            *asked.borrow_mut() = Some(scope.spawn(asks));
            world.wait_until_joined();
            meanwhile();
        });
        let followed = world.runner.follow(world.contoso.id, &world.job, &observer);
        let told = asked.take().unwrap().join().unwrap();
        (followed.unwrap().unwrap(), told.unwrap())
    })
}

/// It has begun after whoever asks has looked, and is joined.
#[test]
fn whoever_joins_a_cycle_in_between_has_one_of_his_own_behind_it() {
    let world = in_step();
    let (followed, told) = joined(&world, || {});
    assert!(followed.in_between && !told.in_between);
}

/// No cycle begins while a job is paused, and that is no error.
#[test]
fn whoever_joins_a_cycle_in_between_that_is_paused_is_told_so() {
    let world = in_step().with_pages_of(2);
    let (followed, told) = joined(&world, || {
        world.pause();
    });
    assert_eq!(told.state, CycleState::Stopped);
    assert_eq!(followed, told);
}

#[test]
fn a_start_is_not_lost_where_the_cycle_in_between_fails() {
    let world = in_step().with_pages_of(2);
    interrupt(&world);
    world.start();
    world.fabrikam_policy(|partner| partner.identity_synchronization = None);
    let failed = world.follow().unwrap();
    assert!(failed.in_between && failed.state == CycleState::Failed);
    assert_eq!(world.due().scheduled.len(), 1);
    let quarantine = world.stored_job().status.quarantine.unwrap();
    assert_eq!(Some(quarantine.next_attempt), world.next_due());
}

#[test]
fn a_permission_for_removals_is_not_used_up_by_a_cycle_in_between() {
    let world = in_step().with_pages_of(2);
    interrupt(&world);
    world.threshold(3);
    world.restart("ForceDeletes");
    assert!(world.follow().unwrap().in_between);
    for name in ["p6", "p7", "p8"] {
        world.person(name).deleted();
    }
    assert_eq!(world.cycle().counts.deleted, 3);
}

/// It was given for what the cycle that was asked for finds, and nobody has looked at what this one does.
#[test]
fn a_permission_for_removals_lets_none_through_in_a_cycle_in_between() {
    let world = in_step().with_pages_of(2);
    world.threshold(3);
    for name in ["p6", "p7", "p8"] {
        world.person(name).deleted();
    }
    interrupt(&world);
    world.restart("ForceDeletes");
    let held = world.follow().unwrap();
    assert!(held.in_between);
    assert_eq!((held.counts.deleted, held.counts.staged), (0, 3));
    assert_eq!(world.cycle().counts.deleted, 3);
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
