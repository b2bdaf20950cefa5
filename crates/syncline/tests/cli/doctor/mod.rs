//! `doctor` on installations that were damaged on purpose, each in one way; what is in the database on
//! PostgreSQL as well when a server is named (`SYNCLINE_TEST_DATABASE`).

mod files;
mod roles;
mod rows;
mod settings;
mod watermarks;

use std::collections::BTreeSet;
use std::process::Output;

use serde_json::Value;
use syncline_model::{Job, Problem};
use syncline_store::{Database, MasterKey, Store, Tx};

use crate::support::{Syncline, stderr};

/// What the demo leaves, as a backup: a job with live and dead links, references that wait, a log.
fn healthy() -> (Syncline, String) {
    let syncline = Syncline::new();
    assert!(
        syncline
            .run(&["demo", "--exit", "--users", "20"])
            .status
            .success()
    );
    let file = syncline.data().with_file_name("healthy.backup");
    let file = file.to_str().unwrap().to_owned();
    syncline.json(&["backup", "--with-key", &file]);
    (syncline, file)
}

/// The installation once more, in a place of its own.
fn restored(backup: &str) -> Syncline {
    let copy = Syncline::new();
    let output = on_its_database(&copy, &["restore", backup]);
    assert!(output.status.success(), "{}", stderr(&output));
    copy
}

fn on_its_database(syncline: &Syncline, arguments: &[&str]) -> Output {
    let mut command = syncline.command(arguments);
    if let Some(url) = syncline_testkit::postgres_url(&syncline.data().join("damaged")) {
        command.env("SYNCLINE_DATABASE", url);
    }
    command.output().unwrap()
}

/// As a version stored it that checked less, or by hand.
fn stored(syncline: &Syncline, write: impl FnOnce(&mut Tx<'_>, &Job) -> Result<(), Problem>) {
    let data = syncline.data();
    let key = MasterKey::load_or_create(&data.join("key")).unwrap();
    let database = syncline_testkit::postgres_url(&data.join("damaged"));
    let database = database.map_or_else(
        || Database::File(data.join("syncline.db")),
        Database::Postgres,
    );
    let store = Store::open_database(&database, &key).unwrap();
    store
        .write(|tx| {
            let job = tx.all_jobs()?.remove(0);
            write(tx, &job)
        })
        .unwrap();
}

/// What is not well, one line each; all of it comes with advice.
fn found(output: &Output) -> Vec<String> {
    let diagnosis: Value = serde_json::from_slice(&output.stdout).unwrap();
    let checks = diagnosis["checks"].as_array().unwrap();
    let bad: Vec<&Value> = checks.iter().filter(|check| check["ok"] == false).collect();
    assert_eq!(diagnosis["healthy"], bad.is_empty());
    assert_eq!(output.status.code(), Some(i32::from(!bad.is_empty())));
    let line = |check: &&Value| {
        assert!(check["advice"].as_str().is_some_and(|it| !it.is_empty()));
        let text = |name: &str| check[name].as_str().unwrap().to_owned();
        format!("{}: {}", text("name"), text("finding"))
    };
    bad.iter().map(line).collect()
}

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    let (_kept, backup) = healthy();
    let output = on_its_database(&restored(&backup), &["doctor", "--output", "json"]);
    assert_eq!(found(&output), [""; 0]);
}

/// A machine knows a finding by its code, of which tenant and of which job it is; people by the name.
#[test]
fn no_two_checks_are_about_the_same() {
    let (_kept, backup) = healthy();
    let copy = restored(&backup);
    let create = [
        "tenant",
        "create",
        "--domain",
        "other.example",
        // As another one is called.
        "--display-name",
        "Contoso",
    ];
    assert!(on_its_database(&copy, &create).status.success());
    let output = on_its_database(&copy, &["doctor", "--output", "json"]);
    assert_eq!(found(&output), [""; 0]);
    let diagnosis: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut seen = BTreeSet::new();
    let mut of_tenants = BTreeSet::new();
    for check in diagnosis["checks"].as_array().unwrap() {
        let code = check["code"].as_str().unwrap();
        assert!(!code.is_empty() && code.chars().all(|it| it.is_ascii_alphanumeric()));
        let key = format!("{code} {} {}", check["tenantId"], check["jobId"]);
        assert!(seen.insert(key), "{check}");
        let name = check["name"].as_str().unwrap();
        assert!(
            check["tenantId"].is_null() || of_tenants.insert(name.to_owned()),
            "{check}"
        );
    }
    assert!(
        of_tenants.contains("log of other.example"),
        "{of_tenants:?}"
    );
}
