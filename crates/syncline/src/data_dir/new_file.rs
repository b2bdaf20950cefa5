//! Making a file of the data directory: for its owner alone, who is who the directory belongs to.
//!
//! The administrator runs commands in the directory of a service, whose user puts there what he likes: a link is never
//! followed, and what he has linked there is neither written to nor given to him.

use std::fs::File;
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::{Mode, OFlags};

use super::DataDir;
use crate::failure::Failure;
use crate::owner;

impl DataDir {
    /// Makes a file that only the owner of the directory reads.
    ///
    /// # Errors
    /// There is one of this name, or it can not be made.
    pub fn new_file(&self, path: &Path) -> Result<File, Failure> {
        let made = made(path).and_then(|it| it.ok_or_else(|| io::ErrorKind::AlreadyExists.into()));
        let file = made.map_err(|error| {
            let failure = Failure::file("make", path, &error);
            owner::explain_file(failure, &error, path, &self.path)
        })?;
        owner::give(&file, path, &self.path)?;
        Ok(file)
    }

    /// Opens a lock file, or makes it; `None` where it, or the directory, was taken back meanwhile.
    pub(super) fn open_or_new(&self, path: &Path) -> Result<Option<File>, Failure> {
        let failed = |error: io::Error| {
            let failure = Failure::file("open the lock file", path, &error);
            if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) {
                return failure
                    .with_help("a link is in its place: find out who put it there, and remove it");
            }
            owner::explain_file(failure, &error, path, &self.path)
        };
        let gone = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
        match made(path) {
            Ok(None) => {}
            Ok(Some(file)) => {
                // Where that fails, whoever can not use it is told why.
                let _ = owner::give(&file, path, &self.path);
                return Ok(Some(file));
            }
            Err(error) if gone(&error) => return Ok(None),
            Err(error) => return Err(failed(error)),
        }
        let file = match there(path) {
            Err(error) if gone(&error) => return Ok(None),
            opened => opened.map_err(failed)?,
        };
        self.refuse_linked(&file, path)?;
        Ok(Some(file))
    }

    /// Refuses what is no file, and one of somebody else's that has a name elsewhere, too: it would be overwritten there.
    fn refuse_linked(&self, file: &File, path: &Path) -> Result<(), Failure> {
        let unseen = |path| move |error| Failure::file("look at", path, &error);
        let its = file.metadata().map_err(unseen(path))?;
        let there = std::fs::metadata(&self.path).map_err(unseen(&self.path))?;
        if its.is_file() && (its.nlink() <= 1 || its.uid() == there.uid()) {
            return Ok(());
        }
        Err(
            Failure::new(format!("{} is no file of this directory", path.display()))
                .with_help("find out who put it there, and remove it"),
        )
    }
}

/// A new file (mode 0600); `None` when something has its name: also a link that leads nowhere.
fn made(path: &Path) -> io::Result<Option<File>> {
    let mut options = File::options();
    options.read(true).write(true).create_new(true).mode(0o600);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
        made => made.map(Some),
    }
}

/// The file itself, not what a link leads to.
fn there(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}
