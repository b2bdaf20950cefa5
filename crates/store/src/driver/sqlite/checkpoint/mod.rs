//! Merging the write-ahead log into the database file beside the writer.
//!
//! SQLite's own way is that the commit which makes the log long enough copies all of it and waits for
//! the disk twice, while everybody who wants to write waits. Here a thread of its own copies what is
//! there meanwhile; only the last remainder is copied while no one writes, as the log begins anew
//! only when nothing of it is left to copy and nobody reads from it. A cycle reads all the time, each
//! page from a state before the last commit: without waiting for such a reader to end, the log would
//! grow as long as the cycle runs. Readers themselves wait for nobody.
//!
//! When nothing was written for a while the log is emptied: what it has room for is missed on a small
//! disk.

use std::ffi::{CStr, c_int};
use std::fs;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::{Condvar, FairMutex, Mutex};
use rusqlite::config::DbConfig;
use rusqlite::wal::CheckpointMode;
use rusqlite::{Connection, ErrorCode};

use super::Writer;
use super::connections::BUSY_TIMEOUT;
use super::place::Place;
use super::settling::Settling;
use crate::{Result, StoreError};

/// When the log is merged, in pages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lengths {
    /// From here on beside the writer.
    pub(super) long: usize,
    /// Here the writer waits until it is.
    pub(super) longest: usize,
    /// So long writers wait for those who read an older state, such as a backup, however many there
    /// are. Then the log may grow by as much as makes it long before they wait again.
    pub(super) patience: Duration,
    /// When nothing was committed for so long the log gives its room back.
    pub(super) idle: Duration,
}

/// 94 MiB, so that a page that is written often is copied seldom; and 188 MiB, to which one
/// transaction can add what it writes.
pub(super) const LENGTHS: Lengths = Lengths {
    long: 12_000,
    longest: 24_000,
    patience: Duration::from_millis(500),
    idle: Duration::from_secs(10),
};

/// The thread, which ends with this.
pub(super) struct Checkpointer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    lengths: Lengths,
    /// Of the log, after the last commit.
    pages: AtomicUsize,
    /// At how many it is merged next.
    next: AtomicUsize,
    /// How often something was committed. Counted by who holds the writer.
    commits: AtomicUsize,
    /// Whether the thread wakes up by itself to see if there were more. Changed by who holds the writer.
    watched: AtomicBool,
    task: Mutex<Task>,
    changed: Condvar,
    /// Why the log could not be merged when that was tried last, other than for readers.
    problem: Mutex<Option<StoreError>>,
    /// The disk has refused what was copied. The system tells that once and then believes that it is on the
    /// disk: so the log, which alone has it for sure, is kept until the file is opened anew, when SQLite
    /// copies all of it again.
    kept: AtomicBool,
    /// Told where the log itself may not be on the disk.
    settling: Arc<Settling>,
    /// Held by whoever copies. Taken after the writer by those who hold both.
    copying: Mutex<()>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Task {
    None,
    /// Something was committed: look whether that was the last for a while.
    Watch,
    Merge,
    /// Nothing was committed for a while.
    Empty,
    End,
}

