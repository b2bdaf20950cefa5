//! SQLite: one writer, a few readers, one file in WAL mode.

mod checkpoint;
mod copying;
mod place;
mod read_only;
mod settling;

use std::ffi::c_int;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{FairMutex, Mutex};
use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;

use self::checkpoint::{Checkpointer, LENGTHS, Lengths};
use self::place::Place;
use self::read_only::Access;
use self::settling::Settling;
use super::connection::Connection;
use super::store::{Durability, Older};
use super::watched::Obstacle;
use crate::figures::Sizes;
use crate::{Result, StoreError};

mod embedded {
    refinery::embed_migrations!("migrations/sqlite");
}

const MAX_IDLE_READERS: usize = 8;

/// The database file.
pub(super) struct File {
    path: PathBuf,
    place: Arc<Place>,
    /// The write-ahead log, which may not be there.
    log: PathBuf,
    /// Before the writer, so that they are closed before it: the last connection merges the WAL
    /// into the database file, which one that may only read can not.
    readers: Mutex<Vec<rusqlite::Connection>>,
    access: Access,
    /// `None` where nothing may be written.
    checkpointer: Option<Checkpointer>,
    writer: Arc<FairMutex<Writer>>,
    settling: Arc<Settling>,
}

struct Writer {
    connection: rusqlite::Connection,
    durability: Durability,
}

impl File {
    pub(super) fn open(path: &Path) -> Result<Self> {
        Self::with_lengths(path, LENGTHS)
    }

    /// Of a file that is there, never of what a link leads to.
    pub(super) fn open_not_linked(path: &Path) -> Result<Self> {
        let access = Access::NotLinked;
        let connection = access.open_to_write(path)?;
        configure(&connection, WRITER_CACHE_MIB)?;
        Self::start(path, connection, access, LENGTHS, Older::BringUpToDate)
    }

    /// [`StoreError::Empty`] when it is not there, or nothing was ever made in it.
    pub(super) fn open_existing(path: &Path, older: Older) -> Result<Self> {
        // Not left to SQLite, which would throw away the log beside an empty file.
        refuse_no_file(path)?;
        let connection = rusqlite::Connection::open(path)?;
        configure(&connection, WRITER_CACHE_MIB)?;
        refuse_no_tables(&connection)?;
        Self::start(path, connection, Access::Shared, LENGTHS, older)
    }

    fn with_lengths(path: &Path, lengths: Lengths) -> Result<Self> {
        let connection = rusqlite::Connection::open(path)?;
        configure(&connection, WRITER_CACHE_MIB)?;
        Self::start(
            path,
            connection,
            Access::Shared,
            lengths,
            Older::BringUpToDate,
        )
    }

    fn start(
        path: &Path,
        mut connection: rusqlite::Connection,
        access: Access,
        lengths: Lengths,
        older: Older,
    ) -> Result<Self> {
        let place = Arc::new(Place::of(path)?);
        let (found, known) = layouts(&connection)?;
        older.check(found, known)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // Where somebody read an old state for long, the log gives back what it grew by meanwhile.
        connection.pragma_update(None, "journal_size_limit", WAL_LIMIT)?;
        if older == Older::BringUpToDate {
            migrate(&mut connection)?;
        }
        give_way(&mut connection, WRITER_GIVES_WAY_AFTER)?;
        let writer = Arc::new(FairMutex::new(Writer {
            connection,
            durability: Durability::Full,
        }));
        let file = path.to_owned();
        let settling = Arc::default();
        let there = Arc::clone(&place);
        let checkpointer = Checkpointer::start(&writer, &settling, &place, lengths, move || {
            let opened = access.open_to_write(&file);
            // Before anything is read there: the log has the same name as this one's.
            there.refuse_another()?;
            let connection = opened?;
            configure(&connection, READER_CACHE_MIB)?;
            Ok(connection)
        })?;
        Ok(Self {
            path: path.to_owned(),
            place,
            log: log_beside(path),
            readers: Mutex::new(Vec::new()),
            access,
            checkpointer: Some(checkpointer),
            writer,
            settling,
        })
    }

