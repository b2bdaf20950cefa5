//! Members whom another job brought.

use syncline_engine::schema::FlowTypes;

use super::{references, world};
use crate::world::only;

#[test]
fn members_whom_another_job_brought_are_removed_when_they_leave() {
    let mut world = world();
    world.group("Sales").with(&world.people("p", 2));
    world.cycle();
    // The first job lets the group go, and keeps its people.
    world.change_schema(|schema| {
        let groups = &mut schema.synchronization_rules[0].object_mappings[1];
        groups.scope = Some(only("displayName", "Another"));
        groups.flow_types = FlowTypes("Add,Update".to_owned());
    });
    world.cycle();
    world.another_configuration();
    world.groups_flow();
    world.scope_to("department", "Nobody's");
    world.group("Sales").without(world.person("p0"));
    assert_eq!(references(world.cycle_as_planned()), (0, 1));
    let left = world.live("p1").id.to_string();
    assert_eq!(world.members_in_fabrikam("Sales"), [left]);
}
