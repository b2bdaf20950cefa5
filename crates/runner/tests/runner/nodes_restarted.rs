//! A job that is restarted or deleted beside its cycle: whoever worked on it gives the cycle up, and
//! nothing holds up the next one.

use std::sync::mpsc;
use std::thread;

use syncline_model::ProblemKind;
use syncline_runner::{Observer, Runner, Signal, Silent};
use syncline_testkit::until;

use crate::nodes::{LONG, node, run, shared};
use crate::world::{World, after_first_page};

fn free(world: &World, node: &Runner) -> bool {
    let job = world.stored_job();
    world
        .store
        .read(|reader| node.is_worked_on(reader, &job))
        .is_ok_and(|worked_on| !worked_on)
}

#[test]
fn a_cycle_whose_job_is_restarted_is_abandoned_and_the_next_begins_at_once() {
    let Some(world) = shared() else { return };
    let first = node(&world, 1, LONG);
    let observer = after_first_page(|| world.restart("Watermark"));
    let tended = first.tend(world.contoso.id, &world.job, &observer);
    let abandoned = tended.unwrap_err();
    assert_eq!(abandoned.code, Signal::CycleAbandoned.code(), "{abandoned}");
    assert!(free(&world, &first));
    assert_eq!(world.stored_job().status.last_execution, None);
    let report = run(&world, &node(&world, 2, LONG), &Silent).unwrap();
    assert_eq!(report.state, syncline_model::job::CycleState::Succeeded);
}

#[test]
fn a_node_that_helps_gives_up_a_cycle_whose_job_is_restarted() {
    let Some(world) = shared() else { return };
    let (first, second) = (node(&world, 1, LONG), node(&world, 2, LONG));
    let helped = |observer: &dyn Observer| second.tend(world.contoso.id, &world.job, observer);
    let observer = after_first_page(|| {
        let restarts = after_first_page(|| world.restart("Watermark"));
        let abandoned = helped(&restarts).unwrap_err();
        assert_eq!(abandoned.code, Signal::CycleAbandoned.code(), "{abandoned}");
    });
    let abandoned = run(&world, &first, &observer).unwrap_err();
    assert_eq!(abandoned.code, Signal::CycleAbandoned.code(), "{abandoned}");
    assert!(free(&world, &first));
}

/// Only the node that leads a cycle takes the request back, and it may be gone by then.
#[test]
fn a_pause_at_a_node_that_only_helps_leaves_no_request_behind() {
    let Some(world) = shared() else { return };
    let (first, second) = (node(&world, 1, LONG), node(&world, 2, LONG));
    let (tenant, job) = (world.contoso.id, &world.job);
    let pauses_at = |node: &Runner| {
        let paused = node.pause(tenant, job).unwrap();
        let found = paused.pause_requested;
        node.start(tenant, job).unwrap();
        found
    };
    let observer = after_first_page(|| {
        let helps = after_first_page(|| assert!(!pauses_at(&second)));
        second.tend(tenant, job, &helps).unwrap();
        assert!(pauses_at(&first), "that one leads");
    });
    run(&world, &first, &observer).unwrap();
    assert!(!pauses_at(&first), "it has led");
}

#[test]
fn a_cycle_whose_job_is_deleted_is_abandoned() {
    let Some(world) = shared() else { return };
    let first = node(&world, 1, LONG);
    let observer = after_first_page(|| {
        first.delete_job(world.contoso.id, &world.job).unwrap();
    });
    let tended = first.tend(world.contoso.id, &world.job, &observer);
    let abandoned = tended.unwrap_err();
    assert_eq!(abandoned.code, Signal::CycleAbandoned.code(), "{abandoned}");
    assert_eq!(abandoned.kind, ProblemKind::NotFound);
}

#[test]
fn a_node_that_waits_for_a_cycle_whose_job_is_restarted_holds_nothing() {
    let Some(world) = shared() else { return };
    let (first, second) = (node(&world, 1, LONG), node(&world, 2, LONG));
    let (begun, may_begin) = mpsc::channel::<()>();
    let parts_left = || {
        let parts = world
            .store
            .read(|reader| reader.parts(world.contoso.id, &world.job));
        parts.unwrap().iter().filter(|part| !part.done).count()
    };
    let (led, followed) = thread::scope(|scope| {
        let leader = scope.spawn(|| {
            let observer = after_first_page(|| {
                begun.send(()).unwrap();
                // The other has nothing to help with any more, and waits.
                until("the other works on the last part", || parts_left() <= 1);
                world.restart("Watermark");
            });
            run(&world, &first, &observer)
        });
        may_begin.recv().unwrap();
        let follower = scope.spawn(|| run(&world, &second, &Silent));
        (leader.join().unwrap(), follower.join().unwrap())
    });
    assert_eq!(led.unwrap_err().code, Signal::CycleAbandoned.code());
    assert_eq!(followed.unwrap_err().code, Signal::CycleAbandoned.code());
    assert!(free(&world, &first));
}
