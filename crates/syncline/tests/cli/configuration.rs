//! A job between two tenants, made over the API; no cycle has run yet.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Server, Syncline, token};

/// Deletes and disables are held when there are so many in a cycle.
pub const THRESHOLD: u64 = 2;

/// An installation with people of Contoso, and a started job that brings them to Fabrikam.
pub fn installation(people: usize) -> (Syncline, String) {
    installed(people, false)
}

/// The same, and Fabrikam lets groups in as well.
pub fn installation_that_takes_groups(people: usize) -> (Syncline, String) {
    installed(people, true)
}

fn installed(people: usize, takes_groups: bool) -> (Syncline, String) {
    let syncline = Syncline::new();
    let server = syncline.serve(&["--no-scheduler"]);
    let (source, target) = (syncline.tenant("contoso"), syncline.tenant("fabrikam"));
    import(&syncline, 0..people);
    let settings = format!(
        r#"{{"Enabled":true,"DeleteThresholdEnabled":true,"DeleteThresholdValue":{THRESHOLD}}}"#
    );
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let secrets = [("SyncNotificationSettings", settings.as_str())];
    let job = runtime.block_on(configure(&server, &source, &target, &secrets));
    if takes_groups {
        runtime.block_on(let_groups_in(&server, &source, &target));
    }
    assert_eq!(server.stop(), Some(0));
    syncline.json(&["jobs", "start", "--job", &job]);
    (syncline, job)
}

/// Brings people into Contoso.
pub fn import(syncline: &Syncline, numbers: std::ops::Range<usize>) {
    let mut people = "userPrincipalName,displayName,department\n".to_owned();
    for number in numbers {
        people.push_str(&format!(
            "p{number}@contoso.example,Person {number},Sales\n"
        ));
    }
    let file = syncline.file("people.csv", people.as_bytes());
    syncline.json(&["import", "--tenant", "contoso.example", &file]);
}

/// The schema of a job, changed and saved. Returns what was exported.
pub fn change_schema(syncline: &Syncline, job: &str, change: impl FnOnce(&mut Value)) -> Value {
    let exported = syncline.json(&["schema", "export", "--job", job]);
    let mut schema = exported.clone();
    change(&mut schema);
    let file = syncline.file("changed.json", schema.to_string().as_bytes());
    let imported = syncline.json(&["schema", "import", "--job", job, &file]);
    assert_eq!(imported["changed"], true);
    exported
}

/// Policies on both sides and a configuration for everybody, as an administrator makes them.
/// Returns the id of its job.
pub async fn configure(
    server: &Server,
    source: &Value,
    target: &Value,
    more_secrets: &[(&str, &str)],
) -> String {
    let (source_id, target_id) = (&source["tenantId"], &target["tenantId"]);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (source_token, target_token) = (token(server, source).await, token(server, target).await);
    let partners = "/v1.0/policies/crossTenantAccessPolicy/partners";
    let client = server.client();
    let call = async |token: &str, method: Method, path: &str, body: Value| {
        let request = client
            .request(method, format!("{}{path}", server.origin))
            .bearer_auth(token)
            .json(&body);
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str::<Value>(&text).unwrap_or_default()
    };
    let of_source = format!("{partners}/{}", text(source_id));
    let of_target = format!("{partners}/{}", text(target_id));
    let (source_token, target_token) = (source_token.as_str(), target_token.as_str());
    call(
        target_token,
        Method::POST,
        partners,
        json!({ "tenantId": source_id }),
    )
    .await;
    call(
        target_token,
        Method::PUT,
        &format!("{of_source}/identitySynchronization"),
        json!({ "displayName": "Contoso", "userSyncInbound": { "isSyncAllowed": true } }),
    )
    .await;
    call(
        target_token,
        Method::PATCH,
        &of_source,
        json!({ "automaticUserConsentSettings": { "inboundAllowed": true } }),
    )
    .await;
    call(
        source_token,
        Method::POST,
        partners,
        json!({ "tenantId": target_id }),
    )
    .await;
    call(
        source_token,
        Method::PATCH,
        &of_target,
        json!({ "automaticUserConsentSettings": { "outboundAllowed": true } }),
    )
    .await;
    let made = call(
        source_token,
        Method::POST,
        "/v1.0/applicationTemplates/518e5f48-1fc8-4c48-9387-9fdf28b0dfe7/instantiate",
        json!({ "displayName": "Fabrikam" }),
    )
    .await;
    let synchronization = format!(
        "/beta/servicePrincipals/{}/synchronization",
        text(&made["servicePrincipal"]["objectId"])
    );
    let mut secrets = vec![
        json!({ "key": "AuthenticationType", "value": "SyncPolicy" }),
        json!({ "key": "CompanyId", "value": target_id }),
        json!({ "key": "SyncAll", "value": "true" }),
    ];
    let more = more_secrets.iter();
    secrets.extend(more.map(|(key, value)| json!({ "key": key, "value": value })));
    let secrets = json!({ "value": secrets });
    call(
        source_token,
        Method::PUT,
        &format!("{synchronization}/secrets"),
        secrets,
    )
    .await;
    let job = call(
        source_token,
        Method::POST,
        &format!("{synchronization}/jobs"),
        json!({ "templateId": "Azure2Azure" }),
    )
    .await;
    text(&job["id"])
}

async fn let_groups_in(server: &Server, source: &Value, target: &Value) {
    let path = format!(
        "/v1.0/policies/crossTenantAccessPolicy/partners/{}/identitySynchronization",
        source["tenantId"].as_str().unwrap()
    );
    let request = server
        .client()
        .patch(format!("{}{path}", server.origin))
        .bearer_auth(token(server, target).await)
        .json(&json!({ "groupSyncInbound": { "isSyncAllowed": true } }));
    let answer = request.send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
}
