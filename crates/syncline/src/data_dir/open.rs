//! Opening the database with its key, and what there is to say when that can not be done.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use syncline_store::{MasterKey, Older, Refused, Store, StoreError};

use super::DataDir;
use crate::failure::{Failure, RESTORE};
use crate::owner;

impl DataDir {
    /// Opens the database with its key; makes both when absent, and brings older tables up to date.
    pub fn open_store(&self) -> Result<Store, Failure> {
        self.open_store_with(Older::BringUpToDate, true)
    }

    /// The same, with another way of dealing with older tables; makes what is absent only if it `makes`.
    pub fn open_store_with(&self, older: Older, makes: bool) -> Result<Store, Failure> {
        self.refuse_lost_data()?;
        let key_file = self.key_file();
        let had_key = key_file.exists();
        let new_key_file = self.new_key_file();
        let file = self.server.is_none().then(|| self.database_file());
        if file.as_ref().is_some_and(|it| it.exists()) && !had_key && !new_key_file.exists() {
            return Err(Failure::new(format!(
                "the key file {} is missing, but the database exists",
                key_file.display()
            ))
            .with_help(
                "put the key file back from your backup; without it stored secrets cannot be read",
            ));
        }
        // Beside a key that has its name it is of nothing: a copy of the directory may have brought it along.
        let begun = !had_key && new_key_file.exists();
        if !had_key && !begun && !makes {
            let missing = format!("the key file {} is missing", key_file.display());
            return Err(Failure::new(missing).with_help(self.copy_key()));
        }
        let key = if had_key {
            self.read_key()?
        } else {
            self.new_key()?
        };
        if let Some(file) = &file {
            self.private_database(file)?;
        }
        // What is half made is not older.
        let older = if begun && makes {
            Older::BringUpToDate
        } else {
            older
        };
        let opened = match Store::open_existing(&self.database(), &key, older) {
            // Of a file that had its key, it was lost.
            Err(StoreError::Empty) if makes && !(had_key && file.is_some()) => {
                Store::open_database(&self.database(), &key)
            }
            opened => opened,
        };
        if had_key
            && matches!(opened, Err(StoreError::WrongKey))
            && let Some(store) =
                self.open_with_next_key(|key| Store::open_existing(&self.database(), key, older))?
        {
            return Ok(store);
        }
        let store = opened.map_err(|error| {
            // After any other error the database may be made with it: the answer alone was lost.
            let unused = match error {
                StoreError::WrongKey => true,
                // No connection was made, or nothing there.
                StoreError::Server { .. } => !begun,
                _ => false,
            };
            if !had_key && file.is_none() && unused {
                // It protects nothing, and would be in the way of the right one.
                let _ = fs::remove_file(&new_key_file);
            }
            self.cannot_open(error)
        })?;
        if !had_key {
            self.keep_new_key()?;
        }
        Ok(store)
    }

    /// Opens the database of a directory that is read-only ([`Self::is_read_only`]).
    pub fn open_store_read_only(&self, older: Older) -> Result<Store, Failure> {
        self.open_read_only(older).map(|(store, _)| store)
    }

    /// The file of the key that opens the database: the one that waits, where a replacement was interrupted and it can
    /// not be put in its place.
    pub fn key_file_in_use(&self) -> Result<PathBuf, Failure> {
        if self.is_read_only() && self.next_key_file().exists() {
            return self.open_read_only(Older::Leave).map(|(_, file)| file);
        }
        Ok(self.key_file())
    }

    fn open_read_only(&self, older: Older) -> Result<(Store, PathBuf), Failure> {
        self.refuse_half_restored()?;
        self.must_hold_data()?;
        let key = self.read_key()?;
        let open = |key| Store::open_read_only(&self.database(), key, older);
        let next_file = self.next_key_file();
        let opened = match open(&key) {
            Err(StoreError::WrongKey) => match MasterKey::load(&next_file) {
                Ok(next) => open(&next).map(|store| (store, next_file)),
                Err(_) => Err(StoreError::WrongKey),
            },
            opened => opened.map(|store| (store, self.key_file())),
        };
        opened.map_err(|error| {
            let failure = self.cannot_open(error);
            match failure.help {
                Some(_) => failure,
                None => failure.with_help(COPY_IT),
            }
        })
    }

    /// The key of a database that is to be made, or was begun.
    fn new_key(&self) -> Result<MasterKey, Failure> {
        let file = self.new_key_file();
        let whole = fs::metadata(&file).is_ok_and(|it| it.len() == MasterKey::LENGTH as u64);
        if !whole && (self.server.is_some() || !self.has_database()?) {
            // A power cut came before it was on the disk, and so before anything was sealed with it.
            let _ = fs::remove_file(&file);
        }
        let unusable = |error| self.cannot_use_key(&file, &error);
        match MasterKey::load(&file) {
            Err(StoreError::File(error)) if error.kind() == ErrorKind::NotFound => {
                let key = MasterKey::generate().map_err(unusable)?;
                key.write_to(&mut self.new_file(&file)?).map_err(unusable)?;
                Ok(key)
            }
            read => read.map_err(unusable),
        }
    }

