//! Why a command failed, in words for the person who typed it.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use syncline_model::Problem;
use syncline_store::{Database, StoreError};

use crate::data_dir::DataDir;

/// What to do when the database itself is damaged.
pub const RESTORE: &str = "restore the newest backup in which `syncline doctor` finds nothing (syncline restore --force FILE), to a disk that is sound";

/// A failed command: exit code 1, what went wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The disk of the database was full: what to do depends on where that is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub full_disk: bool,
    /// A row could not be read. What to do depends on who meets it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub damaged_row: bool,
    /// A file could not be opened: perhaps it is only not there for who tried.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub of_a_file: bool,
    /// When it is not 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<u8>,
}

impl Failure {
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
            full_disk: false,
            damaged_row: false,
            of_a_file: false,
            exit_code: None,
        }
    }

    fn of_full_disk(mut self, full: bool) -> Self {
        self.full_disk = full;
        self
    }

    fn of_damaged_row(mut self, damaged: bool) -> Self {
        self.damaged_row = damaged;
        self
    }

    /// Says where to make room, if that is what is missing.
    #[must_use]
    pub fn of(self, data: &DataDir) -> Self {
        if !self.full_disk {
            return self;
        }
        let help = match data.database() {
            Database::File(_) => make_room(&data.database_folder()),
            server @ Database::Postgres(_) => {
                format!("make room on the disk of the database server ({server}), and try again")
            }
        };
        self.with_help(help)
    }

    /// Says what to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says what to do when it is the database that is damaged.
    fn with_help_on(self, damage: bool) -> Self {
        if damage {
            self.with_help(RESTORE)
        } else {
            self
        }
    }

    /// Says what to do when a restore has replaced the database meanwhile, or somebody its key.
    fn with_help_on_replaced(self, replaced: bool) -> Self {
        if replaced {
            self.with_help("after a restore what it had written is not there any more: look at what was restored. Run the command once more if it is still to be done, with the key file that opens the database now")
        } else {
            self
        }
    }

    /// Says what to do when a newer version has changed the layout of the database meanwhile.
    fn with_help_on_upgraded(self, upgraded: bool) -> Self {
        if upgraded {
            self.with_help("nothing of this was written; use the newer version from now on, here and on every other node")
        } else {
            self
        }
    }

    /// Ends the process with another exit code than 1.
    #[must_use]
    pub fn with_exit_code(mut self, code: u8) -> Self {
        self.exit_code = Some(code);
        self
    }

    /// Somebody else may find the file.
    #[must_use]
    pub fn of_a_file(mut self) -> Self {
        self.of_a_file = true;
        self
    }

    /// A file operation that failed: what was tried, on which file, and why it did not work.
    pub fn file(what: &str, path: &Path, error: &std::io::Error) -> Self {
        let failure = Self::new(format!("cannot {what} {}: {error}", path.display())).of_a_file();
        if error.kind() == std::io::ErrorKind::StorageFull {
            let folder = path.parent().unwrap_or(path);
            return failure.with_help(make_room(folder));
        }
        failure
    }
}

fn make_room(folder: &Path) -> String {
    format!(
        "make room on the disk that holds {}, and try again",
        folder.display()
    )
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        let damage = StoreError::was_damage(&problem);
        let damaged_row = StoreError::was_damaged_row(&problem);
        let full = problem.code == StoreError::FULL;
        let replaced = problem.code == StoreError::REPLACED;
        let upgraded = problem.code == StoreError::UPGRADED;
        Self::new(problem.to_string())
            .with_help_on(damage)
            .with_help_on_replaced(replaced)
            .with_help_on_upgraded(upgraded)
            .of_damaged_row(damaged_row)
            .of_full_disk(full)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let damaged_row = matches!(
            error,
            StoreError::Damaged(_) | StoreError::DamagedDocument { .. }
        );
        let full = matches!(error, StoreError::Full(_));
        Self::new(error.to_string())
            .with_help_on(error.is_damage())
            .with_help_on_replaced(matches!(error, StoreError::Replaced))
            .with_help_on_upgraded(matches!(error, StoreError::Upgraded { .. }))
            .of_damaged_row(damaged_row)
            .of_full_disk(full)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_with_where_to_make_room() {
        let data = DataDir::new("/srv/syncline");
        let full = || StoreError::Full("database or disk is full".to_owned());
        let error = std::io::Error::from(std::io::ErrorKind::StorageFull);
        for failure in [
            Failure::from(full()).of(&data),
            Failure::from(Problem::from(full())).of(&data),
            data.cannot_open(full()),
            Failure::file("write", Path::new("/srv/syncline/lock"), &error),
        ] {
            let help = failure.help.unwrap_or_default();
            assert!(
                help.contains("make room on the disk that holds /srv/syncline,"),
                "{help}"
            );
        }
        let other = Failure::from(StoreError::Damaged("a row")).of(&data);
        assert_eq!(other.help, None);
    }
}
