//! A job that can not work is tried again less and less often, and after four weeks not at all.

use syncline_engine::Operation;
use syncline_model::job::{CycleState, Quarantine, ScheduleState};
use syncline_model::{Attr, Clock as _, ProblemKind, Timestamp};
use syncline_runner::{MadeDue, Silent};

use crate::world::{INTERVAL_SECONDS, World, after_first_page};

const DAY_SECONDS: u64 = 24 * 60 * 60;

fn quarantine(world: &World) -> Option<Quarantine> {
    world.stored_job().status.quarantine
}

fn waits_ms(world: &World) -> u64 {
    let due = world.stored_job().next_due.unwrap();
    due.milliseconds_since(world.clock.now())
}

fn withdraw(world: &World) {
    world.contoso_policy(|partner| partner.redemption.outbound_allowed = Some(false));
}

/// The cycle that is due, when it is.
fn due_cycle(world: &World) -> CycleState {
    let wait = waits_ms(world) / 1000;
    world.clock.advance_seconds(i64::try_from(wait).unwrap());
    let report = world
        .runner
        .run_cycle(world.contoso.id, &world.job, &Silent)
        .unwrap();
    report.state
}

#[test]
fn held_deletes_make_no_later_failure_wait_longer() {
    let world = World::new();
    world.threshold(1);
    world.people("p", 3);
    world.cycle();
    world.person("p0").deleted();
    world.cycle();
    let first = quarantine(&world).unwrap();
    for _ in 0..10 {
        assert_eq!(world.cycle().counts.staged, 1);
    }
    let held = quarantine(&world).unwrap();
    assert_eq!(held.reason, "TooManyDeletes");
    assert_eq!(held.current_began, first.current_began);
    assert_eq!(held.series_began, first.series_began);
    assert_eq!(held.series_count, 1);
    assert_eq!(Some(held.next_attempt), world.stored_job().next_due);

    withdraw(&world);
    assert_eq!(world.cycle().state, CycleState::Failed);
    let failed = quarantine(&world).unwrap();
    assert_eq!(failed.reason, "EncounteredQuarantineException");
    assert_eq!(failed.series_began, world.clock.now());
    assert_eq!(waits_ms(&world), 1000 * INTERVAL_SECONDS as u64);
    world.cycle();
    assert_eq!(waits_ms(&world), 2000 * INTERVAL_SECONDS as u64);

    world.contoso_consents();
    assert_eq!(world.cycle().counts.staged, 1);
    let again = quarantine(&world).unwrap();
    assert_eq!(again.reason, "TooManyDeletes");
    assert_eq!(again.series_began, world.clock.now());
}

#[test]
fn held_deletes_disable_no_job() {
    let world = World::new();
    world.threshold(1);
    world.people("p", 2);
    world.cycle();
    world.person("p0").deleted();
    world.cycle();
    world.clock.advance_seconds(40 * DAY_SECONDS as i64);
    world.person("p1").department("Sales");
    assert_eq!(world.cycle().counts.updated, 1);
    assert_eq!(world.stored_job().state, ScheduleState::Active);
}

#[test]
fn four_weeks_in_quarantine_disable_a_job_until_it_is_started() {
    let world = World::of_strangers();
    world.person("ana");
    let report = world.cycle();
    assert!(!report.job_disabled);
    let began = world.clock.now();
    let day = |now: Timestamp| now.milliseconds_since(began) / 1000 / DAY_SECONDS;
    let mut cycles = 0;
    while world.stored_job().state == ScheduleState::Active {
        assert_eq!(due_cycle(&world), CycleState::Failed);
        cycles += 1;
        assert!(cycles < 100, "it goes on for ever");
    }
    assert_eq!(day(world.clock.now()), 28);
    let job = world.stored_job();
    assert_eq!(job.state, ScheduleState::Disabled);
    assert_eq!(job.next_due, None);
    assert_eq!(job.status_code(), "Quarantine");
    assert!(world.runner.due(10).unwrap().scheduled.is_empty());
    let refused = world.try_cycle(&Silent).unwrap_err();
    assert!(refused.message.contains("is disabled"), "{refused:?}");

    world.fabrikam_allows();
    world.contoso_consents();
    world.start();
    let report = world.cycle();
    assert_eq!(
        (report.state, report.counts.created),
        (CycleState::Succeeded, 1)
    );
    assert!(!report.job_disabled);
    assert_eq!(quarantine(&world), None);
}

#[test]
fn a_restart_starts_the_four_weeks_anew() {
    let world = World::of_strangers();
    world.cycle();
    world.clock.advance_seconds(29 * DAY_SECONDS as i64);
    world.restart("");
    world.cycle();
    assert_eq!(world.stored_job().state, ScheduleState::Active);
}

