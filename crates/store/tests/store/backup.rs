//! Backups: from either database, into either database, while others write.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};
use syncline_model::{EntityKind, Ids as _};
use syncline_store::{
    Backup, Document, Edge, EdgeKind, Key, KeyName, MasterKey, NewFile, ObjectState, Reader, Store,
    StoreError, Tx,
};
use syncline_testkit::CountedIds;

use crate::world::{NOW, World};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Secret {
    pub text: String,
}

impl Document for Secret {
    const KIND: &'static str = "test_secret";
    const SEALED: bool = true;
}

pub fn made(world: &World, key: Option<&MasterKey>) -> PathBuf {
    let file = world.folder.path().join("made.backup");
    world
        .store
        .backup(&file, NOW, key, &mut |_, _, _| {})
        .unwrap();
    file
}

/// An empty file of this name.
pub fn new_file(path: &Path) -> NewFile {
    let mut options = std::fs::File::options();
    options.read(true).write(true).create(true).truncate(true);
    NewFile::new(options.open(path).unwrap(), path)
}

/// Bytes at the end of a backup.
const DIGEST: usize = 80;

pub fn alone(_: &Reader<'_>) -> Result<(), StoreError> {
    Ok(())
}

/// Restores to the database of this path, of the kind that tests run on, and opens it.
pub fn restored(backup: &Path, to: &Path, key: &MasterKey) -> Result<Store, StoreError> {
    let backup = Backup::open(backup)?;
    match syncline_testkit::postgres_url(to) {
        Some(url) => {
            let work = new_file(&to.with_extension("work"));
            backup.write_database(&work, key, &|_| Ok(()))?;
            backup.write_server(
                &url,
                key,
                &work,
                &CountedIds::new(),
                alone,
                &mut |_, _, _| {},
            )?;
        }
        None => backup.write_database(&new_file(to), key, &|_| Ok(()))?,
    }
    syncline_testkit::open_store(to, key)
}

pub fn with_a_bit_of_everything(world: &World) {
    let ana = world.user(world.contoso, "ana");
    let bo = world.user(world.contoso, "b\u{0}o");
    let edge = Edge {
        kind: EdgeKind::Manager,
        from: ana,
        to: bo,
    };
    let key = Key::new(KeyName::UniqueName, "a\u{0}name");
    let secret = Secret {
        text: "sealed".to_owned(),
    };
    world
        .store
        .write(|tx| {
            tx.add_edges(world.contoso, &[edge])?;
            tx.take_keys(world.contoso, &[(key, EntityKind::User, ana)])?;
            tx.put_document(Some(world.contoso), "a\u{0}key", &secret, Some(NOW))
        })
        .unwrap();
    world
        .store
        .write(|tx| tx.put_document(None, "nobody's", &secret, None))
        .unwrap();
}

#[test]
fn everything_is_there_again_and_goes_on() {
    let world = World::new();
    with_a_bit_of_everything(&world);
    let backup = made(&world, None);
    let before = Backup::open(&backup).unwrap().counts().unwrap();
    assert!(before.contains(&("object".to_owned(), 2)), "{before:?}");

    let again = restored(&backup, &world.folder.path().join("again.db"), &world.key).unwrap();
    again
        .read(|reader| {
            assert_eq!(reader.tenants()?.len(), 2);
            let people =
                reader.scan(world.contoso, EntityKind::User, ObjectState::Live, None, 10)?;
            let people = people.rows;
            assert_eq!(people.len(), 2);
            let edges =
                reader.single_edges(world.contoso, EdgeKind::Manager, &[people[0].entry.id])?;
            assert_eq!(edges, [Some(people[1].entry.id)]);
            let key = Key::new(KeyName::UniqueName, "a\u{0}name");
            assert!(reader.holder(world.contoso, &key)?.is_some());
            let secret: Option<Secret> = reader.document(Some(world.contoso), "a\u{0}key")?;
            assert_eq!(secret.unwrap().text, "sealed");
            let secret: Option<Secret> = reader.document(None, "nobody's")?;
            assert_eq!(secret.unwrap().text, "sealed");
            assert_eq!(
                reader.sequence(world.contoso)?,
                world.store.read(|reader| reader.sequence(world.contoso))?
            );
            Ok::<_, StoreError>(())
        })
        .unwrap();
    // New rows get numbers of their own.
    let mut tenant = again
        .read(|reader| reader.tenant(world.contoso))
        .unwrap()
        .unwrap();
    tenant.id = syncline_model::TenantId(world.ids.random_uuid());
    tenant.domains[0].name = "third.example".to_owned();
    again.write(|tx| tx.insert_tenant(&tenant)).unwrap();

    // A backup of the restored one holds the same, but for what was added.
    let second = world.folder.path().join("second.backup");
    again.backup(&second, NOW, None, &mut |_, _, _| {}).unwrap();
    let after = Backup::open(&second).unwrap().counts().unwrap();
    for ((table, rows), (same, now)) in before.iter().zip(&after) {
        assert_eq!(table, same);
        let added = u64::from(table == "tenant" || table == "domain");
        assert_eq!(rows + added, *now, "{table}");
    }
}

