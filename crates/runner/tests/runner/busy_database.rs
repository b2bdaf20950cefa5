//! A database that is busy for a moment in the middle of a page: nobody's own failure, and the page is tried again.

use syncline_engine::evidence::EvidenceOutcome;
use syncline_model::job::{Counts, CycleReport, CycleState};

use crate::world::{World, left};

/// Of those who are in the target, one has moved to another department. `None` on a file, which is not busy.
fn with_one_changed() -> Option<World> {
    if !syncline_testkit::on_postgres() {
        return None;
    }
    let world = World::new();
    world.people("p", 3);
    world.cycle();
    world.person("p1").department("Elsewhere");
    Some(world)
}

fn assert_one_is_updated(world: &World, report: &CycleReport) {
    assert_eq!(report.state, CycleState::Succeeded);
    let updated = Counts {
        updated: 1,
        ..Counts::default()
    };
    assert_eq!(report.counts, updated);
    assert_eq!(world.live("p1").department(), "Elsewhere");
    nobody_has_failed(world);
}

fn nobody_has_failed(world: &World) {
    let log = world.log();
    let failed: Vec<_> = log
        .iter()
        .filter(|it| matches!(it.outcome, EvidenceOutcome::Failed(_)))
        .collect();
    assert!(failed.is_empty(), "{failed:?}");
}

#[test]
fn whoever_changed_is_updated_and_not_escrowed() {
    let Some(world) = with_one_changed() else {
        return;
    };
    // As it was decided ahead, and where it is decided again.
    world.database_is_busy_for(2);
    let report = world.cycle();
    assert_one_is_updated(&world, &report);
}

#[test]
fn what_is_undone_is_tried_again_as_well() {
    let Some(world) = with_one_changed() else {
        return;
    };
    let report = world.cycle();
    assert_one_is_updated(&world, &report);
    world.database_is_busy_for(1);
    let undone = world.undo_cycle(&report);
    assert_eq!((undone.counts.updated, left(&undone)), (1, Vec::new()));
    assert_ne!(world.live("p1").department(), "Elsewhere");
    nobody_has_failed(&world);
}
