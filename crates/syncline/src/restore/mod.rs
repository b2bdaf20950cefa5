//! `syncline restore`: a backup becomes the database. What was there is kept aside, and touched only
//! when the backup is found whole, its key opens it, and its tables are of today's layout.

mod swap;

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use syncline_directory::restored;
use syncline_model::{Clock as _, Timestamp};
use syncline_store::{Backup, Database, MasterKey, Reader, Store, StoreError, Tx};

use crate::data_dir::{DataDir, owner_only};
use crate::failure::Failure;
use crate::nodes;
use crate::progress::{Progress, Step};
use crate::seam::{SystemClock, SystemIds};

/// What came out.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Restored {
    /// When the backup was made.
    pub made_at: String,
    pub database: String,
    pub tenants: u64,
    pub objects: u64,
    /// Whether a digest told that the backup is as it was when it was made, by somebody who has the key
    /// that was here before.
    pub verified: bool,
    /// Whether its key came with it: then its digest tells damage, and not who made it.
    pub key_from_backup: bool,
    #[serde(skip)]
    has_digest: bool,
    /// Until then nothing is removed from recycle bins, however old it is.
    pub recycle_bins_kept_until: String,
    /// What was there before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept_aside: Vec<PathBuf>,
}

impl Restored {
    pub fn text(&self) -> String {
        let mut text = format!(
            "Restored the backup of {} to {}: {} tenants, {} objects.\n",
            self.made_at, self.database, self.tenants, self.objects
        );
        if !self.has_digest {
            text.push_str("Warning: the backup has no digest, as older versions made them: nothing tells whether it was damaged or changed since. Run `syncline doctor`.\n");
        }
        if self.key_from_backup {
            text.push_str("The key came with the backup: it is not damaged, but nothing proves who made it.\n");
        }
        text.push_str(&format!(
            "Nothing is removed from recycle bins before {}.\n",
            self.recycle_bins_kept_until
        ));
        for kept in &self.kept_aside {
            text.push_str(&format!("Kept aside: {}\n", kept.display()));
        }
        text
    }
}

/// What is to be restored, and what the person takes upon himself.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub file: &'a Path,
    /// Data that is there is replaced.
    pub force: bool,
    /// Nothing may tell who made the backup.
    pub unverified: bool,
}

pub fn run(
    data: &DataDir,
    asked: &Asked<'_>,
    progress: &dyn Progress,
) -> Result<Restored, Failure> {
    let (file, force) = (asked.file, asked.force);
    look_at(file)?;
    data.create()?;
    let _lock = data.lock_alone("stop it first")?;
    let _beside = data.lock_beside_alone()?;
    progress.step(Step {
        label: "checking the backup".to_owned(),
        done: 0,
        total: 1,
    });
    let backup = Backup::open(file).map_err(|error| no_backup(file, error))?;
    backup
        .refuse_newer_layout()
        .map_err(|error| no_backup(file, error))?;
    let counts = backup.counts()?;
    let count = |table: &str| {
        let found = counts.iter().find(|(name, _)| name == table);
        found.map_or(0, |(_, rows)| *rows)
    };
    let at = SystemClock.now();
    let (key, key_from_backup) = right_key(data, &backup, asked)?;
    let has_digest = backup
        .verify(&key)
        .map_err(|error| no_backup(file, error))?;
    if !has_digest && !asked.unverified {
        return Err(without_digest(file));
    }
    let kept_aside = match data.database() {
        Database::File(path) => to_file(data, &backup, &path, &key, force, at)?,
        Database::Postgres(url) => to_server(data, &backup, &url, &key, force, at, progress)?,
    };
    // Nothing is left to do: what is in place was ready before it was put there.
    Ok(Restored {
        made_at: backup.made_at.to_seconds_text(),
        database: data.database().to_string(),
        tenants: count("tenant"),
        objects: count("object"),
        verified: has_digest && !key_from_backup,
        key_from_backup,
        has_digest,
        recycle_bins_kept_until: restored::recycle_bins_kept_until(at).to_seconds_text(),
        kept_aside,
    })
}

/// What the backup remembers of the installation that it was made of, and is not true of this one.
fn prepare(tx: &mut Tx<'_>, at: Timestamp) -> Result<(), StoreError> {
    nodes::forget_all(tx)?;
    // Whoever works with what was there before is refused to go on.
    tx.mark_restored(&SystemIds)?;
    restored::begin_anew(tx, &SystemIds, at)
}

/// What can be told before anything is made or read.
fn look_at(file: &Path) -> Result<(), Failure> {
    let found = fs::metadata(file)
        .map_err(|error| Failure::file("read the backup", file, &error).with_help(NAME_A_BACKUP))?;
    let wrong = if found.is_dir() {
        "is a directory, not a backup"
    } else if found.len() == 0 {
        "is empty"
    } else if is_kept_aside(file) {
        return Err(Failure::new(format!(
            "{} is no backup: a restore kept it aside, and it is the database as it was",
            file.display()
        ))
        .with_help("to take that restore back stop the server, move what is there now away, and move it back to its old name, with the log and the key that were kept aside with it (operations, \"Taking a restore back\"); nothing was replaced"));
    } else {
        return Ok(());
    };
    Err(Failure::new(format!("{} {wrong}", file.display())).with_help(NAME_A_BACKUP))
}

/// Whether it is a database that a restore moved out of the way. Not opened: SQLite would make files beside it.
fn is_kept_aside(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with("syncline.db.before-restore-") && !Backup::is_one(file)
}

const NAME_A_BACKUP: &str = "name a file that `syncline backup` has written";