/// What a crash leaves is either the database before, or the one that was prepared.
#[test]
fn what_is_prepared_comes_with_the_rows_or_nothing_does() {
    let world = World::new();
    with_a_bit_of_everything(&world);
    let backup = Backup::open(&made(&world, None)).unwrap();
    let place = world.folder.path().join("prepared.db");
    let named = world.folder.path().join("prepared.work");
    let secret = || Secret {
        text: "prepared".to_owned(),
    };
    let prepare = |tx: &mut Tx<'_>| tx.put_document(None, "mark", &secret(), None);
    let fail = |tx: &mut Tx<'_>| {
        prepare(tx)?;
        Err(StoreError::Damaged("something"))
    };
    let marked = |store: &Store| {
        let mark: Option<Secret> = store.read(|it| it.document(None, "mark")).unwrap();
        mark.map(|it| it.text)
    };
    let begun = new_file(&named);
    backup
        .write_database(&begun, &world.key, &fail)
        .unwrap_err();
    let work = new_file(&named);
    backup.write_database(&work, &world.key, &prepare).unwrap();
    let Some(url) = syncline_testkit::postgres_url(&place) else {
        // The file alone is moved.
        let names = std::fs::read_dir(world.folder.path()).unwrap();
        let beside = names.filter(|it| {
            let name = it.as_ref().unwrap().file_name();
            name.to_str().unwrap().starts_with("prepared.work-")
        });
        assert_eq!(beside.count(), 0);
        std::fs::rename(&named, &place).unwrap();
        let store = Store::open(&place, &world.key).unwrap();
        assert_eq!(marked(&store).as_deref(), Some("prepared"));
        return;
    };
    let write = |alone: &dyn Fn(&Reader<'_>) -> syncline_store::Result<()>| {
        backup.write_server(
            &url,
            &world.key,
            &work,
            &world.ids,
            alone,
            &mut |_, _, _| {},
        )
    };
    let tenants = || {
        let store = Store::connect(&url, syncline_store::ConnectionLimit(2), &world.key).unwrap();
        let tenants = store.read(|reader| reader.tenants()).unwrap().len();
        (tenants, marked(&store))
    };
    write(&|_| Err(StoreError::Damaged("something"))).unwrap_err();
    assert_eq!(tenants(), (0, None));
    write(&alone).unwrap();
    assert_eq!(tenants(), (2, Some("prepared".to_owned())));
}

#[test]
fn a_backup_moves_between_the_databases() {
    let Some(url) = syncline_testkit::postgres_url(Path::new("/moved/here.db")) else {
        // The other half of the round trip needs a server.
        return;
    };
    let world = World::new();
    with_a_bit_of_everything(&world);
    let backup = Backup::open(&made(&world, None)).unwrap();
    // From the server to a file.
    let file = world.folder.path().join("file.db");
    backup
        .write_database(&new_file(&file), &world.key, &|_| Ok(()))
        .unwrap();
    let embedded = Store::open(&file, &world.key).unwrap();
    let again = world.folder.path().join("again.backup");
    embedded
        .backup(&again, NOW, None, &mut |_, _, _| {})
        .unwrap();
    // And back.
    let again = Backup::open(&again).unwrap();
    assert_eq!(again.counts().unwrap(), backup.counts().unwrap());
    let work = new_file(&world.folder.path().join("work.db"));
    again
        .write_database(&work, &world.key, &|_| Ok(()))
        .unwrap();
    again
        .write_server(
            &url,
            &world.key,
            &work,
            &world.ids,
            alone,
            &mut |_, _, _| {},
        )
        .unwrap();
    let moved = Store::connect(&url, syncline_store::ConnectionLimit(2), &world.key).unwrap();
    let last = world.folder.path().join("last.backup");
    moved.backup(&last, NOW, None, &mut |_, _, _| {}).unwrap();
    assert_eq!(
        Backup::open(&last).unwrap().counts().unwrap(),
        backup.counts().unwrap()
    );
}

