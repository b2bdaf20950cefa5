//! Where `backup` writes: among nothing that the installation works with, over nothing but a backup.

use std::fs;
use std::os::unix::fs::symlink;

use crate::backup::{path, people, with_people};
use crate::support::Syncline;

fn refused(syncline: &Syncline, file: &str) -> String {
    let message = syncline.fails(&["backup", "--force", file]);
    assert!(message.contains("help: "), "{message}");
    message
}

#[test]
fn what_the_installation_works_with_is_never_written_over() {
    let syncline = with_people();
    let inside = |name: &str| syncline.data().join(name).to_str().unwrap().to_owned();
    let names = [
        "syncline.db",
        "syncline.db-wal",
        "syncline.db-shm",
        "syncline.db-journal",
        "restoring.db",
        "key",
        "lock",
        "control.sock",
        "tls/server.key",
        "monday.backup",
    ];
    let key = fs::read(syncline.data().join("key")).unwrap();
    let server = syncline.serve(&["--no-scheduler"]);
    for name in names {
        let message = refused(&syncline, &inside(name));
        assert!(message.contains("in the data directory"), "{message}");
    }
    // Still the same server, with the same data.
    assert_eq!(people(&syncline), 2);
    assert_eq!(server.stop(), Some(0));
    for name in names {
        let message = refused(&syncline, &inside(name));
        assert!(message.contains("in the data directory"), "{message}");
        let message = syncline.fails(&["backup", &inside(name)]);
        assert!(message.contains("in the data directory"), "{message}");
    }
    assert_eq!(fs::read(syncline.data().join("key")).unwrap(), key);
    assert!(!syncline.data().join("monday.backup").exists());
    assert_eq!(syncline.json(&["doctor"])["healthy"], true);
    // A folder of the operator's own is not the installation's.
    fs::create_dir(syncline.data().join("backups")).unwrap();
    syncline.json(&["backup", &inside("backups/monday.backup")]);
}

#[test]
fn another_name_of_the_same_file_leads_nowhere_else() {
    let syncline = with_people();
    let data = syncline.data();
    symlink(&data, path(&syncline, "elsewhere")).unwrap();
    symlink(data.join("syncline.db"), path(&syncline, "link.backup")).unwrap();
    fs::hard_link(data.join("syncline.db"), path(&syncline, "twin.backup")).unwrap();
    fs::hard_link(data.join("key"), path(&syncline, "twin.key")).unwrap();
    let each_is_refused = || {
        for (name, expected) in [
            ("elsewhere/syncline.db", "in the data directory"),
            ("elsewhere/new.backup", "in the data directory"),
            ("link.backup", "a file of the data directory"),
            ("twin.backup", "a file of the data directory"),
            ("twin.key", "a file of the data directory"),
        ] {
            let message = refused(&syncline, &path(&syncline, name));
            assert!(message.contains(expected), "{name}: {message}");
        }
        assert!(
            fs::symlink_metadata(path(&syncline, "link.backup"))
                .unwrap()
                .is_symlink()
        );
        assert_eq!(people(&syncline), 2);
    };
    each_is_refused();
    let server = syncline.serve(&["--no-scheduler"]);
    each_is_refused();
    assert_eq!(server.stop(), Some(0));
    assert_eq!(syncline.json(&["doctor"])["healthy"], true);
}

#[test]
fn a_folder_in_which_nothing_can_be_made_is_not_called_absent() {
    let syncline = with_people();
    let message = syncline.fails(&["backup", "/proc/monday.backup"]);
    assert!(
        message.starts_with("error: cannot write to the folder /proc: "),
        "{message}"
    );
    assert!(
        message.contains("help: name a file in a folder where you may write"),
        "{message}"
    );
}

#[test]
fn only_a_backup_or_an_empty_file_is_replaced() {
    let syncline = with_people();
    let letter = syncline.file("letter.txt", b"Dear Ana");
    let folder = path(&syncline, "folder");
    fs::create_dir(&folder).unwrap();
    let backup = path(&syncline, "monday.backup");
    syncline.json(&["backup", &backup]);
    let link = path(&syncline, "latest.backup");
    symlink(&backup, &link).unwrap();
    let database = path(&syncline, "other.db");
    let other = rusqlite::Connection::open(&database).unwrap();
    other
        .execute_batch("CREATE TABLE backup (id INTEGER)")
        .unwrap();
    drop(other);
    for (file, expected) in [
        (&letter, "is not a backup"),
        (&folder, "is not a file"),
        (&link, "is a link"),
        (&database, "is not a backup"),
    ] {
        let message = refused(&syncline, file);
        assert!(
            message.contains(expected) && message.contains("only a backup or an empty file"),
            "{message}"
        );
    }
    assert_eq!(fs::read(&letter).unwrap(), b"Dear Ana");

    let empty = syncline.file("empty", b"");
    for file in [&empty, &backup] {
        syncline.json(&["backup", "--force", file]);
        assert_eq!(
            syncline.json(&["restore", "--force", file])["verified"],
            true
        );
    }
}