fn no_backup(file: &Path, error: StoreError) -> Failure {
    match error {
        StoreError::Damaged(why) => {
            let why = why.strip_prefix("the backup: ").unwrap_or(why);
            let help = if why.contains("damaged") {
                "copy it once more from where it is kept, or use an older one; nothing was replaced"
            } else {
                NAME_A_BACKUP
            };
            Failure::new(format!("cannot use the backup {}: {why}", file.display())).with_help(help)
        }
        StoreError::NewerLayout { .. } => {
            Failure::new(format!("cannot use the backup {}: {error}", file.display()))
                .with_help("restore it with the newer syncline that made it; nothing was replaced")
        }
        error => Failure::new(format!("cannot use the backup {}: {error}", file.display()))
            .with_help(NAME_A_BACKUP),
    }
}

/// Older versions made them so; and so does whoever changed one and cut the digest off.
fn without_digest(file: &Path) -> Failure {
    Failure::new(format!(
        "the backup {} has no digest: nothing tells whether it was damaged or changed",
        file.display()
    ))
    .with_help("if an older version made it, or a restore kept it aside, and nobody else could write it, restore it with --unverified; nothing was replaced")
}

/// The key that opens the backup: the one in the data directory, or the one that came with the backup,
/// which is told.
fn right_key(
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

fn has_data(what: &str) -> Failure {
    Failure::new(format!("{what} holds data"))
        .with_help("restore to an empty place, or replace it with --force: it is then kept aside")
}

fn to_file(
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
    let staged = swap::stage(data)?;
    owner_only(&staged).map_err(|error| Failure::file("make", &staged, &error))?;
    backup
        .write_database(&staged, key, &|tx| prepare(tx, at))
        .map_err(|error| unusable(error, &staged))?;
    let mut kept: Vec<PathBuf> = swap::set_aside(data, path, at)?.into_iter().collect();
    // Before the database, which can not be opened without it.
    kept.extend(put_key(data, key, at)?);
    swap::put_in_place(data, &staged, path)?;
    Ok(kept)
}

fn to_server(
    data: &DataDir,
    backup: &Backup,
    url: &str,
    key: &MasterKey,
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
        nobody_works(reader, &database, at)?;
        let held = !reader.tenants()?.is_empty();
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
    owner_only(&work).map_err(|error| Failure::file("make", &work, &error))?;
    backup
        .write_database(&work, key, &|tx| prepare(tx, at))
        .map_err(|error| unusable(error, &work))?;
    let mut kept = Vec::new();
    let keep = |reader: &Reader<'_>| {
        if to_be_kept(reader)? {
            kept.push(keep_aside(data, reader, at, progress)?);
        }
        Ok(())
    };
    let old_key = before.as_ref().unwrap_or(key);
    let result = backup.write_server(url, old_key, &work, keep, &mut |table, done, total| {
        progress.step(Step {
            label: format!("restoring {table}"),
            done,
            total,
        });
    });
    remove(&work)?;
    result.map_err(|failure: Failure| still_there(failure.of(data), &kept))?;
    kept.extend(put_key(data, key, at)?);
    Ok(kept)
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
    owner_only(&partial).map_err(|error| Failure::file("make", &partial, &error))?;
    let made = reader.keep_aside(&partial, at, &mut |table, done, total| {
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

/// Puts the key into the data directory, unless it is there.
fn put_key(data: &DataDir, key: &MasterKey, at: Timestamp) -> Result<Option<PathBuf>, Failure> {
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

fn unusable(error: StoreError, work: &Path) -> Failure {
    // What was begun is of no use to anybody.
    let _ = fs::remove_file(work);
    let failure = of_file(error, work);
    let help = failure
        .help
        .map_or_else(String::new, |help| format!("; {help}"));
    Failure::new(format!(
        "the backup cannot be restored: {}",
        failure.message
    ))
    .with_help(format!("nothing was replaced{help}"))
}

/// What could not be written into a file of the data directory: if a disk is full, it is that one's, wherever
/// the database is.
fn of_file(error: StoreError, file: &Path) -> Failure {
    match error {
        StoreError::Full(_) => {
            Failure::file("write", file, &std::io::ErrorKind::StorageFull.into())
        }
        error => error.into(),
    }
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

/// Neither a server, nor a command that runs a cycle without one.
fn nobody_works(reader: &Reader<'_>, database: &Database, at: Timestamp) -> Result<(), Failure> {
    let who = match nodes::alive(reader, at)?.first() {
        Some(node) => format!("the server {node}"),
        None if reader.is_leased_now(at)? => "a process that runs a cycle".to_owned(),
        None => return Ok(()),
    };
    Err(
        Failure::new(format!("{who} works on the database {database}"))
            .with_help("stop all servers first; one that was killed is forgotten after a minute"),
    )
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

/// A name for what was there, which nothing has yet: two restores in one second keep two.
fn beside(path: &Path, at: Timestamp) -> PathBuf {
    let stamp = at.to_seconds_text().replace([':', '-'], "");
    let first = with_suffix(path, &format!(".before-restore-{stamp}"));
    let others = (2..).map(|number| with_suffix(&first, &format!("-{number}")));
    std::iter::once(first.clone())
        .chain(others)
        .find(|it| !it.exists())
        .unwrap_or_else(|| first.clone())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn rename(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::rename(from, to).map_err(|error| Failure::file("rename", from, &error))
}

fn remove(path: &Path) -> Result<(), Failure> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::file("remove", path, &error))
        }
        _ => Ok(()),
    }
}
