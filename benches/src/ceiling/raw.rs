//! Ceiling A: an object, a link and a log row per person, keys of 16 bytes in order of time, and for
//! each table the one secondary index that it can not do without (the object behind a source, the link
//! of a target, the events of a source), built when all rows are there. The least that any store of
//! cycles could write.

use std::cell::Cell;
use std::ffi::{CStr, c_int};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rusqlite::Connection;
use rusqlite::hooks::Wal;
use rusqlite::wal::CheckpointMode;
use syncline_model::{Ids as _, ObjectId};

use super::{EVIDENCE, filler, pages};
use crate::Result;
use crate::population::Population;
use crate::seam::{Spent, Stopwatch, SystemIds};

/// Bytes of an object's attributes.
const OBJECT: usize = 640;

const LAYOUT: &str = "
    CREATE TABLE object (id BLOB NOT NULL PRIMARY KEY, source BLOB NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE link (source BLOB NOT NULL PRIMARY KEY, target BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE log (id BLOB NOT NULL PRIMARY KEY, source BLOB NOT NULL, evidence BLOB NOT NULL) WITHOUT ROWID;";

const INDEXES: &str = "
    CREATE UNIQUE INDEX object_source ON object (source);
    CREATE UNIQUE INDEX link_target ON link (target);
    CREATE INDEX log_source ON log (source, id);";

struct Row {
    source: ObjectId,
    target: ObjectId,
    event: ObjectId,
    body: Vec<u8>,
    evidence: Vec<u8>,
}

pub(super) fn run(folder: &Path, population: Population) -> Result<Spent> {
    let mut connection = open(folder)?;
    let merging = Merging::start(folder, &mut connection)?;
    connection.execute_batch(LAYOUT)?;
    let mut spent = Spent::default();
    for places in pages(population) {
        let page: Vec<Row> = places.map(row).collect();
        let watch = Stopwatch::start();
        write(&connection, &page)?;
        merging.after(&connection)?;
        spent += watch.spent();
    }
    let watch = Stopwatch::start();
    connection.execute_batch(INDEXES)?;
    spent += watch.spent();
    Ok(spent)
}

fn row(place: u64) -> Row {
    Row {
        source: SystemIds.object_id(),
        target: SystemIds.object_id(),
        event: SystemIds.object_id(),
        body: filler(place, OBJECT),
        evidence: filler(!place, EVIDENCE),
    }
}

fn write(connection: &Connection, page: &[Row]) -> Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let mut object = connection.prepare_cached("INSERT INTO object VALUES ($1, $2, $3)")?;
    for row in page {
        object.execute((row.target.as_bytes(), row.source.as_bytes(), &row.body))?;
    }
    let mut link = connection.prepare_cached("INSERT INTO link VALUES ($1, $2)")?;
    for row in page {
        link.execute((row.source.as_bytes(), row.target.as_bytes()))?;
    }
    let mut log = connection.prepare_cached("INSERT INTO log VALUES ($1, $2, $3)")?;
    for row in page {
        log.execute((row.event.as_bytes(), row.source.as_bytes(), &row.evidence))?;
    }
    connection.execute_batch("COMMIT")?;
    Ok(())
}

/// Pages of the log from which on it is merged, as in the store.
const LONG: usize = 12_000;

/// The log is merged by a thread of its own, as the store does it: only the remainder is copied while
/// nobody writes.
struct Merging {
    /// Of the log, after the last commit.
    pages: Arc<AtomicUsize>,
    due: SyncSender<()>,
    done: Receiver<()>,
    under_way: Cell<bool>,
}

impl Merging {
    fn start(folder: &Path, connection: &mut Connection) -> Result<Self> {
        let pages = Arc::new(AtomicUsize::new(0));
        let told = Arc::clone(&pages);
        connection.wal_hook(Some(move |_: &mut Wal, length: c_int| {
            told.store(usize::try_from(length).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }))?;
        let (due, asked) = sync_channel::<()>(1);
        let (tell, done) = sync_channel(1);
        let beside = open(folder)?;
        std::thread::spawn(move || {
            while asked.recv().is_ok() {
                // What it can not copy is left for the writer.
                let _ = beside.wal_checkpoint_v2(None::<&CStr>, CheckpointMode::PASSIVE);
                if tell.send(()).is_err() {
                    return;
                }
            }
        });
        Ok(Self {
            pages,
            due,
            done,
            under_way: Cell::new(false),
        })
    }

    /// Called after each commit.
    fn after(&self, connection: &Connection) -> Result<()> {
        if self.under_way.get() {
            if self.done.try_recv().is_ok() {
                connection.wal_checkpoint_v2(None::<&CStr>, CheckpointMode::RESTART)?;
                self.under_way.set(false);
            }
        } else if self.pages.load(Ordering::Relaxed) >= LONG {
            self.due.send(())?;
            self.under_way.set(true);
        }
        Ok(())
    }
}

/// As the store opens its database for pages of a cycle.
fn open(folder: &Path) -> Result<Connection> {
    std::fs::create_dir_all(folder)?;
    let connection = Connection::open(folder.join("raw.db"))?;
    connection.pragma_update(None, "page_size", 8192)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "cache_size", -80 * 1024)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    Ok(connection)
}

#[cfg(test)]
pub(super) fn count(folder: &Path) -> Result<[i64; 3]> {
    let connection = open(folder)?;
    let count = |table: &str| {
        connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| {
            row.get(0)
        })
    };
    Ok([count("object")?, count("link")?, count("log")?])
}
