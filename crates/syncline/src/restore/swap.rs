//! Putting another database file in the place of the one that is there, so that a crash at any moment
//! leaves either a whole database or a trace that nobody works beside ([`DataDir::refuse_half_restored`]).
//!
//! What SQLite keeps beside a file belongs to that file alone: a log that were left behind would be
//! merged into whatever database has the name then. So nothing is put in place before all of the old
//! one is out of the way and that is on the disk.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use syncline_model::Timestamp;

use super::{beside, remove, rename, with_suffix};
use crate::data_dir::DataDir;
use crate::failure::Failure;

/// Changes that are not in the database file yet, or that are to be taken back out of it.
const LOGS: [&str; 2] = ["-wal", "-journal"];
/// What SQLite makes anew.
const INDEX: &str = "-shm";

/// An empty place to make the new file in, without what an attempt before may have left.
pub(super) fn stage(data: &DataDir) -> Result<PathBuf, Failure> {
    let staged = data.restoring_file();
    for suffix in LOGS.iter().chain([&INDEX, &""]) {
        remove(&with_suffix(&staged, suffix))?;
    }
    Ok(staged)
}

/// Moves the old file and what belongs to it out of the way; says where it is now, if there was one.
/// Goes on where an attempt before was interrupted, if one was.
pub(super) fn set_aside(
    data: &DataDir,
    path: &Path,
    at: Timestamp,
    interrupted: bool,
) -> Result<Option<PathBuf>, Failure> {
    let aside = beside(path, at);
    // Also a link that leads nowhere.
    let kept = fs::symlink_metadata(path).is_ok();
    if kept {
        rename(path, &aside)?;
    }
    for suffix in LOGS {
        let log = with_suffix(path, suffix);
        if fs::metadata(&log).is_ok_and(|it| it.len() == 0) {
            // There is nothing in it to merge or to take back.
            remove(&log)?;
        } else if log.exists() {
            // Behind a restore that was completed it is of nothing that was moved, and would be merged into that.
            let moved = (!kept && interrupted).then(|| moved_before(path)).flatten();
            let owner = moved.unwrap_or_else(|| aside.clone());
            rename(&log, &with_suffix(&owner, suffix))?;
        }
    }
    remove(&with_suffix(path, INDEX))?;
    sync(data)?;
    Ok(kept.then_some(aside))
}

pub(super) fn put_in_place(data: &DataDir, staged: &Path, path: &Path) -> Result<(), Failure> {
    rename(staged, path)?;
    sync(data)
}

/// The file that was moved last, if nothing stands beside it yet: what still stands where it was
/// is its own.
fn moved_before(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let prefix = format!("{name}.before-restore-");
    let is_file_of_sqlite = |it: &str| {
        let mut suffixes = LOGS.iter().chain([&INDEX]);
        suffixes.any(|suffix| it.ends_with(suffix))
    };
    let newest = fs::read_dir(path.parent()?)
        .ok()?
        .filter_map(|it| Some(it.ok()?.path()))
        .filter(|it| {
            let name = it.file_name().and_then(OsStr::to_str).unwrap_or_default();
            name.starts_with(&prefix) && !is_file_of_sqlite(name)
        })
        .max()?;
    let alone = LOGS.iter().all(|it| !with_suffix(&newest, it).exists());
    alone.then_some(newest)
}

/// Names are on the disk when this returns.
pub(super) fn sync(data: &DataDir) -> Result<(), Failure> {
    let folder = data.path();
    fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| Failure::file("write to the disk", folder, &error))
}
