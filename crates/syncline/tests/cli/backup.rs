//! `backup` and `restore`.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::Value;

use crate::support::{Syncline, names_in, stderr, stdout};

const PEOPLE: &[u8] =
    b"userPrincipalName,displayName\nana@contoso.example,Ana\nbo@contoso.example,Bo\n";

/// One tenant with two people.
fn with_people() -> Syncline {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    let users = syncline.file("users.csv", PEOPLE);
    syncline.json(&["import", "--tenant", "contoso.example", &users]);
    syncline
}

fn people(syncline: &Syncline) -> Value {
    syncline.json(&["tenant", "list"])["tenants"][0]["users"].clone()
}

fn path(syncline: &Syncline, name: &str) -> String {
    let folder = syncline.data().parent().unwrap().join(name);
    folder.to_str().unwrap().to_owned()
}

fn give_key(from: &Syncline, to: &Syncline) {
    std::fs::create_dir_all(to.data()).unwrap();
    std::fs::copy(from.data().join("key"), to.data().join("key")).unwrap();
}

#[test]
fn a_backup_of_a_running_server_is_restored_elsewhere() {
    let old = with_people();
    let file = path(&old, "monday.backup");
    let server = old.serve(&["--no-scheduler"]);
    let made = old.json(&["backup", &file]);
    assert_eq!(made["withKey"], false);
    assert_eq!(server.stop(), Some(0));
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let folder = Path::new(&file).parent().unwrap();
    assert_eq!(
        names_in(folder),
        ["data", "monday.backup", "stderr.log", "users.csv"],
        "nothing else is left behind"
    );

    let new = Syncline::new();
    let message = new.fails(&["restore", &file]);
    assert!(message.contains("without its key"), "{message}");
    give_key(&old, &new);
    let restored = new.json(&["restore", &file]);
    assert_eq!(
        (&restored["tenants"], &restored["objects"]),
        (&Value::from(1), &restored["objects"])
    );
    assert_eq!(people(&new), 2);
    assert_eq!(new.json(&["doctor"])["healthy"], true);
}

#[test]
fn a_backup_with_the_key_needs_nothing_else() {
    let old = with_people();
    let file = path(&old, "all.backup");
    let output = old.run(&["backup", "--with-key", &file]);
    assert!(stdout(&output).contains("The key is in it"));
    let new = Syncline::new();
    new.json(&["restore", &file]);
    assert_eq!(people(&new), 2);
    assert_eq!(
        std::fs::read(new.data().join("key")).unwrap(),
        std::fs::read(old.data().join("key")).unwrap()
    );
}

#[test]
fn nothing_is_overwritten_unless_forced() {
    let syncline = with_people();
    let file = path(&syncline, "monday.backup");
    syncline.json(&["backup", &file]);
    let message = syncline.fails(&["backup", &file]);
    assert!(
        message.contains("already") && message.contains("--force"),
        "{message}"
    );
    syncline.json(&["backup", "--force", &file]);

    let more = syncline.file(
        "more.csv",
        b"userPrincipalName,displayName\ncleo@contoso.example,Cleo\n",
    );
    syncline.json(&["import", "--tenant", "contoso.example", &more]);
    let message = syncline.fails(&["restore", &file]);
    assert!(
        message.contains("holds data") && message.contains("--force"),
        "{message}"
    );
    assert_eq!(people(&syncline), 3);
    let restored = syncline.json(&["restore", "--force", &file]);
    assert_eq!(people(&syncline), 2);
    let aside = restored["keptAside"][0].as_str().unwrap();
    assert!(Path::new(aside).exists());
    // Once more is the same, and what was kept aside is still there.
    let again = syncline.json(&["restore", "--force", &file]);
    assert_eq!(people(&syncline), 2);
    assert_ne!(again["keptAside"][0], aside);
    assert!(Path::new(aside).exists());
}

#[test]
fn a_server_in_the_way_is_named() {
    let syncline = with_people();
    let file = path(&syncline, "monday.backup");
    syncline.json(&["backup", &file]);
    let server = syncline.serve(&["--no-scheduler"]);
    let message = syncline.fails(&["restore", "--force", &file]);
    assert!(
        message.contains(&server.origin) && message.contains("stop it"),
        "{message}"
    );
}

#[test]
fn a_broken_backup_replaces_nothing() {
    let syncline = with_people();
    let file = path(&syncline, "monday.backup");
    syncline.json(&["backup", &file]);
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    let output = syncline.run(&["restore", "--force", &file]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(people(&syncline), 2);
}

#[test]
fn a_backup_under_load_is_in_step_when_it_is_restored() {
    let old = Syncline::new();
    assert!(
        old.run(&["demo", "--exit", "--users", "60"])
            .status
            .success()
    );
    old.tenant("other");
    let jobs = old.json(&["jobs", "list"]);
    let job = jobs["jobs"][0]["jobId"].as_str().unwrap().to_owned();
    let shown = old.json(&["jobs", "show", "--job", &job]);
    let file = path(&old, "under-load.backup");
    let server = old.serve(&["--no-scheduler"]);
    std::thread::scope(|scope| {
        // Somebody imports all the while.
        let writer = scope.spawn(|| {
            for round in 0..3 {
                let mut people = "userPrincipalName,displayName\n".to_owned();
                for number in 0..500 {
                    people.push_str(&format!("p{round}-{number}@other.example,P\n"));
                }
                let csv = old.file(&format!("{round}.csv"), people.as_bytes());
                old.json(&["import", "--tenant", "other.example", &csv]);
            }
        });
        for _ in 0..3 {
            old.json(&["backup", "--force", &file]);
        }
        writer.join().unwrap();
    });
    assert_eq!(server.stop(), Some(0));

    let new = Syncline::new();
    give_key(&old, &new);
    new.json(&["restore", &file]);
    let again = new.json(&["jobs", "show", "--job", &job]);
    assert_eq!(again["synchronizedEntries"], shown["synchronizedEntries"]);
    assert_eq!(new.json(&["doctor"])["healthy"], true);
    let report = new.json(&["jobs", "run", "--job", &job, "--wait"]);
    assert_eq!(report["state"], "Succeeded", "{report}");
    for count in [
        "created",
        "updated",
        "disabled",
        "deleted",
        "restored",
        "skipped",
        "escrowed",
        "referencesSet",
        "referencesRemoved",
    ] {
        assert_eq!(report["counts"][count], 0, "{report}");
    }
}
