//! Who comes back, or is made anew, has his memberships as they are now.

use syncline_engine::schema::FlowTypes;
use syncline_model::job::{Counts, CycleState};

use super::{DAY, references, world};
use crate::world::only;

#[test]
fn who_is_restored_has_his_memberships_as_they_are_now() {
    let world = world();
    let ana = world.person("ana");
    let sales = world.group("Sales").with(&[ana]);
    world.group("Boss").with(&[ana]);
    world.cycle();
    ana.deleted();
    world.cycle_as_planned();
    let other = world.group("Other").with(&[world.person("bo")]);
    world.cycle_as_planned();
    ana.restored();
    sales.without(ana);
    other.with(&[ana]);
    world.cycle_as_planned();
    assert!(world.members_in_fabrikam("Sales").is_empty());
    assert_eq!(world.members_in_fabrikam("Boss"), ["ana"]);
    assert_eq!(world.members_in_fabrikam("Other"), ["ana", "bo"]);
}

#[test]
fn a_group_that_is_restored_is_as_it_is_now() {
    let world = world();
    let people = world.people("p", 3);
    let group = world.group("Sales").with(&people[..2]);
    world.cycle();
    group.deleted();
    world.cycle_as_planned();
    group.restored().with(&people[2..]).without(people[0]);
    world.cycle_as_planned();
    assert_eq!(world.members_in_fabrikam("Sales"), ["p1", "p2"]);
}

#[test]
fn a_group_that_was_released_is_as_it_is_now_when_it_comes_back() {
    let world = world();
    world.sync_assigned();
    world.secret("SkipOutOfScopeDeletions", "true");
    let people = world.people("p", 3);
    for person in &people {
        person.assigned();
    }
    let group = world.group("Sales").with(&people[..2]).assigned();
    world.cycle_as_planned();
    group.unassigned();
    world.cycle_as_planned();
    group.without(people[0]).with(&people[2..]);
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1"]);
    group.assigned();
    assert_eq!(references(world.cycle_as_planned()), (1, 1));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p1", "p2"]);
}

#[test]
fn a_member_who_was_purged_in_the_target_is_made_anew_with_his_memberships() {
    let world = world();
    let ana = world.person("ana");
    world.group("Sales").with(&[ana]);
    world.cycle();
    let guest = world.live("ana").id;
    world.fabrikam_deletes(guest);
    world.fabrikam_purges(guest);
    ana.department("Sales");
    world.cycle_as_planned();
    assert_eq!(world.members_in_fabrikam("Sales"), ["ana"]);
}

#[test]
fn a_group_that_was_in_the_targets_recycle_bin_is_as_it_is_now() {
    let world = world();
    let people = world.people("p", 3);
    let group = world.group("Sales").with(&people[..2]);
    world.cycle();
    world.fabrikam_deletes_group(world.linked(group.id).unwrap());
    // What happens meanwhile can not be written: the next cycle brings it back and mends it.
    group.without(people[0]).with(&people[2..]);
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    let counts = world.cycle_as_planned();
    assert_eq!((counts.restored, references(counts)), (1, (1, 1)));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p1", "p2"]);
    assert_eq!(world.cycle_as_planned(), Counts::default());
}

#[test]
fn somebody_who_was_in_the_targets_recycle_bin_is_where_he_is_now() {
    let world = world();
    let ana = world.person("ana");
    let sales = world.group("Sales").with(&[ana]);
    let boss = world.group("Boss");
    world.cycle();
    world.fabrikam_deletes(world.live("ana").id);
    sales.without(ana);
    boss.with(&[ana]);
    ana.department("Sales");
    world.cycle_as_planned();
    assert!(world.members_in_fabrikam("Sales").is_empty());
    assert_eq!(world.members_in_fabrikam("Boss"), ["ana"]);
    assert_eq!(world.cycle_as_planned(), Counts::default());
}

