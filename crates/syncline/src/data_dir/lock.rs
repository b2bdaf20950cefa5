//! The lock of a data directory, and what its file tells of the process that holds it.

use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Seek as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::OFlags;
use syncline_store::Database;

use super::{DataDir, MOST_TRIES, Made};
use crate::failure::Failure;
use crate::owner;

/// Held while a process works on the directory; released when it ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
    /// What is told of the holder, in lines.
    told: String,
    /// The database that was worked on last. It stays in the file when the lock is released.
    used: String,
    /// Those of a database that is a link.
    _linked: Vec<File>,
}

/// A command that works on the directory.
#[derive(Debug)]
pub struct Holder {
    pub process: u32,
    /// As it was typed, without what may be secret.
    pub what: String,
    /// Whether it is of this version, and knows the same tables.
    pub same_version: bool,
    /// Whether it works on the database that is asked for.
    pub same_database: bool,
    /// Whether it is a server that says at once that it is there, when it is connected to. Older ones of the same version
    /// say nothing before they have the command.
    pub greets: bool,
}

/// What came of an attempt to take it.
enum Tried {
    Got(Lock),
    /// By another process.
    Held,
    /// A command that has failed has taken back what it had made.
    Gone,
}

const VERSION: &str = env!("CARGO_PKG_VERSION");
const GREETS: &str = "greets";
/// Before the database that was opened last, behind what the holder says of itself.
const OPENED: &str = "opened ";

impl DataDir {
    /// Takes the lock, or says with `None` that another process holds it.
    pub fn lock(&self) -> Result<Option<Lock>, Failure> {
        for _ in 0..MOST_TRIES {
            match self.try_lock()? {
                Tried::Got(lock) => return Ok(Some(lock)),
                Tried::Held => return Ok(None),
                Tried::Gone if self.path.exists() => {}
                Tried::Gone => return Err(self.gone()),
            }
        }
        Ok(None)
    }

    /// Makes the directory and takes its lock, again where a command that has failed took it back meanwhile. What was made
    /// is added to `made`.
    pub fn lock_making(&self, made: &mut Made) -> Result<Option<Lock>, Failure> {
        for _ in 0..MOST_TRIES {
            made.and(self.create()?);
            match self.try_lock()? {
                Tried::Got(lock) => return Ok(Some(lock)),
                Tried::Held => return Ok(None),
                Tried::Gone => {}
            }
        }
        Err(self.gone())
    }

    fn gone(&self) -> Failure {
        Failure::file(
            "open the lock file",
            &self.lock_file(),
            &ErrorKind::NotFound.into(),
        )
    }

    fn try_lock(&self) -> Result<Tried, Failure> {
        let path = self.lock_file();
        let Some(file) = self.open_or_new(&path, OFlags::RDWR)? else {
            return Ok(Tried::Gone);
        };
        match file.try_lock() {
            // What is locked is not what others find there.
            Ok(()) if !is_at(&file, &path) => Ok(Tried::Gone),
            Ok(()) => {
                let used = self.opened_last().unwrap_or_default();
                let mut lock = Lock {
                    file,
                    told: String::new(),
                    used,
                    _linked: self.lock_linked()?,
                };
                // What a process that ended without cleaning up left behind.
                lock.clear()
                    .map_err(|error| Failure::file("write", &path, &error))?;
                Ok(Tried::Got(lock))
            }
            Err(TryLockError::WouldBlock) => Ok(Tried::Held),
            Err(TryLockError::Error(error)) => Err(Failure::file("lock", &path, &error)),
        }
    }

    /// Keeps others from writing where this process may only read: the directory may be written to at
    /// another mount of the same disk. Nothing where nobody ever took the lock, or the disk knows none.
    ///
    /// # Errors
    /// Somebody writes there.
    pub fn lock_read_only(&self) -> Result<Vec<File>, Failure> {
        let mut held = self.lock_linked_read_only()?;
        held.extend(self.lock_itself_read_only()?);
        Ok(held)
    }

