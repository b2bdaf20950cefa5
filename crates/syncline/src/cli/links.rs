//! `syncline links`.

use std::path::PathBuf;

use clap::ValueEnum;
use syncline_model::EntityKind;

use crate::commands::Command;
use crate::commands::links::{self, State};
use crate::failure::Failure;

/// Lists who is linked to what, or which accounts in the target nobody keeps in step, and writes nothing there
///
/// A link says which object of the target belongs to which of the source. With --unlinked: the live accounts and groups of the
/// target that came from the source and that no job keeps in step, which nothing will ever disable or delete. All of it is read
/// from one consistent view, with a server running or not, and while a cycle runs.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  syncline links --job Azure2Azure.0123….4567…                          the first 50, and how many there are
  syncline links --job Azure2Azure.0123….4567… --state removed          who was removed and is in the recycle bin
  syncline links --job Azure2Azure.0123….4567… --csv links.csv          all of them
  syncline links --job Azure2Azure.0123….4567… --unlinked --kind user   accounts that nobody keeps in step
Exit codes: 0 listed; 1 the job is unknown, or the target cannot be read; 2 wrong usage.
In a CSV file, which replaces none that is there, a cell that a spreadsheet would take for a formula begins with an apostrophe.
`syncline explain` says more of one person, docs/recipes/review-who-has-an-account.md what to do about an account.")]
pub struct Links {
    /// Id of the job, as `syncline jobs list` shows it
    #[arg(long)]
    job: String,
    /// Only users, or only groups
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// Only links in this state
    #[arg(long, value_enum)]
    state: Option<State>,
    /// Accounts of the target that came from the source and that no job keeps in step, instead of links
    #[arg(long, conflicts_with = "state")]
    unlinked: bool,
    /// At most this many; how many there are is told in any case
    #[arg(long, value_name = "N", default_value_t = 50)]
    top: usize,
    /// Write all of them to a new CSV file, readable by its owner only
    #[arg(long, value_name = "FILE", conflicts_with = "top")]
    csv: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    User,
    Group,
}

impl Links {
    pub fn command(self) -> Result<Command, Failure> {
        let absolute = |file: PathBuf| {
            std::path::absolute(&file).map_err(|error| Failure::file("find", &file, &error))
        };
        let csv = self.csv.map(absolute).transpose()?;
        let kind = self.kind.map(|kind| match kind {
            Kind::User => EntityKind::User,
            Kind::Group => EntityKind::Group,
        });
        let (job, top) = (self.job, self.top);
        Ok(match self.unlinked {
            true => Command::Accounts(links::Accounts {
                job,
                kind,
                top,
                csv,
            }),
            false => Command::Links(links::Links {
                job,
                kind,
                state: self.state,
                top,
                csv,
            }),
        })
    }
}
