//! A command that fails takes back the data directory that it has made, also from under one that waits for it.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::support::{Syncline, names_in};

const CREATE: [&str; 6] = [
    "tenant",
    "create",
    "--domain",
    "contoso.example",
    "--display-name",
    "Contoso",
];

/// What becomes of a command that waits for another, which has made the directory, and takes it back.
fn taken_back_from_under(database: Option<&str>) -> (Syncline, bool) {
    let syncline = Syncline::new();
    std::fs::create_dir(syncline.data()).unwrap();
    let lock = syncline.data().join("lock");
    let held = std::fs::File::create(&lock).unwrap();
    held.lock().unwrap();
    let mut command = syncline.command(&CREATE);
    if let Some(database) = database {
        command.env("SYNCLINE_DATABASE", database);
    }
    let mut waiting = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(waiting.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert!(line.contains("waiting for"), "{line}");
    std::fs::remove_file(&lock).unwrap();
    std::fs::remove_dir(syncline.data()).unwrap();
    drop(held);
    // Read to its end: it must not wait for room there.
    for line in said.lines() {
        eprintln!("{}", line.unwrap());
    }
    let succeeded = waiting.wait().unwrap().success();
    (syncline, succeeded)
}

#[test]
fn who_waits_makes_it_again() {
    let (syncline, succeeded) = taken_back_from_under(None);
    assert!(succeeded);
    let listed = syncline.json(&["tenant", "list"]);
    assert_eq!(listed["tenants"][0]["displayName"], "Contoso");
}

#[test]
fn who_fails_then_takes_back_what_he_has_made_again() {
    let nowhere = "postgresql://syncline@127.0.0.1:1/syncline?connect_timeout=1";
    let (syncline, succeeded) = taken_back_from_under(Some(nowhere));
    assert!(!succeeded);
    let folder = syncline.data();
    assert!(!folder.exists(), "{:?}", names_in(&folder));
}
