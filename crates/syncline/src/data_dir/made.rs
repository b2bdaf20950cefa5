//! What a command has made of a data directory where none was, and takes back when it fails: else the next one would
//! find a directory without data.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::DataDir;

/// Made by one command; nothing yet by default.
#[derive(Debug, Default)]
pub struct Made {
    /// The directory, then those that it is in.
    folders: Vec<PathBuf>,
    /// Unless it was there before.
    lock: Option<PathBuf>,
}

impl Made {
    /// Before anything is made.
    pub(super) fn of(data: &DataDir) -> Self {
        let absent = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
        let folders = data.path().ancestors().take_while(absent);
        Self {
            folders: folders.map(Path::to_owned).collect(),
            lock: Some(data.lock_file()).filter(|it| !it.exists()),
        }
    }

    /// Adds what had to be made again, as another command had taken it back.
    pub(super) fn and(&mut self, again: Self) {
        if again.folders.len() > self.folders.len() {
            self.folders = again.folders;
        }
        self.lock = again.lock.or(self.lock.take());
    }

    /// Takes it back where it holds nothing yet, and nobody else is at work.
    pub fn undo(self) {
        let Some(lock) = &self.lock else { return };
        let Some(held) = File::open(lock).ok() else {
            self.remove_folders();
            return;
        };
        let holds_more = |folder: &Path| match fs::read_dir(folder) {
            Ok(mut entries) => entries.any(|it| it.is_ok_and(|it| it.path() != *lock)),
            Err(_) => true,
        };
        if held.try_lock().is_err() || lock.parent().is_none_or(holds_more) {
            return;
        }
        // Whoever has opened it meanwhile sees that it is gone (`DataDir::lock`).
        if fs::remove_file(lock).is_ok() {
            self.remove_folders();
        }
    }

    /// Those that are empty.
    fn remove_folders(&self) {
        for folder in &self.folders {
            if fs::remove_dir(folder).is_err() {
                return;
            }
        }
    }
}
