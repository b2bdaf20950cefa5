//! A database that is a link: several data directories may lead to one file, and one of them at a time works there.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::support::Syncline;

const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

/// A data directory of its own, with the same key, whose database is a link to this file.
fn led_to(real: &Path, of: &Syncline) -> Syncline {
    let syncline = Syncline::new();
    fs::create_dir(syncline.data()).unwrap();
    fs::copy(of.data().join("key"), syncline.data().join("key")).unwrap();
    symlink(real, syncline.data().join("syncline.db")).unwrap();
    syncline
}

/// What is said names the directory that works there.
fn is_kept_out(syncline: &Syncline, by: &Syncline, command: &[&str]) {
    let message = syncline.fails(command);
    let by = by.data().canonicalize().unwrap();
    let said = format!("is in use by the data directory {}", by.display());
    assert!(message.contains(&said), "{command:?}: {message}");
}

#[test]
fn one_of_two_directories_with_links_to_one_database_works_there_at_a_time() {
    let first = Syncline::new();
    first.tenant("contoso");
    let disk = first.data().with_file_name("disk");
    let real = disk.join("real.db");
    fs::create_dir(&disk).unwrap();
    fs::rename(first.data().join("syncline.db"), &real).unwrap();
    symlink(&real, first.data().join("syncline.db")).unwrap();
    let second = led_to(&real, &first);
    let backup = second.data().with_file_name("monday.backup");
    let backup = backup.to_str().unwrap();

    let server = first.serve(&[]);
    for command in [
        &["tenant", "list"][..],
        &SERVE,
        &["backup", backup],
        &["doctor"],
    ] {
        is_kept_out(&second, &first, command);
    }
    first.json(&["tenant", "list"]);
    assert_eq!(server.stop(), Some(0));

    // One after the other they may.
    assert_eq!(second.json(&["doctor"])["healthy"], true);
    let lock = disk.join("real.db.lock");
    let message = second.fails(&["backup", "--force", lock.to_str().unwrap()]);
    assert!(message.contains("choose another name"), "{message}");
    second.json(&["backup", backup]);
    let restored = second.json(&["restore", "--force", backup]);
    assert!(restored["linkedTo"].is_string(), "{restored}");
    // It has a file of its own by now.
    let server = first.serve(&[]);
    second.json(&["tenant", "list"]);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn nor_does_one_that_leads_to_the_database_of_another_directory() {
    let first = Syncline::new();
    first.tenant("contoso");
    let second = led_to(&first.data().join("syncline.db"), &first);
    let server = first.serve(&[]);
    is_kept_out(&second, &first, &["tenant", "list"]);
    is_kept_out(&second, &first, &SERVE);
    assert_eq!(server.stop(), Some(0));
    let server = second.serve(&[]);
    let message = first.fails(&SERVE);
    assert!(message.contains("is in use by"), "{message}");
    assert_eq!(server.stop(), Some(0));
}
