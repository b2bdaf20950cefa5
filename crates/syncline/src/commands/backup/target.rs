//! Where a backup may be written: nowhere among what the installation works with, and in the place of
//! nothing but another backup.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::data_dir::DataDir;
use crate::failure::Failure;

/// Which file it is, whatever it is called: links lead to the same.
type Identity = (u64, u64);

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
        return Err(already_there(file));
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

const OTHER_NAME: &str = "choose another name; it was not touched";

pub(super) fn already_there(file: &Path) -> Failure {
    Failure::new(format!("{} is there already", file.display()))
        .with_help("choose another name, or replace it with --force if it is a backup")
}

/// The database, the key, the lock and the socket have their names in these folders, and what is not
/// there now may be made there a moment later.
fn refuse_own_folder(data: &DataDir, file: &Path) -> Result<(), Failure> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let its = identity(folder);
    let own = [data.path().to_owned(), data.tls()];
    if its.is_some() && own.iter().any(|it| identity(it) == its) {
        return Err(Failure::new(format!(
            "{} is in the data directory {}, where a backup would be in the way and lost with the data",
            file.display(),
            data.path().display()
        ))
        .with_help("name a file in another folder, best on another disk"));
    }
    Ok(())
}

/// Follows links.
fn identity(path: &Path) -> Option<Identity> {
    fs::metadata(path).ok().map(|it| (it.dev(), it.ino()))
}

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
    let beside = ["", "-wal", "-shm", "-journal"].into_iter();
    inside.chain(beside.filter_map(move |suffix| {
        let mut name = database.clone()?.into_os_string();
        name.push(suffix);
        Some(name.into())
    }))
}
