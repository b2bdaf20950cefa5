//! A node that stood still, or went on, while another one brought the layout up to date.

use std::path::Path;

use serde::{Deserialize, Serialize};
use syncline_store::{ConnectionLimit, Document, Store, StoreError};
use syncline_testkit::until;
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls, Statement};

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
    let later = format!("{later}; UPDATE tenant SET layout = 99");
    if !syncline_testkit::execute(&place, &later) {
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

/// A node of the first layouts: what it compares, it asks beside the lock.
struct OldNode {
    runtime: Runtime,
    client: Client,
    lock: Statement,
}

impl OldNode {
    const LOCK: &str = "SELECT tenant_no, CAST((SELECT MAX(version) FROM refinery_schema_history) AS bigint) FROM tenant WHERE id = $1 FOR UPDATE";

    fn of(url: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        let (client, connection) = runtime
            .block_on(tokio_postgres::connect(url, NoTls))
            .unwrap();
        runtime.spawn(connection);
        let lock = runtime.block_on(client.prepare(Self::LOCK)).unwrap();
        Self {
            runtime,
            client,
            lock,
        }
    }

    fn say(&self, statements: &str) {
        let said = self.client.batch_execute(statements);
        self.runtime.block_on(said).unwrap();
    }

    /// Locks a tenant; says the layout that it then compares.
    fn lock(&self) -> i64 {
        let id = CONTOSO.as_bytes().as_slice();
        let row = async { self.client.query_one(&self.lock, &[&id]).await };
        self.runtime.block_on(row).unwrap().get(1)
    }
}

/// The tables of the last layout in which the rows of tenants did not say which one it is.
fn before_rows_said_it(folder: &Path) -> Option<String> {
    let path = folder.join("before");
    let url = syncline_testkit::postgres_url(&path)?;
    let (_, schema) = url.split_once("search_path%3D").unwrap();
    let dumps = dumps("postgres");
    let (_, dump) = dumps.iter().find(|(layout, _)| *layout == 8).unwrap();
    say(&path, &format!("CREATE SCHEMA {schema}"));
    say(&path, dump);
    Some(url)
}

#[test]
fn the_layout_is_changed_after_whoever_writes_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let Some(url) = before_rows_said_it(folder.path()) else {
        return;
    };
    let layout = || ask(&url, "SELECT MAX(version) FROM refinery_schema_history");
    let found = layout();
    let waiting = |count: usize| {
        let waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'tenant'::regclass";
        until("all of them wait", || ask(&url, waits).len() >= count);
    };
    let (writes, waits) = (OldNode::of(&url), OldNode::of(&url));
    writes.say("BEGIN");
    assert_eq!(writes.lock(), 8);
    std::thread::scope(|scope| {
        let key = key_in(folder.path());
        let newer = scope.spawn(|| Store::connect(&url, ConnectionLimit(2), &{ key }).unwrap());
        waiting(1);
        // It would pass for one that was there before, if it were told what it has waited for.
        let waits = scope.spawn(|| waits.lock());
        waiting(2);
        assert_eq!(layout(), found);
        writes.say("COMMIT");
        // The node that has changed it goes on, and so does whoever comes afterwards.
        let newer = newer.join().unwrap();
        assert_ne!(layout(), found);
        put(&newer, Some(CONTOSO)).unwrap();
        put(&newer, None).unwrap();
        assert!(newer.layout().unwrap().is_current());
        // Whichever step it came behind.
        assert!(waits.join().unwrap() > 8);
    });
    assert_eq!(vec![vec![writes.lock().to_string()]], layout());
}
