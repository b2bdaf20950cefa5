//! A database file on a disk that may not be written to, as after the system found errors on it: it can
//! still be looked at and backed up.

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::Arc;

use parking_lot::{FairMutex, Mutex};
use rusqlite::OpenFlags;

use super::connections::{WRITER_CACHE_MIB, configure};
use super::layouts::{layouts, refuse_no_tables};
use super::{File, Place, Writer, log_beside, refuse_no_file};
use crate::Result;
use crate::driver::store::{Durability, Older};

/// How connections open the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Others may write meanwhile.
    Shared,
    /// The same, of what has this name, never of what a link leads to.
    NotLinked,
    /// Nobody writes, which the caller has made sure of, and there is no log: SQLite, which can not make the index of one, is told so.
    /// [Write-ahead logging](https://www.sqlite.org/wal.html#read_only_databases)
    Still,
}

impl Access {
    /// A connection that only reads.
    pub(super) fn open(self, path: &Path) -> Result<rusqlite::Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Ok(match self {
            Self::Shared => rusqlite::Connection::open_with_flags(path, flags)?,
            Self::NotLinked => {
                let flags = flags | OpenFlags::SQLITE_OPEN_NOFOLLOW;
                rusqlite::Connection::open_with_flags(path, flags)?
            }
            Self::Still => {
                let flags = flags | OpenFlags::SQLITE_OPEN_URI;
                rusqlite::Connection::open_with_flags(still_uri(path), flags)?
            }
        })
    }
}

impl Access {
    /// A connection that may write to a file that is there.
    pub(super) fn open_to_write(self, path: &Path) -> Result<rusqlite::Connection> {
        let flags = match self {
            Self::NotLinked => {
                OpenFlags::SQLITE_OPEN_READ_WRITE
                    | OpenFlags::SQLITE_OPEN_NO_MUTEX
                    | OpenFlags::SQLITE_OPEN_NOFOLLOW
            }
            Self::Shared | Self::Still => {
                OpenFlags::default().difference(OpenFlags::SQLITE_OPEN_CREATE)
            }
        };
        Ok(rusqlite::Connection::open_with_flags(path, flags)?)
    }
}

/// Absolute or not, with every byte that could mean something else written as a number.
fn still_uri(path: &Path) -> String {
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                uri.push(char::from(*byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    uri
}

impl File {
    /// Opens a file on a disk that nobody can write to. What a log beside it has is read, too; for that
    /// the log's index must be there, which the process that wrote it has left unless it ended well.
    pub(in crate::driver) fn open_read_only(path: &Path, older: Older) -> Result<Self> {
        refuse_no_file(path)?;
        let log = log_beside(path);
        let access = match std::fs::metadata(&log) {
            Ok(found) if found.len() > 0 => Access::Shared,
            _ => Access::Still,
        };
        let connection = access.open(path)?;
        let place = Arc::new(Place::of(path)?);
        configure(&connection, WRITER_CACHE_MIB)?;
        refuse_no_tables(&connection)?;
        let (found, known) = layouts(&connection)?;
        older.check(found, known)?;
        // Whoever writes is refused by SQLite.
        let writer = Writer {
            connection,
            durability: Durability::Full,
        };
        Ok(Self {
            path: path.to_owned(),
            place,
            log,
            readers: Mutex::new(Vec::new()),
            access,
            checkpointer: None,
            writer: Arc::new(FairMutex::new(writer)),
            settling: Arc::default(),
        })
    }
}
