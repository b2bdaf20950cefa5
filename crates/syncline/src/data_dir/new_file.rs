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
            None => match self.open_own(path).map_err(failed)? {
                Opened::Ours(file) => owner_only(&file).map(drop).map_err(failed),
                Opened::Theirs => Ok(()),
                Opened::LinkToNothing => Err(Failure::new(format!(
                    "{} is a link to nothing, which somebody else has made, or may change",
                    path.display()
                ))
                .with_help(
                    "run the command as the user whom the data directory belongs to, or remove it",
                )),
            },
        }
    }

    /// Makes a file that is there one for its owner alone, if it is for us to say who reads it; whether others could.
    pub fn close_to_others(&self, path: &Path) -> io::Result<bool> {
        match self.open_own(path)? {
            Opened::Ours(file) => owner_only(&file),
            Opened::Theirs | Opened::LinkToNothing => Ok(false),
        }
    }

    /// What is there, also where a link leads to, which the database may be. Decided by what is open, never by
    /// name: whoever owns the directory may give that to something else between two looks.
    fn open_own(&self, path: &Path) -> io::Result<Opened> {
        let me = rustix::process::geteuid().as_raw();
        let owner = std::fs::metadata(&self.path)?.uid();
        let file = match there(path, OFlags::RDONLY | OFlags::NONBLOCK) {
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
                let link = std::fs::symlink_metadata(path)?;
                let is_of_another = link.is_symlink() && ![0, me].contains(&link.uid());
                let may_be_changed = me == 0 && owner != me;
                match path.try_exists()? {
                    // It may lead anywhere: what is there is left as it is.
                    true if is_of_another => return Ok(Opened::Theirs),
                    true => linked(path, false)?,
                    false if is_of_another || may_be_changed => return Ok(Opened::LinkToNothing),
                    false => linked(path, true)?,
                }
            }
            opened => opened?,
        };
        let found = file.metadata()?;
        match found.is_file() && is_to_be_closed(found.uid(), owner, me) {
            true => Ok(Opened::Ours(file)),
            false => Ok(Opened::Theirs),
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
pub(super) fn made(path: &Path, mode: u32) -> io::Result<Option<File>> {
    let mut options = File::options();
    options.read(true).write(true).create_new(true).mode(mode);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
        made => made.map(Some),
    }
}

/// The file that was there.
#[derive(Debug)]
enum Opened {
    /// Its owner alone is to read it.
    Ours(File),
    /// Left as it is.
    Theirs,
    LinkToNothing,
}

/// Whether it is for us to say who reads a file of this user's: one of whoever owns the directory, or of whoever runs the
/// command. What is the administrator's is none of a service's directory, however it came there.
fn is_to_be_closed(file: u32, directory: u32, me: u32) -> bool {
    file == directory || (file == me && me != 0)
}

/// Where the mode has to be another one alone, for the disk may be read-only; whether it had to be.
fn owner_only(file: &File) -> io::Result<bool> {
    let is_open = file.metadata()?.permissions().mode() & 0o077 != 0;
    if is_open {
        file.set_permissions(Permissions::from_mode(PRIVATE))?;
    }
    Ok(is_open)
}

/// The file itself, not what a link leads to.
pub(super) fn there(path: &Path, access: OFlags) -> io::Result<File> {
    let flags = access | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

/// What a link leads to, made where there is nothing if it `makes` that.
fn linked(path: &Path, makes: bool) -> io::Result<File> {
    let made = match makes {
        true => OFlags::RDWR | OFlags::CREATE,
        false => OFlags::RDONLY,
    };
    // Should it be a pipe, nobody waits for who is at its other end.
    let flags = made | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)?.into())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{chown, symlink};

    use super::*;

    /// Nobody in particular.
    const STRANGER: u32 = 65_534;

    #[test]
    fn only_what_is_of_the_directory_or_of_us_is_closed_to_others() {
        let (root, service, other) = (0, 900, 1_000);
        for (file, directory, me, expected) in [
            (service, service, service, true),
            (service, service, root, true),
            (root, root, root, true),
            (other, service, other, true),
            // Linked there by the service.
            (root, service, root, false),
            (other, service, root, false),
            (root, service, service, false),
        ] {
            assert_eq!(
                is_to_be_closed(file, directory, me),
                expected,
                "{file} {directory} {me}"
            );
        }
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    /// A directory, and a file elsewhere that others may read.
    fn world() -> (tempfile::TempDir, DataDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::new(folder.path().join("data"));
        data.create().unwrap();
        let elsewhere = folder.path().join("elsewhere");
        fs::write(&elsewhere, "of somebody").unwrap();
        fs::set_permissions(&elsewhere, Permissions::from_mode(0o644)).unwrap();
        (folder, data, elsewhere)
    }

    #[test]
    fn a_database_on_another_disk_is_closed_to_others_and_made_there() {
        let (_folder, data, elsewhere) = world();
        let database = data.database_file();
        symlink(&elsewhere, &database).unwrap();
        data.private_database(&database).unwrap();
        assert_eq!(mode(&elsewhere), 0o600);
        // Of what can not be written, too.
        fs::set_permissions(&elsewhere, Permissions::from_mode(0o444)).unwrap();
        data.private_database(&database).unwrap();
        assert_eq!(mode(&elsewhere), 0o600);
        fs::remove_file(&elsewhere).unwrap();
        data.private_database(&database).unwrap();
        assert_eq!(mode(&elsewhere), 0o600);
    }

    #[test]
    fn the_mode_of_what_is_not_of_the_directory_stays_whatever_name_it_got_there() {
        let (_folder, data, elsewhere) = world();
        if chown(data.path(), Some(STRANGER), Some(STRANGER)).is_err() {
            eprintln!("NOT RUN: only the administrator gives files away");
            return;
        }
        let database = data.database_file();
        fs::hard_link(&elsewhere, &database).unwrap();
        data.private_database(&database).unwrap();
        assert_eq!(mode(&elsewhere), 0o644, "a hard link");
        fs::remove_file(&database).unwrap();
        // Of the administrator's, as one of the owner's is found to be that was put there between two looks.
        symlink(&elsewhere, &database).unwrap();
        data.private_database(&database).unwrap();
        assert_eq!(mode(&elsewhere), 0o644, "a link");
        fs::remove_file(&elsewhere).unwrap();
        data.private_database(&database).unwrap_err();
        assert!(!elsewhere.exists());
        // The owner's own is closed.
        fs::remove_file(&database).unwrap();
        fs::write(&database, "").unwrap();
        fs::set_permissions(&database, Permissions::from_mode(0o644)).unwrap();
        chown(&database, Some(STRANGER), Some(STRANGER)).unwrap();
        data.private_database(&database).unwrap();
        assert_eq!(mode(&database), 0o600);
    }
}
