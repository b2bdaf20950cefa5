//! `links`: who is linked to what, and the accounts that nobody keeps in step.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};

use crate::configuration::{
    change_schema, configure, import, installation, installation_that_takes_groups,
};
use crate::jobs::nobody_of_sales;
use crate::support::{Syncline, names_in, stderr, stdout, token};

const FORMULA: &str = "=HYPERLINK(\"https://evil.example\")";
const P1_IN_TARGET: &str = "p1_contoso.example#EXT#@fabrikam.onmicrosoft.com";

/// Three people, of whom p1 left the scope and was removed. The name of p2 is a formula.
fn with_one_removed() -> (Syncline, String) {
    let (syncline, job) = installation(3);
    let run = ["jobs", "run", "--job", &job, "--wait"];
    syncline.json(&run);
    let moved = format!(
        "userPrincipalName,displayName,department\n\
         p0@contoso.example,Person 0,IT\n\
         p2@contoso.example,\"{}\",IT\n",
        FORMULA.replace('"', "\"\"")
    );
    let file = syncline.file("moved.csv", moved.as_bytes());
    syncline.json(&["import", "--tenant", "contoso.example", &file]);
    change_schema(&syncline, &job, nobody_of_sales);
    let report = syncline.json(&run);
    assert_eq!(report["counts"]["deleted"], 1);
    (syncline, job)
}

