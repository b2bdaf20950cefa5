//! Few changes are read, decided and written in one transaction, where no other process may wait for it. Whoever
//! changes once more at the last moment shows which way a cycle went: where it reads then, he is left to the next one;
//! what was decided ahead does not know of it.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use syncline_engine::Operation;
use syncline_engine::evidence::EvidenceOutcome;
use syncline_model::Attr;
use syncline_model::job::CycleState;
use syncline_runner::{Observer, PageReport, Progress};

use crate::world::{INTERVAL_SECONDS, World, before_page};

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
    assert_eq!(told.left(), left);
}

/// Of a cycle that goes no other way, or could not.
fn updated_without_trying_twice(world: &World) -> u64 {
    let told = Told::default();
    let report = world.cycle_watched_by(&told);
    assert_eq!((report.state, told.left()), (CycleState::Succeeded, 0));
    report.counts.updated
}

#[test]
fn more_than_few_are_decided_ahead() {
    let world = World::new().with_few_changes_up_to(2);
    moved(&world);
    goes_another_way(&world);
}

#[test]
fn as_many_as_may_be_few_are_few() {
    let world = World::new().with_few_changes_up_to(3);
    moved(&world);
    assert_eq!(updated_without_trying_twice(&world), 3);
}

#[test]
fn nobody_waits_for_a_target_that_answers_from_elsewhere() {
    let world = World::new();
    moved(&world);
    world.target_is_remote();
    assert_eq!(updated_without_trying_twice(&world), 3);
}

/// A target whose answers take their time.
struct Slow {
    seconds: Arc<AtomicI64>,
    asked: Arc<AtomicUsize>,
}

impl Slow {
    fn new(world: &World) -> Self {
        let seconds = Arc::new(AtomicI64::new(1));
        let asked = Arc::<AtomicUsize>::default();
        let (clock, takes, told) = (
            world.clock.clone(),
            Arc::clone(&seconds),
            Arc::clone(&asked),
        );
        world.while_target_answers(move || {
            told.fetch_add(1, Ordering::Relaxed);
            clock.advance_seconds(takes.load(Ordering::Relaxed));
        });
        Self { seconds, asked }
    }

    /// How often it was asked since this was asked last.
    fn asked(&self) -> usize {
        self.asked.swap(0, Ordering::Relaxed)
    }
}

/// A page that is decided ahead asks for all together.
const AHEAD: usize = 1;
/// Where others wait, nobody is asked for with more than are decided: one, one more, then the rest.
const INSIDE: usize = 3;
const REST_SECONDS: i64 = 60 * 60;

/// The next cycle begins a minute from now.
fn soon(world: &World) {
    world.clock.advance_seconds(60 - INTERVAL_SECONDS);
}

#[test]
fn whose_deciding_takes_long_are_decided_ahead_after_all() {
    let world = World::new();
    moved(&world);
    let slow = Slow::new(&world);
    goes_another_way(&world);
    // Others wait for one of them, not for all.
    let inside = usize::from(!world.store.is_shared());
    assert_eq!(slow.asked(), inside + AHEAD);
}

#[test]
fn a_clock_that_was_set_back_does_not_hide_how_long_deciding_takes() {
    let world = World::new();
    moved(&world);
    world.clock.advance_seconds(-3600);
    Slow::new(&world);
    goes_another_way(&world);
}

#[test]
fn nobody_waits_for_a_slow_job_while_it_rests() {
    let world = World::new();
    moved(&world);
    let slow = Slow::new(&world);
    goes_another_way(&world);
    slow.asked();
    // Nor for one of its people, and cycles in between in which nothing has changed prove nothing.
    for few in [&NAMES[..], &NAMES[..1], &[], &[], &NAMES[..1]] {
        for name in few {
            let before = world.live(name).text(Attr::DEPARTMENT).to_owned();
            world.person(name).department(&format!("{before}."));
        }
        soon(&world);
        assert_eq!(updated_without_trying_twice(&world), few.len() as u64);
        assert_eq!(slow.asked(), few.len().min(AHEAD));
    }
}

