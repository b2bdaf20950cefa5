//! `syncline import`: people and groups from CSV files.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Action;
use crate::app::App;
use crate::failure::Failure;
use crate::import;
use crate::progress::Progress;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Import {
    /// Id or verified domain.
    pub tenant: String,
    /// Absolute: a running server reads the files itself.
    pub users: PathBuf,
    pub groups: Option<PathBuf>,
    /// Leave bad rows out instead of importing nothing.
    pub skip_invalid: bool,
    #[serde(default)]
    pub in_recycle_bin: InRecycleBin,
    #[serde(default)]
    pub other_members: OtherMembers,
}

/// What is done with a row that has the name of somebody, or of a group, in the recycle bin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum InRecycleBin {
    /// It is not valid.
    #[default]
    Refuse,
    /// Whoever is in the bin is restored, and updated.
    Restore,
    /// Another user or group of the name is created.
    Recreate,
}

/// What is done with members of the file's groups whom it does not name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OtherMembers {
    /// They are counted.
    #[default]
    Keep,
    /// They are removed, unless a group would lose more than half of many members.
    Remove,
    /// They are removed, whatever is left.
    RemoveMany,
}

/// The same, and nothing is written. A command of its own: an older server that still runs would take no notice of a switch,
/// and import.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ImportDryRun(pub Import);

impl Action for Import {
    type Output = import::Summary;

    fn execute(&self, app: &App, progress: &dyn Progress) -> Result<import::Summary, Failure> {
        import::run(app, self, false, progress)
    }

    fn text(output: &import::Summary) -> String {
        let mut text = match output.dry_run {
            true => "nothing was written (--dry-run); the import would do this:\n".to_owned(),
            false => String::new(),
        };
        for (name, count) in [
            ("users created", output.created),
            ("users restored", output.restored),
            ("users updated", output.updated),
            ("users unchanged", output.unchanged),
            ("managers set", output.managers_set),
            ("groups created", output.groups_created),
            ("groups restored", output.groups_restored),
            ("members added", output.members_added),
            ("members removed", output.members_removed),
            ("members not named", output.members_not_named),
            ("rows skipped", output.skipped),
        ] {
            text.push_str(&format!("  {name:<18} {count:>9}\n"));
        }
        for warning in &output.warnings {
            text.push_str(&format!("  warning: {warning}\n"));
        }
        for problem in &output.skipped_rows {
            text.push_str(&format!("  skipped {problem}\n"));
        }
        text
    }
}

impl Action for ImportDryRun {
    type Output = import::Summary;

    fn execute(&self, app: &App, progress: &dyn Progress) -> Result<import::Summary, Failure> {
        import::run(app, &self.0, true, progress)
    }

    fn text(output: &import::Summary) -> String {
        Import::text(output)
    }
}
