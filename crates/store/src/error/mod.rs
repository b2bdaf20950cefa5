//! What can go wrong with the store itself.

mod postgres;
mod problem;
mod sqlite;

use syncline_model::{Problem, ProblemKind, TenantId};

use self::postgres::{is_full_server, postgres_message};
use self::sqlite::is_full_file;

/// A failure of the store. Unique-key conflicts are their own case, because callers turn them into
/// an answer; all others are for the operator.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("database: {0}")]
    Database(#[source] rusqlite::Error),
    #[error("database: {}", postgres_message(.0))]
    Postgres(#[source] tokio_postgres::Error),
    /// Somebody else is in the way for the moment, or the connection was lost: trying again is
    /// right. Nothing was written.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// The connection was lost over a commit, and whether that took place is not to be found out; or the disk did not
    /// confirm a commit, which may come to light when the file is opened anew.
    #[error("the database did not say whether it has stored what was written: {0}")]
    Unanswered(String),
    /// There is no room for what was to be written on the disk of the database. Nothing was written;
    /// trying again is right, and helps once there is room.
    #[error("the disk of the database is full ({0})")]
    Full(String),
    /// The disk of the database, or its server, takes nothing to be written, whoever asks: it is read-only, a standby, or
    /// fails. Nothing was written; trying again is right, and helps once somebody has seen to it.
    #[error("the database cannot be written: {0}")]
    Unwritable(String),
    /// A statement had failed in a transaction that was to be committed all the same. Nothing was written.
    #[error("nothing was stored, because a statement before had failed: {0}")]
    Failed(String),
    /// What was done for somebody who does not want it any more.
    #[error("it was given up")]
    GivenUp,
    #[error("database URL: {0}")]
    Url(&'static str),
    #[error("TLS to the database: {0}")]
    Tls(String),
    /// The database server can not be used as the URL says.
    #[error("{message}")]
    Server { message: String, help: String },
    #[error("migration: {0}")]
    Migration(#[source] refinery::Error),
    /// A newer version of this program has changed the tables.
    #[error("the database has layout {found}; this program knows layouts up to {known}")]
    NewerLayout { found: i32, known: i32 },
    /// An older version of this program has made the tables, and nobody asked to bring them up to date.
    #[error("the database has layout {found}; this program works with layout {known}")]
    OlderLayout { found: i32, known: i32 },
    /// Secrets in this database were sealed with another key.
    #[error("the key is not the one this database was made with")]
    WrongKey,
    /// What should be a key file has another length.
    #[error("it has {bytes} bytes, and a key has {}", crate::MasterKey::LENGTH)]
    NotAKey { bytes: usize },
    /// There is no database where one was made before, or nothing is in it.
    #[error("there is nothing in it")]
    Empty,
    /// What this process knows of a shared database is of what was there before, or its key is. Nothing was written.
    #[error(
        "a restore has replaced the database since this process opened it, or its key was replaced"
    )]
    Replaced,
    /// What this process knows of the tables of a shared database is of what was there before. Nothing was
    /// written.
    #[error(
        "a newer version has brought the database to layout {found}; this process opened it with layout {known}, and must be stopped and started as that version"
    )]
    Upgraded { found: i64, known: i64 },
    #[error("unknown tenant {0}")]
    UnknownTenant(TenantId),
    #[error("unknown job {0}")]
    UnknownJob(String),
    /// A unique value is taken.
    #[error("the value is taken by another object")]
    Taken,
    /// A row can not be read: damaged, or written by a newer version.
    #[error("damaged row in {0}")]
    Damaged(&'static str),
    /// The same of a document that belongs to no tenant, by its name.
    #[error("damaged row in document (kind {kind}, key {key})")]
    DamagedDocument { kind: &'static str, key: String },
    /// What was to be written has no stored form. Nothing was written.
    #[error("a {0} could not be encoded, and was not written")]
    NotEncoded(&'static str),
    /// The operating system gives no random numbers: there is no new key, and nothing can be sealed.
    #[error("the operating system gives no random numbers")]
    NoRandomness,
    #[error("file: {0}")]
    File(#[source] std::io::Error),
}

impl StoreError {
    /// The code of the problem that [`StoreError::Busy`] becomes.
    pub const BUSY: &'static str = "ServiceUnavailable";

    /// The code of the problem that [`StoreError::Full`] becomes.
    pub const FULL: &'static str = "InsufficientStorage";

    /// The code of the problem that [`StoreError::Unwritable`] becomes.
    pub const UNWRITABLE: &'static str = "ServiceReadOnly";

    /// The code of the problem that [`StoreError::Unanswered`] becomes.
    pub const UNANSWERED: &'static str = "OutcomeUnknown";

    /// The code of the problem that [`StoreError::Replaced`] becomes.
    pub const REPLACED: &'static str = "DatabaseReplaced";

    /// The code of the problem that [`StoreError::Upgraded`] becomes.
    pub const UPGRADED: &'static str = "DatabaseUpgraded";

    /// The code that a fault of ours has for whoever reads it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Busy(_) => Self::BUSY,
            Self::Full(_) => Self::FULL,
            Self::Unwritable(_) => Self::UNWRITABLE,
            Self::Unanswered(_) => Self::UNANSWERED,
            Self::Replaced => Self::REPLACED,
            Self::Upgraded { .. } => Self::UPGRADED,
            _ => "InternalError",
        }
    }
}

/// What SQLite says of a file that is not whole: the texts of its codes `SQLITE_CORRUPT` and
/// `SQLITE_NOTADB`. [Result codes](https://www.sqlite.org/rescode.html)
const DAMAGE: [&str; 2] = ["database disk image is malformed", "file is not a database"];

impl StoreError {
    /// Whether the database file itself is damaged, so that only a backup helps.
    pub fn is_damage(&self) -> bool {
        let mut cause: Option<&dyn std::error::Error> = Some(self);
        while let Some(error) = cause {
            if tells_of_damage(&error.to_string()) {
                return true;
            }
            cause = error.source();
        }
        false
    }

    /// The same of an error that has become a problem.
    pub fn was_damage(problem: &Problem) -> bool {
        problem.kind == ProblemKind::Internal && tells_of_damage(&problem.message)
    }
}

fn tells_of_damage(text: &str) -> bool {
    DAMAGE.iter().any(|it| text.contains(it))
}

/// Why a database file can not be used that nothing says is damaged: the system refuses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It, or what SQLite keeps beside it, may not be written.
    ReadOnly,
    /// It, or what SQLite keeps beside it, can not be opened: whoever asks may not, or has too many files open.
    NotOpened,
}

