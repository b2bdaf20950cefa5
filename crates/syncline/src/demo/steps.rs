//! The twelve steps that an administrator takes to synchronize users into another tenant, over
//! HTTPS, as the public walk-through has them.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::client::{Tenant, text};
use super::names::DEPARTMENTS;
use crate::failure::Failure;
use crate::output;

/// Template of a configuration between two tenants.
const TEMPLATE: &str = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7";
const PARTNERS: &str = "/v1.0/policies/crossTenantAccessPolicy/partners";

/// What the steps make.
#[derive(Clone, Debug)]
pub struct Made {
    pub service_principal: String,
    pub job: String,
    rule: String,
}

fn step(number: u32, what: &str) {
    output::line(&format!("\nStep {number} – {what}"));
}

/// Announces the first step, which the caller takes.
pub fn sign_in_step() {
    step(1, "sign in, to Contoso (source) and to Fabrikam (target)");
}

/// Steps 2 to 4: both tenants agree.
pub async fn policies(source: &Tenant, target: &Tenant) -> Result<(), Failure> {
    step(2, "Fabrikam allows Contoso to synchronize users");
    target
        .post(
            PARTNERS,
            json!({ "tenantId": source.id }),
            StatusCode::CREATED,
        )
        .await?;
    let partner = format!("{PARTNERS}/{}", source.id);
    target
        .call(
            Method::PUT,
            &format!("{partner}/identitySynchronization"),
            Some(json!({ "displayName": "Contoso", "userSyncInbound": { "isSyncAllowed": true } })),
            StatusCode::NO_CONTENT,
        )
        .await?;
    target
        .get(&format!("{partner}/identitySynchronization"))
        .await?;

    step(3, "Fabrikam redeems Contoso's invitations automatically");
    let inbound =
        json!({ "inboundTrust": null, "automaticUserConsentSettings": { "inboundAllowed": true } });
    target
        .call(
            Method::PATCH,
            &partner,
            Some(inbound),
            StatusCode::NO_CONTENT,
        )
        .await?;

    step(4, "Contoso consents on behalf of its users");
    source
        .post(
            PARTNERS,
            json!({ "tenantId": target.id }),
            StatusCode::CREATED,
        )
        .await?;
    let outbound = json!({ "automaticUserConsentSettings": { "outboundAllowed": true } });
    source
        .call(
            Method::PATCH,
            &format!("{PARTNERS}/{}", target.id),
            Some(outbound),
            StatusCode::NO_CONTENT,
        )
        .await?;
    Ok(())
}

/// Steps 5 to 8: a configuration with its job.
pub async fn configuration(source: &Tenant, target: &Tenant) -> Result<Made, Failure> {
    step(5, "Contoso makes a configuration application");
    let made = source
        .post(
            &format!("/v1.0/applicationTemplates/{TEMPLATE}/instantiate"),
            json!({ "displayName": "Fabrikam" }),
            StatusCode::CREATED,
        )
        .await?;
    let service_principal = text(&made, "/servicePrincipal/objectId")?;
    source
        .get("/v1.0/servicePrincipals?$filter=displayName%20eq%20'Fabrikam'")
        .await?;
    let synchronization = format!("/beta/servicePrincipals/{service_principal}/synchronization");

    step(6, "test the connection");
    source
        .post(
            &format!("{synchronization}/jobs/validateCredentials"),
            json!({
                "useSavedCredentials": false,
                "templateId": "Azure2Azure",
                "credentials": [
                    { "key": "CompanyId", "value": target.id },
                    { "key": "AuthenticationType", "value": "SyncPolicy" },
                ],
            }),
            StatusCode::NO_CONTENT,
        )
        .await?;

    step(7, "create the synchronization job");
    let job = source
        .post(
            &format!("{synchronization}/jobs"),
            json!({ "templateId": "Azure2Azure" }),
            StatusCode::CREATED,
        )
        .await?;
    let job = text(&job, "/id")?;
    let schema = source
        .get(&format!("{synchronization}/jobs/{job}/schema"))
        .await?;
    let rule = text(&schema, "/synchronizationRules/0/id")?;

    step(
        8,
        "save the credentials: which tenant, and that only assigned people are synchronized",
    );
    let settings = r#"{"Enabled":false,"DeleteThresholdEnabled":false,"HumanResourcesLookaheadQueryEnabled":false}"#;
    let secrets = json!({ "value": [
        { "key": "AuthenticationType", "value": "SyncPolicy" },
        { "key": "CompanyId", "value": target.id },
        { "key": "SyncNotificationSettings", "value": settings },
        { "key": "SyncAll", "value": "false" },
    ] });
    source
        .call(
            Method::PUT,
            &format!("{synchronization}/secrets"),
            Some(secrets),
            StatusCode::NO_CONTENT,
        )
        .await?;
    Ok(Made {
        service_principal,
        job,
        rule,
    })
}

