//! `syncline undo`.

use clap::ArgGroup;
use syncline_model::{CycleId, Timestamp};

use super::logs::time;
use crate::commands::Command;
use crate::commands::undo;

/// Puts the target back to what it was before cycles of a job, as far as nobody else has changed it since
///
/// What the cycles did is read from the provisioning log. Whoever they created goes into the target's recycle bin, whoever they
/// deleted comes back with their id and what belongs to them, and values, members and managers are put back where they are still
/// as the cycles left them. Accounts that they took over are let go. What can not be put back is named, and stops nothing else.
///
/// The job has to be paused, and stays so. With as many deletes and disables as the job's deletion threshold nothing is done.
#[derive(Debug, clap::Args)]
#[command(group(ArgGroup::new("span").required(true).args(["cycles", "since"])))]
#[command(after_help = "\
Examples:
  syncline jobs pause --job Azure2Azure.0123….4567…
  syncline undo --job Azure2Azure.0123….4567… --since 2026-01-31T08:00:00Z --dry-run
  syncline undo --job Azure2Azure.0123….4567… --since 2026-01-31T08:00:00Z
  syncline undo --job Azure2Azure.0123….4567… --cycle 01890a5d-ac96-774b-bcce-b302099a8057 --output json
Exit codes: 0 everything is as it was; 1 something stays as it is, too much would be deleted, the job is not
paused or the target does not let it in; 2 wrong usage. docs/recipes/undo-a-wrong-cycle.md goes through one.")]
pub struct Undo {
    /// Id of the job, as `syncline jobs list` shows it, or the name of its configuration
    #[arg(long, value_hint = clap::ValueHint::Other)]
    job: String,
    /// The cycle to be undone, as the report of `syncline jobs run --wait` and `syncline logs --output json` name it; can be repeated
    #[arg(long = "cycle", value_name = "ID", value_parser = cycle)]
    cycles: Vec<CycleId>,
    /// Everything the job has done since this day (midnight UTC) or time, e.g. 2026-01-31T08:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Timestamp>,
    /// Say what would be done, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Name at most this many of the objects that something is done with, some of each kind of change, deletes first; and of
    /// those where something stays as it is
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    show: u32,
    /// Go past the job's deletion threshold
    #[arg(long)]
    force_deletes: bool,
}

fn cycle(text: &str) -> Result<CycleId, &'static str> {
    text.parse()
        .map_err(|_| "give the id of a cycle, such as 01890a5d-ac96-774b-bcce-b302099a8057")
}

impl Undo {
    pub fn command(self) -> Command {
        Command::Undo(undo::Undo {
            job: self.job,
            cycles: self.cycles,
            since: self.since,
            dry_run: self.dry_run,
            show: self.show,
            force_deletes: self.force_deletes,
        })
    }
}
