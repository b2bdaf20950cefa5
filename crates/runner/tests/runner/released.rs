//! Who is gone from the target, mostly since he left the scope and was kept: nobody looks at him any more, so
//! whoever names him finds out. The plan finds out with him.

use proptest::prelude::*;
use syncline_engine::SkipReason;
use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::schema::Filter;
use syncline_model::job::{Counts, CycleState};
use syncline_model::link::LinkState;
use syncline_model::{Attr, Clock as _, Link};
use syncline_testkit::few;

use crate::sizes::sizes;
use crate::world::{State, World, only};

/// The boss was released, and then purged in the target.
fn world() -> World {
    let world = World::new().with_pages_of(1);
    world.secret("SkipOutOfScopeDeletions", "true");
    world.scope_to("department", "Sales");
    for name in ["ana", "bo", "boss"] {
        world.person(name).department("Sales");
    }
    world.cycle();
    world.person("boss").department("Other");
    world.cycle();
    let guest = world.live("boss").id;
    world.fabrikam_deletes(guest);
    world.fabrikam_purges(guest);
    world
}

#[test]
fn whoever_names_him_after_the_first_is_planned_to_wait() {
    let world = world();
    world.person("ana").manager("boss");
    world.person("bo").manager("boss");
    let planned = world.plan();
    let report = world.cycle();
    let expected = Counts {
        unchanged: 1,
        escrowed: 1,
        references_pending: 1,
        ..Counts::default()
    };
    assert_eq!(report.counts, expected);
    assert_eq!(planned.counts, expected);
}

#[test]
fn he_himself_is_planned_as_the_cycle_finds_him_then() {
    let world = world();
    world.person("ana").manager("boss");
    world.person("boss").department("Third");
    let planned = world.plan();
    let report = world.cycle();
    let expected = Counts {
        skipped: 1,
        escrowed: 1,
        ..Counts::default()
    };
    assert_eq!(report.counts, expected);
    assert_eq!(planned.counts, expected);
    assert_eq!(planned.skipped_by_reason, report.skipped_by_reason);
}

/// Whoever was in the target's recycle bin is out of it when his manager comes behind him.
#[test]
fn whoever_is_restored_is_planned_to_get_the_manager_who_comes_after() {
    let world = World::new().with_pages_of(1);
    world.scope_to("department", "Sales");
    world.person("ana").department("Sales").manager("boss");
    world.cycle();
    world.fabrikam_deletes(world.live("ana").id);
    world.person("ana").set(Attr::JOB_TITLE, "Clerk");
    world.person("boss").department("Sales");
    let planned = world.plan();
    let report = world.cycle();
    let expected = Counts {
        created: 1,
        restored: 1,
        references_set: 1,
        ..Counts::default()
    };
    assert_eq!(report.counts, expected);
    assert_eq!(planned.counts, expected);
}

/// Nothing else changed of them: those who refer to him wait for who is made in his place.
#[test]
fn the_reports_of_whoever_is_made_anew_are_planned_to_get_him_back() {
    let world = World::new().with_pages_of(1);
    for name in ["ana", "bo"] {
        world.person(name).manager("boss");
    }
    world.cycle();
    let guest = world.live("boss").id;
    world.fabrikam_deletes(guest);
    world.fabrikam_purges(guest);
    world.person("boss").department("Sales");
    let planned = world.plan();
    let report = world.cycle();
    let expected = Counts {
        created: 1,
        references_set: 2,
        ..Counts::default()
    };
    assert_eq!(report.counts, expected);
    assert_eq!(planned.counts, expected);
}

/// Out of scope and kept, deleted in the source and in the target, and back in the source.
fn released_and_deleted() -> World {
    let world = World::new().with_pages_of(1);
    world.secret("SkipOutOfScopeDeletions", "true");
    world.scope_to("department", "Sales");
    for name in ["ana", "bo", "boss"] {
        world.person(name).department("Sales");
    }
    world.person("bo").manager("boss");
    world.cycle();
    world.person("boss").department("Other");
    world.cycle();
    world.person("boss").deleted();
    assert_eq!(world.cycle().counts.deleted, 1);
    assert!(link_of_boss(&world).was_released);
    world
}

fn link_of_boss(world: &World) -> Link {
    let boss = world.person("boss").id;
    let links = world.traces().links;
    links.into_iter().find(|it| it.source == boss).unwrap()
}

