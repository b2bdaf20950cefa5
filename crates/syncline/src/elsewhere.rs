//! Files that a command names and a running server opens. The server may see other folders than whoever typed the
//! command: a service has a `/tmp` of its own, or does not see `/home`.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::commands::Command;
use crate::failure::Failure;

/// What is said of a file, and what to do about it.
const WHY: &str = "the running server opens this file; its service may have a /tmp of its own, or may not see /home (docs/operations/run-as-a-service.md, \"Files that commands name\")";

/// Those of one command.
#[derive(Debug)]
pub struct Files<'c> {
    opened: bool,
    /// The file that is to be there afterwards, and which file had its name before.
    made: Option<(&'c Path, Option<(u64, u64)>)>,
}

impl<'c> Files<'c> {
    /// Before the server is asked.
    pub fn of(command: &'c Command) -> Self {
        let made = command.makes_file().map(|path| (path, identity(path)));
        Self {
            opened: made.is_some()
                || matches!(command, Command::Import(_) | Command::ImportDryRun(_)),
            made,
        }
    }

    /// A failure that the server has answered.
    pub fn explain(&self, failure: Failure) -> Failure {
        if !self.opened || !failure.of_a_file {
            return failure;
        }
        let help = match &failure.help {
            Some(help) => format!("{help}; {WHY}"),
            None => WHY.to_owned(),
        };
        failure.with_help(help)
    }

    /// # Errors
    /// The server has written the file where it is not to be found here.
    pub fn must_be_there(&self) -> Result<(), Failure> {
        let Some((path, before)) = self.made else {
            return Ok(());
        };
        let there = match fs::metadata(path) {
            Ok(_) => identity(path) != before,
            // What may not be looked at is not absent.
            Err(error) => error.kind() != ErrorKind::NotFound,
        };
        if there {
            return Ok(());
        }
        Err(Failure::new(format!(
            "the running server has written {}, but it is not there for this command",
            path.display()
        ))
        .with_help(format!("name a file in a folder that both see: {WHY}")))
    }
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::metadata(path).ok().map(|it| (it.dev(), it.ino()))
}
