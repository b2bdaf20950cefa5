//! `syncline apply`.

use std::path::PathBuf;

use crate::commands::Command;
use crate::commands::apply;
use crate::declared::Files;
use crate::failure::Failure;

/// Makes configurations as a file has them
///
/// Compares each configuration of a YAML file with what there is (the policies of both tenants, the
/// configuration and its job, scope, assignments, accidental-deletion threshold, schema, state) and writes
/// what differs: everything or nothing. What the file leaves out stays as it is, and a second run changes
/// nothing. `syncline plan --file` says beforehand what would be written.
///
/// Where somebody may lose something by it, that must be asked for with --remove: a narrower scope, fewer
/// assignments, a policy that refuses, a threshold that lets more deletions through. Another schema is not
/// asked for: what it would do to people `syncline plan --job JOB --file SCHEMA` says before it is saved.
///
/// A job that was started before and is paused or disabled now was stopped for a reason. That it goes on must be
/// asked for with --resume; its first start need not.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  syncline plan --file sync.yaml       what would be written
  syncline apply sync.yaml
  syncline apply sync.yaml --remove    also what takes something away from somebody
  syncline apply sync.yaml --resume    also what lets a job go on that was stopped
Exit codes: 0 it is as the file says, also where the job can not work with such policies; 1 the file is wrong,
or takes something away without --remove, or lets a stopped job go on without --resume, and nothing was written; 2 wrong usage. docs/recipes/configurations-as-a-file.md goes through one.")]
pub struct Apply {
    /// The file, as examples/sync.yaml shows one
    #[arg(value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,
    /// Also write what may take something away from somebody
    #[arg(long)]
    remove: bool,
    /// Also let jobs go on that were started before and are paused or disabled
    #[arg(long)]
    resume: bool,
}

impl Apply {
    pub fn command(self) -> Result<Command, Failure> {
        Ok(Command::Apply(apply::Apply {
            file: Files::read(&self.file)?,
            remove: self.remove,
            resume: self.resume,
        }))
    }
}
