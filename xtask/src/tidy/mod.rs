//! The rules of the house, one file each. A rule is a function of the [`Checkout`]; it answers
//! with what breaks it, and an empty answer means that all is well.

mod decisions;
mod error_envelope;
mod generated;
mod generations;
mod levels;
mod libraries;
mod links;
mod lint_reasons;
mod machine_paths;
mod purity;
mod recipes;
mod seams;
mod sentences;
mod sql;
mod tenants;
mod text;

use std::fmt;

pub use levels::LEVELS;

use crate::Checkout;

/// One rule.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// The name of its file and of its test.
    pub name: &'static str,
    /// The rule in one sentence.
    pub rule: &'static str,
    pub run: fn(&Checkout) -> Vec<Finding>,
}

/// Every rule there is.
pub const CHECKS: &[Check] = &[
    levels::CHECK,
    purity::CHECK,
    seams::CHECK,
    sentences::CHECK,
    error_envelope::CHECK,
    sql::CHECK,
    tenants::CHECK,
    generations::CHECK,
    text::CHECK,
    recipes::CHECK,
    links::CHECK,
    decisions::CHECK,
    libraries::CHECK,
    machine_paths::CHECK,
    lint_reasons::CHECK,
    generated::CHECK,
];

/// One place that breaks a rule, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub path: String,
    /// `None`: the file as a whole.
    pub line: Option<usize>,
    pub message: String,
}

impl Finding {
    pub fn file(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            line: None,
            message: message.into(),
        }
    }

    pub fn line(path: impl Into<String>, line: usize, message: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            line: Some(line),
            message: message.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path, self.message),
            None => write!(f, "{}: {}", self.path, self.message),
        }
    }
}