/// Steps 9 to 11: who is synchronized, one person at once, everybody from now on.
pub async fn people(source: &Tenant, made: &Made, person: &str) -> Result<(), Failure> {
    let principal = format!("/v1.0/servicePrincipals/{}", made.service_principal);
    step(
        9,
        "assign one person, and the groups of the departments that work with Fabrikam",
    );
    let roles = source.get(&format!("{principal}?$select=appRoles")).await?;
    let role = role(&roles)?;
    let user = text(
        &source
            .get(&format!("/v1.0/users/{person}?$select=id,displayName"))
            .await?,
        "/id",
    )?;
    assign(source, made, &role, &user).await?;
    let groups = source.get("/v1.0/groups?$select=id,displayName").await?;
    for group in groups
        .pointer("/value")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let name = text(group, "/displayName")?;
        if DEPARTMENTS.iter().any(|it| it.assigned && it.name == name) {
            assign(source, made, &role, &text(group, "/id")?).await?;
        }
    }

    let job = job_path(made);
    step(10, &format!("provision {person} on demand"));
    source
        .post(
            &format!("{job}/provisionOnDemand"),
            json!({ "parameters": [{
                "ruleId": made.rule,
                "subjects": [{ "objectId": user, "objectTypeName": "User" }],
            }] }),
            StatusCode::OK,
        )
        .await?;

    step(11, "start the job");
    source
        .call(
            Method::POST,
            &format!("{job}/start"),
            None,
            StatusCode::NO_CONTENT,
        )
        .await?;
    Ok(())
}

/// Step 12, before the first cycle.
pub async fn monitor(source: &Tenant, made: &Made) -> Result<(), Failure> {
    step(12, "watch the job, and read the provisioning log");
    status(source, made).await
}

/// Step 12, after the first cycle.
pub async fn log(source: &Tenant, made: &Made) -> Result<(), Failure> {
    status(source, made).await?;
    let filter = format!("servicePrincipal/id%20eq%20'{}'", made.service_principal);
    let log = source
        .get(&format!(
            "/v1.0/auditLogs/provisioning?$filter={filter}&$top=5&$orderby=activityDateTime%20desc"
        ))
        .await?;
    let entries = log
        .pointer("/value")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    if entries == 0 {
        return Err(Failure::new("the provisioning log is empty"));
    }
    output::line(&format!("       the newest {entries} entries of the log"));
    Ok(())
}

async fn status(source: &Tenant, made: &Made) -> Result<(), Failure> {
    let job = source.get(&job_path(made)).await?;
    output::line(&format!("       status {}", text(&job, "/status/code")?));
    Ok(())
}

fn job_path(made: &Made) -> String {
    format!(
        "/beta/servicePrincipals/{}/synchronization/jobs/{}",
        made.service_principal, made.job
    )
}

async fn assign(source: &Tenant, made: &Made, role: &str, principal: &str) -> Result<(), Failure> {
    let body = json!({ "appRoleId": role, "resourceId": made.service_principal, "principalId": principal });
    let path = format!(
        "/v1.0/servicePrincipals/{}/appRoleAssignedTo",
        made.service_principal
    );
    source.post(&path, body, StatusCode::CREATED).await?;
    Ok(())
}

/// The role is found by its display name: its value is null.
fn role(service_principal: &Value) -> Result<String, Failure> {
    let roles = service_principal
        .pointer("/appRoles")
        .and_then(Value::as_array);
    let role = roles
        .into_iter()
        .flatten()
        .find(|it| it["displayName"] == "msiam_access");
    text(role.unwrap_or(&Value::Null), "/id")
}
