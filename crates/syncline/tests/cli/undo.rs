//! `undo`: the target as it was before cycles that nobody wanted, with and without a server.

use serde_json::{Value, json};

use crate::configuration::{THRESHOLD, change_schema, import, installation};
use crate::support::{Syncline, stderr, stdout};

const LONG_AGO: &str = "2001-01-01";

/// Three people are in Fabrikam, and a wrong cycle has overwritten their department. Its id.
fn overwritten() -> (Syncline, String, String) {
    let (syncline, job) = installation(3);
    run(&syncline, &job);
    change_schema(&syncline, &job, |schema| {
        let mappings = &mut schema["synchronizationRules"][0]["objectMappings"][0];
        let mappings = mappings["attributeMappings"].as_array_mut().unwrap();
        let mut departments = mappings.iter_mut();
        let department = departments.find(|it| it["targetAttributeName"] == "department");
        department.unwrap()["source"] = json!({ "expression": "\"Wrong\"" });
    });
    let report = run(&syncline, &job);
    assert_eq!(report["counts"]["updated"], 3);
    let cycle = report["cycleId"].as_str().unwrap().to_owned();
    (syncline, job, cycle)
}

fn run(syncline: &Syncline, job: &str) -> Value {
    syncline.json(&["jobs", "run", "--job", job, "--wait"])
}

fn pause(syncline: &Syncline, job: &str) {
    syncline.json(&["jobs", "pause", "--job", job]);
}

#[test]
fn a_cycle_is_foreseen_and_undone_and_then_there_is_nothing_to_do() {
    let (syncline, job, cycle) = overwritten();
    let undo = ["undo", "--job", &job, "--cycle", &cycle];
    let started = syncline.fails(&undo);
    assert!(started.contains("syncline jobs pause --job"), "{started}");

    pause(&syncline, &job);
    let dry_run = [&undo[..], &["--dry-run", "--show", "2"]].concat();
    let foreseen = syncline.json(&dry_run);
    assert_eq!(foreseen["counts"]["updated"], 3);
    assert_eq!(
        (&foreseen["dryRun"], &foreseen["cycleId"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(foreseen["shown"].as_array().unwrap().len(), 2);
    let attribute = &foreseen["attributes"][0];
    assert_eq!(
        (&attribute["name"], &attribute["changed"]),
        (&json!("department"), &json!(3))
    );
    let text = stdout(&syncline.run(&dry_run));
    for part in [
        "To be undone: 3 entries of the log",
        "department: Wrong → Sales",
        "and 1 more (--show N names more)",
        "without --dry-run",
    ] {
        assert!(text.contains(part), "{part} is missing:\n{text}");
    }

    let server = syncline.serve(&["--no-scheduler"]);
    assert_eq!(syncline.json(&dry_run), foreseen);
    let done = syncline.json(&[&undo[..], &["--show", "2"]].concat());
    for field in ["counts", "shown", "shownOf", "left", "attributes"] {
        assert_eq!(done[field], foreseen[field], "{field}");
    }
    let own = done["cycleId"].as_str().unwrap();
    let logs = syncline.json(&["logs", "--job", &job, "--top", "3"]);
    for entry in logs["value"].as_array().unwrap() {
        assert_eq!(entry["cycleId"], own);
        assert_eq!(entry["modifiedProperties"][0]["newValue"], "Sales");
        let details = &entry["provisioningSteps"][0]["details"];
        assert_eq!(details["UndoneCycle"], *cycle);
    }
    drop(server);

    let text = stdout(&syncline.run(&undo));
    assert!(text.contains("Nothing was written"), "{text}");
    assert!(text.contains("The job stays paused"), "{text}");
    assert!(text.contains("syncline schema previous --job"), "{text}");
    // The configuration would do it again.
    assert_eq!(
        syncline.json(&["plan", "--job", &job])["counts"]["updated"],
        3
    );
}

#[test]
fn too_many_deletes_are_let_through_only_when_somebody_says_so() {
    let (syncline, job) = installation(usize::try_from(THRESHOLD).unwrap());
    run(&syncline, &job);
    pause(&syncline, &job);
    let undo = ["undo", "--job", &job, "--since", LONG_AGO];
    let held = syncline.bad_news(&undo);
    assert_eq!(
        (&held["held"], &held["removals"]),
        (&json!(true), &json!(THRESHOLD))
    );
    assert_eq!(held["cycleId"], Value::Null);
    let text = stdout(&syncline.run(&undo));
    assert!(
        text.contains("2 deletes and disables reach it: nothing is done without --force-deletes"),
        "{text}"
    );
    let deleted = ["deleted", "list", "--tenant", "fabrikam.example"];
    assert_eq!(syncline.json(&deleted)["count"], 0);

    let done = syncline.json(&[&undo[..], &["--force-deletes"]].concat());
    assert_eq!(done["counts"]["deleted"], THRESHOLD);
    assert_eq!(syncline.json(&deleted)["count"], THRESHOLD);
}

#[test]
fn what_stays_is_named_and_is_bad_news() {
    let (syncline, job) = installation(1);
    run(&syncline, &job);
    import(&syncline, 1..2);
    let cycle = run(&syncline, &job)["cycleId"].as_str().unwrap().to_owned();
    pause(&syncline, &job);
    let undo = ["undo", "--job", &job, "--cycle", &cycle];
    assert_eq!(syncline.json(&undo)["counts"]["deleted"], 1);
    let restore = [
        "deleted",
        "restore",
        "--tenant",
        "fabrikam.example",
        "--all",
    ];
    assert_eq!(syncline.json(&restore)["restored"], 1);
    // What is undone since then came and went: it was taken out of the bin by somebody else.
    let since = ["undo", "--job", &job, "--since", LONG_AGO, "--show", "5"];
    let left = syncline.bad_news(&[&since[..], &["--dry-run"]].concat());
    assert_eq!(left["leftOf"], 1);
    assert_eq!(left["since"], "2001-01-01T00:00:00Z");
    let reason = left["left"][0]["reason"].as_str().unwrap();
    assert_eq!(reason, "it was taken out of the recycle bin since");
}

#[test]
fn usage_is_checked() {
    let syncline = Syncline::new();
    for wrong in [
        &["undo", "--job", "J"][..],
        &["undo", "--since", LONG_AGO],
        &["undo", "--job", "J", "--since", LONG_AGO, "--cycle", "x"],
        &["undo", "--job", "J", "--cycle", "not-an-id"],
    ] {
        assert_eq!(syncline.run(wrong).status.code(), Some(2), "{wrong:?}");
    }
    // Whose clock shows that is not said.
    let local = ["undo", "--job", "J", "--since", "2026-01-31T08:00"];
    let output = syncline.run(&[&local[..], &["--dry-run"]].concat());
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(said.contains("a time with its zone"), "{said}");
}