    pub(super) fn newest_migration() -> i64 {
        super::newest(&embedded::migrations::runner())
    }

    /// Fails while the write-ahead log can not be merged; with [`StoreError::Full`] for want of room, and
    /// [`StoreError::Unwritable`] while the file may not be written.
    pub(super) fn refuse_unmerged(&self) -> Result<()> {
        let checkpointer = self.checkpointer.as_ref();
        checkpointer.map_or(Ok(()), Checkpointer::refuse_unmerged)
    }

    /// As if that had come of the last merge.
    #[cfg(test)]
    pub(super) fn could_not_merge(&self, problem: Option<StoreError>) {
        if let Some(checkpointer) = &self.checkpointer {
            checkpointer.could_not(problem);
        }
    }

    /// Fails where another file has the name of the database by now, or none. Nothing is written any more then, also when it
    /// is put back: somebody may have worked there meanwhile, beside the log of this one.
    pub(super) fn refuse_lost(&self) -> Result<()> {
        self.place.refuse_another().inspect_err(|error| {
            if let StoreError::Unwritable(why) = error {
                self.settling.refuse_moved(why);
            }
        })
    }

    /// The same of what is to be written: a file that can not be looked at may be the right one.
    fn refuse_to_write_elsewhere(&self) -> Result<()> {
        match self.refuse_lost() {
            Err(error @ StoreError::Unwritable(_)) => Err(error),
            _ => Ok(()),
        }
    }

    /// The file, and the write-ahead log beside it, which may not be there.
    pub(super) fn sizes(&self) -> Result<Sizes> {
        Ok(Sizes {
            database: Some(std::fs::metadata(&self.path)?.len()),
            wal: std::fs::metadata(&self.log).map_or(0, |file| file.len()),
        })
    }

    #[cfg(test)]
    fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(Connection<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        self.read_noting(&Obstacle::default(), work)
    }

