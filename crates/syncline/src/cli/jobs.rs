//! `syncline jobs …`.

use clap::Subcommand;
use clap::builder::{PossibleValue, PossibleValuesParser};
use syncline_model::ResetScope;

use crate::commands::Command;
use crate::commands::jobs_list::JobsList;
use crate::commands::jobs_pause::JobsPause;
use crate::commands::jobs_restart::JobsRestart;
use crate::commands::jobs_run::JobsRun;
use crate::commands::jobs_show::JobsShow;
use crate::commands::jobs_start::JobsStart;

/// Synchronization jobs
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  syncline jobs list
  syncline jobs run --job Azure2Azure.0123….4567… --wait")]
pub enum Jobs {
    /// Lists the jobs of all tenants
    #[command(after_help = "Example:\n  syncline jobs list")]
    List,
    /// Shows one job: direction, schedule, last cycle, what waits
    #[command(after_help = "Example:\n  syncline jobs show --job Azure2Azure.0123….4567…")]
    Show {
        /// Id of the job, as `syncline jobs list` shows it, or the name of its configuration
        #[arg(long, value_hint = clap::ValueHint::Other)]
        job: String,
        /// Name the 20 objects that most references wait for, and say why they are not in the target
        #[arg(long)]
        waiting: bool,
    },
    /// Runs one cycle now; joins the one in progress
    #[command(after_help = "\
Example:
  syncline jobs run --job Azure2Azure.0123….4567… --wait --output json
Exit code 0 when the cycle did everything; 1 when it failed, objects failed, deletes or disables are held, or the
job was paused meanwhile: the report says what to do. Ctrl-C, when no server runs, ends the cycle at its next page, with exit
code 130; it goes on where it stopped with the next `jobs run --wait`, or at once when a server starts.")]
    Run {
        /// Id of the job, as `syncline jobs list` shows it, or the name of its configuration
        #[arg(long, value_hint = clap::ValueHint::Other)]
        job: String,
        /// Wait until the cycle has ended, and print its report
        #[arg(long)]
        wait: bool,
    },
    /// Starts a job: its first cycle, or the next one, is due at once
    #[command(after_help = "Example:\n  syncline jobs start --job Azure2Azure.0123….4567…")]
    Start {
        /// Id of the job, as `syncline jobs list` shows it, or the name of its configuration
        #[arg(long, value_hint = clap::ValueHint::Other)]
        job: String,
    },
    /// Pauses a job; a cycle in progress stops after the page in hand and can be resumed
    #[command(after_help = "Example:\n  syncline jobs pause --job Azure2Azure.0123….4567…")]
    Pause {
        /// Id of the job, as `syncline jobs list` shows it, or the name of its configuration
        #[arg(long, value_hint = clap::ValueHint::Other)]
        job: String,
    },
    /// Makes the next cycle look at everything again
    ///
    /// A job that was paused, disabled or never started is started by this.
    #[command(
        after_help = "Example:\n  syncline jobs restart --job Azure2Azure.0123….4567… --scope Watermark,Escrows"
    )]
    Restart {
        /// Id of the job, as `syncline jobs list` shows it, or the name of its configuration
        #[arg(long, value_hint = clap::ValueHint::Other)]
        job: String,
        /// What to forget, separated by commas [default: Watermark,Escrows,QuarantineState]
        #[arg(long, value_delimiter = ',', value_parser = scopes(), ignore_case = true)]
        scope: Vec<String>,
    },
}

fn scopes() -> PossibleValuesParser {
    let words = ResetScope::WORDS.into_iter();
    words
        .map(|word| PossibleValue::new(word.name).help(word.meaning))
        .into()
}

impl Jobs {
    pub fn command(self) -> Command {
        match self {
            Self::List => Command::JobsList(JobsList {}),
            Self::Show { job, waiting } => Command::JobsShow(JobsShow { job, waiting }),
            Self::Run { job, wait } => Command::JobsRun(JobsRun { job, wait }),
            Self::Start { job } => Command::JobsStart(JobsStart { job }),
            Self::Pause { job } => Command::JobsPause(JobsPause { job }),
            Self::Restart { job, scope } => Command::JobsRestart(JobsRestart {
                job,
                scope: scope.join(","),
            }),
        }
    }
}
