//! What a file changes while the job is in quarantine.

use serde_json::{Value, json};

use super::{BEGIN, POLICY, apply, file, job, two_tenants};
use crate::configuration::change_schema;
use crate::support::{Syncline, stdout, wait_until};

const REST: &str = "    scope: all\n    interval: P1D\n    state: started\n";

/// A second configuration between the same tenants.
const SECOND: &str = "  - { name: Second, source: contoso.example, target: fabrikam.example, scope: assigned, state: started }\n";

fn run(syncline: &Syncline, job: &str) -> Option<i32> {
    let run = syncline.run(&["jobs", "run", "--job", job, "--wait"]);
    run.status.code()
}

/// The job in a list of all.
fn listed(syncline: &Syncline, job: &str) -> Value {
    let list = syncline.json(&["jobs", "list"]);
    let mut jobs = list["jobs"].as_array().unwrap().iter();
    jobs.find(|it| it["jobId"] == job).unwrap().clone()
}

#[test]
fn a_job_that_the_file_lets_in_again_goes_on() {
    let syncline = two_tenants();
    let open = format!("{POLICY}{REST}{SECOND}");
    let applied = apply(&syncline, &open);
    let first = job(&applied);
    let second = applied["configurations"][1]["jobId"].as_str().unwrap();
    assert_eq!(run(&syncline, &first), Some(0));

    let shut = open.replace("automaticRedemption: true", "automaticRedemption: false");
    syncline.json(&["apply", &file(&syncline, &shut), "--remove"]);
    for job in [&first, second] {
        assert_eq!(run(&syncline, job), Some(1));
        assert_eq!(listed(&syncline, job)["status"], "Quarantine");
    }
    let later = listed(&syncline, &first)["nextDue"].clone();

    let text = stdout(&syncline.run(&["apply", &file(&syncline, &open)]));
    assert!(
        text.contains("The next cycle follows it.") && text.contains("no server runs here"),
        "{text}"
    );
    let shown = listed(&syncline, &first);
    assert_eq!(shown["status"], "Active");
    assert!(
        shown["nextDue"].as_str() < later.as_str(),
        "{shown} {later}"
    );

    // Of the other one nothing was written: nobody is told to set what is set.
    let explain = ["explain", "--job", second, "--user", "ana@contoso.example"];
    let text = stdout(&syncline.run(&explain));
    assert!(
        text.contains("did not let it in. It does now")
            && text.contains(&format!("`syncline jobs start --job {second}`")),
        "{text}"
    );
    assert!(!text.contains("automaticUserConsentSettings"), "{text}");
    // A server sees it, and begins its cycle.
    let _server = syncline.serve(&[]);
    wait_until("the other job goes on", || {
        listed(&syncline, second)["lastCycle"]["state"] == "Succeeded"
    });
    assert_eq!(listed(&syncline, second)["status"], "Active");
}

#[test]
fn a_quarantine_that_stays_is_told_with_its_next_attempt() {
    let syncline = two_tenants();
    let job = job(&apply(&syncline, &format!("{POLICY}{REST}")));
    assert_eq!(run(&syncline, &job), Some(0));
    change_schema(&syncline, &job, |schema| {
        schema["synchronizationRules"][0]["objectMappings"] = json!([]);
    });
    syncline.json(&["jobs", "restart", "--job", &job]);
    assert_eq!(run(&syncline, &job), Some(1));

    let wanted = syncline.file(
        "threshold.yaml",
        format!("{BEGIN}    accidentalDeletionThreshold: 7\n").as_bytes(),
    );
    let text = stdout(&syncline.run(&["apply", &wanted]));
    let due = listed(&syncline, &job)["nextDue"].clone();
    for part in [
        "The job is in quarantine (EncounteredQuarantineException)",
        &format!("is due at {}", due.as_str().unwrap()),
        &format!("syncline jobs start --job {job}"),
    ] {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
    assert!(!text.contains("The next cycle follows it."), "{text}");

    let other = apply(&syncline, "    accidentalDeletionThreshold: 6\n");
    let told = &other["configurations"][0]["quarantine"];
    assert_eq!(told["nextAttempt"], due);
}