/// Disabled after four weeks in which it was tried.
fn disabled() -> World {
    let world = World::of_strangers();
    world.person("ana");
    world.cycle();
    while world.stored_job().state == ScheduleState::Active {
        due_cycle(&world);
    }
    assert_eq!(world.stored_job().state, ScheduleState::Disabled);
    world
}

/// Whatever the restart is for: by the four weeks of before, the first failure would disable the job again.
#[test]
fn any_restart_of_a_disabled_job_starts_the_four_weeks_anew() {
    for (scope, is_paused) in [
        ("Watermark", false),
        ("ForceDeletes", false),
        ("Watermark", true),
    ] {
        let world = disabled();
        if is_paused {
            world.pause();
        }
        world.restart(scope);
        assert_eq!(quarantine(&world), None, "{scope}");
        let report = world.cycle();
        assert_eq!(report.state, CycleState::Failed);
        assert!(!report.job_disabled);
        let job = world.stored_job();
        assert_eq!(job.state, ScheduleState::Active, "{scope}");
        let again = job.status.quarantine.unwrap();
        assert_eq!(again.series_began, world.clock.now());
        assert_eq!(again.series_count, 1);
    }
}

/// The quarantine goes on, as nobody has said that it is over; its next attempt is the one that is asked for.
#[test]
fn a_restart_that_keeps_the_quarantine_has_the_next_attempt_at_once() {
    let world = World::of_strangers();
    for _ in 0..5 {
        world.cycle();
    }
    let before = quarantine(&world).unwrap();
    world.restart("Watermark");
    let now = world.clock.now();
    let expected = Quarantine {
        next_attempt: now,
        ..before.clone()
    };
    assert!(before.next_attempt > now);
    assert_eq!(quarantine(&world), Some(expected));
    assert_eq!(world.stored_job().next_due, Some(now));
}

/// Nobody has made an attempt in that time, and the restart does not make up for it.
#[test]
fn a_restart_that_keeps_the_quarantine_disables_no_job_that_stood_still() {
    let world = World::of_strangers();
    world.cycle();
    world.clock.advance_seconds(29 * DAY_SECONDS as i64);
    world.restart("Watermark");
    world.cycle();
    assert_eq!(world.stored_job().state, ScheduleState::Active);
}

#[test]
fn a_start_counts_failures_anew() {
    let world = World::of_strangers();
    world.cycle();
    let status = world.stored_job().status;
    assert!(status.quarantine.is_some());
    assert_eq!(status.count_successive_complete_failures, 1);
    let status = world.start().status;
    assert_eq!(status.quarantine, None);
    assert_eq!(status.count_successive_complete_failures, 0);
    assert_eq!(world.stored_job().status, status);
}

#[test]
fn a_job_most_of_whose_objects_fail_is_quarantined_until_they_do_not() {
    let world = World::new().with_low_thresholds();
    world.people("p", 5);
    world.target_refuses(|_| true);
    let report = world.cycle();
    assert_eq!(report.state, CycleState::EntryLevelErrors);
    let reason = |world: &World| quarantine(world).map(|it| it.reason);
    let failed = Some("EncounteredEscrowProportionThreshold".to_owned());
    assert_eq!(reason(&world), failed);
    assert_eq!(waits_ms(&world), 1000 * INTERVAL_SECONDS as u64);
    assert_eq!(
        world.stored_job().status.count_successive_complete_failures,
        0
    );

    // None of them is due: nothing has become better.
    assert_eq!(world.cycle().counts.escrowed, 0);
    assert_eq!(reason(&world), failed);
    assert_eq!(waits_ms(&world), 2000 * INTERVAL_SECONDS as u64);

    world.target_is_well();
    world.clock.advance_seconds(6 * 60 * 60);
    assert_eq!(world.cycle().counts.created, 5);
    assert_eq!(reason(&world), None);
    assert_eq!(waits_ms(&world), 1000 * INTERVAL_SECONDS as u64);
}

