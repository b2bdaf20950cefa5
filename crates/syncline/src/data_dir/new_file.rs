//! Making a file of the data directory: for its owner alone, who is who the directory belongs to.
//!
//! The administrator runs commands in the directory of a service, whose user puts there what he likes: a link is never
//! followed, and what he has linked there is neither written to nor given to him.

use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use rustix::fs::{Mode, OFlags};

use super::DataDir;
use crate::failure::Failure;
use crate::owner;

/// For its owner alone.
pub const PRIVATE: u32 = 0o600;

impl DataDir {
    /// Makes a file that only the owner of the directory reads.
    ///
    /// # Errors
    /// There is one of this name, or it can not be made.
    pub fn new_file(&self, path: &Path) -> Result<File, Failure> {
        new_file(path, PRIVATE, &self.path)
    }

    /// Makes the database file for its owner alone, or makes it so: the directory may be one that others can look into.
    /// The log files beside it take its owner and mode.
    pub(super) fn private_database(&self, path: &Path) -> Result<(), Failure> {
        let failed = |error: io::Error| {
            let failure = Failure::file("protect the database", path, &error);
            owner::explain_file(failure, &error, path, &self.path)
        };
        match made(path, PRIVATE).map_err(failed)? {
            Some(file) => owner::give(&file, path, &self.path),
            // A link of somebody else's may lead anywhere: what is there is left as it is.
            None if is_link_of_another(path).map_err(failed)? => match path.exists() {
                true => Ok(()),
                false => Err(Failure::new(format!(
                    "{} is a link to nothing, which somebody else has made",
                    path.display()
                ))
                .with_help("run the command as the user who made it, or remove it")),
            },
            None => owner_only(path).map_err(failed),
        }
    }

    /// Opens a lock file, or makes it; `None` where it, or the directory, was taken back meanwhile.
    pub(super) fn open_or_new(&self, path: &Path, access: OFlags) -> Result<Option<File>, Failure> {
        let failed = |error: io::Error| {
            let failure = Failure::file("open the lock file", path, &error);
            if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) {
                return failure
                    .with_help("a link is in its place: find out who put it there, and remove it");
            }
            owner::explain_file(failure, &error, path, &self.path)
        };
        let gone = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
        match made(path, PRIVATE) {
            Ok(None) => {}
            Ok(Some(file)) => {
                // Where that fails, whoever can not use it is told why.
                let _ = owner::give(&file, path, &self.path);
                return Ok(Some(file));
            }
            Err(error) if gone(&error) => return Ok(None),
            Err(error) => return Err(failed(error)),
        }
        let file = match there(path, access) {
            Err(error) if gone(&error) => return Ok(None),
            opened => opened.map_err(failed)?,
        };
        self.refuse_linked(&file, path)?;
        Ok(Some(file))
    }

    /// Refuses a file of somebody else's that has a name elsewhere, too: it would be overwritten there.
    fn refuse_linked(&self, file: &File, path: &Path) -> Result<(), Failure> {
        let unseen = |path| move |error| Failure::file("look at", path, &error);
        let its = file.metadata().map_err(unseen(path))?;
        // Who takes back a directory that is not needed takes the lock file first.
        if its.nlink() <= 1 {
            return Ok(());
        }
        let there = std::fs::metadata(&self.path).map_err(unseen(&self.path))?;
        if its.uid() == there.uid() {
            return Ok(());
        }
        Err(
            Failure::new(format!("{} is no file of this directory", path.display()))
                .with_help("find out who put it there, and remove it"),
        )
    }
}

/// Makes a file of a directory, which belongs to whom that does.
///
/// # Errors
/// There is one of this name, or it can not be made.
pub fn new_file(path: &Path, mode: u32, directory: &Path) -> Result<File, Failure> {
    let made =
        made(path, mode).and_then(|it| it.ok_or_else(|| io::ErrorKind::AlreadyExists.into()));
    let file = made.map_err(|error| {
        let failure = Failure::file("make", path, &error);
        owner::explain_file(failure, &error, path, directory)
    })?;
    owner::give(&file, path, directory)?;
    Ok(file)
}

/// `None` when something has its name: also a link that leads nowhere.
fn made(path: &Path, mode: u32) -> io::Result<Option<File>> {
    let mut options = File::options();
    options.read(true).write(true).create_new(true).mode(mode);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
        made => made.map(Some),
    }
}

/// Whether it is a link that neither the administrator made nor the user of this process.
fn is_link_of_another(path: &Path) -> io::Result<bool> {
    let found = std::fs::symlink_metadata(path)?;
    let me = rustix::process::geteuid().as_raw();
    Ok(found.is_symlink() && ![0, me].contains(&found.uid()))
}

/// What is there, also where a link leads to, which the database may be.
fn owner_only(path: &Path) -> io::Result<()> {
    let mut options = File::options();
    options.append(true).create(true).mode(PRIVATE);
    let file = options.open(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(PRIVATE))?;
    }
    Ok(())
}

/// The file itself, not what a link leads to.
fn there(path: &Path, access: OFlags) -> io::Result<File> {
    let flags = access | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}
