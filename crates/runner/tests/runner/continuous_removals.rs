//! Removals in continuous mode count at the threshold as if one cycle had met them all.

use std::cell::Cell;

use syncline_engine::SynchronizationSchema;
use syncline_runner::Progress;

use crate::continuous::{StopsAfter, in_step, interrupt};
use crate::world::{World, map};

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
        message.starts_with("1 delete or disable is held because it reaches the accidental-deletion threshold, with 2 carried out before. "),
        "{message}"
    );
    // Nothing is followed while something is held; and no scheduled cycle lets it through, nor does a plan say so.
    world.person("p4").department("Sales");
    assert_eq!(world.due().behind, []);
    for _ in 0..2 {
        let planned = world.plan();
        let gate = (planned.removals, planned.removed_before, planned.held);
        assert_eq!(gate, (1, 2, true));
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
