//! `syncline plan`.

use std::path::PathBuf;

use crate::commands::Command;
use crate::commands::{plan, plan_file};
use crate::declared::Files;
use crate::failure::Failure;
use crate::given::Given;

/// Says what the next cycle of a job would do, and writes nothing
///
/// With `--file`, what it would do if that schema were saved: how many objects have to be evaluated
/// again, what would become of them, and which values would change. Everything is read from one
/// consistent view, with a server running or not.
///
/// Without a job, `--file` is a file of configurations, and said is what `syncline apply` would write.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("what").args(["job", "file"]).required(true).multiple(true)))]
#[command(after_help = "\
Examples:
  syncline plan --job Azure2Azure.0123….4567…                        the configuration as it is
  syncline schema export --job Azure2Azure.0123….4567… > schema.json
  syncline plan --job Azure2Azure.0123….4567… --file schema.json     as you have changed it
  syncline plan --job Azure2Azure.0123….4567… --show 100 --output json
  syncline plan --file sync.yaml                                     what `syncline apply sync.yaml` would write
Exit codes: 0 planned; 1 the file is wrong, the job is unknown or in the middle of a cycle, or
its next cycle would fail as a whole; 2 wrong usage. docs/recipes/plan-a-change.md goes through one.")]
pub struct Plan {
    /// Id of the job, as `syncline jobs list` shows it, or the name of its configuration
    #[arg(long, value_hint = clap::ValueHint::Other)]
    job: Option<String>,
    /// A schema that is not saved yet: what `syncline schema export` or GET …/schema answers, changed.
    /// Without --job, a file of configurations
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: Option<PathBuf>,
    /// Name at most this many of the objects for which something would be done, some of each kind of change, deletes first
    /// [default: 10]
    #[arg(long, value_name = "N", requires = "job", value_parser = clap::value_parser!(u32).range(0..=100_000))]
    show: Option<u32>,
}

impl Plan {
    pub fn command(self) -> Result<Command, Failure> {
        Ok(match (self.job, self.file) {
            (None, Some(file)) => {
                let file = Files::read(&file)?;
                Command::PlanFile(plan_file::PlanFile { file })
            }
            (job, file) => Command::Plan(plan::Plan {
                job: job.unwrap_or_default(),
                file: file.map(|it| Given::read(&it, Given::SCHEMA)).transpose()?,
                show: self.show.unwrap_or(10),
            }),
        })
    }
}
