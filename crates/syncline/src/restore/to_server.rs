//! A backup becomes the database on a server.

use std::fs;
use std::path::PathBuf;

use syncline_model::Timestamp;
use syncline_store::{Backup, MasterKey, NewFile, Reader, Store, StoreError};

use super::key::stage_key;
use super::{
    beside, has_data, nothing_replaced, of_file, prepare, remove, rename, swap, unusable,
    with_suffix,
};
use crate::data_dir::{DataDir, Lock};
use crate::ended::Ended;
use crate::failure::Failure;
use crate::nodes;
use crate::progress::{Progress, Step};
use crate::seam::SystemIds;

/// A backup, and the key that opens it.
#[derive(Clone, Copy)]
pub(super) struct Opens<'a> {
    pub(super) backup: &'a Backup,
    pub(super) key: &'a MasterKey,
}

/// Says what was kept aside. From before the server is asked for anything until it is known to have refused, the lock
/// says that its database is the one that was opened last: whoever forgets to name it goes on with no file that
/// was left behind, however this ends.
pub(super) fn to_server(
    data: &DataDir,
    lock: &mut Lock,
    Opens { backup, key }: Opens<'_>,
    url: &str,
    force: bool,
    at: Timestamp,
    progress: &dyn Progress,
) -> Result<Vec<PathBuf>, Failure> {
    let database = data.database();
    // What is kept aside belongs to the key that was here before.
    let before = data.read_key().ok();
    let old = match Store::connect_to_replace(url, before.as_ref().unwrap_or(key)) {
        Ok(old) => Some(old),
        Err(StoreError::Empty) => None,
        Err(error) => return Err(not_to_be_replaced(data, error)),
    };
    let to_be_kept = |reader: &Reader<'_>| {
        nodes::nobody_works(reader, &database, at)?;
        // What can not be read is what a restore is for.
        let held = !reader.tenant_ids()?.is_empty();
        if held && !force {
            return Err(has_data(&format!("the database {database}")));
        }
        Ok::<_, Failure>(held)
    };
    // Asked before anything is made, and again when nobody can write there any more.
    if let Some(old) = old {
        old.read(to_be_kept)?;
    }
    let work = swap::stage(data)?;
    let made = data
        .new_file(&work)
        .map_err(|failure| nothing_replaced(failure, &work))?;
    let made = NewFile::new(made, &work);
    backup
        .write_database(&made, key, &|tx| prepare(tx, at))
        .map_err(|error| unusable(error, &work))?;
    // What is in place when the server has committed is opened with it alone.
    let mut waiting = stage_key(data, key).map_err(|failure| nothing_replaced(failure, &work))?;
    let opened_before = lock.remember(database.to_string()).map_err(|error| {
        let failure = Failure::file("write", &data.lock_file(), &error);
        nothing_replaced(failure, &work)
    })?;
    if let Some(waiting) = &mut waiting {
        waiting.is_needed();
    }
    let mut kept = Vec::new();
    let keep = |reader: &Reader<'_>| {
        if to_be_kept(reader)? {
            kept.push(keep_aside(data, reader, at, progress)?);
        }
        Ok::<_, Ended>(())
    };
    let old_key = before.as_ref().unwrap_or(key);
    let told = &mut |table: &str, done, total| {
        progress.step(Step {
            label: format!("restoring {table}"),
            done,
            total,
        });
    };
    let result = backup.write_server(url, old_key, &made, &SystemIds::default(), keep, told);
    if let Err(Ended {
        failure,
        unanswered,
    }) = result
    {
        // `doctor` names it where it can not be removed. Why nothing was replaced matters more.
        let _ = fs::remove_file(&work);
        if !unanswered {
            if let Some(waiting) = &mut waiting {
                waiting.is_not_needed();
            }
            // What can not be written now is, when the lock is released.
            let _ = lock.go_back_to(opened_before);
        }
        return Err(still_there(failure.of(data), &kept));
    }
    // What is left of it is in the way of nothing, and the key is missed.
    let removed = remove(&work);
    if let Some(waiting) = waiting {
        let aside = waiting
            .put_in_place(data, at)
            .map_err(|failure| without_key(data, failure))?;
        kept.extend(aside);
    }
    let next = data.keep_next_key(at).map_err(|failure| {
        failure.with_help("the database is restored: move that key file to a safe place, it may be the only one of the database that was there before")
    })?;
    kept.extend(next);
    removed.map_err(|failure| {
        failure.with_help("the database is restored: remove the file, of which it was made")
    })?;
    Ok(kept)
}

/// Everything was replaced but the key.
fn without_key(data: &DataDir, failure: Failure) -> Failure {
    let (waits, place) = (data.restoring_key_file(), data.key_file());
    failure.with_help(format!(
        "the database is restored, and opens with the key in {} alone: move {} away, and that one to its place",
        waits.display(),
        place.display()
    ))
}

/// A backup of what is about to be replaced; says where it is. It has that name when it is complete, and on
/// the disk.
fn keep_aside(
    data: &DataDir,
    reader: &Reader<'_>,
    at: Timestamp,
    progress: &dyn Progress,
) -> Result<PathBuf, Failure> {
    let aside = beside(&data.path().join("database.backup"), at);
    let partial = with_suffix(&aside, ".partial");
    remove(&partial)?;
    let file = NewFile::new(data.new_file(&partial)?, &partial);
    let made = reader.keep_aside(&file, at, &mut |table, done, total| {
        progress.step(Step {
            label: format!("keeping {table} aside"),
            done,
            total,
        });
    });
    if let Err(error) = made {
        // The next try makes another one.
        let _ = fs::remove_file(&partial);
        return Err(of_file(error, &aside));
    }
    rename(&partial, &aside)?;
    swap::sync(data)?;
    Ok(aside)
}

/// What was kept aside before a restore that then failed.
fn still_there(failure: Failure, kept: &[PathBuf]) -> Failure {
    let Some(aside) = kept.first() else {
        return failure;
    };
    let first = failure
        .help
        .as_ref()
        .map_or_else(String::new, |help| format!("{help}; "));
    let help = format!(
        "{first}a backup of what was there before is {}, which you may remove if nothing was replaced",
        aside.display()
    );
    failure.with_help(help)
}

/// Nobody knows what a newer version keeps in its tables, or how to keep that aside.
fn not_to_be_replaced(data: &DataDir, error: StoreError) -> Failure {
    match error {
        StoreError::NewerLayout { .. } => Failure::new(format!(
            "cannot replace what is in the database {}: {error}",
            data.database()
        ))
        .with_help("restore to an empty database, or to a schema of its own in this one (?options=-csearch_path%3DNAME at the end of the URL), and name that with SYNCLINE_DATABASE from then on; what is here stays as it is"),
        error => data.cannot_open(error),
    }
}
