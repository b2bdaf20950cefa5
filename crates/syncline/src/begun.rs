//! Files that are begun and of no use to anybody before they are whole, a key in them perhaps: removed
//! however the process ends, unless it is killed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

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

/// With what SQLite keeps beside one that it copies to.
pub fn remove(file: &Path) -> std::io::Result<()> {
    let mut journal = file.as_os_str().to_owned();
    journal.push("-journal");
    let removed = std::fs::remove_file(file);
    // Mostly there is none.
    let _ = std::fs::remove_file(PathBuf::from(journal));
    removed
}
