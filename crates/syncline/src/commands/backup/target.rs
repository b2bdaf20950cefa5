//! Where a backup may be written: nowhere among what the installation works with, and in the place of
//! nothing but another backup.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::commands::new_file::{already_there, identity, refuse_own_folder};
use crate::data_dir::DataDir;
use crate::failure::Failure;

/// Refuses what must not be written or replaced. Opens nothing before it is known to be none of the
/// installation's own: closing a database that is worked on would take its locks away.
pub(super) fn check(data: &DataDir, file: &Path, force: bool) -> Result<(), Failure> {
    refuse_own_folder(data, file)?;
    let found = match fs::symlink_metadata(file) {
        Ok(found) => found,
        // A folder that is missing is told when the file is made there.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Failure::file("look at", file, &error)),
    };
    if !force {
        return Err(already_there(file)
            .with_help("choose another name, or replace it with --force if it is a backup"));
    }
    if identity(file).is_some_and(|it| own_files(data).any(|own| identity(&own) == Some(it))) {
        return Err(Failure::new(format!(
            "{} is a file of the data directory {} under another name",
            file.display(),
            data.path().display()
        ))
        .with_help(OTHER_NAME));
    }
    let wrong = if found.is_symlink() {
        "is a link"
    } else if !found.is_file() {
        "is not a file"
    } else if found.len() > 0 && !syncline_store::Backup::is_one(file) {
        "is not a backup"
    } else {
        return Ok(());
    };
    Err(Failure::new(format!(
        "{} {wrong}, and --force replaces only a backup or an empty file",
        file.display()
    ))
    .with_help(OTHER_NAME))
}

/// There is something, and it may not be replaced.
pub(super) fn taken(file: &Path) -> Failure {
    already_there(file)
        .with_help("choose another name, or replace it with --force if it is a backup")
}

const OTHER_NAME: &str = "choose another name; it was not touched";

/// What is in the data directory, and what SQLite keeps beside a database that is a link to elsewhere.
fn own_files(data: &DataDir) -> impl Iterator<Item = PathBuf> {
    let folders = [data.path().to_owned(), data.tls()];
    let inside = folders
        .into_iter()
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| !path.is_dir());
    let database = fs::canonicalize(data.database_file()).ok();
    let beside = ["", "-wal", "-shm", "-journal", ".lock"].into_iter();
    inside.chain(beside.filter_map(move |suffix| {
        let mut name = database.clone()?.into_os_string();
        name.push(suffix);
        Some(name.into())
    }))
}
