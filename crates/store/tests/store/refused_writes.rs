//! A database that takes no writes: nothing of a transaction is left, and whether it takes them again is found out by
//! writing.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use syncline_model::{Problem, ProblemKind};
use syncline_store::{Meter, StoreError, Written};

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
                || why.contains("the disk has refused"),
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
    world.store.write(|tx| {
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
