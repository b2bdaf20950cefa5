//! Jobs belong to the tenant that made them: to everybody else they do not exist.

use std::sync::Mutex;
use std::thread;

use syncline_model::{EntityKind, Problem, ProblemKind, ResetScope};
use syncline_runner::{OnDemandSubject, Silent};

use crate::world::World;

#[test]
fn a_job_of_another_tenant_is_not_found() {
    let world = World::new();
    let ana = world.person("ana").id;
    let (stranger, job, runner) = (world.fabrikam.id, &world.job, &world.runner);
    let subject = OnDemandSubject {
        kind: EntityKind::User,
        id: ana,
        members: Vec::new(),
    };
    let before = (world.traces(), world.stored_job());
    let problems: Vec<Problem> = vec![
        runner.run_cycle(stranger, job, &Silent).unwrap_err(),
        runner.start(stranger, job).unwrap_err(),
        runner.pause(stranger, job).unwrap_err(),
        runner
            .restart(stranger, job, ResetScope::DEFAULT)
            .unwrap_err(),
        runner.delete_job(stranger, job).unwrap_err(),
        runner
            .provision_on_demand(stranger, job, &[&world.rule()], &[subject])
            .unwrap_err(),
        runner
            .explain(stranger, job, EntityKind::User, ana)
            .unwrap_err(),
    ];
    for problem in problems {
        assert_eq!(problem.kind, ProblemKind::NotFound, "{problem}");
    }
    assert_eq!((world.traces(), world.stored_job()), before);
}

#[test]
fn another_tenant_can_not_join_a_running_cycle() {
    let world = World::new();
    world.person("ana");
    thread::scope(|scope| {
        let stranger = Mutex::new(None);
        let observer = crate::world::after_first_page(|| {
            let runner = &world.runner;
            let call = scope.spawn(|| runner.run_cycle(world.fabrikam.id, &world.job, &Silent));
            // One way or the other, the answer is decided while the cycle runs.
            syncline_testkit::until("the call is answered, or waits", || {
                call.is_finished() || runner.joined(&world.job) > 0
            });
            *stranger.lock().unwrap() = Some(call);
        });
        world.cycle_watched_by(&observer);
        let answer = stranger.lock().unwrap().take().unwrap().join().unwrap();
        assert_eq!(answer.unwrap_err().kind, ProblemKind::NotFound);
    });
}

#[test]
fn another_tenant_can_not_use_up_the_calls() {
    let world = World::new();
    let subject = OnDemandSubject {
        kind: EntityKind::User,
        id: world.person("ana").id,
        members: Vec::new(),
    };
    let call = |tenant| {
        let subjects = std::slice::from_ref(&subject);
        world
            .runner
            .provision_on_demand(tenant, &world.job, &[&world.rule()], subjects)
    };
    for _ in 0..6 {
        assert_eq!(
            call(world.fabrikam.id).unwrap_err().kind,
            ProblemKind::NotFound
        );
    }
    call(world.contoso.id).unwrap();
}

#[test]
fn the_source_is_only_read() {
    let world = World::new();
    world.person("ana").manager("bo");
    world.person("dan").disabled();
    let before = world.traces().source_sequence;
    world.cycle();
    world.restart("Full");
    world.cycle();
    assert_eq!(world.traces().source_sequence, before);
}

#[test]
fn a_company_id_that_names_nobody_or_the_source_is_refused() {
    let world = World::new();
    world.person("ana");
    for company in [
        world.contoso.id.to_string(),
        uuid::Uuid::from_u128(5).to_string(),
    ] {
        world.secret("CompanyId", &company);
        let report = world.try_cycle(&Silent).unwrap();
        assert_eq!(report.state, syncline_model::job::CycleState::Failed);
        assert!(report.error.is_some());
    }
    assert!(world.guests().is_empty());
}