impl StoreError {
    /// Whether the system refused to open the file or to write it: `SQLITE_READONLY`, `SQLITE_CANTOPEN` and
    /// `SQLITE_PERM`. [Result codes](https://www.sqlite.org/rescode.html)
    pub fn refused(&self) -> Option<Refused> {
        if matches!(self, Self::Unwritable(_)) {
            return Some(Refused::ReadOnly);
        }
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(self);
        while let Some(error) = cause {
            let of_file = error
                .downcast_ref()
                .and_then(rusqlite::Error::sqlite_error_code);
            match of_file {
                Some(rusqlite::ErrorCode::ReadOnly) => return Some(Refused::ReadOnly),
                Some(rusqlite::ErrorCode::CannotOpen | rusqlite::ErrorCode::PermissionDenied) => {
                    return Some(Refused::NotOpened);
                }
                _ => cause = error.source(),
            }
        }
        None
    }

    /// Whether this problem was a row that can not be read ([`StoreError::Damaged`]).
    pub fn was_damaged_row(problem: &Problem) -> bool {
        problem.kind == ProblemKind::Internal && problem.message.starts_with(DAMAGED_ROW)
    }
}

/// How [`StoreError::Damaged`] begins.
const DAMAGED_ROW: &str = "damaged row in ";

impl StoreError {
    /// What the commit of a transaction is told in which this happened.
    pub(crate) fn of_commit(&self) -> Self {
        match self {
            Self::Busy(why) => Self::Busy(why.clone()),
            Self::Full(why) => Self::Full(why.clone()),
            Self::Unwritable(why) => Self::Unwritable(why.clone()),
            Self::Unanswered(why) => Self::Unanswered(why.clone()),
            other => Self::Failed(other.to_string()),
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        matches!(self, Self::Full(_))
    }

    /// Whether nothing can be stored at the moment, whatever it is.
    pub(crate) fn is_obstacle(&self) -> bool {
        matches!(self, Self::Full(_) | Self::Unwritable(_))
    }

    /// The same of an error that has become a problem. Whoever finds that out has it said in the log, once for all.
    pub fn was_obstacle(problem: &Problem) -> bool {
        [Self::FULL, Self::UNWRITABLE].contains(&problem.code.as_ref())
    }
}

/// Whether the cause of a failure, or one behind it, is a disk without room.
fn for_want_of_room(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(inner) = cause {
        if inner.downcast_ref().is_some_and(is_full_file)
            || inner.downcast_ref().is_some_and(is_full_server)
            || inner.downcast_ref().is_some_and(is_full_disk)
        {
            return true;
        }
        cause = inner.source();
    }
    false
}

fn is_full_disk(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded)
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        if for_want_of_room(&error) {
            return Self::Full(error.to_string());
        }
        Self::File(error)
    }
}

impl From<refinery::Error> for StoreError {
    fn from(error: refinery::Error) -> Self {
        if for_want_of_room(&error) {
            return Self::Full(error.to_string());
        }
        Self::Migration(error)
    }
}
