//! The lock of a database that a link leads to. Several directories may have links to one file, each with a lock of its own:
//! two servers would work on one database, and know nothing of each other.
//!
//! What is locked is a file beside the database, never the database itself: whoever closes that takes away the locks that
//! SQLite holds in the same process.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::DataDir;
use super::new_file::{PRIVATE, made, there};
use crate::failure::Failure;
use crate::owner;

/// Where it leads when it is a link, though there may be nothing, for want of a disk perhaps.
pub fn linked_to(path: &Path) -> Option<PathBuf> {
    let told = fs::read_link(path).ok()?;
    let folder = path.parent().unwrap_or(Path::new(""));
    Some(fs::canonicalize(path).unwrap_or_else(|_| folder.join(told)))
}

impl DataDir {
    /// Locks what the embedded database is a link to, for as long as what is returned lives; nothing where it is none, or
    /// nobody can work there: the disk is read-only, or not there.
    ///
    /// # Errors
    /// It is in use by another data directory: by which.
    pub(super) fn lock_linked(&self) -> Result<Vec<File>, Failure> {
        let Some(real) = self.linked_database()? else {
            return Ok(Vec::new());
        };
        let mut held = Vec::new();
        if let Some(lock) = self.lock_of_directory(&real, OFlags::RDWR) {
            held.extend(lock_alone(lock, &real, |_| of_folder(&real))?);
        }
        let path = lock_beside(&real);
        let opened = self.open_beside(&path);
        let opened = opened.map_err(|error| cannot_open(&path, &error))?;
        let Some(file) = opened else {
            return Ok(held);
        };
        if let Some(mut file) = lock_alone(file, &real, told)? {
            let here = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
            // Where it can not be written, whoever meets the lock hears of a directory, and not which.
            let _ = file
                .set_len(0)
                .and_then(|()| writeln!(file, "{}", here.display()));
            held.push(file);
        }
        Ok(held)
    }

    /// The same where nothing can be written here: nobody else is to write there meanwhile.
    pub(super) fn lock_linked_read_only(&self) -> Result<Vec<File>, Failure> {
        let Some(real) = self.linked_database()? else {
            return Ok(Vec::new());
        };
        let beside = there(&lock_beside(&real), OFlags::RDONLY).ok();
        let directory = self.lock_of_directory(&real, OFlags::RDONLY);
        let mut held = Vec::new();
        for file in beside.into_iter().chain(directory) {
            match file.try_lock_shared() {
                Ok(()) => held.push(file),
                Err(TryLockError::WouldBlock) => return Err(in_use(&real, &told(&file))),
                // Then only what the files look like before and after tells.
                Err(TryLockError::Error(_)) => {}
            }
        }
        Ok(held)
    }

    /// Not where somebody else has made the link, whom this user has no reason to follow.
    fn linked_database(&self) -> Result<Option<PathBuf>, Failure> {
        let link = self.database_file();
        if self.server.is_some() {
            return Ok(None);
        }
        let me = rustix::process::geteuid().as_raw();
        match fs::symlink_metadata(&link) {
            Ok(found) if found.is_symlink() && [0, me].contains(&found.uid()) => {
                Ok(linked_to(&link))
            }
            Err(error) if error.kind() != ErrorKind::NotFound => {
                let failure = Failure::file("look at", &link, &error);
                Err(owner::explain(failure, &error, &self.path))
            }
            _ => Ok(None),
        }
    }

    /// The lock of another data directory, whose database the file is without a link. Who works there has that alone.
    fn lock_of_directory(&self, real: &Path, access: OFlags) -> Option<File> {
        let folder = real.parent()?;
        let is_here = fs::canonicalize(&self.path).is_ok_and(|here| here == folder);
        let other = DataDir::new(folder);
        if is_here || other.database_file() != real {
            return None;
        }
        there(&other.lock_file(), access).ok()
    }

    /// `None` where nobody can work on the database, either, or the file is none of ours.
    fn open_beside(&self, path: &Path) -> io::Result<Option<File>> {
        let nobody_can = |error: &io::Error| {
            matches!(
                error.kind(),
                ErrorKind::NotFound | ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied
            )
        };
        match made(path, PRIVATE) {
            Ok(Some(file)) => {
                // Where that fails, whoever can not use it is told why.
                let _ = owner::give(&file, path, &self.path);
                return Ok(Some(file));
            }
            Ok(None) => {}
            Err(error) if nobody_can(&error) => return Ok(None),
            Err(error) => return Err(error),
        }
        let file = match there(path, OFlags::RDWR) {
            Err(error) if error.kind() == ErrorKind::ReadOnlyFilesystem => return Ok(None),
            opened => opened?,
        };
        // What is written there must not be somebody's own, which only has the name.
        let found = file.metadata()?;
        let me = rustix::process::geteuid().as_raw();
        let ours = [fs::metadata(&self.path)?.uid(), me].contains(&found.uid());
        Ok((found.is_file() && found.nlink() <= 1 && ours).then_some(file))
    }
}

/// `None` where the disk knows no locks.
fn lock_alone(
    file: File,
    real: &Path,
    by: impl FnOnce(&File) -> String,
) -> Result<Option<File>, Failure> {
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(in_use(real, &by(&file))),
        Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => Ok(None),
        Err(TryLockError::Error(error)) => Err(Failure::file("lock", &lock_beside(real), &error)),
    }
}

/// Which directory the file says that it belongs to.
fn told(file: &File) -> String {
    let mut text = String::new();
    let _ = file.take(4096).read_to_string(&mut text);
    match text.trim() {
        "" => "another data directory".to_owned(),
        folder => format!("the data directory {folder}"),
    }
}

fn of_folder(real: &Path) -> String {
    let folder = real.parent().unwrap_or(real);
    format!("the data directory {}", folder.display())
}

fn in_use(real: &Path, by: &str) -> Failure {
    Failure::new(format!(
        "the database {} is in use by {by}",
        real.display()
    ))
    .with_help("run the command there (--data), or stop what runs there: the database of this directory is a link to the same file")
}

fn cannot_open(path: &Path, error: &io::Error) -> Failure {
    let failure = Failure::file("open the lock file", path, error);
    if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) {
        return failure
            .with_help("a link is in its place: find out who put it there, and remove it");
    }
    failure
}

fn lock_beside(real: &Path) -> PathBuf {
    let mut name = real.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}
