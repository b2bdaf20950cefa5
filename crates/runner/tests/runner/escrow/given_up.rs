//! Whoever failed for four weeks is given up, stays to be seen, and is tried again when something changes.

use crate::world::World;
use syncline_engine::escrow;
use syncline_engine::evidence::EvidenceOutcome;
use syncline_model::Attr;
use syncline_model::job::{Counts, CycleState};

use super::SIX_HOURS;

/// A world in which Bea fails, and so long ago that she is not tried again.
fn bea_is_given_up() -> World {
    let world = World::new();
    world.internal_user_of_fabrikam("bea@contoso.example");
    world.person("bea");
    world.cycle();
    let mut tries = 0;
    for _ in 0..40 {
        world.clock.advance_seconds(24 * 60 * 60);
        tries += world.cycle().counts.escrowed;
    }
    assert!((20..=31).contains(&tries), "{tries}");
    world
}

fn given_up(world: &World) -> u64 {
    world
        .store
        .read(|reader| reader.count_given_up(world.contoso.id, &world.job))
        .unwrap()
}

/// How often the log says of her that she is.
fn said(world: &World) -> usize {
    let outcomes = world.outcomes("bea").into_iter();
    let said = outcomes
        .filter(|it| matches!(it, EvidenceOutcome::Failed(it) if it.reason.contains("given up")));
    said.count()
}

#[test]
fn an_object_is_given_up_after_four_weeks_and_stays_to_be_seen() {
    let world = bea_is_given_up();
    assert_eq!((world.traces().escrows, given_up(&world)), (1, 1));
    assert_eq!(said(&world), 1);
    assert_eq!(world.plan().counts, Counts::default());
    let before = world.traces();
    world.clock.advance_seconds(24 * 60 * 60);
    let report = world.cycle();
    assert_eq!(
        (report.state, report.counts),
        (CycleState::Succeeded, Counts::default())
    );
    assert_eq!(world.traces(), before);
}

#[test]
fn somebody_given_up_who_changes_is_tried_by_the_timetable_again() {
    let world = bea_is_given_up();
    world.person("bea").department("Sales");
    assert_eq!(world.cycle().counts.escrowed, 1);
    assert_eq!(given_up(&world), 0);
    world.clock.advance_seconds(SIX_HOURS);
    assert_eq!(world.cycle().counts.escrowed, 1);
    assert_eq!(said(&world), 1);
}

#[test]
fn a_job_can_have_a_timetable_of_its_own() {
    let world = World::new();
    world.internal_user_of_fabrikam("bea@contoso.example");
    world.person("bea");
    world.set(escrow::RETRY_AFTER, "PT5H");
    world.set(escrow::RETRY_EVERY, "PT10H");
    world.set(escrow::GIVE_UP_AFTER, "P1D");
    let hours = |hours: i64| {
        world.clock.advance_seconds(hours * 60 * 60);
        (world.cycle().counts.escrowed, given_up(&world))
    };
    assert_eq!(hours(0), (1, 0));
    // Each cycle is an interval of 40 minutes behind the one before.
    assert_eq!(hours(2), (0, 0));
    assert_eq!(hours(2), (1, 0));
    assert_eq!(hours(5), (0, 0));
    // The next slot, after 25 hours, is past the end.
    assert_eq!(hours(4), (1, 1));
    assert_eq!(hours(24), (0, 1));
    let outcomes = world.outcomes("bea");
    let Some(EvidenceOutcome::Failed(failure)) = outcomes.last() else {
        panic!("{outcomes:?}")
    };
    assert!(
        failure
            .reason
            .contains("it has failed for 1 day and is given up"),
        "{}",
        failure.reason
    );
}

/// Its cycles are further apart than anything waits by it, so each try comes late: one of them is made up for.
#[test]
fn a_timetable_that_is_shorter_than_the_interval_comes_to_its_end() {
    let world = World::new();
    world.internal_user_of_fabrikam("bea@contoso.example");
    world.person("bea");
    world.set(escrow::RETRY_AFTER, "PT5M");
    world.set(escrow::RETRY_EVERY, "PT10M");
    world.set(escrow::GIVE_UP_AFTER, "PT1H");
    let tries: u64 = (0..6).map(|_| world.cycle().counts.escrowed).sum();
    assert_eq!((tries, given_up(&world)), (4, 1));
}

#[test]
fn a_restart_tries_whoever_was_given_up() {
    let world = bea_is_given_up();
    world.restart("Escrows");
    assert_eq!(given_up(&world), 0);
    assert_eq!(world.cycle().counts.escrowed, 1);
    assert_eq!(given_up(&world), 0);
}

#[test]
fn somebody_given_up_who_leaves_is_forgotten() {
    let world = bea_is_given_up();
    world.person("bea").deleted();
    world.cycle();
    assert_eq!(world.traces().escrows, 0);
}

