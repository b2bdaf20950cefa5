//! The data directory: database, key, certificates, lock and control socket.

mod linked;
mod lock;
mod made;
mod new_file;
mod next_key;
mod open;
mod taken;

use std::fs;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

pub use linked::linked_to;
pub use lock::{Holder, Lock};
pub use made::Made;
pub use new_file::{PRIVATE, new_file};
use syncline_model::Timestamp;
use syncline_store::Database;

use crate::failure::Failure;
use crate::owner;

/// Where everything of one installation lives; with a database on a server: everything but that.
#[derive(Clone, Debug)]
pub struct DataDir {
    path: PathBuf,
    server: Option<Database>,
}

/// So often is made again what other commands take back. Each of them does it once.
const MOST_TRIES: usize = 100;

/// Size and time of the last change of the database and of its log.
pub type Look = [Option<(u64, SystemTime)>; 2];

impl DataDir {
    /// With the embedded database.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            server: None,
        }
    }

    /// With the database there, if one is named.
    #[must_use]
    pub fn with_database(self, server: Option<Database>) -> Self {
        Self { server, ..self }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn database(&self) -> Database {
        match &self.server {
            Some(server) => server.clone(),
            None => Database::File(self.database_file()),
        }
    }

    /// The embedded database.
    pub fn database_file(&self) -> PathBuf {
        self.path.join("syncline.db")
    }

    /// The file that a restore makes before it becomes the embedded database.
    pub fn restoring_file(&self) -> PathBuf {
        self.path.join("restoring.db")
    }

    pub fn key_file(&self) -> PathBuf {
        self.path.join("key")
    }

    /// The key of a database that is being made for the first time. It takes its name when that is done:
    /// a key beside an empty database belongs to one that was lost.
    pub fn new_key_file(&self) -> PathBuf {
        self.path.join("key.new")
    }

    /// The key of a backup that is restored, until it is put in its place.
    pub fn restoring_key_file(&self) -> PathBuf {
        self.path.join("restoring.key")
    }

    pub fn tls(&self) -> PathBuf {
        self.path.join("tls")
    }

    /// Through which commands reach a running server.
    pub fn control_socket(&self) -> PathBuf {
        self.path.join("control.sock")
    }

    /// Held by commands that work beside one that runs a cycle, and has the lock.
    fn beside_file(&self) -> PathBuf {
        self.path.join("beside.lock")
    }

    pub fn lock_file(&self) -> PathBuf {
        self.path.join("lock")
    }

    /// Creates the directory (mode 0700) when it is absent. Who fails then takes it back.
    pub fn create(&self) -> Result<Made, Failure> {
        let made = Made::of(self);
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        // Another command may take back one that it is in.
        let taken_back =
            |error: &Error| matches!(error.kind(), ErrorKind::NotFound | ErrorKind::AlreadyExists);
        let mut tries = 0;
        loop {
            match builder.create(&self.path) {
                Err(error) if taken_back(&error) && tries < MOST_TRIES => tries += 1,
                Err(error) => {
                    return Err(Failure::file(
                        "create the data directory",
                        &self.path,
                        &error,
                    ));
                }
                Ok(()) => return Ok(made),
            }
        }
    }

    /// Refuses a directory that is not there, or that no installation lives in.
    pub fn must_exist(&self) -> Result<(), Failure> {
        self.refuse_half_restored()?;
        let path = self.path.display();
        let wrong = if !self.there(&self.path)? {
            format!("there is no data directory {path}")
        } else if !self.path.is_dir() {
            format!("{path} is not a directory")
        } else if self.there(&self.control_socket())? {
            // A server may be there, which knows what it has.
            return Ok(());
        } else {
            return self.must_hold_database();
        };
        Err(Failure::new(wrong).with_help(self.name_another()))
    }

    /// Refuses a directory whose database is not there, is empty, or was not made to the end, or was left behind. For who
    /// holds the lock, or can not have it: whoever has it says what he works on.
    pub fn must_hold_data(&self) -> Result<(), Failure> {
        self.must_hold_database()?;
        self.refuse_left_behind()
    }

    fn must_hold_database(&self) -> Result<(), Failure> {
        if self.server.is_some() {
            return Ok(());
        }
        let has_key = self.there(&self.key_file())?;
        let half_made = !has_key && self.there(&self.new_key_file())?;
        if self.has_database()? && !half_made {
            return Ok(());
        }
        if has_key {
            return Err(self.lost_database());
        }
        let path = self.path.display();
        let message = format!("the directory {path} holds no data of syncline");
        Err(Failure::new(message).with_help(self.name_another()))
    }

    /// Whether the embedded database has anything in it.
    pub fn has_database(&self) -> Result<bool, Failure> {
        let file = self.database_file();
        match fs::metadata(&file) {
            Ok(found) => Ok(found.len() > 0),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => {
                let failure = Failure::file("look at", &file, &error);
                Err(owner::explain(failure, &error, &self.path))
            }
        }
    }

    /// Refuses a directory in which a restore was interrupted, or with the key of an embedded database
    /// that is not there, or empty.
    pub fn refuse_lost_data(&self) -> Result<(), Failure> {
        self.refuse_half_restored()?;
        if self.server.is_none() && self.key_file().exists() && !self.has_database()? {
            return Err(self.lost_database());
        }
        if self.server.is_none() && self.has_database()? {
            return self.refuse_left_behind();
        }
        Ok(())
    }

    /// Refuses an embedded database that was left behind when the installation moved to a server, which nobody has named
    /// this time: what was done since is not in it.
    fn refuse_left_behind(&self) -> Result<(), Failure> {
        let Some(used) = self.used_elsewhere() else {
            return Ok(());
        };
        Err(Failure::new(format!(
            "the last command here worked on the database {used}, and not on {}",
            self.database_file().display()
        ))
        .with_help(format!(
            "name it with SYNCLINE_DATABASE; to go on with the file instead, which has nothing of what was done there, remove {}, where that is remembered",
            self.lock_file().display()
        )))
    }

    fn name_another(&self) -> String {
        let path = self.path.display();
        match &self.server {
            None => "name the right one with --data or SYNCLINE_DATA; `syncline serve`, `syncline tenant create`, `syncline demo` and `syncline restore` make one".to_owned(),
            Some(server) => format!(
                "name the right one with --data or SYNCLINE_DATA; for another node of the database {server} make {path} and copy the file `key` of the first node's data directory into it"
            ),
        }
    }

    /// The key took its name when there was a database: it was lost since, or emptied; or it is elsewhere.
    /// The key may be the only one that opens it, or a backup: nobody is told to remove it.
    fn lost_database(&self) -> Failure {
        let key = self.key_file();
        let elsewhere = match self.used_elsewhere() {
            Some(used) => format!(
                "the last command here worked on the database {used}: name it with SYNCLINE_DATABASE"
            ),
            None => "if the database is on a server, name it with SYNCLINE_DATABASE".to_owned(),
        };

        Failure::new(format!(
            "the key {} is there, but the database {} is missing, empty or was cut off",
            key.display(),
            self.database_file().display()
        ))
        .with_help(format!(
            "{elsewhere}; if it is on another disk, mount that; else restore the newest backup (syncline restore FILE); to begin anew with nothing, move {} to a safe place",
            key.display()
        ))
    }

    /// Whether it is there. What we may not look at is not absent.
    fn there(&self, path: &Path) -> Result<bool, Failure> {
        path.try_exists().map_err(|error| {
            owner::explain(Failure::file("look at", path, &error), &error, &self.path)
        })
    }

    /// Refuses an embedded database beside which a restore was interrupted: what is there is not what
    /// was asked for, and may be nothing at all.
    fn refuse_half_restored(&self) -> Result<(), Failure> {
        let restoring = self.restoring_file();
        if self.server.is_some() || !restoring.exists() {
            return Ok(());
        }
        let help = if self.database_file().exists() {
            format!(
                "run `syncline restore --force` with the backup again; or remove {0}, and {0}-wal, {0}-shm and {0}-journal where they are, to go on with the database that was there before, which was not touched",
                restoring.display()
            )
        } else {
            "run `syncline restore` with the backup again; the database that was there before is kept as syncline.db.before-restore-…".to_owned()
        };
        Err(Failure::new(format!(
            "a restore to {} was interrupted",
            self.path.display()
        ))
        .with_help(help))
    }

    /// The write-ahead log of the embedded database, which may not be there. SQLite keeps it beside what a
    /// link leads to.
    pub fn log_file(&self) -> PathBuf {
        let path = self.database_file();
        let mut log = fs::canonicalize(&path).unwrap_or(path).into_os_string();
        log.push("-wal");
        log.into()
    }

    /// What the embedded database and its log look like: they change when somebody writes.
    pub fn look(&self) -> Look {
        [self.database_file(), self.log_file()].map(|file| {
            let found = fs::metadata(file).ok()?;
            Some((found.len(), found.modified().ok()?))
        })
    }

    /// The names in it are on the disk when this returns.
    pub fn sync_names(&self) -> std::io::Result<()> {
        match fs::File::open(&self.path)?.sync_all() {
            // A file system that syncs no directories.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::InvalidInput | ErrorKind::Unsupported
                ) =>
            {
                Ok(())
            }
            result => result,
        }
    }

    /// Where the embedded database is: in it, or beside what a link leads to, on another disk perhaps.
    pub fn database_folder(&self) -> PathBuf {
        let file = self.database_file();
        let linked = file.is_symlink().then(|| fs::canonicalize(&file).ok());
        let real = linked.flatten();
        real.as_deref()
            .and_then(Path::parent)
            .unwrap_or(&self.path)
            .to_owned()
    }

    /// Whether it, or the embedded database, is on a disk that may not be written to.
    pub fn is_read_only(&self) -> bool {
        self.read_only_folder().is_some()
    }

    /// The folder that is.
    pub fn read_only_folder(&self) -> Option<PathBuf> {
        let database = self.server.is_none().then(|| self.database_folder());
        let mut folders = std::iter::once(self.path.clone()).chain(database);
        folders.find(|folder| {
            rustix::fs::statvfs(folder)
                .is_ok_and(|it| it.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY))
        })
    }
}

