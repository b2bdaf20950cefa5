//! `explain`: one answer about one person or group.

use crate::configuration::{change_schema, import, installation, installation_that_takes_groups};
use crate::jobs::nobody_of_sales;
use crate::support::{Syncline, stdout};

fn text(syncline: &Syncline, job: &str, whom: &[&str]) -> String {
    let arguments = [&["explain", "--job", job], whom].concat();
    let output = syncline.run(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    stdout(&output)
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap()
}

#[test]
fn the_first_line_is_how_it_stands() {
    let (syncline, job) = installation(6);
    let run = ["jobs", "run", "--job", &job, "--wait"];
    let p1 = ["--user", "p1@contoso.example"];
    let said = text(&syncline, &job, &p1);
    assert!(
        first_line(&said).starts_with("p1@contoso.example is not in the target yet"),
        "{said}"
    );
    assert!(said.contains("A cycle would decide now: create"), "{said}");
    assert!(said.contains("would change:"), "{said}");
    assert!(said.contains("The log has no entry of it."), "{said}");

    syncline.json(&run);
    let said = text(&syncline, &job, &p1);
    let target = "p1_contoso.example#EXT#@fabrikam.onmicrosoft.com";
    assert!(
        first_line(&said).starts_with(&format!(
            "p1@contoso.example is in the target as {target}, linked since "
        )),
        "{said}"
    );
    assert!(first_line(&said).ends_with("and kept in step."), "{said}");
    assert!(!said.contains("What to do"), "{said}");
    assert!(
        said.contains("create success. `syncline logs --job"),
        "{said}"
    );
    // Who is named as the target does is the same one.
    assert_eq!(text(&syncline, &job, &["--user", target]), said);

    change_schema(&syncline, &job, nobody_of_sales);
    let said = text(&syncline, &job, &p1);
    assert!(
        first_line(&said).ends_with("; the next cycle that looks at it would delete it."),
        "{said}"
    );
    syncline.bad_news(&run);
    let said = text(&syncline, &job, &p1);
    assert!(
        first_line(&said)
            .contains("; its deletion is held by the deletion threshold. If it is meant, "),
        "{said}"
    );
    assert!(said.contains("--scope ForceDeletes"), "{said}");

    syncline.run(&["jobs", "restart", "--job", &job, "--scope", "ForceDeletes"]);
    syncline.json(&run);
    // Whoever is in the recycle bin of the target is known by that name to the log alone.
    let said = text(&syncline, &job, &["--user", target]);
    assert!(
        first_line(&said).starts_with(&format!(
            "p1@contoso.example is not kept in the target: {target} was removed at "
        )),
        "{said}"
    );
    assert!(
        first_line(&said).ends_with("and waits in the target's recycle bin."),
        "{said}"
    );
    assert!(said.contains("\nNotInProvisioningScope: "), "{said}");

    syncline.json(&["jobs", "pause", "--job", &job]);
    let said = text(&syncline, &job, &p1);
    assert!(
        first_line(&said)
            .starts_with("Everything stands still: the job is paused. `syncline jobs start"),
        "{said}"
    );
}

#[test]
fn a_document_has_the_decision_in_the_shape_of_the_log() {
    let (syncline, job) = installation(6);
    change_schema(&syncline, &job, nobody_of_sales);
    let p1 = ["explain", "--job", &job, "--user", "p1@contoso.example"];
    let told = syncline.json(&p1);
    assert_eq!(told["verdict"], "skipped");
    assert_eq!(told["reason"]["code"], "NotInProvisioningScope");
    assert_eq!(told["source"]["state"], "live");
    assert_eq!(told["source"]["name"], "p1@contoso.example");
    assert_eq!(
        told["decision"]["provisioningStatusInfo"]["status"],
        "skipped"
    );
    assert_eq!(told["decision"]["jobId"], job.as_str());
    assert!(told["decision"]["activityDateTime"].is_null());
    let steps = told["decision"]["provisioningSteps"].as_array().unwrap();
    assert!(
        steps
            .iter()
            .any(|it| it["provisioningStepType"] == "scoping")
    );
    assert!(told["lastEntry"].is_null());
    // The id leads to the same.
    let id = told["source"]["id"].as_str().unwrap();
    assert_eq!(
        syncline.json(&["explain", "--job", &job, "--user", id]),
        told
    );
}

#[test]
fn somebody_who_failed_is_told_so_until_the_cause_is_mended() {
    let (syncline, job) = installation(6);
    let people = |tenant: &str, rows: &[u8]| {
        let file = syncline.file("more.csv", rows);
        syncline.json(&["import", "--tenant", tenant, &file]);
    };
    let header = "userPrincipalName,displayName,mail\n";
    let row = |upn: &str, mail: &str| format!("{header}{upn},Somebody,{mail}\n").into_bytes();
    people(
        "fabrikam.example",
        &row("x@fabrikam.example", "p1@contoso.example"),
    );
    people(
        "contoso.example",
        &row("p1@contoso.example", "p1@contoso.example"),
    );
    syncline.bad_news(&["jobs", "run", "--job", &job, "--wait"]);
    let p1 = ["--user", "p1@contoso.example"];
    let said = text(&syncline, &job, &p1);
    assert_eq!(
        first_line(&said),
        "p1@contoso.example is not linked by this job; it failed, and is tried again.",
        "{said}"
    );
    assert!(said.contains("\nWhat to do: "), "{said}");
    assert!(said.contains("\nfailed     first "), "{said}");
    people(
        "fabrikam.example",
        &row("x@fabrikam.example", "x@fabrikam.example"),
    );
    let said = text(&syncline, &job, &p1);
    assert!(
        first_line(&said).ends_with(". As far as can be told beforehand, it would not fail now."),
        "{said}"
    );
    assert!(!said.contains("What to do"), "{said}");
}

#[test]
fn a_job_that_stands_still_tells_when_it_is_tried_in_words() {
    let (syncline, job) = installation(6);
    let run = ["jobs", "run", "--job", &job, "--wait"];
    syncline.json(&run);
    change_schema(&syncline, &job, |schema| {
        schema["synchronizationRules"][0]["objectMappings"] = serde_json::json!([]);
    });
    syncline.json(&["jobs", "restart", "--job", &job]);
    syncline.run(&run);
    let told = syncline.json(&["explain", "--job", &job, "--user", "p1@contoso.example"]);
    let obstacle = &told["obstacles"][0];
    assert_eq!(obstacle["kind"], "quarantine", "{told}");
    assert!(
        obstacle["nextAttempt"].as_str().unwrap().ends_with('Z'),
        "{told}"
    );
    assert_eq!(told["next"], "unknown");
}

#[test]
fn a_running_server_answers_the_same() {
    let (syncline, job) = installation(6);
    syncline.json(&["jobs", "run", "--job", &job, "--wait"]);
    let p1 = ["--user", "p1@contoso.example"];
    let alone = text(&syncline, &job, &p1);
    let server = syncline.serve(&["--no-scheduler"]);
    assert_eq!(text(&syncline, &job, &p1), alone);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_group_is_named_by_its_name() {
    let (syncline, job) = installation_that_takes_groups(6);
    let groups = syncline.file(
        "groups.csv",
        b"displayName,member\nTeam,p1@contoso.example\n",
    );
    let people = syncline.file(
        "nobody.csv",
        b"userPrincipalName,displayName\np1@contoso.example,Person 1\n",
    );
    syncline.json(&[
        "import",
        "--tenant",
        "contoso.example",
        &people,
        "--groups",
        &groups,
    ]);
    let said = text(&syncline, &job, &["--group", "team"]);
    // Groups are switched off until the schema has them on.
    assert_eq!(
        first_line(&said),
        "Team is not in the target: it is skipped.",
        "{said}"
    );
    assert!(said.contains("EntityTypeNotSupported: "), "{said}");
}

/// What is transient is tried again by every scheduled cycle, and stored with the time at which it failed.
#[test]
fn what_is_transient_is_tried_again_when_a_cycle_is_due() {
    let (syncline, job) = installation(6);
    let groups = syncline.file(
        "groups.csv",
        b"displayName,member\nTeam,p1@contoso.example\n",
    );
    let people = syncline.file(
        "nobody.csv",
        b"userPrincipalName,displayName\np1@contoso.example,Person 1\n",
    );
    let tenant = ["import", "--tenant", "contoso.example"];
    syncline.json(&[&tenant[..], &[&people, "--groups", &groups]].concat());
    // The target lets no groups in.
    change_schema(&syncline, &job, |schema| {
        schema["synchronizationRules"][0]["objectMappings"][1]["enabled"] = true.into();
    });
    syncline.bad_news(&["jobs", "run", "--job", &job, "--wait"]);
    let explain = ["explain", "--job", &job, "--group", "Team"];
    let told = syncline.json(&explain);
    assert_eq!(told["verdict"], "awaitsConsent", "{told}");
    let said = text(&syncline, &job, &["--group", "Team"]);
    assert_eq!(
        first_line(&said),
        "Team is not linked by this job; it waits until the target lets its kind in, and comes with the first cycle after that.",
        "{said}"
    );
    assert!(said.contains("\nwaits      since "), "{said}");
    assert!(told["nextDue"].is_string(), "{told}");
    assert_eq!(told["escrow"]["nextAttempt"], told["nextDue"], "{told}");

    syncline.json(&["jobs", "pause", "--job", &job]);
    assert!(syncline.json(&explain)["escrow"]["nextAttempt"].is_null());
    let said = text(&syncline, &job, &["--group", "Team"]);
    assert!(
        said.contains("; tried again when the job goes on\n"),
        "{said}"
    );
}

#[test]
fn whoever_is_unknown_is_said_where_he_was_looked_for() {
    let (syncline, job) = installation(6);
    let whom = ["--user", "nobody@contoso.example"];
    let arguments = [&["explain", "--job", &job][..], &whom].concat();
    let said = syncline.fails(&arguments);
    assert!(
        said.contains("there is no user `nobody@contoso.example`: not in the source"),
        "{said}"
    );
    assert!(said.contains("jobs show"), "{said}");
    let id = "00000000-0000-4000-8000-000000000000";
    let said = syncline.fails(&["explain", "--job", &job, "--user", id]);
    assert!(said.contains(&format!("there is no user `{id}`")), "{said}");
    let said = syncline.fails(&["explain", "--job", "nobody's", "--user", id]);
    assert!(
        said.contains("`syncline jobs list` shows the jobs"),
        "{said}"
    );
}

#[test]
fn whoever_comes_after_the_last_cycle_waits_for_the_next() {
    let (syncline, job) = installation(6);
    syncline.json(&["jobs", "run", "--job", &job, "--wait"]);
    import(&syncline, 6..7);
    let said = text(&syncline, &job, &["--user", "p6@contoso.example"]);
    assert!(
        first_line(&said).contains("or the target has changed since; the next cycle is due at"),
        "{said}"
    );
}
