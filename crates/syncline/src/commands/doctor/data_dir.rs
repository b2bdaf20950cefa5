//! The files of the data directory, and the disk they are on.

use std::path::Path;

use syncline_model::Timestamp;
use syncline_store::Database;

use super::subject::Subject;
use super::{Check, certificate};
use crate::app::App;
use crate::data_dir::DataDir;
use crate::nodes;
use crate::tls::InUse;

/// A write-ahead log larger than this was not folded into the database for long.
const LARGE_WAL_BYTES: u64 = 512 << 20;
const PUT_BACK: &str = "put it back from where you keep a copy of it";
/// With less than this the next import or cycle may fail.
const LITTLE_FREE_BYTES: u64 = 1 << 30;

/// Needs no database. `shown`: the certificate of the server that looks. `free_inside`: bytes of the database file that
/// hold nothing, where that is known.
pub(super) fn checks(
    data: &DataDir,
    shown: Option<&InUse>,
    free_inside: Option<u64>,
    now: Timestamp,
) -> Vec<Check> {
    let mut checks = vec![key_file(data)];
    if let Some(folder) = data.read_only_folder() {
        let what = match folder == data.path() {
            true => "the data directory".to_owned(),
            false => format!("{}, where the database is", folder.display()),
        };
        checks.push(Check::problem(
            &Subject::new("readOnlyDisk", "disk"),
            format!("is read-only: nothing can be written in {what}"),
            "take a backup to another disk (syncline backup FILE), find out why, and restore to a sound disk",
        ));
    }
    if matches!(data.database(), Database::File(_)) {
        checks.push(write_ahead_log(data));
        checks.push(free_disk(data, free_inside));
    } else {
        checks.extend(left_by_a_restore(data));
    }
    checks.extend(left_key(data));
    checks.extend(left_next_key(data));
    checks.extend(certificate::check(shown, data, now));
    checks.extend(certificate::open_key(shown, data));
    checks
}

/// Who shares the database.
pub(super) fn database_server(app: &App) -> Check {
    let of = &Subject::new("database", "database");
    let now = app.clock.now();
    match app.store.read(|reader| nodes::alive(reader, now)) {
        Ok(alive) => Check::ok(
            of,
            format!(
                "{}, {} servers work on it",
                app.data.database(),
                alive.len()
            ),
        ),
        Err(error) => Check::problem(
            of,
            format!("{}: {error}", app.data.database()),
            "look at the database server",
        ),
    }
}

/// Of a restore to a server that was killed. Nothing there was replaced, or all.
fn left_by_a_restore(data: &DataDir) -> Option<Check> {
    let file = data.restoring_file();
    file.exists().then(|| {
        Check::problem(
            &Subject::new("interruptedRestore", "restore"),
            format!(
                "one was interrupted and has left {} ({} MiB)",
                file.display(),
                length(&file) >> 20
            ),
            "look whether the database holds what you want: if not, run `syncline restore` again; if it does, remove the file, and those of its name with -wal, -shm, -journal",
        )
    })
}

/// Of a restore that ended before the key of its backup came to its place. A database that opens needs another.
fn left_key(data: &DataDir) -> Option<Check> {
    let file = data.restoring_key_file();
    file.exists().then(|| {
        Check::problem(
            &Subject::new("keyOfRestore", "key of a restore"),
            format!("one was interrupted and has left {}", file.display()),
            "if the database can be opened and holds what you want, remove the file; if not, run `syncline restore --force` again",
        )
    })
}

/// Of a replacement of the key that was interrupted before anything was sealed with the next one; or behind that, and
/// a restore has kept aside since what was.
fn left_next_key(data: &DataDir) -> Option<Check> {
    let file = data.next_key_file();
    file.exists().then(|| {
        Check::problem(
            &Subject::new("keyOfReplacement", "key of a replacement"),
            format!("one was interrupted and has left {}", file.display()),
            "if the database can be opened, it was not replaced: run `syncline keys replace` again, which keeps the file aside, or move it to a safe place: it may be the only key of a database that a restore has kept aside",
        )
    })
}

fn free_disk(data: &DataDir, free_inside: Option<u64>) -> Check {
    let of = &Subject::new("freeDisk", "free disk");
    match rustix::fs::statvfs(data.database_folder()) {
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let size = length(&data.database_file()) + length(&data.log_file());
            let mut finding = format!("{} MiB, the database has {} MiB", free >> 20, size >> 20);
            if let Some(inside) = free_inside {
                finding.push_str(&format!(", {} MiB of them free inside", inside >> 20));
            }
            if free >= LITTLE_FREE_BYTES {
                Check::ok(of, finding)
            } else {
                Check::problem(
                    of,
                    finding,
                    "make room before the database can no longer grow",
                )
            }
        }
        Err(error) => Check::problem(of, error.to_string(), "look at the file system"),
    }
}

fn length(file: &Path) -> u64 {
    std::fs::metadata(file).map_or(0, |it| it.len())
}

/// Only its owner should be able to read it.
fn key_file(data: &DataDir) -> Check {
    use std::os::unix::fs::PermissionsExt as _;
    let of = &Subject::new("keyFile", "key file");
    let path = data.key_file();
    if let Err(failure) = data.read_key() {
        let advice = failure.help.unwrap_or_else(|| PUT_BACK.to_owned());
        return Check::problem(of, failure.message, advice);
    }
    match std::fs::metadata(&path) {
        Ok(found) if found.permissions().mode() & 0o077 == 0 => {
            Check::ok(of, "readable by its owner only")
        }
        Ok(found) => Check::problem(
            of,
            format!(
                "others may read it (mode {:o})",
                found.permissions().mode() & 0o777
            ),
            format!(
                "chmod 600 {}; if somebody read it, run `syncline keys replace`",
                path.display()
            ),
        ),
        Err(error) => Check::problem(of, format!("{}: {error}", path.display()), PUT_BACK),
    }
}

fn write_ahead_log(data: &DataDir) -> Check {
    let of = &Subject::new("writeAheadLog", "write-ahead log");
    let size = length(&data.log_file());
    if size <= LARGE_WAL_BYTES {
        return Check::ok(of, format!("{} MiB", size >> 20));
    }
    Check::problem(
        of,
        format!("{} MiB", size >> 20),
        "a reader has kept it from being merged for a long time; restart the server",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_is_looked_for_beside_what_a_link_leads_to() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::new(folder.path().join("data"));
        data.create().unwrap();
        let real = folder.path().join("real.db");
        std::fs::write(&real, "").unwrap();
        std::os::unix::fs::symlink(&real, data.database_file()).unwrap();
        let log = std::fs::File::create(folder.path().join("real.db-wal")).unwrap();
        log.set_len(LARGE_WAL_BYTES + 1).unwrap();
        assert!(!write_ahead_log(&data).ok);
    }
}
