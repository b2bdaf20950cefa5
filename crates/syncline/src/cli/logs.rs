//! `syncline logs`.

use crate::commands::Command;
use crate::commands::logs;

/// Shows the provisioning log, newest first
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  syncline logs --top 20
  syncline logs --user ana.souza@contoso.example     what happened to one person, step by step
  syncline logs --output json                        as Graph's auditLogs/provisioning shows it")]
pub struct Logs {
    /// Only entries of this job
    #[arg(long)]
    job: Option<String>,
    /// Only entries of this person: userPrincipalName or object id, in the source or in the target
    #[arg(long, value_name = "UPN|ID")]
    user: Option<String>,
    /// At most so many entries
    #[arg(long, value_name = "N", default_value_t = 50)]
    top: usize,
}

impl Logs {
    pub fn command(self) -> Command {
        Command::Logs(logs::Logs {
            job: self.job,
            user: self.user,
            top: self.top,
        })
    }
}
