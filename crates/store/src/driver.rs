//! The SQLite driver: one writer, a few readers, one file in WAL mode.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use parking_lot::{FairMutex, Mutex};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use syncline_model::TenantId;

use crate::figures::Metered;
use crate::vault::Vault;
use crate::{MasterKey, Result, StoreError};

pub(crate) mod embedded {
    refinery::embed_migrations!("migrations");
}

/// What a power cut may cost. A crash of the process alone never costs anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// On the disk before the commit returns: for everything acknowledged to a caller.
    Full,
    /// In the WAL, on the disk a little later: for pages of a cycle, which are found and done again.
    Relaxed,
}

/// The database.
pub struct Store {
    path: PathBuf,
    /// Before the writer, so that they are closed before it: the last connection merges the WAL
    /// into the database file, which one that may only read can not.
    readers: Mutex<Vec<Connection>>,
    writer: FairMutex<Writer>,
    vault: Vault,
    /// tenant id → row number; tenants are never removed.
    tenants: Mutex<BTreeMap<TenantId, i64>>,
    pub(crate) metered: Metered,
}

struct Writer {
    connection: Connection,
    durability: Durability,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the database file, creates it when absent, and brings its layout up to date.
    pub fn open(path: &Path, key: &MasterKey) -> Result<Self> {
        let mut connection = Connection::open(path)?;
        configure(&connection)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        embedded::migrations::runner().run(&mut connection)?;
        Ok(Self {
            path: path.to_owned(),
            writer: FairMutex::new(Writer {
                connection,
                durability: Durability::Full,
            }),
            readers: Mutex::new(Vec::new()),
            vault: Vault::new(key),
            tenants: Mutex::new(BTreeMap::new()),
            metered: Metered::default(),
        })
    }

    /// Runs `work` on one consistent snapshot.
    pub fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Reader<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let _measured = self.metered.reading();
        let idle = self.readers.lock().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.open_reader()?,
        };
        begin(&connection, "BEGIN DEFERRED")?;
        let result = work(&Reader {
            store: self,
            connection: &connection,
        });
        // Nothing was written; ending the snapshot either way is the same.
        connection
            .execute_batch("ROLLBACK")
            .map_err(StoreError::from)?;
        let mut readers = self.readers.lock();
        if readers.len() < MAX_IDLE_READERS {
            readers.push(connection);
        }
        result
    }

    /// Runs `work` in one transaction: committed durably when it succeeds, rolled back when it
    /// fails.
    pub fn write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        self.write_with(Durability::Full, work)
    }

    /// [`Store::write`] with a choice of durability.
    pub fn write_with<T, E: From<StoreError>>(
        &self,
        durability: Durability,
        work: impl FnOnce(&mut Tx<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let mut measured = self.metered.writing();
        let mut writer = self.writer.lock();
        measured.begins();
        if writer.durability != durability {
            let level = if durability == Durability::Full {
                "FULL"
            } else {
                "NORMAL"
            };
            writer
                .connection
                .pragma_update(None, "synchronous", level)
                .map_err(StoreError::from)?;
            writer.durability = durability;
        }
        begin(&writer.connection, "BEGIN IMMEDIATE")?;
        let mut tx = Tx {
            reader: Reader {
                store: self,
                connection: &writer.connection,
            },
            sequences: RefCell::new(BTreeMap::new()),
        };
        // A panic inside `work` must not leave the transaction open for the next writer.
        let guard = RollbackOnDrop {
            connection: &writer.connection,
            armed: true,
        };
        let result = match work(&mut tx) {
            Ok(value) => tx.commit().map(|()| value).map_err(E::from),
            Err(error) => Err(error),
        };
        measured.committed(result.is_ok());
        guard.finish(result.is_ok());
        result
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn open_reader(&self) -> Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        configure(&connection)?;
        Ok(connection)
    }
}

const MAX_IDLE_READERS: usize = 8;

struct RollbackOnDrop<'c> {
    connection: &'c Connection,
    armed: bool,
}

impl RollbackOnDrop<'_> {
    fn finish(mut self, committed: bool) {
        self.armed = !committed;
    }
}

impl Drop for RollbackOnDrop<'_> {
    fn drop(&mut self) {
        if self.armed && !self.connection.is_autocommit() {
            // If even the rollback fails, the next BEGIN says so.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }
}

fn begin(connection: &Connection, statement: &str) -> Result<()> {
    connection.execute_batch(statement)?;
    Ok(())
}

fn configure(connection: &Connection) -> Result<()> {
    connection.set_prepared_statement_cache_capacity(256);
    // Without the planner's stability guarantee SQLite looks at the value bound to a LIMIT, and
    // compiles the statement again whenever that is bound anew: once per row in a loop.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.busy_timeout(std::time::Duration::from_secs(30))?;
    connection.pragma_update(None, "page_size", 8192)?;
    // Negative: kibibytes. 64 MiB for the writer's working set; readers share the file cache.
    connection.pragma_update(None, "cache_size", -64 * 1024)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "wal_autocheckpoint", 8000)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(())
}

