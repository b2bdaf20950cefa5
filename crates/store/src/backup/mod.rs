//! Backups: one SQLite file with the same tables, whichever database it was made from, so that it
//! can be restored into either, and looked into with any SQLite tool.
//!
//! What a backup says of itself stands in a table of its own, `backup (name, value)`. The key that
//! opens sealed documents is in it only when that was asked for. At its end stands a digest of all of
//! it ([`digest`]).

mod digest;
mod new_file;
pub(crate) mod restoration;
mod restore;
mod tables;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use rusqlite::{ErrorCode, OpenFlags};
use rustix::fs::OFlags;
use syncline_model::Timestamp;

use crate::documents::place;
use crate::driver::connection::Connection;
use crate::driver::{layout_of_file, migrate_to, newest_layout};
use crate::vault::Vault;
use crate::vault::key_check;
use crate::{MasterKey, Older, Reader, Result, Store, StoreError, Tx};

use digest::Digest;
pub(crate) use digest::DigestKey;
pub use new_file::NewFile;

/// Told while rows are copied: which table, how many rows are done, how many there are.
pub type Progress<'p> = &'p mut dyn FnMut(&str, u64, u64);

/// Whether nobody wants any more what is done.
pub type MustStop<'m> = &'m (dyn Fn() -> bool + Sync);

/// Asked before each page of a file that is read: what it fails with ends that.
type GoOn<'g> = &'g mut dyn FnMut() -> Result<()>;

fn go_on_unless(must_stop: MustStop<'_>) -> Result<()> {
    match must_stop() {
        true => Err(StoreError::GivenUp),
        false => Ok(()),
    }
}