/// It shows nothing of them.
#[test]
fn a_cycle_that_fails_ends_no_quarantine_for_objects_that_do() {
    let world = World::new().with_low_thresholds();
    world.people("p", 5);
    world.target_refuses(|_| true);
    world.cycle();
    let first = quarantine(&world).unwrap();
    assert_eq!(first.reason, "EncounteredEscrowProportionThreshold");

    for lets_in in [false, true] {
        let before = quarantine(&world).unwrap();
        withdraw(&world);
        let mut shut_out = None;
        for _ in 0..2 {
            assert_eq!(world.cycle().state, CycleState::Failed);
            let failed = quarantine(&world).unwrap();
            assert_eq!(failed.reason, "EncounteredQuarantineException");
            shut_out.get_or_insert(failed.series_began);
        }
        world.contoso_consents();
        let mut let_in_at = None;
        if lets_in {
            let_in_at = Some(world.clock.now());
            let let_in = world.runner.go_on_where_let_in(None, || false).unwrap();
            assert_eq!(let_in.jobs, [(world.contoso.id, world.job.clone())]);
            let again = quarantine(&world).unwrap();
            assert_eq!(again.reason, first.reason);
            assert_eq!(again.series_count, before.series_count);
            assert_eq!(again.next_attempt, world.clock.now());
            assert_eq!(waits_ms(&world), 0);
        }
        assert_eq!(world.cycle().counts.escrowed, 0);
        let again = quarantine(&world).unwrap();
        assert_eq!(again.reason, first.reason);
        // While it was shut out nothing was tried, and that time does not count.
        let resumed = let_in_at.unwrap_or(again.current_began);
        let lost = resumed.milliseconds_since(shut_out.unwrap()) / 1000;
        let began = before.series_began.plus_seconds(lost.try_into().unwrap());
        assert_eq!(again.series_began, began);
        assert_eq!(again.series_count, before.series_count + 1);
        assert_eq!(again.beneath, None);
    }

    world.target_is_well();
    world.clock.advance_seconds(6 * 60 * 60);
    assert_eq!(world.cycle().counts.created, 5);
    assert_eq!(quarantine(&world), None);
}

/// A later cycle looks at little more than at those who fail.
#[test]
fn failures_are_compared_with_everybody_whom_the_job_has() {
    let world = World::new().with_low_thresholds();
    world.people("p", 8);
    world.cycle();
    world.people("q", 5);
    world.target_refuses(|_| true);
    for _ in 0..2 {
        assert_eq!(world.cycle().counts.escrowed, 5);
        assert_eq!(quarantine(&world), None);
        world.clock.advance_seconds(6 * 60 * 60);
    }
}

#[test]
fn a_quarantine_ends_when_those_who_wait_are_not_most_any_more() {
    let world = World::new().with_low_thresholds();
    world.people("p", 5);
    world.target_refuses(|_| true);
    world.cycle();
    assert!(quarantine(&world).is_some());
    world.target_is_well();
    world.people("q", 8);
    assert_eq!(world.cycle().counts.created, 8);
    assert_eq!(quarantine(&world), None);
}

/// The one that has failed had begun before whoever asked has mended what it failed for.
#[test]
fn a_start_during_a_cycle_that_fails_has_the_next_one_come_at_once() {
    let world = World::new().with_pages_of(1);
    world.people("p", 3);
    let observer = after_first_page(|| {
        world.clock.advance_seconds(1);
        world.start();
        withdraw(&world);
    });
    assert_eq!(world.cycle_watched_by(&observer).state, CycleState::Failed);
    let due = world.stored_job().next_due;
    assert_eq!(due, Some(world.clock.now()));
    assert_eq!(quarantine(&world).unwrap().next_attempt, due.unwrap());

    // Nobody has asked for another one.
    assert_eq!(world.cycle().state, CycleState::Failed);
    assert_eq!(waits_ms(&world), 2000 * INTERVAL_SECONDS as u64);
}

#[test]
fn a_start_during_a_cycle_in_which_too_much_fails_is_told_as_the_next_attempt() {
    let world = World::new().with_low_thresholds().with_pages_of(1);
    world.people("p", 5);
    world.target_refuses(|_| true);
    let observer = after_first_page(|| {
        world.clock.advance_seconds(1);
        world.start();
    });
    world.cycle_watched_by(&observer);
    let held_back = quarantine(&world).unwrap();
    assert_eq!(held_back.reason, "EncounteredEscrowProportionThreshold");
    assert_eq!(waits_ms(&world), 0);
    assert_eq!(Some(held_back.next_attempt), world.stored_job().next_due);
}

