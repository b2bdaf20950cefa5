//! Memberships of those whose removal is held.

use syncline_engine::schema::Filter;

use super::{references, world};
use crate::world::only;

#[test]
fn a_group_whose_removal_is_held_keeps_its_members() {
    let world = world();
    let people = world.people("p", 3);
    let group = world.group("Sales").with(&people);
    world.cycle();
    world.threshold(1);
    group.deleted().purged();
    for restarted in [false, true] {
        if restarted {
            world.restart("Watermark");
        }
        let counts = world.cycle_as_planned();
        assert_eq!((counts.staged, references(counts)), (1, (0, 0)));
        assert_eq!(world.members_in_fabrikam("Sales").len(), 3);
    }
}

#[test]
fn whoever_left_a_group_whose_removal_was_held_is_removed_when_it_stays() {
    let world = world();
    let people = world.people("p", 3);
    world.group("Sales").with(&people);
    world.cycle();
    world.threshold(1);
    let scope = |scope: Option<Filter>| {
        world.change_schema(|schema| {
            schema.synchronization_rules[0].object_mappings[1].scope = scope;
        });
    };
    scope(Some(only("displayName", "Another")));
    world.group("Sales").without(world.person("p0"));
    for _ in 0..2 {
        let counts = world.cycle_as_planned();
        assert_eq!((counts.staged, references(counts)), (1, (0, 0)));
        assert_eq!(world.members_in_fabrikam("Sales").len(), 3);
    }
    scope(None);
    assert_eq!(references(world.cycle_as_planned()), (0, 1));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p1", "p2"]);
}