#[test]
fn a_digest_tells_whether_a_backup_is_as_it_was_made_and_with_which_key() {
    let world = World::new();
    let file = made(&world, None);
    let other = MasterKey::generate().unwrap();
    let backup = Backup::open(&file).unwrap();
    assert!(backup.verify(&world.key).unwrap());
    assert!(backup.opens_with(&world.key).unwrap());
    assert!(!backup.opens_with(&other).unwrap());
    assert!(backup.verify(&other).is_err());
    assert!(Backup::is_one(&file));

    // One byte that SQLite does not look at, in a page of any table.
    let bytes = std::fs::read(&file).unwrap();
    let name = b"contoso.onmicrosoft.com";
    let at = (0..bytes.len()).find(|at| bytes[*at..].starts_with(name));
    let mut changed = bytes.clone();
    changed[at.unwrap() + name.len() - 1] = b'n';
    std::fs::write(&file, changed).unwrap();
    let changed = Backup::open(&file).and_then(|it| it.verify(&world.key));
    assert!(
        matches!(changed, Err(StoreError::Damaged(_))),
        "{changed:?}"
    );
}

/// Whoever may write where backups are may put another one there at any time.
#[test]
fn what_is_restored_is_what_was_found_to_be_as_it_was_made() {
    let world = World::new();
    let file = made(&world, None);
    let whole = std::fs::read(&file).unwrap();
    let key = MasterKey::generate().unwrap();
    // Another one, of somebody with another key and with the digest of the first; one byte of a row; and one that ends
    // early.
    let other = world.folder.path().join("other.db");
    let other = syncline_testkit::open_store(&other, &key).unwrap();
    let stranger = world.folder.path().join("stranger.backup");
    other
        .backup(&stranger, NOW, None, &mut |_, _, _| {})
        .unwrap();
    let mut replaced = std::fs::read(&stranger).unwrap();
    replaced.truncate(replaced.len() - DIGEST);
    replaced.extend_from_slice(&whole[whole.len() - DIGEST..]);
    let mut changed = whole.clone();
    let name = b"contoso.onmicrosoft.com";
    let at = (0..whole.len()).find(|at| whole[*at..].starts_with(name));
    changed[at.unwrap()] = b'k';
    let cut = whole[..whole.len() - DIGEST - 1].to_vec();
    let work = world.folder.path().join("work.db");
    for (what, bytes, is_good) in [
        ("another one", replaced, false),
        ("one byte", changed, false),
        ("its end", cut, false),
        ("nothing", whole.clone(), true),
    ] {
        std::fs::write(&file, &whole).unwrap();
        let backup = Backup::open(&file).unwrap();
        assert!(backup.verify(&world.key).unwrap());
        // As one is moved to its place: the old one is still there for those who have it open.
        let beside = file.with_extension("new");
        std::fs::write(&beside, bytes).unwrap();
        std::fs::rename(&beside, &file).unwrap();
        let written = backup.write_database(&new_file(&work), &world.key, &|_| Ok(()));
        match written {
            Ok(()) => assert!(is_good, "{what}"),
            Err(StoreError::Damaged(_)) => assert!(!is_good, "{what}"),
            Err(error) => panic!("{what}: {error}"),
        }
    }
}

#[test]
fn what_is_kept_aside_with_a_key_that_is_not_its_own_has_no_digest() {
    let world = World::new();
    let Some(url) = syncline_testkit::postgres_url(&world.folder.path().join("test.db")) else {
        // A file is kept aside as it is.
        return;
    };
    let other = MasterKey::generate().unwrap();
    let old = Store::connect_to_replace(&url, &other).unwrap();
    let file = world.folder.path().join("aside.backup");
    old.backup(&file, NOW, None, &mut |_, _, _| {}).unwrap();
    let backup = Backup::open(&file).unwrap();
    assert!(!backup.verify(&world.key).unwrap());
    assert!(backup.opens_with(&world.key).unwrap());
    assert!(!backup.opens_with(&other).unwrap());
}

/// A newer version has brought the tables up to date while this one runs on.
#[test]
fn a_backup_of_tables_that_became_newer_is_refused() {
    let world = World::new();
    let place = world.folder.path().join("test.db");
    let later = "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES (99, 'later', '2030-01-01T00:00:00Z', '1')";
    if !syncline_testkit::execute(&place, later) {
        // A file has one process.
        return;
    }
    let file = world.folder.path().join("mixed.backup");
    let result = world.store.backup(&file, NOW, None, &mut |_, _, _| {});
    assert!(
        matches!(result, Err(StoreError::NewerLayout { found: 99, .. })),
        "{result:?}"
    );
}

