//! Pages that take longer than the database server waits for the next statement: they are not tried
//! again as they were.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use syncline_model::job::{CyclePhase, CycleState};
use syncline_runner::{PageSizes, Progress, Silent};
use syncline_store::Reader;

use crate::world::{AfterPage, World};

#[test]
fn a_page_over_which_the_database_was_lost_is_tried_again_with_fewer() {
    if !syncline_testkit::on_postgres() {
        // Nothing is lost where there is no server.
        return;
    }
    let world = World::new();
    let people = 30;
    world.people("p", people);
    world.database_is_lost_to_more_than(3);
    let sizes = PageSizes {
        smallest: 2,
        ..PageSizes::fixed(16)
    };
    let runner = world
        .another_process()
        .with_page_sizes(sizes)
        .with_patience_ms(1_000);
    let report = runner
        .run_cycle(world.contoso.id, &world.job, &Silent)
        .unwrap();
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(world.target_names().len(), people);
}

/// Everybody in pages that can not be smaller.
fn with_smallest_pages() -> Option<World> {
    if !syncline_testkit::on_postgres() {
        return None;
    }
    let mut world = World::new().with_pages_of(2);
    world.runner = world.runner.with_patience_ms(1_000);
    world.people("p", 5);
    Some(world)
}

/// It takes so long to decide that the server takes the transaction for a stopped node's.
fn is_too_slow(inside: &Reader<'_>) -> bool {
    !inside.may_stand_still()
}

#[test]
fn a_page_of_the_smallest_size_that_is_decided_inside_may_take_long() {
    let Some(world) = with_smallest_pages() else {
        return;
    };
    world.cycle();
    for name in ["p0", "p1", "p2"] {
        world.person(name).disabled();
    }
    // Removals are decided inside.
    world.scope_to("department", "Nobody's");
    world.database_is_lost_where(is_too_slow);
    let report = world.cycle();
    assert_eq!(report.state, CycleState::Succeeded);
    assert!(world.target_names().is_empty());
}

#[test]
fn a_page_of_the_smallest_size_that_is_decided_again_inside_may_take_long() {
    let Some(world) = with_smallest_pages() else {
        return;
    };
    // What was decided ahead can not be carried out as a whole.
    world.target_refuses(|operation| {
        let text = format!("{operation:?}");
        text.contains("p3")
    });
    world.database_is_lost_where(is_too_slow);
    let report = world.cycle();
    assert_eq!(report.state, CycleState::EntryLevelErrors);
    assert_eq!((report.counts.created, report.counts.escrowed), (4, 1));
}

#[test]
fn a_page_of_the_smallest_size_that_takes_minutes_ends_the_cycle_and_says_why() {
    let Some(world) = with_smallest_pages() else {
        return;
    };
    world.cycle();
    world.scope_to("department", "Nobody's");
    let is_slow = Arc::<AtomicBool>::default();
    let (slow, clock) = (Arc::clone(&is_slow), Arc::clone(&world.clock));
    world.database_is_lost_where(move |_| {
        let is_slow = slow.load(Ordering::Relaxed);
        if is_slow {
            clock.advance_seconds(301);
        }
        is_slow
    });
    let observer = AfterPage::new(|_, progress: &Progress| {
        // What follows is decided inside.
        is_slow.store(progress.phase == CyclePhase::References, Ordering::Relaxed);
    });
    let report = world.try_cycle(&observer).unwrap();
    assert_eq!(report.state, CycleState::Failed);
    assert_eq!(report.error.unwrap().0, "PageTooSlow");
    assert_eq!(world.target_names().len(), 5);
}
