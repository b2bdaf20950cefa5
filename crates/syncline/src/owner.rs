//! Whose a file is: what somebody has to know who may not use it.

use std::io::{Error, ErrorKind};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::failure::Failure;

/// Adds to a failure about the data directory why it may not be used, and what to do.
pub fn explain(failure: Failure, error: &Error, directory: &Path) -> Failure {
    match error.kind() {
        ErrorKind::PermissionDenied => failure.with_help(match of(directory) {
            Some(owner) => format!(
                "the data directory belongs to {owner}: run the command as that user, who must be able to write there"
            ),
            None => "run the command as the user who owns the data directory".to_owned(),
        }),
        ErrorKind::ReadOnlyFilesystem => failure.with_help(
            "all commands but `backup` and `doctor` write in the data directory: take a backup, find out why the disk is read-only, and restore to a sound one",
        ),
        _ => failure,
    }
}

/// The owner by name, where this machine knows him.
fn of(path: &Path) -> Option<String> {
    let id = std::fs::metadata(path).ok()?.uid();
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(id)).then(|| name.to_owned())
    });
    Some(name.map_or_else(
        || format!("the user with id {id}"),
        |name| format!("the user {name}"),
    ))
}
