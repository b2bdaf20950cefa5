//! What of a difference is written only where it is asked for, and how that is said.

use super::changes::Change;
use super::difference::Difference;
use super::text::line;
use crate::failure::Failure;

/// What was asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// What may take something away from somebody.
    pub remove: bool,
    /// What lets a job go on that was stopped.
    pub resume: bool,
}

/// What has to be asked for: lines, below the name of their configuration; empty where nothing has to be.
#[derive(Clone, Debug, Default)]
pub struct Needed {
    pub remove: String,
    pub resume: String,
}

impl Needed {
    /// For all of these, but for what was asked for already.
    pub fn of<'d>(all: impl IntoIterator<Item = &'d Difference>, asked: Asked) -> Self {
        let mut needed = Self::default();
        for it in all {
            if !asked.remove {
                needed.remove += &lines(it, it.taken_away());
            }
            if !asked.resume {
                needed.resume += &lines(it, it.resuming());
            }
        }
        needed
    }

    /// The words of the command line.
    pub fn flags(&self) -> Vec<&'static str> {
        [(&self.remove, "--remove"), (&self.resume, "--resume")]
            .into_iter()
            .filter(|(lines, _)| !lines.is_empty())
            .map(|(_, flag)| flag)
            .collect()
    }

    /// Why nothing was written, where something has to be asked for.
    pub fn refused(&self) -> Result<(), Failure> {
        let why = [
            ("somebody may lose something by this", &self.remove),
            ("a job that was stopped would go on by this", &self.resume),
        ];
        let why: Vec<String> = why
            .into_iter()
            .filter(|(_, lines)| !lines.is_empty())
            .map(|(why, lines)| format!("{why}, and nothing was written:{lines}"))
            .collect();
        if why.is_empty() {
            return Ok(());
        }
        let flags = self.flags().join(" and ");
        Err(Failure::new(why.join("\n"))
            .with_help(format!("if that is meant, say so with {flags}")))
    }
}

fn lines<'d>(difference: &Difference, changes: impl Iterator<Item = &'d Change>) -> String {
    let told: String = changes
        .map(|change| format!("\n  {}", line(change, difference)))
        .collect();
    if told.is_empty() {
        return told;
    }
    format!("\n{}:{told}", difference.name)
}
