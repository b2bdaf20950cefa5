//! A database or a key that was lost, emptied or damaged: what commands say, and that they make nothing
//! worse.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use crate::backup::{path, people, with_people};
use crate::support::{Syncline, names_in, stdout};

const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];
const CREATE: [&str; 6] = [
    "tenant",
    "create",
    "--domain",
    "new.example",
    "--display-name",
    "New",
];

fn database(syncline: &Syncline) -> PathBuf {
    syncline.data().join("syncline.db")
}

fn advice(syncline: &Syncline) -> Vec<(String, String)> {
    let output = syncline.run(&["doctor", "--output", "json"]);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let checks = found["checks"].as_array().unwrap();
    assert!(checks.iter().any(|it| it["name"] == "free disk"), "{found}");
    let problems = checks.iter().filter(|it| it["ok"] == false);
    let text = |it: &serde_json::Value| it.as_str().unwrap().to_owned();
    problems
        .map(|it| (text(&it["name"]), text(&it["advice"])))
        .collect()
}

#[test]
fn a_database_that_was_emptied_or_lost_is_not_made_anew() {
    let syncline = with_people();
    let backup = path(&syncline, "monday.backup");
    syncline.json(&["backup", &backup]);
    let other = path(&syncline, "other.backup");
    let each_is_refused = || {
        for command in [&SERVE[..], &CREATE, &["jobs", "list"], &["backup", &other]] {
            let message = syncline.fails(command);
            assert!(
                message.contains("is missing, empty or was cut off")
                    && message.contains("syncline restore")
                    && message.contains("name it with SYNCLINE_DATABASE")
                    && !message.contains("remove"),
                "{command:?}: {message}"
            );
        }
    };
    let doctor_tells = || {
        let found = advice(&syncline);
        assert!(found.len() == 1 && found[0].0 == "database", "{found:?}");
    };
    fs::write(database(&syncline), b"").unwrap();
    let names = names_in(&syncline.data());
    each_is_refused();
    doctor_tells();
    assert_eq!(names_in(&syncline.data()), names, "nothing was made");
    assert_eq!(fs::metadata(database(&syncline)).unwrap().len(), 0);
    // Of SQLite, and with nothing in it: its log was lost.
    let bare = rusqlite::Connection::open(database(&syncline)).unwrap();
    bare.pragma_update(None, "journal_mode", "WAL").unwrap();
    drop(bare);
    for command in [&SERVE[..], &CREATE, &["jobs", "list"]] {
        let message = syncline.fails(command);
        assert!(message.contains("is missing, empty"), "{message}");
    }
    fs::remove_file(database(&syncline)).unwrap();
    each_is_refused();
    doctor_tells();
    assert!(!database(&syncline).exists());

    // The directory of a node, whose database is on a server, in a shell where that is not named.
    let lock = syncline.data().join("lock");
    let server = "postgres://node@db.example:5432/people";
    fs::write(&lock, format!("\n{server}\n")).unwrap();
    for command in [&SERVE[..], &CREATE, &["jobs", "list"]] {
        let message = syncline.fails(command);
        let told = format!("worked on the database {server}: name it with SYNCLINE_DATABASE");
        assert!(message.contains(&told), "{command:?}: {message}");
    }

    syncline.json(&["restore", &backup]);
    assert_eq!(people(&syncline), 2);
}

#[test]
fn a_first_start_that_was_interrupted_anywhere_is_gone_on_with() {
    let key = [7; 32];
    // The key alone, also without all of its bytes; the file of the database made, and begun.
    for (left, made) in [
        (&key[..], None),
        (&key[..5], None),
        (&key, Some(false)),
        (&key, Some(true)),
    ] {
        let syncline = Syncline::new();
        fs::create_dir(syncline.data()).unwrap();
        let key_file = syncline.data().join("key.new");
        fs::write(&key_file, left).unwrap();
        fs::set_permissions(&key_file, fs::Permissions::from_mode(0o600)).unwrap();
        if made.is_some() {
            fs::write(database(&syncline), b"").unwrap();
        }
        if made == Some(true) {
            let bare = rusqlite::Connection::open(database(&syncline)).unwrap();
            bare.pragma_update(None, "journal_mode", "WAL").unwrap();
        }
        let message = syncline.fails(&["jobs", "list"]);
        assert!(message.contains("holds no data"), "{message}");
        syncline.json(&CREATE);
        assert_eq!(syncline.json(&["doctor"])["healthy"], true);
        let kept = fs::read(syncline.data().join("key")).unwrap();
        assert_eq!(kept == key, left.len() == key.len());
        assert!(!names_in(&syncline.data()).contains(&"key.new".to_owned()));
    }
}

