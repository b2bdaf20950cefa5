//! `explain` of a user and a group: one reason, and what it was found by.

use serde_json::json;

use crate::configuration::{change_schema, installation_that_takes_groups};
use crate::support::{Syncline, stdout};

const P0: &str = "p0@contoso.example";
const P1: &str = "p1@contoso.example";

/// Contoso has a group Team with these people, and sends its groups.
fn team(members: &[&str]) -> (Syncline, String) {
    let (syncline, job) = installation_that_takes_groups(6);
    change_schema(&syncline, &job, |schema| {
        schema["synchronizationRules"][0]["objectMappings"][1]["enabled"] = true.into();
    });
    import(&syncline, members);
    syncline.json(&["jobs", "run", "--job", &job, "--wait"]);
    (syncline, job)
}

fn import(syncline: &Syncline, members: &[&str]) {
    let mut rows = "displayName,member\n".to_owned();
    for member in members {
        rows.push_str(&format!("Team,{member}\n"));
    }
    let groups = syncline.file("groups.csv", rows.as_bytes());
    let people = syncline.file(
        "nobody.csv",
        b"userPrincipalName,displayName\np0@contoso.example,Person 0\n",
    );
    let tenant = ["import", "--tenant", "contoso.example"];
    syncline.json(&[&tenant[..], &[&people, "--groups", &groups]].concat());
}

fn asked<'a>(job: &'a str, user: &'a str) -> [&'a str; 7] {
    ["explain", "--job", job, "--user", user, "--group", "team"]
}

fn text(syncline: &Syncline, job: &str, user: &str) -> String {
    let output = syncline.run(&asked(job, user));
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    stdout(&output)
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap()
}

#[test]
fn the_first_line_is_the_reason_and_the_others_are_what_it_was_found_by() {
    let (syncline, job) = team(&[P0]);
    let said = text(&syncline, &job, P0);
    assert_eq!(
        first_line(&said),
        format!("{P0} is in Team in the target, as in the source.")
    );
    assert!(!said.contains("What to do"), "{said}");
    assert!(
        said.contains("\ntarget     a member, added by this synchronization\n"),
        "{said}"
    );
    assert!(said.contains("\nmembers    kept in step\n"), "{said}");
    assert!(
        said.contains("The log told of this membership last at ")
            && said.contains(": update success. `syncline logs --job"),
        "{said}"
    );

    let said = text(&syncline, &job, P1);
    assert_eq!(
        first_line(&said),
        format!("{P1} is not in Team in the target, and is no direct member of it in the source.")
    );
    assert!(
        said.contains("The log does not tell of this membership."),
        "{said}"
    );

    import(&syncline, &[P1]);
    let said = text(&syncline, &job, P1);
    assert!(
        first_line(&said).starts_with(&format!(
            "{P1} is not in Team in the target yet: the next cycle, due at "
        )) && first_line(&said).ends_with(" adds them."),
        "{said}"
    );
    // A server says the same.
    let server = syncline.serve(&["--no-scheduler"]);
    assert_eq!(text(&syncline, &job, P1), said);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_membership_that_waits_for_a_held_removal_says_for_which() {
    let (syncline, job) = team(&[P0]);
    let header = "userPrincipalName,displayName,accountEnabled\n";
    let mut rows = header.to_owned();
    for number in 1..6 {
        rows.push_str(&format!(
            "p{number}@contoso.example,Person {number},false\n"
        ));
    }
    let people = syncline.file("disabled.csv", rows.as_bytes());
    syncline.json(&["import", "--tenant", "contoso.example", &people]);
    syncline.bad_news(&["jobs", "run", "--job", &job, "--wait"]);
    import(&syncline, &[P1]);
    let told = syncline.json(&asked(&job, P1));
    assert_eq!(told["verdict"], "held", "{told}");
    assert_eq!(told["inSource"]["direct"], true);
    assert_eq!(told["inTarget"], "absent");
    assert_eq!(told["members"], "inStep");
    assert_eq!(told["heldBy"]["byThreshold"], true);
    assert_eq!(told["heldBy"]["ofGroup"], false);
    assert_eq!(told["heldBy"]["id"], told["user"]["source"]["id"]);
    assert_eq!(told["user"]["verdict"], "held");
    assert_eq!(told["group"]["verdict"], "inTarget");
    let said = text(&syncline, &job, P1);
    assert!(
        first_line(&said).starts_with(&format!(
            "{P1} is not in Team in the target: the removal or disabling of {P1} is held by the deletion threshold"
        )),
        "{said}"
    );
    assert!(
        said.contains("\nWhat to do: If the removal is meant, `syncline jobs restart --job ")
            && said.contains("--scope ForceDeletes` lets it through"),
        "{said}"
    );
}

#[test]
fn whatever_end_is_missing_is_said_with_its_own_reason() {
    let (syncline, job) = team(&[P0]);
    let people = syncline.file(
        "dia.csv",
        b"userPrincipalName,displayName,accountEnabled\ndia@contoso.example,Dia,false\n",
    );
    syncline.json(&["import", "--tenant", "contoso.example", &people]);
    let dia = "dia@contoso.example";
    import(&syncline, &[dia]);
    syncline.json(&["jobs", "run", "--job", &job, "--wait"]);
    let said = text(&syncline, &job, dia);
    assert!(
        first_line(&said).starts_with(&format!(
            "{dia} is not in Team in the target, for {dia} is not in the target"
        )),
        "{said}"
    );
    assert!(
        said.contains(&format!(
            "\nuser       {dia} is not in the target: it is skipped.\n"
        )),
        "{said}"
    );
    change_schema(&syncline, &job, |schema| {
        let groups = &mut schema["synchronizationRules"][0]["objectMappings"][1];
        let mappings = groups["attributeMappings"].as_array_mut().unwrap();
        mappings.retain(|it| it["targetAttributeName"] != json!("members"));
    });
    let said = text(&syncline, &job, P0);
    assert!(
        first_line(&said).starts_with("The members of Team are not synchronized"),
        "{said}"
    );
    syncline.json(&["jobs", "pause", "--job", &job]);
    let said = text(&syncline, &job, P0);
    assert!(
        first_line(&said).starts_with("Everything stands still: the job is paused."),
        "{said}"
    );
}

#[test]
fn whichever_is_unknown_is_named() {
    let (syncline, job) = team(&[P0]);
    let said = syncline.fails(&asked(&job, "nobody@contoso.example"));
    assert!(
        said.contains("there is no user `nobody@contoso.example`"),
        "{said}"
    );
    let nowhere = "00000000-0000-4000-8000-000000000000";
    for group in ["Nowhere", nowhere] {
        let arguments = ["explain", "--job", &job, "--user", P0, "--group", group];
        let said = syncline.fails(&arguments);
        assert!(
            said.contains(&format!("there is no group `{group}`")),
            "{said}"
        );
    }
}
