//! A permission for removals: how long it is good, and who takes it back.

use crate::world::{State, World, map};
use syncline_engine::SynchronizationSchema;
use syncline_model::job::{Counts, CycleState, LAPSING, ScheduleState};
use syncline_model::{Job, ProblemKind};
use syncline_runner::Plan;

use super::{quarantine_reason, ten_people};

#[test]
fn what_is_held_goes_through_when_an_administrator_says_so() {
    let world = ten_people();
    world.person("p0").deleted();
    world.person("p1").disabled();
    world.person("p2").deleted().purged();
    world.cycle();

    world.restart("ForceDeletes");
    let report = world.cycle();
    assert_eq!(
        report.counts,
        Counts {
            deleted: 2,
            disabled: 1,
            ..Counts::default()
        }
    );
    assert_eq!(world.target_user("p0").unwrap().state, State::InRecycleBin);
    assert!(!world.live("p1").is_enabled());
    assert_eq!(world.target_user("p2"), None);
    assert_eq!(quarantine_reason(&world), None);

    // The permission is used up.
    for name in ["p3", "p4", "p5"] {
        world.person(name).deleted();
    }
    assert_eq!(world.cycle().counts.staged, 3);
}

/// Ten people, of whom three were deleted, which is held.
fn three_held() -> World {
    let world = ten_people();
    for name in ["p0", "p1", "p2"] {
        world.person(name).deleted();
    }
    assert_eq!(world.cycle().counts.staged, 3);
    world
}

#[test]
fn a_restart_without_a_permission_takes_it_back() {
    let world = three_held();
    world.restart("ForceDeletes");
    world.restart("Watermark");
    assert_eq!(world.cycle().counts.staged, 3);
    world.restart("ForceDeletes");
    world.restart("Watermark, ForceDeletes");
    assert_eq!(world.cycle().counts.deleted, 3);
}

/// Whoever gave it had other removals before them.
#[test]
fn a_permission_ends_with_the_cycle_that_it_was_for_although_that_fails() {
    let world = ten_people();
    world.restart("ForceDeletes");
    world.contoso_policy(|partner| partner.redemption.outbound_allowed = Some(false));
    assert_eq!(world.cycle().state, CycleState::Failed);
    world.contoso_consents();
    for name in ["p0", "p1", "p2"] {
        world.person(name).deleted();
    }
    assert_eq!(world.cycle().counts.staged, 3);
}

#[test]
fn a_cycle_that_fails_among_its_removals_leaves_the_others_to_the_threshold() {
    let world = ten_people().with_pages_of(1);
    for name in ["p0", "p1", "p2"] {
        world.person(name).deleted();
    }
    assert_eq!(world.cycle().counts.staged, 3);
    world.restart("ForceDeletes");
    let observer = crate::world::AfterPage::new(|_, progress: &syncline_runner::Progress| {
        if progress.counts.deleted == 1 {
            world.contoso_policy(|partner| partner.redemption.outbound_allowed = Some(false));
        }
    });
    let report = world.cycle_watched_by(&observer);
    assert_eq!(
        (report.state, report.counts.deleted),
        (CycleState::Failed, 1)
    );
    world.contoso_consents();
    assert!(world.plan().held);
    let counts = world.cycle().counts;
    assert_eq!((counts.deleted, counts.staged), (0, 2), "with the first");
}

/// Whoever saves the change gives up the cycle, and the permission with it.
#[test]
fn a_plan_in_the_midst_of_removals_that_are_let_through_counts_those_that_are_gone() {
    let world = three_held().with_pages_of(1);
    world.restart("ForceDeletes");
    pause_behind(&world, 1);
    let change = |schema: &mut SynchronizationSchema| map(schema, "jobTitle", "\"Colleague\"");
    let gate = |plan: &Plan| (plan.removals, plan.removed_before, plan.held);
    let planned = world.plan_change(change);
    assert_eq!(gate(&planned), (2, 1, true));
    world.change_schema(change);
    world.start();
    let again = world.plan();
    assert_eq!(
        (gate(&again), again.counts),
        (gate(&planned), planned.counts)
    );
    assert_eq!(world.cycle().counts, planned.counts);
    assert_eq!(gate(&world.plan()), (2, 1, true));
}

