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
    remove: String,
    resume: String,
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
    fn flags(&self) -> Vec<&'static str> {
        [(&self.remove, "--remove"), (&self.resume, "--resume")]
            .into_iter()
            .filter(|(lines, _)| !lines.is_empty())
            .map(|(_, flag)| flag)
            .collect()
    }

    /// How all of it is written, as a sentence, and below it why that has to be asked for.
    pub fn told(&self) -> String {
        let why = Self::told_of([
            ("somebody may lose something by", &self.remove),
            ("a job that was stopped goes on by", &self.resume),
        ]);
        if why.is_empty() {
            return "`syncline apply` with this file does it.\n".to_owned();
        }
        let flags = self.flags().join(" ");
        let why = why.join("\nand ");
        format!("`syncline apply {flags}` with this file does it: {why}\n")
    }

    /// Why nothing was written, where something has to be asked for.
    pub fn refused(&self) -> Result<(), Failure> {
        let why = Self::told_of([
            (
                "somebody may lose something by this, and nothing was written:",
                &self.remove,
            ),
            (
                "a job that was stopped would go on by this, and nothing was written:",
                &self.resume,
            ),
        ]);
        if why.is_empty() {
            return Ok(());
        }
        let flags = self.flags().join(" and ");
        Err(Failure::new(why.join("\n"))
            .with_help(format!("if that is meant, say so with {flags}")))
    }

    /// Each with the lines that it is said of, where there are any.
    fn told_of(all: [(&str, &String); 2]) -> Vec<String> {
        let mut told = all.to_vec();
        told.retain(|(_, lines)| !lines.is_empty());
        told.into_iter()
            .map(|(what, lines)| format!("{what}{lines}"))
            .collect()
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
