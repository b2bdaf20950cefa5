//! `syncline backup`.

use std::path::PathBuf;

use crate::commands::{self, Command};
use crate::failure::Failure;

/// Writes everything into one file; a server on the data directory goes on meanwhile
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  syncline backup /backups/monday.backup
  syncline backup --with-key /safe/all-in-one.backup
The file appears when it is complete, readable by its owner only. The key that opens the secrets in it
is a file of its own, DIR/key, and is not in the backup unless --with-key asks for it: without the key a
backup cannot be restored. A backup of an embedded database can be restored to PostgreSQL, and
the other way round. A digest at its end lets `syncline restore` tell when the file was damaged or changed.
A backup is never written into the data directory, and replaces nothing but a backup or an empty file.")]
pub struct Backup {
    /// The file to write
    file: PathBuf,
    /// Put the key into the file, too: anyone who can read the file can then read every secret
    #[arg(long)]
    with_key: bool,
    /// Replace the file if it is there and is a backup, or empty
    #[arg(long)]
    force: bool,
}

impl Backup {
    pub fn command(self) -> Result<Command, Failure> {
        let file = std::path::absolute(&self.file)
            .map_err(|error| Failure::file("find", &self.file, &error))?;
        Ok(Command::Backup(commands::backup::Backup {
            file,
            with_key: self.with_key,
            force: self.force,
        }))
    }
}
