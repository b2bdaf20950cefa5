//! Who may not use a data directory is told so, and whose it is.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::{Syncline, stderr};

/// Nobody in particular.
const STRANGER: u32 = 65_534;

fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Runs as somebody who may not do everything; `None` where he may not even run the program.
fn as_stranger(mut command: Command, data: &Path) -> Option<Output> {
    // To the administrator nothing is closed. Others are kept out of what is theirs by its mode.
    if std::fs::metadata(data).unwrap().uid() == 0 {
        command.uid(STRANGER).gid(STRANGER);
    }
    match command.output() {
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            eprintln!("NOT RUN: the program lies where others may not look");
            None
        }
        output => Some(output.unwrap()),
    }
}

fn installation() -> Syncline {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    // The way to it is open.
    mode(syncline.data().parent().unwrap(), 0o755);
    syncline
}

#[test]
fn a_directory_of_somebody_else_is_not_said_to_be_empty() {
    let syncline = installation();
    mode(&syncline.data(), 0o000);
    let list = syncline.command(&["tenant", "list"]);
    let output = as_stranger(list, &syncline.data());
    mode(&syncline.data(), 0o700);
    let Some(output) = output else { return };
    assert_eq!(output.status.code(), Some(1));
    let message = stderr(&output);
    for part in ["Permission denied", "help: the data directory belongs to "] {
        assert!(message.contains(part), "{message}");
    }
    assert!(!message.contains("holds no data"), "{message}");
}

#[test]
fn a_directory_that_can_only_be_read_says_that_commands_write() {
    let syncline = installation();
    std::fs::remove_file(syncline.data().join("lock")).unwrap();
    mode(&syncline.data(), 0o555);
    let list = syncline.command(&["tenant", "list"]);
    let output = as_stranger(list, &syncline.data());
    mode(&syncline.data(), 0o700);
    let Some(output) = output else { return };
    assert_eq!(output.status.code(), Some(1));
    let message = stderr(&output);
    assert!(message.contains("must be able to write there"), "{message}");
}