/// A full read meets nobody who is gone from the source and was never linked.
#[test]
fn somebody_given_up_who_leaves_is_forgotten_by_a_full_read() {
    for (linked, restart) in [(false, "Watermark"), (true, "Watermark"), (true, "Full")] {
        let world = bea_is_given_up();
        if linked {
            world.person("ana");
            world.cycle();
        }
        world.person("bea").deleted();
        world.restart(restart);
        if restart == "Full" {
            // That has her tried: she is given up once more.
            world.cycle();
        }
        let planned = world.plan();
        let report = world.cycle();
        assert_eq!(report.counts, planned.counts, "{restart}");
        assert_eq!(world.traces().escrows, 0, "{restart}");
    }
}

/// She has not failed in it, whatever her row says of when.
#[test]
fn whoever_is_to_be_tried_again_beside_a_cycle_is_no_failure_of_that() {
    let world = bea_is_given_up();
    world.person("ana");
    world.cycle();
    world.person("ana").deleted();
    let observer = crate::world::after_first_page(|| {
        world.clock.advance_seconds(1);
        world.restart("Escrows");
    });
    let report = world.cycle_watched_by(&observer);
    assert_eq!((report.counts.deleted, report.counts.escrowed), (1, 0));
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(world.cycle().counts.escrowed, 1);
}

/// Ana was made again in the source, and only the new one is there for good.
#[test]
fn whoever_was_matched_with_somebody_elses_target_object_is_tried_once_that_is_let_go() {
    for days in [0, 30] {
        let world = World::new();
        let anchored = |name| {
            world.person(name).overwrite(|entry| {
                entry.attrs.set(Attr::NET_ID, "0123456789ABCDEF");
            })
        };
        let before = anchored("ana");
        assert_eq!(world.cycle_without_checks().counts.created, 1);
        before.deleted();
        assert_eq!(world.cycle_without_checks().counts.deleted, 1);
        anchored("anb");
        let report = world.cycle_without_checks();
        assert_eq!(report.counts.escrowed, 1);
        for _ in 0..days {
            world.clock.advance_seconds(24 * 60 * 60);
            world.cycle_without_checks();
        }
        assert_eq!(given_up(&world), u64::from(days > 0));
        assert_eq!(world.cycle_without_checks().counts, Counts::default());

        world.person("ana").purged();
        assert_eq!(world.cycle_without_checks().counts.deleted, 1);
        assert_eq!(world.cycle_without_checks().counts.created, 1, "{days}");
        assert_eq!(world.traces().escrows, 0);
    }
}

/// Bea fails by one code for so many days, and from then on by another.
fn bea_fails_otherwise_after(days: usize) -> World {
    let world = World::new();
    world.person("bea");
    world.target_refuses(|_| true);
    for _ in 0..days {
        world.cycle();
        world.clock.advance_seconds(24 * 60 * 60);
    }
    world.target_is_well();
    world.internal_user_of_fabrikam("bea@contoso.example");
    world
}

#[test]
fn whoever_fails_for_another_reason_has_its_time() {
    let world = bea_fails_otherwise_after(27);
    let codes = |world: &World| -> std::collections::BTreeSet<String> {
        let outcomes = world.outcomes("bea").into_iter();
        let failed = outcomes.filter_map(|it| match it {
            EvidenceOutcome::Failed(failure) => Some(failure.code),
            _ => None,
        });
        failed.collect()
    };
    assert_eq!(codes(&world).len(), 1);
    let mut tries = 0;
    for _ in 0..4 {
        tries += world.cycle().counts.escrowed;
        world.clock.advance_seconds(24 * 60 * 60);
    }
    assert_eq!(codes(&world).len(), 2);
    assert_eq!(given_up(&world), 0);
    // At the pace that she has come to: once a day.
    assert!((3..=4).contains(&tries), "{tries}");
    let attempts = world
        .store
        .read(|reader| {
            let bea = [world.person("bea").id];
            reader.escrows_for(world.contoso.id, &world.job, &bea)
        })
        .map(|rows| rows[0].as_ref().map(|row| row.attempts));
    assert!(attempts.unwrap() > Some(25));
    for _ in 0..28 {
        world.cycle();
        world.clock.advance_seconds(24 * 60 * 60);
    }
    assert_eq!((given_up(&world), said(&world)), (1, 1));
}

/// She is tried once a day at most, as anybody else who has failed for long.
#[test]
fn whoever_fails_for_two_reasons_in_turn_is_tried_no_more_often() {
    let world = World::new();
    world.person("bea");
    world.internal_user_of_fabrikam("bea@contoso.example");
    let mut tries = 0;
    for quarter in 0..40 * 4 {
        match quarter % 8 {
            0 => world.target_is_well(),
            4 => world.target_refuses(|_| true),
            _ => {}
        }
        tries += world.cycle().counts.escrowed;
        let passed = crate::world::INTERVAL_SECONDS;
        world.clock.advance_seconds(SIX_HOURS - passed);
    }
    assert!((30..=43).contains(&tries), "{tries}");
    assert_eq!(given_up(&world), 0);
}
