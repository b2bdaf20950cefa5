//! Groups that the target does not let in: they wait for that, and nobody else does.

use syncline_engine::Operation;
use syncline_model::job::{Counts, CycleState};
use syncline_model::policy::PolicyRefusal;
use syncline_model::{Clock as _, EntityKind};
use syncline_runner::Silent;
use syncline_store::{Escrow, ObjectState};

use crate::world::{INTERVAL_SECONDS, World};

const DAY_SECONDS: i64 = 24 * 60 * 60;

fn cycle_as_planned(world: &World) -> Counts {
    let planned = world.plan();
    let report = world.cycle();
    assert_eq!(planned.counts, report.counts);
    report.counts
}

/// How many live in Fabrikam.
fn groups_of_fabrikam(world: &World) -> usize {
    let (kind, live) = (EntityKind::Group, ObjectState::Live);
    let found = world
        .store
        .read(|reader| reader.scan(world.fabrikam.id, kind, live, None, 10_000));
    found.unwrap().rows.len()
}

#[test]
fn who_takes_users_has_not_taken_groups() {
    let world = World::new();
    world.person("ana");
    world.group("sales");
    world.contoso_sends_groups();
    let report = world.try_cycle(&Silent).unwrap();
    assert_eq!(report.state, CycleState::EntryLevelErrors, "{report:?}");
    assert_eq!((report.counts.created, groups_of_fabrikam(&world)), (1, 0));
    assert_eq!(world.target_names(), ["ana"]);
    let log = world.log();
    let refused: Vec<_> = log
        .iter()
        .filter(|it| it.kind == EntityKind::Group)
        .filter_map(syncline_engine::steps::error_information)
        .collect();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!(refused[0].error_code, PolicyRefusal::CODE);
    // Users are let in already: the advice is not to let them in.
    let advice = &refused[0].recommended_action;
    assert!(advice.contains("groupSyncInbound"), "{advice}");

    world.fabrikam_lets_groups_in(true);
    world.try_cycle(&Silent).unwrap();
    assert_eq!(groups_of_fabrikam(&world), 1);
}

#[test]
fn groups_without_consent_hold_no_job_back() {
    let world = World::new().with_low_thresholds();
    world.people("p", 3);
    world.many_groups("g", 5);
    world.contoso_sends_groups();
    let report = world.cycle();
    assert_eq!(report.state, CycleState::EntryLevelErrors);
    assert_eq!((report.counts.created, report.counts.escrowed), (3, 5));
    assert_eq!(world.stored_job().status.quarantine, None);

    // The next one is on schedule, brings who is new, and writes nothing of the groups.
    let due = world.stored_job().next_due.unwrap();
    let wait = due.milliseconds_since(world.clock.now());
    assert_eq!(wait, 1000 * INTERVAL_SECONDS as u64);
    let before = world.traces();
    world.person("new");
    assert_eq!(cycle_as_planned(&world).created, 1);
    let after = world.traces();
    assert_eq!((after.log, after.escrows), (before.log + 1, before.escrows));
    let job = world.stored_job();
    assert_eq!(job.status.quarantine, None);
    let last = job.status.last_execution.unwrap();
    assert_eq!(last.state, CycleState::EntryLevelErrors, "they wait");

    // Nor does a full read tell of them anew.
    world.restart("Watermark");
    assert_eq!(world.cycle().counts.escrowed, 5);
    assert_eq!(world.traces().log, after.log);
    assert_eq!(world.stored_job().status.quarantine, None);

    world.fabrikam_lets_groups_in(true);
    let report = world.cycle();
    assert_eq!(
        (report.state, report.counts.created),
        (CycleState::Succeeded, 5)
    );
    assert_eq!(world.traces().escrows, 0);
}

fn given_up(world: &World) -> u64 {
    let count = world
        .store
        .read(|reader| reader.count_given_up(world.contoso.id, &world.job));
    count.unwrap()
}

#[test]
fn what_waits_for_consent_to_groups_is_not_given_up() {
    let world = World::new();
    world.groups_flow();
    let people = world.people("p", 2);
    let old = world.group("Old");
    let filled = world.group("Filled").with(&people[..1]);
    world.cycle();
    world.fabrikam_lets_groups_in(false);
    world.group("New");
    old.deleted();
    filled.with(&people[1..]);
    for _ in 0..30 {
        world.clock.advance_seconds(DAY_SECONDS);
        assert_eq!(world.cycle().state, CycleState::EntryLevelErrors);
    }
    assert_eq!(given_up(&world), 0);
    let told = world.log().into_iter().filter(|it| {
        let failure = syncline_engine::steps::error_information(it);
        failure.is_some_and(|it| it.error_code == PolicyRefusal::CODE)
    });
    assert_eq!(told.count(), 3, "of each when it began to wait");

    world.fabrikam_lets_groups_in(true);
    let report = world.cycle();
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!((report.counts.created, report.counts.deleted), (1, 1));
    assert_eq!(world.members_in_fabrikam("Filled"), ["p0", "p1"]);
    assert_eq!(groups_of_fabrikam(&world), 2);
    assert_eq!(world.traces().escrows, 0);
}

/// The wait was no try.
#[test]
fn who_fails_once_it_is_let_in_is_tried_for_as_long_as_others() {
    let world = World::new();
    world.group("Sales");
    world.contoso_sends_groups();
    world.cycle();
    world.clock.advance_seconds(40 * DAY_SECONDS);
    world.fabrikam_lets_groups_in(true);
    world.target_refuses(|it| matches!(it, Operation::Create { .. }));
    assert_eq!(world.cycle().counts.escrowed, 1);
    assert_eq!(given_up(&world), 0);
    world.target_is_well();
    world.clock.advance_seconds(DAY_SECONDS / 4);
    assert_eq!(world.cycle().counts.created, 1);
}

/// Until now, after 28 days.
#[test]
fn groups_that_an_earlier_version_has_given_up_come_with_consent() {
    let world = World::new();
    let group = world.group("Sales").id;
    world.contoso_sends_groups();
    world.cycle();
    let written = world.store.write(|tx| {
        let (tenant, job) = (world.contoso.id, &world.job);
        let known = tx.escrows_for(tenant, job, &[group])?.remove(0).unwrap();
        let given_up = Escrow {
            next_attempt: Escrow::NEVER,
            ..known
        };
        tx.put_escrows(tenant, job, &[given_up])
    });
    written.unwrap();
    assert_eq!(given_up(&world), 0);
    world.cycle();
    assert_eq!(groups_of_fabrikam(&world), 0);
    world.fabrikam_lets_groups_in(true);
    assert_eq!(cycle_as_planned(&world).created, 1);
    assert_eq!(groups_of_fabrikam(&world), 1);
    assert_eq!(world.traces().escrows, 0);
}
