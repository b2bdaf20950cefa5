//! The digest at the end of a backup: what was damaged or changed since is not restored.

use std::fs;

use crate::backup::{path, people, with_people};
use crate::support::{Syncline, stdout};

/// Of what stands behind the database.
const DIGEST: usize = 80;

/// Two people and a backup of them, which these are the bytes of.
fn backed_up(arguments: &[&str]) -> (Syncline, String, Vec<u8>) {
    let syncline = with_people();
    let file = path(&syncline, "monday.backup");
    let arguments: Vec<&str> = ["backup", &file].iter().chain(arguments).copied().collect();
    syncline.json(&arguments);
    let bytes = fs::read(&file).unwrap();
    (syncline, file, bytes)
}

fn refused(syncline: &Syncline, file: &str, bytes: &[u8], expected: &str) {
    fs::write(file, bytes).unwrap();
    let message = syncline.fails(&["restore", "--force", file]);
    assert!(message.contains(expected), "{message}");
    assert!(message.contains("nothing was replaced"), "{message}");
    assert_eq!(people(syncline), 2);
}

#[test]
fn what_was_changed_is_not_restored() {
    for arguments in [&[][..], &["--with-key"]] {
        let (syncline, file, bytes) = backed_up(arguments);
        let mut changed = bytes.clone();
        for at in 0..bytes.len() {
            // As with `sed`; in the order of indexes hers stays where it is.
            if bytes[at..].starts_with(b"ana@contoso") {
                changed[at..at + 3].copy_from_slice(b"abe");
            }
        }
        assert_ne!(changed, bytes);
        refused(&syncline, &file, &changed, "its digest does not match");
        let mut last = bytes.clone();
        *last.last_mut().unwrap() ^= 1;
        refused(&syncline, &file, &last, "its digest does not match");
        let without = &bytes[..bytes.len() - DIGEST];
        refused(&syncline, &file, without, "damaged or incomplete");
        refused(
            &syncline,
            &file,
            &bytes[..bytes.len() - 1],
            "damaged or incomplete",
        );

        fs::write(&file, &bytes).unwrap();
        assert_eq!(
            syncline.json(&["restore", "--force", &file])["verified"],
            true
        );
        assert_eq!(people(&syncline), 2);
    }
}

#[test]
fn a_backup_without_a_digest_is_restored_when_that_is_asked_for_with_a_warning() {
    let (syncline, file, bytes) = backed_up(&[]);
    // As older versions made them, and whoever wants to change one.
    fs::write(&file, &bytes[..bytes.len() - DIGEST]).unwrap();
    let older = rusqlite::Connection::open(&file).unwrap();
    older
        .execute("UPDATE backup SET value = '1' WHERE name = 'format'", [])
        .unwrap();
    drop(older);
    let older = fs::read(&file).unwrap();
    refused(&syncline, &file, &older, "has no digest");
    let output = syncline.run(&["restore", "--force", "--unverified", &file]);
    assert!(output.status.success());
    assert!(stdout(&output).contains("Warning: the backup has no digest"));
    assert_eq!(people(&syncline), 2);
    assert_eq!(
        syncline.json(&["restore", "--force", "--unverified", &file])["verified"],
        false
    );
}

#[test]
fn a_key_that_comes_with_a_backup_replaces_no_other_unless_that_is_asked_for() {
    let (_theirs, file, bytes) = backed_up(&["--with-key"]);
    let ours = with_people();
    let key = ours.data().join("key");
    let before = fs::read(&key).unwrap();
    refused(
        &ours,
        &file,
        &bytes,
        "brings a key along that is not the one",
    );
    assert_eq!(fs::read(&key).unwrap(), before);

    let restored = ours.json(&["restore", "--force", "--unverified", &file]);
    assert_eq!(
        (&restored["verified"], &restored["keyFromBackup"]),
        (&false.into(), &true.into())
    );
    let kept = restored["keptAside"].as_array().unwrap();
    assert!(
        kept.iter()
            .any(|it| fs::read(it.as_str().unwrap()).unwrap() == before)
    );
    // It is the one that was here before, now.
    let again = ours.json(&["restore", "--force", &file]);
    assert_eq!(
        (&again["verified"], &again["keyFromBackup"]),
        (&true.into(), &false.into())
    );
}

#[test]
fn where_no_key_was_it_is_said_that_it_came_with_the_backup() {
    let (_old, file, _) = backed_up(&["--with-key"]);
    let new = Syncline::new();
    let output = new.run(&["restore", &file]);
    assert!(output.status.success());
    assert!(stdout(&output).contains("The key came with the backup"));
    assert!(!stdout(&output).contains("no digest"));
}

#[test]
fn another_key_is_told_from_another_content() {
    let (_old, file, _) = backed_up(&[]);
    let other = with_people();
    let message = other.fails(&["restore", "--force", &file]);
    assert!(message.contains("does not open this backup"), "{message}");
}
