//! No tenant can write into another that does not allow it.

use std::sync::mpsc;
use std::thread;

use syncline_directory::policy::delete_partner;
use syncline_model::job::{CycleState, ScheduleState};
use syncline_model::policy::PolicyRefusal;
use syncline_model::schema::ExtensionType;
use syncline_model::{EntityKind, Job, JobId, ProblemKind};
use syncline_runner::{Obstacle, Silent};
use syncline_store::StoreError;

use crate::extensions::register;
use crate::world::{Traces, World, after_first_page};

/// While somebody writes in the target and does not come to an end.
fn while_the_target_is_written_in(world: &World, work: impl FnOnce()) {
    let (writes, is_written_in) = mpsc::channel();
    let (end, may_end) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            let written = world.store.write(|tx| {
                tx.enter(&[world.fabrikam.id])?;
                writes.send(()).unwrap();
                let _ = may_end.recv();
                Ok::<_, StoreError>(())
            });
            written.unwrap();
        });
        is_written_in.recv().unwrap();
        // Also when it panics, the other one ends.
        let _end = end;
        work();
    });
}

/// Cycle, restart and on-demand are refused with the policy's code, and nothing is written.
#[track_caller]
fn check_refused(world: &World, says: PolicyRefusal) {
    let before = world.traces();
    let refused_cycle = || {
        let report = world.try_cycle(&Silent).unwrap();
        assert_eq!(report.state, CycleState::Failed);
        let (code, message) = report.error.unwrap();
        assert_eq!(
            code,
            "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure"
        );
        assert_eq!(message, says.message());
    };
    refused_cycle();
    for scope in [
        "",
        "Full",
        "Watermark, Escrows, QuarantineState, ForceDeletes",
    ] {
        world.restart(scope);
        refused_cycle();
    }
    let problem = world.provision(world.person("ana").id).unwrap_err();
    assert_eq!(problem.kind, ProblemKind::BadRequest);
    assert_eq!(problem.code, PolicyRefusal::CODE);
    assert_eq!(
        world.traces(),
        Traces {
            links: world.traces().links,
            ..before
        }
    );
}

#[test]
fn a_tenant_that_never_allowed_it() {
    let world = World::of_strangers();
    world.person("ana");
    check_refused(&world, PolicyRefusal::InboundSynchronizationNotAllowed);
    assert!(world.guests().is_empty());
}

#[test]
fn the_source_alone_can_not_consent() {
    let world = World::of_strangers();
    world.contoso_consents();
    world.person("ana");
    check_refused(&world, PolicyRefusal::InboundSynchronizationNotAllowed);
}

#[test]
fn the_target_allows_users_but_redeems_nobody() {
    let world = World::new();
    world.fabrikam_policy(|partner| partner.redemption.inbound_allowed = Some(false));
    world.person("ana");
    check_refused(&world, PolicyRefusal::InboundRedemptionNotAllowed);
}

#[test]
fn the_source_does_not_consent() {
    let world = World::new();
    world.contoso_policy(|partner| partner.redemption.outbound_allowed = None);
    world.person("ana");
    check_refused(&world, PolicyRefusal::OutboundRedemptionNotAllowed);
}

