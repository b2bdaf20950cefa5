use serde::{Deserialize, Serialize};
use syncline_store::{ConnectionLimit, Document, MasterKey, Store, StoreError, Tx};
use syncline_testkit::until;

use crate::world::{NOW, World};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Secret {
    text: String,
}

impl Document for Secret {
    const KIND: &'static str = "test_secret";
    const SEALED: bool = true;
}

const PLAIN: &str = "correct horse battery staple";

fn put(world: &World) {
    let secret = Secret {
        text: PLAIN.to_owned(),
    };
    world
        .store
        .write(|tx| tx.put_document(Some(world.contoso), "key", &secret, None))
        .unwrap();
}

#[test]
fn a_sealed_document_is_nowhere_in_the_files_in_plain_text() {
    let world = World::new();
    put(&world);
    let found: Option<Secret> = world
        .store
        .read(|reader| reader.document(Some(world.contoso), "key"))
        .unwrap();
    assert_eq!(
        found,
        Some(Secret {
            text: PLAIN.to_owned()
        })
    );
    for file in std::fs::read_dir(world.folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(
            !bytes
                .windows(PLAIN.len())
                .any(|window| window == PLAIN.as_bytes())
        );
    }
}

#[test]
fn a_sealed_document_opens_with_its_own_key_only() {
    let world = World::new();
    put(&world);
    let other = syncline_testkit::open_store(
        &world.folder.path().join("test.db"),
        &MasterKey::generate().unwrap(),
    );
    assert!(matches!(other, Err(StoreError::WrongKey)), "{other:?}");
}

#[test]
fn a_document_belongs_to_its_tenant() {
    let world = World::new();
    put(&world);
    let found: Option<Secret> = world
        .store
        .read(|reader| reader.document(Some(world.fabrikam), "key"))
        .unwrap();
    assert_eq!(found, None);
}

#[test]
fn keys_are_told_by_what_they_begin_with() {
    let world = World::new();
    let secret = || Secret {
        text: PLAIN.to_owned(),
    };
    for key in ["a/1", "a/2", "a/3", "b/1"] {
        world
            .store
            .write(|tx| tx.put_document(Some(world.contoso), key, &secret(), None))
            .unwrap();
    }
    let keys = |tenant, prefix: &str, limit| {
        let read = world
            .store
            .read(|reader| reader.document_keys::<Secret>(Some(tenant), prefix, limit));
        read.unwrap()
    };
    assert_eq!(keys(world.contoso, "a/", 10), ["a/1", "a/2", "a/3"]);
    assert_eq!(keys(world.contoso, "a/", 2), ["a/1", "a/2"]);
    assert_eq!(keys(world.contoso, "", 10).len(), 4);
    assert_eq!(keys(world.fabrikam, "a/", 10), [""; 0]);
}

#[test]
fn expired_documents_are_swept_in_slices() {
    let world = World::new();
    world
        .store
        .write(|tx| {
            for key in ["a", "b", "c"] {
                tx.put_document(
                    None,
                    key,
                    &Secret {
                        text: key.to_owned(),
                    },
                    Some(NOW),
                )?;
            }
            tx.put_document(
                None,
                "stays",
                &Secret {
                    text: String::new(),
                },
                Some(NOW.plus_seconds(10)),
            )
        })
        .unwrap();
    let sweep = || {
        world
            .store
            .write(|tx| tx.sweep_documents(NOW.plus_seconds(1), 2))
            .unwrap()
    };
    assert_eq!([sweep(), sweep(), sweep()], [2, 1, 0]);
    let left = world
        .store
        .read(|reader| reader.documents::<Secret>(None, "", 10))
        .unwrap();
    assert_eq!(left.len(), 1);
}

#[test]
fn a_document_that_is_renewed_while_it_is_swept_stays() {
    let world = World::new();
    let path = world.folder.path().join("test.db");
    let Some(url) = syncline_testkit::postgres_url(&path) else {
        eprintln!("not run: it needs a PostgreSQL server");
        return;
    };
    let tenant = Some(world.contoso);
    let put =
        |tx: &mut Tx<'_>, expires_at| tx.put_document(tenant, "key", &Note {}, Some(expires_at));
    world.store.write(|tx| put(tx, NOW)).unwrap();
    let name = "the_sweep_of_documents";
    let url = format!("{url}&application_name={name}");
    let other = Store::connect(&url, ConnectionLimit(2), &world.key).unwrap();
    std::thread::scope(|scope| {
        let renewed = world.store.write(|tx| {
            put(tx, NOW.plus_seconds(60))?;
            let sweep =
                scope.spawn(|| other.write(|tx| tx.sweep_documents(NOW.plus_seconds(1), 10)));
            // It has seen the document as it was, and waits for what becomes of it.
            until("the sweep waits", || {
                syncline_testkit::waits_for_a_lock(name) || sweep.is_finished()
            });
            Ok::<_, StoreError>(sweep)
        });
        let swept = renewed.unwrap().join().unwrap();
        assert_eq!(swept.unwrap(), 0);
    });
    let left = world
        .store
        .read(|reader| reader.document::<Note>(tenant, "key"));
    assert!(left.unwrap().is_some());
}

