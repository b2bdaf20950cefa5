//! Whoever asks for a cycle while one in between is under way.

use std::cell::RefCell;

use syncline_engine::Operation;
use syncline_model::job::{CycleReport, CycleState};
use syncline_runner::{MadeDue, Progress, Silent};

use crate::continuous::{MINUTE, in_step, interrupt};
use crate::world::{AfterPage, World, after_first_page};

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

/// It is no scheduled one, and leaves out what one may be asked for.
#[test]
fn a_cycle_that_is_asked_for_while_a_change_is_followed_is_another_one() {
    let world = in_step();
    world.person("p3").department("Sales");
    let observer = AfterPage::new(|_, _: &Progress| {
        let asked = world.runner.make_due(world.contoso.id, &world.job);
        assert_eq!(asked.unwrap(), MadeDue::Due);
    });
    let followed = world.runner.follow(world.contoso.id, &world.job, &observer);
    assert!(followed.unwrap().is_some());
    assert_eq!(world.due().scheduled.len(), 1);
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
