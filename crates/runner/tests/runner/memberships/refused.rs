//! Memberships that the target does not take, or not now.

use syncline_engine::Operation;
use syncline_model::job::{Counts, CycleState};
use syncline_model::{Attr, Clock as _};
use syncline_runner::Progress;
use syncline_store::Escrow;

use super::{DAY, HOUR, references, world};
use crate::world::{AfterPage, Group, World};

#[test]
fn without_consent_to_groups_nothing_is_written_and_nothing_is_forgotten() {
    let world = world();
    let people = world.people("p", 3);
    let group = world.group("Sales").with(&people[..2]);
    world.cycle();
    world.fabrikam_lets_groups_in(false);
    group.with(&people[2..]).without(people[0]);
    for _ in 0..2 {
        let report = world.cycle();
        assert_eq!(report.state, CycleState::EntryLevelErrors);
        assert_eq!(references(report.counts), (0, 0));
    }
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1"]);
    world.fabrikam_lets_groups_in(true);
    let report = world.cycle();
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(references(report.counts), (1, 1));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p1", "p2"]);
}

/// A job that keeps people in step is not quarantined because there are many memberships.
#[test]
fn however_many_memberships_wait_for_consent_that_is_one_failure() {
    for pages in [1, 100] {
        let world = world().with_pages_of(pages);
        let people = world.people("p", 6);
        let groups = ["Sales", "Boss", "Other"].map(|name| world.group(name).with(&people[..1]));
        world.cycle();
        world.fabrikam_lets_groups_in(false);
        for group in groups {
            group.with(&people[1..]);
        }
        for _ in 0..2 {
            let mut failed = 0;
            let observer = AfterPage::new(|_, _: &Progress| {
                let cycle = world.stored_job().running;
                failed = cycle.map_or(0, |it| it.references_failed);
            });
            let report = world.cycle_watched_by(&observer);
            assert_eq!(report.state, CycleState::EntryLevelErrors);
            assert_eq!(failed, 1, "pages of {pages}");
        }
        world.fabrikam_lets_groups_in(true);
        assert_eq!(references(world.cycle().counts), (15, 0));
    }
}

/// What the target says of everybody: it waits, and loses no place.
#[test]
fn a_target_that_takes_no_members_gets_them_when_it_does() {
    let world = world().with_pages_of(2);
    let people = world.people("p", 5);
    world.group("Sales").with(&people);
    world.group("Boss").with(&people[1..2]);
    world.target_refuses(
        |it| matches!(it, Operation::AddReference { attr, .. } if *attr == Attr::MEMBERS),
    );
    let report = world.cycle();
    assert_eq!(report.state, CycleState::EntryLevelErrors);
    assert_eq!(references(report.counts), (0, 0));
    world.target_is_well();
    for _ in 0..3 {
        world.clock.advance_seconds(DAY);
        world.cycle();
    }
    assert_eq!(world.members_in_fabrikam("Sales").len(), 5);
    assert_eq!(world.members_in_fabrikam("Boss"), ["p1"]);
    assert_eq!(world.traces().escrows, 0);
}

/// One of them is refused: all before and behind him are written, who left is removed, and he is tried
/// again by the timetable.
#[test]
fn one_membership_that_fails_does_not_hold_up_the_others() {
    for refused in 0..5 {
        let world = world().with_pages_of(1);
        let people = world.people("p", 6);
        let group = world.group("Sales").with(&people);
        world.cycle();
        let sales = world.linked(group.id).unwrap();
        for who in 0..5 {
            world.fabrikam_removes_member(sales, world.live(&format!("p{who}")).id);
        }
        group.without(people[5]);
        world.restart("Watermark");
        let guest = world.live(&format!("p{refused}")).id;
        world.target_refuses(
            move |it| matches!(it, Operation::AddReference { to, .. } if *to == guest),
        );
        let report = world.cycle();
        assert_eq!(report.state, CycleState::EntryLevelErrors);
        assert_eq!(references(report.counts), (4, 1), "{refused}");
        assert_eq!(references(world.cycle().counts), (0, 0));
        world.target_is_well();
        world.clock.advance_seconds(DAY);
        assert_eq!(references(world.cycle().counts), (1, 0));
        assert_eq!(world.members_in_fabrikam("Sales").len(), 5);
        assert_eq!(world.cycle_as_planned(), Counts::default());
    }
}

