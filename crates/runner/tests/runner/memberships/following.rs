//! Members are followed: who joins, leaves, or comes into the target later.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use syncline_engine::evidence::{EvidenceOutcome, ReferenceState};
use syncline_model::EntityKind;
use syncline_model::job::{Counts, CyclePhase};
use syncline_runner::Progress;

use super::{references, world};
use crate::world::{AfterPage, World};

#[test]
fn a_first_cycle_gives_groups_those_members_who_are_in_the_target() {
    for page in [1, 2, 100] {
        let world = world().with_pages_of(page);
        let people = world.people("p", 5);
        people[4].disabled();
        world.group("Sales").with(&people);
        world.group("Boss").with(&people[..1]);
        world.group("Empty");
        let counts = world.cycle_as_planned();
        assert_eq!((counts.created, references(counts)), (7, (5, 0)), "{page}");
        assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1", "p2", "p3"]);
        assert_eq!(world.members_in_fabrikam("Boss"), ["p0"]);
        assert!(world.members_in_fabrikam("Empty").is_empty());
        assert_eq!(world.cycle_as_planned(), Counts::default());
    }
}

#[test]
fn a_successor_comes_into_his_groups_with_the_cycle_that_removes_the_leaver() {
    for page in [1, 100] {
        let world = world().with_pages_of(page);
        let (ana, bo) = (world.person("ana"), world.person("bo"));
        let group = world.group("Sales").with(&[ana, bo]);
        world.cycle();
        ana.deleted();
        world.remember_as("ana", "the first ana");
        group.with(&[world.person("ana")]);
        let counts = world.cycle_as_planned();
        assert_eq!(
            (counts.created, counts.deleted, counts.escrowed),
            (1, 1, 0),
            "{page}"
        );
        assert_eq!(counts.references_set, 1);
        // Whoever is in the recycle bin keeps what is hidden there.
        let members = world.members_in_fabrikam("Sales");
        assert_eq!(members, ["ana", "bo", "the first ana"]);
        assert_eq!(world.cycle_as_planned(), Counts::default());
    }
}

#[test]
fn one_change_of_a_large_group_is_one_membership_to_write() {
    let world = world();
    let people = world.people("p", 40);
    let group = world.group("Sales").with(&people[..39]);
    world.cycle();
    group.with(&people[39..]);
    let counts = world.cycle_as_planned();
    assert_eq!(
        counts,
        Counts {
            references_set: 1,
            ..Counts::default()
        }
    );
    let log = world.log();
    let last = log.last().unwrap();
    assert_eq!((last.kind, last.source), (EntityKind::Group, group.id));
    assert_eq!(last.outcome, EvidenceOutcome::ReferencesOnly);
    assert_eq!(last.source_name.as_str(), "Sales");
    let written: Vec<_> = last
        .references
        .iter()
        .map(|it| (it.name.as_str(), it.source))
        .collect();
    assert_eq!(written, [("members", Some(people[39].id))]);

    group.without(people[0]);
    let counts = world.cycle_as_planned();
    assert_eq!(
        counts,
        Counts {
            references_removed: 1,
            ..Counts::default()
        }
    );
    let log = world.log();
    let gone = world.live("p0").id;
    assert_eq!(
        log.last().unwrap().references[0].state,
        ReferenceState::Removed(gone)
    );
    assert_eq!(world.members_in_fabrikam("Sales").len(), 39);
}

#[test]
fn whoever_comes_later_is_added_to_the_groups_that_he_is_in() {
    let world = world();
    let ana = world.person("ana").disabled();
    let bo = world.person("bo");
    world.group("Sales").with(&[ana, bo]);
    world.group("Boss").with(&[ana]);
    world.cycle();
    assert_eq!(world.members_in_fabrikam("Sales"), ["bo"]);
    ana.enabled();
    let counts = world.cycle_as_planned();
    assert_eq!((counts.created, references(counts)), (1, (2, 0)));
    assert_eq!(world.members_in_fabrikam("Sales"), ["ana", "bo"]);
    assert_eq!(world.members_in_fabrikam("Boss"), ["ana"]);
    assert_eq!(world.cycle_as_planned(), Counts::default());
}

