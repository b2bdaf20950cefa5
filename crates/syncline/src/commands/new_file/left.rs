//! What a process has begun beside a file and left there, because it was killed: as big as a backup, and with a key
//! in it perhaps.

use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use crate::begun::{self, LOCK};

/// Characters of the unique end of its name.
const UNIQUE: usize = 32;

/// Removes what others have left whose names begin like that of `own`, whose lock file is there and locked. That it can
/// not be removed keeps nobody from writing. What has no lock file beside it may be anybody's.
pub(super) fn remove(own: &Path, beginning: &str) {
    let folder = match own.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let (Ok(found), Ok(its)) = (fs::read_dir(folder), fs::metadata(begun::lock_file(own))) else {
        return;
    };
    for entry in found.flatten() {
        let name = entry.file_name();
        let Some(left) = begun_with(&name, beginning) else {
            continue;
        };
        if own.file_name() != Some(OsStr::new(left)) {
            // Tried without asking why it does not work.
            let _ = remove_unlocked(&folder.join(left), its.uid());
        }
    }
}

/// The name of the file beside which this one would be locked.
fn begun_with<'n>(lock_file: &'n OsStr, beginning: &str) -> Option<&'n str> {
    let name = lock_file.to_str()?.strip_suffix(LOCK)?;
    let unique = name.strip_prefix(beginning)?;
    let is_unique = unique.len() == UNIQUE
        && unique
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_unique.then_some(name)
}

/// Somebody writes it as long as the file beside it is locked.
fn remove_unlocked(left: &Path, owner: u32) -> std::io::Result<()> {
    let path = begun::lock_file(left);
    // A pipe would be waited for; and to close another name of a database that is worked on would take its
    // locks away.
    if !is_one(&fs::symlink_metadata(&path)?, owner) {
        return Ok(());
    }
    let no_link = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
    let lock = fs::File::options()
        .read(true)
        .write(true)
        .custom_flags(no_link)
        .open(&path)?;
    lock.try_lock()?;
    let (its, there) = (lock.metadata()?, fs::symlink_metadata(&path)?);
    // Its writer may be done with it, or make it anew at this moment.
    if (its.dev(), its.ino()) != (there.dev(), there.ino()) {
        return Ok(());
    }
    match fs::symlink_metadata(left) {
        Ok(found) if !is_one(&found, owner) => return Ok(()),
        // Its process was killed before it wrote anything.
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        Ok(_) | Err(_) => {}
    }
    begun::remove(left)
}

/// Whether this is what a process of this user leaves: a file of one name.
fn is_one(found: &fs::Metadata, owner: u32) -> bool {
    found.is_file() && found.nlink() == 1 && found.uid() == owner
}
