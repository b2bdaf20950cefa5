//! The thread that merges, by itself and step by step.
#![allow(clippy::unwrap_used, reason = "a test that can not go on should stop")]

use super::super::File;
use super::*;
use crate::driver::store::Durability;
use crate::driver::watched::Obstacle;
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

/// A file with one row, `test.db`, which is in its log until the test itself merges that.
fn with_a_log() -> (tempfile::TempDir, File) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    // The migrations of a new file are long; closed, it has no log.
    drop(File::with_lengths(&path, FEW).unwrap());
    let lengths = Lengths {
        long: usize::MAX / 4,
        longest: usize::MAX / 2,
        ..FEW
    };
    let file = File::with_lengths(&path, lengths).unwrap();
    write(&file, 0);
    (folder, file)
}

/// Nor is it thrown away when the file is closed: what was copied may not be on the disk.
#[cfg(target_os = "linux")]
#[test]
fn the_log_is_kept_where_the_disk_has_refused_what_was_copied() {
    let (folder, file) = with_a_log();
    let path = folder.path().join("test.db");
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

fn empty(shared: &Shared, connection: &Connection, file: &File) {
    let seen = shared.commits.load(Ordering::Relaxed);
    shared.empty(connection, &file.writer, seen);
}

/// Whoever asks SQLite to copy.
const MERGING: [fn(&Shared, &Connection, &File); 3] = [
    empty,
    |shared, connection, _| shared.begin_anew(connection),
    |shared, connection, file| shared.merge_beside(connection, None, &file.writer),
];

/// The same where SQLite itself has failed in a way that says nothing about the disk.
#[test]
fn the_log_is_kept_where_a_merge_of_sqlite_itself_has_failed() {
    for merge in MERGING {
        let (folder, file) = with_a_log();
        let path = folder.path().join("test.db");
        let long = file.sizes().unwrap().wal;
        let shared = &file.checkpointer.as_ref().unwrap().shared;
        let breaks_off = Connection::open(&path).unwrap();
        breaks_off
            .query_row("SELECT COUNT(*) FROM document", [], |_| Ok(()))
            .unwrap();
        breaks_off.get_interrupt_handle().interrupt();
        merge(shared, &breaks_off, &file);
        let told = || matches!(file.refuse_unmerged(), Err(StoreError::File(why)) if why.to_string().contains("start again"));
        assert!(told(), "{:?}", file.refuse_unmerged());
        empty(shared, &Connection::open(&path).unwrap(), &file);
        assert!(told());
        assert_eq!(file.sizes().unwrap().wal, long);
    }
}

#[test]
fn a_file_that_may_not_be_written_is_told_and_the_log_merged_as_soon_as_it_may() {
    for merge in MERGING {
        let (folder, file) = with_a_log();
        let path = folder.path().join("test.db");
        let shared = &file.checkpointer.as_ref().unwrap().shared;
        // SQLite may copy nothing with it.
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let refuses = Connection::open_with_flags(&path, flags).unwrap();
        refuses
            .query_row("SELECT COUNT(*) FROM document", [], |_| Ok(()))
            .unwrap();
        merge(shared, &refuses, &file);
        let unmerged = file.refuse_unmerged();
        assert!(
            matches!(unmerged, Err(StoreError::Unwritable(_))),
            "{unmerged:?}"
        );
        drop(refuses);
        empty(shared, &Connection::open(&path).unwrap(), &file);
        file.refuse_unmerged().unwrap();
        assert_eq!(file.sizes().unwrap().wal, 0);
        assert_eq!(count(&file), 1);
    }
}

#[test]
fn only_a_failed_wait_for_the_disk_or_what_nobody_knows_keeps_the_log() {
    use rusqlite::ffi;
    let refused = |code| has_refused(&rusqlite::Error::SqliteFailure(ffi::Error::new(code), None));
    for passes in [
        ffi::SQLITE_BUSY_SNAPSHOT,
        ffi::SQLITE_FULL,
        ffi::SQLITE_READONLY,
        ffi::SQLITE_IOERR_WRITE,
        ffi::SQLITE_IOERR_TRUNCATE,
    ] {
        assert!(!refused(passes), "{passes}");
    }
    for stays in [
        ffi::SQLITE_IOERR_FSYNC,
        ffi::SQLITE_IOERR_DIR_FSYNC,
        ffi::SQLITE_IOERR_READ,
        ffi::SQLITE_CORRUPT,
    ] {
        assert!(refused(stays), "{stays}");
    }
}

fn takes_no_writes(file: &File) {
    for durability in [Durability::Full, Durability::Relaxed] {
        let refused: Result<()> = file.write(durability, |_| Ok(()));
        assert!(
            matches!(refused, Err(StoreError::Unwritable(_))),
            "{refused:?}"
        );
    }
    assert!(!file.is_settled());
    assert!(file.settle().is_err());
}

/// Later ones would stand behind it in the log, and one that waits for the disk hears nothing of what is missing.
#[test]
fn nothing_is_written_or_merged_behind_a_commit_that_the_disk_did_not_confirm() {
    let (folder, file) = with_a_log();
    let path = folder.path().join("test.db");
    let long = file.sizes().unwrap().wal;
    let unconfirmed = || {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_FSYNC);
        StoreError::from(rusqlite::Error::SqliteFailure(code, None))
    };
    let obstacle = Obstacle::default();
    let told: Result<()> = file.write_noting(Durability::Full, &obstacle, |_| {
        obstacle.note(&unconfirmed());
        Err(unconfirmed())
    });
    assert!(matches!(told, Err(StoreError::Unanswered(_))), "{told:?}");
    takes_no_writes(&file);
    let shared = &file.checkpointer.as_ref().unwrap().shared;
    for merge in MERGING {
        merge(shared, &Connection::open(&path).unwrap(), &file);
    }
    let unmerged = file.refuse_unmerged().unwrap_err();
    assert!(unmerged.to_string().contains("start again"), "{unmerged}");
    drop(file);
    let left = fs::metadata(folder.path().join("test.db-wal")).unwrap();
    assert_eq!(left.len(), long);
    let file = File::with_lengths(&path, FEW).unwrap();
    write(&file, 1);
    assert_eq!(count(&file), 2);
}

/// It may have been the log that it waited for: SQLite does that before it copies.
#[test]
fn nothing_is_written_behind_a_log_that_a_merge_has_waited_for_in_vain() {
    let (folder, file) = with_a_log();
    let shared = &file.checkpointer.as_ref().unwrap().shared;
    let connection = Connection::open(folder.path().join("test.db")).unwrap();
    let failed = |code| {
        let code = rusqlite::ffi::Error::new(code);
        Err(rusqlite::Error::SqliteFailure(code, None))
    };
    assert!(!shared.note(&connection, failed(rusqlite::ffi::SQLITE_IOERR_WRITE)));
    write(&file, 1);
    assert!(!shared.note(&connection, failed(rusqlite::ffi::SQLITE_IOERR_FSYNC)));
    takes_no_writes(&file);
    assert!(file.refuse_unmerged().is_err());
    drop(connection);
    drop(file);
    let file = File::with_lengths(&folder.path().join("test.db"), FEW).unwrap();
    assert_eq!(count(&file), 2);
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
