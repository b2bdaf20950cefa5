//! `syncline links`.

use std::path::PathBuf;

use clap::ValueEnum;
use syncline_model::EntityKind;

use crate::commands::Command;
use crate::commands::links::{self, State};
use crate::failure::Failure;

/// Lists who is linked to what, or which accounts in the target nobody keeps in step, and writes nothing there
///
/// A link says which object of the target belongs to which of the source. With --unlinked: the live users and groups of the
/// target that came from the source and that no job keeps in step. All of it is read from one consistent view, with a server
/// running or not, and while a cycle runs.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  syncline links --job Azure2Azure.0123….4567…                          the first 50, and how many there are
  syncline links --job Azure2Azure.0123….4567… --state removed          who was removed
  syncline links --job Azure2Azure.0123….4567… --csv links.csv          all of them
  syncline links --job Azure2Azure.0123….4567… --unlinked --kind user   accounts that nobody keeps in step
Exit codes: 0 listed; 1 the job is unknown, the file is there already, or, with --unlinked, the target does not let the job in; 2 wrong usage.
Ask with --unlinked before the last job to a target is deleted; afterwards make another one, which need not be started.
A CSV file replaces none that is there. What a spreadsheet would take for a formula has an apostrophe before it.
`syncline explain` says more of one person, docs/recipes/review-who-has-an-account.md what to do about an account.")]
pub struct Links {
    /// Id of the job, as `syncline jobs list` shows it, or the name of its configuration
    #[arg(long, value_hint = clap::ValueHint::Other)]
    job: String,
    /// Only users, or only groups
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// Only links in this state
    #[arg(long, value_enum)]
    state: Option<State>,
    /// Users and groups of the target that came from the source and that no job keeps in step, instead of links
    #[arg(long, conflicts_with = "state")]
    unlinked: bool,
    /// Show so many, 10,000 at most; how many there are is told in any case
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    top: u16,
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
        let (job, top) = (self.job, usize::from(self.top));
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
