//! The key that takes the place of the one that is there: where it waits until everything is sealed with
//! it, and how it comes to its place.
//!
//! It is on the disk before anything is sealed with it, and the old one has a second name by then. So whatever
//! interrupts this, one of the two opens the database: who finds that `key` does not, tries the one that waits.
//! Nobody else removes that: somebody's commit may not have been carried out yet.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use syncline_model::{Clock as _, Timestamp};
use syncline_store::{MasterKey, Store, StoreError};

use super::DataDir;
use crate::failure::Failure;
use crate::seam::SystemClock;

/// A key that waits, beside the one that it is to replace.
#[derive(Debug)]
pub struct NextKey {
    file: PathBuf,
    /// What was there before under names that it has from now on, the old key last.
    kept_aside: Vec<PathBuf>,
}

impl DataDir {
    /// The key that everything is about to be sealed with, until it is put in its place.
    pub fn next_key_file(&self) -> PathBuf {
        self.path.join("replacing.key")
    }

    /// Writes the next key beside the old one, and gives that a second name. On the disk when this returns.
    ///
    /// # Errors
    /// Also when the old one could not be replaced afterwards. Nothing is left then.
    pub fn stage_next_key(
        &self,
        old: &MasterKey,
        next: &MasterKey,
        at: Timestamp,
    ) -> Result<NextKey, Failure> {
        let mut staged = NextKey {
            file: self.next_key_file(),
            kept_aside: Vec::new(),
        };
        let left = self.set_left_key_aside(at)?;
        let written = self
            .write_key(next, &staged.file)
            .and_then(|()| self.keep_old_key(old, at))
            .and_then(|aside| {
                staged.kept_aside.push(aside);
                let failed = |error| Failure::file("write to the disk", &self.path, &error);
                self.sync_names().map_err(failed)
            });
        if let Err(failure) = written {
            staged.give_up();
            return Err(failure);
        }
        staged.kept_aside.splice(0..0, left);
        Ok(staged)
    }

