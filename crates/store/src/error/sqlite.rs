//! What SQLite reports, by its result codes.

use super::{StoreError, for_want_of_room};

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        if for_want_of_room(&error) {
            return Self::Full(error.to_string());
        }
        if let Some(why) = unwritable_file(&error) {
            return Self::Unwritable(why);
        }
        if let Some(why) = unconfirmed_file(&error) {
            return Self::Unanswered(why);
        }
        if is_in_use(&error) {
            return Self::Busy("another process writes in the database file".to_owned());
        }
        Self::Database(error)
    }
}

/// Why a file may not be written, if that is it; with the number of
/// [SQLite's result code](https://www.sqlite.org/rescode.html), for "disk I/O error" alone tells nobody anything.
fn unwritable_file(error: &rusqlite::Error) -> Option<String> {
    let found = error.sqlite_error()?;
    let refused = found.code == rusqlite::ErrorCode::ReadOnly
        || WRITES_REFUSED.contains(&found.extended_code);
    refused.then(|| with_its_code(error, found))
}

/// What a write becomes that the system refuses, with `EROFS` or `EIO` mostly.
const WRITES_REFUSED: [std::ffi::c_int; 2] = [
    rusqlite::ffi::SQLITE_IOERR_WRITE,
    rusqlite::ffi::SQLITE_IOERR_TRUNCATE,
];

/// Why it is not known whether something is on the disk, if that is it. A commit that this happens to is whole in the
/// write-ahead log, its mark included: whoever opens the file anew may find it done.
fn unconfirmed_file(error: &rusqlite::Error) -> Option<String> {
    let found = error.sqlite_error()?;
    let unconfirmed = WAITS_FAILED.contains(&found.extended_code);
    unconfirmed.then(|| with_its_code(error, found))
}

/// What a failed wait for the disk becomes.
const WAITS_FAILED: [std::ffi::c_int; 2] = [
    rusqlite::ffi::SQLITE_IOERR_FSYNC,
    rusqlite::ffi::SQLITE_IOERR_DIR_FSYNC,
];

/// Whether another process had the file's lock for as long as it was waited for: a shell that somebody has left in the middle
/// of a transaction, or one that rewrites the file. Nothing was written.
fn is_in_use(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
}

fn with_its_code(error: &rusqlite::Error, found: &rusqlite::ffi::Error) -> String {
    format!("{error} (SQLite's code {})", found.extended_code)
}

/// [SQLite's result codes](https://www.sqlite.org/rescode.html): `SQLITE_FULL` is also what a write
/// that the system refuses with `ENOSPC` becomes; `SQLITE_IOERR_SHMSIZE` "may indicate that the
/// underlying filesystem volume is out of space".
pub(super) fn is_full_file(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|it| {
        it.code == rusqlite::ErrorCode::DiskFull
            || it.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE
    })
}

#[cfg(test)]
mod tests {
    use syncline_model::Problem;

    use super::*;

    #[test]
    fn a_write_that_the_system_refuses_is_told_from_a_read_that_it_refuses() {
        let of = |code| {
            let error = rusqlite::ffi::Error::new(code);
            StoreError::from(rusqlite::Error::SqliteFailure(error, None))
        };
        for code in [
            rusqlite::ffi::SQLITE_READONLY,
            rusqlite::ffi::SQLITE_IOERR_WRITE,
        ] {
            let error = of(code);
            assert!(matches!(error, StoreError::Unwritable(_)), "{error:?}");
            assert!(
                error.to_string().contains(&format!("code {code}")),
                "{error}"
            );
        }
        // Nobody is to do again what may be done.
        let unconfirmed = of(rusqlite::ffi::SQLITE_IOERR_FSYNC);
        assert!(
            matches!(unconfirmed, StoreError::Unanswered(_)),
            "{unconfirmed:?}"
        );
        assert!(
            unconfirmed.to_string().contains("code 1034"),
            "{unconfirmed}"
        );
        assert_eq!(Problem::from(unconfirmed).retry_after_seconds, None);
        let in_use = Problem::from(of(rusqlite::ffi::SQLITE_BUSY));
        assert!(in_use.retry_after_seconds.is_some(), "{in_use:?}");
        let read = of(rusqlite::ffi::SQLITE_IOERR_READ);
        assert!(matches!(read, StoreError::Database(_)), "{read:?}");
    }
}
