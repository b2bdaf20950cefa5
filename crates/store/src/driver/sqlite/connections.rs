//! How a connection to the file is set up.

use std::ffi::c_int;
use std::time::Duration;

use rusqlite::config::DbConfig;

use crate::Result;

/// The leaves that a cycle comes back to: those of unique values, links and references.
pub(super) const WRITER_CACHE_MIB: i32 = 80;
/// Readers walk, or look at one object: the system's file cache serves them as well, and each commit of the writer empties theirs. With
/// 8 the first cycle of a large tenant took 6 MiB more, and no less time.
pub(super) const READER_CACHE_MIB: i32 = 4;
/// Bytes of the write-ahead log's file that are kept when it begins anew: more than it has as a rule.
pub(super) const WAL_LIMIT: i64 = 256 * 1024 * 1024;
/// So long a connection waits for another process, such as one that opens the file.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// So many instructions of SQLite's machine after each other, then whoever waits for a core may have it.
pub(super) const READER_GIVES_WAY_AFTER: c_int = 1_000;
/// Seldom: API writers wait for what the writer holds, and whoever gives way loses the rest of the time
/// that the system has given it. A millisecond or so, in which that is nearly used up.
pub(super) const WRITER_GIVES_WAY_AFTER: c_int = 8_000;

/// While a cycle keeps every core busy, who asks for one object would wait for the system's next
/// tick, several milliseconds. When nobody waits this costs nothing.
pub(super) fn give_way(connection: &mut rusqlite::Connection, instructions: c_int) -> Result<()> {
    let handler = || {
        std::thread::yield_now();
        false
    };
    Ok(connection.progress_handler(instructions, Some(handler))?)
}

pub(super) fn configure(connection: &rusqlite::Connection, cache_mib: i32) -> Result<()> {
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
