//! Step 2: the target tenant enables user synchronization from the source tenant.

use serde_json::{Value as Json, json};

use super::setup::PARTNERS;
use super::walk::Walk;

const CONFLICT: &str = "A conflicting object with one or more of the specified property values is present in the directory.";

pub fn run(walk: &Walk<'_>) {
    let target = &walk.target;
    let partners = walk.v1(PARTNERS);
    let partner = walk.v1(&format!("{PARTNERS}/{}", walk.source_id));
    let synchronization = format!("{partner}/identitySynchronization");
    let allowed = json!({"userSyncInbound": {"isSyncAllowed": true}});

    not_there_yet(walk, &partner, json!({"inboundTrust": null}));
    not_there_yet(walk, &synchronization, allowed.clone());

    let pascal = target.post(&walk.beta(PARTNERS), json!({"TenantId": walk.source_id}));
    let made = walk.line("2.10").created(&pascal);
    // What PowerShell prints: a blank for IsServiceProvider, and the tenant.
    walk.line("2.10").contains(
        &made,
        &json!({"isServiceProvider": null, "tenantId": walk.source_id}),
    );
    walk.line("2.10, cleared")
        .no_content(&target.delete(&partner));

    let made = walk
        .line("2.1")
        .created(&target.post(&partners, json!({"tenantId": walk.source_id})));
    is_a_new_partner(walk, "2.2", &made, &walk.source_id);

    let again = target.post(&partners, json!({"tenantId": walk.source_id}));
    let error = walk
        .line("2.3")
        .problem(&again, 400, "Request_MultipleObjectsWithSameKeyValue");
    let message = "Another object with the same value for property tenantId already exists.";
    walk.line("2.3").equal(&error["message"], message);

    not_there_yet(walk, &synchronization, allowed.clone());

    // The PowerShell body; older modules send no content type with PUT.
    walk.line("2.5")
        .no_content(&target.put(&synchronization, allowed.clone()));
    let shown = walk.line("2.7").ok(&target.get(&synchronization));
    walk.line("2.7").contains(
        &shown,
        &json!({"displayName": null, "userSyncInbound": {"isSyncAllowed": true}}),
    );
    walk.line("2.5, cleared")
        .no_content(&target.delete(&synchronization));
    let bytes = allowed.to_string().into_bytes();
    walk.line("2.5")
        .no_content(&target.send("PUT", &synchronization, bytes));
    walk.line("2.5, cleared")
        .no_content(&target.delete(&synchronization));

    let body = json!({"displayName": "Fabrikam", "userSyncInbound": {"isSyncAllowed": true}});
    walk.line("2.4")
        .no_content(&target.put(&synchronization, body.clone()));

    let error = walk.line("2.6").problem(
        &target.put(&synchronization, body),
        409,
        "Request_MultipleObjectsWithSameKeyValue",
    );
    walk.line("2.6").equal(&error["message"], CONFLICT);
    let details = json!([{"code": "ConflictingObjects", "message": CONFLICT}]);
    walk.line("2.6").contains(&error["details"], &details);

    for version in ["v1.0", "beta"] {
        let url = format!(
            "/{version}{PARTNERS}/{}/identitySynchronization",
            walk.source_id
        );
        let shown = walk.line("2.7").ok(&target.get(&url));
        let expected = json!({
            "tenantId": walk.source_id,
            "displayName": "Fabrikam",
            "userSyncInbound": {"isSyncAllowed": true},
        });
        walk.line("2.7").contains(&shown, &expected);
    }

    walk.line("2.8")
        .no_content(&target.patch(&synchronization, allowed));
}

fn not_there_yet(walk: &Walk<'_>, url: &str, body: Json) {
    let error = walk.line("2.9").problem(
        &walk.target.patch(url, body),
        404,
        "Directory_ObjectNotFound",
    );
    walk.line("2.9").equal(
        &error["message"],
        "Unable to read the company information from the directory.",
    );
}

/// All keys of a partner for which nothing is set yet; any further key is null.
pub fn is_a_new_partner(walk: &Walk<'_>, number: &str, made: &Json, tenant: &str) {
    let expected = json!({
        "@odata.context": walk.context("v1.0", "policies/crossTenantAccessPolicy/partners/$entity"),
        "tenantId": tenant,
        "isServiceProvider": null,
        "inboundTrust": null,
        "b2bCollaborationOutbound": null,
        "b2bCollaborationInbound": null,
        "b2bDirectConnectOutbound": null,
        "b2bDirectConnectInbound": null,
        "tenantRestrictions": null,
        "crossCloudMeetingConfiguration": {"inboundAllowed": null, "outboundAllowed": null},
        "automaticUserConsentSettings": {"inboundAllowed": null, "outboundAllowed": null},
    });
    let line = walk.line(number);
    line.contains(made, &expected);
    for (name, value) in made.as_object().unwrap() {
        let known = expected.get(name).is_some();
        line.holds(
            known || value.is_null(),
            &format!("`{name}` is {value}, expected null or absent"),
        );
    }
}
