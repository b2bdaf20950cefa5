//! A copy of the file, which ends early where nobody waits for it any more.

use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use rusqlite::ErrorCode;

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
        let connection = self.open_reader()?;
        let to = to
            .to_str()
            .ok_or_else(|| std::io::Error::other("SQLite wants a name in UTF-8"))?;
        let handle = connection.get_interrupt_handle();
        let (done, is_done) = mpsc::channel::<()>();
        let copied = thread::scope(|scope| {
            scope.spawn(move || {
                // Again and again: an interruption of what has not begun is none.
                while is_done.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
                    if must_stop() {
                        handle.interrupt();
                    }
                }
            });
            let copied = connection.execute("VACUUM INTO ?1", [to]);
            drop(done);
            copied
        });
        match copied {
            Ok(_) => Ok(()),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
                Err(StoreError::GivenUp)
            }
            Err(error) => Err(error.into()),
        }
    }
}
