//! The kinds that a job reads are others in the middle of its first cycle.

use syncline_model::job::{Counts, CycleState};
use syncline_model::{Attr, EntityKind};
use syncline_runner::Silent;

use crate::nodes::{LONG, PEOPLE, node, run, shared};
use crate::world::{World, after_first_page};

#[test]
fn groups_are_read_although_mappings_change_places_meanwhile() {
    let world = World::new().with_pages_of(2);
    world.people("p", 5);
    world.groups_flow();
    let group = world.group("Crew").id;
    let observer = after_first_page(|| {
        world.change_schema(|schema| schema.synchronization_rules[0].object_mappings.reverse());
    });
    world.cycle_watched_by(&observer);
    assert!(world.linked(group).is_some());
    assert_eq!(world.cycle().counts, Counts::default());
}

#[test]
fn a_kind_that_is_switched_off_meanwhile_is_left_out() {
    let world = World::new().with_pages_of(2);
    world.people("p", 5);
    world.groups_flow();
    world.group("Crew");
    let observer = after_first_page(|| switch_off(&world, EntityKind::User));
    let report = world.cycle_watched_by(&observer);
    assert_eq!(report.state, CycleState::Succeeded);
}

#[test]
fn parts_of_a_kind_that_is_switched_off_meanwhile_are_left_out() {
    let Some(world) = shared() else { return };
    world.groups_flow();
    let group = world.group("Crew").id;
    let observer = after_first_page(|| switch_off(&world, EntityKind::Group));
    let report = run(&world, &node(&world, 1, LONG), &observer).unwrap();
    assert_eq!(report.state, CycleState::Succeeded, "{report:?}");
    assert_eq!(report.counts.created as usize, PEOPLE);
    assert_eq!(world.linked(group), None);
    assert_eq!(world.stored_job().status.quarantine, None);
    let again = run(&world, &node(&world, 2, LONG), &Silent).unwrap();
    assert_eq!(again.counts, Counts::default());
}

/// Only a schema that was stored before a second one was refused has two.
#[test]
fn of_two_mappings_of_a_kind_the_one_that_is_switched_on_decides() {
    let world = World::new();
    let people = world.people("p", 2);
    world.change_schema(|schema| {
        let mappings = &mut schema.synchronization_rules[0].object_mappings;
        let mut off = mappings[0].clone();
        off.enabled = false;
        mappings.insert(0, off);
    });
    assert_eq!(world.cycle().counts.created, 2);
    people[0].set(Attr::CITY, "Bern");
    assert_eq!(world.plan().counts.updated, 1);
    assert_eq!(world.cycle().counts.updated, 1);
    assert_eq!(world.cycle().counts, Counts::default());
}

fn switch_off(world: &World, kind: EntityKind) {
    world.change_schema(|schema| {
        for mapping in &mut schema.synchronization_rules[0].object_mappings {
            if mapping.source_object_name.as_deref() == Some(kind.engine_name()) {
                mapping.enabled = false;
            }
        }
    });
}