impl Checkpointer {
    /// Takes over the writer's checkpoints. `connect` opens a connection that may write.
    pub(super) fn start(
        writer: &Arc<FairMutex<Writer>>,
        settling: &Arc<Settling>,
        place: &Arc<Place>,
        lengths: Lengths,
        connect: impl Fn() -> Result<Connection> + Send + 'static,
    ) -> Result<Self> {
        let shared = Arc::new(Shared {
            lengths,
            pages: AtomicUsize::new(0),
            next: AtomicUsize::new(lengths.long),
            commits: AtomicUsize::new(0),
            // A process that was killed may have left a log.
            watched: AtomicBool::new(true),
            task: Mutex::new(Task::Watch),
            changed: Condvar::new(),
            problem: Mutex::new(None),
            kept: AtomicBool::new(false),
            settling: Arc::clone(settling),
            copying: Mutex::new(()),
        });
        let told = Arc::clone(&shared);
        // Replaces SQLite's own way.
        writer.lock().connection.wal_hook(Some(
            move |_: &mut rusqlite::hooks::Wal, pages: c_int| {
                told.committed(usize::try_from(pages).unwrap_or(0));
                Ok(())
            },
        ))?;
        let (mine, writer) = (Arc::clone(&shared), Arc::clone(writer));
        let place = Arc::clone(place);
        let thread = std::thread::Builder::new()
            .name("checkpoint".to_owned())
            .spawn(move || mine.serve(&writer, &place, connect))?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Fails when the log could not be merged: then it grows, and somebody should look at the disk.
    /// [`StoreError::Full`] when room is all that is missing, and [`StoreError::Unwritable`] while the file may not be
    /// written: both pass.
    pub(super) fn refuse_unmerged(&self) -> Result<()> {
        let Some(problem) = &*self.shared.problem.lock() else {
            return Ok(());
        };
        let why = format!("the write-ahead log cannot be merged into the database: {problem}");
        // A log that is kept needs more than room.
        if self.shared.kept.load(Ordering::SeqCst) {
            let why = format!("{why}; look at the disk, and start again");
            return Err(StoreError::File(std::io::Error::other(why)));
        }
        Err(match problem {
            StoreError::Full(_) => StoreError::Full(why),
            StoreError::Unwritable(_) => StoreError::Unwritable(why),
            _ => StoreError::File(std::io::Error::other(why)),
        })
    }

    /// The disk has not confirmed what was written to the log: nothing is copied any more from what may be missing there.
    /// By whoever holds the writer.
    pub(super) fn keep(&self, writer: &Writer, why: StoreError) {
        let mut problem = self.shared.problem.lock();
        self.shared.keep_the_log(&writer.connection);
        *problem = Some(why);
    }

    #[cfg(test)]
    pub(super) fn could_not(&self, problem: Option<StoreError>) {
        *self.shared.problem.lock() = problem;
    }

    /// Called by a writer that has committed: waits when the log has become too long.
    pub(super) fn bound(&self, writer: &Writer) {
        let Shared { lengths, next, .. } = &*self.shared;
        let longest = next.load(Ordering::Relaxed) + lengths.longest - lengths.long;
        if self.shared.pages.load(Ordering::Relaxed) >= longest {
            self.shared.begin_anew(&writer.connection);
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.shared.tell(Task::End);
        if let Some(thread) = self.thread.take() {
            // It has nothing to say; a panic of its was told by the panic hook.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn committed(&self, pages: usize) {
        self.commits.fetch_add(1, Ordering::Relaxed);
        if !self.watched.swap(true, Ordering::Relaxed) {
            self.tell(Task::Watch);
        }
        if pages < self.pages.swap(pages, Ordering::Relaxed) {
            self.next.store(self.lengths.long, Ordering::Relaxed);
        }
        if pages >= self.next.load(Ordering::Relaxed) {
            self.tell(Task::Merge);
        }
    }

    fn tell(&self, task: Task) {
        let mut told = self.task.lock();
        // Whoever merges watches, too.
        if *told != Task::End && (*told, task) != (Task::Merge, Task::Watch) {
            *told = task;
        }
        self.changed.notify_one();
    }

    fn serve(
        &self,
        writer: &FairMutex<Writer>,
        place: &Place,
        connect: impl Fn() -> Result<Connection>,
    ) {
        let mut connection = None;
        let mut file = None;
        loop {
            let seen = self.commits.load(Ordering::Relaxed);
            let task = self.next_task();
            if task == Task::End {
                return;
            }
            if task == Task::Watch {
                continue;
            }
            if connection.is_none() {
                match connect() {
                    Ok(opened) => connection = Some(opened),
                    Err(problem) => *self.problem.lock() = Some(problem),
                }
            }
            // Without a connection the writer does it, when the log is at its longest.
            let Some(connection) = &connection else {
                continue;
            };
            if task == Task::Empty {
                self.empty(connection, writer, seen);
            } else {
                if file.is_none() {
                    file = connection.path().and_then(|path| open_to_sync(path, place));
                }
                self.merge_beside(connection, file.as_deref(), writer);
            }
        }
    }

    /// Waits for something to do.
    fn next_task(&self) -> Task {
        let mut task = self.task.lock();
        while *task == Task::None {
            if !self.watched.load(Ordering::Relaxed) {
                self.changed.wait(&mut task);
            } else if self
                .changed
                .wait_for(&mut task, self.lengths.idle)
                .timed_out()
                && *task == Task::None
            {
                return Task::Empty;
            }
        }
        std::mem::replace(&mut *task, Task::None)
    }

    /// Gives the room of the log back, unless somebody has written since `seen`, or reads an older state:
    /// then it is tried again later. Nobody waits for that but for a moment.
    fn empty(&self, connection: &Connection, writer: &FairMutex<Writer>, seen: usize) {
        if self.commits.load(Ordering::Relaxed) != seen || self.kept.load(Ordering::SeqCst) {
            return;
        }
        {
            let _alone = self.copying.lock();
            // Nobody writes, so this also waits for the disk.
            let copied = self.checkpoint(connection, CheckpointMode::PASSIVE);
            if !copied && !self.kept.load(Ordering::SeqCst) {
                return;
            }
        }
        let writer = writer.lock();
        if self.kept.load(Ordering::SeqCst) {
            self.keep_the_log(&writer.connection);
            return;
        }
        if self.commits.load(Ordering::Relaxed) != seen {
            return;
        }
        let _alone = self.copying.lock();
        let emptied = writer
            .connection
            .busy_timeout(Duration::ZERO)
            .is_ok_and(|()| self.checkpoint(&writer.connection, CheckpointMode::TRUNCATE));
        // What can not be set is as it was.
        let _ = writer.connection.busy_timeout(BUSY_TIMEOUT);
        if emptied {
            self.pages.store(0, Ordering::Relaxed);
            self.next.store(self.lengths.long, Ordering::Relaxed);
            self.watched.store(false, Ordering::Relaxed);
        }
    }

    fn merge_beside(
        &self,
        connection: &Connection,
        file: Option<&fs::File>,
        writer: &FairMutex<Writer>,
    ) {
        if self.kept.load(Ordering::SeqCst) {
            return;
        }
        {
            let _alone = self.copying.lock();
            // What a reader or the disk does not let it copy is left for the next time: the log is as
            // good a place for it.
            self.checkpoint(connection, CheckpointMode::PASSIVE);
            if let Some(file) = file
                && !self.kept.load(Ordering::SeqCst)
            {
                // While others write, SQLite leaves this wait to the end, where nobody can.
                if let Err(error) = file.sync_data() {
                    // SQLite itself has waited for the disk where it could copy all.
                    *self.problem.lock() = Some(error.into());
                    self.keep_the_log(connection);
                } else {
                    // What was written meanwhile.
                    self.checkpoint(connection, CheckpointMode::PASSIVE);
                }
            }
        }
        let writer = writer.lock();
        if self.kept.load(Ordering::SeqCst) {
            self.keep_the_log(&writer.connection);
            return;
        }
        // The writer may have done it itself meanwhile.
        if self.pages.load(Ordering::Relaxed) >= self.next.load(Ordering::Relaxed) {
            self.begin_anew(&writer.connection);
        }
    }

    /// The last of the connections to be closed would throw it away, too.
    fn keep_the_log(&self, connection: &Connection) {
        self.kept.store(true, Ordering::SeqCst);
        // It can only be refused by an SQLite that does not know it.
        let _ = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    }

    /// Copies the rest, so that the next commit begins the log anew. Nobody else writes meanwhile.
    fn begin_anew(&self, writer: &Connection) {
        let _alone = self.copying.lock();
        let begun = !self.kept.load(Ordering::SeqCst)
            && writer
                .busy_timeout(self.lengths.patience)
                .is_ok_and(|()| self.checkpoint(writer, CheckpointMode::RESTART));
        // What can not be set is as it was.
        let _ = writer.busy_timeout(BUSY_TIMEOUT);
        if begun {
            self.pages.store(0, Ordering::Relaxed);
            self.next.store(self.lengths.long, Ordering::Relaxed);
        } else {
            let pages = self.pages.load(Ordering::Relaxed);
            self.next
                .store(pages + self.lengths.long, Ordering::Relaxed);
        }
    }

    /// Whether it went as far as was asked for.
    fn checkpoint(&self, connection: &Connection, mode: CheckpointMode) -> bool {
        let all: Option<&CStr> = None;
        let merged = connection.wal_checkpoint_v2(all, mode);
        self.note(connection, merged.map(|_| ()))
    }

    /// What came of one, and whether it went as far as was asked for.
    fn note(&self, connection: &Connection, merged: rusqlite::Result<()>) -> bool {
        let done = merged.is_ok();
        let refused = merged.as_ref().err().is_some_and(has_refused);
        let found = merged.err().filter(|error| !is_busy(error));
        let found = found.map(StoreError::from);
        // SQLite waits for the log before it copies, and does not say which of the two files it has waited for in
        // vain: what stands in the log may be missing there.
        if let Some(StoreError::Unanswered(why)) = &found {
            self.settling.refuse(why);
        }
        let mut problem = self.problem.lock();
        // That the log is kept stays said.
        if !self.kept.load(Ordering::SeqCst) {
            *problem = found;
        }
        drop(problem);
        if refused {
            self.keep_the_log(connection);
        }
        done
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

/// Whether what SQLite has copied itself may not be on the disk. Not where it waits for others or for room, or a file
/// could not be written or cut: it counts nothing as copied before it has waited for the disk, and copies all of it
/// again. Where that wait has failed, a second one would succeed and prove nothing.
fn has_refused(error: &rusqlite::Error) -> bool {
    let passing = [
        ErrorCode::DatabaseBusy,
        ErrorCode::DatabaseLocked,
        ErrorCode::DiskFull,
        ErrorCode::ReadOnly,
    ];
    let unwritten = [
        rusqlite::ffi::SQLITE_IOERR_WRITE,
        rusqlite::ffi::SQLITE_IOERR_TRUNCATE,
    ];
    error.sqlite_error().is_none_or(|found| {
        !passing.contains(&found.code) && !unwritten.contains(&found.extended_code)
    })
}

/// The database file, to wait for the disk with; `None` where its name leads to another one by now.
///
/// INVARIANT: it is never closed. The system would take the locks away that the connections of this
/// process hold, whichever descriptor is closed (SQLite, "How To Corrupt An SQLite Database File",
/// section 2.2). A process loses one descriptor each time it has opened a database whose log then
/// became long.
fn open_to_sync(path: &str, place: &Place) -> Option<ManuallyDrop<fs::File>> {
    let file = fs::OpenOptions::new().read(true).write(true).open(path);
    let file = file.ok().map(ManuallyDrop::new)?;
    let found = file.metadata().ok()?;
    place.is(&found).then_some(file)
}

#[cfg(test)]
mod tests;
