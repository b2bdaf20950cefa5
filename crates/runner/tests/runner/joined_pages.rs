//! Pages of full size are written in one transaction with the next.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use syncline_engine::Operation;
use syncline_model::Attr;
use syncline_model::job::{Counts, CycleState};
use syncline_runner::{Observer, PageReport, PageSizes, Progress};
use syncline_testkit::Proxy;

use crate::world::World;

/// Six pages of two.
const PEOPLE: usize = 12;
fn world() -> World {
    let world = World::new().with_joined_pages_of(2, 2);
    world.people("p", PEOPLE);
    world
}

/// Notes what was committed with each transaction.
#[derive(Default)]
struct Watch {
    created: RefCell<Vec<u64>>,
    dies: bool,
}

impl Observer for Watch {
    fn page_done(&self, _progress: &Progress) {}

    fn page_begins(&self) {}

    fn page_committed(&self, page: &PageReport) {
        self.created.borrow_mut().push(page.counts.created);
        if self.dies {
            std::panic::resume_unwind(Box::new("the process dies here"));
        }
    }
}

fn all_are_created_once(world: &World) {
    assert_eq!(world.target_names().len(), PEOPLE);
    assert_eq!(world.created_in_log().len(), PEOPLE);
    let before = world.traces();
    assert_eq!(world.cycle().counts, Counts::default());
    assert_eq!(world.traces(), before);
}

#[test]
fn two_are_written_in_one_transaction() {
    let world = world();
    let watch = Watch::default();
    let report = world.cycle_watched_by(&watch);
    assert_eq!(report.counts.created, PEOPLE as u64);
    assert_eq!(watch.created.into_inner()[..3], [4, 4, 4]);
    all_are_created_once(&world);
}

#[test]
fn a_process_that_dies_behind_it_is_followed_by_one_that_goes_on_there() {
    let world = world();
    let watch = Watch {
        dies: true,
        ..Watch::default()
    };
    let died = catch_unwind(AssertUnwindSafe(|| world.try_cycle(&watch)));
    assert!(died.is_err());
    assert_eq!(world.target_names().len(), 4);
    let world = world.elsewhere().with_pages_of(2);
    assert_eq!(world.cycle().counts.created, PEOPLE as u64);
    all_are_created_once(&world);
}

/// The pages are decided again, each for itself: only who breaks it fails.
#[test]
fn a_page_that_breaks_takes_none_with_it() {
    let world = world();
    world.target_breaks_over(|it| match it {
        Operation::Create { attrs, .. } => attrs.text(Attr::DISPLAY_NAME) == Some("p5 of Contoso"),
        _ => false,
    });
    let watch = Watch::default();
    let report = world.cycle_watched_by(&watch);
    assert_eq!(report.state, CycleState::EntryLevelErrors);
    let counts = report.counts;
    assert_eq!(
        (counts.created, counts.escrowed),
        (PEOPLE as u64 - 1, 1),
        "{counts:?}"
    );
    let created = watch.created.into_inner();
    assert_eq!(created[..2], [4, 1]);
    world.target_is_well();
    world.person("p5").department("Sales");
    assert_eq!(world.cycle().counts.created, 1);
    all_are_created_once(&world);
}

/// What was decided ahead was used up: deciding again takes its time, under the writer's lock.
#[test]
fn pages_whose_connection_broke_are_written_each_for_itself() {
    let Some(proxy) = Proxy::start() else {
        return;
    };
    let world = world();
    let behind = world.process_behind(&proxy).with_page_sizes(PageSizes {
        in_one: 2,
        ..PageSizes::fixed(2)
    });
    let broken = AtomicBool::new(false);
    world.target_refuses(move |it| {
        if let Operation::Create { attrs, .. } = it
            && attrs.text(Attr::DISPLAY_NAME) == Some("p4 of Contoso")
            && !broken.swap(true, Ordering::SeqCst)
        {
            proxy.cut_and_refuse(0);
        }
        false
    });
    let watch = Watch::default();
    let report = behind.run_cycle(world.contoso.id, &world.job, &watch);
    assert_eq!(report.unwrap().counts.created, PEOPLE as u64);
    assert_eq!(watch.created.into_inner()[..3], [4, 2, 4]);
    world.target_is_well();
    all_are_created_once(&world);
}

/// Writers of the API wait for a transaction: one that lasts takes no further page.
#[test]
fn nothing_joins_a_page_that_has_taken_its_time() {
    let world = world();
    let clock = world.clock.clone();
    world.target_refuses(move |_| {
        clock.advance_seconds(1);
        false
    });
    let watch = Watch::default();
    let report = world.cycle_watched_by(&watch);
    assert_eq!(report.counts.created, PEOPLE as u64);
    assert_eq!(watch.created.into_inner()[..PEOPLE / 2], [2; PEOPLE / 2]);
    world.target_is_well();
    all_are_created_once(&world);
}

/// The time that a page has for its people lies never before its cycle, and stands still then.
#[test]
fn a_clock_that_was_set_back_does_not_hide_how_long_pages_take() {
    let world = world();
    let (clock, set_back) = (world.clock.clone(), AtomicBool::new(false));
    world.target_refuses(move |_| {
        let was_set_back = set_back.swap(true, Ordering::SeqCst);
        clock.advance_seconds(if was_set_back { 1 } else { -3600 });
        false
    });
    let watch = Watch::default();
    let report = world.cycle_watched_by(&watch);
    assert_eq!(report.counts.created, PEOPLE as u64);
    // Of the page in which that happened nobody can tell.
    assert_eq!(watch.created.into_inner()[..5], [4, 2, 2, 2, 2]);
    world.target_is_well();
    all_are_created_once(&world);
}
