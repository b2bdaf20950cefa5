//! A version that gives another meaning to stored schemas: everybody is evaluated once.

use std::cell::Cell;

use syncline_engine::SEMANTICS;
use syncline_model::job::{Counts, CycleKind, CycleState, RunningCycle};
use syncline_model::{Clock as _, JobId};
use syncline_runner::{Observer, Progress, Reach};

use crate::clocks::Stops;
use crate::world::{AfterPage, World};

impl World {
    /// As if all were evaluated by a version to which the schema meant something else.
    fn evaluated_by_an_older_version(&self) {
        let mut job = self.stored_job();
        job.evaluated_generation = job.configuration_generation;
        job.semantics = SEMANTICS - 1;
        self.store.write(|tx| tx.update_job(&job)).unwrap();
    }
}

/// Ana and four in Finance, whom the schema lets out.
fn four_to_go() -> World {
    let world = World::new();
    world.person("ana").department("Sales");
    for person in world.people("p", 4) {
        person.department("Finance");
    }
    world.cycle();
    world.threshold(3);
    world.scope_to("department", "Sales");
    world
}

/// The same, in step by another meaning of the schema.
fn world() -> World {
    let world = four_to_go();
    world.evaluated_by_an_older_version();
    world
}

#[test]
fn everybody_is_evaluated_once_and_removals_are_held_as_after_any_change() {
    let world = world();
    let plan = world.plan();
    assert_eq!(
        (plan.kind, plan.reach),
        (CycleKind::Initial, Reach::Everybody)
    );
    assert_eq!((plan.held, plan.removals), (true, 4));
    assert!(
        plan.changed[0].starts_with("the program"),
        "{:?}",
        plan.changed
    );
    let report = world.cycle();
    assert_eq!(report.kind, CycleKind::Initial);
    assert_eq!((report.counts.staged, report.counts.deleted), (4, 0));
    assert_eq!(report.counts.unchanged, 1);
    assert_eq!(world.stored_job().semantics, SEMANTICS);
    // Once.
    assert!(world.plan().changed.is_empty());
    let report = world.cycle();
    assert_eq!(report.kind, CycleKind::Incremental);
    assert_eq!((report.counts.staged, report.counts.unchanged), (4, 0));
    world.restart("ForceDeletes");
    world.cycle();
    assert_eq!(world.target_names(), ["ana"]);
}

/// Whoever let removals through has seen those of the other meaning.
#[test]
fn a_permission_for_removals_ends_where_the_schema_means_something_else() {
    let world = world();
    world.restart("ForceDeletes");
    let plan = world.plan();
    assert_eq!((plan.held, plan.removals), (true, 4));
    let counts = world.cycle().counts;
    assert_eq!((counts.staged, counts.deleted), (4, 0));
    world.restart("ForceDeletes");
    assert_eq!(world.cycle().counts.deleted, 4);
}

/// A full read evaluates everybody anyway.
#[test]
fn so_does_one_for_a_full_read() {
    let world = world();
    world.restart("Watermark, ForceDeletes");
    let plan = world.plan();
    assert_eq!((plan.held, plan.removals), (true, 4));
    let counts = world.cycle().counts;
    assert_eq!((counts.staged, counts.deleted), (4, 0));
    world.restart("ForceDeletes");
    assert_eq!(world.cycle().counts.deleted, 4);
}

/// The process was stopped to be replaced, before the removals were counted.
#[test]
fn so_does_one_whose_cycle_another_version_goes_on_with() {
    let world = four_to_go().with_pages_of(1);
    world.restart("Watermark, ForceDeletes");
    world.try_cycle(&Stops::default()).unwrap_err();
    let mut job = world.stored_job();
    assert!(job.lets_removals_through());
    job.semantics = SEMANTICS - 1;
    world.store.write(|tx| tx.update_job(&job)).unwrap();
    // Nor is anybody told, from its first page on, that it lets them through.
    let mut told = Vec::new();
    let observer = AfterPage::new(|_, _: &Progress| {
        told.push(world.stored_job().lets_removals_through());
    });
    let counts = world.cycle_watched_by(&observer).counts;
    assert_eq!((counts.staged, counts.deleted), (4, 0));
    assert!(told.len() > 4 && told.iter().all(|lets_through| !lets_through));
    let plan = world.plan();
    assert_eq!((plan.held, plan.removals), (true, 4));
    assert_eq!(world.cycle().counts.staged, 4);
    world.restart("ForceDeletes");
    assert_eq!(world.cycle().counts.deleted, 4);
}

