//! The database, and its transactions.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::Mutex;
use syncline_model::{Schema, TenantId};

use super::connection::Connection;
use super::database::Database;
use super::postgres::{ConnectionLimit, Pool};
use super::reader::Reader;
use super::sqlite::File;
use super::tenant_numbers::TenantNumbers;
use super::tx::Tx;
use super::watched::Obstacle;
use crate::backup::restoration::Opened;
use crate::directory::extensions::Mark;
use crate::figures::{Metered, Sizes};
use crate::remembered::recent_keys::RecentKeys;
use crate::remembered::referred::Referred;
use crate::remembered::refusal::Refusal;
use crate::remembered::room::Room;
use crate::remembered::taken_keys::TakenKeys;
use crate::vault::Vault;
use crate::vault::key_check;
use crate::{MasterKey, Result, StoreError};

/// What a power cut may cost. A crash of the process alone never costs anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// On the disk before the commit returns: for everything acknowledged to a caller.
    Full,
    /// In the WAL, on the disk a little later: for pages of a cycle, which are found and done again.
    Relaxed,
}

/// What becomes of tables that an older version of this program has made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Older {
    /// They get today's layout, which the older version then refuses.
    BringUpToDate,
    /// [`StoreError::OlderLayout`].
    Refuse,
    /// They stay as they are: for a backup, which knows no table by name.
    Leave,
}

impl Older {
    /// Refuses a layout that is not to be worked with.
    pub(crate) fn check(self, found: i32, known: i32) -> Result<()> {
        if found > known {
            // What a newer version has made of the tables is nothing to work on.
            return Err(StoreError::NewerLayout { found, known });
        }
        if found < known && self == Self::Refuse {
            return Err(StoreError::OlderLayout { found, known });
        }
        Ok(())
    }
}

/// The database.
pub struct Store {
    backend: Backend,
    vault: Vault,
    pub(super) recent_keys: RecentKeys,
    pub(crate) metered: Metered,
    pub(crate) room: Room,
    pub(crate) refusal: Refusal,
    pub(super) taken_keys: TakenKeys,
    pub(super) referred: Referred,
    pub(super) opened: Opened,
    pub(super) tenants: TenantNumbers,
    /// The entity tables of tenants with extensions, and the state each was built for.
    pub(super) schemas: Schemas,
    /// Who is told that something has changed in a tenant.
    listener: OnceLock<Listener>,
}

type Listener = Box<dyn Fn() + Send + Sync>;

pub(crate) type Schemas = Mutex<BTreeMap<TenantId, (Mark, Arc<Schema>)>>;

enum Backend {
    File(File),
    Postgres(Box<Pool>),
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the database file, creates it when absent, and brings its layout up to date.
    pub fn open(path: &Path, key: &MasterKey) -> Result<Self> {
        Self::new(Backend::File(File::open(path)?), key, Older::BringUpToDate)
    }

    /// The same of a file that was made just now, in a directory of somebody else's perhaps: never of what a link
    /// leads to. No folder on the way to it may be a link, either.
    pub(crate) fn open_not_linked(path: &Path, key: &MasterKey) -> Result<Self> {
        let file = File::open_not_linked(path)?;
        Self::new(Backend::File(file), key, Older::BringUpToDate)
    }

    /// Connects to PostgreSQL and brings the layout up to date, unless another node is at it: then
    /// waits for that one.
    pub fn connect(url: &str, limit: ConnectionLimit, key: &MasterKey) -> Result<Self> {
        let pool = Pool::connect(url, limit, Older::BringUpToDate)?;
        Self::new(Backend::Postgres(Box::new(pool)), key, Older::BringUpToDate)
    }

    /// Opens whichever it is.
    pub fn open_database(database: &Database, key: &MasterKey) -> Result<Self> {
        match database {
            Database::File(path) => Self::open(path, key),
            Database::Postgres(url) => Self::connect(url, ConnectionLimit::default(), key),
        }
    }

    /// The same of a database that was made before: [`StoreError::Empty`] when a file is not there, or
    /// nothing is in it. Tables on a server are made only when they may be brought up to date.
    pub fn open_existing(database: &Database, key: &MasterKey, older: Older) -> Result<Self> {
        let backend = match database {
            Database::File(path) => Backend::File(File::open_existing(path, older)?),
            Database::Postgres(url) => {
                let limit = ConnectionLimit::default();
                let pool = match older {
                    // What is left as it is, is only read.
                    Older::Leave => Pool::connect_to_read(url, limit)?,
                    _ => Pool::connect(url, limit, older)?,
                };
                Backend::Postgres(Box::new(pool))
            }
        };
        Self::checked(backend, key, older)
    }

    /// The same on a disk that nobody can write to, where nothing is brought up to date. A database on a
    /// server is on another one.
    pub fn open_read_only(database: &Database, key: &MasterKey, older: Older) -> Result<Self> {
        match database {
            Database::File(path) => {
                let file = File::open_read_only(path, older)?;
                Self::checked(Backend::File(file), key, older)
            }
            Database::Postgres(_) => Self::open_existing(database, key, older),
        }
    }

