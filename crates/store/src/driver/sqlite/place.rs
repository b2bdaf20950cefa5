//! Whether the name of the database file leads to the file that was opened.
//!
//! One that was moved away, removed or replaced while it is open is written on by whoever has it open, and nobody finds
//! what is written there; and connections that are opened later would be to another file, beside the log of this one. So
//! nothing is written from then on, and nobody reads from another file. Links are followed, as SQLite does.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::{Result, StoreError};

/// A name, and the file that it led to when that was opened.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    /// Device and inode.
    opened: (u64, u64),
}

impl Place {
    /// Of a file that was opened a moment ago.
    pub(super) fn of(path: &Path) -> Result<Self> {
        let opened = identity(&fs::metadata(path)?);
        Ok(Self {
            path: path.to_owned(),
            opened,
        })
    }

    pub(super) fn is(&self, file: &Metadata) -> bool {
        identity(file) == self.opened
    }

    /// Fails with [`StoreError::Unwritable`] where another file has the name, or none.
    pub(super) fn refuse_another(&self) -> Result<()> {
        match fs::metadata(&self.path) {
            Ok(found) if self.is(&found) => Ok(()),
            Ok(_) => Err(StoreError::Unwritable(ANOTHER.to_owned())),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err(StoreError::Unwritable(NONE.to_owned()))
            }
            // It can not be looked at, which says nothing of what is there.
            Err(error) => Err(error.into()),
        }
    }
}

const ANOTHER: &str =
    "another file has the name of the database; put back the one that was there, and start again";
const NONE: &str = "no file has the name of the database any more; put it back, and start again";

fn identity(file: &Metadata) -> (u64, u64) {
    (file.dev(), file.ino())
}