#[test]
fn whoever_was_released_comes_back_with_his_source_as_he_was() {
    let world = released_and_deleted();
    world.person("boss").restored();
    // She is looked at before him, who changes last.
    world.person("ana").manager("boss");
    world.person("boss").set(Attr::JOB_TITLE, "Chief");
    let planned = world.plan();
    let shown = planned.shown.iter().find(|it| it.action == "restore");
    let reason = shown.and_then(|it| it.reason.clone()).unwrap();
    assert!(reason.contains("not kept in step"), "{reason}");
    let report = world.cycle();
    let expected = Counts {
        restored: 1,
        references_set: 1,
        ..Counts::default()
    };
    let counts = Counts {
        updated: 0,
        unchanged: 0,
        ..report.counts
    };
    assert_eq!(counts, expected);
    assert_eq!(planned.counts, report.counts);
    let guest = world.live("boss");
    assert!(guest.is_live());
    assert_eq!(guest.department(), "Sales", "no value is written");
    assert_eq!(guest.attrs().get(Attr::JOB_TITLE), None);
    for name in ["ana", "bo"] {
        assert_eq!(world.live(name).manager.as_deref(), Some("boss"), "{name}");
    }
    let link = link_of_boss(&world);
    assert_eq!(
        (link.state, link.was_released),
        (LinkState::Released, false)
    );
    let told = world.outcomes("boss");
    assert_eq!(
        told[told.len() - 2..],
        [EvidenceOutcome::Restored, EvidenceOutcome::Released]
    );
    // He is looked after as whoever was let go: not at all, and when he is deleted again, as before.
    world.person("boss").set(Attr::JOB_TITLE, "Clerk");
    assert_eq!(world.cycle().counts.updated, 0);
    world.person("boss").deleted();
    assert_eq!(world.cycle().counts.deleted, 1);
    world.person("boss").restored().department("Sales");
    assert_eq!(world.cycle().counts.restored, 1);
    let link = link_of_boss(&world);
    assert_eq!((link.state, link.was_released), (LinkState::Live, false));
    assert_eq!(world.live("boss").text(Attr::JOB_TITLE), "Clerk");
}

#[test]
fn what_brought_him_back_is_undone() {
    let world = released_and_deleted();
    world.person("boss").restored();
    let cycle = world.cycle();
    assert_eq!(cycle.counts.restored, 1);
    world.undo_cycle(&cycle);
    assert!(!world.target_user("boss").unwrap().is_live());
    let link = link_of_boss(&world);
    assert_eq!(
        (link.state, link.was_released),
        (LinkState::SoftDeleted, true)
    );
}

/// He was not kept in step before it, and is not afterwards.
#[test]
fn whose_deletion_is_undone_is_let_go_still() {
    let world = released_and_deleted();
    world.person("boss").restored();
    world.cycle();
    world.person("boss").deleted();
    let cycle = world.cycle();
    assert_eq!(cycle.counts.deleted, 1);
    world.undo_cycle(&cycle);
    assert!(world.live("boss").is_live());
    let link = link_of_boss(&world);
    assert_eq!(
        (link.state, link.was_released),
        (LinkState::Released, false)
    );
}

/// Also when he is kept by the filters that leave alone whom they leave out.
#[test]
fn whoever_the_input_filters_left_alone_comes_back_with_his_source() {
    let world = World::new();
    world.person("boss").department("Sales");
    world.cycle();
    world.change_schema(|schema| {
        let groups = only("department", "Sales").groups;
        schema.synchronization_rules[0].object_mappings[0].scope = Some(Filter {
            input_filter_groups: groups,
            ..Filter::default()
        });
    });
    world.person("boss").department("Other");
    world.cycle();
    world.person("boss").deleted();
    world.cycle();
    world.person("boss").restored();
    let planned = world.plan();
    let report = world.cycle();
    assert_eq!(report.counts.restored, 1);
    assert_eq!(planned.counts, report.counts);
    let left_alone = EvidenceOutcome::Skipped(SkipReason::LeftAlone);
    assert_eq!(world.outcomes("boss").last(), Some(&left_alone));
    assert_eq!(world.live("boss").department(), "Sales");
}

/// He left the scope before anybody was kept, or was put into the recycle bin by the target's administrator.
#[test]
fn nobody_else_comes_back_from_outside_the_scope() {
    let world = World::new();
    world.scope_to("department", "Sales");
    world.person("ana").department("Sales");
    world.person("boss").department("Sales");
    world.cycle();
    world.person("ana").department("Other");
    assert_eq!(world.cycle().counts.deleted, 1);
    world.secret("SkipOutOfScopeDeletions", "true");
    world.person("boss").department("Other");
    world.cycle();
    world.fabrikam_deletes(world.live("boss").id);
    for name in ["ana", "boss"] {
        world.person(name).deleted();
    }
    world.cycle();
    for name in ["ana", "boss"] {
        world.person(name).restored();
    }
    let planned = world.plan();
    let report = world.cycle();
    assert_eq!(report.counts.restored, 0);
    assert_eq!(planned.counts, report.counts);
    for name in ["ana", "boss"] {
        assert!(!world.target_user(name).unwrap().is_live(), "{name}");
    }
}