/// What is due at once is not put off by what is refused now, however often.
#[test]
fn a_refused_membership_does_not_put_off_what_is_due() {
    let world = world();
    world.sync_assigned();
    world.secret("SkipOutOfScopeDeletions", "true");
    let people = world.people("p", 3);
    for person in &people {
        person.assigned();
    }
    let group = world.group("Sales").with(&people[..2]).assigned();
    world.cycle();
    group.unassigned();
    world.cycle();
    group.without(people[0]);
    world.cycle();
    group.assigned().with(&people[2..]);
    refuse_to_add(&world, "p2");
    assert_eq!(references(world.cycle().counts), (0, 1));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p1"]);
}

#[test]
fn memberships_that_are_refused_again_and_again_keep_to_the_timetable_of_the_first() {
    let world = world();
    let people = world.people("p", 4);
    let group = world.group("Sales").with(&people[..1]);
    world.cycle();
    group.with(&people[1..2]);
    refuse_to_add(&world, "p1");
    world.cycle();
    // Every five hours another one is refused: after six the first is tried again all the same.
    world.clock.advance_seconds(5 * HOUR);
    group.with(&people[2..3]);
    refuse_to_add(&world, "p2");
    world.cycle();
    world.clock.advance_seconds(HOUR);
    group.with(&people[3..]);
    refuse_to_add(&world, "p3");
    world.cycle();
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1", "p2"]);
}

#[test]
fn waiting_for_consent_uses_up_no_tries() {
    let world = world();
    let people = world.people("p", 3);
    let group = world.group("Sales").with(&people[..2]);
    world.cycle();
    world.fabrikam_lets_groups_in(false);
    group.with(&people[2..]);
    for _ in 0..30 {
        world.cycle();
        world.clock.advance_seconds(DAY);
    }
    world.fabrikam_lets_groups_in(true);
    refuse_to_add(&world, "p2");
    assert_eq!(references(world.cycle().counts), (0, 0));
    world.target_is_well();
    world.clock.advance_seconds(DAY);
    assert_eq!(references(world.cycle().counts), (1, 0));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1", "p2"]);
}

/// What was refused before stays on its timetable: six hours, then twelve.
#[test]
fn waiting_for_consent_does_not_put_off_what_was_refused_before() {
    let world = world();
    let people = world.people("p", 2);
    let group = world.group("Sales").with(&people[..1]);
    world.cycle();
    group.with(&people[1..]);
    refuse_to_add(&world, "p1");
    world.cycle();
    world.target_is_well();
    world.fabrikam_lets_groups_in(false);
    world.clock.advance_seconds(6 * HOUR);
    assert_eq!(references(world.cycle().counts), (0, 0));
    world.fabrikam_lets_groups_in(true);
    refuse_to_add(&world, "p1");
    world.cycle();
    world.target_is_well();
    world.clock.advance_seconds(5 * HOUR);
    assert_eq!(references(world.cycle().counts), (1, 0));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1"]);
}

#[test]
fn nor_does_it_use_up_the_time_of_what_was_refused_before() {
    let world = world();
    let people = world.people("p", 2);
    let group = world.group("Sales").with(&people[..1]);
    world.cycle();
    group.with(&people[1..]);
    refuse_to_add(&world, "p1");
    world.cycle();
    world.target_is_well();
    world.fabrikam_lets_groups_in(false);
    for _ in 0..40 {
        world.clock.advance_seconds(DAY);
        world.cycle();
    }
    world.fabrikam_lets_groups_in(true);
    refuse_to_add(&world, "p1");
    world.cycle();
    let given_up = world
        .store
        .read(|reader| reader.count_given_up(world.contoso.id, &world.job));
    assert_eq!(given_up.unwrap(), 0);
    world.target_is_well();
    world.clock.advance_seconds(DAY);
    assert_eq!(references(world.cycle().counts), (1, 0));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1"]);
}

/// Sales, of which the target takes p0 and not p1.
fn without_p1(world: &World) -> Group<'_> {
    let people = world.people("p", 2);
    let group = world.group("Sales").with(&people[..1]);
    world.cycle();
    group.with(&people[1..]);
    refuse_to_add(world, "p1");
    world.cycle();
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0"]);
    group
}

/// What is in escrow of a group.
fn escrow_of(world: &World, group: Group<'_>) -> Option<Escrow> {
    let rows = world
        .store
        .read(|reader| reader.escrows_for(world.contoso.id, &world.job, &[group.id]));
    rows.unwrap().remove(0)
}