/// Nobody has said of this meaning that so few are right.
#[test]
fn so_does_one_for_a_source_that_is_suddenly_short() {
    let world = World::new();
    world.people("p", 3);
    world.cycle();
    for (name, _) in world.everybody() {
        world.person(&name).deleted();
    }
    world.restart("Watermark, ForceDeletes");
    let stops = AtBegin::default();
    world.try_cycle(&stops).unwrap_err();
    let mut job = world.stored_job();
    assert!(job.running.is_some() && job.lets_removals_through());
    job.semantics = SEMANTICS - 1;
    world.store.write(|tx| tx.update_job(&job)).unwrap();
    let report = world.cycle();
    assert_eq!(report.state, CycleState::Failed);
    assert_eq!(report.error.unwrap().0, "SourceSuddenlyShort");
    assert_eq!(world.target_names().len(), 3);
}

/// The process is about to end when a cycle has begun, before its first page.
#[derive(Default)]
struct AtBegin(Cell<bool>);

impl Observer for AtBegin {
    fn cycle_begins(&self, _job: &JobId, _cycle: &RunningCycle) {
        self.0.set(true);
    }

    fn page_done(&self, _progress: &Progress) {}

    fn must_stop(&self) -> bool {
        self.0.get()
    }
}

/// It is evaluated again as well when a change of the schema was saved before.
#[test]
fn a_change_that_is_saved_before_the_next_cycle_does_not_hide_it() {
    let world = world();
    world.map("jobTitle", "ToUpper([jobTitle])");
    assert_eq!(world.plan().reach, Reach::Everybody);
    let report = world.cycle();
    assert_eq!(report.kind, CycleKind::Initial);
    assert_eq!(report.counts.staged, 4);
}

/// The scheduled cycle does that, and what changes is followed again behind it.
#[test]
fn continuous_mode_waits_for_the_cycle_that_evaluates_everybody() {
    let world = World::new();
    world.people("p", 3);
    world.continuous("True");
    world.cycle();
    world.evaluated_by_an_older_version();
    world.person("new");
    assert_eq!(world.follow(), None);
    assert!(!world.is_behind());
    assert_eq!(
        world.stored_job().next_due,
        Some(world.clock.now()),
        "at once"
    );
    let report = world.cycle();
    assert_eq!(report.kind, CycleKind::Initial);
    let counts = Counts {
        created: 1,
        unchanged: 3,
        ..Counts::default()
    };
    assert_eq!(report.counts, counts);
    world.person("newer");
    assert_eq!(world.follow().unwrap().counts.created, 1);
}

/// Whoever was decided by it is decided once more.
#[test]
fn a_cycle_of_which_an_older_version_has_done_a_part_is_followed_by_one_that_evaluates_everybody() {
    let world = World::new().with_pages_of(1);
    world.people("p", 3);
    let observer = AfterPage::new(|_, progress: &Progress| {
        if progress.counts.created == 1 {
            // It knows nothing of the number, and writes the job without it.
            let mut job = world.stored_job();
            job.semantics = 0;
            world.store.write(|tx| tx.update_job(&job)).unwrap();
        }
    });
    assert_eq!(world.cycle_watched_by(&observer).counts.created, 3);
    let report = world.cycle();
    assert_eq!(
        (report.kind, report.counts.unchanged),
        (CycleKind::Initial, 3)
    );
    assert_eq!(world.cycle().kind, CycleKind::Incremental);
}
