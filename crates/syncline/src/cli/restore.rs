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
--with-key, put the key file to DIR/key first.")]
pub struct Restore {
    /// The backup
    file: PathBuf,
    /// Replace the data that is there; it is kept aside
    #[arg(long)]
    force: bool,
}

impl Restore {
    pub fn run(self, data: &DataDir) -> Result<Restored, Failure> {
        let bar = Bar::new();
        let restored = restore::run(data, &self.file, self.force, &bar);
        bar.finish();
        restored
    }
}
