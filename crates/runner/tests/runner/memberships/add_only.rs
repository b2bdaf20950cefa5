//! Members that are added and never removed.

use syncline_engine::Operation;
use syncline_engine::schema::FlowType;
use syncline_model::job::CycleState;

use super::{DAY, references, world};
use crate::world::World;

const ADD_ONLY: [FlowType; 2] = [FlowType::MultiValueAddOnly, FlowType::ValueAddOnly];

/// Sales with p0, p1 and p2, given by a mapping that only adds.
fn adding(flow_type: FlowType) -> World {
    let world = world();
    world.flow_type("members", flow_type);
    let people = world.people("p", 3);
    world.group("Sales").with(&people);
    assert_eq!(references(world.cycle_as_planned()), (3, 0));
    world
}

#[test]
fn who_joins_is_added_and_who_leaves_stays() {
    for flow_type in ADD_ONLY {
        let world = adding(flow_type);
        let sales = world.group("Sales");
        sales.with(&[world.person("q")]).without(world.person("p0"));
        assert_eq!(references(world.cycle_as_planned()), (1, 0));
        assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1", "p2", "q"]);
    }
}

#[test]
fn a_full_read_removes_nobody_and_adds_whoever_is_missing() {
    let world = adding(FlowType::MultiValueAddOnly);
    world.group("Sales").without(world.person("p0"));
    let sales = world.linked(world.group("Sales").id).unwrap();
    world.fabrikam_removes_member(sales, world.live("p1").id);
    world.restart("Watermark");
    assert_eq!(references(world.cycle_as_planned()), (1, 0));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1", "p2"]);
}

#[test]
fn a_group_that_comes_back_removes_nobody() {
    let world = adding(FlowType::MultiValueAddOnly);
    let sales = world.group("Sales");
    world.group("Rest");
    sales.deleted();
    world.cycle_as_planned();
    sales.restored().without(world.person("p0"));
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1", "p2"]);
}

#[test]
fn whoever_comes_back_stays_in_the_groups_that_he_left() {
    let world = adding(FlowType::MultiValueAddOnly);
    world.person("p0").deleted();
    world.cycle_as_planned();
    world.person("p0").restored();
    world.group("Sales").without(world.person("p0"));
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1", "p2"]);
}

#[test]
fn on_demand_nobody_is_removed() {
    let world = adding(FlowType::MultiValueAddOnly);
    let sales = world.group("Sales");
    let left = world.person("p0");
    sales.without(left);
    world.provision_group(sales, &[left]).unwrap();
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1", "p2"]);
}

#[test]
fn when_they_flow_always_those_who_left_meanwhile_are_removed() {
    for flow_type in [
        FlowType::MultiValueAddOnly,
        FlowType::ValueAddOnly,
        FlowType::ObjectAddOnly,
    ] {
        let world = adding(flow_type);
        world.group("Sales").without(world.person("p0"));
        assert_eq!(references(world.cycle_as_planned()), (0, 0));
        world.flow_type("members", FlowType::Always);
        assert_eq!(references(world.cycle_as_planned()), (0, 1));
        assert_eq!(world.members_in_fabrikam("Sales"), ["p1", "p2"]);
    }
}

#[test]
fn from_creation_only_to_adding_whoever_joined_meanwhile_is_added() {
    let world = adding(FlowType::ObjectAddOnly);
    let sales = world.group("Sales");
    sales.with(&[world.person("q")]).without(world.person("p0"));
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    world.flow_type("members", FlowType::MultiValueAddOnly);
    assert_eq!(references(world.cycle_as_planned()), (1, 0));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1", "p2", "q"]);
}

/// A removal that the target did not take is not made up for when nobody is to be removed any more.
#[test]
fn a_removal_that_waits_is_dropped_when_nobody_is_removed_any_more() {
    let world = adding(FlowType::Always);
    world.group("Sales").without(world.person("p0"));
    world.target_refuses(|it| matches!(it, Operation::RemoveReference { .. }));
    assert_eq!(world.cycle().state, CycleState::EntryLevelErrors);
    world.target_is_well();
    world.clock.advance_seconds(DAY);
    world.flow_type("members", FlowType::MultiValueAddOnly);
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1", "p2"]);
}
