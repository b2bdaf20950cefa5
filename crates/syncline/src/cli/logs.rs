//! `syncline logs`.

use clap::ValueEnum;
use syncline_model::Timestamp;

use crate::commands::Command;
use crate::commands::logs;

/// Shows the provisioning log, newest first
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  syncline logs --top 20
  syncline logs --user ana.souza@contoso.example     what happened to one person, step by step
  syncline logs --status failure --since 2026-01-31  what went wrong since then
  syncline logs --output json                        as Graph's auditLogs/provisioning shows it")]
pub struct Logs {
    /// Only entries of this job, and of deleted ones that had its id
    #[arg(long, value_hint = clap::ValueHint::Other)]
    job: Option<String>,
    /// Only entries of this person: userPrincipalName or object id, in the source or in the target
    #[arg(long, value_name = "UPN|ID", value_hint = clap::ValueHint::Other)]
    user: Option<String>,
    /// Only entries in which this was done, or attempted
    #[arg(long, value_enum)]
    action: Option<What>,
    /// Only entries with this outcome
    #[arg(long, value_enum)]
    status: Option<Status>,
    /// Only since this day (midnight UTC) or time, e.g. 2026-01-31 or 2026-01-31T08:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Timestamp>,
    /// At most this many entries, 10,000 at most; 5 or fewer are shown with their steps
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    top: u16,
}

/// `provisioningAction`, as Graph has it.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "camelCase")]
enum What {
    Create,
    Update,
    Disable,
    Delete,
    /// A removal that the deletion threshold holds
    StagedDelete,
    /// Nothing: skipped, or as it should be
    Other,
}

/// `provisioningStatusInfo/status`, as Graph has it.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "camelCase")]
enum Status {
    Success,
    Failure,
    Skipped,
    /// Held, or a reference that waits
    Warning,
}

fn word(value: impl ValueEnum) -> String {
    value
        .to_possible_value()
        .map(|it| it.get_name().to_owned())
        .unwrap_or_default()
}

pub(super) fn time(text: &str) -> Result<Timestamp, &'static str> {
    Timestamp::parse_certain(text)
        .ok_or("give a day or a time with its zone, such as 2026-01-31T08:00:00Z")
}

impl Logs {
    pub fn command(self) -> Command {
        Command::Logs(logs::Logs {
            job: self.job,
            user: self.user,
            action: self.action.map(word),
            status: self.status.map(word),
            since: self.since,
            top: self.top.into(),
        })
    }
}
