//! A disk that is full during a cycle: it waits for room, and goes on from its last page.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use syncline_model::ProblemKind;
use syncline_model::job::CycleState;
use syncline_runner::{Observer, Progress, Silent};
use syncline_store::{Meter, StoreError, Written};

use crate::world::{World, after_first_page};

/// Enough that some of their pages need room.
const PEOPLE: usize = 60;

/// Twenty people a page, on a file that can be bounded.
fn world() -> Option<World> {
    let world = World::new().with_pages_of(20);
    if world.store.is_shared() {
        return None;
    }
    world.people("p", PEOPLE);
    Some(world)
}

/// Says when a write meets a full disk.
struct Told(Sender<()>);

impl Meter for Told {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn read(&self, _took: Duration) {}

    fn wrote(&self, _written: &Written) {}

    fn room(&self, there: bool) {
        if !there {
            let _ = self.0.send(());
        }
    }
}

#[test]
fn a_cycle_waits_for_room_and_goes_on() {
    let Some(world) = world() else { return };
    let (full, met) = channel();
    world.store.measure(Arc::new(Told(full)));
    let store = &world.store;
    let report = thread::scope(|scope| {
        scope.spawn(move || {
            met.recv().unwrap();
            store.bound_to(0).unwrap();
        });
        world.cycle_watched_by(&after_first_page(|| world.store.bound_to(1).unwrap()))
    });
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(report.counts.created, PEOPLE as u64);
    let status = world.stored_job().status;
    assert!(status.quarantine.is_none(), "{status:?}");
    assert_eq!(status.count_successive_complete_failures, 0);
}

/// Fills the disk after the first page, and makes room when that is waited for.
struct Filled<'w> {
    world: &'w World,
    filled: Cell<bool>,
    told: RefCell<Vec<&'static str>>,
}

impl Observer for Filled<'_> {
    fn page_done(&self, _progress: &Progress) {
        if !self.filled.replace(true) {
            self.world.store.bound_to(1).unwrap();
        }
    }

    fn waits(&self) {
        self.told.borrow_mut().push("waits");
        self.world.store.bound_to(0).unwrap();
    }

    fn has_waited(&self) {
        self.told.borrow_mut().push("has waited");
    }
}

#[test]
fn whoever_watches_a_cycle_is_told_that_it_waits_and_that_it_has() {
    let Some(world) = world() else { return };
    let filled = Filled {
        world: &world,
        filled: Cell::default(),
        told: RefCell::default(),
    };
    let report = world.cycle_watched_by(&filled);
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(filled.told.take(), ["waits", "has waited"]);
}

#[test]
fn a_cycle_that_waits_in_vain_stays_where_it_was() {
    let Some(world) = world() else { return };
    let runner = world.runner.clone().with_patience_ms(0);
    let full = after_first_page(|| world.store.bound_to(1).unwrap());
    let problem = runner
        .run_cycle(world.contoso.id, &world.job, &full)
        .unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Unavailable);
    assert_eq!(problem.code, StoreError::FULL);
    assert!(problem.message.contains("disk"), "{problem}");

    let job = world.stored_job();
    assert!(job.status.quarantine.is_none() && job.status.last_execution.is_none());
    let cycle = job.running.unwrap();
    assert!(cycle.imported > 0);
    // Its job is due still.
    assert_eq!(runner.due(10).unwrap().scheduled.len(), 1);
    assert!(
        runner
            .run_cycle(world.contoso.id, &world.job, &Silent)
            .is_err()
    );

    world.store.bound_to(0).unwrap();
    let report = world.cycle();
    assert_eq!(report.cycle_id, cycle.id);
    assert_eq!(report.counts.created, PEOPLE as u64);
}

/// Fills the disk after the first page, and asks the cycle to stop as soon as it has met that.
struct Stopping<'w> {
    world: &'w World,
    met: Receiver<()>,
    times: Cell<u32>,
    asked: Cell<bool>,
}

impl Observer for Stopping<'_> {
    fn page_done(&self, _progress: &Progress) {
        self.world.store.bound_to(1).unwrap();
    }

    fn must_stop(&self) -> bool {
        self.times
            .set(self.times.get() + self.met.try_iter().count() as u32);
        let stops = self.times.get() > 0;
        self.asked.set(stops);
        stops
    }
}

#[test]
fn a_cycle_that_waits_for_room_hears_that_it_must_stop() {
    let Some(world) = world() else { return };
    let (full, met) = channel();
    world.store.measure(Arc::new(Told(full)));
    let observer = Stopping {
        world: &world,
        met,
        times: Cell::new(0),
        asked: Cell::new(false),
    };
    // Enough for twice as many tries as there are in the last second.
    let runner = world.runner.clone().with_patience_ms(40_000);
    let problem = runner
        .run_cycle(world.contoso.id, &world.job, &observer)
        .unwrap_err();
    assert_eq!(problem.code, StoreError::FULL);
    assert!(observer.asked.get(), "nobody looked while it waited");
    observer.must_stop();
    let times = observer.times.get();
    assert!(times <= 10, "it was tried {times} times");

    world.store.bound_to(0).unwrap();
    assert_eq!(world.cycle().counts.created, PEOPLE as u64);
}
