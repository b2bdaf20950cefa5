//! Who waits for a row while everything is replaced: when he gets it, it is of another database, or gone.

use std::path::Path;

use serde::{Deserialize, Serialize};
use syncline_model::{Ids, TenantId};
use syncline_store::{
    Backup, ConnectionLimit, Document, MasterKey, Reader, Result, Store, StoreError, Tenant,
};
use syncline_testkit::until;

use crate::backup::{made, new_file};
use crate::layouts::{ask, say};
use crate::world::World;

#[derive(Debug, Serialize, Deserialize)]
struct Secret(String);

impl Document for Secret {
    const KIND: &'static str = "test_secret";
    const SEALED: bool = true;
}

/// Whoever seals with what he opened the database with.
fn seal(store: &Store, tenant: Option<TenantId>) -> Result<()> {
    let secret = Secret("as before".to_owned());
    store.write(|tx| tx.put_document(tenant, "late", &secret, None))
}

/// One who writes, on a node of its own.
struct Writer {
    name: &'static str,
    node: Store,
    write: Write,
}

type Write = Box<dyn Fn(&Store) -> Result<()> + Send + Sync>;

struct Place {
    world: World,
    url: String,
}

impl Place {
    fn on_postgres() -> Option<Self> {
        let world = World::new();
        let url = syncline_testkit::postgres_url(&world.folder.path().join("test.db"))?;
        Some(Self { world, url })
    }

    fn path(&self) -> std::path::PathBuf {
        self.world.folder.path().join("test.db")
    }

    fn open(&self) -> Store {
        Store::connect(&self.url, ConnectionLimit(2), &self.world.key).unwrap()
    }

    /// Another tenant, that is not there yet.
    fn third(&self) -> Tenant {
        let store = &self.world.store;
        let found = store.read(|it| it.tenant(self.world.contoso)).unwrap();
        let mut tenant = found.unwrap();
        tenant.id = TenantId(self.world.ids.random_uuid());
        tenant.domains[0].name = format!("{}.example", tenant.id.0.simple());
        tenant
    }

    fn writer(
        &self,
        name: &'static str,
        write: impl Fn(&Store) -> Result<()> + Send + Sync + 'static,
    ) -> Writer {
        Writer {
            name,
            node: self.open(),
            write: Box::new(write),
        }
    }

    /// Everybody who waits for a row.
    fn writers(&self) -> Vec<Writer> {
        let (contoso, fabrikam) = (self.world.contoso, self.world.fabrikam);
        let third = self.third();
        vec![
            self.writer("in a tenant", move |node| seal(node, Some(contoso))),
            self.writer("in two tenants", move |node| {
                node.write(|tx| tx.enter(&[fabrikam, contoso]))
            }),
            self.writer("in no tenant", |node| seal(node, None)),
            self.writer("a new tenant", move |node| {
                node.write(|tx| tx.insert_tenant(&third))
            }),
        ]
    }

    /// All of them wait when what is given to `replace` returns, and are refused when it is done.
    fn all_are_refused(&self, writers: &[Writer], replace: impl FnOnce(&dyn Fn())) {
        std::thread::scope(|scope| {
            let (told, tell) = std::sync::mpsc::channel();
            replace(&|| {
                for Writer { name, node, write } in writers {
                    let told = told.clone();
                    scope.spawn(move || told.send((*name, write(node))));
                }
                until("all of them wait", || self.waiting() >= writers.len());
            });
            for (name, done) in tell.iter().take(writers.len()) {
                assert!(
                    matches!(done, Err(StoreError::Replaced)),
                    "{name}: {done:?}"
                );
            }
        });
    }

    /// How many wait for a row of a tenant. Each has announced that, or waits to.
    fn waiting(&self) -> usize {
        let sql =
            "SELECT 1 FROM pg_locks WHERE locktype = 'tuple' AND relation = 'tenant'::regclass";
        ask(&self.url, sql).len()
    }

    fn tenants(&self) -> Vec<Vec<String>> {
        ask(
            &self.url,
            "SELECT tenant_no, id FROM tenant ORDER BY tenant_no",
        )
    }

    /// What everybody compares is the same in all rows.
    fn all_rows_say_the_same(&self) {
        let sql = "SELECT DISTINCT epoch, layout FROM tenant";
        assert_eq!(ask(&self.url, sql).len(), 1);
        let newest = "SELECT MAX(version) FROM refinery_schema_history";
        let said = ask(&self.url, "SELECT layout FROM tenant LIMIT 1");
        assert_eq!(said, ask(&self.url, newest));
    }
}

