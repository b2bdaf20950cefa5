//! A source that shows suddenly few or none of those whom it had is refused.

use crate::world::World;
use syncline_model::job::CycleState;

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
