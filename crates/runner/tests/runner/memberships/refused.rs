//! Memberships that the target does not take, or not now.

use syncline_engine::Operation;
use syncline_model::Attr;
use syncline_model::job::{Counts, CycleState};
use syncline_runner::Progress;

use super::{DAY, HOUR, references, world};
use crate::world::{AfterPage, World};

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

/// Its group is as it should be, and is looked at before its memberships.
#[test]
fn a_group_whose_membership_is_refused_again_fails_since_the_first_time() {
    let world = world();
    let people = world.people("p", 2);
    let group = world.group("Sales").with(&people[..1]);
    world.cycle();
    group.with(&people[1..]);
    refuse_to_add(&world, "p1");
    world.cycle();
    let escrow = || {
        let rows = world
            .store
            .read(|reader| reader.escrows_for(world.contoso.id, &world.job, &[group.id]));
        rows.unwrap().remove(0).unwrap()
    };
    let first = escrow();
    for hours in [6, 12, 24, 48] {
        world.clock.advance_seconds(hours * HOUR);
        world.cycle();
        let row = escrow();
        assert_eq!(row.first_failed, first.first_failed, "{hours}");
        assert!(row.next_attempt > first.next_attempt);
    }
    for _ in 0..28 {
        world.clock.advance_seconds(DAY);
        world.cycle();
    }
    assert!(escrow().is_given_up());
}

fn refuse_to_add(world: &World, name: &str) {
    let guest = world.live(name).id;
    world
        .target_refuses(move |it| matches!(it, Operation::AddReference { to, .. } if *to == guest));
}
