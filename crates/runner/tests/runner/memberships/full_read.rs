//! Whose a membership is, and what a look at everything mends.

use syncline_model::job::Counts;

use super::{references, world};

#[test]
fn what_somebody_in_the_target_added_is_left_alone() {
    let world = world();
    let ana = world.person("ana");
    let bo = world.person("bo");
    let group = world.group("Sales").with(&[bo]);
    world.cycle();
    let sales = world.linked(group.id).unwrap();
    let own = world.internal_user_of_fabrikam("own@fabrikam.example");
    world.fabrikam_adds_member(sales, own);
    world.fabrikam_adds_member(sales, world.live("ana").id);
    let all = [own.to_string(), "ana".to_owned(), "bo".to_owned()];
    let all = || {
        let mut all = all.to_vec();
        all.sort();
        all
    };
    assert_eq!(world.cycle_as_planned(), Counts::default());
    // He is one in the source, and is none there any more: it was not us who added him.
    group.with(&[ana]);
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    group.without(ana);
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    assert_eq!(world.members_in_fabrikam("Sales"), all());
    world.restart("Watermark");
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    assert_eq!(world.members_in_fabrikam("Sales"), all());
    // Made again by hand, what was ours is not ours any more.
    world.fabrikam_removes_member(sales, world.live("bo").id);
    world.fabrikam_adds_member(sales, world.live("bo").id);
    group.without(bo);
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    assert_eq!(world.members_in_fabrikam("Sales"), all());
}

#[test]
fn a_full_read_mends_what_drifted() {
    for page in [1, 100] {
        let world = world().with_pages_of(page);
        let people = world.people("p", 4);
        let group = world.group("Sales").with(&people);
        world.cycle();
        let sales = world.linked(group.id).unwrap();
        world.fabrikam_removes_member(sales, world.live("p0").id);
        assert_eq!(references(world.cycle_as_planned()), (0, 0));
        group.without(people[1]);
        world.restart("Watermark");
        assert_eq!(references(world.cycle_as_planned()), (1, 1));
        assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p2", "p3"]);
    }
}

#[test]
fn broken_links_are_found_again_with_their_members() {
    let world = world();
    let people = world.people("p", 3);
    let group = world.group("Sales").with(&people);
    world.cycle();
    world.restart("Full");
    group.without(people[2]);
    assert_eq!(references(world.cycle_as_planned()), (0, 1));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1"]);
}
