use std::sync::mpsc;
use std::thread;

use serde::{Deserialize, Serialize};
use syncline_model::{Attr, EntityKind, Entry, Ids, JobId};
use syncline_store::{Document, Durability, Lease, Reader, StoreError, Tx};

use crate::layouts::ask;
use crate::world::{NOW, World};

#[test]
fn a_failed_transaction_leaves_nothing_and_skips_no_sequence() {
    let world = World::new();
    world.user(world.contoso, "ana");
    let before = world
        .store
        .read(|reader| reader.sequence(world.contoso))
        .unwrap();
    let result: Result<(), StoreError> = world.store.write(|tx| {
        let entry = Entry::new(EntityKind::User, world.ids.object_id());
        tx.insert_objects(world.contoso, &[entry], NOW)?;
        Err(StoreError::Damaged("on purpose"))
    });
    assert!(result.is_err());
    assert_eq!(world.names(world.contoso), ["ana"]);
    assert_eq!(
        world
            .store
            .read(|reader| reader.sequence(world.contoso))
            .unwrap(),
        before
    );
    world.user(world.contoso, "bo");
    assert_eq!(
        world
            .store
            .read(|reader| reader.sequence(world.contoso))
            .unwrap(),
        before + 1
    );
}

#[test]
fn a_savepoint_undoes_only_its_own_writes() {
    let world = World::new();
    let named = |name: &str| {
        let mut entry = Entry::new(EntityKind::User, world.ids.object_id());
        entry.attrs.set(Attr::DISPLAY_NAME, name);
        entry
    };
    world
        .store
        .write(|tx| {
            tx.insert_objects(world.contoso, &[named("ana")], NOW)?;
            let attempt = tx.savepoint(|tx| {
                tx.insert_objects(world.contoso, &[named("bo")], NOW)?;
                Err::<(), _>(StoreError::Damaged("on purpose"))
            })?;
            assert!(attempt.is_err());
            tx.insert_objects(world.contoso, &[named("cleo")], NOW)
        })
        .unwrap();
    assert_eq!(world.names(world.contoso), ["ana", "cleo"]);
}

#[test]
fn a_panic_inside_a_transaction_does_not_block_the_next() {
    let world = World::new();
    let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _: Result<(), StoreError> = world.store.write(|_| panic!("on purpose"));
    }));
    assert!(broken.is_err());
    world.user(world.contoso, "ana");
    assert_eq!(world.names(world.contoso), ["ana"]);
}