#[test]
fn many_rows_are_copied_page_by_page() {
    let world = World::new();
    let entries: Vec<_> = (0..4_500)
        .map(|_| syncline_model::Entry::new(EntityKind::User, world.ids.object_id()))
        .collect();
    world
        .store
        .write(|tx| tx.insert_objects(world.contoso, &entries, NOW))
        .unwrap();
    let backup = made(&world, None);
    let again = restored(&backup, &world.folder.path().join("again.db"), &world.key).unwrap();
    let count = |store: &Store| {
        store
            .read(|reader| reader.count_objects(world.contoso, EntityKind::User, ObjectState::Live))
            .unwrap()
    };
    assert_eq!(count(&again), 4_500);
}

#[test]
fn a_backup_is_one_moment_however_much_is_written_meanwhile() {
    let world = World::new();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut written = 0;
            // At least so many, so that there is something to catch in the middle.
            while !done.load(Ordering::SeqCst) || written < 20 {
                let (from, to) = (
                    world.user(world.contoso, "from"),
                    world.user(world.contoso, "to"),
                );
                let edge = Edge {
                    kind: EdgeKind::Manager,
                    from,
                    to,
                };
                world
                    .store
                    .write(|tx| tx.add_edges(world.contoso, &[edge]))
                    .unwrap();
                written += 1;
            }
        });
        for number in 0..3 {
            let file = world.folder.path().join(format!("{number}.backup"));
            world
                .store
                .backup(&file, NOW, None, &mut |_, _, _| {})
                .unwrap();
            let to = world.folder.path().join(format!("{number}.db"));
            let again = restored(&file, &to, &world.key).unwrap();
            let (sequence, newer) = again
                .read(|reader| {
                    let sequence = reader.sequence(world.contoso)?;
                    let newer =
                        reader.changes_since(world.contoso, sequence, i64::MAX as u64, 10)?;
                    let all = reader.changes_since(world.contoso, 0, sequence, 1_000_000)?;
                    assert_eq!(all.len() as u64, sequence, "every change is there");
                    Ok::<_, StoreError>((sequence, newer))
                })
                .unwrap();
            assert!(newer.is_empty(), "newer than {sequence}: {newer:?}");
        }
        done.store(true, Ordering::SeqCst);
        writer.join().unwrap();
    });
}

#[test]
fn the_key_is_in_a_backup_only_when_asked_for() {
    let world = World::new();
    with_a_bit_of_everything(&world);
    let holds_key = |file: &Path| {
        let bytes = std::fs::read(file).unwrap();
        let key = std::fs::read(world.folder.path().join("key")).unwrap();
        bytes.windows(key.len()).any(|window| window == key)
    };
    world
        .key
        .write_new(&world.folder.path().join("key"))
        .unwrap();
    let without = made(&world, None);
    assert!(!holds_key(&without));
    let backup = Backup::open(&without).unwrap();
    assert!(backup.key().unwrap().is_none());
    assert!(backup.opens_with(&world.key).unwrap());
    assert!(!backup.opens_with(&MasterKey::generate().unwrap()).unwrap());

    std::fs::remove_file(&without).unwrap();
    let with = made(&world, Some(&world.key));
    assert!(holds_key(&with));
    let backup = Backup::open(&with).unwrap();
    assert!(backup.opens_with(&backup.key().unwrap().unwrap()).unwrap());
    // A database made of it does not hold it any more.
    let file = world.folder.path().join("again.db");
    backup
        .write_database(&new_file(&file), &world.key, &|_| Ok(()))
        .unwrap();
    assert!(!holds_key(&file));
}

#[test]
fn what_is_no_whole_backup_is_refused() {
    let world = World::new();
    with_a_bit_of_everything(&world);
    let backup = made(&world, None);
    let broken = world.folder.path().join("broken");
    let mut bytes = std::fs::read(&backup).unwrap();

    std::fs::write(&broken, &bytes[..bytes.len() / 2]).unwrap();
    assert!(Backup::open(&broken).is_err(), "cut off");
    for at in (8_192..bytes.len()).step_by(8_192) {
        bytes[at..at + 16].fill(0xaa);
    }
    std::fs::write(&broken, &bytes).unwrap();
    assert!(Backup::open(&broken).is_err(), "overwritten");
    std::fs::write(&broken, b"userPrincipalName,displayName\n").unwrap();
    assert!(Backup::open(&broken).is_err(), "something else");
    assert!(Backup::open(&world.folder.path().join("absent")).is_err());
    let database = world.folder.path().join("plain.db");
    drop(Store::open(&database, &world.key).unwrap());
    let error = Backup::open(&database).unwrap_err().to_string();
    assert!(error.contains("not one"), "{error}");
}
