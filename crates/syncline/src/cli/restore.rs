//! `syncline restore`.

use std::path::PathBuf;

use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::progress::Bar;
use crate::restore::{self, Restored};

/// Makes a data directory or a database from a backup; no server may run on it
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  syncline restore /backups/monday.backup
  syncline --data ./node1 restore --force /backups/monday.backup
  SYNCLINE_DATABASE=postgres://… syncline --data ./node1 restore /backups/monday.backup
The backup, its digest and its key are checked before anything is replaced. If the backup was made without
--with-key, put the key file to DIR/key first, where there is none. Never overwrite one: it alone opens the data that
is there. A key that was kept aside there (DIR/key.before-…) is found, and used with --unverified; the present one is
kept aside then. Only DIR/key proves who made a backup.")]
pub struct Restore {
    /// The backup
    file: PathBuf,
    /// Replace the data that is there; the old data is kept aside
    #[arg(long)]
    force: bool,
    /// Restore a backup that has no digest, or was made with another key than DIR/key. Its maker
    /// decides who can sign in: use this only if you know where the backup comes from
    #[arg(long)]
    unverified: bool,
}

impl Restore {
    pub fn run(self, data: &DataDir) -> Result<Restored, Failure> {
        let bar = Bar::new();
        let asked = restore::Asked {
            file: &self.file,
            force: self.force,
            unverified: self.unverified,
        };
        let restored = restore::run(data, &asked, &bar);
        bar.finish();
        restored
    }
}