/// To save what is saved already changes nothing, and takes nothing back.
#[test]
fn a_plan_with_the_schema_that_the_job_has_is_the_plan_without_one() {
    let world = three_held();
    world.restart("ForceDeletes");
    let another_version = |schema: &mut SynchronizationSchema| schema.version = None;
    let planned = world.plan_change(another_version);
    assert_eq!(
        (planned.removals, planned.held, planned.proposed),
        (3, false, false)
    );
    assert_eq!(planned, world.plan());
    world.change_schema(another_version);
    assert_eq!(planned.counts, world.cycle().counts);
    assert_eq!(planned.counts.deleted, 3);
}

#[test]
fn the_schema_that_the_job_has_is_planned_over_no_cycle_that_is_paused() {
    let world = three_held().with_pages_of(1);
    world.restart("ForceDeletes");
    pause_behind(&world, 1);
    let refused = world.try_plan_change(|_| ()).unwrap_err();
    assert_eq!(refused.kind, ProblemKind::Conflict);
    let message = refused.message;
    assert!(message.contains("is paused in the middle"), "{message}");
}

#[test]
fn a_pause_takes_a_permission_back() {
    let world = three_held();
    world.restart("ForceDeletes");
    assert!(world.stored_job().lets_removals_through());
    world.pause();
    assert!(!world.stored_job().lets_removals_through());
    world.start();
    assert_eq!(world.cycle().counts.staged, 3);
}

/// By mistake, as was seen when the first was gone.
#[test]
fn a_pause_among_the_removals_keeps_those_that_are_left() {
    let world = three_held().with_pages_of(1);
    world.restart("ForceDeletes");
    let observer = crate::world::AfterPage::new(|_, progress: &syncline_runner::Progress| {
        if progress.counts.deleted == 1 {
            world.pause();
        }
    });
    let report = world.cycle_watched_by(&observer);
    assert_eq!(
        (report.state, report.counts.deleted),
        (CycleState::Stopped, 1)
    );
    world.start();
    let counts = world.cycle().counts;
    assert_eq!((counts.deleted, counts.staged), (1, 2), "of one cycle");
    assert_eq!(world.target_names().len(), 9);
}

/// The mistake is seen as well by whoever gives up the cycle that makes it.
#[test]
fn a_cycle_that_is_given_up_among_its_removals_leaves_the_others_to_the_threshold() {
    for restarted in [true, false] {
        let world = three_held().with_pages_of(1);
        world.restart("ForceDeletes");
        pause_behind(&world, 1);
        match restarted {
            true => world.restart("Watermark"),
            false => {
                world.map("jobTitle", "\"Colleague\"");
                world.start();
            }
        }
        assert!(world.plan().held, "{restarted}");
        let counts = world.cycle().counts;
        assert_eq!((counts.deleted, counts.staged), (0, 2), "{restarted}");
        world.restart("ForceDeletes");
        assert_eq!(world.cycle().counts.deleted, 2, "{restarted}");
        assert_eq!(world.stored_job().removed_in_between, 0, "{restarted}");
    }
}

#[test]
fn a_permission_given_before_the_cycle_has_counted_is_for_that_and_for_no_other() {
    let world = three_held();
    let observer = crate::world::AfterPage::new(|page, _: &syncline_runner::Progress| {
        if page == 1 {
            world.restart("ForceDeletes");
        }
    });
    assert_eq!(world.cycle_watched_by(&observer).counts.deleted, 3);
    for name in ["p3", "p4", "p5"] {
        world.person(name).deleted();
    }
    assert_eq!(world.cycle().counts.staged, 3);
}

/// A client that got no answer, or a second click.
#[test]
fn a_permission_given_again_among_the_removals_is_for_these() {
    let world = three_held().with_pages_of(1);
    world.restart("ForceDeletes");
    let asked = std::sync::atomic::AtomicBool::new(false);
    let observer = crate::world::AfterPage::new(|_, progress: &syncline_runner::Progress| {
        if progress.counts.deleted == 1 {
            asked.store(true, std::sync::atomic::Ordering::SeqCst);
            world.restart("ForceDeletes");
        }
    });
    assert_eq!(world.cycle_watched_by(&observer).counts.deleted, 3);
    assert!(asked.into_inner());
    assert!(!world.stored_job().lets_removals_through());
    for name in ["p3", "p4", "p5"] {
        world.person(name).deleted();
    }
    assert_eq!(world.cycle().counts.staged, 3);
}