/// A name for what was there, which nothing has yet: two in one second are two.
pub fn beside(path: &Path, why: &str, at: Timestamp) -> PathBuf {
    let stamp = at.to_seconds_text().replace([':', '-'], "");
    let named = |more: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{why}-{stamp}{more}"));
        PathBuf::from(name)
    };
    let others = (2..).map(|number| named(&format!("-{number}")));
    std::iter::once(named(""))
        .chain(others)
        // A link that leads nowhere has it, too.
        .find(|it| fs::symlink_metadata(it).is_err())
        .unwrap_or_else(|| named(""))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use syncline_model::Problem;

    use super::*;

    #[test]
    fn nobody_else_reads_the_database_whatever_the_directory_is_like() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let data = DataDir::new(&path);
        data.create().unwrap();
        let check = || {
            let store = data.open_store().unwrap();
            store.write(|_| Ok::<_, Problem>(())).unwrap();
            for file in fs::read_dir(&path).unwrap() {
                let file = file.unwrap();
                let mode = file.metadata().unwrap().permissions().mode() & 0o777;
                assert_eq!(mode, 0o600, "{:?}", file.path());
            }
        };
        check();
        // One that was made with an open mode is closed.
        fs::set_permissions(data.database_file(), fs::Permissions::from_mode(0o644)).unwrap();
        check();
    }

    #[test]
    fn the_disk_of_a_database_is_that_of_what_a_link_leads_to() {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        let data = DataDir::new(root.join("data"));
        data.create().unwrap();
        assert_eq!(data.database_folder(), data.path());
        fs::write(data.database_file(), "").unwrap();
        assert_eq!(data.database_folder(), data.path());
        // Also by way of another link, in a folder that is one.
        let disk = root.join("disk");
        fs::create_dir(&disk).unwrap();
        fs::rename(data.database_file(), disk.join("real.db")).unwrap();
        std::os::unix::fs::symlink(&disk, root.join("mount")).unwrap();
        let link = root.join("link.db");
        std::os::unix::fs::symlink(root.join("mount/real.db"), &link).unwrap();
        std::os::unix::fs::symlink(link, data.database_file()).unwrap();
        assert_eq!(data.database_folder(), disk);
        let full = syncline_store::StoreError::Full("database or disk is full".to_owned());
        let failure = Failure::from(full).of(&data);
        let room = format!("make room on the disk that holds {}, ", disk.display());
        assert!(failure.help.unwrap().starts_with(&room));
    }
}
