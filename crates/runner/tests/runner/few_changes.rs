//! Few changes are read, decided and written in one transaction, where no other process may wait for it. Whoever
//! changes once more at the last moment shows which way a cycle went: where it reads then, he is left to the next one;
//! what was decided ahead does not know of it.

use std::cell::{Cell, RefCell};

use syncline_engine::Operation;
use syncline_model::Attr;
use syncline_model::job::CycleState;
use syncline_runner::{Observer, PageReport, Progress};

use crate::world::{World, before_page};

/// Later cycles look first at those who failed.
const WALK: u32 = 2;

const NAMES: [&str; 3] = ["ana", "bea", "cleo"];

/// Three people have moved to Sales since the last cycle.
fn moved(world: &World) {
    for name in NAMES {
        world.person(name);
    }
    world.cycle();
    all_to(world, "Sales");
}

fn all_to(world: &World, department: &str) {
    for name in NAMES {
        world.person(name).department(department);
    }
}

/// The departments in the target after a cycle in which all moved to Production when its walk began.
fn departments_after(world: &World) -> [String; 3] {
    world.cycle_watched_by(&before_page(WALK, || all_to(world, "Production")));
    let found = departments(world);
    // However it was: nothing is lost.
    world.cycle();
    assert_eq!(departments(world), ["Production"; 3]);
    found
}

fn departments(world: &World) -> [String; 3] {
    NAMES.map(|name| world.live(name).text(Attr::DEPARTMENT).to_owned())
}

#[test]
fn few_changes_are_decided_where_they_are_written() {
    let world = World::new();
    moved(&world);
    let (left_to_the_next, decided_ahead) = ("", "Sales");
    let expected = if world.store.is_shared() {
        decided_ahead
    } else {
        left_to_the_next
    };
    assert_eq!(departments_after(&world), [expected; 3]);
}

#[test]
fn none_are_few_where_none_should_be() {
    let world = World::new().with_few_changes_up_to(0);
    moved(&world);
    assert_eq!(departments_after(&world), ["Sales"; 3]);
}

/// The next cycle begins the transaction for few changes, and leaves it for another way.
fn goes_another_way(world: &World) {
    let told = Told::default();
    let report = world.cycle_watched_by(&told);
    assert_eq!(
        (report.state, report.counts.updated),
        (CycleState::Succeeded, 3)
    );
    assert_eq!(departments(world), ["Sales"; 3]);
    let left = usize::from(!world.store.is_shared());
    assert_eq!(told.begun.get(), told.pages.borrow().len() + left);
}

#[test]
fn more_than_few_are_decided_ahead() {
    let world = World::new().with_few_changes_up_to(2);
    moved(&world);
    goes_another_way(&world);
}

#[test]
fn nobody_waits_for_a_target_that_answers_from_elsewhere() {
    let world = World::new();
    moved(&world);
    world.target_is_remote();
    goes_another_way(&world);
}

#[test]
fn whose_deciding_takes_long_are_decided_ahead_after_all() {
    let world = World::new();
    moved(&world);
    let clock = world.clock.clone();
    world.while_target_answers(move || clock.advance_seconds(1));
    goes_another_way(&world);
}

#[test]
fn a_cycle_that_must_stop_does_not_begin_to_write_the_few() {
    let world = World::new();
    moved(&world);
    let told = Told::stopping_at(WALK as usize);
    world.try_cycle(&told).unwrap_err();
    assert_eq!(told.begun.get(), WALK as usize - 1);
    assert_eq!(departments(&world), [""; 3]);
    assert_eq!(world.cycle().counts.updated, 3);
}

/// What the pages of a cycle told.
#[derive(Default)]
struct Told {
    begun: Cell<usize>,
    /// Each with how many objects were done after it.
    pages: RefCell<Vec<(PageReport, u64)>>,
    /// Before which page the cycle must stop.
    stops_at: Option<usize>,
}

impl Told {
    fn stopping_at(page: usize) -> Self {
        Self {
            stops_at: Some(page),
            ..Self::default()
        }
    }
}

impl Observer for Told {
    fn page_begins(&self) {
        self.begun.set(self.begun.get() + 1);
    }

    fn page_done(&self, progress: &Progress) {
        self.pages.borrow_mut().last_mut().unwrap().1 = progress.done;
    }

    fn page_committed(&self, page: &PageReport) {
        self.pages.borrow_mut().push((page.clone(), 0));
    }

    fn must_stop(&self) -> bool {
        self.stops_at == Some(self.begun.get() + 1)
    }
}

#[test]
fn one_of_few_who_fails_keeps_nobody_else_back_and_is_counted_once() {
    let world = World::new();
    moved(&world);
    let bea = world.live("bea").id;
    world.target_refuses(
        move |operation| matches!(operation, Operation::Update { target, .. } if *target == bea),
    );
    let told = Told::default();
    let report = world.cycle_watched_by(&told);
    assert_eq!(report.state, CycleState::EntryLevelErrors);
    assert_eq!((report.counts.updated, report.counts.escrowed), (2, 1));
    let told = told.pages.into_inner();
    let updated: Vec<u64> = told.iter().map(|(page, _)| page.counts.updated).collect();
    assert_eq!(updated.iter().sum::<u64>(), 2, "{updated:?}");
    assert_eq!(told.last().unwrap().1, 3);
    assert_eq!(departments(&world), ["Sales", "", "Sales"]);
    world.target_is_well();
    world.clock.advance_seconds(24 * 60 * 60);
    assert_eq!(world.cycle().counts.updated, 1);
}
