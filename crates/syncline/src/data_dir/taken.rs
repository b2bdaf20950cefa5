//! Whether an installation lives in a directory, for who wants one of his own.

use std::fs;
use std::path::PathBuf;

use super::DataDir;
use crate::failure::Failure;

impl DataDir {
    /// Refuses a directory in which another installation lives, or has begun to. Opens nothing: its tables may be older.
    pub fn refuse_taken(&self) -> Result<(), Failure> {
        let Some(file) = self.left_here() else {
            return Ok(());
        };
        let path = self.path.display();
        Err(Failure::new(format!(
            "{path} has data already ({}), and the demo makes tenants of its own",
            file.display()
        ))
        .with_help(format!(
            "give the demo an empty directory with --data; what an earlier demo has left is looked at with `syncline serve --data {path}`"
        )))
    }

    /// A database or a key, also one that is half made or half restored.
    fn left_here(&self) -> Option<PathBuf> {
        let files = [
            self.database_file(),
            self.key_file(),
            self.new_key_file(),
            self.next_key_file(),
            self.restoring_file(),
            self.restoring_key_file(),
        ];
        // A link that leads nowhere is somebody's, too: the disk may not be there.
        files
            .into_iter()
            .find(|file| fs::symlink_metadata(file).is_ok())
    }
}
