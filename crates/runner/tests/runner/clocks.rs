//! Nodes whose clocks differ by a few seconds. One that is far ahead is told of in `clock_ahead.rs`.

use std::cell::Cell;

use syncline_model::job::CycleState;
use syncline_model::{Clock as _, ProblemKind};
use syncline_runner::{Observer, Progress, Runner, Silent};

use crate::world::{INTERVAL_SECONDS, World, after_first_page};

#[test]
fn a_start_while_a_cycle_runs_asks_for_another_one_whatever_the_clock_of_its_node_shows() {
    for seconds in [-2, 2] {
        let world = World::new();
        world.people("p", 3);
        world.cycle();
        world.person("p0").department("Sales");
        world.clock.advance_seconds(INTERVAL_SECONDS);
        let elsewhere = world.process_ahead_by(seconds);
        let observer = after_first_page(|| {
            elsewhere.start(world.contoso.id, &world.job).unwrap();
        });
        let is_due_after = |observer: &dyn Observer| {
            let report = world
                .runner
                .run_cycle(world.contoso.id, &world.job, observer);
            assert_eq!(report.unwrap().state, CycleState::Succeeded);
            world.stored_job().next_due.unwrap() <= world.clock.now()
        };
        assert!(is_due_after(&observer), "{seconds}");
        assert!(!is_due_after(&Silent), "nobody asked for a third");
    }
}

/// The process is about to end after the first page.
#[derive(Default)]
pub struct Stops(Cell<bool>);

impl Observer for Stops {
    fn page_done(&self, _progress: &Progress) {
        self.0.set(true);
    }

    fn must_stop(&self) -> bool {
        self.0.get()
    }
}

#[test]
fn a_start_at_a_node_whose_clock_is_ahead_is_not_forgotten_when_the_cycle_was_interrupted() {
    let world = World::new().with_pages_of(2);
    world.people("p", 5);
    let stopped = world.try_cycle(&Stops::default()).unwrap_err();
    assert_eq!(stopped.kind, ProblemKind::Unavailable);
    let elsewhere = world.process_ahead_by(2);
    elsewhere.start(world.contoso.id, &world.job).unwrap();
    world.clock.advance_seconds(1);
    world
        .runner
        .run_cycle(world.contoso.id, &world.job, &Silent)
        .unwrap();
    let due = world.stored_job().next_due.unwrap();
    assert!(due <= world.clock.now());
}

/// The one who had the name leaves, and whoever was to have it is tried once more behind the removal.
#[test]
fn what_failed_in_a_cycle_is_told_from_what_failed_before_by_a_node_whose_clock_is_behind() {
    let world = World::new().with_pages_of(1);
    world.person("ana");
    world.cycle();
    world.person("ana").deleted();
    world.remember_as("ana", "the first ana");
    world.person("ana");
    world.clock.advance_seconds(INTERVAL_SECONDS);
    // It begins, and another one goes on.
    let stops = Stops(Cell::new(false));
    let run = |node: &Runner, observer: &dyn Observer| {
        node.run_cycle(world.contoso.id, &world.job, observer)
    };
    let behind = world.process_ahead_by(-2);
    run(&world.runner, &stops).unwrap_err();
    let report = run(&behind, &Silent).unwrap();
    assert_eq!(report.state, CycleState::Succeeded, "{:?}", report.counts);
}

#[test]
fn a_cycle_begins_after_the_one_before_it_whatever_the_clock_of_its_node_shows() {
    let world = World::new();
    world.people("p", 3);
    let began = |node: &Runner| {
        node.run_cycle(world.contoso.id, &world.job, &Silent)
            .unwrap();
        let status = world.stored_job().status;
        let last = status.last_execution.expect("it ran");
        assert!(last.ended >= last.began);
        (last.began, last.ended)
    };
    let first = began(&world.process_ahead_by(5));
    let second = began(&world.runner);
    assert!(second.0 > first.0 && second.0 >= first.1);
}

/// One cycle ran at a node whose clock was a day ahead; then it was mended.
#[test]
fn what_is_due_goes_by_the_clock_that_is_right_again() {
    let world = World::new().with_pages_of(2);
    world.people("p", 5);
    let run = |node: &Runner, observer: &dyn Observer| {
        node.run_cycle(world.contoso.id, &world.job, observer)
    };
    run(&world.process_ahead_by(86_400), &Silent).unwrap();
    let due = || world.stored_job().next_due.unwrap();
    assert!(due() > world.clock.now().plus_seconds(86_400));
    // Whoever is asked to run it, does; one that is interrupted goes on at once.
    world.person("p0").department("Sales");
    world.restart("Watermark");
    run(&world.runner, &Stops(Cell::new(false))).unwrap_err();
    assert!(due() <= world.clock.now());
    run(&world.runner, &Silent).unwrap();
    assert_eq!(due(), world.clock.now().plus_seconds(INTERVAL_SECONDS));
}
