//! A source that shows suddenly few or none of those whom it had is refused.

use crate::world::World;
use syncline_model::job::{Counts, CycleState};

#[test]
fn a_source_that_is_suddenly_empty_is_refused() {
    let world = World::new();
    world.threshold(100);
    world.people("p", 3);
    world.cycle();
    for (name, _) in world.everybody() {
        world.person(&name).deleted();
    }
    let before = world.traces();
    world.restart("Watermark");
    let report = world.cycle();
    assert_eq!(report.state, CycleState::Failed);
    let (code, message) = report.error.unwrap();
    assert_eq!(code, "SourceSuddenlyShort");
    for way in ["--scope ForceDeletes`", r#"{"resetScope":"ForceDeletes"}"#] {
        assert!(message.contains(way), "{message}");
    }
    assert_eq!(
        crate::world::Traces {
            source_sequence: world.traces().source_sequence,
            ..before
        },
        world.traces()
    );
    assert_eq!(world.target_names().len(), 3);

    world.restart("ForceDeletes");
    let report = world.cycle();
    assert_eq!(report.counts.deleted, 3);
}

/// Twenty people and as many groups, all of them synchronized.
fn world_with_groups() -> World {
    world_of(20, 20)
}

#[test]
fn groups_make_up_for_no_missing_people() {
    let world = world_with_groups();
    for number in 0..11 {
        world.person(&format!("p{number}")).deleted();
    }
    world.restart("Watermark");
    let report = world.cycle();
    let (code, message) = report.error.unwrap();
    assert_eq!(code, "SourceSuddenlyShort");
    assert!(message.contains("9 users while 20 are linked"), "{message}");
    let plan = world.plan();
    assert_eq!(plan.refused.unwrap().0, "SourceSuddenlyShort");
}

/// So many people and groups, all of them synchronized.
fn world_of(people: usize, groups: usize) -> World {
    let world = World::new();
    world.groups_flow();
    for (name, _) in world.everybody() {
        world.person(&name).deleted();
    }
    world.people("p", people);
    for number in 0..groups {
        world.group(&format!("g{number}"));
    }
    world.cycle();
    world
}

#[test]
fn a_source_that_has_groups_and_no_people_is_refused() {
    let world = world_of(2, 1);
    for number in 0..2 {
        world.person(&format!("p{number}")).deleted();
    }
    world.restart("Watermark");
    assert_eq!(world.plan().refused.unwrap().0, "SourceSuddenlyShort");
    let (code, message) = world.cycle().error.unwrap();
    assert_eq!(code, "SourceSuddenlyShort");
    assert!(message.contains("0 users while 2 are linked"), "{message}");
    assert_eq!(world.target_names().len(), 2);

    world.restart("ForceDeletes");
    assert_eq!(world.cycle().counts.deleted, 2);
}

/// Somebody may delete the only group there is, and restart the job for whatever reason.
#[test]
fn a_source_without_groups_is_refused_where_there_were_several() {
    for (groups, refused) in [(1, false), (4, false), (5, true)] {
        let world = world_of(2, groups);
        for number in 0..groups {
            world.group(&format!("g{number}")).deleted();
        }
        world.restart("Watermark");
        assert_eq!(world.plan().refused.is_some(), refused, "{groups} groups");
        let report = world.cycle();
        assert_eq!(report.error.is_some(), refused, "{groups} groups");
        let deleted = if refused { 0 } else { groups };
        assert_eq!(report.counts.deleted, deleted as u64);
    }
}

#[test]
fn a_kind_that_is_switched_off_is_not_missing() {
    let world = world_with_groups();
    for number in 0..11 {
        world.person(&format!("p{number}")).deleted();
    }
    assert_eq!(world.cycle().counts.deleted, 11);
    world.change_schema(|schema| {
        for mapping in &mut schema.synchronization_rules[0].object_mappings {
            mapping.enabled = mapping.source_object_name.as_deref() != Some("Group");
        }
    });
    world.restart("Watermark");
    assert_eq!(world.cycle().state, CycleState::Succeeded);
}

/// An incremental cycle is told of every delete: there it is the gate's to hold them.
#[test]
fn a_source_that_says_of_everybody_that_he_was_deleted_is_believed() {
    let world = World::new();
    world.threshold(3);
    for (name, _) in world.everybody() {
        world.person(&name).deleted();
    }
    world.people("p", 5);
    assert_eq!(world.cycle().counts.created, 5);
    for person in 0..5 {
        world.person(&format!("p{person}")).deleted();
    }
    let report = world.cycle();
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!((report.counts.staged, report.counts.deleted), (5, 0));
}

