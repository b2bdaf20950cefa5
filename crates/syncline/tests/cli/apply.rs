//! `plan --file` without a job, and `apply`: configurations as a file has them.

use std::process::Output;

use reqwest::Method;
use serde_json::{Value, json};

use crate::configuration::{change_schema, installation};
use crate::jobs::nobody_of_sales;
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
        for part in ["name", "source", "target", "changes", "refused", "remarks"] {
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
    only("    state: started\n", "state");
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
        assert!(configuration["refused"].is_string());
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
    let refusal = planned["configurations"][0]["refused"].as_str().unwrap();
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

#[test]
fn a_schema_comes_from_a_file_beside_it_whatever_job_it_was_exported_from() {
    let (other, exported_from) = installation(1);
    change_schema(&other, &exported_from, nobody_of_sales);
    let schema = other.json(&["schema", "export", "--job", &exported_from]);

    let syncline = two_tenants();
    syncline.file("schema.json", schema.to_string().as_bytes());
    let wanted = format!("{POLICY}    scope: all\n    schema: schema.json\n");
    assert!(changes(&plan(&syncline, &wanted)).contains(&"saveSchema"));
    let applied = apply(&syncline, &wanted);
    assert!(changes(&applied).contains(&"saveSchema"));
    let job = job(&applied);
    // Ben and Chi are of Sales.
    assert_eq!(created(&syncline, &job), 1);
    assert_eq!(changes(&apply(&syncline, &wanted)), Vec::<&str>::new());

    // What it does is said before it is saved, too.
    let file = syncline.file("schema.json", schema.to_string().as_bytes());
    let planned = syncline.json(&["plan", "--job", &job, "--file", &file]);
    assert_eq!(planned["counts"]["created"], 1);

    // Somebody changes it; the file has the last word, and says so.
    let own = syncline.json(&["schema", "export", "--job", &job]);
    assert_ne!(
        own["synchronizationRules"][0]["id"],
        schema["synchronizationRules"][0]["id"]
    );
    change_schema(&syncline, &job, |schema| {
        let rule = &mut schema["synchronizationRules"][0];
        rule["objectMappings"][0]["scope"] = Value::Null;
    });
    assert_eq!(created(&syncline, &job), 3);
    assert_eq!(changes(&plan(&syncline, &wanted)), ["saveSchema"]);
    assert_eq!(changes(&apply(&syncline, &wanted)), ["saveSchema"]);
    assert_eq!(created(&syncline, &job), 1);

    // One that would not be taken is told by a plan, and before there is a job.
    let broken = schema
        .to_string()
        .replace("[userPrincipalName]", "[nobodyKnows]");
    assert_ne!(broken, schema.to_string());
    syncline.file("schema.json", broken.as_bytes());
    for name in ["Fabrikam", "Another"] {
        let text = format!("{BEGIN}{wanted}").replace("name: Fabrikam", &format!("name: {name}"));
        let file = syncline.file("sync.yaml", text.as_bytes());
        for command in [vec!["plan", "--file", &file], vec!["apply", &file]] {
            let said = refused(&syncline, &command);
            assert!(said.contains("schema.json cannot be saved"), "{said}");
        }
    }
    assert_eq!(created(&syncline, &job), 1);
}

#[test]
fn what_is_wrong_in_a_file_is_said_with_its_place() {
    let syncline = two_tenants();
    let wrong = |text: &str, expected: &str| {
        let file = syncline.file("wrong.yaml", text.as_bytes());
        for command in [vec!["plan", "--file", &file], vec!["apply", &file]] {
            let said = refused(&syncline, &command);
            assert!(said.contains(expected), "{expected}: {said}");
            assert!(!said.contains("panicked"), "{said}");
        }
    };
    let with = |more: &str| format!("{BEGIN}{more}");
    wrong("", "wrong.yaml");
    wrong("configurations: []", "has no configuration");
    wrong(
        &with("    treshold: 5\n"),
        "line 5 column 5: unknown field `treshold`, expected one of",
    );
    wrong(
        &with("    scope: everybody\n"),
        "unknown variant `everybody`",
    );
    wrong(
        &with("    accidentalDeletionThreshold: -1\n"),
        "no threshold below zero",
    );
    wrong(
        &with("    accidentalDeletionThreshold: many\n"),
        "a number of deletions, or off",
    );
    wrong(&with("    scope: all\n    scope: all\n"), "duplicate");
    wrong(
        &with("    scope: all\n    assigned: {}\n"),
        "leave `assigned` out",
    );
    wrong(&BEGIN.replace("name: Fabrikam", "name: ''"), "a name has");
    wrong(
        &BEGIN.replace("name: Fabrikam", r#"name: "a\nForged: all is well""#),
        r"the configuration `a\nForged: all is well`: a name has",
    );
    wrong(
        &BEGIN.replace("fabrikam.example", "contoso.example"),
        "into itself",
    );
    wrong(
        &BEGIN.replace("fabrikam.example", "tailspin.example"),
        "tailspin.example",
    );
    wrong(
        &with("    assigned: { users: [nobody@contoso.example] }\n"),
        "there is no user `nobody@contoso.example` in contoso.example",
    );
    wrong(&with("    schema: nowhere.json\n"), "cannot read");
    let twice = "  - { name: fabrikam, source: contoso.example, target: fabrikam.example }\n";
    wrong(&with(twice), "stands in the file twice");
    let other = "    policy: { users: true }
  - name: Other
    source: contoso.example
    target: fabrikam.example
    policy: { users: false }
";
    wrong(&with(other), "want different policies");
    wrong(
        "{\"synchronizationRules\": []}",
        "is a schema, which belongs to one job",
    );
    wrong(&"#".repeat(1024 * 1024 + 1), "is longer than 1 MiB");
    // Ten times ten times ten … of nothing.
    let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..10 {
        let of = format!("*a{},", level - 1).repeat(10);
        bomb.push_str(&format!("a{level}: &a{level} [{of}]\n"));
    }
    wrong(&format!("{bomb}configurations: *a9\n"), "wrong.yaml");
    assert_eq!(syncline.json(&["jobs", "list"])["jobs"], json!([]));
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
fn of_two_groups_with_one_name_one_is_named_by_its_id() {
    let syncline = two_tenants();
    let group = json!({
        "displayName": "Sales",
        "mailEnabled": false,
        "mailNickname": "sales2",
        "securityEnabled": true,
    });
    let [group] = as_contoso(&syncline, [(Method::POST, "groups", group)]);
    let id = group["id"].as_str().unwrap();
    let by_name = file(&syncline, "    assigned: { groups: [Sales] }\n");
    let said = refused(&syncline, &["apply", &by_name]);
    assert!(
        said.contains("2 groups of contoso.example have the name `Sales`"),
        "{said}"
    );
    assert!(said.contains(id), "{said}");
    let by_id = format!("{POLICY}    assigned: {{ groups: ['{id}'] }}\n");
    let applied = apply(&syncline, &by_id);
    assert_eq!(created(&syncline, &job(&applied)), 0);
    assert_eq!(changes(&apply(&syncline, &by_id)), Vec::<&str>::new());
}

#[test]
fn of_a_kind_that_the_file_leaves_out_all_stay_assigned() {
    let syncline = two_tenants();
    let both = "    assigned: { users: [ana@contoso.example], groups: [Sales] }\n";
    let job = job(&apply(&syncline, &format!("{POLICY}{both}")));
    // A service principal is none of those who are synchronized, and stays, too.
    let configuration = &service_principal(&syncline, &job);
    let [principals] = as_contoso(
        &syncline,
        [(Method::GET, "servicePrincipals?$top=50", json!(null))],
    );
    let robots = principals["value"].as_array().unwrap().iter();
    let mut robots = robots.filter(|it| it["id"] != configuration.as_str());
    let robot = &robots.next().unwrap()["id"];
    let assigned = format!("servicePrincipals/{configuration}/appRoleAssignedTo");
    let assignment = json!({
        "principalId": robot,
        "resourceId": configuration,
        "appRoleId": "00000000-0000-0000-0000-000000000000",
    });
    as_contoso(&syncline, [(Method::POST, &assigned, assignment)]);

    for same in [both, "    assigned: {}\n", "    assigned:\n"] {
        assert_eq!(changes(&apply(&syncline, same)), Vec::<&str>::new());
    }
    for same in ["users: [ana@contoso.example]", "groups: [sales]"] {
        let same = format!("    assigned: {{ {same} }}\n");
        assert_eq!(changes(&apply(&syncline, &same)), Vec::<&str>::new());
    }
    let nobody = file(&syncline, "    assigned: { users: [], groups: [] }\n");
    let answer = syncline.json(&["apply", &nobody, "--remove"]);
    assert_eq!(changes(&answer), ["unassign", "unassign"]);
    let [left] = as_contoso(&syncline, [(Method::GET, &assigned, json!(null))]);
    assert_eq!(left["value"].as_array().unwrap().len(), 1, "{left}");
    assert_eq!(&left["value"][0]["principalId"], robot);
}

#[test]
fn what_has_no_effect_is_remarked() {
    let syncline = two_tenants();
    let group = json!({
        "displayName": "Everybody",
        "groupTypes": ["Unified"],
        "mailEnabled": true,
        "mailNickname": "everybody",
        "securityEnabled": false,
    });
    as_contoso(&syncline, [(Method::POST, "groups", group)]);
    let wanted = format!("{POLICY}    scope: all\n    state: started\n");
    let job = job(&apply(&syncline, &wanted));
    let answer = apply(&syncline, "    assigned: { groups: [Everybody] }\n");
    let remarks = &answer["configurations"][0]["remarks"];
    assert!(
        remarks[0]
            .as_str()
            .unwrap()
            .contains("Everybody is no security group"),
        "{remarks}"
    );
    assert!(
        remarks[1]
            .as_str()
            .unwrap()
            .contains("who is assigned makes no difference"),
        "{remarks}"
    );
    assert_eq!(created(&syncline, &job), 3);
}

#[test]
fn a_configuration_keeps_its_target_and_its_name_is_its_own() {
    let syncline = two_tenants();
    syncline.tenant("tailspin");
    apply(&syncline, POLICY);
    let elsewhere = format!("{BEGIN}{POLICY}").replace("fabrikam.example", "tailspin.example");
    let elsewhere = syncline.file("elsewhere.yaml", elsewhere.as_bytes());
    let said = refused(&syncline, &["apply", &elsewhere]);
    assert!(said.contains("a job keeps its target"), "{said}");
    // Not even where somebody has taken the target away: what is linked is there.
    let id = job(&apply(&syncline, "    scope: all\n    state: started\n"));
    syncline.json(&["jobs", "run", "--job", &id, "--wait"]);
    let configuration = &service_principal(&syncline, &id);
    let secrets = format!("servicePrincipals/{configuration}/synchronization/secrets");
    let none = json!({ "value": [{ "key": "CompanyId", "value": "" }] });
    as_contoso(&syncline, [(Method::PUT, &secrets, none)]);
    let said = refused(&syncline, &["apply", &elsewhere]);
    assert!(said.contains("has links into the target that it had before"));
    let fabrikam = syncline.json(&["tenant", "list"])["tenants"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it.to_string().contains("fabrikam.example"))
        .unwrap()["tenantId"]
        .clone();
    let again = json!({ "value": [{ "key": "CompanyId", "value": fabrikam }] });
    as_contoso(&syncline, [(Method::PUT, &secrets, again)]);
    assert_eq!(changes(&apply(&syncline, "")), Vec::<&str>::new());

    let template = "applicationTemplates/518e5f48-1fc8-4c48-9387-9fdf28b0dfe7/instantiate";
    let [_, other] = as_contoso(
        &syncline,
        [
            (Method::POST, template, json!({ "displayName": "FABRIKAM" })),
            // No configuration, so nobody takes it for one.
            (
                Method::POST,
                "applications",
                json!({ "displayName": "Other" }),
            ),
        ],
    );
    let principal = json!({ "appId": other["appId"] });
    as_contoso(&syncline, [(Method::POST, "servicePrincipals", principal)]);
    let said = refused(&syncline, &["apply", &file(&syncline, "")]);
    assert!(
        said.contains("2 configurations of contoso.example have the name `Fabrikam`"),
        "{said}"
    );
    let other = BEGIN.replace("name: Fabrikam", "name: Other");
    let other = syncline.file("other.yaml", other.as_bytes());
    let made = syncline.json(&["apply", &other]);
    assert_eq!(changes(&made), ["createConfiguration", "createJob"]);
    // A name that was mistyped makes a second job as well.
    let remark = made["configurations"][0]["remarks"][0].as_str().unwrap();
    assert!(
        remark.contains("of another configuration goes there already"),
        "{remark}"
    );

    // One that is in the recycle bin is not made a second time.
    let path = format!("servicePrincipals/{configuration}");
    let others = "servicePrincipals?$filter=displayName%20eq%20'FABRIKAM'";
    let [_, found] = as_contoso(
        &syncline,
        [
            (Method::DELETE, &path, json!(null)),
            (Method::GET, others, json!(null)),
        ],
    );
    let path = format!(
        "servicePrincipals/{}",
        found["value"][0]["id"].as_str().unwrap()
    );
    as_contoso(&syncline, [(Method::DELETE, &path, json!(null))]);
    let said = refused(&syncline, &["apply", &file(&syncline, "")]);
    assert!(said.contains("is in the recycle bin"), "{said}");
    assert!(said.contains(configuration.as_str()), "{said}");
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
