//! The key that opens a backup, and its place in the data directory.

use std::path::{Path, PathBuf};

use syncline_model::Timestamp;
use syncline_store::{Backup, MasterKey};

use super::{Asked, beside, rename};
use crate::data_dir::DataDir;
use crate::failure::Failure;

/// The key that opens the backup: the one in the data directory, or the one that came with the backup,
/// which is told.
pub(super) fn right_key(
    data: &DataDir,
    backup: &Backup,
    asked: &Asked<'_>,
) -> Result<(MasterKey, bool), Failure> {
    let path = data.key_file();
    let own = if path.exists() {
        data.read_key().map(Some)
    } else {
        Ok(None)
    };
    let opens = match &own {
        Ok(Some(key)) => backup.opens_with(key)?,
        _ => false,
    };
    if opens && let Ok(Some(key)) = own {
        return Ok((key, false));
    }
    if let Some(key) = backup.key()?
        && backup.opens_with(&key)?
    {
        if matches!(own, Ok(Some(_))) && !asked.unverified {
            return Err(of_another_key(asked.file, &path));
        }
        return Ok((key, true));
    }
    let Some(_) = own? else {
        return Err(Failure::new(format!(
            "the backup was made without its key, and there is none in {}",
            path.display()
        ))
        .with_help("put the key file of the backed-up installation there, readable by you only, and try again"));
    };
    Err(Failure::new(format!(
        "the key file {} does not open this backup",
        path.display()
    ))
    .with_help("put the key file of the backed-up installation there, and try again"))
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

/// Puts the key into the data directory, unless it is there.
pub(super) fn put_key(
    data: &DataDir,
    key: &MasterKey,
    at: Timestamp,
) -> Result<Option<PathBuf>, Failure> {
    let path = data.key_file();
    let mut aside = None;
    if path.exists() {
        // What is no key at all goes aside, too.
        if data.read_key().is_ok_and(|it| it == *key) {
            return Ok(None);
        }
        let old = beside(&path, at);
        rename(&path, &old)?;
        aside = Some(old);
    }
    key.write_new(&path)?;
    Ok(aside)
}
