//! A database that takes no writes: nothing of a transaction is left, and whether it takes them again is found out by
//! writing.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use syncline_model::{Problem, ProblemKind};
use syncline_store::{Durability, Meter, Store, StoreError, Written};

use crate::world::World;

/// What is said about it.
#[derive(Default)]
struct Told(Mutex<Vec<&'static str>>);

impl Meter for Told {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn read(&self, _took: Duration) {}

    fn wrote(&self, _written: &Written) {}

    fn writing_refused(&self, why: &str) {
        assert!(
            why.contains("(25006)")
                || why.contains("SQLite's code 8")
                || why.contains("the disk has refused")
                || why.contains("has the name of the database"),
            "{why}"
        );
        self.0.lock().push("refused");
    }

    fn writing_taken(&self) {
        self.0.lock().push("taken");
    }
}

/// What a server refuses that is a standby now.
const REFUSE: &str = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'cannot execute INSERT in a read-only transaction' USING ERRCODE = '25006'; END $$; CREATE TRIGGER refuse BEFORE INSERT ON document EXECUTE FUNCTION refuse(); CREATE TRIGGER refuse BEFORE INSERT ON tenant EXECUTE FUNCTION refuse()";
const TAKE: &str =
    "DROP TRIGGER refuse ON document; DROP TRIGGER refuse ON tenant; DROP FUNCTION refuse()";

fn let_write(world: &World, may: bool) {
    let statements = if may { TAKE } else { REFUSE };
    syncline_testkit::execute(&world.folder.path().join("test.db"), statements);
    world.store.let_write(may).unwrap();
}

/// Another tenant, whatever becomes of an error inside.
fn write(world: &World, number: u128) -> Result<(), StoreError> {
    write_with(Durability::Full, world, number)
}

fn write_with(durability: Durability, world: &World, number: u128) -> Result<(), StoreError> {
    world.store.write_with(durability, |tx| {
        let tenant = syncline_store::Tenant {
            id: syncline_model::TenantId(uuid::Uuid::from_u128(number)),
            display_name: "Tailspin".to_owned(),
            created_at: crate::world::NOW,
            domains: Vec::new(),
        };
        let _ = tx.insert_tenant(&tenant);
        Ok(())
    })
}

#[test]
fn a_database_that_takes_no_writes_is_told_until_it_does() {
    let world = World::new();
    let told = Arc::new(Told::default());
    world.store.measure(Arc::clone(&told) as Arc<dyn Meter>);
    let takes = |seconds| {
        world
            .store
            .takes_writes(Duration::from_secs(seconds))
            .unwrap()
    };
    let_write(&world, false);
    assert!(takes(0), "nobody has found out yet");
    let error = write(&world, 1).unwrap_err();
    assert!(matches!(error, StoreError::Unwritable(_)), "{error}");
    let problem = Problem::from(error);
    assert_eq!(problem.kind, ProblemKind::Unavailable);
    assert_eq!(problem.code, StoreError::UNWRITABLE);
    assert!(problem.retry_after_seconds.is_some());
    assert!(world.names(world.contoso).is_empty(), "it can be read");
    assert!(!takes(0));

    let_write(&world, true);
    assert!(!takes(4), "it was tried a moment ago");
    assert!(takes(5));
    let_write(&world, false);
    assert!(write(&world, 1).is_err());
    let_write(&world, true);
    write(&world, 1).unwrap();
    assert!(takes(5));
    let mut said = told.0.lock().clone();
    said.dedup();
    assert_eq!(said, ["refused", "taken", "refused", "taken"]);
}

/// Whoever asks for changes only reads, and finds out first.
#[cfg(target_os = "linux")]
#[test]
fn a_log_that_does_not_reach_the_disk_is_told_once_and_by_writes_as_well() {
    let world = World::new();
    if world.store.is_shared() {
        return;
    }
    let told = Arc::new(Told::default());
    world.store.measure(Arc::clone(&told) as Arc<dyn Meter>);
    let log = world.folder.path().join("test.db-wal");
    std::fs::remove_file(&log).unwrap();
    // It can not be waited for.
    std::os::unix::fs::symlink("/dev/null", &log).unwrap();
    let error = world.store.settle().unwrap_err();
    assert_eq!(*told.0.lock(), ["refused"]);
    let problem = Problem::from(error);
    assert_eq!(problem.code, StoreError::UNWRITABLE);
    assert!(problem.retry_after_seconds.is_some());
    assert!(!world.store.takes_writes(Duration::ZERO).unwrap());
    let refused = write(&world, 1);
    assert!(
        matches!(refused, Err(StoreError::Unwritable(_))),
        "{refused:?}"
    );
    assert!(world.names(world.contoso).is_empty(), "it can be read");
    // Nor is anything merged from what may be missing: that needs a start.
    let layout = world.store.layout().unwrap_err().to_string();
    assert!(layout.contains("start again"), "{layout}");
}

/// Nobody would find it: whoever opens the database opens what has its name.
#[test]
fn nothing_is_written_to_a_file_that_has_lost_its_name() {
    for is_replaced in [false, true] {
        let world = World::new();
        if world.store.is_shared() {
            return;
        }
        let told = Arc::new(Told::default());
        world.store.measure(Arc::clone(&told) as Arc<dyn Meter>);
        let place = world.folder.path().join("test.db");
        let aside = world.folder.path().join("aside.db");
        write(&world, 1).unwrap();
        std::fs::rename(&place, &aside).unwrap();
        if is_replaced {
            std::fs::copy(&aside, &place).unwrap();
        }
        let there = || std::fs::read(&place).ok();
        let before = there();

        // As a caller, and as a page of a cycle does.
        for durability in [Durability::Full, Durability::Relaxed] {
            let error = write_with(durability, &world, 2).unwrap_err();
            assert!(matches!(error, StoreError::Unwritable(_)), "{error}");
            assert!(error.to_string().contains("start again"), "{error}");
        }
        assert!(world.store.settle().is_err());
        let layout = world.store.layout().unwrap_err().to_string();
        assert!(layout.contains("the name of the database"), "{layout}");
        assert!(!world.store.takes_writes(Duration::ZERO).unwrap());
        // A connection that is opened now would be to the other one.
        let tenants = |store: &Store| store.read(|it| it.tenant_ids());
        let opened = world.store.read(|_| tenants(&world.store));
        assert!(
            matches!(opened, Err(StoreError::Unwritable(_))),
            "{opened:?}"
        );
        assert_eq!(there(), before);
        let mut said = told.0.lock().clone();
        said.dedup();
        assert_eq!(said, ["refused"]);

        // Somebody may have worked beside its log meanwhile: that takes a start.
        std::fs::rename(&aside, &place).unwrap();
        assert!(write(&world, 2).is_err());
        drop(world.store);
        let store = Store::open(&place, &world.key).unwrap();
        assert_eq!(tenants(&store).unwrap().len(), 3);
        assert!(store.layout().unwrap().is_current());
    }
}

/// Whoever is ready has looked, also where nobody writes.
#[test]
fn a_server_without_its_file_finds_out_when_it_is_asked() {
    let world = World::new();
    if world.store.is_shared() {
        return;
    }
    let told = Arc::new(Told::default());
    world.store.measure(Arc::clone(&told) as Arc<dyn Meter>);
    let place = world.folder.path().join("test.db");
    let link = world.folder.path().join("link.db");
    std::os::unix::fs::symlink(&place, &link).unwrap();
    let linked = Store::open(&link, &world.key).unwrap();
    // What a link leads to is the database.
    assert!(linked.layout().is_ok());
    drop(linked);
    let copy = world.folder.path().join("copy.db");
    std::fs::copy(&place, &copy).unwrap();
    std::fs::rename(&copy, &place).unwrap();
    assert!(world.store.layout().is_err());
    assert_eq!(*told.0.lock(), ["refused"]);
    assert!(!world.store.takes_writes(Duration::ZERO).unwrap());
}
