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
        let thread = std::thread::Builder::new()
            .name("checkpoint".to_owned())
            .spawn(move || mine.serve(&writer, connect))?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Fails when the log could not be merged: then it grows, and somebody should look at the disk.
    /// [`StoreError::Full`] when room is all that is missing.
    pub(super) fn refuse_unmerged(&self) -> Result<()> {
        let Some(problem) = &*self.shared.problem.lock() else {
            return Ok(());
        };
        let why = format!("the write-ahead log cannot be merged into the database: {problem}");
        Err(match problem {
            // A log that is kept needs more than room.
            StoreError::Full(_) if !self.shared.kept.load(Ordering::SeqCst) => {
                StoreError::Full(why)
            }
            _ => StoreError::File(std::io::Error::other(why)),
        })
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

    fn serve(&self, writer: &FairMutex<Writer>, connect: impl Fn() -> Result<Connection>) {
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
                    file = connection.path().and_then(open_to_sync);
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
        let _ = writer.connection.busy_timeout(super::BUSY_TIMEOUT);
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
        let _ = writer.busy_timeout(super::BUSY_TIMEOUT);
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
        let done = merged.is_ok();
        let refused = merged.as_ref().err().is_some_and(has_refused);
        // That the log is kept stays said.
        if !self.kept.load(Ordering::SeqCst) {
            *self.problem.lock() = merged
                .err()
                .filter(|error| !is_busy(error))
                .map(StoreError::from);
        }
        if refused {
            self.keep_the_log(connection);
        }
        done
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

/// Whether what SQLite has copied itself may not be on the disk: it waits for others and for room before it
/// relies on anything.
fn has_refused(error: &rusqlite::Error) -> bool {
    let passes = [
        ErrorCode::DatabaseBusy,
        ErrorCode::DatabaseLocked,
        ErrorCode::DiskFull,
    ];
    error
        .sqlite_error_code()
        .is_none_or(|code| !passes.contains(&code))
}

/// The database file, to wait for the disk with.
///
/// INVARIANT: it is never closed. The system would take the locks away that the connections of this
/// process hold, whichever descriptor is closed (SQLite, "How To Corrupt An SQLite Database File",
/// section 2.2). A process loses one descriptor each time it has opened a database whose log then
/// became long.
fn open_to_sync(path: &str) -> Option<ManuallyDrop<fs::File>> {
    let file = fs::OpenOptions::new().read(true).write(true).open(path);
    file.ok().map(ManuallyDrop::new)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that can not go on should stop")]
mod tests {
    use super::super::File;
    use super::*;
    use crate::driver::store::Durability;
    use crate::driver::{blob, int};

    const FEW: Lengths = Lengths {
        long: 20,
        longest: 60,
        patience: Duration::from_millis(20),
        idle: Duration::from_secs(3_600),
    };
    /// Of a row's body: ten pages of the file.
    const BODY: usize = 80_000;
    /// Of the log, with what one transaction adds to the longest; a page has a head of 24 bytes.
    const MOST: u64 = (60 + 20) * (8192 + 24);

    fn write(file: &File, row: usize) {
        file.write(Durability::Full, |connection| {
            connection.execute(
                "INSERT INTO document (tenant_no, kind, key, sealed, body) VALUES (0, 'test', ?1, 0, ?2)",
                &[int(row), blob(&[7; BODY])],
            )
        })
        .map(|_| ())
        .unwrap();
    }

    fn count(file: &File) -> u64 {
        file.read(|connection| {
            connection.count("SELECT COUNT(*) FROM document WHERE kind = 'test'", &[])
        })
        .unwrap()
    }

    #[test]
    fn the_log_stays_short_however_much_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        // The migrations of a new file are more than that at once; closed, it has no log.
        drop(File::with_lengths(&path, FEW).unwrap());
        let file = File::with_lengths(&path, FEW).unwrap();
        for row in 0..100 {
            write(&file, row);
            let wal = file.sizes().unwrap().wal;
            assert!(wal <= MOST, "{wal} bytes after row {row}");
        }
        assert_eq!(count(&file), 100);
        drop(file);
        assert_eq!(count(&File::with_lengths(&path, FEW).unwrap()), 100);
    }

    /// Only the thread beside does it here.
    #[test]
    fn the_log_begins_anew_without_the_writer() {
        let folder = tempfile::tempdir().unwrap();
        let lengths = Lengths {
            longest: usize::MAX / 2,
            ..FEW
        };
        let file = File::with_lengths(&folder.path().join("test.db"), lengths).unwrap();
        let begun = (1..5_000).any(|row| {
            write(&file, row);
            let written = row as u64 * BODY as u64;
            file.sizes().unwrap().wal < written / 2
        });
        assert!(begun);
    }

    /// Whether the log becomes empty; far longer than that takes.
    fn becomes_empty(file: &File) -> bool {
        let (_never, silence) = std::sync::mpsc::channel::<()>();
        (0..20_000).any(|_| {
            let _ = silence.recv_timeout(Duration::from_millis(1));
            file.sizes().unwrap().wal == 0
        })
    }

    #[test]
    fn the_log_is_emptied_when_nobody_writes_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let lengths = Lengths {
            idle: Duration::from_millis(1),
            ..FEW
        };
        let file = File::with_lengths(&path, lengths).unwrap();
        // What the migrations have written, and each time that it was written to again.
        for row in 0..3 {
            assert!(becomes_empty(&file), "before row {row}");
            write(&file, row);
        }
        assert!(becomes_empty(&file));
        assert_eq!(count(&file), 3);
        // Somebody who reads keeps his state, and it is emptied when he has gone.
        let all = "SELECT COUNT(*) FROM document WHERE kind = 'test'";
        file.read(|connection| {
            assert_eq!(connection.count(all, &[])?, 3);
            write(&file, 3);
            let wal = file.sizes()?.wal;
            assert!(wal > 0);
            assert_eq!(connection.count(all, &[])?, 3);
            Ok::<_, StoreError>(())
        })
        .unwrap();
        assert!(becomes_empty(&file));
        assert_eq!(count(&file), 4);
    }

    #[test]
    fn the_log_is_found_beside_what_a_link_leads_to() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().join("elsewhere");
        fs::create_dir(&real).unwrap();
        let link = folder.path().join("test.db");
        std::os::unix::fs::symlink(real.join("real.db"), &link).unwrap();
        let file = File::open(&link).unwrap();
        write(&file, 0);
        let there = fs::metadata(real.join("real.db-wal")).unwrap().len();
        assert!(there > 0);
        assert_eq!(file.sizes().unwrap().wal, there);
    }

    /// How many descriptors of a file this process has.
    #[cfg(target_os = "linux")]
    fn descriptors_of(path: &std::path::Path) -> usize {
        let path = path.canonicalize().unwrap();
        let all = fs::read_dir("/proc/self/fd").unwrap();
        all.filter(|it| fs::read_link(it.as_ref().unwrap().path()).is_ok_and(|to| to == path))
            .count()
    }

    /// Closing it would take the locks of others in this process away.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_descriptor_to_wait_for_the_disk_with_is_never_closed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let lengths = Lengths {
            longest: usize::MAX / 2,
            ..FEW
        };
        let file = File::with_lengths(&path, lengths).unwrap();
        let merged = (1..5_000).any(|row| {
            write(&file, row);
            let written = row as u64 * BODY as u64;
            file.sizes().unwrap().wal < written / 2
        });
        assert!(merged);
        drop(file);
        assert_eq!(descriptors_of(&path), 1);
    }

    /// Nor is it thrown away when the file is closed: what was copied may not be on the disk.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_log_is_kept_where_the_disk_has_refused_what_was_copied() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        // The migrations of a new file are long; closed, it has no log.
        drop(File::with_lengths(&path, FEW).unwrap());
        // Nothing is merged but here.
        let lengths = Lengths {
            long: usize::MAX / 4,
            longest: usize::MAX / 2,
            ..FEW
        };
        let file = File::with_lengths(&path, lengths).unwrap();
        write(&file, 0);
        let shared = &file.checkpointer.as_ref().unwrap().shared;
        let connection = Connection::open(&path).unwrap();
        // It can not be waited for.
        let refuses = fs::File::open("/dev/null").unwrap();
        // A reader of an older state: only a part is copied, and SQLite itself does not wait for the disk.
        file.read(|reader| {
            reader.count("SELECT COUNT(*) FROM document", &[])?;
            write(&file, 1);
            shared.merge_beside(&connection, Some(&refuses), &file.writer);
            Ok::<_, StoreError>(())
        })
        .unwrap();
        let long = file.sizes().unwrap().wal;
        assert!(long > 0);
        let told = || file.refuse_unmerged().is_err();
        assert!(told());
        shared.empty(
            &connection,
            &file.writer,
            shared.commits.load(Ordering::Relaxed),
        );
        shared.begin_anew(&file.writer.lock().connection);
        write(&file, 2);
        assert!(told());
        drop(connection);
        drop(file);
        let left = fs::metadata(folder.path().join("test.db-wal"))
            .unwrap()
            .len();
        assert!(left > long, "{left} bytes of {long}");
        assert_eq!(count(&File::with_lengths(&path, FEW).unwrap()), 3);
    }

    /// The same where SQLite itself was refused, whoever asked it to copy.
    #[test]
    fn the_log_is_kept_where_a_merge_of_sqlite_itself_has_failed() {
        let emptying = |shared: &Shared, connection: &Connection, file: &File| {
            let seen = shared.commits.load(Ordering::Relaxed);
            shared.empty(connection, &file.writer, seen);
        };
        let beginning = |shared: &Shared, connection: &Connection, _: &File| {
            shared.begin_anew(connection);
        };
        let merging = |shared: &Shared, connection: &Connection, file: &File| {
            shared.merge_beside(connection, None, &file.writer);
        };
        let failing: [fn(&Shared, &Connection, &File); 3] = [emptying, beginning, merging];
        for fails in failing {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("test.db");
            drop(File::with_lengths(&path, FEW).unwrap());
            // Nothing is merged but here.
            let lengths = Lengths {
                long: usize::MAX / 4,
                longest: usize::MAX / 2,
                ..FEW
            };
            let file = File::with_lengths(&path, lengths).unwrap();
            write(&file, 0);
            let long = file.sizes().unwrap().wal;
            let shared = &file.checkpointer.as_ref().unwrap().shared;
            // SQLite may copy nothing with it.
            let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
            let refuses = Connection::open_with_flags(&path, flags).unwrap();
            refuses
                .query_row("SELECT COUNT(*) FROM document", [], |_| Ok(()))
                .unwrap();
            fails(shared, &refuses, &file);
            assert!(file.refuse_unmerged().is_err());
            emptying(shared, &Connection::open(&path).unwrap(), &file);
            assert!(file.refuse_unmerged().is_err());
            assert_eq!(file.sizes().unwrap().wal, long);
        }
    }

    #[test]
    fn closing_waits_for_a_merge_and_loses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let mut row = 0;
        for _ in 0..20 {
            let file = File::with_lengths(&path, FEW).unwrap();
            for _ in 0..3 {
                write(&file, row);
                row += 1;
            }
            drop(file);
        }
        assert_eq!(count(&File::with_lengths(&path, FEW).unwrap()), row as u64);
    }

    #[test]
    fn a_reader_keeps_its_state_and_the_log_is_merged_when_it_has_gone() {
        let folder = tempfile::tempdir().unwrap();
        let file = File::with_lengths(&folder.path().join("test.db"), FEW).unwrap();
        write(&file, 0);
        let all = "SELECT COUNT(*) FROM document WHERE kind = 'test'";
        file.read(|connection| {
            assert_eq!(connection.count(all, &[])?, 1);
            for row in 1..20 {
                write(&file, row);
            }
            assert_eq!(connection.count(all, &[])?, 1);
            Ok::<_, StoreError>(())
        })
        .unwrap();
        let long = file.sizes().unwrap().wal;
        assert!(long > MOST, "{long} bytes while somebody read");
        // What is there is merged, and the log begins anew: it grows no more.
        for row in 20..60 {
            write(&file, row);
        }
        let wal = file.sizes().unwrap().wal;
        assert!(wal <= long + MOST, "{wal} bytes after {long}");
        assert_eq!(count(&file), 60);
    }
}