/// Of another kind, under the same keys.
#[derive(Serialize, Deserialize)]
struct Note {}

impl Document for Note {
    const KIND: &'static str = "test_note";
}

#[test]
fn what_expires_goes_in_every_tenant_and_takes_no_namesake_along() {
    let world = World::new();
    let (contoso, fabrikam) = (Some(world.contoso), Some(world.fabrikam));
    for (tenant, expires_at) in [
        (contoso, Some(NOW)),
        (fabrikam, Some(NOW.plus_seconds(2))),
        (None, None),
    ] {
        let put = world
            .store
            .write(|tx| tx.put_document(tenant, "same", &Note {}, expires_at));
        put.unwrap();
    }
    let secret = Secret {
        text: String::new(),
    };
    let put = world
        .store
        .write(|tx| tx.put_document(contoso, "same", &secret, None));
    put.unwrap();
    let sweep = |seconds| {
        let now = NOW.plus_seconds(seconds);
        world.store.write(|tx| tx.sweep_documents(now, 10)).unwrap()
    };
    let left = || {
        let notes = |tenant| {
            let found = world
                .store
                .read(|reader| reader.documents::<Note>(tenant, "", 10));
            found.unwrap().len()
        };
        [contoso, fabrikam, None].map(notes)
    };
    assert_eq!((sweep(0), left()), (0, [1, 1, 1]), "not in its last moment");
    assert_eq!((sweep(1), left()), (1, [0, 1, 1]));
    assert_eq!((sweep(2), left()), (0, [0, 1, 1]));
    assert_eq!((sweep(3), left()), (1, [0, 0, 1]));
    let secret = |reader: &syncline_store::Reader<'_>| reader.document::<Secret>(contoso, "same");
    assert!(world.store.read(secret).unwrap().is_some());
}

/// Whoever signs in there sweeps, too: what others have just begun would be gone.
#[test]
fn a_node_whose_clock_is_ahead_of_the_databases_sweeps_nothing_before_its_time() {
    let world = World::new();
    let now = world.store.read(|reader| reader.lease_time(NOW)).unwrap();
    for (key, seconds) in [("over", -60), ("good", 3_600)] {
        let end = Some(now.plus_seconds(seconds));
        let put = world
            .store
            .write(|tx| tx.put_document(None, key, &Note {}, end));
        put.unwrap();
    }
    let ahead = now.plus_seconds(24 * 3_600);
    let expired = || {
        let asked = world
            .store
            .read(|reader| reader.has_expired_documents(ahead));
        asked.unwrap()
    };
    assert!(expired());
    let swept = world.store.write(|tx| tx.sweep_documents(ahead, 10));
    // There is no other clock where one process has a file.
    let all = if world.store.is_shared() { 1 } else { 2 };
    assert_eq!(swept.unwrap(), all);
    assert!(!expired());
    let left = world
        .store
        .read(|reader| reader.document::<Note>(None, "good"));
    assert_eq!(left.unwrap().is_some(), world.store.is_shared());
}

#[test]
fn a_key_file_that_is_no_key_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    std::fs::write(&path, "not a key").unwrap();
    assert!(MasterKey::load_or_create(&path).is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "not a key");
}

#[test]
fn a_key_may_hold_any_character() {
    let world = World::new();
    let keys = ["a\u{0}b", "a\u{1}b", "a\u{1}\u{1}b", "ab", "\u{0}"];
    let secret = |key: &str| Secret {
        text: format!("of {key:?}"),
    };
    for key in keys {
        world
            .store
            .write(|tx| tx.put_document(Some(world.contoso), key, &secret(key), None))
            .unwrap();
    }
    let mut sorted = keys;
    sorted.sort_unstable();
    let found: Vec<(String, Secret)> = world
        .store
        .read(|reader| reader.documents(Some(world.contoso), "", 10))
        .unwrap();
    let expected: Vec<_> = sorted.map(|key| (key.to_owned(), secret(key))).into();
    assert_eq!(found, expected);
}

/// What nobody can read who expects a [`Secret`].
#[derive(Serialize, Deserialize)]
struct NoSecret {}

impl Document for NoSecret {
    const KIND: &'static str = Secret::KIND;
    const SEALED: bool = true;
}

#[test]
fn one_that_can_not_be_read_holds_up_no_other() {
    let world = World::new();
    let secret = |text: &str| Secret {
        text: text.to_owned(),
    };
    let tenant = Some(world.contoso);
    world
        .store
        .write(|tx| {
            tx.put_document(tenant, "a", &secret("a"), None)?;
            tx.put_document(tenant, "b", &NoSecret {}, None)?;
            tx.put_document(tenant, "c", &secret("c"), None)
        })
        .unwrap();
    let page = |after: &str, limit| -> Vec<(String, Option<Secret>)> {
        let page = world
            .store
            .read(|reader| reader.documents_one_by_one(tenant, after, limit));
        page.unwrap()
    };
    let item = |key: &str, found| (key.to_owned(), found);
    assert_eq!(page("", 2), [item("a", Some(secret("a"))), item("b", None)]);
    assert_eq!(page("b", 2), [item("c", Some(secret("c")))]);
}
