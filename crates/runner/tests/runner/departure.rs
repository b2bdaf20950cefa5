//! Tenants that are deleted, and the jobs that lead out of them and into them.

use std::cell::Cell;

use syncline_model::job::CycleState;
use syncline_model::policy::PolicyRefusal;
use syncline_model::{Problem, ProblemKind, TenantId};
use syncline_runner::{Losses, Silent};

use crate::world::{World, after_first_page};

fn leave(world: &World, tenant: TenantId) -> Result<(), Problem> {
    world.runner.let_tenant_leave(tenant)
}

#[track_caller]
fn is_refused(world: &World, says: &str) {
    for tenant in [world.contoso.id, world.fabrikam.id] {
        let refused = leave(world, tenant).unwrap_err();
        assert_eq!(refused.kind, ProblemKind::Conflict);
        assert!(refused.message.contains(says), "{}", refused.message);
    }
}

fn synchronized() -> World {
    let world = World::new();
    world.person("ana");
    world.person("ben");
    world.cycle();
    world
}

#[test]
fn nothing_leaves_while_a_job_may_run_or_its_cycle_does() {
    let world = World::new().with_pages_of(1);
    for name in ["ana", "ben", "cleo"] {
        world.person(name);
    }
    let pause = format!("`syncline jobs pause --job {}`", world.job);
    is_refused(&world, &pause);
    let looked = Cell::new(false);
    let report = world.try_cycle(&after_first_page(|| {
        is_refused(&world, &pause);
        world.pause();
        is_refused(&world, "is paused, and its cycle stops in a moment");
        looked.set(true);
    }));
    assert!(looked.get());
    assert_eq!(report.unwrap().state, CycleState::Stopped);
    leave(&world, world.fabrikam.id).unwrap();
}

#[test]
fn a_job_whose_target_was_deleted_fails_as_one_without_a_target_and_keeps_its_links() {
    let world = synchronized();
    let losses = |tenant| world.store.read(|reader| Losses::of(reader, tenant));
    let of_target = losses(world.fabrikam.id).unwrap();
    assert_eq!((of_target.users, of_target.links), (2, 0));
    assert_eq!(of_target.links_of_others, 2);
    assert_eq!(of_target.jobs_of_others[0].job_id, world.job);
    let of_source = losses(world.contoso.id).unwrap();
    assert_eq!((of_source.users, of_source.links), (2, 2));
    assert_eq!(of_source.jobs, std::slice::from_ref(&world.job));
    assert_eq!(of_source.jobs_of_others, []);

    world.pause();
    leave(&world, world.fabrikam.id).unwrap();
    let is_failed = || {
        world.start();
        let report = world.try_cycle(&Silent).unwrap();
        assert_eq!(report.state, CycleState::Failed);
        let (code, message) = report.error.unwrap();
        assert_eq!(code, PolicyRefusal::CODE);
        assert_eq!(message, PolicyRefusal::TargetTenantNotFound.message());
    };
    is_failed();
    let mut told = Vec::new();
    let stopped = world
        .runner
        .remove_left_of_tenant(world.fabrikam.id, |removed| {
            told.push(removed);
            false
        });
    assert_eq!((stopped, told.len()), (Ok(false), 1));
    let ended = world
        .runner
        .remove_left_of_tenant(world.fabrikam.id, |_| true);
    assert_eq!(ended, Ok(true));
    is_failed();
    let links = world
        .store
        .read(|reader| reader.count_links(world.contoso.id, &world.job, None));
    assert_eq!(links.unwrap().live, 2);
}

#[test]
fn whom_a_tenant_has_synchronized_stays_where_it_is_and_its_jobs_are_gone() {
    let world = synchronized();
    world.pause();
    leave(&world, world.contoso.id).unwrap();
    let refused = world.runner.start(world.contoso.id, &world.job);
    assert_eq!(refused.unwrap_err().kind, ProblemKind::NotFound);
    assert!(world.try_cycle(&Silent).is_err());
    let ended = world
        .runner
        .remove_left_of_tenant(world.contoso.id, |_| true);
    assert_eq!(ended, Ok(true));
    assert_eq!(world.guests().len(), 2);
    assert!(leave(&world, world.contoso.id).is_err(), "once");
}
