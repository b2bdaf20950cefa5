//! The mapping of members: switched on later, given at creation only, changed in other ways.

use syncline_engine::schema::FlowType;
use syncline_model::job::Counts;

use super::{references, world};
use crate::world::World;

#[test]
fn a_mapping_of_members_that_is_added_later_fills_the_groups() {
    let world = world();
    world.change_schema(|schema| {
        let groups = &mut schema.synchronization_rules[0].object_mappings[1];
        groups
            .attribute_mappings
            .retain(|it| it.target_attribute_name.as_deref() != Some("members"));
    });
    let people = world.people("p", 3);
    world.group("Sales").with(&people);
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    let template = World::new().schema();
    world.change_schema(|schema| {
        schema.synchronization_rules[0].object_mappings[1].attribute_mappings =
            template.synchronization_rules[0].object_mappings[1]
                .attribute_mappings
                .clone();
    });
    assert_eq!(references(world.cycle_as_planned()), (3, 0));
    assert_eq!(world.members_in_fabrikam("Sales").len(), 3);
}

#[test]
fn members_are_filled_in_when_they_are_switched_on_whatever_else_changed() {
    let world = world();
    let template = world.schema();
    let people = world.people("p", 3);
    world.change_schema(|schema| {
        let groups = &mut schema.synchronization_rules[0].object_mappings[1];
        groups
            .attribute_mappings
            .retain(|it| it.target_attribute_name.as_deref() != Some("members"));
    });
    let sales = world.group("Sales").with(&people);
    world.cycle();
    // Met by the walk through changes, before the one through whom the configuration concerns.
    sales.described("of the shop");
    world.change_schema(|schema| *schema = template.clone());
    assert_eq!(references(world.cycle_as_planned()), (3, 0));
}

#[test]
fn another_change_of_the_mapping_leaves_members_alone() {
    let world = world();
    let people = world.people("p", 2);
    let group = world.group("Sales").with(&people);
    world.cycle();
    let sales = world.linked(group.id).unwrap();
    world.fabrikam_removes_member(sales, world.live("p0").id);
    world.change_schema(|schema| {
        let groups = &mut schema.synchronization_rules[0].object_mappings[1];
        groups
            .attribute_mappings
            .retain(|it| it.target_attribute_name.as_deref() != Some("description"));
    });
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p1"]);
}

#[test]
fn members_who_are_only_given_at_creation_are_not_followed() {
    let world = world();
    world.change_schema(|schema| {
        let groups = &mut schema.synchronization_rules[0].object_mappings[1];
        let members = groups
            .attribute_mappings
            .iter_mut()
            .find(|it| it.target_attribute_name.as_deref() == Some("members"));
        members.unwrap().flow_type = FlowType::ObjectAddOnly;
    });
    let people = world.people("p", 3);
    let group = world.group("Sales").with(&people[..2]);
    assert_eq!(references(world.cycle_as_planned()), (2, 0));
    group.with(&people[2..]).without(people[0]);
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1"]);
}

/// Nobody is going to decide of him, so nobody is waited for.
#[test]
fn whoever_was_purged_leaves_his_groups_where_the_mapping_of_people_is_switched_off() {
    let world = world();
    let people = world.people("p", 2);
    world.group("Sales").with(&people);
    world.cycle();
    world.change_schema(|schema| {
        schema.synchronization_rules[0].object_mappings[0].enabled = false;
    });
    world.cycle();
    people[0].deleted().purged();
    assert_eq!(references(world.cycle_as_planned()), (0, 1));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p1"]);
    assert_eq!(world.cycle_as_planned(), Counts::default());
}
