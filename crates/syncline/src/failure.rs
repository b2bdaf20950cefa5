//! Why a command failed, in words for the person who typed it.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use syncline_model::Problem;
use syncline_store::StoreError;

/// What to do when the database itself is damaged.
pub const RESTORE: &str = "restore the newest backup in which `syncline doctor` finds nothing (syncline restore --force FILE), to a disk that is sound";

/// A failed command: exit code 1, what went wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// When it is not 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<u8>,
}

impl Failure {
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
            exit_code: None,
        }
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

    /// Ends the process with another exit code than 1.
    #[must_use]
    pub fn with_exit_code(mut self, code: u8) -> Self {
        self.exit_code = Some(code);
        self
    }

    /// A file operation that failed: what was tried, on which file, and why it did not work.
    pub fn file(what: &str, path: &Path, error: &std::io::Error) -> Self {
        Self::new(format!("can not {what} {}: {error}", path.display()))
    }
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
        Self::new(problem.message).with_help_on(damage)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::new(error.to_string()).with_help_on(error.is_damage())
    }
}
