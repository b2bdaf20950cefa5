//! Whose a file is: what somebody has to know who may not use it, and to whom a new one belongs.

use std::fmt;
use std::fs::File;
use std::io::{Error, ErrorKind};
use std::os::unix::fs::{MetadataExt as _, fchown};
use std::path::{Path, PathBuf};

use rustix::fs::Access;

use crate::failure::Failure;

/// Adds to a failure about the data directory why it may not be used, and what to do.
pub fn explain(failure: Failure, error: &Error, directory: &Path) -> Failure {
    match error.kind() {
        ErrorKind::PermissionDenied => failure.with_help(match Owner::of(directory) {
            Some(owner) => format!(
                "the data directory belongs to {owner}: run the command as that user, who must be able to write there"
            ),
            None => "run the command as the user who owns the data directory".to_owned(),
        }),
        ErrorKind::ReadOnlyFilesystem => failure.with_help(
            "all commands but `backup` and `doctor` write in the data directory: take a backup, find out why the disk is read-only, and restore to a sound one",
        ),
        _ => failure,
    }
}

/// The same of a file in it, which may be somebody else's.
pub fn explain_file(failure: Failure, error: &Error, file: &Path, directory: &Path) -> Failure {
    match error.kind() {
        ErrorKind::PermissionDenied => match of_its_own(file, directory) {
            Some(help) => failure.with_help(help),
            None => explain(failure, error, directory),
        },
        _ => explain(failure, error, directory),
    }
}

/// What to do about the first of these that this process may not read and write. What is not there is closed to
/// nobody.
pub fn closed(used: &[PathBuf], directory: &Path) -> Option<String> {
    let may = |path: &Path| {
        let access = Access::READ_OK | Access::WRITE_OK;
        rustix::fs::access(path, access) != Err(rustix::io::Errno::ACCESS)
    };
    let file = used.iter().find(|path| !may(path))?;
    let denied = Error::from(ErrorKind::PermissionDenied);
    explain_file(Failure::new(""), &denied, file, directory).help
}

/// What keeps somebody out of this file and not out of the directory.
fn of_its_own(file: &Path, directory: &Path) -> Option<String> {
    let mode = std::fs::metadata(file).ok()?.mode() & 0o777;
    let (owner, whose) = (Owner::of(file)?, Owner::of(directory)?);
    let name = file.display();
    if owner != whose {
        return Some(format!(
            "{name} belongs to {owner}, and the data directory to {whose}: give it to them (chown {} {name}), and try again",
            whose.for_chown()
        ));
    }
    let closed = mode & 0o600 != 0o600;
    closed.then(|| {
        format!("the mode of {name} ({mode:o}) keeps its owner out, {owner}: change it (chmod u+rwX {name}), and try again")
    })
}

/// Gives a file, or a folder, that this process has made just now to whoever the directory belongs to: what the administrator makes
/// in the directory of a service would be closed to that. By what is open, never by name: whoever owns the directory
/// could have put anything of the administrator's in its place, and have it given to them.
pub fn give(file: &File, path: &Path, directory: &Path) -> Result<(), Failure> {
    let unseen = |path| move |error| Failure::file("look at", path, &error);
    let made = file.metadata().map_err(unseen(path))?;
    let there = std::fs::metadata(directory).map_err(unseen(directory))?;
    let is_one = made.is_file() || made.is_dir();
    if made.uid() == there.uid() || !is_one {
        return Ok(());
    }
    match fchown(file, Some(there.uid()), Some(there.gid())) {
        // Nobody but the administrator gives files away: others work here as who they are.
        Err(error) if error.kind() == ErrorKind::PermissionDenied && made.uid() != 0 => Ok(()),
        Err(error) => {
            let failure = Failure::file("give away", path, &error);
            Err(explain(
                failure,
                &ErrorKind::PermissionDenied.into(),
                directory,
            ))
        }
        Ok(()) => Ok(()),
    }
}

/// A user of this machine.
#[derive(PartialEq, Eq)]
struct Owner {
    id: u32,
    /// Where this machine knows it.
    name: Option<String>,
}

impl Owner {
    fn of(path: &Path) -> Option<Self> {
        let id = std::fs::metadata(path).ok()?.uid();
        let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        let name = users.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            (fields.nth(1)?.parse() == Ok(id)).then(|| name.to_owned())
        });
        Some(Self { id, name })
    }

    fn for_chown(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.id.to_string())
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "the user {name}"),
            None => write!(f, "the user with id {}", self.id),
        }
    }
}