    fn checked(backend: Backend, key: &MasterKey, older: Older) -> Result<Self> {
        if older != Older::Leave {
            return Self::new(backend, key, older);
        }
        let store = Self::unchecked(backend, key);
        store.note_restoration(older)?;
        // Not even the check itself is written.
        store.read(key_check::known)?;
        Ok(store)
    }

    /// [`StoreError::WrongKey`] when secrets in the database were sealed with another key.
    fn new(backend: Backend, key: &MasterKey, older: Older) -> Result<Self> {
        let store = Self::unchecked(backend, key);
        store.note_restoration(older)?;
        key_check::verify(&store)?;
        Ok(store)
    }

    /// From now on it is refused to write where a restore has replaced the database, or a newer version its
    /// layout. A file has one process, whose lock keeps both away.
    fn note_restoration(&self, older: Older) -> Result<()> {
        if !self.is_shared() {
            return Ok(());
        }
        let found = self.read(|reader| self.opened.note(reader))?;
        // Somebody may have changed it since it was looked at, when this process opened the database.
        let number = |layout| i32::try_from(layout).unwrap_or(i32::MAX);
        older.check(number(found), number(self.expected_layout()))
    }

    fn unchecked(backend: Backend, key: &MasterKey) -> Self {
        Self {
            backend,
            vault: Vault::new(key),
            recent_keys: RecentKeys::default(),
            metered: Metered::default(),
            room: Room::default(),
            refusal: Refusal::default(),
            taken_keys: TakenKeys::default(),
            referred: Referred::default(),
            opened: Opened::default(),
            tenants: TenantNumbers::default(),
            schemas: Mutex::new(BTreeMap::new()),
            listener: OnceLock::new(),
        }
    }

    /// From now on calls `tell` behind each commit of this process that has changed something in a tenant, on the thread
    /// that wrote it: `tell` must be quick. There is one listener; the first one stays.
    pub fn when_changed(&self, tell: impl Fn() + Send + Sync + 'static) {
        // Whoever comes second is not heard, as the contract says.
        let _ = self.listener.set(Box::new(tell));
    }

    /// Whether other processes may work on the same data.
    pub fn is_shared(&self) -> bool {
        matches!(self.backend, Backend::Postgres(_))
    }

