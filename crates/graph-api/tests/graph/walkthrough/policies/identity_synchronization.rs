//! `identitySynchronization`: changed, cleared, refused.

use serde_json::{Value as Json, json};

use super::*;
use crate::walkthrough::callers::everything;
use crate::walkthrough::setup::{configure, trust};
use crate::world::{World, names};

#[test]
fn identity_synchronization_changes_and_refuses() {
    let world = World::new();
    let (admin, contoso) = fabrikam(&world);
    admin
        .post(&partners(""), json!({"tenantId": contoso}))
        .created();
    let url = partners(&format!("/{contoso}/identitySynchronization"));
    for body in [
        json!({"userSyncInbound": {"isSyncAllowed": "perhaps"}}),
        json!({"userSyncInbound": true}),
        json!({"userSyncInbound": {"nonsense": true}}),
        json!({"nonsense": 1}),
        json!({"displayName": 7}),
        json!({"tenantId": NOBODY, "userSyncInbound": {"isSyncAllowed": true}}),
    ] {
        admin.put(&url, body).problem(400, "Request_BadRequest");
    }
    admin.get(&url).problem(404, "Request_ResourceNotFound");

    admin.put(&url, json!({"displayName": "C", "userSyncInbound": {"isSyncAllowed": "True"}, "groupSyncInbound": {"isSyncAllowed": true}})).no_content();
    admin
        .patch(&url, json!({"userSyncInbound": {"isSyncAllowed": false}}))
        .no_content();
    let shown = admin.get(&url).ok();
    assert_eq!(
        names(&shown),
        [
            "@odata.context",
            "displayName",
            "groupSyncInbound",
            "tenantId",
            "userSyncInbound"
        ]
    );
    assert_eq!(
        (
            &shown["displayName"],
            &shown["userSyncInbound"]["isSyncAllowed"]
        ),
        (&json!("C"), &json!(false))
    );
    admin
        .patch(&url, json!({"userSyncInbound": {}}))
        .no_content();
    assert_eq!(
        admin.get(&url).ok()["userSyncInbound"]["isSyncAllowed"],
        false
    );
    admin
        .patch(
            &url,
            json!({"displayName": null, "userSyncInbound": null, "groupSyncInbound": null}),
        )
        .no_content();
    let shown = admin.get(&url).ok();
    assert_eq!(
        (&shown["displayName"], &shown["userSyncInbound"]),
        (&Json::Null, &Json::Null)
    );
    assert!(shown.get("groupSyncInbound").is_none());
}

#[test]
fn group_synchronization_alone_allows_no_users() {
    let world = World::new();
    let (admin, contoso) = fabrikam(&world);
    trust(&world);
    let configuration = configure(&world);
    let url = partners(&format!("/{contoso}/identitySynchronization"));
    admin.delete(&url).no_content();
    admin
        .put(&url, json!({"groupSyncInbound": {"isSyncAllowed": true}}))
        .no_content();
    let saved = json!({"useSavedCredentials": true});
    everything(&world, "contoso")
        .post(&configuration.job_url("/validateCredentials"), saved)
        .problem(400, "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure");
}