#[test]
fn a_damaged_database_is_called_so_and_what_to_do_is_said() {
    let syncline = with_people();
    let whole = fs::read(database(&syncline)).unwrap();
    let mut no_header = whole.clone();
    no_header[..100].fill(0x5a);
    let half = whole[..whole.len() / 2 / 8192 * 8192].to_vec();
    let backup = path(&syncline, "monday.backup");
    for (bytes, what) in [(half, "is malformed"), (no_header, "is not a database")] {
        for command in [&SERVE[..], &["jobs", "list"], &["backup", &backup]] {
            fs::write(database(&syncline), &bytes).unwrap();
            let message = syncline.fails(command);
            assert!(
                message.contains("damaged")
                    && message.contains(what)
                    && message.contains("help: restore the newest backup")
                    && !message.contains("room on the disk"),
                "{command:?}: {message}"
            );
        }
        let found = advice(&syncline);
        assert!(
            found.len() == 1 && found[0].1.starts_with("restore the newest backup"),
            "{found:?}"
        );
    }
}

/// Not one of an older version, which a start would bring up to date.
#[test]
fn a_database_whose_layout_can_not_be_read_is_damaged() {
    let syncline = with_people();
    let mut bytes = fs::read(database(&syncline)).unwrap();
    let opened = rusqlite::Connection::open(database(&syncline)).unwrap();
    // The number is read from its index.
    let root = "SELECT rootpage FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'refinery_schema_history'";
    let page: i64 = opened.query_row(root, [], |row| row.get(0)).unwrap();
    drop(opened);
    let at = usize::try_from(page - 1).unwrap() * 8192;
    bytes[at..at + 64].fill(0x5a);
    fs::write(database(&syncline), &bytes).unwrap();
    for command in [&SERVE[..], &["jobs", "list"]] {
        let message = syncline.fails(command);
        assert!(
            message.contains("is damaged") && message.contains("help: restore the newest backup"),
            "{command:?}: {message}"
        );
    }
}

#[test]
fn of_damaged_pages_only_a_restore_is_recommended() {
    let syncline = with_people();
    let mut bytes = fs::read(database(&syncline)).unwrap();
    let opened = rusqlite::Connection::open(database(&syncline)).unwrap();
    let root = |table: &str| -> usize {
        let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
        let page: i64 = opened.query_row(sql, [table], |row| row.get(0)).unwrap();
        (page - 1).try_into().unwrap()
    };
    for table in ["object", "job"] {
        let at = root(table) * 8192;
        bytes[at..at + 64].fill(0x5a);
    }
    drop(opened);
    fs::write(database(&syncline), bytes).unwrap();
    let found = advice(&syncline);
    assert!(
        found.len() == 1 && found[0].0 == "database pages",
        "{found:?}"
    );
    assert!(
        found[0].1.starts_with("restore the newest backup"),
        "{found:?}"
    );
    assert!(!found[0].1.contains("report"), "{found:?}");
    let message = syncline.fails(&["backup", &path(&syncline, "monday.backup")]);
    assert!(
        message.contains("help: restore the newest backup"),
        "{message}"
    );
    // What reads these pages says the same.
    let message = syncline.fails(&["jobs", "list"]);
    assert!(
        message.contains("help: restore the newest backup"),
        "{message}"
    );
}

#[test]
fn a_file_that_is_no_key_is_called_so() {
    let syncline = with_people();
    let backup = path(&syncline, "all.backup");
    syncline.json(&["backup", "--with-key", &backup]);
    let key = syncline.data().join("key");
    let whole = fs::read(&key).unwrap();
    for bytes in [&whole[..31], b"", b"-----BEGIN PRIVATE KEY-----\nnot ours"] {
        fs::write(&key, bytes).unwrap();
        for command in [&SERVE[..], &["tenant", "list"]] {
            let message = syncline.fails(command);
            let told = format!("is not a key file: it has {} bytes", bytes.len());
            assert!(message.contains(&told), "{message}");
            assert!(message.contains("help: put the key file back"), "{message}");
            assert!(!message.contains("row"), "{message}");
        }
        let found = advice(&syncline);
        assert!(found.len() == 1 && found[0].0 == "key file", "{found:?}");
    }
    syncline.json(&["restore", "--force", &backup]);
    assert_eq!(people(&syncline), 2);
    assert_eq!(fs::read(&key).unwrap(), whole);
}
