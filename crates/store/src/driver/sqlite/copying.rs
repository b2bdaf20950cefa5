//! A copy of the file, and a look at all of it, which end early where nobody waits for them any more.

use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};

use super::File;
use crate::{Result, StoreError};

/// How often is looked whether somebody waits still: it is one statement, however much there is to copy.
const LOOK_EVERY: Duration = Duration::from_millis(50);

impl File {
    /// Writes what is committed now into an empty file. Readers do not wait; writers now and then, for
    /// the log can not begin anew meanwhile ([`Lengths::patience`](super::checkpoint::Lengths)).
    ///
    /// # Errors
    /// [`StoreError::GivenUp`] when it was to stop.
    pub(in crate::driver) fn copy_into(
        &self,
        to: &Path,
        must_stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<()> {
        let to = to
            .to_str()
            .ok_or_else(|| std::io::Error::other("SQLite wants a name in UTF-8"))?;
        unless(&self.open_reader()?, must_stop, |connection| {
            connection.execute("VACUUM INTO ?1", [to]).map(drop)
        })
    }

    /// What SQLite finds wrong, ten lines at most; one line says that nothing is.
    ///
    /// # Errors
    /// [`StoreError::GivenUp`] when it was to stop.
    pub(in crate::driver) fn checked(
        &self,
        must_stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<Vec<String>> {
        unless(&self.open_reader()?, must_stop, |connection| {
            connection
                .prepare("PRAGMA integrity_check(10)")?
                .query_map([], |row| row.get(0))?
                .collect()
        })
    }
}

/// Does what is one statement for as long as somebody waits for it.
fn unless<T>(
    connection: &Connection,
    must_stop: &(dyn Fn() -> bool + Sync),
    work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> Result<T> {
    let handle = connection.get_interrupt_handle();
    let (done, is_done) = mpsc::channel::<()>();
    let result = thread::scope(|scope| {
        scope.spawn(move || {
            // Again and again: an interruption of what has not begun is none.
            while is_done.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
                if must_stop() {
                    handle.interrupt();
                }
            }
        });
        let result = work(connection);
        drop(done);
        result
    });
    match result {
        Ok(result) => Ok(result),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
            Err(StoreError::GivenUp)
        }
        Err(error) => Err(error.into()),
    }
}