/// A job whose cycle was stopped when the first of four removals was carried out, as an older version stored it: the
/// permission is the job's, and the verdict does not say that it is because of that.
fn stopped_by_an_older_version() -> World {
    let world = three_held().with_pages_of(1);
    world.person("p3").deleted();
    world.restart("ForceDeletes");
    pause_behind(&world, 1);
    change_job(&world, |job| {
        job.force_deletes = true;
        let cycle = job.running.as_mut().unwrap();
        assert!(cycle.cursor.starts_with("forced:"), "{}", cycle.cursor);
        cycle.cursor = cycle.cursor.replacen("forced", "open", 1);
        cycle.has_own_permission = false;
    });
    world
}

/// A cycle, and a pause when so many are deleted.
fn pause_behind(world: &World, deleted: u64) {
    let observer = crate::world::AfterPage::new(|_, progress: &syncline_runner::Progress| {
        if progress.counts.deleted == deleted {
            world.pause();
        }
    });
    let report = world.cycle_watched_by(&observer);
    assert_eq!(
        (report.state, report.counts.deleted),
        (CycleState::Stopped, deleted)
    );
}

fn change_job(world: &World, change: impl FnOnce(&mut Job)) {
    let mut job = world.stored_job();
    change(&mut job);
    world.store.write(|tx| tx.update_job(&job)).unwrap();
}

#[test]
fn a_permission_that_an_older_version_has_begun_to_use_ends_with_that_cycle() {
    let world = stopped_by_an_older_version();
    change_job(&world, |job| job.state = ScheduleState::Active);
    assert_eq!(world.cycle().counts.deleted, 4);
    assert!(!world.stored_job().lets_removals_through());
    for name in ["p4", "p5", "p6"] {
        world.person(name).deleted();
    }
    assert_eq!(world.cycle().counts.staged, 3);
}

#[test]
fn so_it_does_when_it_is_given_again() {
    let world = stopped_by_an_older_version();
    world.restart("ForceDeletes");
    assert_eq!(world.cycle().counts.deleted, 4);
    assert!(!world.stored_job().lets_removals_through());
}

#[test]
fn a_pause_takes_back_what_an_older_version_let_through() {
    let world = stopped_by_an_older_version();
    world.pause();
    world.start();
    let counts = world.cycle().counts;
    assert_eq!((counts.deleted, counts.staged), (1, 3));
}

#[test]
fn a_pause_takes_it_back_as_well_once_the_cycle_goes_on() {
    let world = stopped_by_an_older_version();
    change_job(&world, |job| job.state = ScheduleState::Active);
    pause_behind(&world, 2);
    world.start();
    let counts = world.cycle().counts;
    assert_eq!((counts.deleted, counts.staged), (2, 2));
}

#[test]
fn a_permission_that_came_after_an_older_version_held_removals_is_for_the_next_cycle() {
    let world = three_held().with_pages_of(1);
    let observer = crate::world::AfterPage::new(|_, progress: &syncline_runner::Progress| {
        if progress.counts.staged == 1 {
            world.pause();
        }
    });
    assert_eq!(world.cycle_watched_by(&observer).state, CycleState::Stopped);
    change_job(&world, |job| {
        job.state = ScheduleState::Active;
        job.force_deletes = true;
        job.running.as_mut().unwrap().has_own_permission = false;
    });
    assert_eq!(world.cycle().counts.staged, 3);
    assert_eq!(world.cycle().counts.deleted, 3);
}

#[test]
fn a_permission_given_while_deletes_are_being_held_is_for_the_next_cycle() {
    let world = ten_people().with_pages_of(1);
    for name in ["p0", "p1", "p2"] {
        world.person(name).deleted();
    }
    let asked = std::sync::atomic::AtomicBool::new(false);
    let observer = crate::world::AfterPage::new(|_, progress: &syncline_runner::Progress| {
        if progress.counts.staged == 1 {
            asked.store(true, std::sync::atomic::Ordering::SeqCst);
            world.clock.advance_seconds(1);
            world.restart("ForceDeletes");
        }
    });
    assert_eq!(world.cycle_watched_by(&observer).counts.staged, 3);
    assert!(asked.into_inner());
    let due = world.runner.due(10).unwrap().scheduled;
    assert_eq!(
        due,
        [(world.contoso.id, world.job.clone())],
        "the next cycle is due at once"
    );
    assert_eq!(world.cycle().counts.deleted, 3);
}

