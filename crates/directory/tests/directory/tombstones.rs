//! Traces of deleted things go when everybody has read past them, and not before.

use syncline_directory::{deleted_items, restored, tombstones};
use syncline_model::{Clock as _, ObjectId, Problem, Timestamp};
use syncline_store::{Changed, Tx};

use crate::world::{World, world};

const DAY_SECONDS: i64 = 86_400;

fn sweep_at(world: &World, now: Timestamp, read_until: Option<u64>) {
    while world
        .store
        .write(|tx| tombstones::sweep(tx, world.contoso.id, now, read_until))
        .unwrap()
        .more
    {}
}

fn sweep(world: &World, read_until: Option<u64>) {
    sweep_at(world, world.clock.now(), read_until);
}

fn purge(world: &World, id: ObjectId) {
    world.delete_user(id);
    world
        .write(|tx, context| deleted_items::purge(tx, context, id))
        .unwrap();
}

/// Somebody who was deleted for good, and a manager reference with it.
fn purged(world: &World) -> ObjectId {
    let boss = world.user("boss");
    let gone = world.user("gone");
    world.set_manager(gone, boss);
    purge(world, gone);
    gone
}

/// Whether readers of changes still learn of it, and of a removed reference.
fn traces(world: &World, id: ObjectId) -> (bool, bool) {
    world
        .store
        .read(|reader| {
            let changes = reader.changes_since(world.contoso.id, 0, u64::MAX >> 1, 10_000)?;
            let object = changes
                .iter()
                .any(|it| matches!(it.what, Changed::Object { id: found, .. } if found == id));
            let edge = changes
                .iter()
                .any(|it| matches!(it.what, Changed::Edge { removed: true, .. }));
            Ok::<_, Problem>((object, edge))
        })
        .unwrap()
}

#[test]
fn they_outlive_every_delta_link() {
    let world = world();
    let gone = purged(&world);
    sweep(&world, None);
    world.clock.advance_seconds(7 * DAY_SECONDS);
    sweep(&world, None);
    assert_eq!(traces(&world, gone), (true, true));
    world.clock.advance_seconds(DAY_SECONDS);
    sweep(&world, None);
    assert_eq!(traces(&world, gone), (false, false));
    let told = world
        .store
        .read(|reader| tombstones::gone_until(reader, world.contoso.id))
        .unwrap();
    assert_eq!(told, world.sequence());
    // Who lives is still there.
    assert!(traces(&world, world.user("new")).0);
}

#[test]
fn they_wait_for_the_slowest_job() {
    let world = world();
    let before = world.sequence();
    let gone = purged(&world);
    sweep(&world, Some(before));
    world.clock.advance_seconds(30 * DAY_SECONDS);
    sweep(&world, Some(before));
    assert_eq!(traces(&world, gone), (true, true));
    sweep(&world, Some(world.sequence()));
    assert_eq!(traces(&world, gone), (false, false));
}

#[test]
fn what_is_deleted_later_waits_for_its_own_time() {
    let world = world();
    sweep(&world, None);
    world.clock.advance_seconds(20 * DAY_SECONDS);
    let gone = purged(&world);
    sweep(&world, None);
    assert_eq!(traces(&world, gone), (true, true));
    world.clock.advance_seconds(7 * DAY_SECONDS);
    let also = world.user("also");
    purge(&world, also);
    world.clock.advance_seconds(DAY_SECONDS);
    sweep(&world, None);
    assert!(!traces(&world, gone).0);
    assert!(traces(&world, also).0);
}

#[test]
fn a_note_of_a_clock_that_was_far_ahead_keeps_nothing() {
    let world = world();
    let gone = purged(&world);
    let far_ahead = world.clock.now().plus_seconds(3_650 * DAY_SECONDS);
    sweep_at(&world, far_ahead, Some(0));
    sweep(&world, None);
    world.clock.advance_seconds(8 * DAY_SECONDS);
    sweep(&world, None);
    assert_eq!(traces(&world, gone), (false, false));
}

#[test]
fn a_note_of_a_clock_that_was_far_behind_lets_nothing_go_early() {
    let world = world();
    sweep(&world, None);
    let gone = purged(&world);
    let far_behind = world.clock.now().plus_seconds(-3_650 * DAY_SECONDS);
    sweep_at(&world, far_behind, None);
    sweep(&world, None);
    assert_eq!(traces(&world, gone), (true, true));
}

fn restore(world: &World) {
    world
        .store
        .write(|tx| restored::begin_anew(tx, world.ids.as_ref(), world.clock.now()))
        .unwrap();
}

fn gone_until(world: &World) -> u64 {
    world
        .store
        .read(|reader| tombstones::gone_until(reader, world.contoso.id))
        .unwrap()
}

/// Numbers that restored backups leave out hold nothing up, of however many restores.
#[test]
fn they_go_also_where_backups_were_restored() {
    let world = world();
    let gone = purged(&world);
    restore(&world);
    let also = world.user("also");
    purge(&world, also);
    restore(&world);
    let restored = world.sequence();
    let last = world.user("last");
    purge(&world, last);
    sweep(&world, None);
    assert_eq!(gone_until(&world), restored);
    world.clock.advance_seconds(8 * DAY_SECONDS);
    let mut slices = 0;
    let sweep = || {
        let now = world.clock.now();
        let slice = |tx: &mut Tx<'_>| tombstones::sweep(tx, world.contoso.id, now, None);
        world.store.write(slice).unwrap().more
    };
    while sweep() {
        slices += 1;
        assert!(
            slices < 10,
            "numbers that nothing has are not walked through"
        );
    }
    for id in [gone, also, last] {
        assert_eq!(traces(&world, id), (false, false));
    }
    assert_eq!(gone_until(&world), world.sequence());
}
