//! `validateCredentials` beyond step 6: saved credentials, the form of a job, bad input.

use serde_json::json;

use crate::world::World;

use super::callers::everything;
use super::setup::{configure, instantiate, trust};

const POLICY: &str = "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure";

#[test]
fn saved_credentials_are_used_when_asked() {
    let world = World::new();
    trust(&world);
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    let saved = json!({"templateId": "Azure2Azure", "useSavedCredentials": true});
    admin
        .post(
            &configuration.url("/jobs/validateCredentials"),
            saved.clone(),
        )
        .no_content();
    admin
        .post(
            &configuration.job_url("/validateCredentials"),
            json!({"useSavedCredentials": true}),
        )
        .no_content();

    let bare = instantiate(&admin, "contoso");
    admin
        .post(&bare.url("/jobs/validateCredentials"), saved)
        .problem(400, "CredentialsMissing");
}

#[test]
fn saved_credentials_win_over_the_ones_sent() {
    let world = World::new();
    trust(&world);
    let configuration = configure(&world);
    let body = json!({
        "useSavedCredentials": true,
        "credentials": [{"key": "CompanyId", "value": "01234567-89ab-4def-8123-456789abcdef"}],
    });
    everything(&world, "contoso")
        .post(&configuration.job_url("/validateCredentials"), body)
        .no_content();
}

#[test]
fn a_job_needs_no_template_in_the_body() {
    let world = World::new();
    trust(&world);
    let configuration = configure(&world);
    let body = json!({"credentials": [{"key": "CompanyId", "value": world.tenants.fabrikam.id.to_string()}]});
    everything(&world, "contoso")
        .post(&configuration.job_url("/validateCredentials"), body)
        .no_content();
}

#[test]
fn what_is_missing_or_wrong_is_refused() {
    let world = World::new();
    trust(&world);
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    let url = configuration.url("/jobs/validateCredentials");
    let credentials = |company: &str| json!([{"key": "CompanyId", "value": company}]);
    for (body, code) in [
        (json!({}), "Request_BadRequest"),
        (json!({"templateId": "Azure2Azure"}), "Request_BadRequest"),
        (
            json!({"templateId": "Azure2Azure", "credentials": "x"}),
            "Request_BadRequest",
        ),
        (
            json!({"templateId": "Azure2Azure", "credentials": [1]}),
            "Request_BadRequest",
        ),
        (
            json!({"templateId": "Azure2Azure", "credentials": [{"value": "x"}]}),
            "Request_BadRequest",
        ),
        (
            json!({"templateId": "Azure2Azure", "credentials": []}),
            "CredentialsMissing",
        ),
        // An empty value is none.
        (
            json!({"templateId": "Azure2Azure", "credentials": credentials("")}),
            "CredentialsMissing",
        ),
        (
            json!({"templateId": "Azure2Azure", "credentials": credentials("no tenant")}),
            "Request_BadRequest",
        ),
        (
            json!({"templateId": "Azure2Azure", "credentials": credentials("01234567-89ab-4def-8123-456789abcdef")}),
            POLICY,
        ),
        // A tenant does not synchronize into itself.
        (
            json!({"templateId": "Azure2Azure", "credentials": credentials(&world.tenants.contoso.id.to_string())}),
            "Request_BadRequest",
        ),
        (
            json!({"templateId": "Azure2Azure", "useSavedCredentials": "maybe"}),
            "Request_BadRequest",
        ),
    ] {
        let error = admin.post(&url, body.clone()).problem(400, code);
        assert!(error["message"].is_string(), "{body}");
    }
    admin
        .send("POST", &url, b"{".to_vec())
        .problem(400, "BadRequest");
}

/// Whoever is told that all is well stores them next.
#[test]
fn what_could_not_be_stored_is_not_good() {
    let world = World::new();
    trust(&world);
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    let company = world.tenants.fabrikam.id.to_string();
    for (key, value) in [
        ("SyncAll", "maybe"),
        ("SkipOutOfScopeDeletions", "1"),
        ("HardDeletesEnabled", "true"),
        ("SyncNotificationSettings", r#"{"DeleteThresholdValue":-1}"#),
    ] {
        let pairs = json!([{"key": "CompanyId", "value": company}, {"key": key, "value": value}]);
        let validated = admin.post(
            &configuration.job_url("/validateCredentials"),
            json!({"credentials": pairs}),
        );
        let stored = admin.put(&configuration.url("/secrets"), json!({"value": pairs}));
        assert_eq!(
            validated.problem(400, "Request_BadRequest")["message"],
            stored.problem(400, "Request_BadRequest")["message"]
        );
    }
}

#[test]
fn none_that_are_sent_are_not_said_to_be_none_that_are_stored() {
    let world = World::new();
    trust(&world);
    let admin = everything(&world, "contoso");
    let url = configure(&world).job_url("/validateCredentials");
    let error = admin
        .post(&url, json!({"credentials": []}))
        .problem(400, "CredentialsMissing");
    let message = error["message"].as_str().unwrap();
    assert!(
        message.starts_with("No credentials were sent."),
        "{message}"
    );
}

#[test]
fn a_target_that_never_allowed_it_refuses() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let configuration = instantiate(&admin, "contoso");
    let body = json!({
        "templateId": "Azure2Azure",
        "credentials": [{"key": "CompanyId", "value": world.tenants.fabrikam.id.to_string()}],
    });
    admin
        .post(&configuration.url("/jobs/validateCredentials"), body)
        .problem(400, POLICY);
}
