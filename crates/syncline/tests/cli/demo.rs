//! `demo --exit`: the whole walk-through, and what can be asked about it afterwards.

use serde_json::Value;

use crate::support::{Syncline, names_in, stderr, stdout};

#[test]
fn the_demo_walks_all_twelve_steps_and_its_result_can_be_looked_at() {
    let syncline = Syncline::new();
    let output = syncline.run(&["demo", "--exit", "--users", "60"]);
    assert!(
        output.status.success(),
        "{}\n{}",
        stdout(&output),
        stderr(&output)
    );
    let said = stdout(&output);
    for step in 1..=12 {
        assert!(
            said.contains(&format!("Step {step} ")),
            "step {step} is missing:\n{said}"
        );
    }

    let jobs = syncline.json(&["jobs", "list"]);
    let job = jobs["jobs"][0]["jobId"].as_str().unwrap();
    assert_eq!(jobs["jobs"][0]["status"], "Active");
    let shown = syncline.json(&["jobs", "show", "--job", job]);
    assert_eq!(shown["running"], false);

    // The target is in step: another cycle writes nothing.
    let report = syncline.json(&["jobs", "run", "--job", job, "--wait"]);
    assert_eq!(
        (&report["kind"], &report["state"]),
        (&"incremental".into(), &"Succeeded".into())
    );
    for count in [
        "created", "updated", "disabled", "deleted", "restored", "escrowed",
    ] {
        assert_eq!(report["counts"][count], 0, "{report}");
    }

    let logs = syncline.json(&["logs", "--job", job, "--top", "3"]);
    assert_eq!(logs["value"].as_array().unwrap().len(), 3);
    let who = logs["value"][0]["sourceIdentity"]["details"]["UserPrincipalName"]
        .as_str()
        .unwrap();
    let steps = stdout(&syncline.run(&["logs", "--user", who, "--top", "1"]));
    assert!(
        steps.contains("EntryImport") && steps.contains(who),
        "{steps}"
    );

    assert_eq!(
        syncline.json(&["jobs", "pause", "--job", job])["status"],
        "Paused"
    );
    assert_eq!(
        syncline.json(&["jobs", "start", "--job", job])["status"],
        "Active"
    );
    syncline.json(&["jobs", "restart", "--job", job]);
    // A full read finds everything as it is.
    let report = syncline.json(&["jobs", "run", "--job", job, "--wait"]);
    assert_eq!(
        (&report["kind"], &report["counts"]["created"]),
        (&"initial".into(), &0.into())
    );

    assert_eq!(syncline.json(&["doctor"])["healthy"], true);

    // Started again, a server with its scheduler begins the next cycle by itself.
    let cycle = |shown: &Value| shown["lastCycle"]["cycleId"].clone();
    let before = cycle(&syncline.json(&["jobs", "show", "--job", job]));
    syncline.json(&["jobs", "start", "--job", job]);
    let server = syncline.serve(&[]);
    // Each question takes a process; the cycle takes milliseconds.
    let began = (0..1000).any(|_| cycle(&syncline.json(&["jobs", "show", "--job", job])) != before);
    assert!(began, "no cycle began by itself");
    assert_eq!(server.stop(), Some(0));
}

const DEMO: [&str; 4] = ["demo", "--exit", "--users", "20"];

fn tenants(syncline: &Syncline) -> usize {
    let listed = syncline.json(&["tenant", "list"]);
    listed["tenants"].as_array().unwrap().len()
}

#[test]
fn the_demo_leaves_the_data_of_others_alone() {
    let syncline = Syncline::new();
    syncline.tenant("acme");
    let before = names_in(&syncline.data());
    let refused = || {
        for mut command in [syncline.command(&DEMO), syncline.command_by_variable(&DEMO)] {
            let output = command.output().unwrap();
            assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
            assert_eq!(stdout(&output), "");
            let said = stderr(&output);
            for part in ["has data already", "give the demo an empty directory"] {
                assert!(said.contains(part), "{said}");
            }
        }
    };
    refused();
    assert_eq!(names_in(&syncline.data()), before);
    assert_eq!(tenants(&syncline), 1);
    // The key of a database that is on another disk, or on a server.
    for name in ["syncline.db", "syncline.db-wal", "syncline.db-shm"] {
        let _ = std::fs::remove_file(syncline.data().join(name));
    }
    let before = names_in(&syncline.data());
    refused();
    assert_eq!(names_in(&syncline.data()), before);
}

#[test]
fn the_demo_works_in_an_empty_directory_that_a_variable_names_and_once() {
    let syncline = Syncline::new();
    std::fs::create_dir(syncline.data()).unwrap();
    // Of a node: what the demo leaves would be in the way of the database that it has.
    let mut node = syncline.command_by_variable(&DEMO);
    node.env("SYNCLINE_DATABASE", "postgres://u@down.example/db");
    let output = node.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("the demo uses none"));
    assert_eq!(names_in(&syncline.data()), [""; 0]);

    let output = syncline.command_by_variable(&DEMO).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(tenants(&syncline), 2);
    let output = syncline.command_by_variable(&DEMO).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let look = format!("`syncline serve --data {}`", syncline.data().display());
    assert!(stderr(&output).contains(&look), "{}", stderr(&output));
    assert_eq!(tenants(&syncline), 2);
}

#[test]
fn a_story_is_no_json() {
    let syncline = Syncline::new();
    let output = syncline.run(&["demo", "--exit", "--output", "json"]);
    assert_eq!(output.status.code(), Some(2));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let message = document["error"]["message"].as_str().unwrap();
    assert!(message.contains("has no JSON"), "{message}");
    assert!(stderr(&output).contains("jobs show"), "{}", stderr(&output));
}