#[test]
fn a_slow_job_is_tried_again_when_it_has_rested() {
    let world = World::new();
    moved(&world);
    let slow = Slow::new(&world);
    goes_another_way(&world);
    slow.seconds.store(0, Ordering::Relaxed);
    world.clock.advance_seconds(REST_SECONDS - 120);
    slow.asked();
    for (department, asked) in [("Production", AHEAD), ("Sales", INSIDE)] {
        all_to(&world, department);
        soon(&world);
        assert_eq!(updated_without_trying_twice(&world), 3);
        let asked = if world.store.is_shared() {
            AHEAD
        } else {
            asked
        };
        assert_eq!(slow.asked(), asked, "{department}");
    }
}

#[test]
fn a_slow_job_with_another_schema_may_be_quick() {
    let world = World::new();
    moved(&world);
    let slow = Slow::new(&world);
    goes_another_way(&world);
    slow.seconds.store(0, Ordering::Relaxed);
    world.map("jobTitle", "ToUpper([jobTitle])");
    soon(&world);
    world.cycle();
    all_to(&world, "Production");
    slow.asked();
    soon(&world);
    assert_eq!(updated_without_trying_twice(&world), 3);
    let inside = if world.store.is_shared() {
        AHEAD
    } else {
        INSIDE
    };
    assert_eq!(slow.asked(), inside);
}

#[test]
fn a_job_whose_writing_takes_long_rests_too() {
    let world = World::new();
    moved(&world);
    let clock = world.clock.clone();
    world.target_refuses(move |_| {
        clock.advance_seconds(1);
        false
    });
    assert_eq!(updated_without_trying_twice(&world), 3);
    world.target_is_well();
    let slow = Slow::new(&world);
    all_to(&world, "Production");
    soon(&world);
    assert_eq!(updated_without_trying_twice(&world), 3);
    assert_eq!(slow.asked(), AHEAD);
}

#[test]
fn a_value_that_one_of_few_hands_on_to_another_is_free_for_him() {
    let world = World::new();
    for name in NAMES {
        world
            .person(name)
            .set(Attr::MAIL, format!("{name}@contoso.example"));
    }
    world.cycle();
    world
        .person("bea")
        .set(Attr::MAIL, "another@contoso.example");
    world.person("ana").set(Attr::MAIL, "bea@contoso.example");
    // Changed last, looked at last: she has it still when Ana asks for it.
    world.person("bea").department("Sales");
    assert_eq!(updated_without_trying_twice(&world), 2);
    assert_eq!(world.live("ana").text(Attr::MAIL), "bea@contoso.example");
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
    /// How many pages were begun, and then left for another way.
    fn left(&self) -> usize {
        self.begun.get() - self.pages.borrow().len()
    }

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

#[test]
fn a_value_that_is_redacted_is_not_told_of_few_who_may_not_have_it() {
    const SECRET: &str = "secret@contoso.example";
    let world = World::new();
    world.map("mail", "Redact([department])");
    world.internal_user_of_fabrikam(SECRET);
    world.person("ana");
    world.cycle();
    world.person("ana").department(SECRET);
    world.person("bea").department(SECRET);
    assert_eq!(world.cycle().counts.escrowed, 2);
    for name in ["ana", "bea"] {
        let outcomes = world.outcomes(name);
        let Some(EvidenceOutcome::Failed(failure)) = outcomes.last() else {
            panic!("{outcomes:?}");
        };
        assert!(!failure.reason.contains("secret"), "{}", failure.reason);
        assert!(
            failure.reason.contains("is not to be shown"),
            "{}",
            failure.reason
        );
    }
}

#[test]
fn what_fails_of_few_fails_where_it_was_decided() {
    let world = World::new();
    for name in NAMES {
        world.person(name);
    }
    world.cycle();
    world.internal_user_of_fabrikam("taken@contoso.example");
    world.person("ana").department("Sales").manager("bea");
    let dora = world.person("dora");
    dora.set(Attr::MAIL, "taken@contoso.example");
    world.target_refuses(|operation| matches!(operation, Operation::AddReference { .. }));
    let told = Told::default();
    let report = world.cycle_watched_by(&told);
    assert_eq!(report.counts.updated, 1);
    assert_eq!(report.counts.escrowed, 1);
    for name in ["ana", "dora"] {
        let outcomes = world.outcomes(name);
        let failed = matches!(outcomes.last(), Some(EvidenceOutcome::Failed(_)));
        assert!(failed, "{outcomes:?}");
    }
    assert_eq!(world.live("ana").text(Attr::DEPARTMENT), "Sales");
    if !world.store.is_shared() {
        assert_eq!(told.left(), 0);
    }
}