#[test]
fn a_source_that_is_suddenly_short_is_refused() {
    let world = World::new();
    world.people("p", 30);
    world.cycle();
    for number in 0..16 {
        world.person(&format!("p{number}")).deleted();
    }
    world.restart("Watermark");
    let report = world.cycle();
    assert_eq!(report.state, CycleState::Failed);
    assert_eq!(report.error.unwrap().0, "SourceSuddenlyShort");
    assert_eq!(world.target_names().len(), 30);
}

#[test]
fn a_source_that_has_half_of_its_people_is_not_short() {
    let world = World::new();
    world.people("p", 30);
    world.cycle();
    for number in 0..15 {
        world.person(&format!("p{number}")).deleted();
    }
    world.restart("Watermark");
    assert_eq!(world.cycle().counts.deleted, 15);
}

/// They are gone from the source, as somebody was told, and linked only because nobody has let them go.
#[test]
fn those_whose_removal_is_held_are_not_missing() {
    let world = World::new();
    world.threshold(10);
    world.people("p", 30);
    world.cycle();
    for number in 0..16 {
        world.person(&format!("p{number}")).deleted();
    }
    assert_eq!(world.cycle().counts.staged, 16);

    world.restart("Watermark");
    world.person("new");
    let planned = world.plan();
    assert_eq!((planned.refused, planned.held), (None, true));
    let report = world.cycle();
    let counts = report.counts;
    assert_eq!(
        (report.state, counts),
        (CycleState::Succeeded, planned.counts)
    );
    assert_eq!((counts.created, counts.staged, counts.deleted), (1, 16, 0));
    let held = super::quarantine_reason(&world);
    assert_eq!(held.as_deref(), Some("TooManyDeletes"));

    // Of the others it may not be short: of those and the new one.
    for number in 16..25 {
        world.person(&format!("p{number}")).deleted();
    }
    world.restart("Watermark");
    let refused = world.plan().refused.unwrap();
    assert_eq!(refused.0, "SourceSuddenlyShort");
    let error = world.cycle().error.unwrap();
    assert_eq!(error, refused);
    let said = "6 users while 31 are linked, 16 of them only because their removal is held";
    assert!(error.1.contains(said), "{}", error.1);
}

/// Who is out of scope is there still: what is missing beside them is missing.
#[test]
fn those_who_are_held_and_live_in_the_source_are_expected_there() {
    let world = World::new();
    world.threshold(10);
    for person in world.people("p", 30) {
        person.department("Sales");
    }
    world.cycle();
    world.scope_to("department", "Sales");
    for number in 0..16 {
        world.person(&format!("p{number}")).department("Board");
    }
    assert_eq!(world.cycle().counts.staged, 16);
    for number in 0..16 {
        world.person(&format!("p{number}")).deleted();
    }
    world.restart("Watermark");
    assert_eq!(
        world.cycle().counts,
        Counts {
            staged: 16,
            unchanged: 14,
            ..Counts::default()
        }
    );
    for number in 0..16 {
        world.person(&format!("p{number}")).restored();
    }
    for number in 16..30 {
        world.person(&format!("p{number}")).deleted();
    }
    for number in 0..4 {
        world.person(&format!("p{number}")).deleted();
    }
    // Twelve are there, all of them held.
    world.restart("Watermark");
    assert_eq!(world.plan().refused.unwrap().0, "SourceSuddenlyShort");
    assert_eq!(world.cycle().error.unwrap().0, "SourceSuddenlyShort");
}

/// Somebody has held back that nobody at all is left: that is no news.
#[test]
fn a_source_of_nobody_but_those_who_are_held_is_not_short() {
    let world = World::new();
    world.threshold(3);
    for (name, _) in world.everybody() {
        world.person(&name).deleted();
    }
    world.people("p", 3);
    world.cycle();
    for number in 0..3 {
        world.person(&format!("p{number}")).deleted();
    }
    assert_eq!(world.cycle().counts.staged, 3);
    world.restart("Watermark");
    assert_eq!(world.plan().refused, None);
    assert_eq!(world.cycle().counts.staged, 3);
}

/// More than are looked at at once.
#[test]
fn those_whose_removal_is_held_may_be_many() {
    let world = World::new().with_pages_of(500);
    for (name, _) in world.everybody() {
        world.person(&name).deleted();
    }
    world.threshold(1_000);
    let people = world.people("p", 1_700);
    world.cycle();
    for person in &people[..1_200] {
        person.deleted();
    }
    assert_eq!(world.cycle().counts.staged, 1_200);
    world.restart("Watermark");
    assert_eq!(world.plan().refused, None);
    assert_eq!(world.cycle().state, CycleState::Succeeded);

    // Of the five hundred others 249 are there.
    for person in &people[1_200..1_451] {
        person.deleted();
    }
    world.restart("Watermark");
    let refused = world.plan().refused.unwrap();
    let said = "249 users while 1700 are linked, 1200 of them only because their removal is held";
    assert!(refused.1.contains(said), "{}", refused.1);
    assert_eq!(world.cycle().error.unwrap(), refused);
}
