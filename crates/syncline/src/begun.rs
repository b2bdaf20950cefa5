//! Files that are begun and of no use to anybody before they are whole, a key in them perhaps: removed
//! however the process ends, unless it is killed.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

/// How the name of a [`lock_file`] ends.
pub const LOCK: &str = ".lock";

/// Those of this process.
#[derive(Clone, Debug, Default)]
pub struct Begun(Arc<Mutex<BTreeSet<PathBuf>>>);

impl Begun {
    pub fn add(&self, file: &Path) {
        self.0.lock().insert(file.to_owned());
    }

    /// It has become what it should, or is gone.
    pub fn forget(&self, file: &Path) {
        self.0.lock().remove(file);
    }

    /// Who still writes one fails.
    pub fn remove_all(&self) {
        for file in std::mem::take(&mut *self.0.lock()) {
            // Nobody is left who could do more about it; the next one to the same place tries again.
            let _ = remove(&file);
        }
    }
}

/// The empty file beside one that is written, which is locked as long as somebody writes it. It is not that file itself
/// because SQLite locks that one in its own way: on a network drive both are locks of the server, and keep
/// each other out.
pub fn lock_file(file: &Path) -> PathBuf {
    beside(file, LOCK)
}

/// With what SQLite keeps beside one that it copies to, and at last with what tells others whose it is: without that
/// nobody would remove the rest.
pub fn remove(file: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        // It was not written yet, or has become what it should.
        Ok(()) | Err(_) => {}
    }
    // Mostly there is none.
    let _ = std::fs::remove_file(beside(file, "-journal"));
    std::fs::remove_file(lock_file(file))
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
