//! `plan --file` without a job, and `apply`: configurations as a file has them.

mod asked;
mod assigned;
mod quarantine;
mod schedule;
mod schema;
mod stopped;
mod target;
mod wrong;

use std::process::Output;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Syncline, stderr, stdout, token};

/// Contoso with Ana, and Ben and Chi in the group Sales; and Fabrikam.
fn two_tenants() -> Syncline {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    syncline.tenant("fabrikam");
    let people = b"userPrincipalName,displayName,department
ana@contoso.example,Ana Souza,Marketing
ben@contoso.example,Ben Okafor,Sales
chi@contoso.example,Chi Tanaka,Sales
";
    let groups = b"displayName,member
Sales,ben@contoso.example
Sales,chi@contoso.example
";
    let people = syncline.file("people.csv", people);
    let groups = syncline.file("groups.csv", groups);
    syncline.json(&[
        "import",
        "--tenant",
        "contoso.example",
        &people,
        "--groups",
        &groups,
    ]);
    syncline
}

const BEGIN: &str = "configurations:
  - name: Fabrikam
    source: contoso.example
    target: fabrikam.example
";
const POLICY: &str = "    policy: { users: true, automaticRedemption: true }\n";

/// The file with this behind the ends of its first configuration.
fn file(syncline: &Syncline, more: &str) -> String {
    syncline.file("sync.yaml", format!("{BEGIN}{more}").as_bytes())
}

/// A plan promises what is written then.
fn apply(syncline: &Syncline, more: &str) -> Value {
    let planned = plan(syncline, more);
    let applied = syncline.json(&["apply", &file(syncline, more)]);
    assert_eq!(planned["applied"], false);
    assert_eq!(applied["applied"], true);
    let all = |answer: &Value| answer["configurations"].as_array().unwrap().clone();
    for (planned, applied) in all(&planned).iter().zip(all(&applied)) {
        for part in [
            "name",
            "source",
            "target",
            "changes",
            "takesAway",
            "refused",
            "remarks",
        ] {
            assert_eq!(planned[part], applied[part], "{part}: {planned}");
        }
    }
    assert_eq!(changes(&plan(syncline, more)), Vec::<&str>::new());
    applied
}

fn plan(syncline: &Syncline, more: &str) -> Value {
    syncline.json(&["plan", "--file", &file(syncline, more)])
}

fn changes(answer: &Value) -> Vec<&str> {
    let configurations = answer["configurations"].as_array().unwrap().iter();
    let all = configurations.flat_map(|it| it["changes"].as_array().unwrap());
    all.map(|it| it["what"].as_str().unwrap()).collect()
}

fn job(answer: &Value) -> String {
    let id = &answer["configurations"][0]["jobId"];
    id.as_str().unwrap().to_owned()
}

fn service_principal(syncline: &Syncline, job: &str) -> String {
    let planned = syncline.json(&["plan", "--job", job]);
    planned["servicePrincipal"].as_str().unwrap().to_owned()
}

fn refused(syncline: &Syncline, arguments: &[&str]) -> String {
    let output: Output = syncline.run(arguments);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    stderr(&output)
}

fn created(syncline: &Syncline, job: &str) -> Value {
    syncline.json(&["plan", "--job", job])["counts"]["created"].clone()
}

#[test]
fn a_file_makes_a_configuration_that_works_and_a_second_run_changes_nothing() {
    let syncline = two_tenants();
    let wanted = format!(
        "{POLICY}    scope: assigned\n    assigned: {{ users: [ana@contoso.example], groups: [sales] }}\n    accidentalDeletionThreshold: 20\n    state: started\n"
    );
    let all = [
        "usersAllowed",
        "inboundRedemption",
        "outboundRedemption",
        "createConfiguration",
        "accidentalDeletionThreshold",
        "createJob",
        "assign",
        "assign",
        "state",
    ];
    // A plan writes nothing, however often it is asked for.
    for _ in 0..2 {
        let planned = plan(&syncline, &wanted);
        assert_eq!(changes(&planned), all);
        assert_eq!(planned["applied"], false);
        assert_eq!(planned["configurations"][0]["jobId"], Value::Null);
        assert_eq!(syncline.json(&["jobs", "list"])["jobs"], json!([]));
    }
    let applied = apply(&syncline, &wanted);
    assert_eq!(changes(&applied), all);
    assert_eq!(applied["applied"], true);
    assert_eq!(applied["configurations"][0]["active"], true);

    let again = apply(&syncline, &wanted);
    assert_eq!(changes(&again), Vec::<&str>::new());
    assert_eq!(job(&again), job(&applied));
    assert_eq!(changes(&plan(&syncline, &wanted)), Vec::<&str>::new());

    let shown = syncline.json(&["jobs", "show", "--job", &job(&applied)]);
    assert_eq!(shown["deletionThreshold"]["value"], 20);
    assert_eq!(shown["name"], "Fabrikam");
    let report = syncline.json(&["jobs", "run", "--job", &job(&applied), "--wait"]);
    assert_eq!(report["counts"]["created"], 3, "{report}");
}

