//! A database file in which another process writes for long: a shell in the middle of a transaction, a `VACUUM`.

use std::cell::Cell;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::Mutex;
use syncline_model::job::CycleState;
use syncline_model::{Problem, ProblemKind};
use syncline_runner::{Observer, Progress, Silent};
use syncline_store::{Store, StoreError};

use crate::world::World;

const PEOPLE: usize = 60;

/// Twenty people a page, on a file whose lock is not waited for.
fn world() -> Option<World> {
    let world = World::new().with_pages_of(20);
    if world.store.is_shared() {
        return None;
    }
    world.store.wait_for_others(Duration::ZERO).unwrap();
    world.people("p", PEOPLE);
    Some(world)
}

/// Somebody else who has the lock, until it is taken from him.
struct Holder {
    release: Sender<()>,
    holding: JoinHandle<()>,
}

impl Holder {
    fn of(other: Store) -> Self {
        let (release, released): (_, Receiver<()>) = channel();
        let (holds, held) = channel();
        let holding = thread::spawn(move || {
            let nothing = other.write(|_| {
                holds.send(()).unwrap();
                let _ = released.recv();
                Ok::<_, Problem>(())
            });
            nothing.unwrap();
        });
        held.recv().unwrap();
        Self { release, holding }
    }

    fn end(self) {
        self.release.send(()).unwrap();
        self.holding.join().unwrap();
    }
}

/// Has it held after the first page, until the cycle waits for it.
struct Held<'w> {
    world: &'w World,
    holder: Mutex<Option<Holder>>,
    once: Cell<bool>,
    waited: Cell<bool>,
}

impl<'w> Held<'w> {
    fn of(world: &'w World) -> Self {
        Self {
            world,
            holder: Mutex::default(),
            once: Cell::default(),
            waited: Cell::default(),
        }
    }
}

impl Observer for Held<'_> {
    fn page_done(&self, _progress: &Progress) {
        if !self.once.replace(true) {
            *self.holder.lock() = Some(Holder::of(self.world.another_store()));
        }
    }

    fn waits(&self) {
        self.waited.set(true);
        if let Some(holder) = self.holder.lock().take() {
            holder.end();
        }
    }
}

#[test]
fn a_cycle_waits_until_it_may_write_and_goes_on() {
    let Some(world) = world() else { return };
    let held = Held::of(&world);
    let report = world.cycle_watched_by(&held);
    assert!(held.waited.get());
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(report.counts.created, PEOPLE as u64);
    let status = world.stored_job().status;
    assert!(status.quarantine.is_none(), "{status:?}");
    assert_eq!(status.count_successive_complete_failures, 0);
}

#[test]
fn a_cycle_that_waits_in_vain_stays_where_it_was() {
    let Some(world) = world() else { return };
    let runner = world.runner.clone().with_patience_ms(0);
    let held = Held::of(&world);
    // Nobody waits, so that nobody lets it go.
    let problem = runner
        .run_cycle(world.contoso.id, &world.job, &held)
        .unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Unavailable);
    assert_eq!(problem.code, StoreError::BUSY);
    assert!(problem.retry_after_seconds.is_some());
    let job = world.stored_job();
    assert!(job.status.quarantine.is_none() && job.status.last_execution.is_none());
    let cycle = job.running.unwrap();
    assert!(cycle.imported > 0);
    assert!(
        runner
            .run_cycle(world.contoso.id, &world.job, &Silent)
            .is_err()
    );
    if let Some(holder) = held.holder.lock().take() {
        holder.end();
    }
    let report = world.cycle();
    assert_eq!(report.cycle_id, cycle.id);
    assert_eq!(report.counts.created, PEOPLE as u64);
}
