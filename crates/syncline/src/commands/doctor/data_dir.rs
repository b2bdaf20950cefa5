//! The files of the data directory, and the disk they are on.

use std::path::Path;

use super::Check;
use crate::app::App;
use crate::nodes;
use crate::tls::Generated;

/// A write-ahead log larger than this was not folded into the database for long.
const LARGE_WAL_BYTES: u64 = 512 << 20;
/// With less than this the next import or cycle may fail.
const LITTLE_FREE_BYTES: u64 = 1 << 30;

pub(super) fn checks(app: &App) -> Vec<Check> {
    let mut checks = vec![key_file(app)];
    if app.store.is_shared() {
        checks.push(database_server(app));
    } else {
        checks.push(write_ahead_log(app));
        checks.push(free_disk(app));
    }
    checks.extend(certificate(app));
    checks
}

/// Who shares the database.
fn database_server(app: &App) -> Check {
    let name = "database";
    let now = app.clock.now();
    match app.store.read(|reader| nodes::alive(reader, now)) {
        Ok(alive) => Check::ok(
            name,
            format!(
                "{}, {} servers work on it",
                app.data.database(),
                alive.len()
            ),
        ),
        Err(error) => Check::problem(
            name,
            format!("{}: {error}", app.data.database()),
            "look at the database server",
        ),
    }
}

fn free_disk(app: &App) -> Check {
    let name = "free disk";
    match rustix::fs::statvfs(app.data.path()) {
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let size = std::fs::metadata(app.data.database_file()).map_or(0, |it| it.len());
            let finding = format!("{} MiB, the database has {} MiB", free >> 20, size >> 20);
            if free >= LITTLE_FREE_BYTES {
                Check::ok(name, finding)
            } else {
                Check::problem(
                    name,
                    finding,
                    "make room before the database can not grow any more",
                )
            }
        }
        Err(error) => Check::problem(name, error.to_string(), "look at the file system"),
    }
}

/// The database opened, so the key is readable; nobody else should be able to read it.
fn key_file(app: &App) -> Check {
    use std::os::unix::fs::PermissionsExt as _;
    let name = "key file";
    let path = app.data.key_file();
    match std::fs::metadata(&path) {
        Ok(found) if found.permissions().mode() & 0o077 == 0 => {
            Check::ok(name, "readable by its owner only")
        }
        Ok(found) => Check::problem(
            name,
            format!(
                "others may read it (mode {:o})",
                found.permissions().mode() & 0o777
            ),
            format!(
                "chmod 600 {}; if somebody read it, make new secrets for all applications",
                path.display()
            ),
        ),
        Err(error) => Check::problem(
            name,
            format!("{}: {error}", path.display()),
            "put it back from your backup",
        ),
    }
}

fn write_ahead_log(app: &App) -> Check {
    let name = "write-ahead log";
    let path = app.data.database_file().with_extension("db-wal");
    let size = std::fs::metadata(&path).map_or(0, |found| found.len());
    if size <= LARGE_WAL_BYTES {
        return Check::ok(name, format!("{} MiB", size >> 20));
    }
    Check::problem(
        name,
        format!("{} MiB", size >> 20),
        "a reader has kept it from being folded in for long; restart the server",
    )
}

/// `None` when no server with generated TLS was ever started.
fn certificate(app: &App) -> Option<Check> {
    let name = "certificate";
    let files = Generated::files(&app.data.tls());
    if !files.exist() {
        return None;
    }
    let remove = |folder: &Path| {
        format!(
            "remove {} and restart the server; clients must trust the new CA",
            folder.display()
        )
    };
    let now = app.clock.now();
    Some(match (files.ends(), files.server_config()) {
        (Ok(end), Ok(_)) if end > now => {
            Check::ok(name, format!("good until {}", end.to_seconds_text()))
        }
        (Ok(end), Ok(_)) => Check::problem(
            name,
            format!("ended {}", end.to_seconds_text()),
            remove(&app.data.tls()),
        ),
        (Err(failure), _) | (_, Err(failure)) => {
            Check::problem(name, failure.message, remove(&app.data.tls()))
        }
    })
}
