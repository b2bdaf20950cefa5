//! A database whose tables an older version made: only who is asked to brings them up to date.

use std::path::Path;

use serde_json::Value;

use crate::backup::{give_key, path};
use crate::support::{Syncline, stderr};

/// The newest of the dumps of earlier layouts, and its number.
fn dump(kind: &str) -> (i64, String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../store/tests/layouts");
    let dumps = std::fs::read_dir(folder).unwrap().filter_map(|it| {
        let file = it.unwrap().path();
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let number = name.strip_prefix(kind)?.strip_prefix("-v")?.parse().ok()?;
        Some((number, std::fs::read_to_string(&file).unwrap()))
    });
    dumps.max().unwrap()
}

fn layout_of(file: &Path) -> i64 {
    let sql = "SELECT MAX(version) FROM refinery_schema_history";
    let database = rusqlite::Connection::open(file).unwrap();
    database.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// A data directory as an older version left it, and its layout.
fn older() -> (Syncline, i64) {
    let (layout, dump) = dump("sqlite");
    let syncline = Syncline::new();
    std::fs::create_dir(syncline.data()).unwrap();
    key(&syncline);
    let database = rusqlite::Connection::open(syncline.data().join("syncline.db")).unwrap();
    database.execute_batch(&dump).unwrap();
    drop(database);
    (syncline, layout)
}

/// The one that the dumps were made with.
fn key(syncline: &Syncline) {
    let file = syncline.data().join("key");
    std::fs::write(&file, [7; 32]).unwrap();
    std::fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

fn tenants(syncline: &Syncline) -> usize {
    let listed = syncline.json(&["tenant", "list"]);
    listed["tenants"].as_array().unwrap().len()
}

#[test]
fn a_backup_of_an_older_layout_is_one_and_changes_nothing() {
    let (syncline, layout) = older();
    let file = path(&syncline, "before-upgrading.backup");
    syncline.json(&["backup", &file]);
    assert_eq!(layout_of(&syncline.data().join("syncline.db")), layout);
    assert_eq!(layout_of(Path::new(&file)), layout);
    let other = Syncline::new();
    give_key(&syncline, &other);
    other.json(&["restore", &file]);
    assert_eq!(tenants(&other), 2);
}

/// What is told of it.
fn is_told(told: &str, layout: i64) {
    assert!(
        told.contains(&format!("layout {layout}")) && told.contains("syncline serve"),
        "{told}"
    );
}

const COMMANDS: [&[&str]; 4] = [
    &["tenant", "list"],
    &["jobs", "list"],
    &["jobs", "pause", "--job", "Azure2Azure.old"],
    &[
        "tenant",
        "create",
        "--domain",
        "new.example",
        "--display-name",
        "New",
    ],
];

#[test]
fn a_demo_refuses_an_older_layout_and_leaves_it_as_it_is() {
    let (syncline, layout) = older();
    let refused = syncline.fails(&["demo", "--exit", "--users", "20"]);
    assert!(refused.contains("has data already"), "{refused}");
    assert_eq!(layout_of(&syncline.data().join("syncline.db")), layout);
}

#[test]
fn an_older_layout_is_brought_up_to_date_by_a_server_alone() {
    let (syncline, layout) = older();
    let database = syncline.data().join("syncline.db");
    for command in COMMANDS {
        is_told(&syncline.fails(command), layout);
    }
    let found = syncline.bad_news(&["doctor"]);
    is_told(&found["checks"].to_string(), layout);
    assert_eq!(layout_of(&database), layout);

    let server = syncline.serve(&["--no-scheduler"]);
    assert_eq!(server.stop(), Some(0));
    assert_eq!(layout_of(&database), layout + 1);
    assert_eq!(tenants(&syncline), 2);
}

/// As a copy of the directory may have brought it along, or one of before the database was restored.
#[test]
fn a_key_of_a_first_start_beside_the_key_makes_nothing_newer() {
    let (syncline, layout) = older();
    let new_key = syncline.data().join("key.new");
    std::fs::copy(syncline.data().join("key"), &new_key).unwrap();
    for command in COMMANDS {
        is_told(&syncline.fails(command), layout);
    }
    assert_eq!(layout_of(&syncline.data().join("syncline.db")), layout);
    // What is restored has its own key.
    let file = path(&syncline, "before-upgrading.backup");
    syncline.json(&["backup", &file]);
    syncline.json(&["restore", "--force", &file]);
    assert!(!new_key.exists());
    assert_eq!(tenants(&syncline), 2);
}

/// Puts a dump into a schema of its own, and the key into a data directory.
fn older_server(syncline: &Syncline, name: &str) -> Option<(String, i64)> {
    let place = syncline.data().join(name);
    let url = syncline_testkit::postgres_url(&place)?;
    let (layout, dump) = dump("postgres");
    let (_, schema) = url.split_once("search_path%3D").unwrap();
    syncline_testkit::execute(&place, &format!("CREATE SCHEMA {schema}; {dump}"));
    std::fs::create_dir(syncline.data()).unwrap();
    key(syncline);
    Some((url, layout))
}

#[test]
fn an_older_layout_on_a_server_is_brought_up_to_date_by_a_server_alone() {
    let syncline = Syncline::new();
    let Some((url, layout)) = older_server(&syncline, "older") else {
        return;
    };
    let run = |arguments: &[&str]| {
        let mut command = syncline.command(arguments);
        command.env("SYNCLINE_DATABASE", &url).output().unwrap()
    };
    for command in COMMANDS {
        let output = run(command);
        assert_eq!(output.status.code(), Some(1), "{command:?}");
        is_told(&stderr(&output), layout);
    }
    let output = run(&["doctor", "--output", "json"]);
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    is_told(&found["checks"].to_string(), layout);

    // A backup has the layout of files that has the same tables.
    let file = path(&syncline, "before-upgrading.backup");
    let output = run(&["backup", &file]);
    assert!(output.status.success(), "{}", stderr(&output));
    let (of_files, _) = dump("sqlite");
    assert_eq!(layout_of(Path::new(&file)), of_files);
    let other = Syncline::new();
    give_key(&syncline, &other);
    other.json(&["restore", &file]);
    assert_eq!(tenants(&other), 2);

    // A restore that is refused changes nothing either.
    let output = run(&["restore", &file]);
    assert!(
        stderr(&output).contains("holds data"),
        "{}",
        stderr(&output)
    );
    is_told(&stderr(&run(&["tenant", "list"])), layout);
    let output = run(&["restore", "--force", &file]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(run(&["tenant", "list"]).status.success());
}

#[test]
fn a_server_without_tables_gets_none_by_looking() {
    let syncline = Syncline::new();
    let Some(url) = syncline_testkit::postgres_url(&syncline.data().join("empty")) else {
        return;
    };
    std::fs::create_dir(syncline.data()).unwrap();
    key(&syncline);
    for command in [&["tenant", "list"][..], &["doctor"]] {
        let mut command = syncline.command(command);
        let output = command.env("SYNCLINE_DATABASE", &url).output().unwrap();
        let told = stderr(&output) + &String::from_utf8_lossy(&output.stdout);
        assert!(
            told.contains("holds no data of syncline") && told.contains("syncline serve"),
            "{told}"
        );
    }
}
