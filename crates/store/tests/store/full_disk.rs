//! A disk without room: nothing of the transaction is left, and whether there is room again is found
//! out by writing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use syncline_model::{Attr, EntityKind, Entry, Ids, Problem};
use syncline_store::{Meter, StoreError, Tx, Written};

use crate::world::{NOW, World};

/// What is said about the room.
#[derive(Default)]
struct Told {
    room: Mutex<Vec<bool>>,
    writes: AtomicUsize,
}

impl Meter for Told {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn read(&self, _took: Duration) {}

    fn wrote(&self, _written: &Written) {
        self.writes.fetch_add(1, Ordering::Relaxed);
    }

    fn room(&self, there: bool) {
        self.room.lock().push(there);
    }
}

/// A world on a file that has no room for another page.
fn full() -> Option<World> {
    let world = World::new();
    if world.store.is_shared() {
        return None;
    }
    world.user(world.contoso, "ana");
    world.store.bound_to(1).unwrap();
    Some(world)
}

/// Writes more than a full file has room for.
fn write_much(world: &World, tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let many: Vec<Entry> = (0..500)
        .map(|number| {
            let mut entry = Entry::new(EntityKind::User, world.ids.object_id());
            entry
                .attrs
                .set(Attr::DISPLAY_NAME, format!("many {number}"));
            entry
        })
        .collect();
    tx.insert_objects(world.contoso, &many, NOW)
}

#[test]
fn a_full_disk_is_told_and_leaves_nothing() {
    let Some(world) = full() else { return };
    let result = world.store.write(|tx| write_much(&world, tx));
    let error = result.unwrap_err();
    assert!(matches!(error, StoreError::Full(_)), "{error}");
    assert!(error.to_string().contains("full"), "{error}");
    let problem = Problem::from(error);
    assert_eq!(problem.code, StoreError::FULL);
    assert!(problem.retry_after_seconds.is_some());
    assert_eq!(world.names(world.contoso), ["ana"]);
}

/// SQLite may have rolled everything back by itself: what came after would be committed alone.
#[test]
fn whoever_passes_over_a_full_disk_commits_nothing() {
    let Some(world) = full() else { return };
    let result: Result<(), StoreError> = world.store.write(|tx| {
        let _ = write_much(&world, tx);
        let mut small = Entry::new(EntityKind::User, world.ids.object_id());
        small.attrs.set(Attr::DISPLAY_NAME, "small");
        let _ = tx.insert_objects(world.contoso, &[small], NOW);
        Ok(())
    });
    assert!(matches!(result, Err(StoreError::Full(_))), "{result:?}");
    let saved: Result<(), StoreError> = world.store.write(|tx| {
        let _ = tx.savepoint(|tx| write_much(&world, tx))?;
        Ok(())
    });
    assert!(matches!(saved, Err(StoreError::Full(_))), "{saved:?}");
    world.store.bound_to(0).unwrap();
    assert_eq!(world.names(world.contoso), ["ana"]);
    world.user(world.contoso, "bo");
    assert_eq!(world.names(world.contoso), ["ana", "bo"]);
}

#[test]
fn room_is_missed_by_writing_and_found_again_the_same_way() {
    let Some(world) = full() else { return };
    let told = Arc::new(Told::default());
    world.store.measure(Arc::clone(&told) as Arc<dyn Meter>);
    // Each time long after the last one.
    let asked = AtomicU64::new(0);
    let has_room = || {
        let now = asked.fetch_add(60, Ordering::Relaxed);
        world.store.has_room(Duration::from_secs(now)).unwrap()
    };
    // Nobody has found out yet.
    assert!(has_room());
    for _ in 0..2 {
        let result = world.store.write(|tx| write_much(&world, tx));
        assert!(result.is_err());
        assert!(!has_room());
    }
    // Reading, and writing nothing, proves nothing.
    world.names(world.contoso);
    world.store.write(|_| Ok::<_, StoreError>(())).unwrap();
    assert!(!has_room());
    let mut told_so_far = told.room.lock().clone();
    told_so_far.dedup();
    assert_eq!(told_so_far, [false]);

    world.store.bound_to(0).unwrap();
    assert!(has_room());
    assert!(has_room());
    world.user(world.contoso, "bo");
    let mut told = told.room.lock().clone();
    assert_eq!(told.iter().filter(|there| **there).count(), 1);
    told.dedup();
    assert_eq!(told, [false, true]);
}

/// Anybody may ask, and each trial writes to a disk that is full.
#[test]
fn whoever_asks_again_or_at_once_with_others_shares_one_trial() {
    let Some(world) = full() else { return };
    let told = Arc::new(Told::default());
    world.store.measure(Arc::clone(&told) as Arc<dyn Meter>);
    assert!(world.store.write(|tx| write_much(&world, tx)).is_err());
    let trials = || told.writes.load(Ordering::Relaxed) - 1;
    let has_room = |seconds| world.store.has_room(Duration::from_secs(seconds)).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert!(!has_room(100)));
        }
    });
    assert_eq!(trials(), 1);
    assert!(!has_room(104));
    assert_eq!(trials(), 1);
    assert!(!has_room(105));
    assert_eq!(trials(), 2);

    // Who has written meanwhile has found out, too.
    world.store.bound_to(0).unwrap();
    world.user(world.contoso, "bo");
    assert!(has_room(106));
    assert_eq!(trials(), 3, "one of them was no trial");
}
