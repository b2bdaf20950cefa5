//! `syncline deleted …`.

use clap::{ArgGroup, Subcommand};
use syncline_model::{EntityKind, Timestamp};

use super::logs::time;
use crate::commands::Command;
use crate::commands::deleted_list::DeletedList;
use crate::commands::deleted_restore::DeletedRestore;

/// Users and groups in the recycle bin of a tenant
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  syncline deleted list --tenant contoso.example
  syncline deleted restore --tenant contoso.example --deleted-since 2026-01-31T08:00:00Z --dry-run")]
pub enum Deleted {
    /// Lists the deleted users, or groups, the latest first
    #[command(after_help = "\
Examples:
  syncline deleted list --tenant contoso.example --deleted-since 2026-01-31 --output json
  syncline deleted list --tenant contoso.example --groups")]
    List {
        /// Tenant id or verified domain
        #[arg(long, value_hint = clap::ValueHint::Other)]
        tenant: String,
        /// Groups instead of users
        #[arg(long)]
        groups: bool,
        /// Only those deleted since this day (midnight UTC) or time, e.g. 2026-01-31T08:00:00Z
        #[arg(long, value_name = "TIME", value_parser = time)]
        deleted_since: Option<Timestamp>,
        /// List at most this many, 10,000 at most; all are counted
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=10_000))]
        top: u16,
    },
    /// Restores deleted users, with their ids, groups, managers and assignments, or groups with their members
    #[command(group(ArgGroup::new("whom").required(true).multiple(true).args(["users", "named_groups", "deleted_since", "all"])))]
    #[command(after_help = "\
Examples:
  syncline deleted restore --tenant contoso.example --deleted-since 2026-01-31T08:00:00Z --dry-run
  syncline deleted restore --tenant contoso.example --user ana@contoso.example --user bo@contoso.example
  syncline deleted restore --tenant contoso.example --all --output json
  syncline deleted restore --tenant contoso.example --group Sales
  syncline deleted restore --tenant contoso.example --groups --deleted-since 2026-01-31T08:00:00Z
A user who cannot come back, because somebody else has their name by now, is listed and stays in the
recycle bin; the others are restored. Exit code 1 if there is such a user. Groups may share a name: of
those with the name that --group says the one deleted last comes back.")]
    Restore {
        /// Tenant id or verified domain
        #[arg(long, value_hint = clap::ValueHint::Other)]
        tenant: String,
        /// A user to restore: the userPrincipalName they had, or their object id; can be repeated
        #[arg(long = "user", value_name = "UPN|ID", value_hint = clap::ValueHint::Other)]
        users: Vec<String>,
        /// A group to restore: the displayName it had, or its object id; can be repeated
        #[arg(long = "group", value_name = "NAME|ID", conflicts_with = "users")]
        named_groups: Vec<String>,
        /// Groups instead of users
        #[arg(long, conflicts_with = "users")]
        groups: bool,
        /// Everybody deleted since this day (midnight UTC) or time; with --user or --group, only those named
        #[arg(long, value_name = "TIME", value_parser = time)]
        deleted_since: Option<Timestamp>,
        /// Everybody in the recycle bin
        #[arg(long, conflicts_with_all = ["users", "named_groups", "deleted_since"])]
        all: bool,
        /// Restore them without the mail addresses that others have by now
        #[arg(long)]
        without_taken_addresses: bool,
        /// Say who would be restored, and write nothing
        #[arg(long)]
        dry_run: bool,
    },
}

impl Deleted {
    pub fn command(self) -> Command {
        match self {
            Self::List {
                tenant,
                groups,
                deleted_since,
                top,
            } => Command::DeletedList(DeletedList {
                tenant,
                kind: kind(groups),
                deleted_since,
                top: top.into(),
            }),
            Self::Restore {
                tenant,
                users,
                named_groups,
                groups,
                deleted_since,
                all: _,
                without_taken_addresses,
                dry_run,
            } => Command::DeletedRestore(DeletedRestore {
                tenant,
                kind: kind(groups || !named_groups.is_empty()),
                named: [users, named_groups].concat(),
                deleted_since,
                without_taken_addresses,
                dry_run,
            }),
        }
    }
}

fn kind(groups: bool) -> EntityKind {
    match groups {
        true => EntityKind::Group,
        false => EntityKind::User,
    }
}