/// Nothing else changed of her: only who adds him to a group finds out.
#[test]
fn a_membership_alone_brings_back_who_was_purged_in_the_target() {
    let world = world();
    let [ana, bo] = ["ana", "bo"].map(|name| world.person(name));
    world.group("Sales").with(&[ana, bo]);
    let boss = world.group("Boss");
    world.cycle();
    let guest = world.live("ana").id;
    world.fabrikam_deletes(guest);
    world.fabrikam_purges(guest);
    boss.with(&[ana, bo]);
    assert_eq!(references(world.cycle_as_planned()), (1, 0));
    assert_eq!(world.traces().escrows, 1);
    let counts = world.cycle_as_planned();
    assert_eq!((counts.created, references(counts)), (1, (2, 0)));
    for group in ["Sales", "Boss"] {
        assert_eq!(world.members_in_fabrikam(group), ["ana", "bo"]);
    }
    assert_eq!(world.cycle_as_planned(), Counts::default());
}

#[test]
fn a_membership_alone_brings_back_a_group_that_was_purged_in_the_target() {
    let world = world();
    let people = world.people("p", 3);
    let group = world.group("Sales").with(&people[..2]);
    world.cycle();
    let sales = world.linked(group.id).unwrap();
    world.fabrikam_deletes_group(sales);
    world.fabrikam_purges(sales);
    group.with(&people[2..]);
    assert_eq!(world.cycle().state, CycleState::EntryLevelErrors);
    let counts = world.cycle_as_planned();
    assert_eq!((counts.created, references(counts)), (1, (3, 0)));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1", "p2"]);
    assert_eq!(world.cycle_as_planned(), Counts::default());
}

/// Meanwhile an administrator takes it out of the recycle bin himself: nothing tells, but that it failed.
#[test]
fn what_failed_while_a_group_was_in_the_targets_recycle_bin_is_made_up_for_at_once() {
    let world = world();
    let people = world.people("p", 3);
    let group = world.group("Sales").with(&people[..2]);
    world.cycle();
    let sales = world.linked(group.id).unwrap();
    world.fabrikam_deletes_group(sales);
    group.without(people[0]).with(&people[2..]);
    assert_eq!(world.cycle().state, CycleState::EntryLevelErrors);
    world.fabrikam_restores(sales);
    assert_eq!(references(world.cycle_as_planned()), (1, 1));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p1", "p2"]);
}

/// Nobody looks at him any more, so his group would fail in every cycle.
#[test]
fn whoever_was_released_and_purged_in_the_target_is_no_member_until_he_comes_back() {
    let world = world();
    world.secret("SkipOutOfScopeDeletions", "true");
    world.scope_to("department", "Sales");
    let people = world.people("p", 2);
    for person in &people {
        person.department("Sales");
    }
    world.group("Sales").with(&people);
    world.cycle();
    people[0].department("Other");
    world.cycle();
    let guest = world.live("p0").id;
    world.fabrikam_deletes(guest);
    world.fabrikam_purges(guest);
    world.restart("Watermark");
    for _ in 0..3 {
        assert_eq!(references(world.cycle_as_planned()), (0, 0));
        assert_eq!(world.traces().escrows, 0);
        world.clock.advance_seconds(DAY);
    }
    people[0].department("Sales");
    let counts = world.cycle_as_planned();
    assert_eq!((counts.created, references(counts)), (1, (1, 0)));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1"]);
}