    /// Runs `work` on one consistent snapshot.
    pub fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Reader<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let _measured = self.metered.reading();
        let obstacle = Obstacle::default();
        let inside = |connection: Connection<'_>| work(&Reader::new(self, connection));
        let result = match &self.backend {
            Backend::File(file) => file.read_noting(&obstacle, inside),
            Backend::Postgres(pool) => pool.read_noting(&obstacle, inside),
        };
        if let Err(StoreError::Unwritable(why)) = obstacle.refuse() {
            self.refusal.is_met(&self.metered, &why);
        }
        result
    }

    /// Runs `work` in one transaction: committed durably when it succeeds, rolled back when it
    /// fails.
    pub fn write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        self.write_with(Durability::Full, work)
    }

    /// [`Store::write`] with a choice of durability.
    pub fn write_with<T, E: From<StoreError>>(
        &self,
        durability: Durability,
        work: impl FnOnce(&mut Tx<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let measured = self.metered.writing();
        let look_number = Cell::new(None);
        let (obstacle, wrote) = (Obstacle::default(), Cell::new(false));
        let changed = Cell::new(false);
        let inside = |connection: Connection<'_>| {
            measured.begins();
            let mut tx = Tx::new(self, connection);
            let done = work(&mut tx).and_then(|value| {
                tx.finish()?;
                Ok(value)
            });
            // Whatever the work made of that.
            tx.connection
                .obstacle()
                .refuse()
                .inspect_err(|error| obstacle.note(error))?;
            wrote.set(tx.connection.has_written());
            look_number.set(tx.look_number.get());
            changed.set(tx.has_changed_a_tenant());
            done
        };
        let result = match &self.backend {
            Backend::File(file) => file.write_noting(durability, &obstacle, inside),
            Backend::Postgres(pool) => pool.write_noting(durability, &measured, &obstacle, inside),
        };
        match obstacle.refuse() {
            Err(error) => self.is_kept_from(&error, durability),
            Ok(()) if wrote.get() && result.is_ok() => {
                self.room.was_there(&self.metered, durability);
                self.refusal.is_over(&self.metered);
            }
            Ok(()) => {}
        }
        if result.is_ok()
            && let Some(number) = look_number.get()
        {
            self.referred.settle(number);
        }
        measured.committed(result.is_ok());
        if result.is_ok()
            && changed.get()
            && let Some(tell) = self.listener.get()
        {
            tell();
        }
        result
    }

    /// Lets the database file have so many pages at most, until it is opened again; 0: as many as the
    /// disk has room for. What needs more is refused as on a full disk ([`StoreError::Full`]). A
    /// database on a server is bounded there.
    pub fn bound_to(&self, pages: u32) -> Result<()> {
        match &self.backend {
            Backend::File(file) => file.bound_to(pages),
            Backend::Postgres(_) => Ok(()),
        }
    }

    /// Lets who writes in the database file wait so long for another process that does, until it is opened again: then it
    /// is [`StoreError::Busy`]. A database on a server is waited for as its settings say.
    pub fn wait_for_others(&self, at_most: Duration) -> Result<()> {
        match &self.backend {
            Backend::File(file) => file.wait_for_others(at_most),
            Backend::Postgres(_) => Ok(()),
        }
    }

    /// Lets the database file be written, or not, until it is opened again: what is to be written then is refused as on a
    /// disk that is read-only ([`StoreError::Unwritable`]). A database on a server is kept from it there.
    pub fn let_write(&self, may: bool) -> Result<()> {
        match &self.backend {
            Backend::File(file) => file.let_write(may),
            Backend::Postgres(_) => Ok(()),
        }
    }

    /// How many of this process wait for others of it that write in the same place, on a shared database.
    pub fn waiting(&self) -> usize {
        match &self.backend {
            Backend::File(_) => 0,
            Backend::Postgres(pool) => pool.waiting(),
        }
    }

    /// Whether everything that was committed is known to be on the disk, pages of cycles included. On a
    /// shared database: whether no cycle is under way, whose last transaction is a durable one.
    pub fn is_settled(&self) -> Result<bool> {
        match &self.backend {
            Backend::File(file) => Ok(file.is_settled()),
            Backend::Postgres(_) => self.read(|reader| Ok(!reader.any_lease_is_held()?)),
        }
    }

    /// Returns when everything that was committed before is on the disk. For whoever hands out what
    /// outlives a power cut: a number of changes would be given again afterwards, to others.
    pub fn settle(&self) -> Result<()> {
        let settled = match &self.backend {
            Backend::File(file) => file.settle(),
            Backend::Postgres(_) if self.is_settled()? => Ok(()),
            Backend::Postgres(pool) => pool.settle(),
        };
        settled.inspect_err(|error| self.is_kept_from(error, Durability::Full))
    }

    /// Remembers what keeps the database from being written, and has it said once.
    fn is_kept_from(&self, error: &StoreError, durability: Durability) {
        match error {
            StoreError::Unwritable(why) => self.refusal.is_met(&self.metered, why),
            StoreError::Full(_) => self.room.is_missing(&self.metered, durability),
            // Of one transaction, or told by the next.
            _ => {}
        }
    }

    /// The layout that this binary works with: the number of the newest migration.
    pub(crate) fn expected_layout(&self) -> i64 {
        match &self.backend {
            Backend::File(_) => File::newest_migration(),
            Backend::Postgres(_) => Pool::newest_migration(),
        }
    }

    pub(crate) fn refuse_lost_file(&self) -> Result<()> {
        match &self.backend {
            Backend::File(file) => file
                .refuse_lost()
                .inspect_err(|error| self.is_kept_from(error, Durability::Full)),
            Backend::Postgres(_) => Ok(()),
        }
    }

    /// Fails while the write-ahead log of a file can not be merged; with [`StoreError::Full`] for want of
    /// room, and [`StoreError::Unwritable`] while the file may not be written. That of a server is its own business.
    pub(crate) fn refuse_unmerged(&self) -> Result<()> {
        match &self.backend {
            Backend::File(file) => file.refuse_unmerged(),
            Backend::Postgres(_) => Ok(()),
        }
    }

    /// As if that had come of the last merge of a file.
    #[cfg(test)]
    pub(crate) fn could_not_merge(&self, problem: Option<StoreError>) {
        if let Backend::File(file) = &self.backend {
            file.could_not_merge(problem);
        }
    }

    /// What the database occupies now.
    pub fn sizes(&self) -> Result<Sizes> {
        match &self.backend {
            Backend::File(file) => file.sizes(),
            // Its write-ahead log is the server's business.
            Backend::Postgres(_) => Ok(Sizes {
                database: self.read(|reader| reader.database_size())?,
                wal: 0,
            }),
        }
    }

    /// Writes what is committed now into an empty SQLite file, when that is what this is; false
    /// otherwise.
    pub(crate) fn copy_file_into(
        &self,
        to: &Path,
        must_stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<bool> {
        match &self.backend {
            Backend::File(file) => file.copy_into(to, must_stop).map(|()| true),
            Backend::Postgres(_) => Ok(false),
        }
    }

    /// What SQLite finds wrong in its file; nothing where that is not what this is.
    pub(crate) fn checked_file(
        &self,
        must_stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<Vec<String>> {
        match &self.backend {
            Backend::File(file) => file.checked(must_stop),
            Backend::Postgres(_) => Ok(Vec::new()),
        }
    }

    /// Connects with a key that is not checked: what is there may have been made with another one.
    pub(crate) fn connect_unchecked(url: &str, key: &MasterKey, older: Older) -> Result<Self> {
        let pool = Pool::connect(url, ConnectionLimit(2), older)?;
        Ok(Self::unchecked(Backend::Postgres(Box::new(pool)), key))
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.vault
    }
}
