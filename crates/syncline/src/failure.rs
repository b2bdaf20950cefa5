//! Why a command failed, in words for the person who typed it.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use syncline_model::Problem;

/// A failed command: exit code 1, what went wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Failure {
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
        }
    }

    /// Says what to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
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
        Self::new(problem.message)
    }
}

impl From<syncline_store::StoreError> for Failure {
    fn from(error: syncline_store::StoreError) -> Self {
        Self::new(error.to_string())
    }
}