#[test]
fn readers_see_one_snapshot_while_a_writer_commits() {
    let world = World::new();
    world.user(world.contoso, "ana");
    world
        .store
        .read(|reader| {
            let before = reader.sequence(world.contoso)?;
            world.user(world.contoso, "bo");
            assert_eq!(reader.sequence(world.contoso)?, before);
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

#[test]
fn closing_leaves_one_database_file_without_a_write_ahead_log() {
    if syncline_testkit::on_postgres() {
        // There is no file.
        return;
    }
    let World {
        store,
        folder,
        ids,
        contoso,
        ..
    } = World::new();
    let entry = Entry::new(EntityKind::User, ids.object_id());
    store
        .write(|tx| tx.insert_objects(contoso, &[entry], NOW))
        .unwrap();
    // Leaves an idle reading connection behind.
    store.read(|reader| reader.sequence(contoso)).unwrap();
    drop(store);
    let files: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .collect();
    assert_eq!(files, ["test.db"]);
}

#[test]
fn what_was_committed_with_less_care_is_on_the_disk_when_somebody_settles_it() {
    let world = World::new();
    let named = |name: &str| {
        let mut entry = Entry::new(EntityKind::User, world.ids.object_id());
        entry.attrs.set(Attr::DISPLAY_NAME, name);
        entry
    };
    let relaxed = |name: &str| {
        world
            .store
            .write_with(Durability::Relaxed, |tx| {
                tx.insert_objects(world.contoso, &[named(name)], NOW)
            })
            .unwrap();
    };
    // Nothing but a cycle does that on a shared database, under a lease: see the leases there.
    let in_file = !syncline_testkit::on_postgres();
    let settled = || world.store.is_settled().unwrap();
    // The process before this one may have left something behind.
    assert_eq!(settled(), !in_file);
    world.store.settle().unwrap();
    world.user(world.contoso, "ana");
    assert!(settled());
    relaxed("bo");
    assert_eq!(settled(), !in_file);
    // A transaction that writes nothing does not wait for the disk.
    world.store.write(|_| Ok::<_, StoreError>(())).unwrap();
    assert_eq!(settled(), !in_file);
    world.store.settle().unwrap();
    assert!(settled());
    relaxed("cleo");
    assert_eq!(settled(), !in_file);
    assert_eq!(world.names(world.contoso), ["ana", "bo", "cleo"]);
}

/// The job of a shared world, and a lease of it that ends so many seconds from now.
fn leased(world: &World, seconds: i64) -> Option<(JobId, Lease)> {
    if !syncline_testkit::on_postgres() {
        return None;
    }
    let job = crate::links::job(world, world.contoso);
    let node = syncline_store::NodeId(world.ids.random_uuid());
    let lease = world.store.write(|tx| {
        let now = tx.lease_time(NOW)?;
        tx.lease_job(world.contoso, &job, node, now, now.plus_seconds(seconds))
    });
    Some((job, lease.unwrap().unwrap()))
}

#[test]
fn a_lease_that_somebody_holds_says_that_the_database_is_not_settled() {
    let world = World::new();
    let Some((job, lease)) = leased(&world, 30) else {
        return;
    };
    assert!(!world.store.is_settled().unwrap());
    world.store.settle().unwrap();
    world
        .store
        .write(|tx| tx.release_lease(world.contoso, &job, &lease))
        .unwrap();
    assert!(world.store.is_settled().unwrap());
}

/// What its node wrote last is on the disk by itself, or lost, and everybody would wait for it for ever.
#[test]
fn a_lease_that_ended_long_ago_is_nobodys() {
    for (seconds, settled) in [(-1, false), (-3600, true)] {
        let world = World::new();
        if leased(&world, seconds).is_none() {
            return;
        }
        assert_eq!(world.store.is_settled().unwrap(), settled, "{seconds}");
        world.store.settle().unwrap();
    }
}

/// The URL of a shared world, in which a cycle is under way.
fn with_a_cycle(world: &World) -> Option<String> {
    leased(world, 600)?;
    syncline_testkit::postgres_url(&world.folder.path().join("test.db"))
}

#[test]
fn what_a_server_has_committed_with_less_care_is_on_its_disk_when_somebody_settles_it() {
    let world = World::new();
    let Some(url) = with_a_cycle(&world) else {
        return;
    };
    for name in ["ana", "bo", "cleo"] {
        let mut entry = Entry::new(EntityKind::User, world.ids.object_id());
        entry.attrs.set(Attr::DISPLAY_NAME, name);
        let written = world.store.write_with(Durability::Relaxed, |tx| {
            tx.insert_objects(world.contoso, &[entry], NOW)
        });
        written.unwrap();
        let written = ask(&url, "SELECT pg_current_wal_insert_lsn()");
        world.store.settle().unwrap();
        let flushed = format!("SELECT pg_current_wal_flush_lsn() >= '{}'", written[0][0]);
        assert_eq!(ask(&url, &flushed)[0][0], "t", "{name}");
    }
}

#[test]
fn whoever_writes_and_is_slow_may_stand_still_when_that_was_said() {
    let world = World::new();
    let shared = syncline_testkit::on_postgres();
    world
        .store
        .write(|tx| {
            assert_eq!(tx.may_stand_still(), !shared);
            tx.enter(&[world.contoso])?;
            tx.let_stand_still()?;
            assert!(tx.may_stand_still());
            Ok::<_, StoreError>(())
        })
        .unwrap();
    world
        .store
        .write(|tx| {
            assert_eq!(tx.may_stand_still(), !shared, "only that one");
            Ok::<_, StoreError>(())
        })
        .unwrap();
    let read = world
        .store
        .read(|reader| Ok::<_, StoreError>(reader.may_stand_still()));
    assert!(read.unwrap());
}

/// While a cycle is under way, all delta requests do, of all tenants and on all nodes.
#[test]
fn whoever_settles_waits_neither_for_others_who_do_nor_for_who_writes_in_a_tenant() {
    let world = World::new();
    let Some(url) = with_a_cycle(&world) else {
        return;
    };
    let (held, is_held) = mpsc::channel();
    let (let_go, may_let_go) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let (url, world) = (&url, &world);
        scope.spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let connected = tokio_postgres::connect(url, tokio_postgres::NoTls).await;
                let (client, connection) = connected.unwrap();
                tokio::spawn(connection);
                // As a node of the version before does it, and one that is stopped at that moment.
                let begun = "BEGIN; UPDATE migration_gate SET id = id; SELECT id FROM migration_gate WHERE id = 1 FOR KEY SHARE";
                client.batch_execute(begun).await.unwrap();
                held.send(()).unwrap();
                let _ = may_let_go.recv();
            });
        });
        is_held.recv().unwrap();
        let written = world.store.write(|tx| {
            tx.enter(&[world.contoso])?;
            world.store.settle()
        });
        drop(let_go);
        written.unwrap();
    });
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Note(String);

impl Document for Note {
    const KIND: &'static str = "test_note";
}

/// The server would answer its commit as if all were well, and have kept nothing.
#[test]
fn a_transaction_in_which_a_statement_failed_is_not_told_of_as_committed() {
    let world = World::new();
    let place = world.folder.path().join("test.db");
    let job = crate::links::job(&world, world.contoso);
    if !syncline_testkit::execute(&place, "ALTER TABLE evaluated RENAME TO away") {
        // On a file a refused statement leaves the others of its transaction alone.
        return;
    }
    let put = |tx: &mut Tx<'_>, text: &str| {
        tx.put_document(Some(world.contoso), "it", &Note(text.to_owned()), None)
    };
    let fail = |tx: &mut Tx<'_>| tx.note_evaluated(world.contoso, &job, &[world.ids.object_id()]);
    let found = || {
        let found = |reader: &Reader<'_>| reader.document::<Note>(Some(world.contoso), "it");
        world.store.read(found).unwrap().map(|note| note.0)
    };
    let and_nobody_minds = |text: &str| {
        world.store.write(|tx| {
            put(tx, text)?;
            assert!(fail(tx).is_err());
            Ok::<_, StoreError>(())
        })
    };
    let told = and_nobody_minds("lost");
    assert_eq!(found(), None);
    let Err(StoreError::Failed(why)) = told else {
        panic!("{told:?}");
    };
    assert!(why.contains("evaluated"), "{why}");
    // What a savepoint has undone is no matter.
    world
        .store
        .write(|tx| {
            put(tx, "kept")?;
            let failed = tx.savepoint(|tx| fail(tx))?;
            assert!(failed.is_err());
            Ok::<_, StoreError>(())
        })
        .unwrap();
    assert_eq!(found().as_deref(), Some("kept"));
    // Nor is what failed in another transaction on the same connection.
    and_nobody_minds("lost").unwrap_err();
    world.store.write(|tx| put(tx, "kept, too")).unwrap();
    assert_eq!(found().as_deref(), Some("kept, too"));
}