/// As he was when he was deleted, but for what has changed of his groups since.
#[test]
fn whoever_was_released_and_comes_back_with_his_source_is_where_he_is_now() {
    let world = world();
    world.secret("SkipOutOfScopeDeletions", "true");
    world.scope_to("department", "Sales");
    let people = world.people("p", 2);
    for person in &people {
        person.department("Sales");
    }
    let sales = world.group("Sales").with(&people);
    world.group("Boss").with(&people);
    let club = world.group("Club");
    world.cycle();
    people[0].department("Other");
    world.cycle_as_planned();
    people[0].deleted();
    assert_eq!(world.cycle_as_planned().deleted, 1);
    people[0].restored();
    sales.without(people[0]);
    club.with(&people[..1]);
    let counts = world.cycle_as_planned();
    assert_eq!(counts.restored, 1);
    world.cycle_as_planned();
    assert_eq!(world.members_in_fabrikam("Sales"), ["p1"]);
    assert_eq!(world.members_in_fabrikam("Boss"), ["p0", "p1"]);
    assert_eq!(world.members_in_fabrikam("Club"), ["p0"]);
    assert_eq!(world.cycle_as_planned(), Counts::default());
}

/// A group keeps the members that it had, and nothing is written of them.
#[test]
fn a_group_that_was_released_comes_back_with_its_source_as_it_was() {
    let world = world();
    world.sync_assigned();
    world.secret("SkipOutOfScopeDeletions", "true");
    let people = world.people("p", 3);
    for person in &people {
        person.assigned();
    }
    let group = world.group("Sales").with(&people[..2]).assigned();
    world.cycle_as_planned();
    group.unassigned();
    world.cycle_as_planned();
    group.deleted();
    assert_eq!(world.cycle_as_planned().deleted, 1);
    group.restored().without(people[0]).with(&people[2..]);
    let counts = world.cycle_as_planned();
    assert_eq!((counts.restored, references(counts)), (1, (0, 0)));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1"]);
    assert_eq!(world.cycle_as_planned(), Counts::default());
}

/// Deletes are off: he stays in the target, and in the groups that he is in.
#[test]
fn whoever_was_let_go_because_he_was_deleted_is_added_to_nothing_until_he_is_back() {
    let world = world();
    world.change_schema(|schema| {
        let people = &mut schema.synchronization_rules[0].object_mappings[0];
        people.flow_types = FlowTypes("Add,Update".to_owned());
    });
    let [ana, bo] = ["ana", "bo"].map(|name| world.person(name));
    world.group("Sales").with(&[ana, bo]);
    let boss = world.group("Boss");
    world.cycle();
    // She joins and is deleted between two cycles.
    boss.with(&[ana, bo]);
    ana.deleted();
    assert_eq!(references(world.cycle_as_planned()), (1, 0));
    // A full read goes through all groups.
    world.restart("Watermark");
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    assert_eq!(world.members_in_fabrikam("Boss"), ["bo"]);
    assert_eq!(world.members_in_fabrikam("Sales"), ["ana", "bo"]);
    ana.restored();
    assert_eq!(references(world.cycle_as_planned()), (1, 0));
    assert_eq!(world.members_in_fabrikam("Boss"), ["ana", "bo"]);
    assert_eq!(world.cycle_as_planned(), Counts::default());
}

/// Nothing is kept in step of it but that it is a member.
#[test]
fn a_nested_group_that_is_back_in_the_target_and_let_go_is_where_it_is_now() {
    let world = world();
    world.change_schema(|schema| {
        let groups = &mut schema.synchronization_rules[0].object_mappings[1];
        groups.scope = Some(only("description", "here"));
    });
    let [inner, sales, boss] =
        ["Inner", "Sales", "Boss"].map(|name| world.group(name).described("here"));
    sales.with_group(inner);
    world.cycle();
    inner.described("away");
    assert_eq!(world.cycle_as_planned().deleted, 1);
    boss.with_group(inner);
    assert_eq!(references(world.cycle_as_planned()), (0, 0));
    world.secret("SkipOutOfScopeDeletions", "true");
    let target = world.linked(inner.id).unwrap();
    world.fabrikam_restores(target);
    inner.described("elsewhere");
    assert_eq!(references(world.cycle_as_planned()), (1, 0));
    assert_eq!(world.members_in_fabrikam("Boss"), ["Inner"]);
    assert_eq!(world.members_in_fabrikam("Sales"), ["Inner"]);
    assert_eq!(world.cycle_as_planned(), Counts::default());
}