    /// Also says what kept a connection from being opened.
    pub(super) fn read_noting<T, E: From<StoreError>>(
        &self,
        obstacle: &Obstacle,
        work: impl FnOnce(Connection<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let idle = self.readers.lock().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self
                .open_reader()
                .inspect_err(|error| obstacle.note(error))?,
        };
        begin(&connection, "BEGIN DEFERRED")?;
        let result = work(Connection::Sqlite(&connection));
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

    #[cfg(test)]
    fn write<T, E: From<StoreError>>(
        &self,
        durability: Durability,
        work: impl FnOnce(Connection<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        self.write_noting(durability, &Obstacle::default(), work)
    }

    /// Also says what kept the transaction from beginning or from being stored.
    pub(super) fn write_noting<T, E: From<StoreError>>(
        &self,
        durability: Durability,
        obstacle: &Obstacle,
        work: impl FnOnce(Connection<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let begin = |connection: &rusqlite::Connection, statement: &str| {
            begin(connection, statement).inspect_err(|error| obstacle.note(error))
        };
        let mut writer = self.writer.lock();
        let sure = self.settling.refuse_unsure();
        sure.inspect_err(|error| obstacle.note(error))?;
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
        // A panic inside `work` must not leave the transaction open for the next writer.
        let guard = RollbackOnDrop {
            connection: &writer.connection,
            armed: true,
        };
        let result = work(Connection::Sqlite(&writer.connection)).and_then(|value| {
            let elsewhere = self.refuse_to_write_elsewhere();
            elsewhere.inspect_err(|error| obstacle.note(error))?;
            let commit = || begin(&writer.connection, "COMMIT");
            match durability {
                Durability::Full => commit()?,
                Durability::Relaxed => self.settling.commit(commit)?,
            }
            Ok(value)
        });
        guard.finish(result.is_ok());
        // Whatever the work made of that.
        if let Err(unconfirmed @ StoreError::Unanswered(_)) = obstacle.refuse() {
            self.settling.refuse(&unconfirmed.to_string());
            if let Some(checkpointer) = &self.checkpointer {
                checkpointer.keep(&writer, unconfirmed);
            }
        }
        if let Some(checkpointer) = &self.checkpointer {
            checkpointer.bound(&writer);
        }
        result
    }

    /// Lets the file have so many pages at most; 0: as many as the disk has room for. SQLite keeps those
    /// that it has.
    pub(super) fn bound_to(&self, pages: u32) -> Result<()> {
        let most = if pages == 0 { u32::MAX } else { pages };
        let writer = self.writer.lock();
        writer
            .connection
            .query_row(&format!("PRAGMA max_page_count = {most}"), [], |_| Ok(()))?;
        Ok(())
    }

    /// Whether the writer may write.
    pub(super) fn let_write(&self, may: bool) -> Result<()> {
        let writer = self.writer.lock();
        writer.connection.pragma_update(None, "query_only", !may)?;
        Ok(())
    }

    pub(super) fn is_settled(&self) -> bool {
        self.settling.is_settled()
    }

    pub(super) fn settle(&self) -> Result<()> {
        // Else another one's log would be waited for.
        self.refuse_to_write_elsewhere()?;
        let was_sure = self.settling.refuse_unsure().is_ok();
        let settled = self.settling.settle(&self.log);
        // The system tells it once: whoever merges the log would hear nothing of it.
        let refused = self.settling.refuse_unsure();
        if let (true, Err(why), Some(checkpointer)) = (was_sure, refused, &self.checkpointer) {
            let writer = self.writer.lock();
            checkpointer.keep(&writer, StoreError::Unanswered(why.to_string()));
        }
        settled
    }

    fn open_reader(&self) -> Result<rusqlite::Connection> {
        let opened = self.access.open(&self.path);
        // Before anything is read there: the log has the same name as this one's.
        self.refuse_lost()?;
        let mut connection = opened?;
        configure(&connection, READER_CACHE_MIB)?;
        give_way(&mut connection, READER_GIVES_WAY_AFTER)?;
        Ok(connection)
    }
}

/// Of a file that is there. SQLite keeps the log beside what a link leads to.
fn log_beside(path: &Path) -> PathBuf {
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut log = real.into_os_string();
    log.push("-wal");
    PathBuf::from(log)
}

struct RollbackOnDrop<'c> {
    connection: &'c rusqlite::Connection,
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

/// The function that the migration of unique values calls.
fn add_key_hash(connection: &rusqlite::Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("key_hash", 2, flags, |context| {
        let name: u8 = context.get(0)?;
        let value: String = context.get(1)?;
        Ok(crate::directory::keys::key_hash(name, value.as_bytes()).to_vec())
    })?;
    Ok(())
}

fn begin(connection: &rusqlite::Connection, statement: &str) -> Result<()> {
    connection.execute_batch(statement)?;
    Ok(())
}

/// Brings the layout up to date.
pub(crate) fn migrate(connection: &mut rusqlite::Connection) -> Result<()> {
    migrate_to(connection, newest_layout())
}

/// Brings the layout to an earlier one than today's: that of a database whose rows are copied.
pub(crate) fn migrate_to(connection: &mut rusqlite::Connection, layout: i32) -> Result<()> {
    add_key_hash(connection)?;
    let (found, known) = layouts(connection)?;
    Older::BringUpToDate.check(found, known)?;
    embedded::migrations::runner()
        .set_target(refinery::Target::Version(layout))
        .run(connection)?;
    Ok(())
}

/// The layout that this program works with.
pub(crate) fn newest_layout() -> i32 {
    embedded::migrations::runner()
        .get_migrations()
        .iter()
        .map(refinery::Migration::version)
        .max()
        .unwrap_or_default()
}

/// The layout before the migration of this name.
pub(super) fn layout_before(name: &str) -> Result<i32> {
    let runner = embedded::migrations::runner();
    let mut migrations = runner.get_migrations().iter();
    let next = migrations.find(|it| it.name() == name);
    next.map(|it| it.version() - 1)
        .ok_or(StoreError::Damaged("the layout"))
}

fn refuse_no_file(path: &Path) -> Result<()> {
    match std::fs::metadata(path) {
        Ok(found) if found.len() > 0 => Ok(()),
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Err(StoreError::Empty),
    }
}

fn refuse_no_tables(connection: &rusqlite::Connection) -> Result<()> {
    if has_layouts(connection)? {
        return Ok(());
    }
    Err(StoreError::Empty)
}

fn has_layouts(connection: &rusqlite::Connection) -> Result<bool> {
    Ok(connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'refinery_schema_history')",
        [],
        |row| row.get(0),
    )?)
}

/// The one that the file has, and the one that this program works with. One that can not be read is not that of a new
/// file: the file is damaged.
fn layouts(connection: &rusqlite::Connection) -> Result<(i32, i32)> {
    let known = newest_layout();
    if !has_layouts(connection)? {
        return Ok((0, known));
    }
    let found: Option<i32> = connection.query_row(
        "SELECT MAX(version) FROM refinery_schema_history",
        [],
        |row| row.get(0),
    )?;
    Ok((found.unwrap_or_default(), known))
}

/// The leaves that a cycle comes back to: those of unique values, links and references.
const WRITER_CACHE_MIB: i32 = 80;
/// Readers walk, or look at one object: the system's file cache serves them as well, and each commit of the writer empties theirs. With
/// 8 the first cycle of a large tenant took 6 MiB more, and no less time.
const READER_CACHE_MIB: i32 = 4;
/// Bytes of the write-ahead log's file that are kept when it begins anew: more than it has as a rule.
const WAL_LIMIT: i64 = 256 * 1024 * 1024;
/// So long a connection waits for another process, such as one that opens the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// So many instructions of SQLite's machine after each other, then whoever waits for a core may have it.
const READER_GIVES_WAY_AFTER: c_int = 1_000;
/// Seldom: API writers wait for what the writer holds, and whoever gives way loses the rest of the time
/// that the system has given it. A millisecond or so, in which that is nearly used up.
const WRITER_GIVES_WAY_AFTER: c_int = 8_000;

/// While a cycle keeps every core busy, who asks for one object would wait for the system's next
/// tick, several milliseconds. When nobody waits this costs nothing.
fn give_way(connection: &mut rusqlite::Connection, instructions: c_int) -> Result<()> {
    let handler = || {
        std::thread::yield_now();
        false
    };
    Ok(connection.progress_handler(instructions, Some(handler))?)
}

fn configure(connection: &rusqlite::Connection, cache_mib: i32) -> Result<()> {
    connection.set_prepared_statement_cache_capacity(256);
    // Without the planner's stability guarantee SQLite looks at the value bound to a LIMIT, and
    // compiles the statement again whenever that is bound anew: once per row in a loop.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "page_size", 8192)?;
    // Negative: kibibytes.
    connection.pragma_update(None, "cache_size", -cache_mib * 1024)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // The writer's checkpoints are its checkpointer's; the other connections write nothing.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(())
}

/// The plan of a statement names this index, and has the rows in the order that is asked for: a statement
/// that every page runs must neither walk a table nor sort what is on all pages together.
#[cfg(test)]
pub(crate) fn assert_plan(sql: &str, index: &str) {
    let plan = plan(sql);
    assert!(plan.contains(index), "{plan}");
    assert!(!plan.contains("TEMP B-TREE"), "{plan}");
}

/// How a statement is carried out, one step per line, in a new database.
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that can not go on should stop")]
pub(crate) fn plan(sql: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = File::open(&folder.path().join("plan.db")).unwrap();
    let writer = file.writer.lock();
    let mut statement = writer
        .connection
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .unwrap();
    for parameter in 1..=statement.parameter_count() {
        statement
            .raw_bind_parameter(parameter, rusqlite::types::Null)
            .unwrap();
    }
    let mut rows = statement.raw_query();
    let mut steps: Vec<String> = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        steps.push(row.get(3).unwrap());
    }
    steps.join("\n")
}
