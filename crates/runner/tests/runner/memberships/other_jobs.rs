//! Members whom another job brought.

use syncline_engine::schema::FlowTypes;

use super::{references, world};
use crate::world::{World, only};

/// And keeps its people.
fn first_job_lets_groups_go(world: &World) {
    world.change_schema(|schema| {
        let groups = &mut schema.synchronization_rules[0].object_mappings[1];
        groups.scope = Some(only("displayName", "Another"));
        groups.flow_types = FlowTypes("Add,Update".to_owned());
    });
}

#[test]
fn members_whom_another_job_brought_are_removed_when_they_leave() {
    let mut world = world();
    world.group("Sales").with(&world.people("p", 2));
    world.cycle();
    first_job_lets_groups_go(&world);
    world.cycle();
    world.another_configuration();
    world.groups_flow();
    world.scope_to("department", "Nobody's");
    world.group("Sales").without(world.person("p0"));
    assert_eq!(references(world.cycle_as_planned()), (0, 1));
    let left = world.live("p1").id.to_string();
    assert_eq!(world.members_in_fabrikam("Sales"), [left]);
}

#[test]
fn members_whom_another_job_brought_are_removed_whenever_they_leave() {
    let mut world = world();
    world.group("Sales").with(&world.people("p", 3));
    world.cycle();
    first_job_lets_groups_go(&world);
    world.cycle();
    world.another_configuration();
    world.groups_flow();
    world.scope_to("department", "Nobody's");
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    let group = world.group("Sales");
    group.without(world.person("p0"));
    assert_eq!(references(world.cycle_as_planned()), (0, 1));
    // And on demand.
    group.without(world.person("p1"));
    world.provision_group(group, &[world.person("p1")]).unwrap();
    let left = world.live("p2").id.to_string();
    assert_eq!(world.members_in_fabrikam("Sales"), [left]);
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
}
