//! Step 6: the source tenant tests the connection, before any job exists.

use serde_json::{Value as Json, json};

use super::setup::PARTNERS;
use super::walk::Walk;

const REFUSED: &str = "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure";

pub fn run(walk: &Walk<'_>) {
    let url = walk.synchronization("/jobs/validateCredentials");
    let body = json!({
        "useSavedCredentials": false,
        "templateId": "Azure2Azure",
        "credentials": [
            {"key": "CompanyId", "value": walk.target_id},
            {"key": "AuthenticationType", "value": "SyncPolicy"},
        ],
    });
    walk.line("6.1")
        .no_content(&walk.source.post(&url, body.clone()));
    for version in ["v1.0", "beta"] {
        let url = format!(
            "/{version}/servicePrincipals/{}/synchronization/jobs/validateCredentials",
            walk.configuration.service_principal
        );
        walk.line("6.2")
            .no_content(&walk.source.post(&url, body.clone()));
    }

    one_side_missing(walk, &url, &body);

    let with_application_id = walk.beta(&format!(
        "/servicePrincipals/{}/synchronization/jobs/validateCredentials",
        walk.configuration.application
    ));
    let answer = walk.source.post(&with_application_id, body.clone());
    walk.line("6.4")
        .problem(&answer, 404, "Request_ResourceNotFound");

    let mut unknown = body.clone();
    unknown["templateId"] = "X".into();
    walk.line("6.5")
        .problem(&walk.source.post(&url, unknown), 400, "Request_BadRequest");
    let mut unknown = body.clone();
    unknown["credentials"][1]["key"] = "Nonsense".into();
    walk.line("6.5")
        .problem(&walk.source.post(&url, unknown), 400, "Request_BadRequest");
}

/// Each part of the trust is taken away and put back; the refusal says on whose side it is missing.
fn one_side_missing(walk: &Walk<'_>, url: &str, body: &Json) {
    let inbound = walk.v1(&format!("{PARTNERS}/{}", walk.source_id));
    let outbound = walk.v1(&format!("{PARTNERS}/{}", walk.target_id));
    let synchronization = format!("{inbound}/identitySynchronization");
    let allow = |it: bool| json!({"userSyncInbound": {"isSyncAllowed": it}});
    let redeem = |side: &str, it: bool| json!({"automaticUserConsentSettings": {side: it}});

    let refused = |side: &str, what: &str| {
        let line = walk.line("6.3");
        let error = line.problem(&walk.source.post(url, body.clone()), 400, REFUSED);
        let message = error["message"].as_str().unwrap();
        line.holds(message.starts_with(side), &format!("{what}: {message}"));
    };

    walk.target
        .patch(&synchronization, allow(false))
        .no_content();
    refused("The target tenant", "synchronization not allowed");
    walk.target.delete(&synchronization).no_content();
    refused("The target tenant", "no identity synchronization");
    let again = json!({"displayName": "Fabrikam", "userSyncInbound": {"isSyncAllowed": true}});
    walk.target.put(&synchronization, again).no_content();

    walk.target
        .patch(&inbound, redeem("inboundAllowed", false))
        .no_content();
    refused("The target tenant", "inbound redemption");
    walk.target
        .patch(&inbound, redeem("inboundAllowed", true))
        .no_content();

    walk.source
        .patch(&outbound, redeem("outboundAllowed", false))
        .no_content();
    refused("The source tenant", "outbound redemption");
    walk.source
        .patch(&outbound, redeem("outboundAllowed", true))
        .no_content();

    walk.line("6.3, restored")
        .no_content(&walk.source.post(url, body.clone()));
}
