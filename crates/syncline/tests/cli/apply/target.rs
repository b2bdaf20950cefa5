//! A configuration's name and target.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    BEGIN, POLICY, apply, as_contoso, changes, created, file, job, refused, service_principal,
    two_tenants,
};
use crate::support::{Syncline, stdout};

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
    assert!(said.contains("its job comes back paused"), "{said}");
}

/// Over Graph it may go elsewhere, and back.
#[test]
fn a_plan_tells_who_stays_in_a_target_that_the_job_has_no_more() {
    let syncline = two_tenants();
    let tailspin = syncline.tenant("tailspin");
    let wanted = format!("{POLICY}    scope: all\n    state: started\n");
    let id = job(&apply(&syncline, &wanted));
    let both = format!(
        "{wanted}  - name: Tailspin\n    source: contoso.example\n    target: tailspin.example\n{POLICY}"
    );
    apply(&syncline, &both);
    let plan = ["plan", "--job", &id];
    syncline.json(&["jobs", "run", "--job", &id, "--wait"]);
    let before = syncline.json(&plan);
    assert_eq!(before["leftBehind"], json!(null));

    let configuration = before["servicePrincipal"].as_str().unwrap();
    let secrets = format!("servicePrincipals/{configuration}/synchronization/secrets");
    let other = json!({ "value": [{ "key": "CompanyId", "value": tailspin["tenantId"] }] });
    as_contoso(&syncline, [(Method::PUT, &secrets, other)]);
    assert_eq!(syncline.json(&plan)["leftBehind"]["users"], 3);
    // Which is no damage.
    let links = || {
        let diagnosis: Value =
            serde_json::from_slice(&syncline.run(&["doctor", "--output", "json"]).stdout).unwrap();
        let of_job = |it: &&Value| it["code"] == "linkTargets" && it["jobId"] == id.as_str();
        let checks = diagnosis["checks"].as_array().unwrap();
        let check = checks.iter().find(of_job).unwrap().clone();
        (check["ok"].clone(), check["finding"].clone())
    };
    let told = format!("3 of 3 are in a former target; `syncline plan --job {id}` counts them");
    assert_eq!(links(), (json!(true), json!(told)));
    let text = stdout(&syncline.run(&plan));
    for part in [
        "3 accounts that the job has linked are not in its present target",
        "stays as it is, and no job keeps it in step",
        &format!("`syncline links --job {id} --unlinked`"),
    ] {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
    // The next cycle makes them anew, and they are all where they should be.
    syncline.json(&["jobs", "run", "--job", &id, "--wait"]);
    assert_eq!(links(), (json!(true), json!("3 live links")));
    // Whoever reads everything anew needs no list of former targets.
    syncline.json(&["jobs", "restart", "--job", &id, "--scope", "Watermark"]);
    let all = syncline.json(&["tenant", "list"]);
    let all = all["tenants"].as_array().unwrap();
    let fabrikam = all
        .iter()
        .find(|it| it["defaultDomain"] == "fabrikam.example");
    let fabrikam =
        json!({ "value": [{ "key": "CompanyId", "value": fabrikam.unwrap()["tenantId"] }] });
    as_contoso(&syncline, [(Method::PUT, &secrets, fabrikam)]);
    let told = "3 of 3 are not in the target; the next cycle reads everything and makes them anew";
    assert_eq!(links(), (json!(true), json!(told)));
}

fn named(syncline: &Syncline, name: &str, more: &str) -> String {
    let text = BEGIN.replace("name: Fabrikam", &format!("name: {name}"));
    syncline.file("named.yaml", format!("{text}{more}").as_bytes())
}

#[test]
fn a_configuration_that_was_renamed_in_the_file_is_not_made_a_second_time() {
    let syncline = two_tenants();
    let id = job(&apply(
        &syncline,
        &format!("{POLICY}    scope: all\n    state: started\n"),
    ));
    let other = named(&syncline, "Partner", "");
    for arguments in [&["apply", &other][..], &["plan", "--file", &other]] {
        let said = refused(&syncline, arguments);
        assert!(said.contains("write `renamedFrom: \"Fabrikam\"`"), "{said}");
        assert!(said.contains(&id), "{said}");
    }
    let renamed = named(&syncline, "Partner", "    renamedFrom: fabrikam\n");
    let planned = syncline.json(&["plan", "--file", &renamed]);
    let change = json!({ "what": "rename", "from": "Fabrikam", "to": "Partner" });
    assert_eq!(planned["configurations"][0]["changes"], json!([change]));
    let applied = syncline.json(&["apply", &renamed]);
    assert_eq!(applied["configurations"][0]["changes"], json!([change]));
    assert_eq!(job(&applied), id);
    let shown = syncline.json(&["jobs", "show", "--job", &id]);
    assert_eq!(shown["name"], "Partner");
    assert_eq!(created(&syncline, &id), 3);
    let filter = "applications?$filter=displayName%20eq%20'Partner'";
    let [found] = as_contoso(&syncline, [(Method::GET, filter, json!(null))]);
    assert_eq!(found["value"].as_array().unwrap().len(), 1);
    // The file may go on to say it.
    for again in [renamed, named(&syncline, "Partner", "")] {
        let applied = syncline.json(&["apply", &again]);
        assert_eq!(changes(&applied), Vec::<&str>::new());
    }

    // Two are made where the file names both; and then there is nothing to rename.
    let second = "  - { name: Second, source: contoso.example, target: fabrikam.example }\n";
    let both = named(&syncline, "Partner", second);
    assert_eq!(
        changes(&syncline.json(&["apply", &both])),
        ["createConfiguration", "createJob"]
    );
    let merged = named(&syncline, "Partner", "    renamedFrom: Second\n");
    let said = refused(&syncline, &["apply", &merged]);
    assert!(
        said.contains("both a configuration `Partner` and one `Second`"),
        "{said}"
    );
}

/// Names are texts of the administrators of any tenant.
#[test]
fn what_a_file_is_told_to_say_of_an_old_name_can_be_copied_whatever_the_name() {
    for name in [r#"Fabrikam: "north" #1"#, "- Jo's { x }", "yes", "`1`"] {
        let syncline = two_tenants();
        let id = job(&syncline.json(&["apply", &named(&syncline, &json!(name).to_string(), "")]));
        let said = refused(&syncline, &["apply", &named(&syncline, "Partner", "")]);
        let (_, line) = said.split_once("write `").unwrap();
        let (line, _) = line.split_once("` below its name").unwrap();
        let renamed = named(&syncline, "Partner", &format!("    {line}\n"));
        let applied = syncline.json(&["apply", &renamed]);
        assert_eq!(changes(&applied), ["rename"], "{said}");
        assert_eq!(job(&applied), id);
    }
}

/// As in a test installation, which never had the old name.
#[test]
fn what_was_renamed_elsewhere_is_made_with_its_new_name() {
    let syncline = two_tenants();
    let renamed = named(
        &syncline,
        "Partner",
        &format!("    renamedFrom: Old\n{POLICY}"),
    );
    let made = syncline.json(&["apply", &renamed]);
    assert!(changes(&made).contains(&"createConfiguration"));
    let remark = made["configurations"][0]["remarks"][0].as_str().unwrap();
    assert!(
        remark.contains("there is no configuration `Old`"),
        "{remark}"
    );
    let again = syncline.json(&["apply", &renamed]);
    assert_eq!(changes(&again), Vec::<&str>::new());
    assert_eq!(again["configurations"][0]["remarks"], json!(null));
}
