//! Undoing once more.

use std::cell::Cell;

use syncline_model::job::{Counts, CycleState, ScheduleState};
use syncline_runner::{Observer, Progress, Silent, Span};

use super::{overwriting_cycle, sales, wrong_cycle};
use crate::world::{AfterPage, World, undo_of};

/// Stops after so many pages.
struct StopsAfter(Cell<u32>);

impl Observer for StopsAfter {
    fn page_done(&self, _progress: &Progress) {
        self.0.set(self.0.get().saturating_sub(1));
    }

    fn must_stop(&self) -> bool {
        self.0.get() == 0
    }
}

#[test]
fn what_was_interrupted_goes_on_where_it_stopped() {
    let world = World::new().with_pages_of(1);
    let people = world.people("p", 5);
    world.all_report_to(&people, people[0]);
    world.cycle();
    let before = world.live_guests();
    world.scope_to("department", "Nobody's");
    let cycle = world.cycle();
    world.pause();
    let undo = undo_of(Span::Cycles(vec![cycle.cycle_id]));
    // Five pages are foreseen, and two carried out.
    let stopped = world.try_undo(&undo, &StopsAfter(Cell::new(7))).unwrap();
    assert!(stopped.stopped);
    assert_eq!(stopped.counts.restored, 2);
    let rest = world.try_undo(&undo, &Silent).unwrap();
    assert!(!rest.stopped);
    assert_eq!((rest.counts.restored, rest.already), (3, 2));
    assert_eq!(world.live_guests(), before);
}

#[test]
fn what_is_stopped_before_it_is_counted_writes_nothing() {
    let world = sales();
    let cycle = wrong_cycle(&world);
    world.pause();
    let traces = world.traces();
    let undo = undo_of(Span::Cycles(vec![cycle.cycle_id]));
    let stopped = world.try_undo(&undo, &StopsAfter(Cell::new(1))).unwrap();
    assert!(stopped.stopped);
    assert_eq!(world.traces(), traces);
}

#[test]
fn what_is_undone_already_is_not_undone_again() {
    let world = sales();
    let since = world.now();
    let cycle = wrong_cycle(&world);
    world.undo_cycle(&cycle);
    let traces = world.traces();
    let again = world.undo_cycle(&cycle);
    assert_eq!((again.counts, again.already), (Counts::default(), 3));
    // Among what was done since then is what was undone.
    let since_then = world.undo_since(since);
    assert_eq!(
        (since_then.counts, since_then.already),
        (Counts::default(), 3)
    );
    assert_eq!(since_then.left_of, 0);
    assert_eq!(world.traces(), traces);
}

#[test]
fn what_was_undone_can_be_undone_itself() {
    let world = sales();
    wrong_cycle(&world);
    world.map("displayName", "\"Wrong again\"");
    let cycle = world.cycle();
    let before = world.live_guests();
    let since = world.now();
    let undone = world.undo_cycle(&cycle);
    assert_eq!(undone.counts.updated, 1);
    assert_ne!(world.live_guests(), before);
    let back = world.undo(Span::Cycles(vec![undone.cycle_id.unwrap()]));
    assert_eq!(back.counts.updated, 1);
    assert_eq!(world.live_guests(), before);
    assert!(world.now() >= since);
}

/// A cycle that was stopped in the middle is not gone on with.
#[test]
fn a_cycle_that_was_stopped_in_the_middle_is_undone_as_far_as_it_came() {
    let world = sales().with_pages_of(1);
    let before = world.live_guests();
    world.map("displayName", "\"Wrong\"");
    let cycle = world.cycle_watched_by(&AfterPage::new(|_, progress: &Progress| {
        if progress.counts.updated == 1 {
            world.pause();
        }
    }));
    assert_eq!(
        (cycle.state, cycle.counts.updated),
        (CycleState::Stopped, 1)
    );
    assert!(world.stored_job().running.is_some());
    assert_eq!(world.undo_cycle(&cycle).counts.updated, 1);
    assert_eq!(world.live_guests(), before);
    let job = world.stored_job();
    assert_eq!((job.state, job.running), (ScheduleState::Paused, None));
    // The next one looks at everybody.
    assert_eq!(world.plan().counts.updated, 2);
}

/// It is given up, and what it has removed counts with what the undo removes.
#[test]
fn what_a_cycle_had_removed_that_was_stopped_in_the_middle_counts() {
    let world = World::new().with_pages_of(1);
    for person in world.people("p", 4) {
        person.department("Sales");
    }
    let came = world.cycle();
    assert_eq!(came.counts.created, 4);
    for name in ["p0", "p1"] {
        world.person(name).department("Legal");
    }
    world.scope_to("department", "Sales");
    let stopped = world.cycle_watched_by(&AfterPage::new(|_, progress: &Progress| {
        if progress.counts.deleted == 1 {
            world.pause();
        }
    }));
    assert_eq!(
        (stopped.state, stopped.counts.deleted),
        (CycleState::Stopped, 1)
    );
    world.threshold(4);
    let traces = world.traces();
    let held = world.undo_cycle(&came);
    assert!(held.held && held.cycle_id.is_none());
    assert_eq!((held.removals, held.removed_before), (3, 1));
    assert_eq!(world.traces(), traces);
}

#[test]
fn pages_of_many_are_undone_as_a_page_of_few() {
    let mut counts = Vec::new();
    for size in [1, 2, 100] {
        let world = sales().with_pages_of(size);
        let before = world.live_guests();
        let cycle = overwriting_cycle(&world);
        let undone = world.undo_cycle(&cycle);
        assert_eq!(world.live_guests(), before);
        counts.push((undone.counts, undone.shown));
    }
    assert!(counts.iter().all(|it| it.0 == counts[0].0));
}
