//! A file that was made just now, in a directory of somebody else's perhaps.
//!
//! The administrator restores in the directory of a service, whose user may give the file's name to another one at
//! any moment: to a link to a file of the administrator's, say. So what is written goes to what was made, SQLite, which
//! opens names alone, follows no link, and nothing comes to its place that is not what was made.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rusqlite::OpenFlags;
use rustix::fs::{Mode, OFlags};

use crate::Result;

/// A file that was made just now, open to be read and written, and the name that it was given. To be kept until SQLite is
/// done with it: to close it takes SQLite's locks away.
#[derive(Debug)]
pub struct NewFile {
    file: File,
    path: PathBuf,
}

impl NewFile {
    /// `file` was made under this name, and is empty.
    pub fn new(file: File, path: impl Into<PathBuf>) -> Self {
        Self {
            file,
            path: path.into(),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// # Errors
    /// Its name is another one's by now, or nobody's.
    pub fn refuse_replaced(&self) -> Result<()> {
        let identity = |found: fs::Metadata| (found.dev(), found.ino());
        let its = self.file.metadata().map(identity)?;
        match fs::symlink_metadata(&self.path).map(identity) {
            Ok(there) if there == its => Ok(()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => {
                let replaced = format!(
                    "somebody has put something else in the place of {}, which was just made",
                    self.path.display()
                );
                Err(io::Error::other(replaced).into())
            }
        }
    }

    /// For SQLite to read and write.
    pub(super) fn connect(&self) -> Result<rusqlite::Connection> {
        self.refuse_replaced()?;
        connect(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)
    }
}

/// Opens the file of this name, never what a link leads to.
pub(super) fn connect(path: &Path, flags: OpenFlags) -> Result<rusqlite::Connection> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NOFOLLOW | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(rusqlite::Connection::open_with_flags(
        in_its_real_folder(path)?,
        flags,
    )?)
}

/// The same file without links on the way to it: SQLite, told to follow none, refuses those, too.
pub(super) fn in_its_real_folder(path: &Path) -> io::Result<PathBuf> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    Ok(fs::canonicalize(folder)?.join(name))
}

/// Opens the file of this name, never what a link leads to.
pub(super) fn open(path: &Path, flags: OFlags) -> io::Result<File> {
    let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}
