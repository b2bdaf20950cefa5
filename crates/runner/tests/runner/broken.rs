//! A cycle that panics whenever it is tried has failed, and its job's status says so.

use std::panic::{AssertUnwindSafe, catch_unwind};

use syncline_model::job::{Counts, CycleReport, CycleState};
use syncline_runner::Silent;

use crate::world::{INTERVAL_SECONDS, World};

/// Three people on pages of their own, of which the second panics.
fn world() -> World {
    let world = World::new().with_pages_of(1);
    world.people("p", 3);
    world.target_breaks_threads();
    world.target_answers_only(2);
    for _ in 0..2 {
        let broken = catch_unwind(AssertUnwindSafe(|| world.try_cycle(&Silent)));
        assert!(broken.is_err());
    }
    world
}

fn break_off(world: &World) -> Option<CycleReport> {
    let ended = world
        .runner
        .break_off(world.contoso.id, &world.job, &Silent);
    ended.unwrap()
}

#[test]
fn it_ends_as_failed_and_says_why() {
    let world = world();
    let report = break_off(&world).unwrap();
    assert_eq!(report.state, CycleState::Failed);
    let job = world.stored_job();
    assert!(job.running.is_none());
    let quarantine = job.status.quarantine.unwrap();
    assert_eq!(quarantine.reason, "EncounteredQuarantineException");
    assert_eq!(quarantine.error.unwrap().0, "InternalError");
    assert_eq!(job.status.count_successive_complete_failures, 1);
    let due = job.next_due.unwrap();
    assert!(due == quarantine.next_attempt);
    // There is nothing left to be ended.
    assert_eq!(break_off(&world), None);

    world.target_is_well();
    world.clock.advance_seconds(INTERVAL_SECONDS);
    let report = world.cycle();
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(world.target_names(), ["p0", "p1", "p2"]);
    assert_eq!(world.stored_job().status.quarantine, None);
    assert_eq!(world.cycle().counts, Counts::default());
}

#[test]
fn where_none_has_begun_none_is_ended() {
    let world = World::new();
    world.person("ana");
    assert_eq!(break_off(&world), None);
    assert_eq!(world.cycle().counts.created, 1);
    assert_eq!(break_off(&world), None);
    assert_eq!(world.stored_job().status.quarantine, None);
}
