//! Whoever is to be removed, for whatever reason, gets into no group.

use syncline_engine::schema::FlowType;
use syncline_model::job::Counts;

use super::{references, world};
use crate::world::{World, only};

/// Those of Sales are in scope: ana is one of them.
fn world_of_sales() -> World {
    let world = world();
    world.scope_to("department", "Sales");
    world.person("ana").department("Sales");
    world
}

#[test]
fn whoever_is_out_of_scope_and_held_gets_into_no_group() {
    let world = world_of_sales();
    let ana = world.person("ana");
    let bern = world.group("Bern");
    world.cycle();
    world.threshold(1);
    ana.department("Other");
    assert_eq!(world.cycle_as_planned().staged, 1);
    bern.with(&[ana]);
    for restarted in [false, false, true] {
        if restarted {
            world.restart("Watermark");
        }
        let counts = world.cycle_as_planned();
        assert_eq!((counts.staged, references(counts)), (1, (0, 0)));
        assert!(world.members_in_fabrikam("Bern").is_empty());
    }
    ana.department("Sales");
    assert_eq!(references(world.cycle_as_planned()), (1, 0));
    assert_eq!(world.members_in_fabrikam("Bern"), ["ana"]);
    assert_eq!(world.cycle_as_planned(), Counts::default());
}

#[test]
fn whoever_is_held_and_let_through_was_in_no_group() {
    let world = world_of_sales();
    let ana = world.person("ana");
    world.cycle();
    world.threshold(1);
    ana.department("Other");
    world.group("Bern").with(&[ana]);
    let counts = world.cycle_as_planned();
    assert_eq!((counts.staged, references(counts)), (1, (0, 0)));
    world.restart("ForceDeletes");
    let counts = world.cycle_as_planned();
    assert_eq!((counts.deleted, references(counts)), (1, (0, 0)));
    assert_eq!(world.cycle_as_planned(), Counts::default());
}

#[test]
fn whom_the_cycle_removes_at_its_end_it_puts_into_no_group_before() {
    let world = world_of_sales();
    let ana = world.person("ana");
    let bern = world.group("Bern");
    world.cycle();
    ana.department("Other");
    bern.with(&[ana]);
    let counts = world.cycle_as_planned();
    assert_eq!((counts.deleted, references(counts)), (1, (0, 0)));
    assert_eq!(world.cycle_as_planned(), Counts::default());
    ana.department("Sales");
    assert_eq!(references(world.cycle_as_planned()), (1, 0));
    assert_eq!(world.members_in_fabrikam("Bern"), ["ana"]);
}

/// The group comes back in the cycle that wants to remove whom the wrong scope brought.
#[test]
fn undoing_a_wrong_scope_puts_nobody_whom_it_brought_into_what_it_gives_back() {
    for is_held in [true, false] {
        let world = world_of_sales();
        let [ana, bo] = ["ana", "bo"].map(|name| world.person(name));
        world.group("Leads").with(&[ana, bo]);
        world.cycle();
        assert_eq!(world.members_in_fabrikam("Leads"), ["ana"]);
        let good = world.schema();
        world.change_schema(|schema| {
            let objects = &mut schema.synchronization_rules[0].object_mappings;
            objects[0].scope = None;
            objects[1].scope = Some(only("displayName", "Another"));
        });
        let wrong = world.cycle_as_planned();
        assert_eq!((wrong.created, wrong.deleted), (1, 1));
        if is_held {
            world.threshold(1);
        }
        world.change_schema(|schema| *schema = good);
        assert_eq!(world.plan().groups_of, 0);
        let undone = world.cycle_as_planned();
        assert_eq!((undone.restored, references(undone)), (1, (0, 0)));
        let removed = if is_held { (1, 0) } else { (0, 1) };
        assert_eq!((undone.staged, undone.deleted), removed);
        assert_eq!(world.members_in_fabrikam("Leads"), ["ana"]);
    }
}

#[test]
fn whoever_is_to_be_switched_off_gets_into_groups_behind_that() {
    let world = world();
    let ana = world.person("ana");
    let bern = world.group("Bern");
    world.cycle();
    ana.disabled();
    bern.with(&[ana]);
    let counts = world.cycle_as_planned();
    assert_eq!((counts.disabled, references(counts)), (1, (0, 0)));
    assert_eq!(references(world.cycle_as_planned()), (1, 0));
    assert_eq!(world.members_in_fabrikam("Bern"), ["ana"]);
    assert_eq!(world.cycle_as_planned(), Counts::default());
}

#[test]
fn whose_switching_off_is_held_gets_into_no_group_until_he_stays_on() {
    let world = world();
    let ana = world.person("ana");
    let bern = world.group("Bern");
    world.cycle();
    world.threshold(1);
    ana.disabled();
    bern.with(&[ana]);
    for _ in 0..2 {
        let counts = world.cycle_as_planned();
        assert_eq!((counts.staged, references(counts)), (1, (0, 0)));
    }
    ana.enabled();
    assert_eq!(references(world.cycle_as_planned()), (1, 0));
    assert_eq!(world.members_in_fabrikam("Bern"), ["ana"]);
}

/// Nobody is looked for in groups later: his group must not forget him.
#[test]
fn whoever_is_given_to_his_group_once_is_given_when_he_stays() {
    let world = world_of_sales();
    world.flow_type("members", FlowType::ObjectAddOnly);
    let ana = world.person("ana");
    let bo = world.person("bo").department("Sales");
    world.cycle();
    world.threshold(1);
    ana.department("Other");
    let bern = world.group("Bern").with(&[ana, bo]);
    for set in [1, 0] {
        let counts = world.cycle_as_planned();
        assert_eq!((counts.staged, references(counts)), (1, (set, 0)));
        assert_eq!(world.members_in_fabrikam("Bern"), ["bo"]);
    }
    ana.department("Sales");
    assert_eq!(references(world.cycle_as_planned()), (1, 0));
    assert_eq!(world.members_in_fabrikam("Bern"), ["ana", "bo"]);
    bern.with(&[world.person("cleo").department("Sales")]);
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
}

#[test]
fn a_call_that_names_whoever_is_to_be_removed_adds_nobody() {
    let world = world_of_sales();
    let ana = world.person("ana");
    let bern = world.group("Bern");
    world.cycle();
    ana.department("Other");
    bern.with(&[ana]);
    world.provision_group(bern, &[ana]).unwrap();
    assert_eq!(world.traces().staged, 1);
    assert!(world.members_in_fabrikam("Bern").is_empty());
    let counts = world.cycle_as_planned();
    assert_eq!((counts.deleted, references(counts)), (1, (0, 0)));
    assert_eq!(world.cycle_as_planned(), Counts::default());
}
