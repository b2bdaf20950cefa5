//! `doctor` on a database that was damaged on purpose.

use serde_json::Value;

use crate::support::{Syncline, stdout};

/// Two people, one the manager of the other, and a healthy database.
fn healthy() -> Syncline {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    let users = syncline.file(
        "users.csv",
        b"userPrincipalName,displayName,manager\nana@contoso.example,Ana,\nbo@contoso.example,Bo,ana@contoso.example\n",
    );
    syncline.json(&["import", "--tenant", "contoso.example", &users]);
    assert_eq!(syncline.json(&["doctor"])["healthy"], true);
    syncline
}

/// Damages the database, and returns what doctor finds.
fn found(statements: &str) -> Vec<String> {
    let syncline = healthy();
    let database = rusqlite::Connection::open(syncline.data().join("syncline.db")).unwrap();
    database.execute_batch(statements).unwrap();
    drop(database);
    let output = syncline.run(&["doctor", "--output", "json"]);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    let diagnosis: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(diagnosis["healthy"], false);
    diagnosis["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|check| check["ok"] == false)
        .map(|check| {
            assert!(check["advice"].as_str().is_some_and(|it| !it.is_empty()));
            format!(
                "{}: {}",
                check["name"].as_str().unwrap(),
                check["finding"].as_str().unwrap()
            )
        })
        .collect()
}

fn finds(statements: &str, expected: &str) {
    let found = found(statements);
    assert!(
        found.iter().any(|line| line.contains(expected)),
        "{statements}\n{found:#?}"
    );
}

#[test]
fn references_to_nowhere_are_found() {
    finds(
        "UPDATE edge SET to_id = x'0123456789abcdef0123456789abcdef'",
        "references: 1 references to objects that are gone, e.g. 01234567-89ab-cdef-0123-456789abcdef",
    );
    finds(
        "UPDATE edge SET from_id = x'0123456789abcdef0123456789abcdef'",
        "references from objects that are gone",
    );
}

#[test]
fn unique_values_without_their_object_and_the_other_way_round_are_found() {
    // The hash of the sign-in name (1) `bo@contoso.example`.
    let bo = "x'3b13e9cfa1461096d50d20f8751a1ffa'";
    finds(
        &format!(
            "UPDATE object_key_recent SET id = x'0123456789abcdef0123456789abcdef' WHERE hash = {bo}"
        ),
        "unique values held by objects that are gone",
    );
    finds(
        &format!("DELETE FROM object_key_recent WHERE hash = {bo}"),
        "unique values of contoso: 1 of",
    );
}

#[test]
fn change_numbers_that_hide_changes_are_found() {
    finds(
        "UPDATE tenant SET sequence = 1",
        "objects newer than their tenant's counter",
    );
    finds(
        "UPDATE edge SET changed_seq = (SELECT MAX(changed_seq) FROM object)",
        "references with the number of an object",
    );
}

#[test]
fn rows_of_jobs_that_do_not_exist_are_found() {
    let id = "x'0123456789abcdef0123456789abcdef'";
    for (statement, expected) in [
        (
            format!("INSERT INTO link VALUES (1, 99, {id}, {id}, 1, 0, 0)"),
            "links: 1 links of jobs that do not exist",
        ),
        (
            format!("INSERT INTO escrow VALUES (1, 99, {id}, 1, 0, 1, 0, 'x')"),
            "escrow: 1 waiting retries",
        ),
        (
            format!("INSERT INTO staged VALUES (1, 99, {id}, 1, 0, 0)"),
            "staged deletes: 1",
        ),
        (
            format!("INSERT INTO waiting_reference VALUES (1, 99, {id}, {id}, 1, 1)"),
            "waiting references: 1",
        ),
    ] {
        finds(&statement, expected);
    }
}

#[test]
fn what_can_not_be_read_is_found() {
    finds(
        "UPDATE document SET body = x'00' || substr(body, 2) WHERE sealed = 1 AND kind <> 'key_check'",
        "documents: ",
    );
    finds(
        "UPDATE object SET body = x'ff' WHERE id = (SELECT id FROM object WHERE kind = 1 LIMIT 1)",
        "objects: 1 of",
    );
}

#[test]
fn broken_pages_are_found() {
    let syncline = healthy();
    let file = syncline.data().join("syncline.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let database = rusqlite::Connection::open(&file).unwrap();
    let root: usize = database
        .query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'provisioning_log_job'",
            [],
            |row| row.get::<_, i64>(0),
        )
        .unwrap()
        .try_into()
        .unwrap();
    drop(database);
    let at = (root - 1) * 8192;
    bytes[at..at + 64].fill(0x5a);
    std::fs::write(&file, bytes).unwrap();
    let output = syncline.run(&["doctor"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stdout(&output).contains("problem  database pages"),
        "{}",
        stdout(&output)
    );
}