#[test]
fn either_side_blocks_everybody_and_lets_them_in_again() {
    let block = |name: &str| {
        let all =
            r#"{"accessType":"blocked","targets":[{"target":"AllUsers","targetType":"user"}]}"#;
        format!(r#"{{"{name}":{{"usersAndGroups":{all}}}}}"#)
    };
    for (inbound, outbound, says) in [
        (
            block("b2bCollaborationInbound"),
            String::new(),
            PolicyRefusal::InboundCollaborationBlocked,
        ),
        (
            String::new(),
            block("b2bCollaborationOutbound"),
            PolicyRefusal::OutboundCollaborationBlocked,
        ),
    ] {
        let world = World::new();
        world.person("ana");
        world.person("cy");
        world.cycle();
        world.fabrikam_policy(|partner| partner.blocks_json = inbound);
        world.contoso_policy(|partner| partner.blocks_json = outbound);
        world.person("cy").deleted();
        let bo = world.person("bo").id;
        let refused = world.plan().refused.unwrap();
        assert_eq!(
            refused,
            (PolicyRefusal::CODE.to_owned(), says.message().to_owned())
        );
        let explained = world
            .runner
            .explain(world.contoso.id, &world.job, EntityKind::User, bo)
            .unwrap();
        assert_eq!(
            explained.obstacles,
            [Obstacle::Refused {
                code: PolicyRefusal::CODE.to_owned(),
                message: says.message().to_owned(),
            }]
        );
        check_refused(&world, says);
        assert_eq!(world.target_names(), ["ana", "cy"]);

        world.fabrikam_policy(|partner| partner.blocks_json.clear());
        world.contoso_policy(|partner| partner.blocks_json.clear());
        world.start();
        let report = world.cycle();
        assert_eq!(report.state, CycleState::Succeeded);
        assert_eq!(world.target_names(), ["ana", "bo"]);
    }
}

/// Whoever is not let in does not wait for the target's writers either, so none of them waits for him.
#[test]
fn a_tenant_without_consent_is_refused_without_entering_the_target() {
    if !syncline_testkit::on_postgres() {
        eprintln!("not run: in a file all writers take turns, whatever they write in");
        return;
    }
    let world = World::of_strangers();
    world.person("ana");
    while_the_target_is_written_in(&world, || {
        check_refused(&world, PolicyRefusal::InboundSynchronizationNotAllowed);
        let refused = world.runner.validate_credentials(
            world.contoso.id,
            world.service_principal,
            world.stored_job().app_id,
            None,
        );
        assert_eq!(refused.unwrap_err().code, PolicyRefusal::CODE);
    });
}

/// Nor does whoever asks whether it lets him in again.
#[test]
fn a_tenant_that_consents_again_is_asked_without_being_entered() {
    if !syncline_testkit::on_postgres() {
        eprintln!("not run: in a file all writers take turns, whatever they write in");
        return;
    }
    let world = World::of_strangers();
    world.person("ana");
    world.cycle();
    world.fabrikam_allows();
    world.contoso_consents();
    let own = [world.job.clone()];
    while_the_target_is_written_in(&world, || {
        assert_eq!(world.let_in(), own);
    });
}

/// Nor to see what extensions the target has.
#[test]
fn a_tenant_with_extensions_and_without_consent_is_refused_without_entering_the_target() {
    if !syncline_testkit::on_postgres() {
        eprintln!("not run: in a file all writers take turns, whatever they write in");
        return;
    }
    let world = World::of_strangers();
    world.person("ana");
    let contoso = world.contoso.clone();
    register(&world, &contoso, "code", ExtensionType::String, false);
    while_the_target_is_written_in(&world, || {
        check_refused(&world, PolicyRefusal::InboundSynchronizationNotAllowed);
    });
}

#[test]
fn consent_that_is_withdrawn_while_the_turn_is_waited_for_counts() {
    let world = World::new();
    let ana = world.person("ana").id;
    let (waits, does_wait) = mpsc::channel();
    let world = &world;
    thread::scope(|scope| {
        let written = world.store.write(|tx| {
            tx.enter(&[world.contoso.id, world.fabrikam.id])?;
            let asked = world.when_consent_is_asked();
            scope.spawn(move || waits.send(world.provision(ana)).unwrap());
            asked.recv().unwrap();
            delete_partner(tx, world.fabrikam.id, world.contoso.id).unwrap();
            Ok::<_, StoreError>(())
        });
        written.unwrap();
    });
    let refused = does_wait.recv().unwrap().unwrap_err();
    assert_eq!(refused.code, PolicyRefusal::CODE);
    assert!(world.guests().is_empty());
}

#[test]
fn identity_synchronization_is_deleted() {
    let world = World::new();
    world.person("ana");
    world.cycle();
    world.person("ana").department("Sales");
    world.person("bo");
    world.fabrikam_policy(|partner| partner.identity_synchronization = None);
    check_refused(&world, PolicyRefusal::InboundSynchronizationNotAllowed);
    assert_eq!(world.target_names(), ["ana"]);
    assert_eq!(world.live("ana").department(), "");
}

#[test]
fn withdrawn_in_mid_cycle() {
    let world = World::new().with_pages_of(2);
    world.people("p", 6);
    let observer = after_first_page(|| {
        world.fabrikam_policy(|partner| {
            let sync = partner.identity_synchronization.as_mut().unwrap();
            sync.user_sync_allowed = Some(false);
        });
    });
    let report = world.cycle_watched_by(&observer);
    assert_eq!(report.state, CycleState::Failed);
    assert_eq!(report.error.unwrap().0, PolicyRefusal::CODE);
    assert_eq!(report.counts.created, 2);
    assert_eq!(
        world.target_names().len(),
        2,
        "nothing after the page in hand"
    );
    assert_eq!(world.traces().links.len(), 2);
    assert_eq!(world.log().len(), 2);
    assert!(world.stored_job().status.quarantine.is_some());

    // Allowed again: it goes on, nobody twice and nobody forgotten.
    world.fabrikam_allows();
    let report = world.cycle();
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!((report.counts.created, report.counts.unchanged), (4, 2));
}

#[test]
fn withdrawn_before_staged_deletes_are_carried_out() {
    let world = World::new();
    world.person("ana");
    world.cycle();
    world.person("ana").deleted();
    // The first page is the failed objects', the second the changes'.
    let observer = crate::world::AfterPage::new(|page, _: &syncline_runner::Progress| {
        if page == 2 {
            world.contoso_policy(|partner| partner.redemption.outbound_allowed = Some(false));
        }
    });
    let report = world.cycle_watched_by(&observer);
    assert_eq!(report.state, CycleState::Failed);
    assert_eq!(report.counts.deleted, 0);
    world.live("ana");

    world.contoso_consents();
    assert_eq!(world.cycle().counts.deleted, 1);
}

impl World {
    /// The jobs that a scheduler lets go on because their targets let them in again.
    fn let_in(&self) -> Vec<JobId> {
        let let_in = self.runner.go_on_where_let_in(None, || false).unwrap();
        assert_eq!(let_in.next, None);
        assert!(let_in.held_up.is_empty());
        let_in.jobs.into_iter().map(|(_, job)| job).collect()
    }

    /// One more job towards the same target, and neither is let in.
    fn refused_twice() -> (Self, JobId) {
        let mut world = Self::new();
        let first = world.another_configuration();
        world.fabrikam_policy(|partner| partner.redemption.inbound_allowed = Some(false));
        assert_eq!(world.cycle().state, CycleState::Failed);
        let (_, second) = world.speak_of(first);
        // At the same time, so that neither is due by itself.
        let ran = world
            .runner
            .run_cycle(world.contoso.id, &world.job, &Silent);
        assert_eq!(ran.unwrap().state, CycleState::Failed);
        world.fabrikam_allows();
        (world, second)
    }
}

#[test]
fn a_target_is_asked_once_for_many_jobs_that_wait_for_it() {
    let (world, second) = World::refused_twice();
    let before = world.consents_asked();
    assert_eq!(world.let_in(), [world.job.clone(), second]);
    assert_eq!(world.consents_asked(), before + 1);
}

#[test]
fn a_job_that_can_not_be_changed_keeps_no_other_from_going_on() {
    let (world, second) = World::refused_twice();
    let before_first = std::cell::Cell::new(true);
    let stops = || {
        if before_first.take() {
            world.spoil_first_job();
        }
        false
    };
    let let_in = world.runner.go_on_where_let_in(None, stops).unwrap();
    let contoso = world.contoso.id;
    assert_eq!(let_in.jobs, [(contoso, second)]);
    let held_up = let_in.held_up.iter().map(|(_, job, _)| job);
    assert_eq!(held_up.collect::<Vec<_>>(), [&world.job]);
}

#[test]
fn who_stops_lets_no_other_job_in() {
    let (world, second) = World::refused_twice();
    let asked = std::cell::Cell::new(false);
    let stops = || asked.replace(true);
    let let_in = world.runner.go_on_where_let_in(None, stops).unwrap();
    assert_eq!(let_in.jobs, [(world.contoso.id, world.job.clone())]);
    assert_eq!(world.let_in(), [second]);
}

#[test]
fn consent_that_was_away_for_a_moment_lets_the_next_cycle_come_at_once() {
    let world = World::new();
    world.continuous("True");
    let mut job = world.stored_job();
    job.interval_seconds = 24 * 60 * 60;
    world.store.write(|tx| tx.update_job(&job)).unwrap();
    world.people("p", 3);
    world.cycle();
    world.person("p1").department("Sales");
    world.fabrikam_policy(|partner| partner.redemption.inbound_allowed = Some(false));
    assert_eq!(world.follow().unwrap().state, CycleState::Failed);
    assert!(
        !world.is_behind(),
        "in quarantine there is only the schedule"
    );
    assert_eq!(world.let_in(), [], "it is not let in");
    let held = world.stored_job();

    world.fabrikam_allows();
    assert!(world.runner.due(10).unwrap().scheduled.is_empty());
    let own = [world.job.clone()];
    assert_eq!(world.let_in(), own);
    assert_eq!(world.let_in(), [], "it goes on already");
    let due = world.runner.due(10).unwrap().scheduled;
    assert_eq!(due, [(world.contoso.id, world.job.clone())]);
    let report = world
        .runner
        .run_cycle(world.contoso.id, &world.job, &Silent)
        .unwrap();
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(world.live("p1").department(), "Sales");
    assert_eq!(world.stored_job().status.quarantine, None);
    world.person("p2").department("Sales");
    assert!(world.is_behind(), "changes are followed again");

    // Nobody but who waits for his target alone is let go on.
    let change = |change: &dyn Fn(&mut Job)| {
        let mut job = held.clone();
        change(&mut job);
        world.store.write(|tx| tx.update_job(&job)).unwrap();
        world.let_in()
    };
    let other = ("Unreachable".to_owned(), "as its message says".to_owned());
    assert_eq!(change(&|_| ()), own);
    assert_eq!(change(&|job| job.state = ScheduleState::Disabled), []);
    assert_eq!(change(&|job| job.state = ScheduleState::Paused), []);
    assert_eq!(
        change(&|job| job.status.quarantine.as_mut().unwrap().error = Some(other.clone())),
        []
    );
    world.secret("CompanyId", "");
    assert_eq!(change(&|_| ()), []);
}

#[test]
fn failures_make_attempts_rarer_and_a_start_lifts_them() {
    let world = World::of_strangers();
    let mut waits = Vec::new();
    for _ in 0..8 {
        let report = world.cycle();
        assert_eq!(report.state, CycleState::Failed);
        let due = world.stored_job().next_due.unwrap();
        waits.push(
            due.milliseconds_since(syncline_model::Clock::now(world.clock.as_ref())) / 60_000,
        );
    }
    assert_eq!(waits, [40, 80, 160, 320, 640, 1280, 1440, 1440]);
    assert_eq!(
        world.stored_job().status.count_successive_complete_failures,
        8
    );
    world.fabrikam_allows();
    world.contoso_consents();
    world.start();
    assert_eq!(world.runner.due(10).unwrap().scheduled.len(), 1);
    assert_eq!(world.cycle().state, CycleState::Succeeded);
    assert_eq!(world.stored_job().status.quarantine, None);
}
