//! Memberships of those whose removal is held.

use syncline_engine::schema::Filter;
use syncline_model::ObjectId;
use syncline_model::job::{Counts, CyclePhase};
use syncline_runner::{Observer, Progress};
use syncline_store::EdgeKind;

use super::{references, world};
use crate::world::{AfterPage, World, only};

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

#[test]
fn whoever_was_purged_keeps_his_memberships_while_his_removal_is_held() {
    let world = world();
    let [ana, bo] = ["ana", "bo"].map(|name| world.person(name));
    let inner = world.group("Inner").with(&[bo]);
    world.group("Sales").with(&[ana, bo]).with_group(inner);
    world.group("Boss").with(&[ana]);
    world.cycle();
    world.threshold(1);
    ana.deleted().purged();
    inner.deleted().purged();
    for restarted in [false, false, true] {
        if restarted {
            world.restart("Watermark");
        }
        let counts = world.cycle_as_planned();
        assert_eq!((counts.staged, references(counts)), (2, (0, 0)));
        assert_eq!(members_by_id(&world, "Sales").len(), 3);
        assert_eq!(members_by_id(&world, "Boss").len(), 1);
    }
    // Others come and go meanwhile.
    world.group("Sales").without(bo);
    world.group("Boss").with(&[bo]);
    assert_eq!(references(world.cycle_as_planned()), (1, 1));
    // They go with him.
    world.restart("ForceDeletes");
    let counts = world.cycle_as_planned();
    assert_eq!((counts.deleted, references(counts)), (2, (0, 0)));
    assert!(world.members_in_fabrikam("Sales").is_empty());
    assert_eq!(world.members_in_fabrikam("Boss"), ["bo"]);
    assert_eq!(world.cycle_as_planned(), Counts::default());
}

/// Names of those who are gone are not known any more.
pub(super) fn members_by_id(world: &World, group: &str) -> Vec<ObjectId> {
    let group = world.linked(world.group(group).id).unwrap();
    let members = world
        .store
        .read(|reader| reader.edges_from(world.fabrikam.id, EdgeKind::Member, group, None, 100));
    members.unwrap()
}

#[test]
fn whoever_was_purged_goes_with_his_memberships_where_nothing_is_held() {
    let world = world();
    let [ana, bo] = ["ana", "bo"].map(|name| world.person(name));
    world.group("Sales").with(&[ana, bo]);
    world.cycle();
    ana.deleted().purged();
    let counts = world.cycle_as_planned();
    assert_eq!((counts.deleted, references(counts)), (1, (0, 0)));
    assert_eq!(world.members_in_fabrikam("Sales"), ["bo"]);
    assert_eq!(world.cycle_as_planned(), Counts::default());
}

/// He is in the target as long as he is held, and in no group that the source took him out of.
#[test]
fn whoever_is_to_be_switched_off_leaves_the_groups_that_he_left() {
    let world = world();
    let [ana, bo] = ["ana", "bo"].map(|name| world.person(name));
    let sales = world.group("Sales").with(&[ana, bo]);
    world.cycle();
    world.threshold(1);
    ana.disabled();
    sales.without(ana);
    let counts = world.cycle_as_planned();
    assert_eq!((counts.staged, references(counts)), (1, (0, 1)));
    assert_eq!(world.members_in_fabrikam("Sales"), ["bo"]);
}

/// There may be thousands of them, for weeks.
#[test]
fn nobody_looks_for_groups_of_those_whose_removal_is_held_until_that_is_over() {
    for is_let_through in [true, false] {
        let world = world();
        let [ana, bo] = ["ana", "bo"].map(|name| world.person(name));
        let bern = world.group("Bern").with(&[bo]);
        world.cycle();
        world.threshold(1);
        ana.disabled();
        bern.with(&[ana]);
        assert_eq!(world.cycle().counts.staged, 1);
        // Once more where she was met by her group.
        world.cycle();
        let walked = world.groups_walked();
        for _ in 0..3 {
            let counts = world.cycle().counts;
            assert_eq!((counts.staged, references(counts)), (1, (0, 0)));
        }
        assert_eq!(world.groups_walked(), walked);
        // She is looked at when something changes of her, and waits on.
        ana.department("Sales");
        world.cycle();
        assert!(world.groups_walked() > walked);
        let walked = world.groups_walked();
        world.cycle();
        assert_eq!(world.groups_walked(), walked);

        if is_let_through {
            world.restart("ForceDeletes");
            assert_eq!(references(world.cycle_as_planned()), (0, 0));
            assert!(!world.live("ana").is_enabled());
        } else {
            ana.enabled();
        }
        assert_eq!(references(world.cycle_as_planned()), (1, 0));
        assert_eq!(world.members_in_fabrikam("Bern"), ["ana", "bo"]);
        assert_eq!(world.cycle_as_planned(), Counts::default());
    }
}

#[test]
fn a_group_whose_removal_is_held_gets_nobody_until_it_stays() {
    let world = world();
    let ana = world.person("ana").disabled();
    let [bo, cleo] = ["bo", "cleo"].map(|name| world.person(name));
    let group = world.group("Sales").with(&[ana, bo]);
    world.cycle();
    world.threshold(1);
    group.deleted();
    world.cycle_as_planned();
    ana.enabled();
    for _ in 0..2 {
        let counts = world.cycle_as_planned();
        assert_eq!((counts.staged, references(counts)), (1, (0, 0)));
    }
    group.restored().with(&[cleo]).without(bo);
    assert_eq!(references(world.cycle_as_planned()), (2, 1));
    assert_eq!(world.members_in_fabrikam("Sales"), ["ana", "cleo"]);
    assert_eq!(world.cycle_as_planned(), Counts::default());
}

/// Deleted for good behind the watermark of a cycle that walks through his group: nobody could take that back.
#[test]
fn who_is_purged_while_his_group_is_gone_through_keeps_his_memberships() {
    let world = world();
    let people = world.people("p", 3);
    let sales = world.group("Sales").with(&people);
    let boss = world.group("Boss").with(&people);
    world.cycle();
    world.threshold(1);
    world.restart("Watermark");
    let observer = before_memberships(|| {
        people[0].deleted().purged();
        boss.deleted().purged();
        sales.without(people[1]);
    });
    let counts = world.cycle_watched_by(&observer).counts;
    assert_eq!((counts.staged, references(counts)), (0, (0, 1)));
    for _ in 0..2 {
        let counts = world.cycle_as_planned();
        assert_eq!((counts.staged, references(counts)), (2, (0, 0)));
        assert_eq!(members_by_id(&world, "Sales").len(), 2);
        assert_eq!(members_by_id(&world, "Boss").len(), 3);
    }
    world.restart("ForceDeletes");
    let counts = world.cycle_as_planned();
    assert_eq!((counts.deleted, references(counts)), (2, (0, 0)));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p2"]);
    assert_eq!(world.cycle_as_planned(), Counts::default());
}

/// Does something once, when a cycle has decided of everybody and comes to its memberships.
pub(super) fn before_memberships(mut act: impl FnMut()) -> impl Observer {
    let mut done = false;
    AfterPage::new(move |_, progress: &Progress| {
        if progress.phase == CyclePhase::References && !done {
            done = true;
            act();
        }
    })
}
