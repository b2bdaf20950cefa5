//! Removals that are held and are none any more keep the gate closed for nobody.

use syncline_engine::SynchronizationSchema;
use syncline_model::job::{Counts, CycleState};

use super::{quarantine_reason, ten_people};
use crate::world::World;

/// What the plan says, and then the cycle does.
fn as_planned(world: &World) -> Counts {
    let planned = world.plan();
    let report = world.cycle();
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(report.counts, planned.counts);
    assert_eq!(planned.held, report.counts.staged > 0);
    report.counts
}

/// Fabrikam deletes the guests of these people itself.
fn fabrikam_deletes_guests(world: &World, names: &[&str]) {
    for name in names {
        let guest = world.linked(world.person(name).id).unwrap();
        world.fabrikam_deletes(guest);
    }
}

#[test]
fn whom_the_target_has_removed_itself_holds_nobody_else() {
    for size in [1, 2, 100] {
        let world = ten_people().with_pages_of(size);
        for name in ["p0", "p1", "p2"] {
            world.person(name).deleted();
        }
        assert_eq!(as_planned(&world).staged, 3);
        fabrikam_deletes_guests(&world, &["p0", "p1", "p2"]);
        world.person("p3").deleted();
        let counts = as_planned(&world);
        assert_eq!((counts.deleted, counts.staged), (1, 0), "{size}");
        assert_eq!(quarantine_reason(&world), None);
        assert!(!world.target_user("p3").unwrap().is_live());
        assert_eq!(as_planned(&world), Counts::default());
    }
}

/// What is held still counts, with whoever leaves besides.
#[test]
fn those_that_are_removals_still_are_counted() {
    let world = ten_people().with_pages_of(1);
    for name in ["p0", "p1", "p2"] {
        world.person(name).deleted();
    }
    assert_eq!(as_planned(&world).staged, 3);
    fabrikam_deletes_guests(&world, &["p0"]);
    world.person("p3").deleted();
    let counts = as_planned(&world);
    assert_eq!((counts.deleted, counts.staged), (0, 3));
    fabrikam_deletes_guests(&world, &["p1"]);
    let counts = as_planned(&world);
    assert_eq!((counts.deleted, counts.staged), (2, 0));
}

/// Groups are not synchronized any more: theirs are no removals.
fn held_groups_lapse(without: fn(&mut SynchronizationSchema)) {
    let world = World::new();
    world.groups_flow();
    world.threshold(3);
    world.people("p", 5);
    for name in ["g0", "g1", "g2"] {
        world.group(name);
    }
    world.cycle();
    for name in ["g0", "g1", "g2"] {
        world.group(name).deleted();
    }
    assert_eq!(as_planned(&world).staged, 3);
    world.change_schema(without);
    world.person("p0").deleted();
    let counts = as_planned(&world);
    assert_eq!((counts.deleted, counts.staged), (1, 0));
    assert_eq!(quarantine_reason(&world), None);
    assert_eq!(world.traces().staged, 0);
}

#[test]
fn groups_that_are_switched_off_hold_nobody() {
    held_groups_lapse(|schema| {
        for mapping in &mut schema.synchronization_rules[0].object_mappings {
            mapping.enabled = mapping.source_object_name.as_deref() != Some("Group");
        }
    });
}

#[test]
fn groups_whose_mapping_is_taken_out_hold_nobody() {
    held_groups_lapse(|schema| {
        let mappings = &mut schema.synchronization_rules[0].object_mappings;
        mappings.retain(|it| it.source_object_name.as_deref() != Some("Group"));
    });
}

/// The process ends in the midst of them.
#[test]
fn a_cycle_that_is_interrupted_among_those_that_are_held_goes_on() {
    let world = ten_people().with_pages_of(1);
    for name in ["p0", "p1", "p2"] {
        world.person(name).deleted();
    }
    assert_eq!(world.cycle().counts.staged, 3);
    fabrikam_deletes_guests(&world, &["p0", "p1", "p2"]);
    world.person("p3").deleted();
    let observer = crate::world::AfterPage::new(|_, _: &syncline_runner::Progress| {
        let job = world.stored_job();
        let cursor = job.running.map(|cycle| cycle.cursor).unwrap_or_default();
        if cursor.starts_with("lapsing ") {
            world.pause();
        }
    });
    let mut pauses = 0;
    let report = loop {
        let report = world.cycle_watched_by(&observer);
        if report.state != CycleState::Stopped {
            break report;
        }
        pauses += 1;
        world.start();
    };
    assert!(pauses >= 3, "{pauses}");
    assert_eq!((report.counts.deleted, report.counts.staged), (1, 0));
}
