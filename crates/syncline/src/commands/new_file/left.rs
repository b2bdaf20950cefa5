//! What a process has begun beside a file and left there, because it was killed: as big as a backup, and with a key
//! in it perhaps.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use crate::begun;

/// Characters of the unique end of its name.
const UNIQUE: usize = 32;

/// Removes what others have left whose names begin like that of `own`, which is there and locked. That it can not
/// be removed keeps nobody from writing.
pub(super) fn remove(own: &Path, beginning: &str) {
    let folder = match own.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let (Ok(found), Ok(its)) = (fs::read_dir(folder), fs::metadata(own)) else {
        return;
    };
    for entry in found.flatten() {
        let path = entry.path();
        if path.file_name() != own.file_name() && is_begun(&entry.file_name(), beginning) {
            // Tried without asking why it does not work.
            let _ = remove_unlocked(&path, its.uid());
        }
    }
}

fn is_begun(name: &OsStr, beginning: &str) -> bool {
    let unique = name.to_str().and_then(|it| it.strip_prefix(beginning));
    unique.is_some_and(|it| {
        it.len() == UNIQUE
            && it
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// Somebody writes it as long as it is locked.
fn remove_unlocked(path: &Path, owner: u32) -> std::io::Result<()> {
    let found = fs::symlink_metadata(path)?;
    // A pipe would be waited for; and to close another name of a database that is worked on would take its
    // locks away.
    if !found.is_file() || found.nlink() != 1 {
        return Ok(());
    }
    let no_link = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
    let left = fs::File::options()
        .read(true)
        .write(true)
        .custom_flags(no_link)
        .open(path)?;
    left.try_lock()?;
    let (its, there) = (left.metadata()?, fs::symlink_metadata(path)?);
    // It may have become what it should, and another one be there.
    let same = (its.dev(), its.ino()) == (there.dev(), there.ino());
    if !same || its.uid() != owner {
        return Ok(());
    }
    begun::remove(path)
}
