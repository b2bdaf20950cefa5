//! What a meter is told, and what the store says about itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use syncline_store::{Meter, StoreError, Written};

use crate::world::World;

/// A clock that goes on by a second whenever it is read, and what was written down.
#[derive(Default)]
struct Ticking {
    now: AtomicU64,
    reads: Mutex<Vec<Duration>>,
    writes: Mutex<Vec<Written>>,
}

impl Meter for Ticking {
    fn now(&self) -> Duration {
        Duration::from_secs(self.now.fetch_add(1, Ordering::SeqCst))
    }

    fn read(&self, took: Duration) {
        self.reads.lock().push(took);
    }

    fn wrote(&self, written: &Written) {
        self.writes.lock().push(*written);
    }
}

#[test]
fn every_transaction_is_measured_once_however_it_ends() {
    let world = World::new();
    let meter = Arc::new(Ticking::default());
    world.store.measure(Arc::clone(&meter) as Arc<dyn Meter>);
    // The first meter stays.
    world.store.measure(Arc::new(Ticking::default()));

    world
        .store
        .write(|_| {
            // Three seconds of work.
            for _ in 0..2 {
                meter.now();
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
    let failed: Result<(), StoreError> = world
        .store
        .write(|_| Err(StoreError::Damaged("on purpose")));
    assert!(failed.is_err());
    world.store.read(|_| Ok::<_, StoreError>(())).unwrap();

    let second = Duration::from_secs(1);
    let written = |took, committed| Written {
        waited: second,
        took,
        committed,
    };
    assert_eq!(
        *meter.writes.lock(),
        [written(3 * second, true), written(second, false)]
    );
    assert_eq!(*meter.reads.lock(), [second]);
}

#[test]
fn a_panic_counts_as_a_rollback() {
    let world = World::new();
    let meter = Arc::new(Ticking::default());
    world.store.measure(Arc::clone(&meter) as Arc<dyn Meter>);
    let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        world
            .store
            .write(|_| -> Result<(), StoreError> { panic!("on purpose") })
    }));
    assert!(broken.is_err());
    let writes = meter.writes.lock();
    assert_eq!(writes.len(), 1);
    assert!(!writes[0].committed);
}

#[test]
fn the_layout_is_the_one_this_binary_knows_and_the_files_have_sizes() {
    let world = World::new();
    let layout = world.store.layout().unwrap();
    assert!(layout.applied > 0);
    assert!(layout.is_current(), "{layout:?}");
    world.user(world.contoso, "ana");
    let sizes = world.store.sizes().unwrap();
    assert!(sizes.database > Some(0), "{sizes:?}");
    // PostgreSQL keeps its log to itself.
    assert_eq!(sizes.wal > 0, !syncline_testkit::on_postgres(), "{sizes:?}");
}