/// What is held may have to be gone through before it is counted with the others.
#[test]
fn a_permission_given_while_what_is_held_is_gone_through_is_for_that_cycle() {
    let world = three_held().with_pages_of(1);
    world.person("p3").deleted();
    let asked = std::sync::atomic::AtomicBool::new(false);
    let observer = crate::world::AfterPage::new(|_, _: &syncline_runner::Progress| {
        let running = world.stored_job().running;
        let is_there = running.is_some_and(|it| it.cursor.starts_with(LAPSING));
        if is_there && !asked.swap(true, std::sync::atomic::Ordering::SeqCst) {
            world.restart("ForceDeletes");
        }
    });
    let counts = world.cycle_watched_by(&observer).counts;
    assert!(asked.load(std::sync::atomic::Ordering::SeqCst));
    assert_eq!((counts.deleted, counts.staged), (4, 0));
    assert!(!world.stored_job().lets_removals_through());
    for name in ["p4", "p5", "p6"] {
        world.person(name).deleted();
    }
    assert_eq!(world.cycle().counts.staged, 3);
}

/// Whoever let removals through has seen those of the configuration of before.
#[test]
fn a_permission_ends_when_the_configuration_changes_while_its_cycle_runs() {
    let world = ten_people().with_pages_of(1);
    for (name, _) in world.everybody() {
        world.person(&name).department("Sales");
    }
    world.cycle();
    world.restart("Watermark, ForceDeletes");
    let planned = std::sync::Mutex::new(None);
    let observer = crate::world::AfterPage::new(|page, _: &syncline_runner::Progress| {
        if page == 1 {
            assert!(world.stored_job().lets_removals_through());
            world.scope_to("department", "Board");
            assert!(!world.stored_job().lets_removals_through());
            *planned.lock().unwrap() = Some(world.plan());
        }
    });
    let counts = world.cycle_watched_by(&observer).counts;
    let planned = planned.into_inner().unwrap().unwrap();
    assert!(planned.held);
    assert_eq!((planned.counts.deleted, counts.deleted), (0, 0));
    assert!(counts.staged >= 9, "{counts:?}");
    assert_eq!(quarantine_reason(&world).as_deref(), Some("TooManyDeletes"));
    let people = world.everybody().len() as u64;
    assert_eq!(world.cycle().counts.staged, people);
    assert_eq!(world.target_names().len() as u64, people);

    world.restart("ForceDeletes");
    assert_eq!(world.cycle().counts.deleted, people);
}

#[test]
fn so_it_does_when_the_configuration_changes_before_its_cycle_begins() {
    let world = three_held();
    world.restart("ForceDeletes");
    assert!(!world.plan().held);
    world.map("jobTitle", "\"Colleague\"");
    assert!(world.plan().held);
    let counts = world.cycle().counts;
    assert_eq!((counts.deleted, counts.staged), (0, 3));
}

/// Those that are left are counted anew, with those that are gone.
#[test]
fn a_permission_ends_when_the_configuration_changes_among_the_removals() {
    let world = three_held().with_pages_of(1);
    world.person("p3").deleted();
    world.restart("ForceDeletes");
    let observer = crate::world::AfterPage::new(|_, progress: &syncline_runner::Progress| {
        if progress.counts.deleted == 1 && progress.counts.staged == 0 {
            world.map("jobTitle", "\"Colleague\"");
        }
    });
    let counts = world.cycle_watched_by(&observer).counts;
    assert_eq!((counts.deleted, counts.staged), (1, 3));
}

/// A full read that was let through although its source is short is asked once more.
#[test]
fn a_short_source_is_let_through_with_the_configuration_of_that_restart_alone() {
    let world = ten_people();
    for (name, _) in world.everybody() {
        world.person(&name).deleted();
    }
    world.restart("Watermark, ForceDeletes");
    let observer = crate::world::before_page(1, || world.map("jobTitle", "\"Colleague\""));
    let report = world.cycle_watched_by(&observer);
    assert_eq!(report.state, CycleState::Failed);
    assert_eq!(report.error.unwrap().0, "SourceSuddenlyShort");
}
