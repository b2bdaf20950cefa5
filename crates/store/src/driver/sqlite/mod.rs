//! SQLite: one writer, a few readers, one file in WAL mode.

mod checkpoint;
mod connections;
mod copying;
mod layouts;
mod place;
#[cfg(test)]
mod plan;
mod read_only;
mod settling;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{FairMutex, Mutex};

use self::checkpoint::{Checkpointer, LENGTHS, Lengths};
use self::connections::{
    BUSY_TIMEOUT, READER_CACHE_MIB, READER_GIVES_WAY_AFTER, WAL_LIMIT, WRITER_CACHE_MIB,
    WRITER_GIVES_WAY_AFTER, configure, give_way,
};
use self::layouts::{layouts, newest_migration, refuse_no_tables};
use self::place::Place;
use self::read_only::Access;
use self::settling::Settling;
use super::connection::Connection;
use super::store::{Durability, Older};
use super::watched::Obstacle;
use crate::figures::Sizes;
use crate::{Result, StoreError};

pub(super) use layouts::layout_before;
pub(crate) use layouts::{migrate, migrate_to, newest_layout};
#[cfg(test)]
pub(crate) use plan::{assert_plan, plan};

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
        newest_migration()
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
        // Each before this one may wait for another process as long as that.
        let mut writer = self.writer.try_lock_for(BUSY_TIMEOUT).ok_or_else(|| {
            StoreError::Busy("others of this process write in the database file".to_owned())
        })?;
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

    pub(super) fn wait_for_others(&self, at_most: Duration) -> Result<()> {
        Ok(self.writer.lock().connection.busy_timeout(at_most)?)
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

fn begin(connection: &rusqlite::Connection, statement: &str) -> Result<()> {
    connection.execute_batch(statement)?;
    Ok(())
}

fn refuse_no_file(path: &Path) -> Result<()> {
    match std::fs::metadata(path) {
        Ok(found) if found.len() > 0 => Ok(()),
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Err(StoreError::Empty),
    }
}