#[test]
fn whoever_is_provisioned_on_demand_is_added_by_the_next_cycle() {
    let world = world();
    let bo = world.person("bo");
    world.group("Sales").with(&[bo]);
    world.cycle();
    let ana = world.person("ana");
    world.provision(ana.id).unwrap();
    world.group("Sales").with(&[ana]);
    assert_eq!(references(world.cycle_as_planned()), (1, 0));
    assert_eq!(world.members_in_fabrikam("Sales"), ["ana", "bo"]);
}

#[test]
fn a_group_that_comes_later_gets_its_members() {
    let world = World::new();
    let people = world.people("p", 3);
    world.group("Sales").with(&people);
    world.cycle();
    world.groups_flow();
    let counts = world.cycle_as_planned();
    assert_eq!((counts.created, references(counts)), (1, (3, 0)));
    assert_eq!(world.members_in_fabrikam("Sales").len(), 3);
}

#[test]
fn groups_are_members_of_groups() {
    let world = world().with_pages_of(1);
    let ana = world.person("ana");
    let inner = world.group("Inner").with(&[ana]);
    let outer = world.group("Outer").with_group(inner);
    world.cycle_as_planned();
    assert_eq!(world.members_in_fabrikam("Outer"), ["Inner"]);
    assert_eq!(world.members_in_fabrikam("Inner"), ["ana"]);
    // One that is new in both roles.
    let middle = world.group("Middle").with_group(inner);
    outer.with_group(middle);
    assert_eq!(references(world.cycle_as_planned()), (2, 0));
    assert_eq!(world.members_in_fabrikam("Outer"), ["Inner", "Middle"]);
    assert_eq!(world.members_in_fabrikam("Middle"), ["Inner"]);
}

#[test]
fn a_large_page_of_members_is_told_in_several_lines() {
    let world = world();
    let people = world.people("p", 230);
    let group = world.group("Sales").with(&people);
    world.cycle();
    let log = world.log();
    let lines = log.iter().filter(|it| it.source == group.id);
    let told: Vec<usize> = lines.map(|it| it.references.len()).collect();
    assert_eq!(told, [0, 100, 100, 30]);
}

#[test]
fn a_walk_through_members_goes_on_where_it_was_interrupted() {
    let world = world().with_pages_of(1);
    let people = world.people("p", 9);
    world.group("Sales").with(&people);
    let mut deaths = 0;
    loop {
        let run = catch_unwind(AssertUnwindSafe(|| {
            world.try_cycle(&AfterPage::new(|_, progress: &Progress| {
                if progress.phase == CyclePhase::Memberships {
                    std::panic::resume_unwind(Box::new("the process dies here"));
                }
            }))
        }));
        match run {
            Err(_died) => deaths += 1,
            Ok(report) => {
                assert_eq!(references(report.unwrap().counts), (9, 0));
                break;
            }
        }
        world.start();
    }
    assert!(deaths >= 3, "{deaths} pages");
    assert_eq!(world.members_in_fabrikam("Sales").len(), 9);
    let told: usize = world
        .log()
        .iter()
        .filter(|it| it.kind == EntityKind::Group)
        .map(|it| it.references.len())
        .sum();
    assert_eq!(told, 9, "each once");
}

/// Whoever becomes due behind the place of the walk is met all the same.
#[test]
fn whoever_is_provisioned_on_demand_while_members_are_walked_is_added_by_the_same_cycle() {
    for page in 1.. {
        let world = world().with_pages_of(1);
        let ana = world.person("ana").disabled();
        let people = world.people("p", 2);
        for name in ["A", "B"] {
            world.group(name).with(&people).with(&[ana]);
        }
        let pages = Cell::new(0);
        world.cycle_watched_by(&AfterPage::new(|_, progress: &Progress| {
            if progress.phase == CyclePhase::Memberships {
                pages.set(pages.get() + 1);
                if pages.get() == page {
                    ana.enabled();
                    world.provision(ana.id).unwrap();
                }
            }
        }));
        if pages.get() <= page {
            assert!(page > 3, "{page} pages");
            break;
        }
        for name in ["A", "B"] {
            assert_eq!(world.members_in_fabrikam(name).len(), 3, "{page}");
        }
    }
}