#[test]
fn what_the_file_leaves_out_stays_as_it_is() {
    let syncline = two_tenants();
    let job = job(&apply(
        &syncline,
        &format!(
            "{POLICY}    scope: all\n    accidentalDeletionThreshold: 7\n    state: started\n"
        ),
    ));
    assert_eq!(changes(&apply(&syncline, "")), Vec::<&str>::new());
    assert_eq!(created(&syncline, &job), 3);

    // One thing after the other.
    let only = |more: &str, expected: &str| {
        assert_eq!(changes(&apply(&syncline, more)), [expected], "{more}");
        assert_eq!(changes(&apply(&syncline, more)), Vec::<&str>::new());
    };
    let narrower = file(&syncline, "    scope: assigned\n");
    let said = refused(&syncline, &["apply", &narrower]);
    assert!(said.contains("~ scope: all users and groups → assigned"));
    assert_eq!(created(&syncline, &job), 3);
    let narrowed = syncline.json(&["apply", &narrower, "--remove"]);
    assert_eq!(changes(&narrowed), ["scope"]);
    assert_eq!(created(&syncline, &job), 0);
    only("    assigned: { groups: [Sales] }\n", "assign");
    assert_eq!(created(&syncline, &job), 2);
    only(
        "    accidentalDeletionThreshold: 3\n",
        "accidentalDeletionThreshold",
    );
    for looser in ["off", "4"] {
        let looser = file(
            &syncline,
            &format!("    accidentalDeletionThreshold: {looser}\n"),
        );
        let said = refused(&syncline, &["apply", &looser]);
        assert!(said.contains("~ accidental-deletion threshold: 3 → "));
    }
    let off = file(&syncline, "    accidentalDeletionThreshold: off\n");
    let answer = syncline.json(&["apply", &off, "--remove"]);
    let change = json!({ "what": "accidentalDeletionThreshold", "from": 3, "to": "off" });
    assert_eq!(answer["configurations"][0]["changes"], json!([change]));
    only("    state: paused\n", "state");
    only("    policy: { groups: true }\n", "groupsAllowed");
    let shown = syncline.json(&["jobs", "show", "--job", &job]);
    assert_eq!(shown["deletionThreshold"]["enabled"], false);
    assert_eq!(shown["deletionThreshold"]["value"], 3);
    assert_eq!(shown["status"], "Paused");
    let resumed = file(&syncline, "    state: started\n");
    let resumed = syncline.json(&["apply", &resumed, "--resume"]);
    assert_eq!(changes(&resumed), ["state"]);
    assert_eq!(created(&syncline, &job), 2);
}

