//! A backup becomes the file in the data directory.

use std::path::{Path, PathBuf};

use syncline_model::Timestamp;
use syncline_store::{Backup, MasterKey};

use super::key::put_key;
use super::{has_data, prepare, swap, unusable};
use crate::data_dir::{DataDir, owner_only};
use crate::failure::Failure;

/// Says what was kept aside.
pub(super) fn to_file(
    data: &DataDir,
    backup: &Backup,
    path: &Path,
    key: &MasterKey,
    force: bool,
    at: Timestamp,
) -> Result<Vec<PathBuf>, Failure> {
    let held = path.exists() && syncline_store::holds_tenants(path);
    if held && !force {
        return Err(has_data(&format!("the database {}", path.display())));
    }
    // What an attempt before was making is put in place last.
    let interrupted = data.restoring_file().exists();
    let staged = swap::stage(data)?;
    owner_only(&staged).map_err(|error| Failure::file("make", &staged, &error))?;
    backup
        .write_database(&staged, key, &|tx| prepare(tx, at))
        .map_err(|error| unusable(error, &staged))?;
    let mut kept: Vec<PathBuf> = swap::set_aside(data, path, at, interrupted)?
        .into_iter()
        .collect();
    // Before the database, which can not be opened without it.
    kept.extend(put_key(data, key, at)?);
    swap::put_in_place(data, &staged, path)?;
    Ok(kept)
}
