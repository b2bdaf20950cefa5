//! The service principals of Microsoft's own applications are no configurations: all people of a tenant trust them, and
//! every permission in it is a role of one.

use serde_json::json;
use syncline_model::ObjectId;

use crate::world::{World, each, id, text};

use super::callers::everything;

const PRINCIPALS: &str = "/v1.0/servicePrincipals";
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
const POWERSHELL: &str = "14d82eec-204b-4c2f-b7e8-296a70dab67e";
const AZURE_CLI: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

#[test]
fn they_take_no_job_and_no_secrets() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    admin
        .post(PRINCIPALS, json!({"appId": AZURE_CLI}))
        .created();
    let pairs = json!([{"key": "CompanyId", "value": world.tenants.fabrikam.id.to_string()}]);
    for app_id in [GRAPH, POWERSHELL, AZURE_CLI] {
        let principal = admin.get(&format!("{PRINCIPALS}(appId='{app_id}')")).ok();
        let url = format!("{PRINCIPALS}/{}/synchronization", id(&principal));
        for refused in [
            admin.post(&format!("{url}/jobs"), json!({"templateId": "Azure2Azure"})),
            admin.put(&format!("{url}/secrets"), json!({"value": pairs})),
            admin.post(
                &format!("{url}/jobs/validateCredentials"),
                json!({"templateId": "Azure2Azure", "credentials": pairs}),
            ),
        ] {
            let error = refused.problem(400, "Request_BadRequest");
            let message = text(&error, "message");
            assert!(
                message.contains("is an application of Microsoft's"),
                "{message}"
            );
        }
        // What an earlier version has stored is taken away.
        let removed = json!({"value": [{"key": "CompanyId", "value": ""}]});
        admin.put(&format!("{url}/secrets"), removed).no_content();
        let jobs = admin.get(&format!("{url}/jobs")).ok();
        assert_eq!(jobs["value"], json!([]));
    }
}

#[test]
fn what_an_earlier_version_let_them_have_does_not_come_back_from_the_recycle_bin() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let principal = admin
        .post(PRINCIPALS, json!({"appId": AZURE_CLI}))
        .created();
    let principal: ObjectId = id(&principal).parse().unwrap();
    let runner = &world.api.runner;
    let tenant = world.tenants.contoso.id;
    let app_id = AZURE_CLI.parse().unwrap();
    let made = runner.create_job(tenant, principal, app_id, "Azure2Azure");
    let url = format!("{PRINCIPALS}/{principal}/synchronization/jobs");
    let jobs = || each(&admin.get(&url).ok(), "id");
    assert_eq!(jobs(), [made.unwrap().id.to_string()]);
    admin
        .delete(&format!("{PRINCIPALS}/{principal}"))
        .no_content();
    let restore = format!("/v1.0/directory/deletedItems/{principal}/restore");
    admin.post(&restore, json!({})).ok();
    assert_eq!(jobs(), Vec::<String>::new());
}

#[test]
fn a_service_principal_of_ones_own_takes_them_whatever_it_was_made_from() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let application = admin
        .post("/v1.0/applications", json!({"displayName": "Own"}))
        .created();
    let principal = admin
        .post(PRINCIPALS, json!({"appId": application["appId"]}))
        .created();
    let url = format!("{PRINCIPALS}/{}/synchronization/jobs", id(&principal));
    admin
        .post(&url, json!({"templateId": "Azure2Azure"}))
        .created();
}