/// One consistent view of the database. All reading verbs are methods of it.
pub struct Reader<'c> {
    pub(crate) store: &'c Store,
    pub(crate) connection: &'c Connection,
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reader")
    }
}

impl Reader<'_> {
    pub(crate) fn vault(&self) -> &Vault {
        &self.store.vault
    }

    /// The row number of a tenant.
    pub(crate) fn tenant_no(&self, tenant: TenantId) -> Result<i64> {
        if let Some(number) = self.store.tenants.lock().get(&tenant) {
            return Ok(*number);
        }
        let mut statement = self
            .connection
            .prepare_cached("SELECT tenant_no FROM tenant WHERE id = $1")?;
        let mut rows = statement.query([tenant.as_bytes().as_slice()])?;
        let Some(row) = rows.next()? else {
            return Err(StoreError::UnknownTenant(tenant));
        };
        let number: i64 = row.get(0)?;
        // A number read inside a transaction that is rolled back would stay here wrongly only if the
        // tenant was made in that very transaction; `insert_tenant` therefore never caches.
        if self.connection.is_readonly("main").unwrap_or(false) {
            self.store.tenants.lock().insert(tenant, number);
        }
        Ok(number)
    }
}

/// One writing transaction. Reads see what it wrote.
pub struct Tx<'c> {
    reader: Reader<'c>,
    /// Sequences given out so far, per tenant row number; written back at commit.
    sequences: RefCell<BTreeMap<i64, u64>>,
}

impl std::fmt::Debug for Tx<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tx")
    }
}

impl<'c> Deref for Tx<'c> {
    type Target = Reader<'c>;
    fn deref(&self) -> &Reader<'c> {
        &self.reader
    }
}

impl Tx<'_> {
    /// The next `changed_seq` of a tenant. Sequences never skip a commit: the row is written at the
    /// end of the transaction, under its lock.
    pub(crate) fn next_sequence(&self, tenant_no: i64) -> Result<u64> {
        let mut sequences = self.sequences.borrow_mut();
        let last = match sequences.get(&tenant_no) {
            Some(last) => *last,
            None => {
                let mut statement = self
                    .connection
                    .prepare_cached("SELECT sequence FROM tenant WHERE tenant_no = $1")?;
                let stored: i64 = statement.query_row([tenant_no], |row| row.get(0))?;
                u64::try_from(stored).map_err(|_| StoreError::Damaged("tenant"))?
            }
        };
        sequences.insert(tenant_no, last + 1);
        Ok(last + 1)
    }

    fn commit(&self) -> Result<()> {
        for (tenant_no, last) in self.sequences.borrow().iter() {
            let last = i64::try_from(*last).map_err(|_| StoreError::Damaged("tenant"))?;
            self.connection
                .prepare_cached("UPDATE tenant SET sequence = $1 WHERE tenant_no = $2")?
                .execute([last, *tenant_no])?;
        }
        self.connection.execute_batch("COMMIT")?;
        Ok(())
    }

    /// Runs `work`; when it fails, only what it wrote is undone and the transaction goes on.
    pub fn savepoint<T, E>(
        &mut self,
        work: impl FnOnce(&mut Self) -> std::result::Result<T, E>,
    ) -> Result<std::result::Result<T, E>> {
        self.connection.execute_batch("SAVEPOINT attempt")?;
        let result = work(self);
        let end = if result.is_ok() {
            "RELEASE attempt"
        } else {
            "ROLLBACK TO attempt; RELEASE attempt"
        };
        self.connection.execute_batch(end)?;
        Ok(result)
    }
}

/// A 16-byte id from a row.
pub(crate) fn id_column<T>(
    row: &rusqlite::Row<'_>,
    column: usize,
    make: fn([u8; 16]) -> T,
) -> rusqlite::Result<T> {
    let bytes: [u8; 16] = row.get(column)?;
    Ok(make(bytes))
}

/// The plan of a statement names this index: a statement that every page runs must not walk a
/// table.
#[cfg(test)]
pub(crate) fn assert_plan(sql: &str, index: &str) {
    let plan = plan(sql);
    assert!(plan.contains(index), "{plan}");
}

/// How a statement is carried out, one step per line, in a new database.
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that can not go on should stop")]
pub(crate) fn plan(sql: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.db");
    let store = Store::open(&path, &MasterKey::generate().unwrap()).unwrap();
    let steps: Result<Vec<String>> = store.read(|reader| {
        let mut statement = reader
            .connection
            .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
        for parameter in 1..=statement.parameter_count() {
            statement.raw_bind_parameter(parameter, rusqlite::types::Null)?;
        }
        let mut rows = statement.raw_query();
        let mut steps = Vec::new();
        while let Some(row) = rows.next()? {
            steps.push(row.get(3)?);
        }
        Ok(steps)
    });
    steps.unwrap().join("\n")
}