/// What is written to a restored database before it is anybody's, in one transaction.
pub type Prepare<'p> = &'p dyn Fn(&mut Tx<'_>) -> Result<()>;

/// A backup that was found to be whole.
#[derive(Debug)]
pub struct Backup {
    path: PathBuf,
    connection: rusqlite::Connection,
    digest: Option<Digest>,
    /// When it was made.
    pub made_at: Timestamp,
    /// The layout of its tables.
    pub layout: i32,
}

/// With a digest at the end.
const FORMAT: &str = "2";
/// Without one: made before there was one, or where the key of what is sealed was not known.
const FORMAT_WITHOUT_DIGEST: &str = "1";

impl Store {
    /// Writes a consistent snapshot of everything into an empty file. Others read and write
    /// meanwhile. With `key`, the backup can be restored without the key file, and whoever reads the
    /// backup reads every secret.
    pub fn backup(
        &self,
        file: &Path,
        made_at: Timestamp,
        key: Option<&MasterKey>,
        progress: Progress<'_>,
    ) -> Result<()> {
        self.backup_unless(file, made_at, key, progress, &|| false)
    }

    /// The same for somebody who may not want it any more: [`StoreError::GivenUp`] then, and what is in the
    /// file is of no use.
    pub fn backup_unless(
        &self,
        file: &Path,
        made_at: Timestamp,
        key: Option<&MasterKey>,
        progress: Progress<'_>,
        must_stop: MustStop<'_>,
    ) -> Result<()> {
        progress("the database", 0, 1);
        let digested = if self.copy_file_into(file, must_stop)? {
            self.read(|reader| reader.has_known_key())?
        } else {
            self.read(|reader| reader.copy_rows_into(file, progress, must_stop))?
        };
        go_on_unless(must_stop)?;
        let vault = digested.then(|| self.vault());
        complete(file, made_at, key, vault, &mut || go_on_unless(must_stop))?;
        go_on_unless(must_stop)
    }
}

impl Reader<'_> {
    /// Whether what is sealed here was sealed with the key that is known.
    fn has_known_key(&self) -> Result<bool> {
        match key_check::known(self) {
            Ok(_) => Ok(true),
            // What is kept aside before it is replaced may have been made with another key.
            Err(StoreError::WrongKey) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Writes what this view of a shared database sees into an empty file. Returns whether it is to have a
    /// digest: [`Self::has_known_key`].
    fn copy_rows_into(
        &self,
        file: &Path,
        progress: Progress<'_>,
        must_stop: MustStop<'_>,
    ) -> Result<bool> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let mut target = new_file::connect(file, flags)?;
        // Nobody but us sees the file until it is whole.
        target.pragma_update(None, "journal_mode", "OFF")?;
        target.pragma_update(None, "synchronous", "OFF")?;
        target.pragma_update(None, "page_size", 8192)?;
        // Asked in the snapshot: a newer version may have changed the tables since this one connected,
        // and what is new in them would be left out.
        migrate_to(&mut target, layout_of_file(self.applied_layout()?)?)?;
        let tables = tables::of(&target)?;
        target.execute_batch("BEGIN")?;
        let to = Connection::Sqlite(&target);
        copy(&tables, &self.connection, &to, progress, must_stop)?;
        target.execute_batch("COMMIT")?;
        self.has_known_key()
    }
}

/// Makes a backup of a file in which all rows are: what it says of itself, and the digest with the key of
/// this vault, if there is to be one. On the disk when this returns.
fn complete(
    file: &Path,
    made_at: Timestamp,
    key: Option<&MasterKey>,
    vault: Option<&Vault>,
    go_on: GoOn<'_>,
) -> Result<()> {
    // Never made anew: somebody who ends meanwhile may have removed it.
    let connection = new_file::connect(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // Nobody but us sees it, and nothing is to be left beside it.
    connection.pragma_update(None, "journal_mode", "MEMORY")?;
    connection.execute_batch(
        "CREATE TABLE backup (name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    )?;
    let mut say = connection.prepare("INSERT INTO backup (name, value) VALUES (?1, ?2)")?;
    let format = match vault {
        Some(_) => FORMAT,
        None => FORMAT_WITHOUT_DIGEST,
    };
    say.execute(("format", format))?;
    say.execute(("made_at", made_at.0.to_string()))?;
    if let Some(key) = key {
        say.execute(("key", key.bytes()))?;
    }
    drop(say);
    connection.close().map_err(|(_, error)| error)?;
    match vault {
        Some(vault) => Digest::append(file, &vault.digest_key, go_on)?,
        None => new_file::open(file, OFlags::RDONLY)?.sync_all()?,
    }
    Ok(())
}

/// Copies all rows of all tables from one snapshot.
fn copy(
    tables: &[tables::Table],
    from: &Connection<'_>,
    to: &Connection<'_>,
    progress: Progress<'_>,
    must_stop: MustStop<'_>,
) -> Result<()> {
    let mut total = 0;
    for table in tables {
        total += table.count(from)?;
    }
    let mut done = 0;
    for table in tables {
        table.copy(from, to, |rows| {
            done += rows;
            progress(&table.name, done, total);
            go_on_unless(must_stop)
        })?;
    }
    Ok(())
}

impl Backup {
    /// Opens a backup and looks whether it is whole. Reads all of it; changes nothing.
    pub fn open(path: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = rusqlite::Connection::open_with_flags(path, flags)?;
        let no_backup = |error: rusqlite::Error| {
            StoreError::Damaged(match error.sqlite_error_code() {
                Some(ErrorCode::DatabaseCorrupt) => "the backup: it is damaged or incomplete",
                _ => "the backup: it is not one",
            })
        };
        let digest = Digest::of(path)?;
        let format = said(&connection, "format").map_err(no_backup)?;
        let format = format.as_deref().unwrap_or_default();
        if format == FORMAT.as_bytes() && digest.is_none() {
            return Err(StoreError::Damaged(
                "the backup: it is damaged or incomplete",
            ));
        }
        if format != FORMAT.as_bytes() && format != FORMAT_WITHOUT_DIGEST.as_bytes() {
            return Err(StoreError::Damaged(
                "the backup: it is not one, or was made by a newer version",
            ));
        }
        let made_at = said(&connection, "made_at")
            .map_err(no_backup)?
            .and_then(|it| String::from_utf8(it).ok()?.parse().ok())
            .map(Timestamp)
            .ok_or(StoreError::Damaged("the backup: when it was made"))?;
        let layout = connection
            .query_row(
                "SELECT MAX(version) FROM refinery_schema_history",
                [],
                |row| row.get(0),
            )
            .map_err(no_backup)?;
        let found: String = connection
            .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
            .map_err(no_backup)?;
        if found != "ok" {
            return Err(StoreError::Damaged(
                "the backup: it is damaged or incomplete",
            ));
        }
        Ok(Self {
            path: path.to_owned(),
            connection,
            digest,
            made_at,
            layout,
        })
    }

    /// [`StoreError::NewerLayout`] when a newer version of this program made it.
    pub fn refuse_newer_layout(&self) -> Result<()> {
        Older::Leave.check(self.layout, newest_layout())
    }

    /// The key, when the backup was made with it.
    pub fn key(&self) -> Result<Option<MasterKey>> {
        said(&self.connection, "key")?
            .map(|bytes| MasterKey::from_bytes(&bytes))
            .transpose()
    }

    /// Whether this key opens the secrets in the backup. True of one without any that has no digest.
    pub fn opens_with(&self, key: &MasterKey) -> Result<bool> {
        let vault = Vault::new(key);
        if let Some(digest) = &self.digest {
            return Ok(digest.is_of(&vault.digest_key));
        }
        let mut sealed = self
            .connection
            .prepare("SELECT tenant_no, kind, key, body FROM document WHERE sealed = 1 LIMIT 1")?;
        let mut rows = sealed.query([])?;
        let Some(row) = rows.next()? else {
            return Ok(true);
        };
        let place = place(
            row.get(0)?,
            &row.get::<_, String>(1)?,
            &row.get::<_, String>(2)?,
        );
        Ok(vault.open(&place, &row.get::<_, Vec<u8>>(3)?).is_ok())
    }

    /// Whether it is as it was when it was made with this key; false of one that has no digest, which
    /// can not be told. [`StoreError::Damaged`] when it is not. Reads all of it.
    pub fn verify(&self, key: &MasterKey) -> Result<bool> {
        let Some(digest) = &self.digest else {
            return Ok(false);
        };
        match digest.matches(&self.path, &DigestKey::new(key))? {
            true => Ok(true),
            false => Err(StoreError::Damaged(
                "the backup: it was damaged or changed after it was made, its digest does not match",
            )),
        }
    }

    /// Whether a file is a backup, by what it says of itself. Reads little of it; changes nothing.
    ///
    /// INVARIANT: no database that this process works on is asked about. Reading it would take the
    /// locks away that SQLite holds.
    pub fn is_one(path: &Path) -> bool {
        let mut head = [0; 20];
        let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut head));
        // A database that somebody works on has a write-ahead log, which these two bytes tell; a
        // backup has none. Opening such a database would make files beside it.
        read.is_ok() && head.starts_with(b"SQLite format 3\0") && head.ends_with(&[1, 1]) && {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = rusqlite::Connection::open_with_flags(path, flags);
            connection
                .and_then(|it| said(&it, "format"))
                .is_ok_and(|format| format.is_some())
        }
    }

    /// How many rows each table has.
    pub fn counts(&self) -> Result<Vec<(String, u64)>> {
        let connection = Connection::Sqlite(&self.connection);
        tables::of(&self.connection)?
            .into_iter()
            .map(|table| Ok((table.name.clone(), table.count(&connection)?)))
            .collect()
    }
}

fn said(connection: &rusqlite::Connection, name: &str) -> rusqlite::Result<Option<Vec<u8>>> {
    let mut asked = connection.prepare("SELECT CAST(value AS BLOB) FROM backup WHERE name = ?1")?;
    let mut rows = asked.query([name])?;
    rows.next()?.map(|row| row.get(0)).transpose()
}

/// Whether a database file holds anybody's data; true of one that can not be read, and false of an
/// empty one.
pub fn holds_tenants(file: &Path) -> bool {
    if std::fs::metadata(file).is_ok_and(|it| it.len() == 0) {
        return false;
    }
    let count = rusqlite::Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .and_then(|it| {
            it.query_row("SELECT COUNT(*) FROM tenant", [], |row| {
                row.get::<_, i64>(0)
            })
        });
    count.map_or(true, |count| count > 0)
}
