//! `syncline import`.

use std::path::{Path, PathBuf};

use crate::commands::Command;
use crate::commands::import::{self, InRecycleBin, OtherMembers};
use crate::failure::Failure;

/// Imports people and groups from CSV files
///
/// Every row is checked before the first one is written: a file with a mistake changes nothing.
/// Known people are updated where they differ, nobody is deleted, an empty cell says nothing, and
/// a second run changes nothing. A name of somebody, or of a group, in the recycle bin is a mistake,
/// unless it is said what to do with it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
users.csv: the header names properties of Graph users, in any order; userPrincipalName and
displayName are required. `manager` is a userPrincipalName. Defaults: accountEnabled true,
mailNickname the part before the @, userType Member. A bare date is midnight UTC. Several values
in one cell are separated by `;`. True and false may be written as 1 and 0.
Columns are separated by commas, and the text is UTF-8. Whoever has a manager whose own row is skipped is
imported without that manager, and counted.
groups.csv: displayName,member: one row per membership, one security group per name. A group that may
hold directory roles (isAssignableToRole), or whose members follow from a rule, is a mistake there.
Users who are in such a group and not in the file stay, and are counted (members not named).
--remove-members removes them, but for groups that the file does not name, that came from another
tenant, or of which a row is skipped; groups and service principals stay. Where the file names fewer
than half of the members of a group, of 20 or more, nothing is imported without --force.
A mail address goes to another row's person where the row of the one who has it says another one.
--dry-run takes the same way, with the same errors; it knows the tenant as it is now, and cannot tell
what others write until the import.
Ctrl-C stops at the next page and says how many people are imported; the same command goes on.

Examples:
  syncline import --tenant contoso.example users.csv --dry-run
  syncline import --tenant contoso.example users.csv --groups groups.csv
  syncline import --tenant contoso.example users.csv --groups groups.csv --remove-members")]
pub struct Import {
    /// Tenant id or verified domain
    #[arg(long, value_hint = clap::ValueHint::Other)]
    tenant: String,
    /// CSV file of people
    users: PathBuf,
    /// CSV file of group memberships
    #[arg(long, value_name = "FILE")]
    groups: Option<PathBuf>,
    /// Remove users from the groups in the file whom it does not name
    #[arg(long, requires = "groups")]
    remove_members: bool,
    /// Remove them even where that is more than half of a group
    #[arg(long, requires = "remove_members")]
    force: bool,
    /// Leave bad rows out instead of importing nothing
    #[arg(long)]
    skip_invalid: bool,
    /// Restore users and groups in the recycle bin that have a name in the files, with their ids, memberships and managers
    #[arg(long, conflicts_with = "recreate")]
    restore: bool,
    /// Create new users and groups with the names of those in the recycle bin
    #[arg(long)]
    recreate: bool,
    /// Check everything, say what would be done, and write nothing
    #[arg(long)]
    dry_run: bool,
}

impl Import {
    pub fn command(self) -> Result<Command, Failure> {
        let import = import::Import {
            tenant: self.tenant,
            users: absolute(&self.users)?,
            groups: self.groups.as_deref().map(absolute).transpose()?,
            skip_invalid: self.skip_invalid,
            in_recycle_bin: match (self.restore, self.recreate) {
                (true, _) => InRecycleBin::Restore,
                (_, true) => InRecycleBin::Recreate,
                _ => InRecycleBin::Refuse,
            },
            other_members: match (self.remove_members, self.force) {
                (false, _) => OtherMembers::Keep,
                (true, false) => OtherMembers::Remove,
                (true, true) => OtherMembers::RemoveMany,
            },
        };
        Ok(match self.dry_run {
            true => Command::ImportDryRun(import::ImportDryRun(import)),
            false => Command::Import(import),
        })
    }
}

/// A server works in another folder than the one who types, and knows no pipe of his.
fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    let failed = |error| Failure::file("read", path, &error);
    let found = std::fs::metadata(path).map_err(failed)?;
    if !found.is_file() && !found.is_dir() {
        return Err(Failure::new(format!(
            "{} is no file but a pipe or a device, and what is imported is read several times",
            path.display()
        ))
        .with_help("write it to a file first, and name that"));
    }
    path.canonicalize().map_err(failed)
}