/// For all the time that a membership is tried.
fn give_up(world: &World) {
    for _ in 0..30 {
        world.clock.advance_seconds(DAY);
        world.cycle();
    }
}

/// Its group is as it should be, and is looked at before its memberships.
#[test]
fn a_group_whose_membership_is_refused_again_fails_since_the_first_time() {
    let world = world();
    let group = without_p1(&world);
    let escrow = || escrow_of(&world, group).unwrap();
    let first = escrow();
    for hours in [6, 12, 24, 48] {
        world.clock.advance_seconds(hours * HOUR);
        world.cycle();
        let row = escrow();
        assert_eq!(row.first_failed, first.first_failed, "{hours}");
        assert!(row.next_attempt > first.next_attempt);
    }
    give_up(&world);
    assert!(escrow().is_given_up());
}

/// Whoever has escrows reset has the memberships tried that they are for, given up or not.
#[test]
fn a_restart_of_escrows_tries_refused_memberships_again() {
    for is_given_up in [false, true] {
        let world = world();
        let group = without_p1(&world);
        if is_given_up {
            give_up(&world);
        }
        let restarted = world.clock.now();
        world.restart("Escrows");
        world.cycle();
        let refused = escrow_of(&world, group).unwrap();
        assert!(!refused.is_given_up(), "it counts anew");
        assert_eq!(refused.first_failed, restarted);

        world.target_is_well();
        world.restart("Escrows");
        assert_eq!(references(world.cycle_as_planned()), (1, 0));
        assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1"]);
        assert_eq!(escrow_of(&world, group), None);
        assert_eq!(world.cycle_as_planned(), Counts::default());
    }
}

/// As an object does that was given up.
#[test]
fn a_change_of_a_group_tries_memberships_again_that_were_given_up() {
    let world = world();
    let group = without_p1(&world);
    give_up(&world);
    group.described("Sells");
    world.cycle();
    let refused = escrow_of(&world, group).unwrap();
    assert!(!refused.is_given_up(), "it counts anew");
    assert_eq!(refused.first_failed, world.clock.now());

    give_up(&world);
    world.target_is_well();
    group.described("Buys");
    assert_eq!(references(world.cycle_as_planned()), (1, 0));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1"]);
    assert_eq!(escrow_of(&world, group), None);
}

/// Who came later is looked for in his groups: what is refused then is nevertheless the group's to be told of.
#[test]
fn a_membership_of_somebody_who_came_later_is_told_until_it_is_written() {
    let world = world();
    let people = world.people("p", 1);
    let group = world.group("Sales").with(&people);
    world.person("late").disabled();
    group.with(&[world.person("late")]);
    world.cycle();
    world.person("late").enabled();
    world.target_refuses(
        |it| matches!(it, Operation::AddReference { attr, .. } if *attr == Attr::MEMBERS),
    );
    for _ in 0..40 {
        world.clock.advance_seconds(DAY);
        world.cycle();
        assert!(escrow_of(&world, group).is_some());
    }
    assert!(escrow_of(&world, group).unwrap().is_given_up());
    world.target_is_well();
    world.restart("Escrows");
    world.cycle();
    assert_eq!(world.members_in_fabrikam("Sales"), ["late", "p0"]);
}

/// What was held beside it goes on with the end of the hold, and takes along what was refused.
#[test]
fn what_is_refused_does_not_keep_back_what_a_removal_has_held() {
    let world = world();
    world.sync_assigned();
    let people = world.people("p", 3);
    for person in &people {
        person.assigned();
    }
    let group = world.group("Sales").with(&people[..1]).assigned();
    world.cycle();
    group.with(&people[1..2]);
    refuse_to_add(&world, "p1");
    world.cycle();
    world.target_is_well();
    world.threshold(1);
    group.unassigned();
    assert_eq!(world.cycle().counts.staged, 1);
    group.with(&people[2..]);
    for _ in 0..2 {
        let counts = world.cycle_as_planned();
        assert_eq!((counts.staged, references(counts)), (1, (0, 0)));
    }
    group.assigned();
    assert_eq!(references(world.cycle_as_planned()), (2, 0));
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1", "p2"]);
    assert_eq!(world.cycle_as_planned(), Counts::default());
}

fn refuse_to_add(world: &World, name: &str) {
    let guest = world.live(name).id;
    world
        .target_refuses(move |it| matches!(it, Operation::AddReference { to, .. } if *to == guest));
}
