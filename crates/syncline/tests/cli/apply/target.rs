//! A configuration's name and target.

use reqwest::Method;
use serde_json::json;

use super::{
    BEGIN, POLICY, apply, as_contoso, changes, file, job, refused, service_principal, two_tenants,
};

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
