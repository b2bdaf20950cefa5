//! What is decided ahead is worked out by a second thread: for pages of more than a batch, in a file, but for
//! the first page of a walk, which nothing is written beside.

use std::panic::{AssertUnwindSafe, catch_unwind};

use syncline_model::job::{Counts, CycleState};
use syncline_runner::Silent;

use crate::world::World;

/// Two pages of some batches of people.
const PEOPLE: usize = 600;
const PAGE: usize = PEOPLE / 2;

fn world() -> World {
    let world = World::new();
    world.people("p", PEOPLE);
    world
}

fn all_are_created(world: &World) {
    let report = world.cycle();
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(world.target_names().len(), PEOPLE);
    assert_eq!(world.created_in_log().len(), PEOPLE);
    let before = world.traces();
    assert_eq!(world.cycle().counts, Counts::default());
    assert_eq!(world.traces(), before);
}

#[test]
fn one_thread_does_everything_where_deciding_ahead_is_off() {
    let mut world = world();
    world.runner = world.runner.clone().with_deciding_ahead(false);
    all_are_created(&world);
    assert_eq!(world.threads_that_asked(), 1);
}

#[test]
fn otherwise_several_do() {
    let world = world().with_pages_of(PAGE);
    all_are_created(&world);
    // The first page is decided where pages are written, and those behind it by another thread. On a shared
    // database that drafts, too: readers are connections there.
    let threads = if world.store.is_shared() { 2 } else { 3 };
    assert_eq!(world.threads_that_asked(), threads);
}

/// Whatever one of them meets, the other ends too, and the cycle says what it was.
#[test]
fn what_breaks_on_either_thread_ends_the_cycle_and_is_told() {
    type Break = fn(&World, usize);
    let breaks: [(Break, &str); 2] = [
        (World::target_drafts_only, "InternalServerError"),
        (World::target_answers_only, "WebExceptionProtocolError"),
    ];
    for (breaks, code) in breaks {
        // Three are of the first page.
        for batches in [0, 1, 3, 4, 5] {
            let world = world().with_pages_of(PAGE);
            breaks(&world, batches);
            let report = world.cycle_without_checks();
            assert_eq!(report.state, CycleState::Failed, "{batches}");
            let error = world
                .stored_job()
                .status
                .last_execution
                .unwrap()
                .error
                .unwrap();
            assert_eq!(error.0, code);
            // Pages are written as a whole.
            let written = world.target_names().len();
            assert!(written == 0 || written == PAGE, "{batches}: {written}");
            world.target_is_well();
            all_are_created(&world);
        }
    }
}

/// Neither waits for the other for ever.
#[test]
fn a_thread_that_breaks_ends_the_other_and_the_cycle_goes_on_elsewhere() {
    type Break = fn(&World, usize);
    let breaks: [Break; 2] = [World::target_drafts_only, World::target_answers_only];
    for breaks in breaks {
        for batches in [3, 4, 5] {
            let world = world().with_pages_of(PAGE);
            world.target_breaks_threads();
            breaks(&world, batches);
            let broken = catch_unwind(AssertUnwindSafe(|| world.try_cycle(&Silent)));
            assert!(broken.is_err(), "{batches}");
            world.target_is_well();
            all_are_created(&world.elsewhere().with_pages_of(PAGE));
        }
    }
}