    fn lock_itself_read_only(&self) -> Result<Option<File>, Failure> {
        let path = self.lock_file();
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                let failure = Failure::file("open the lock file", &path, &error);
                return Err(owner::explain(failure, &error, &self.path));
            }
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => {
                let by = self.holder().map_or_else(
                    || "another process".to_owned(),
                    |it| format!("process {} (syncline {})", it.process, it.what),
                );
                Err(Failure::new(format!(
                    "{by} writes to the data directory {}, which is read-only here",
                    self.path.display()
                ))
                .with_help("run the command where that process runs"))
            }
            // Then only what the files look like before and after tells.
            Err(TryLockError::Error(_)) => Ok(None),
        }
    }

    /// Makes the directory and takes its lock for as long as what is returned lives. What was made is added to `made`.
    ///
    /// # Errors
    /// Another process holds it: which, and `help`.
    pub fn lock_alone(&self, made: &mut Made, help: &str) -> Result<Lock, Failure> {
        self.lock_making(made)?.ok_or_else(|| {
            let by = self.server_address().map_or_else(
                || "another syncline command".to_owned(),
                |address| format!("the server at {address}"),
            );
            Failure::new(format!(
                "the data directory {} is in use by {by}",
                self.path.display()
            ))
            .with_help(help)
        })
    }

    /// Tells whoever would replace the database that somebody works beside the holder of the lock; `None`
    /// where one is at it. That the lock is still held is to be looked at afterwards.
    pub fn lock_beside(&self) -> Result<Option<File>, Failure> {
        let path = self.beside_file();
        let Some(file) = self.open_or_new(&path, OFlags::WRONLY)? else {
            return Ok(None);
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(Failure::file("lock", &path, &error)),
        }
    }

    /// Keeps out who would work beside; for the holder of the lock, as long as what is returned lives.
    /// `None` where nobody ever did: whoever does so from now on finds that the lock is another's.
    ///
    /// # Errors
    /// Somebody works beside.
    pub fn lock_beside_alone(&self) -> Result<Option<File>, Failure> {
        let path = self.beside_file();
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                let failure = Failure::file("open the lock file", &path, &error);
                return Err(owner::explain_file(failure, &error, &path, &self.path));
            }
        };
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Err(Failure::new(format!(
                "the data directory {} is in use by another syncline command",
                self.path.display()
            ))
            .with_help("wait until it has ended, and try again")),
            Err(TryLockError::Error(error)) => Err(Failure::file("lock", &path, &error)),
        }
    }

    /// What the holder of the lock wrote into it: the server's address.
    pub fn server_address(&self) -> Option<String> {
        let text = fs::read_to_string(self.lock_file()).ok()?;
        let address = text.lines().next()?.trim();
        (!address.is_empty()).then(|| address.to_owned())
    }

    /// Which process holds the lock, and what it does with it.
    pub fn holder(&self) -> Option<Holder> {
        let text = fs::read_to_string(self.lock_file()).ok()?;
        let mut lines = text.lines().skip(1);
        let same_database = lines.next()?.trim() == self.database().to_string();
        let process = lines.next()?.trim().parse().ok()?;
        let what = lines.next()?.trim().to_owned();
        let same_version = lines.next() == Some(VERSION);
        let greets = lines.next() == Some(GREETS);
        (!what.is_empty()).then_some(Holder {
            process,
            what,
            same_version,
            same_database,
            greets,
        })
    }

    /// The database that the running server works on, when this is another one than is asked for.
    pub fn other_database(&self) -> Option<String> {
        let asked = self.server.as_ref()?.to_string();
        let text = fs::read_to_string(self.lock_file()).ok()?;
        let works_on = text.lines().nth(1)?.trim();
        (!works_on.is_empty() && works_on != asked).then(|| works_on.to_owned())
    }

    /// The database that was opened last. One that the holder of the lock asks for may never be: whoever is
    /// killed meanwhile leaves its name.
    fn opened_last(&self) -> Option<String> {
        let text = fs::read_to_string(self.lock_file()).ok()?;
        let mut lines = text.lines().map(str::trim);
        let (address, database) = (lines.next()?, lines.next()?);
        let opened = lines.clone().find_map(|it| it.strip_prefix(OPENED));
        // As builds before 0.1.0 left it when they had ended, and opened it.
        let left = || {
            let has_holder = !address.is_empty() || lines.any(|it| !it.is_empty());
            (!has_holder && !database.is_empty()).then_some(database)
        };
        opened.or_else(left).map(str::to_owned)
    }

    /// The database on a server that was worked on last, where the embedded one is asked for.
    pub(super) fn used_elsewhere(&self) -> Option<String> {
        let is_server = |used: &String| used.starts_with("postgres");
        self.opened_last()
            .filter(|used| self.server.is_none() && is_server(used))
    }
}

impl Lock {
    /// Leaves the server's address (empty for a command), its database, and which process does what,
    /// for other commands to show.
    pub fn write(&mut self, address: &str, database: &Database, what: &str) -> std::io::Result<()> {
        let process = std::process::id();
        self.told = format!("{address}\n{database}\n{process}\n{what}\n{VERSION}\n{GREETS}\n");
        self.save()
    }

