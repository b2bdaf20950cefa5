//! What could not be printed is not taken for told.

use std::fs::File;
use std::process::Stdio;

use crate::support::{Syncline, stderr};

/// Runs with a stdout on a disk without room; returns the exit code and stderr.
fn on_a_full_disk(syncline: &Syncline, arguments: &[&str]) -> (Option<i32>, String) {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = syncline
        .command(arguments)
        .stdout(Stdio::from(full))
        .output()
        .unwrap();
    (output.status.code(), stderr(&output))
}

#[test]
fn secrets_that_nobody_has_seen_are_told_with_the_way_to_new_ones() {
    let syncline = Syncline::new();
    let create = [
        "tenant",
        "create",
        "--domain",
        "contoso.example",
        "--display-name",
        "Contoso",
        "--admin",
        "admin@contoso.example",
    ];
    for arguments in [
        &create[..],
        &["tenant", "recover", "contoso.example", "--output", "json"],
    ] {
        let (code, told) = on_a_full_disk(&syncline, arguments);
        assert_eq!(code, Some(1), "{told}");
        assert!(told.contains("error: cannot write the answer: "), "{told}");
        assert!(
            told.contains("`syncline tenant recover contoso.example`"),
            "{told}"
        );
    }

    // It was done, and the way leads there.
    let tenants = syncline.json(&["tenant", "list"]);
    assert_eq!(tenants["tenants"].as_array().unwrap().len(), 1);
    let recovered = syncline.json(&["tenant", "recover", "contoso.example"]);
    assert!(recovered["application"]["clientSecret"].is_string());
}

#[test]
fn every_answer_that_can_not_be_written_is_a_failure() {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    for arguments in [
        &["tenant", "list"][..],
        &["tenant", "list", "--output", "json"],
        &["expression", "eval", "Guid()"],
        &["expression", "check", "Guid()", "--output", "json"],
        &["expression", "functions"],
        &["completions", "bash"],
    ] {
        let (code, told) = on_a_full_disk(&syncline, arguments);
        assert_eq!(code, Some(1), "{arguments:?}: {told}");
        assert!(
            told.starts_with("error: cannot write the answer: "),
            "{told}"
        );
        assert!(!told.contains("recover"), "{told}");
    }
}

#[test]
fn a_reader_who_has_read_enough_is_no_failure() {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = syncline
        .command(&["tenant", "list"])
        .stdout(Stdio::from(writer))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
}