#[test]
fn one_wrong_configuration_and_none_is_written() {
    let syncline = two_tenants();
    let more = format!(
        "{POLICY}    scope: all
  - name: Second
    source: contoso.example
    target: fabrikam.example
    assigned: {{ groups: [Purchase] }}
"
    );
    let said = refused(&syncline, &["apply", &file(&syncline, &more)]);
    assert!(
        said.contains("there is no group `Purchase` in contoso.example"),
        "{said}"
    );
    assert_eq!(syncline.json(&["jobs", "list"])["jobs"], json!([]));
    let planned = plan(&syncline, POLICY);
    assert_eq!(changes(&planned).len(), 5, "{planned}");

    // Without it both are made, and the policy of the two tenants is said once.
    let more = more.replace("    assigned: { groups: [Purchase] }\n", "");
    let applied = apply(&syncline, &more);
    assert_eq!(changes(&applied).len(), 3 + 3 + 2);
    for configuration in applied["configurations"].as_array().unwrap() {
        assert_eq!(configuration["refused"], Value::Null);
    }
    assert_eq!(
        syncline.json(&["jobs", "list"])["jobs"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

/// What they say of each other, and of the way back, stands in the same documents.
#[test]
fn two_tenants_that_synchronize_into_each_other_are_let_in_and_shut_out() {
    let syncline = two_tenants();
    let both = "    POLICY
  - name: Contoso
    source: fabrikam.example
    target: contoso.example
    POLICY
";
    let open = both.replace("POLICY", POLICY.trim());
    let applied = apply(&syncline, &open);
    assert_eq!(changes(&applied).len(), 2 * (3 + 2), "{applied}");
    let shut = both.replace(
        "POLICY",
        "policy: { users: false, automaticRedemption: false }",
    );
    let file = file(&syncline, &shut);
    let shut_out = syncline.json(&["apply", &file, "--remove"]);
    assert_eq!(changes(&shut_out).len(), 2 * 3, "{shut_out}");
    assert_eq!(changes(&plan(&syncline, &shut)), Vec::<&str>::new());
    for configuration in shut_out["configurations"].as_array().unwrap() {
        let job = configuration["jobId"].as_str().unwrap();
        assert!(configuration["refused"]["message"].is_string());
        let planned = syncline.run(&["plan", "--job", job]);
        assert_eq!(planned.status.code(), Some(1), "{}", stdout(&planned));
    }
}

#[test]
fn what_is_taken_away_must_be_asked_for() {
    let syncline = two_tenants();
    let assigned = "    assigned: { users: [ana@contoso.example, ben@contoso.example] }\n";
    let job = job(&apply(&syncline, &format!("{POLICY}{assigned}")));
    assert_eq!(created(&syncline, &job), 2);

    let fewer = "    policy: { users: false, automaticRedemption: false }\n    assigned: { users: [ben@contoso.example] }\n";
    let file = file(&syncline, fewer);
    let said = refused(&syncline, &["apply", &file]);
    for line in [
        "- fabrikam.example no longer lets users of contoso.example be synchronized into it",
        "- fabrikam.example no longer redeems invitations of contoso.example automatically",
        "- contoso.example no longer consents for its users that fabrikam.example does",
        "- no longer assigned: user ana@contoso.example",
        "nothing was written",
        "--remove",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert_eq!(created(&syncline, &job), 2);

    // A plan says it without being asked, and that the job could not work.
    let planned = syncline.json(&["plan", "--file", &file]);
    let refusal = planned["configurations"][0]["refused"]["message"]
        .as_str()
        .unwrap();
    assert!(refusal.contains("has not enabled inbound synchronization"));
    assert_eq!(
        changes(&syncline.json(&["apply", &file, "--remove"])).len(),
        4
    );
    let planned = syncline.run(&["plan", "--job", &job]);
    assert_eq!(planned.status.code(), Some(1), "{}", stdout(&planned));

    apply(&syncline, POLICY);
    assert_eq!(created(&syncline, &job), 1);
}

/// What the API answers an application of Contoso.
fn as_contoso<const N: usize>(
    syncline: &Syncline,
    calls: [(Method, &str, Value); N],
) -> [Value; N] {
    let contoso = syncline.json(&["tenant", "recover", "contoso.example"]);
    let server = syncline.serve(&["--no-scheduler"]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let token = runtime.block_on(token(&server, &contoso));
    let client = server.client();
    let answers = calls.map(|(method, path, body)| {
        let mut request = client
            .request(method, format!("{}/beta/{path}", server.origin))
            .bearer_auth(&token);
        if !body.is_null() {
            request = request.json(&body);
        }
        runtime.block_on(async {
            let answer = request.send().await.unwrap();
            let status = answer.status();
            let text = answer.text().await.unwrap();
            assert!(status.is_success(), "{status} {text}");
            serde_json::from_str(&text).unwrap_or_default()
        })
    });
    assert_eq!(server.stop(), Some(0));
    answers
}

#[test]
fn a_server_does_it_too() {
    let syncline = two_tenants();
    let server = syncline.serve(&["--no-scheduler"]);
    let wanted = format!("{POLICY}    scope: all\n    state: started\n");
    // The file is named as it lies for who types, wherever the server runs.
    file(&syncline, &wanted);
    let mut command = syncline.command(&["apply", "sync.yaml"]);
    let folder = std::path::PathBuf::from(file(&syncline, &wanted));
    let output = command
        .current_dir(folder.parent().unwrap())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let said = stdout(&output);
    assert!(
        said.starts_with("Fabrikam: contoso.example → fabrikam.example\n"),
        "{said}"
    );
    assert!(said.contains("The next cycle follows it."), "{said}");
    assert_eq!(changes(&plan(&syncline, &wanted)), Vec::<&str>::new());
    assert_eq!(server.stop(), Some(0));
}
