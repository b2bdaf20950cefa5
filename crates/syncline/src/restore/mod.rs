//! `syncline restore`: a backup becomes the database. What was there is kept aside, and touched only
//! when the backup is found whole, its key opens it, and its tables are of today's layout.

mod key;
mod swap;
mod to_file;
mod to_server;

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use syncline_directory::restored;
use syncline_model::{Clock as _, Timestamp};
use syncline_store::{Backup, Database, StoreError, Tx};

use self::key::{Origin, right_key};
use self::to_file::to_file;
use self::to_server::{Opens, to_server};
use crate::data_dir::{self, DataDir, Made, linked_to};
use crate::failure::Failure;
use crate::nodes;
use crate::progress::{Progress, Step};
use crate::seam::{SystemClock, SystemIds};
use crate::tls::{Fault, Generated};

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
    /// Where its key was kept aside when another took its place: then its digest tells damage, and not who made
    /// it, for others may have that key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_kept_aside: Option<PathBuf>,
    #[serde(skip)]
    has_digest: bool,
    /// Until then nothing is removed from recycle bins, however old it is.
    pub recycle_bins_kept_until: String,
    /// What was there before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept_aside: Vec<PathBuf>,
    /// Where the database was, when its place in the data directory was a link. It is one no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linked_to: Option<PathBuf>,
    /// The embedded database that is in the data directory still, though what was restored is on a server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_left: Option<PathBuf>,
    /// Where the generated certificates would be, which are in no backup. `None`: there are some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_folder_missing: Option<PathBuf>,
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
        if let Some(aside) = &self.key_kept_aside {
            text.push_str(&format!(
                "It was made with the key that was kept aside as {}, which is the key again: if others have it, run `syncline keys replace` before you start a server.\n",
                aside.display()
            ));
        }
        text.push_str(&format!(
            "Nothing is removed from recycle bins and logs before {}.\n",
            self.recycle_bins_kept_until
        ));
        for kept in &self.kept_aside {
            text.push_str(&format!("Kept aside: {}\n", kept.display()));
        }
        if let Some(real) = &self.linked_to {
            text.push_str(&format!(
                "{0} was a link to {1}, and is a file now: what was restored is on the disk of the data directory. To have it where it was move it there with what is beside it (-wal), and make the link again, while no server runs.\n",
                self.database,
                real.display()
            ));
        }
        if let Some(file) = &self.file_left {
            text.push_str(&format!(
                "{} is left as it was, and is not used any more: name the database with SYNCLINE_DATABASE from now on.\n",
                file.display()
            ));
        }
        if let Some(folder) = &self.tls_folder_missing {
            text.push_str(&format!(
                "There is no {}, which is in no backup: without a certificate of your own the server makes a new CA, which clients must trust. To keep the old one put your copy of the folder there before you start the server.\n",
                folder.display()
            ));
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
    let file = asked.file;
    look_at(file)?;
    progress.step(Step {
        label: "checking the backup".to_owned(),
        done: 0,
        total: 1,
    });
    let backup = Backup::open(file).map_err(|error| no_backup(file, error))?;
    backup
        .refuse_newer_layout()
        .map_err(|error| no_backup(file, error))?;
    let mut made = Made::default();
    let restored = restore(data, asked, &backup, &mut made, progress);
    if restored.is_err() {
        made.undo();
    }
    restored
}

/// In a data directory that is there, or made for it.
fn restore(
    data: &DataDir,
    asked: &Asked<'_>,
    backup: &Backup,
    made: &mut Made,
    progress: &dyn Progress,
) -> Result<Restored, Failure> {
    let (file, force) = (asked.file, asked.force);
    let mut lock = data.lock_alone(made, "stop it first")?;
    let _beside = data.lock_beside_alone()?;
    let counts = backup.counts()?;
    let count = |table: &str| {
        let found = counts.iter().find(|(name, _)| name == table);
        found.map_or(0, |(_, rows)| *rows)
    };
    let at = SystemClock.now();
    let (key, origin) = right_key(data, backup, asked)?;
    let has_digest = backup
        .verify(&key)
        .map_err(|error| no_backup(file, error))?;
    if !has_digest && !asked.unverified {
        return Err(without_digest(file));
    }
    let is_on_server = matches!(data.database(), Database::Postgres(_));
    let was_linked = linked_to(&data.database_file());
    let kept_aside = match data.database() {
        Database::File(path) => to_file(data, backup, &path, &key, force, at)?,
        Database::Postgres(url) => {
            let opens = Opens { backup, key: &key };
            to_server(data, &mut lock, opens, &url, force, at, progress)?
        }
    };
    // What can not be written now is, when the lock is released.
    let _ = lock.has_opened(&data.database());
    // Of a first start that did not come to its end. Where it can not be removed it is of nothing, beside the key.
    let _ = fs::remove_file(data.new_key_file());
    let tls_folder = data.tls();
    let is_absent = matches!(Generated::files(&tls_folder).look(), Err(Fault::Absent));
    // Nothing is left to do: what is in place was ready before it was put there.
    Ok(Restored {
        made_at: backup.made_at.to_seconds_text(),
        database: data.database().to_string(),
        tenants: count("tenant"),
        objects: count("object"),
        verified: has_digest && matches!(origin, Origin::Own),
        key_from_backup: matches!(origin, Origin::Backup),
        key_kept_aside: match origin {
            Origin::KeptAside(aside) => Some(aside),
            Origin::Own | Origin::Backup => None,
        },
        has_digest,
        recycle_bins_kept_until: restored::kept_until(at).to_seconds_text(),
        kept_aside,
        linked_to: was_linked.filter(|_| !is_on_server),
        file_left: (is_on_server && data.has_database().unwrap_or(false))
            .then(|| data.database_file()),
        tls_folder_missing: is_absent.then_some(tls_folder),
    })
}

/// What the backup remembers of the installation that it was made of, and is not true of this one.
fn prepare(tx: &mut Tx<'_>, at: Timestamp) -> Result<(), StoreError> {
    nodes::forget_all(tx)?;
    restored::begin_anew(tx, &SystemIds::default(), at)
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

fn has_data(what: &str) -> Failure {
    Failure::new(format!("{what} holds data"))
        .with_help("restore to an empty place, or replace it with --force: it is then kept aside")
}

fn unusable(error: StoreError, work: &Path) -> Failure {
    nothing_replaced(of_file(error, work), work)
}

fn nothing_replaced(failure: Failure, work: &Path) -> Failure {
    // What was begun is of no use to anybody.
    let _ = fs::remove_file(work);
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

/// A name for what was there.
fn beside(path: &Path, at: Timestamp) -> PathBuf {
    data_dir::beside(path, "before-restore", at)
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