const PEOPLE: usize = 4;

#[derive(Clone, Copy, Debug)]
enum Event {
    /// The scope, and is kept.
    Leaves(usize),
    Returns(usize),
    Changes(usize),
    Deleted(usize),
    Restored(usize),
    /// By an administrator of the target.
    Binned(usize),
    Vanishes(usize),
    ReportsTo(usize, usize),
    Provisioned(usize),
    Restart,
    Cycle,
}

fn event() -> impl Strategy<Value = Event> {
    let who = 0..PEOPLE;
    prop_oneof![
        3 => who.clone().prop_map(Event::Leaves),
        2 => who.clone().prop_map(Event::Returns),
        2 => who.clone().prop_map(Event::Changes),
        1 => who.clone().prop_map(Event::Deleted),
        1 => who.clone().prop_map(Event::Restored),
        1 => who.clone().prop_map(Event::Binned),
        3 => who.clone().prop_map(Event::Vanishes),
        5 => (who.clone(), who.clone()).prop_map(|(who, to)| Event::ReportsTo(who, to)),
        1 => who.prop_map(Event::Provisioned),
        1 => Just(Event::Restart),
        5 => Just(Event::Cycle),
    ]
}

fn happens(world: &World, deleted: &mut [bool; PEOPLE], event: Event) {
    let name = |who: usize| format!("p{who}");
    let person = |who: usize| world.person(&name(who));
    match event {
        Event::Leaves(who) if !deleted[who] => drop(person(who).department("Other")),
        Event::Returns(who) if !deleted[who] => drop(person(who).department("Sales")),
        Event::Changes(who) if !deleted[who] => {
            let now = world.clock.now().0;
            person(who).set(Attr::JOB_TITLE, format!("{now}"));
        }
        Event::Deleted(who) if !deleted[who] => {
            person(who).deleted();
            deleted[who] = true;
        }
        Event::Restored(who) if deleted[who] => {
            person(who).restored();
            deleted[who] = false;
        }
        Event::Binned(who) | Event::Vanishes(who) => {
            let Some(guest) = person(who).in_target() else {
                return;
            };
            if guest.state == State::Live {
                world.fabrikam_deletes(guest.id);
            }
            if matches!(event, Event::Vanishes(_)) {
                world.fabrikam_purges(guest.id);
            }
        }
        Event::ReportsTo(who, to) if who != to && !deleted[who] && !deleted[to] => {
            person(who).manager(&name(to));
        }
        Event::Provisioned(who) if !deleted[who] => {
            world.clock.advance_seconds(20);
            let told = world.provision_telling_all(&world.rule(), person(who).id);
            assert!(!told.unwrap().is_empty());
        }
        Event::Restart => world.restart("Watermark"),
        Event::Cycle => {
            let planned = world.plan();
            let report = world.cycle();
            assert_eq!(planned.counts, report.counts);
            assert_eq!(planned.skipped_by_reason, report.skipped_by_reason);
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(few(40))]

    /// Whoever leaves, vanishes and comes back in any order: every cycle does what was planned, and in the
    /// end nothing is left to be done.
    #[test]
    fn any_coming_and_going_is_planned_as_it_happens(
        sizes in sizes(4),
        events in prop::collection::vec(event(), 1..40),
    ) {
        let world = World::new().with_page_sizes(sizes);
        world.secret("SkipOutOfScopeDeletions", "true");
        world.scope_to("department", "Sales");
        for person in world.people("p", PEOPLE) {
            person.department("Sales");
        }
        world.cycle();
        let mut deleted = [false; PEOPLE];
        for event in events {
            happens(&world, &mut deleted, event);
        }
        for who in 0..PEOPLE {
            happens(&world, &mut deleted, Event::Restored(who));
            happens(&world, &mut deleted, Event::Returns(who));
            happens(&world, &mut deleted, Event::Changes(who));
        }
        for _ in 0..3 {
            prop_assert_ne!(world.cycle().state, CycleState::Failed);
            world.clock.advance_seconds(24 * 60 * 60);
        }
        prop_assert_eq!(world.cycle().counts, Counts::default());
        prop_assert_eq!(world.target_names().len(), PEOPLE);
    }
}
