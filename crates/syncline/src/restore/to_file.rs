//! A backup becomes the file in the data directory.

use std::path::{Path, PathBuf};

use syncline_model::Timestamp;
use syncline_store::{Backup, MasterKey, NewFile};

use super::key::stage_key;
use super::{has_data, nothing_replaced, prepare, swap, unusable};
use crate::data_dir::{DataDir, linked_to};
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
    if !force
        && !path.exists()
        && let Some(real) = linked_to(path)
    {
        return Err(leads_nowhere(path, &real));
    }
    // What an attempt before was making is put in place last.
    let interrupted = data.restoring_file().exists();
    let staged = swap::stage(data)?;
    let made = data
        .new_file(&staged)
        .map_err(|failure| nothing_replaced(failure, &staged))?;
    let made = NewFile::new(made, &staged);
    backup
        .write_database(&made, key, &|tx| prepare(tx, at))
        .map_err(|error| unusable(error, &staged))?;
    // What can fail for want of room fails before anything is replaced.
    let waiting = stage_key(data, key).map_err(|failure| nothing_replaced(failure, &staged))?;
    // As long as nothing was: whoever owns the directory may have given the name to something else.
    made.refuse_replaced()
        .map_err(|error| unusable(error, &staged))?;
    let mut kept: Vec<PathBuf> = swap::set_aside(data, path, at, interrupted)?
        .into_iter()
        .collect();
    // Before the database, which can not be opened without it.
    if let Some(waiting) = waiting {
        let aside = waiting.put_in_place(data, at).map_err(to_be_gone_on)?;
        kept.extend(aside);
    }
    let next = data.keep_next_key(at).map_err(to_be_gone_on)?;
    kept.extend(next);
    swap::put_in_place(data, &staged, path)?;
    Ok(kept)
}

fn leads_nowhere(path: &Path, real: &Path) -> Failure {
    Failure::new(format!(
        "the database {} is a link to {}, which is not there",
        path.display(),
        real.display()
    ))
    .with_help("if it is on another disk, mount that; or replace the link with --force: it is then kept aside")
}

/// The old database is out of the way, and the new one not yet in its place: every command but a restore
/// says so.
fn to_be_gone_on(failure: Failure) -> Failure {
    failure.with_help("find out why that key file cannot be moved or replaced, and run the same command again, which goes on from here; what was there before is kept as syncline.db.before-restore-…")
}
