//! A disk that may only be read, as after the system found errors on it: what is there is backed up.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::backup::{give_key, killed_with_more, path, people, with_people};
use crate::support::{Syncline, names_in, stderr, stdout};

/// Runs where the data directory may only be read; `None` where this machine lets nobody make it so.
fn run(syncline: &Syncline, arguments: &[&str]) -> Option<Output> {
    run_without(syncline, &syncline.data(), arguments)
}

/// The same where this folder may only be read.
fn run_without(syncline: &Syncline, folder: &Path, arguments: &[&str]) -> Option<Output> {
    let mount = "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\"";
    let mounted = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", script]);
        command.arg(folder);
        command
    };
    let works = mounted(&format!("{mount} && ! touch \"$0/new\"")).output();
    if !works.is_ok_and(|it| it.status.success()) {
        eprintln!("NOT RUN: nobody may mount here");
        return None;
    }
    let mut command = mounted(&format!("{mount} && exec \"$@\""));
    command
        .arg(env!("CARGO_BIN_EXE_syncline"))
        .arg("--data")
        .arg(syncline.data())
        .args(arguments)
        .env_remove("SYNCLINE_DATABASE");
    Some(command.output().unwrap())
}

/// A backup is taken and restored elsewhere; doctor finds the disk, and nothing else.
fn is_looked_at_and_backed_up(syncline: &Syncline, expected: u64) {
    let before = names_in(&syncline.data());
    let file = path(syncline, "rescue.backup");
    let Some(output) = run(syncline, &["backup", &file]) else {
        return;
    };
    assert!(output.status.success(), "{}", stderr(&output));
    let output = run(syncline, &["doctor", "--output", "json"]).unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let checks = found["checks"].as_array().unwrap();
    let problems: Vec<&Value> = checks.iter().filter(|it| it["ok"] == false).collect();
    assert!(
        problems.len() == 1 && problems[0]["name"] == "disk",
        "{}",
        stdout(&output)
    );
    let output = run(syncline, &["jobs", "list"]).unwrap();
    assert!(
        stderr(&output).contains("help: all commands but `backup` and `doctor` write"),
        "{}",
        stderr(&output)
    );
    assert_eq!(names_in(&syncline.data()), before, "nothing was made");

    let new = Syncline::new();
    give_key(syncline, &new);
    new.json(&["restore", &file]);
    assert_eq!(people(&new), expected);
}

#[test]
fn a_database_that_was_closed_is_looked_at_and_backed_up() {
    is_looked_at_and_backed_up(&with_people(), 2);
}

/// The disk may only be read at one mount, and is written to at another.
#[test]
fn where_somebody_writes_at_another_mount_nothing_is_read() {
    let syncline = with_people();
    let lock = std::fs::File::open(syncline.data().join("lock")).unwrap();
    lock.lock().unwrap();
    let file = path(&syncline, "torn.backup");
    let Some(output) = run(&syncline, &["backup", &file]) else {
        return;
    };
    assert_eq!(output.status.code(), Some(1));
    let message = stderr(&output);
    assert!(
        message.contains("writes to the data directory"),
        "{message}"
    );
    assert!(!std::path::Path::new(&file).exists());
}

#[test]
fn what_only_the_log_of_a_server_that_was_killed_has_is_in_the_backup() {
    let (syncline, _) = killed_with_more();
    is_looked_at_and_backed_up(&syncline, 4);
}

/// The database is a link to another disk, and only that may be read.
#[test]
fn a_database_on_another_disk_that_may_only_be_read_is_backed_up() {
    let syncline = with_people();
    let (database, disk) = (
        syncline.data().join("syncline.db"),
        syncline.data().with_file_name("disk"),
    );
    let real = disk.join("real.db");
    std::fs::create_dir(&disk).unwrap();
    std::fs::rename(&database, &real).unwrap();
    std::os::unix::fs::symlink(&real, &database).unwrap();
    let file = path(&syncline, "rescue.backup");
    let Some(output) = run_without(&syncline, &disk, &["backup", &file]) else {
        return;
    };
    assert!(output.status.success(), "{}", stderr(&output));
    let output = run_without(&syncline, &disk, &["doctor"]).unwrap();
    let told = stdout(&output);
    assert!(
        told.contains("read-only") && told.contains("disk, where the database is"),
        "{told}"
    );
    let restored = syncline.json(&["restore", "--force", &file]);
    assert_eq!(
        restored["linkedTo"],
        real.canonicalize().unwrap().to_str().unwrap()
    );
    assert!(!database.is_symlink() && real.exists());
    assert_eq!(people(&syncline), 2);
}

/// Everything is sealed with the key that waits, which can not be put in its place.
#[test]
fn where_a_replacement_of_the_key_was_interrupted_the_key_that_waits_opens_what_is_there() {
    let syncline = with_people();
    let replaced = syncline.json(&["keys", "replace"]);
    let old = replaced["keptAside"][0].as_str().unwrap();
    let (key, waits) = (
        syncline.data().join("key"),
        syncline.data().join("replacing.key"),
    );
    std::fs::rename(&key, &waits).unwrap();
    std::fs::rename(old, &key).unwrap();
    let before = names_in(&syncline.data());
    let file = path(&syncline, "rescue.backup");
    let Some(output) = run(&syncline, &["backup", "--with-key", &file]) else {
        return;
    };
    assert!(output.status.success(), "{}", stderr(&output));
    let output = run(&syncline, &["doctor"]).unwrap();
    assert!(stdout(&output).contains("replacing.key"), "{output:?}");
    assert_eq!(names_in(&syncline.data()), before);

    let new = Syncline::new();
    new.json(&["restore", &file]);
    assert_eq!(people(&new), 2);
    let read = |file| std::fs::read(file).unwrap();
    assert_eq!(read(new.data().join("key")), read(waits));
}