/// It would seal with the old key what nobody opens.
#[test]
fn whoever_waits_while_the_key_is_replaced_does_not_seal_with_the_old_one() {
    let Some(place) = Place::on_postgres() else {
        // A file has one process.
        return;
    };
    let new = MasterKey::generate().unwrap();
    place.all_are_refused(&place.writers(), |all_wait| {
        let replaced = place.open().replace_key(&new, &place.world.ids, |_| {
            all_wait();
            Ok::<_, StoreError>(())
        });
        replaced.unwrap();
    });
    place.all_rows_say_the_same();
    let after = Store::connect(&place.url, ConnectionLimit(2), &new).unwrap();
    seal(&after, Some(place.world.contoso)).unwrap();
    // As all others have it.
    let third = place.third();
    after.write(|tx| tx.insert_tenant(&third)).unwrap();
    place.all_rows_say_the_same();
    seal(&after, Some(third.id)).unwrap();
}

#[test]
fn whoever_waits_while_a_server_is_restored_does_not_write_into_what_was_restored() {
    let Some(place) = Place::on_postgres() else {
        return;
    };
    let before = place.tenants();
    let backup = Backup::open(&made(&place.world, None)).unwrap();
    let work = new_file(&place.world.folder.path().join("work.db"));
    let key = &place.world.key;
    backup.write_database(&work, key, &|_| Ok(())).unwrap();
    // One comes, and another that is there goes; and those who stay change their numbers with each other.
    let gone = place.third();
    place
        .world
        .store
        .write(|tx| tx.insert_tenant(&gone))
        .unwrap();
    let swap = "UPDATE tenant SET tenant_no = -tenant_no WHERE tenant_no IN (1, 2); UPDATE tenant SET tenant_no = 3 + tenant_no WHERE tenant_no < 0";
    say(&place.path(), swap);
    let mut writers = place.writers();
    let gone = gone.id;
    writers.push(place.writer("in one that goes", move |node| seal(node, Some(gone))));
    let (contoso, ids) = (place.world.contoso, &place.world.ids);
    writers.push(place.writer("in two, of which one goes", move |node| {
        node.write(|tx| tx.enter(&[contoso, gone]))
    }));
    place.all_are_refused(&writers, |all_wait| {
        let keep = |_: &Reader<'_>| {
            all_wait();
            Ok::<_, StoreError>(())
        };
        let told = &mut |_: &str, _, _| {};
        let restored = backup.write_server(&place.url, key, &work, ids, keep, told);
        restored.unwrap();
    });
    assert_eq!(place.tenants(), before);
    place.all_rows_say_the_same();
    let after = place.open();
    for tenant in [Some(place.world.contoso), Some(place.world.fabrikam), None] {
        seal(&after, tenant).unwrap();
    }
}

/// The server ends one of them, and whoever replaces begins again.
#[test]
fn whoever_holds_one_tenant_and_waits_for_another_keeps_nobody_from_replacing_everything() {
    let Some(place) = Place::on_postgres() else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let (client, connection) = runtime
        .block_on(tokio_postgres::connect(&place.url, tokio_postgres::NoTls))
        .unwrap();
    runtime.spawn(connection);
    let say = |statements: &str| runtime.block_on(client.batch_execute(statements));
    let lock = |first: &str| {
        format!("SELECT id FROM tenant WHERE tenant_no > 0 ORDER BY id {first} LIMIT 1 FOR UPDATE")
    };
    say(&format!("BEGIN; {}", lock("DESC"))).unwrap();
    let new = MasterKey::generate().unwrap();
    std::thread::scope(|scope| {
        let node = place.open();
        let replaced = scope.spawn(|| {
            node.replace_key::<StoreError>(&new, &place.world.ids, |_| Ok(()))
                .map(drop)
        });
        until("it waits for who holds one", || place.waiting() > 0);
        // Whichever of them it is that is ended.
        let _ = say(&lock("ASC"));
        say("COMMIT").unwrap();
        replaced.join().unwrap().unwrap();
    });
    let key = syncline_testkit::open_store(&place.path(), &new);
    seal(&key.unwrap(), Some(place.world.contoso)).unwrap();
}

/// What belongs to none can not become a tenant's.
#[test]
fn a_backup_with_a_tenant_of_the_id_of_none_replaces_nothing() {
    let Some(place) = Place::on_postgres() else {
        return;
    };
    let backup = Backup::open(&made(&place.world, None)).unwrap();
    let file = place.world.folder.path().join("work.db");
    let work = new_file(&file);
    let key = &place.world.key;
    backup.write_database(&work, key, &|_| Ok(())).unwrap();
    let nil = "UPDATE tenant SET id = zeroblob(16) WHERE tenant_no = 2";
    spoil(&file, nil);
    let before = place.tenants();
    let alone = |_: &Reader<'_>| Ok::<_, StoreError>(());
    let told = &mut |_: &str, _, _| {};
    let refused = backup.write_server(&place.url, key, &work, &place.world.ids, alone, told);
    assert!(matches!(refused, Err(StoreError::Taken)), "{refused:?}");
    assert_eq!(place.tenants(), before);
}

fn spoil(file: &Path, statement: &str) {
    let file = rusqlite::Connection::open(file).unwrap();
    file.execute_batch(statement).unwrap();
}
