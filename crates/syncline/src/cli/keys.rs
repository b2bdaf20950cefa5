//! `syncline keys …`.

use clap::Subcommand;

use super::{Global, data, execute, telemetry};
use crate::commands::Command;
use crate::commands::signing_key_replace::SigningKeyReplace;
use crate::failure::Failure;
use crate::output::{self, Format};
use crate::replace_key;

/// The keys that protect stored secrets and sign tokens
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  syncline keys replace --signing
  syncline keys replace")]
pub enum Keys {
    /// Makes keys worthless that somebody else may have: DIR/key, which protects stored secrets, and those that sign tokens
    #[command(after_help = "\
Everything is sealed with a new DIR/key, and tokens are signed with a new key. No server may run on the data directory
or the database. If it is interrupted, run it again: the old key or the new one opens all there is, and every command
finds which. The old one is kept aside, for the backups that were made until now: `syncline restore --unverified`
finds it there. Never move it over the new DIR/key, which alone opens the database. On PostgreSQL, copy the new DIR/key
to the other nodes before you start them.
With --signing, the keys that sign tokens are replaced alone, at once and while servers run.
Either way access tokens that were issued until now are refused: people sign in again, or their applications get new
tokens with their refresh tokens, and applications with their secrets. Applications that check tokens themselves, id
tokens for one, go on with the old keys until they read them again: restart them. Passwords, client secrets, sessions
and refresh tokens stay good: the database has only their hashes. Who had the key and the database may have read the
secrets of synchronization jobs, which have to be changed where they come from.
Examples:
  syncline keys replace --signing
  syncline keys replace
  SYNCLINE_DATABASE=postgres://… syncline --data ./node1 keys replace --output json")]
    Replace {
        /// Only the keys that sign tokens; servers may run
        #[arg(long)]
        signing: bool,
    },
}

impl Keys {
    pub fn run(&self, global: &Global) -> Result<bool, Failure> {
        let Self::Replace { signing } = self;
        if *signing {
            return execute(global, &Command::SigningKeyReplace(SigningKeyReplace {}));
        }
        let telemetry = telemetry(global, "warn", None)?;
        let replaced = replace_key::run(&data(global)?);
        telemetry.end();
        let replaced = replaced?;
        match global.output {
            Format::Json => output::document(&output::json(&replaced)?)?,
            Format::Text => output::print(&replaced.text())?,
        }
        Ok(true)
    }
}
