//! `syncline explain`.

use clap::ArgGroup;
use syncline_model::EntityKind;

use crate::commands::Command;
use crate::commands::explain;

/// Says why one user, or one group, is or is not in the target of a job, or a user in a group there; writes nothing
///
/// First how it stands, in one sentence; then what a cycle that looks at it would decide now, of it alone and without its references, what
/// waits because of it, and what the log said last. It is worked out from one consistent view, with a server
/// running or not, and while a cycle runs. With --user and --group it says why the user is or is not in the group in the target, what that
/// waits for, and when a cycle sees to it.
#[derive(Debug, clap::Args)]
#[command(group(ArgGroup::new("whom").required(true).multiple(true).args(["user", "group"])))]
#[command(after_help = "\
Examples:
  syncline explain --job Azure2Azure.0123….4567… --user ana.souza@contoso.example
  syncline explain --job Azure2Azure.0123….4567… --user 5c2a….                     by object id, in the source or in the target
  syncline explain --job Azure2Azure.0123….4567… --group Sales --output json
  syncline explain --job Azure2Azure.0123….4567… --user ana.souza@contoso.example --group Sales
Exit codes: 0 explained; 1 the job, the user or the group is unknown; 2 wrong usage.
docs/recipes/find-out-why-somebody-is-missing.md goes through one.")]
pub struct Explain {
    /// Id of the job, as `syncline jobs list` shows it, or the name of its configuration
    #[arg(long, value_hint = clap::ValueHint::Other)]
    job: String,
    /// The user: userPrincipalName or object id, in the source or in the target
    #[arg(long, value_name = "UPN|ID", value_hint = clap::ValueHint::Other)]
    user: Option<String>,
    /// The group: displayName or object id, in the source or in the target
    #[arg(long, value_name = "NAME|ID", value_hint = clap::ValueHint::Other)]
    group: Option<String>,
}

impl Explain {
    pub fn command(self) -> Command {
        let (kind, whom) = match (self.user, self.group) {
            (Some(user), Some(group)) => {
                return Command::ExplainMembership(explain::ExplainMembership {
                    job: self.job,
                    user,
                    group,
                });
            }
            (None, Some(group)) => (EntityKind::Group, group),
            // The parser demands one of the two.
            (user, None) => (EntityKind::User, user.unwrap_or_default()),
        };
        Command::Explain(explain::Explain {
            job: self.job,
            kind,
            whom,
        })
    }
}