    /// The database was opened: it is the one that was worked on last. One that was only asked for is not. What
    /// fails to be written now is tried again at the end.
    pub fn has_opened(&mut self, database: &Database) -> std::io::Result<()> {
        self.go_back_to(database.to_string())
    }

    /// The same, of one that is about to be replaced, which may never be known to have been. On the disk when this
    /// returns; where it can not be written nothing is to be replaced, and it is not remembered. Says what was before.
    pub fn remember(&mut self, used: String) -> std::io::Result<String> {
        let before = self.used.clone();
        let remembered = self.go_back_to(used);
        if let Err(error) = remembered {
            self.used = before;
            return Err(error);
        }
        Ok(before)
    }

    /// The same of what was remembered before. What can not be written now is, when the lock is released.
    pub fn go_back_to(&mut self, used: String) -> std::io::Result<()> {
        if self.used == used {
            return Ok(());
        }
        self.used = used;
        self.save()?;
        self.file.sync_all()
    }

    /// Keeps it until the process ends, by which the system releases it: not before the last thread that may be writing to the
    /// database is gone. What it tells of the holder is true until then, and the next one clears it.
    pub fn keep(self) {
        std::mem::forget(self);
    }

    /// Leaves the database that was worked on last, and no more.
    fn clear(&mut self) -> std::io::Result<()> {
        self.told = format!("\n{}\n", self.used);
        self.save().or_else(|error| {
            // Better nothing than what is not true any more.
            self.file.set_len(0)?;
            match error.kind() {
                ErrorKind::StorageFull => Ok(()),
                _ => Err(error),
            }
        })
    }

    fn save(&mut self) -> std::io::Result<()> {
        let opened = match self.used.as_str() {
            "" => String::new(),
            used => format!("{OPENED}{used}\n"),
        };
        self.replace(&format!("{}{opened}", self.told))
    }

    /// Over the old text, so that a full disk needs no new block and nobody reads a half of each.
    fn replace(&mut self, text: &str) -> std::io::Result<()> {
        let old = usize::try_from(self.file.metadata()?.len()).unwrap_or_default();
        // A text has few hundred bytes; whatever is longer is none.
        let padded = format!(
            "{text}{}",
            "\n".repeat(old.min(4096).saturating_sub(text.len()))
        );
        self.file.rewind()?;
        self.file.write_all(padded.as_bytes())?;
        self.file.set_len(text.len() as u64)
    }
}

/// Whether this file has this name.
fn is_at(file: &File, path: &Path) -> bool {
    let identity = |found: fs::Metadata| (found.dev(), found.ino());
    let there = fs::symlink_metadata(path).map(identity);
    matches!((file.metadata().map(identity), there), (Ok(its), Ok(there)) if its == there)
}

impl Drop for Lock {
    /// Whoever takes the lock next has not said yet what he does: nobody takes this one's word for his.
    fn drop(&mut self) {
        // The next one clears it, too.
        let _ = self.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_take_back_meanwhile_is_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::new(folder.path().join("made/data"));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let mut made = Made::default();
                        drop(data.lock_making(&mut made).unwrap());
                        made.undo();
                    }
                });
            }
        });
    }

    #[test]
    fn what_was_asked_for_and_never_opened_is_not_what_was_worked_on() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::new(folder.path());
        let server = Database::Postgres("postgres://u@down.example/db".to_owned());
        // Whoever is killed leaves the text as it is.
        let killed = |opened: &[&Database]| {
            let mut lock = data.lock().unwrap().unwrap();
            lock.write("", &server, "tenant list").unwrap();
            for database in opened {
                lock.has_opened(database).unwrap();
            }
            let text = fs::read_to_string(data.lock_file()).unwrap();
            drop(lock);
            fs::write(data.lock_file(), text).unwrap();
            data.used_elsewhere()
        };
        assert_eq!(killed(&[]), None);
        let used = server.to_string();
        assert_eq!(killed(&[&server]), Some(used.clone()));
        // Also by way of others that open nothing.
        assert_eq!(killed(&[]), Some(used.clone()));
        drop(data.lock().unwrap());
        assert_eq!(data.used_elsewhere(), Some(used.clone()));
        assert_eq!(killed(&[&data.database()]), None);
        assert_eq!(killed(&[]), None);

        // Of builds that knew no such line.
        fs::write(data.lock_file(), format!("\n{used}\n")).unwrap();
        assert_eq!(data.used_elsewhere(), Some(used.clone()));
        let asked = format!("\n{used}\n1\ntenant list\n{VERSION}\n{GREETS}\n");
        fs::write(data.lock_file(), asked).unwrap();
        assert_eq!(data.used_elsewhere(), None);
    }
}