fn text(syncline: &Syncline, job: &str, more: &[&str]) -> String {
    let output = syncline.run(&[&["links", "--job", job], more].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    stdout(&output)
}

fn listed(syncline: &Syncline, job: &str, more: &[&str]) -> Value {
    syncline.json(&[&["links", "--job", job], more].concat())
}

fn names(listed: &Value) -> Vec<&str> {
    let rows = listed["value"].as_array().unwrap().iter();
    rows.map(|it| it["source"]["name"].as_str().unwrap())
        .collect()
}

fn rows(file: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_path(file)
        .unwrap();
    let records = reader.records().map(Result::unwrap);
    records
        .map(|record| record.iter().map(str::to_owned).collect())
        .collect()
}

#[test]
fn links_are_listed_by_state_and_counted() {
    let (syncline, job) = with_one_removed();
    let all = listed(&syncline, &job, &[]);
    assert_eq!(all["jobId"], job.as_str());
    assert_eq!(
        all["counts"],
        json!({ "kept": 2, "removed": 1, "released": 0 })
    );
    assert_eq!((&all["count"], &all["obstacle"]), (&json!(3), &json!(null)));
    let people = [
        "p0@contoso.example",
        "p1@contoso.example",
        "p2@contoso.example",
    ];
    assert_eq!(names(&all), people);
    let p0 = &all["value"][0];
    assert_eq!(
        (&p0["kind"], &p0["state"]),
        (&json!("user"), &json!("kept"))
    );
    assert_eq!(p0["source"]["state"], "live");
    assert_eq!(p0["target"]["state"], "live");
    assert_eq!(
        p0["target"]["name"],
        "p0_contoso.example#EXT#@fabrikam.onmicrosoft.com"
    );
    assert_eq!(p0["target"]["displayName"], "Person 0");

    let removed = listed(&syncline, &job, &["--state", "removed"]);
    assert_eq!(names(&removed), [people[1]]);
    assert_eq!(removed["count"], 1);
    assert_eq!(removed["counts"], all["counts"]);
    assert_eq!(removed["value"][0]["target"]["state"], "inRecycleBin");
    let groups = listed(&syncline, &job, &["--kind", "group"]);
    assert_eq!((&groups["count"], names(&groups)), (&json!(0), vec![]));
    let first = listed(&syncline, &job, &["--top", "1"]);
    assert_eq!(
        (&first["count"], names(&first)),
        (&json!(3), vec![people[0]])
    );

    let said = text(&syncline, &job, &["--top", "2"]);
    let in_bin = format!("{P1_IN_TARGET} (in the recycle bin)\n");
    assert!(said.contains(&in_bin), "{said}");
    assert!(said.contains("… and 1 more; --top"), "{said}");
    let counts = "\nIn all: 2 kept in step, 1 removed, 0 released.\n";
    assert!(said.ends_with(counts), "{said}");
    let said = text(&syncline, &job, &["--state", "released"]);
    assert!(said.starts_with("There is no such link.\n"), "{said}");
}

#[test]
fn that_everybody_is_matched_anew_is_told_while_it_is_so() {
    let (syncline, job) = with_one_removed();
    syncline.json(&["jobs", "restart", "--job", &job, "--scope", "Full"]);
    let all = listed(&syncline, &job, &[]);
    assert_eq!(
        (&all["matchingAnew"], &all["keptAndGone"]),
        (&json!(true), &json!(0))
    );
    assert_eq!(all["value"][0]["waitsForMatching"], true);
    let anew = "\nEverybody is matched anew: ";
    assert!(text(&syncline, &job, &[]).contains(anew));
    syncline.json(&["jobs", "run", "--job", &job, "--wait"]);
    assert!(!text(&syncline, &job, &[]).contains(anew));
}

#[test]
fn all_links_go_to_a_new_file_that_no_spreadsheet_calculates() {
    let (syncline, job) = with_one_removed();
    let folder = syncline.data().parent().unwrap().join("lists");
    std::fs::create_dir(&folder).unwrap();
    let write = |name: &str| {
        let arguments = ["links", "--job", &job, "--csv", name, "--output", "json"];
        let mut command = syncline.command(&arguments);
        command.current_dir(&folder).output().unwrap()
    };
    // Relative to whoever types it, the server's folder is another one.
    let server = syncline.serve(&["--no-scheduler"]);
    let output = write("links.csv");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let file = folder.join("links.csv");
    assert_eq!(told["file"], file.to_str().unwrap());
    assert_eq!((&told["count"], &told["value"]), (&json!(3), &json!([])));
    assert_eq!(server.stop(), Some(0));
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let written = rows(&file);
    assert_eq!(
        written[0].join(","),
        "kind,state,since,sourceId,sourceName,sourceDisplayName,sourceState,targetId,targetName,targetDisplayName,targetState,waitsForMatching"
    );
    let all = listed(&syncline, &job, &[]);
    assert_eq!(written.len(), 4);
    for (row, link) in written[1..].iter().zip(all["value"].as_array().unwrap()) {
        let text = |pointer: &str| link.pointer(pointer).unwrap().as_str().unwrap().to_owned();
        let calculated = |name: String| name.replace('=', "'=");
        let expected = [
            text("/kind"),
            text("/state"),
            text("/since"),
            text("/source/id"),
            text("/source/name"),
            calculated(text("/source/displayName")),
            text("/source/state"),
            text("/target/id"),
            text("/target/name"),
            calculated(text("/target/displayName")),
            text("/target/state"),
            link["waitsForMatching"].to_string(),
        ];
        assert_eq!(row, &expected);
    }
    assert_eq!(written[3][5], format!("'{FORMULA}"));

    // What is there is not replaced, with or without a server, and nothing else is left behind.
    std::fs::write(&file, "mine").unwrap();
    let output = write("links.csv");
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("is there already"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    let output = write(syncline.data().join("links.csv").to_str().unwrap());
    assert!(stderr(&output).contains("in the data directory"));
    let output = write("nowhere/links.csv");
    assert!(stderr(&output).contains("there is no folder"));
    assert_eq!(names_in(&folder), ["links.csv"]);
    assert!(!syncline.data().join("links.csv").exists());
}

#[test]
fn an_account_that_nobody_keeps_in_step_is_found() {
    let (syncline, job) = with_one_removed();
    let restore = ["deleted", "restore", "--tenant", "fabrikam.example"];
    syncline.json(&[&restore[..], &["--user", P1_IN_TARGET]].concat());
    let found = listed(&syncline, &job, &["--unlinked"]);
    assert_eq!(
        (&found["count"], &found["kept"], &found["keptByOtherJobs"]),
        (&json!(1), &json!(2), &json!(0))
    );
    let account = &found["value"][0];
    assert_eq!(found["kinds"], json!(["user"]));
    assert_eq!(account["target"]["name"], P1_IN_TARGET);
    assert_eq!(account["why"], "restored");
    assert_eq!(account["accountEnabled"], true);
    assert_eq!(account["link"]["jobId"], job.as_str());
    assert_eq!(account["link"]["source"]["name"], "p1@contoso.example");
    assert_eq!(account["link"]["source"]["state"], "live");
    let said = text(&syncline, &job, &["--unlinked"]);
    assert!(said.contains("restored by somebody"), "{said}");
    let counts = "\n1 user came from the source and is kept in step by no job; others are kept: 2 by this job, 0 by other jobs.\n";
    assert!(said.contains(counts), "{said}");
    assert!(!said.contains("stand still"), "{said}");

    let file = syncline.data().with_file_name("accounts.csv");
    let csv = ["--unlinked", "--csv", file.to_str().unwrap()];
    let told = listed(&syncline, &job, &csv);
    assert_eq!((&told["count"], &told["value"]), (&json!(1), &json!([])));
    let written = rows(&file);
    let text_of = |pointer: &str| account.pointer(pointer).unwrap().as_str().unwrap();
    assert_eq!(
        written[0].join(","),
        "kind,id,name,displayName,accountEnabled,why,jobId,since,sourceId,sourceName,sourceDisplayName,sourceState"
    );
    assert_eq!(written.len(), 2);
    assert_eq!(
        written[1],
        [
            "user",
            text_of("/target/id"),
            P1_IN_TARGET,
            "Person 1",
            "true",
            "restored",
            &job,
            text_of("/link/since"),
            text_of("/link/source/id"),
            "p1@contoso.example",
            "Person 1",
            "live"
        ]
    );

    syncline.json(&["jobs", "pause", "--job", &job]);
    let said = text(&syncline, &job, &["--unlinked"]);
    let still = "\n2 of these are kept by jobs that stand still now: not started, paused,";
    assert!(said.contains(still), "{said}");
}

#[test]
fn what_was_not_asked_for_is_not_called_good() {
    let (syncline, job) = with_one_removed();
    let said = text(&syncline, &job, &["--unlinked", "--kind", "user"]);
    let kept =
        "Every user that came from the source is kept in step: 2 by this job, 0 by other jobs.\n";
    assert_eq!(said, kept);
    // The target lets no groups in.
    let groups = text(&syncline, &job, &["--unlinked", "--kind", "group"]);
    assert!(
        groups.starts_with("The groups of the target were not read: "),
        "{groups}"
    );
    assert_eq!(groups.lines().count(), 1);
    let both = text(&syncline, &job, &["--unlinked"]);
    assert_eq!(both, format!("{groups}{kept}"));
    let told = listed(&syncline, &job, &["--unlinked"]);
    assert_eq!(told["kinds"], json!(["user"]));
    assert_eq!(told["unread"][0]["kind"], "group");

    let (syncline, job) = installation_that_takes_groups(1);
    let said = text(&syncline, &job, &["--unlinked", "--kind", "group"]);
    assert_eq!(said, "No group in the target came from the source.\n");
    let said = text(&syncline, &job, &["--unlinked"]);
    assert_eq!(
        said,
        "No user or group in the target came from the source.\n"
    );
}

#[test]
fn a_target_that_lets_nobody_in_is_told_and_leaves_no_file() {
    let syncline = Syncline::new();
    let server = syncline.serve(&["--no-scheduler"]);
    let (source, target) = (syncline.tenant("contoso"), syncline.tenant("fabrikam"));
    import(&syncline, 0..2);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let job = runtime.block_on(configure(&server, &source, &target, &[]));
    syncline.json(&["jobs", "start", "--job", &job]);
    syncline.json(&["jobs", "run", "--job", &job, "--wait"]);
    let ask_fabrikam = |method: Method, path: String| {
        runtime.block_on(async {
            let url = format!("{}/v1.0/{path}", server.origin);
            let request = server.client().request(method, url);
            let request = request.bearer_auth(token(&server, &target).await);
            let answer = request.send().await.unwrap();
            assert!(answer.status().is_success(), "{}", answer.status());
        });
    };
    let all = listed(&syncline, &job, &[]);
    assert_eq!(
        (&all["obstacle"], &all["keptAndGone"]),
        (&json!(null), &json!(0))
    );
    let p1 = all["value"][1]["target"]["id"].as_str().unwrap();
    ask_fabrikam(Method::DELETE, format!("users/{p1}"));
    ask_fabrikam(Method::DELETE, format!("directory/deletedItems/{p1}"));
    let file = syncline.data().with_file_name("links.csv");
    let said = text(&syncline, &job, &["--csv", file.to_str().unwrap()]);
    let gone =
        "\nWhat is kept but gone from the target was deleted there for good, or is in the tenant";
    assert!(said.contains(gone), "{said}");
    assert_eq!(rows(&file)[2][8..], ["", "", "gone", "false"]);

    let partner = source["tenantId"].as_str().unwrap();
    let path =
        format!("policies/crossTenantAccessPolicy/partners/{partner}/identitySynchronization");
    ask_fabrikam(Method::DELETE, path);
    let all = listed(&syncline, &job, &[]);
    assert_eq!(all["obstacle"]["kind"], "refused");
    let link = &all["value"][0];
    assert_eq!(link["source"]["name"], "p0@contoso.example");
    assert_eq!(
        (&link["target"]["name"], &link["target"]["state"]),
        (&json!(""), &json!(null))
    );
    let said = text(&syncline, &job, &[]);
    assert!(
        said.contains("\nThe target was not read, so its names are missing: "),
        "{said}"
    );

    let folder = syncline.data().parent().unwrap().to_owned();
    let before = names_in(&folder);
    let file = folder.join("accounts.csv");
    let unlinked = ["links", "--job", &job, "--unlinked", "--csv"];
    let told = syncline.fails(&[&unlinked[..], &[file.to_str().unwrap()]].concat());
    assert!(told.contains("the target is not read: "), "{told}");
    assert_eq!(names_in(&folder), before);
}
