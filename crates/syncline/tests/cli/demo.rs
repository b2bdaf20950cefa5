//! `demo --exit`: the whole walk-through, and what can be asked about it afterwards.

use serde_json::Value;

use crate::support::{Syncline, stderr, stdout};

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