    /// Gives the new key its name, now that the database is there.
    fn keep_new_key(&self) -> Result<(), Failure> {
        let (file, new_file) = (self.key_file(), self.new_key_file());
        // The name of the database reaches the disk before that of its key.
        self.sync_names()
            .and_then(|()| fs::rename(&new_file, &file))
            .and_then(|()| self.sync_names())
            .map_err(|error| Failure::file("make the key file", &file, &error))
    }

    /// The key that is there.
    pub fn read_key(&self) -> Result<MasterKey, Failure> {
        self.load_key(&self.key_file())
    }

    pub fn load_key(&self, file: &Path) -> Result<MasterKey, Failure> {
        MasterKey::load(file).map_err(|error| self.cannot_use_key(file, &error))
    }

    fn copy_key(&self) -> String {
        let waits = self.restoring_key_file();
        if self.server.is_some() && waits.exists() {
            return format!(
                "a restore that was interrupted has left the key of its backup: run it again with --force; or move {} away, and {} to its place, if nobody has worked on the database since",
                self.key_file().display(),
                waits.display()
            );
        }
        format!(
            "copy `key` from the data directory of the first node (or from your backup of it), or of the one where `syncline keys replace` was run, to {}, and try again",
            self.key_file().display()
        )
    }

    /// Why the database can not be opened, and what to do.
    pub fn cannot_open(&self, error: StoreError) -> Failure {
        let database = self.database();
        match error {
            StoreError::WrongKey => Failure::new(format!(
                "the key file of this node is not the one the database {database} was made with"
            ))
            .with_help(self.copy_key()),
            StoreError::NewerLayout { .. } => {
                Failure::new(format!("cannot open the database {database}: {error}"))
                    .with_help("start the newer syncline that was here before, or restore a backup that was made before it")
            }
            StoreError::Server { message, help } => Failure::new(message).with_help(help),
            StoreError::OlderLayout { .. } => {
                let help = if self.is_read_only() && self.server.is_none() {
                    format!("use the syncline that was here before, or {COPY_IT} of `syncline serve`, which brings it up to date")
                } else {
                    "start `syncline serve`, which brings it up to date, for good: take a backup first (syncline backup FILE)".to_owned()
                };
                Failure::new(format!("cannot open the database {database}: {error}"))
                    .with_help(help)
            }
            StoreError::Empty if self.server.is_some() => {
                Failure::new(format!("the database {database} holds no data of syncline"))
                    .with_help("name the right one with SYNCLINE_DATABASE; `syncline serve`, `syncline tenant create` and `syncline restore` make the tables")
            }
            StoreError::Empty => self.lost_database(),
            error if error.is_damage() => {
                Failure::new(format!("the database {database} is damaged: {error}"))
                    .with_help(RESTORE)
            }
            error => {
                let refused = error.refused();
                let full = Failure::from(error).of(self);
                let failure = Failure {
                    message: format!("cannot open the database {database}: {}", full.message),
                    ..full
                };
                match refused {
                    // Of a disk that is read-only, whoever opened it says what helps.
                    Some(refused) if self.server.is_none() && !self.is_read_only() => {
                        failure.with_help(self.refused(refused))
                    }
                    _ => failure,
                }
            }
        }
    }

    /// What to do when the system lets nobody use the embedded database. What is in it may be sound.
    fn refused(&self, why: Refused) -> String {
        let file = self.database_file();
        // SQLite works beside what a link leads to.
        let real = fs::canonicalize(&file).unwrap_or(file);
        let folder = real.parent().unwrap_or(&self.path).to_owned();
        let mut index = real.clone().into_os_string();
        index.push("-shm");
        let used = [folder, real, self.log_file(), index.into()];
        owner::closed(&used, &self.path).unwrap_or_else(|| {
            let find_out = match why {
                Refused::ReadOnly => "find out what keeps the file from being written: a disk that is read-only, or a mark that nobody may change it (lsattr)",
                Refused::NotOpened => "see how many files the process may have open (ulimit -n, LimitNOFILE= of a service), and that it may use the data directory and all files in it",
            };
            format!("{find_out}; nothing says that the database is damaged: no backup has to be restored")
        })
    }

    pub(super) fn cannot_use_key(&self, file: &Path, error: &StoreError) -> Failure {
        let name = file.display();
        match error {
            StoreError::NotAKey { .. } => Failure::new(format!("{name} is not a key file: {error}"))
                .with_help(
                    "put the key file back from where you keep a copy of it; a backup that was made --with-key brings it along (syncline restore --force FILE). Without it stored secrets cannot be read",
                ),
            error => {
                let failure = Failure::new(format!("cannot use the key file {name}: {error}"));
                match error {
                    StoreError::File(why) => owner::explain_file(failure, why, file, &self.path),
                    _ => failure,
                }
            }
        }
    }
}

const COPY_IT: &str =
    "copy the data directory to a place where you can write, and name that with --data";