    /// What an attempt before has left may be the only key of a database that a restore has kept aside since.
    fn set_left_key_aside(&self, at: Timestamp) -> Result<Option<PathBuf>, Failure> {
        let left = self.next_key_file();
        if MasterKey::load(&left).is_ok() {
            return self.rename_next_key(self.beside_key(at)).map(Some);
        }
        match fs::remove_file(&left) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(Failure::file("remove", &left, &error))
            }
            _ => Ok(None),
        }
    }

    /// Behind a restore the key that waits belongs to nothing that is here: it may be the only one of what was, which was kept
    /// aside. Says how it is called from now on, on the disk.
    pub fn keep_next_key(&self, at: Timestamp) -> Result<Option<PathBuf>, Failure> {
        if MasterKey::load(&self.next_key_file()).is_err() {
            return Ok(None);
        }
        let aside = self.rename_next_key(super::beside(&self.key_file(), "before-restore", at))?;
        self.sync_names()
            .map_err(|error| Failure::file("write to the disk", &self.path, &error))?;
        Ok(Some(aside))
    }

    fn rename_next_key(&self, aside: PathBuf) -> Result<PathBuf, Failure> {
        let left = self.next_key_file();
        fs::rename(&left, &aside).map_err(|error| Failure::file("rename", &left, &error))?;
        Ok(aside)
    }

    /// Says how it is called from now on.
    fn keep_old_key(&self, old: &MasterKey, at: Timestamp) -> Result<PathBuf, Failure> {
        let (key, aside) = (self.key_file(), self.beside_key(at));
        match fs::hard_link(&key, &aside) {
            Ok(()) => Ok(aside),
            // Then nothing can take its place, either.
            Err(error) if error.kind() == ErrorKind::CrossesDevices => Err(Failure::new(format!(
                "the key file {} is mounted there, and cannot be replaced",
                key.display()
            ))
            .with_help("run the command where the key is a file of the data directory itself, and bring the new one to where it is mounted from")),
            // A file system without links.
            Err(_) => self.write_key(old, &aside).map(|()| aside),
        }
    }

    /// The one that goes may not be the one that the replacement has kept: a person may have put it there since.
    fn keep_other_key(&self) -> Result<(), Failure> {
        let key = self.read_key()?;
        let kept = self.keys_kept_aside()?;
        if kept.iter().any(|(_, it)| *it == key) {
            return Ok(());
        }
        self.keep_old_key(&key, SystemClock.now()).map(drop)
    }

    fn write_key(&self, key: &MasterKey, path: &Path) -> Result<(), Failure> {
        let mut file = self.new_file(path)?;
        key.write_to(&mut file).map_err(|error| {
            // A half of it is of no use.
            let _ = fs::remove_file(path);
            match error {
                StoreError::Full(_) => Failure::file("write", path, &ErrorKind::StorageFull.into()),
                StoreError::File(error) => Failure::file("write", path, &error),
                error => error.into(),
            }
        })
    }

    fn beside_key(&self, at: Timestamp) -> PathBuf {
        super::beside(&self.key_file(), "before-replace", at)
    }

    /// Keys that were here before, under the names that they got when others took their place, or a person gave
    /// them. What is no key is left out.
    pub fn keys_kept_aside(&self) -> Result<Vec<(PathBuf, MasterKey)>, Failure> {
        let failed = |error| Failure::file("look at", &self.path, &error);
        let mut keys = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let is_aside = name.as_encoded_bytes().starts_with(b"key.before-");
            if is_aside && let Ok(key) = MasterKey::load(&entry.path()) {
                keys.push((entry.path(), key));
            }
        }
        keys.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(keys)
    }

    /// Puts the key that waits in its place, after everything was sealed with it.
    pub fn put_next_key_in_place(&self) -> Result<(), Failure> {
        let (next, key) = (self.next_key_file(), self.key_file());
        fs::rename(&next, &key)
            .and_then(|()| self.sync_names())
            .map_err(|error| {
                Failure::file("replace the key file", &key, &error).with_help(format!(
                    "the database opens with the key in {} alone: find out why {} cannot be replaced; the next command that can puts it in its place",
                    next.display(),
                    key.display()
                ))
            })
    }

    /// Opens a database that `key` does not open with the key that waits, and puts that in its place: whoever
    /// replaced it did not come to that. `None` when none waits, or it does not open it either.
    pub(super) fn open_with_next_key(
        &self,
        open: impl FnOnce(&MasterKey) -> Result<Store, StoreError>,
    ) -> Result<Option<Store>, Failure> {
        let file = self.next_key_file();
        let key = match MasterKey::load(&file) {
            Ok(key) => key,
            Err(StoreError::File(error)) if error.kind() == ErrorKind::NotFound => return Ok(None),
            // It was not on the disk yet, so nothing was sealed with it.
            Err(StoreError::NotAKey { .. }) => return Ok(None),
            Err(error) => return Err(self.cannot_use_key(&file, &error)),
        };
        match open(&key) {
            Ok(store) => {
                self.keep_other_key()?;
                self.put_next_key_in_place()?;
                tracing::warn!(
                    key = %self.key_file().display(),
                    "the replacement of the key, which was interrupted, is complete: the one that waited is in its place"
                );
                Ok(Some(store))
            }
            Err(StoreError::WrongKey) => Ok(None),
            Err(error) => Err(self.cannot_open(error)),
        }
    }
}

impl NextKey {
    /// Nothing was sealed with it, and nothing will be.
    pub fn give_up(self) {
        let _ = fs::remove_file(&self.file);
        if let Some(old) = self.kept_aside.last() {
            let _ = fs::remove_file(old);
        }
    }

    /// What was there before, the old key last.
    pub fn kept_aside(self) -> Vec<PathBuf> {
        self.kept_aside
    }
}
