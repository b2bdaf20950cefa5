//! A node that stood still, or went on, while another one brought the layout up to date.

use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use syncline_store::{ConnectionLimit, Database, Document, Older, Store, StoreError};

use crate::layouts::{CONTOSO, ask, dumps, key_in, say};
use crate::world::World;

#[derive(Debug, Serialize, Deserialize)]
struct Note(String);

impl Document for Note {
    const KIND: &'static str = "test_note";
}

fn put(store: &Store, tenant: Option<syncline_model::TenantId>) -> Result<(), StoreError> {
    let note = Note("as I know the tables".to_owned());
    store.write(|tx| tx.put_document(tenant, "it", &note, None))
}

/// It would write rows as it knows them into tables that mean something else now.
#[test]
fn a_node_does_not_write_into_tables_that_a_newer_version_has_changed() {
    let world = World::new();
    let place = world.folder.path().join("test.db");
    put(&world.store, Some(world.contoso)).unwrap();
    let later = "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES (99, 'later', '2030-01-01T00:00:00Z', '1')";
    if !syncline_testkit::execute(&place, later) {
        // A file has one process.
        return;
    }
    let assert_refused = |done: Result<(), StoreError>| {
        let Err(error @ StoreError::Upgraded { found: 99, .. }) = done else {
            panic!("{done:?}");
        };
        let problem = syncline_model::Problem::from(error);
        assert_eq!(problem.code, StoreError::UPGRADED);
        assert!(problem.message.contains("layout 99"), "{problem}");
    };
    for tenant in [Some(world.contoso), None] {
        assert_refused(put(&world.store, tenant));
    }
    let both = [world.contoso, world.fabrikam];
    assert_refused(world.store.write(|tx| tx.enter(&both)));
    let made = world.store.read(|it| it.tenant(world.contoso)).unwrap();
    let mut made = made.unwrap();
    made.id = syncline_model::TenantId(syncline_model::Ids::random_uuid(&world.ids));
    made.domains[0].name = "third.example".to_owned();
    assert_refused(world.store.write(|tx| tx.insert_tenant(&made)));
    // It still tells which layout is there: that is how it is found not to be ready.
    assert_eq!(world.store.layout().unwrap().applied, 99);
}

/// A database of the layout before today's, as a node of the version before finds it.
fn a_node_of_the_version_before(folder: &Path) -> Option<(Store, String)> {
    let path = folder.join("before");
    let url = syncline_testkit::postgres_url(&path)?;
    let (_, schema) = url.split_once("search_path%3D").unwrap();
    let (_, dump) = dumps("postgres").pop().unwrap();
    say(&path, &format!("CREATE SCHEMA {schema}"));
    say(&path, &dump);
    let database = Database::Postgres(url.clone());
    let node = Store::open_existing(&database, &key_in(folder), Older::Leave).unwrap();
    Some((node, url))
}

#[test]
fn the_layout_is_changed_after_whoever_writes_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let Some((before, url)) = a_node_of_the_version_before(folder.path()) else {
        return;
    };
    let layout = || ask(&url, "SELECT MAX(version) FROM refinery_schema_history");
    let found = layout();
    std::thread::scope(|scope| {
        let newer = before
            .write(|tx| {
                // As all who write it has a row of that table; those of tenants have more columns by today.
                tx.enter_no_tenant()?;
                let key = key_in(folder.path());
                let newer =
                    scope.spawn(|| Store::connect(&url, ConnectionLimit(2), &{ key }).unwrap());
                let waits =
                    "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'tenant'::regclass";
                let (_never, silence) = mpsc::channel::<()>();
                while ask(&url, waits).is_empty() && !newer.is_finished() {
                    let _ = silence.recv_timeout(Duration::from_millis(20));
                }
                assert_eq!(layout(), found);
                Ok::<_, StoreError>(newer)
            })
            .unwrap();
        // The node that has changed it goes on, and so does whoever comes afterwards.
        let newer = newer.join().unwrap();
        assert_ne!(layout(), found);
        put(&newer, Some(CONTOSO)).unwrap();
        put(&newer, None).unwrap();
        assert!(newer.layout().unwrap().is_current());
    });
    let refused = put(&before, Some(CONTOSO));
    assert!(
        matches!(refused, Err(StoreError::Upgraded { .. })),
        "{refused:?}"
    );
}
