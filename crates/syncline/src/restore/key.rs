//! The key that opens a backup, and its place in the data directory.

use std::fs;
use std::path::{Path, PathBuf};

use syncline_model::Timestamp;
use syncline_store::{Backup, MasterKey};

use super::{Asked, beside, of_file, remove, rename, swap};
use crate::data_dir::DataDir;
use crate::failure::Failure;

/// Where the key was that opens the backup. Only one's own tells who made it.
pub(super) enum Origin {
    /// In the data directory, as its key.
    Own,
    /// In the data directory, under the name that it got when another took its place.
    KeptAside(PathBuf),
    /// In the backup.
    Backup,
}

/// The key that opens the backup: the one in the data directory, the one that came with the backup, or one that
/// was kept aside, which is told.
pub(super) fn right_key(
    data: &DataDir,
    backup: &Backup,
    asked: &Asked<'_>,
) -> Result<(MasterKey, Origin), Failure> {
    let path = data.key_file();
    let (own, unusable) = match path.exists().then(|| data.read_key()).transpose() {
        Ok(own) => (own, None),
        Err(failure) => (None, Some(failure)),
    };
    let has_own = own.is_some();
    // Where a replacement was interrupted, the one that waits may be the one by now.
    let waits = MasterKey::load(&data.next_key_file()).ok();
    for key in own.into_iter().chain(waits) {
        if backup.opens_with(&key)? {
            return Ok((key, Origin::Own));
        }
    }
    if let Some(key) = backup.key()?
        && backup.opens_with(&key)?
    {
        if has_own && !asked.unverified {
            return Err(of_another_key(asked.file, &path));
        }
        return Ok((key, Origin::Backup));
    }
    for (aside, key) in data.keys_kept_aside()? {
        if backup.opens_with(&key)? {
            if !asked.unverified {
                return Err(of_kept_key(asked.file, &aside));
            }
            return Ok((key, Origin::KeptAside(aside)));
        }
    }
    if let Some(failure) = unusable {
        return Err(failure);
    }
    if !has_own {
        return Err(Failure::new(format!(
            "the backup was made without its key, and there is none in {}",
            path.display()
        ))
        .with_help("put the key file of the backed-up installation there, readable by you only, and try again"));
    }
    Err(Failure::new(format!(
        "the key file {} does not open this backup",
        path.display()
    ))
    .with_help("move that one to a safe place, for it alone opens what is here now; put the key file of the backed-up installation in its place, and try again; nothing was replaced"))
}

/// One was replaced because others have it, who can make such a backup.
fn of_kept_key(file: &Path, aside: &Path) -> Failure {
    Failure::new(format!(
        "the backup {} was made with the key that is kept aside as {}, and not with the present one",
        file.display(),
        aside.display()
    ))
    .with_help("whoever else has that key can make such a backup, too: if you know where this one comes from, restore it with --unverified, which keeps the present key aside; nothing was replaced")
}

/// Anybody can make a backup with a key of his own, in which he is whom he likes.
fn of_another_key(file: &Path, key_file: &Path) -> Failure {
    Failure::new(format!(
        "the backup {} brings a key along that is not the one in {}: it was made by another installation, or by somebody else",
        file.display(),
        key_file.display()
    ))
    .with_help("if you know where it comes from, restore it with --unverified, which keeps the old key aside; nothing was replaced")
}

/// A key that waits beside the place that it is to take. It is on the disk before anything is replaced: what
/// is in place then can be opened, however the restore ends.
pub(super) struct Waiting {
    file: PathBuf,
    /// An attempt before has left it, and may have replaced everything.
    was_left: bool,
    /// Whether it stays when it does not come to its place.
    stays: bool,
}

/// Writes the key beside its place, unless it is in it.
pub(super) fn stage_key(data: &DataDir, key: &MasterKey) -> Result<Option<Waiting>, Failure> {
    let file = data.restoring_key_file();
    let left = MasterKey::load(&file);
    if data.read_key().is_ok_and(|it| it == *key) {
        if left.is_ok_and(|it| it == *key) {
            remove(&file)?;
        }
        return Ok(None);
    }
    let was_left = left.is_ok_and(|it| it == *key);
    let waiting = Waiting {
        file,
        was_left,
        stays: was_left,
    };
    if !was_left {
        // Of an attempt for another backup, which brings it along.
        remove(&waiting.file)?;
        let mut file = data.new_file(&waiting.file)?;
        key.write_to(&mut file)
            .map_err(|error| of_file(error, &waiting.file))?;
    }
    swap::sync(data)?;
    Ok(Some(waiting))
}

impl Waiting {
    /// From now on something may be in place that only this key opens.
    pub(super) fn is_needed(&mut self) {
        self.stays = true;
    }

    /// Nothing was replaced.
    pub(super) fn is_not_needed(&mut self) {
        self.stays = self.was_left;
    }

    /// Puts it into the data directory; says where the one that was there is now.
    pub(super) fn put_in_place(
        mut self,
        data: &DataDir,
        at: Timestamp,
    ) -> Result<Option<PathBuf>, Failure> {
        self.is_needed();
        let path = data.key_file();
        // What is no key at all goes aside, too: also a link that leads nowhere.
        let old = fs::symlink_metadata(&path)
            .is_ok()
            .then(|| beside(&path, at));
        if let Some(old) = &old
            // There is a key all the time: the old one has another name before its own is taken.
            && fs::hard_link(&path, old).is_err()
        {
            // A folder, or a file system without links.
            rename(&path, old)?;
        }
        rename(&self.file, &path)?;
        swap::sync(data)?;
        Ok(old)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if !self.stays {
            let _ = fs::remove_file(&self.file);
        }
    }
}