/// Only one of the two can be the reason.
#[test]
fn held_deletes_are_told_in_a_quarantine_for_something_else() {
    let world = World::new().with_low_thresholds();
    world.threshold(1);
    world.people("p", 3);
    world.cycle();
    world.person("p0").deleted();
    world.people("q", 5);
    world.target_refuses(|it| matches!(it, Operation::Create { .. }));
    assert_eq!(world.cycle().counts.staged, 1);
    let held_back = quarantine(&world).unwrap();
    assert_eq!(held_back.reason, "EncounteredEscrowProportionThreshold");
    let (_, message) = held_back.error.unwrap();
    for part in [
        "Too much fails",
        "1 delete or disable is held",
        "ForceDeletes",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
}

#[test]
fn a_few_failures_are_no_reason() {
    let world = World::new().with_low_thresholds();
    world.people("p", 4);
    world.target_refuses(|_| true);
    assert_eq!(world.cycle().counts.escrowed, 4);
    assert_eq!(quarantine(&world), None);
}

/// Whoever has mended what is wrong starts the job. A cycle that is asked for is an attempt, no more.
#[test]
fn a_cycle_that_is_asked_for_leaves_the_quarantine_and_its_series_as_they_are() {
    let world = World::of_strangers();
    world.person("ana");
    for _ in 0..3 {
        world.cycle();
    }
    let before = quarantine(&world).unwrap();
    assert_eq!(before.series_count, 3);
    assert!(waits_ms(&world) > 0);
    let asked = || world.runner.make_due(world.contoso.id, &world.job);
    assert_eq!(asked().unwrap(), MadeDue::Due);
    assert_eq!(waits_ms(&world), 0);
    assert_eq!(quarantine(&world), Some(before.clone()));
    assert_eq!(due_cycle(&world), CycleState::Failed);
    let failed = quarantine(&world).unwrap();
    assert_eq!(failed.series_count, 4);
    assert_eq!(failed.series_began, before.series_began);

    world.pause();
    let refused = asked().unwrap_err();
    assert_eq!(refused.kind, ProblemKind::Conflict);
    assert!(refused.message.contains("is paused"), "{refused:?}");
}

#[test]
fn a_cycle_that_is_asked_for_while_one_is_worked_on_is_that_one() {
    let world = World::new().with_pages_of(1);
    world.people("p", 3);
    let observer = after_first_page(|| {
        world.clock.advance_seconds(1);
        let asked = world.runner.make_due(world.contoso.id, &world.job);
        assert_eq!(asked.unwrap(), MadeDue::Joined);
    });
    assert_eq!(world.cycle_watched_by(&observer).counts.created, 3);
    assert_eq!(waits_ms(&world), 1000 * INTERVAL_SECONDS as u64);
}

/// Part of it was decided by the configuration of before.
#[test]
fn a_cycle_that_is_asked_for_while_an_outdated_one_is_worked_on_is_another_one() {
    let world = World::new().with_pages_of(1);
    world.people("p", 3);
    let observer = after_first_page(|| {
        world.clock.advance_seconds(1);
        world.map("jobTitle", "\"Clerk\"");
        let asked = world.runner.make_due(world.contoso.id, &world.job);
        assert_eq!(asked.unwrap(), MadeDue::Due);
    });
    assert_eq!(world.cycle_watched_by(&observer).counts.created, 3);
    assert_eq!(waits_ms(&world), 0);
    assert_eq!(due_cycle(&world), CycleState::Succeeded);
    for name in ["p0", "p1", "p2"] {
        assert_eq!(world.live(name).text(Attr::JOB_TITLE), "Clerk");
    }
}

/// Their objects are in the target, and fail in nothing else.
#[test]
fn a_job_with_too_many_references_that_fail_is_quarantined() {
    for (references, expected) in [(59, None), (60, Some("EncounteredTotalEscrowThreshold"))] {
        let world = World::new().with_low_thresholds();
        let boss = world.person("boss");
        let people = world.people("p", references);
        world.all_report_to(&people, boss);
        world.target_refuses(|it| matches!(it, Operation::AddReference { .. }));
        let report = world.cycle();
        assert_eq!(report.state, CycleState::EntryLevelErrors);
        let counts = (report.counts.created, report.counts.escrowed);
        assert_eq!(counts, (references as u64 + 1, 0));
        let reason = quarantine(&world).map(|it| it.reason);
        assert_eq!(reason.as_deref(), expected, "{references}");
    }
}

/// Groups that wait until the target lets them in neither fail, nor are they among those of whom too many do.
#[test]
fn users_who_fail_are_compared_with_no_groups_that_wait_for_consent() {
    let world = World::new().with_low_thresholds();
    world.people("p", 5);
    world.people("well", 5);
    world.many_groups("g", 10);
    world.contoso_sends_groups();
    world.target_refuses(|it| {
        let Operation::Create { attrs, .. } = it else {
            return false;
        };
        attrs
            .text(Attr::DISPLAY_NAME)
            .is_some_and(|it| it.starts_with('p'))
    });
    let report = world.cycle();
    assert_eq!((report.counts.created, report.counts.escrowed), (5, 15));
    let reason = quarantine(&world).map(|it| it.reason);
    assert_eq!(
        reason.as_deref(),
        Some("EncounteredEscrowProportionThreshold")
    );
}
