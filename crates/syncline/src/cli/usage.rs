//! Wrong usage: what was expected goes to stderr, and to whom reads documents as one. Exit code 2.

use std::ffi::OsString;

use clap::CommandFactory as _;
use clap::error::{Error, ErrorKind};

use super::{Cli, failure_document};
use crate::failure::Failure;
use crate::output;

/// Says what is wrong about the command line, and ends the process; help that was asked for is shown.
pub fn exit(error: &Error) -> ! {
    // What could not be parsed can not say how it wants to be answered.
    if error.use_stderr()
        && asks_for_json(std::env::args_os())
        && let Ok(document) = output::json(&failure_document(&told(error)))
    {
        // Exit code and stderr say it, too.
        let _ = output::document(&document);
    }
    error.exit()
}

/// The same of a file with settings.
pub fn wrong_file(failure: &Failure) -> ! {
    if asks_for_json(std::env::args_os())
        && let Ok(document) = output::json(&failure_document(failure))
    {
        // Exit code and stderr say it, too.
        let _ = output::document(&document);
    }
    output::failure(failure);
    std::process::exit(2)
}

/// The same for what the parser cannot know is wrong.
pub fn conflict(message: &str) -> ! {
    exit(&Cli::command().error(ErrorKind::ArgumentConflict, message))
}

/// `--output json` or `--output=json`, wherever it stands.
fn asks_for_json(arguments: impl Iterator<Item = OsString>) -> bool {
    let mut before = OsString::new();
    for argument in arguments {
        if argument == "--output=json" || (before == "--output" && argument == "json") {
            return true;
        }
        before = argument;
    }
    false
}

/// The first paragraph of the parser's message, and as help what follows: tips and the usage.
fn told(error: &Error) -> Failure {
    let text = error.to_string();
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return Failure::new("a command is missing").with_help("`syncline --help` lists them");
    }
    let (message, help) = text.split_once("\n\n").unwrap_or((&text, ""));
    let message: Vec<&str> = message.lines().map(str::trim).collect();
    let message = message.join(" ");
    let message = message.strip_prefix("error: ").unwrap_or(&message);
    let help = help
        .split_once("\n\nFor more information")
        .map_or(help, |(help, _)| help)
        .trim();
    let failure = Failure::new(message);
    if help.is_empty() {
        failure
    } else {
        failure.with_help(help)
    }
}
