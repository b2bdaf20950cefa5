//! The settings of a partner: merged, cleared, refused.

use serde_json::{Value as Json, json};

use super::*;
use crate::walkthrough::setup::PARTNERS;
use crate::world::World;

#[test]
fn blocks_are_merged_member_by_member_and_cleared_by_null() {
    let world = World::new();
    let (admin, contoso) = fabrikam(&world);
    admin
        .post(&partners(""), json!({"tenantId": contoso}))
        .created();
    let url = partners(&format!("/{contoso}"));
    let patch = |body: Json| admin.patch(&url, body).no_content();
    let block = |name: &str| admin.get(&url).ok()[name].clone();

    patch(json!({"inboundTrust": {"isMfaAccepted": true}}));
    patch(json!({"inboundTrust": {"IsCompliantDeviceAccepted": "False"}}));
    assert_eq!(
        block("inboundTrust"),
        json!({"isMfaAccepted": true, "isCompliantDeviceAccepted": false, "isHybridAzureADJoinedDeviceAccepted": null})
    );
    patch(json!({"inboundTrust": null}));
    assert_eq!(block("inboundTrust"), Json::Null);

    let all = |kind: &str, target: &str| json!([{"target": target, "targetType": kind}]);
    patch(json!({"b2bCollaborationInbound": {
        "usersAndGroups": {"accessType": "Allowed", "targets": all("User", "AllUsers")},
        "applications": {"accessType": "blocked", "targets": all("application", "AllApplications")},
    }}));
    patch(json!({"b2bCollaborationInbound": {"applications": {"accessType": "allowed"}}}));
    assert_eq!(
        block("b2bCollaborationInbound"),
        json!({
            "usersAndGroups": {"accessType": "allowed", "targets": all("user", "AllUsers")},
            "applications": {"accessType": "allowed", "targets": all("application", "AllApplications")},
        })
    );
    patch(json!({"b2bCollaborationInbound": {"usersAndGroups": null}}));
    assert_eq!(
        block("b2bCollaborationInbound")["usersAndGroups"],
        Json::Null
    );

    patch(json!({"crossCloudMeetingConfiguration": {"inboundAllowed": true}}));
    assert_eq!(
        block("crossCloudMeetingConfiguration"),
        json!({"inboundAllowed": true, "outboundAllowed": null})
    );
    patch(json!({"crossCloudMeetingConfiguration": null}));
    assert_eq!(
        block("crossCloudMeetingConfiguration"),
        json!({"inboundAllowed": null, "outboundAllowed": null})
    );

    patch(json!({"automaticUserConsentSettings": {"inboundAllowed": true}}));
    patch(json!({"automaticUserConsentSettings": {"outboundAllowed": false}}));
    assert_eq!(
        block("automaticUserConsentSettings"),
        json!({"inboundAllowed": true, "outboundAllowed": false})
    );
    patch(json!({"automaticUserConsentSettings": {"inboundAllowed": null}}));
    assert_eq!(
        block("automaticUserConsentSettings"),
        json!({"inboundAllowed": null, "outboundAllowed": false})
    );
    patch(json!({}));
    assert_eq!(
        block("automaticUserConsentSettings"),
        json!({"inboundAllowed": null, "outboundAllowed": false})
    );
}

/// Beta clients name the type of the partner and of every block in it.
#[test]
fn types_in_blocks_are_ignored_and_not_stored() {
    let world = World::new();
    let (admin, contoso) = fabrikam(&world);
    let kind = |name: &str| format!("#microsoft.graph.{name}");
    let body = json!({
        "@odata.type": kind("crossTenantAccessPolicyConfigurationPartner"),
        "tenantId": contoso,
        "inboundTrust": {"@odata.type": kind("crossTenantAccessPolicyInboundTrust"), "isMfaAccepted": true},
        "automaticUserConsentSettings": {"@odata.type": kind("inboundOutboundPolicyConfiguration"), "inboundAllowed": true},
        "b2bCollaborationInbound": {
            "@odata.type": kind("crossTenantAccessPolicyB2BSetting"),
            "usersAndGroups": {
                "@odata.type": kind("crossTenantAccessPolicyTargetConfiguration"),
                "accessType": "allowed",
                "targets": [{"@odata.type": kind("crossTenantAccessPolicyTarget"), "target": "AllUsers", "targetType": "user"}],
            },
        },
        "tenantRestrictions": {
            "@odata.type": kind("crossTenantAccessPolicyTenantRestrictions"),
            "devices": {"@odata.type": kind("devicesFilter"), "mode": "allowed", "rule": "x"},
        },
        "m365CollaborationInbound": {"@odata.type": kind("crossTenantAccessPolicyM365CollaborationInboundSetting"), "users": null},
    });
    let made = admin
        .post(&format!("/beta{PARTNERS}"), body.clone())
        .created();
    assert!(!made.to_string().contains("odata.type"), "{made:#}");
    assert_eq!(made["inboundTrust"]["isMfaAccepted"], true);
    assert_eq!(made["automaticUserConsentSettings"]["inboundAllowed"], true);
    assert_eq!(
        made["tenantRestrictions"]["devices"],
        json!({"mode": "allowed", "rule": "x"})
    );

    let url = format!("/beta{PARTNERS}/{contoso}");
    admin.patch(&url, body).no_content();
    let after = admin.get(&url).ok();
    assert_eq!(after, made);

    let synchronization = format!("{url}/identitySynchronization");
    let body = json!({
        "@odata.type": kind("crossTenantIdentitySyncPolicyPartner"),
        "tenantId": contoso,
        "displayName": "Contoso",
        "userSyncInbound": {"@odata.type": kind("crossTenantUserSyncInbound"), "isSyncAllowed": true},
    });
    admin.put(&synchronization, body.clone()).no_content();
    admin.patch(&synchronization, body).no_content();
    assert_eq!(
        admin.get(&synchronization).ok()["userSyncInbound"],
        json!({"isSyncAllowed": true})
    );

    let wrong = json!({"@odata.type": kind("user"), "inboundTrust": null});
    admin.patch(&url, wrong.clone()).problem(400, "BadRequest");
    admin
        .patch(&synchronization, wrong)
        .problem(400, "BadRequest");
}

#[test]
fn blocks_of_another_shape_change_nothing() {
    let world = World::new();
    let (admin, contoso) = fabrikam(&world);
    admin
        .post(&partners(""), json!({"tenantId": contoso}))
        .created();
    let url = partners(&format!("/{contoso}"));
    let before = admin.get(&url).ok();
    let targets = |targets: Json| json!({"b2bCollaborationInbound": {"usersAndGroups": {"accessType": "allowed", "targets": targets}}});
    for body in [
        json!({"inboundTrust": true}),
        json!({"inboundTrust": {"isMfaAccepted": "yes"}}),
        json!({"inboundTrust": {"isMfaAccepted": 1}}),
        json!({"inboundTrust": {"nonsense": true}}),
        json!({"automaticUserConsentSettings": {"inboundAllowed": "perhaps"}}),
        json!({"automaticUserConsentSettings": {"nonsense": true}}),
        json!({"automaticUserConsentSettings": []}),
        json!({"isServiceProvider": "x"}),
        json!({"b2bCollaborationInbound": {"usersAndGroups": {"accessType": "unknownFutureValue", "targets": []}}}),
        json!({"b2bCollaborationInbound": {"nonsense": null}}),
        // "All" stands alone.
        targets(
            json!([{"target": "AllUsers", "targetType": "user"}, {"target": NOBODY, "targetType": "user"}]),
        ),
        targets(json!([{"target": NOBODY, "targetType": "planet"}])),
        targets(json!([{"targetType": "user"}])),
        targets(json!("AllUsers")),
        json!({"tenantId": NOBODY}),
        json!({"nonsense": true}),
        // Good and bad together: nothing of it.
        json!({"automaticUserConsentSettings": {"inboundAllowed": true}, "inboundTrust": 7}),
    ] {
        admin.patch(&url, body).problem(400, "Request_BadRequest");
    }
    admin
        .send("PATCH", &url, b"null".to_vec())
        .problem(400, "BadRequest");
    assert_eq!(admin.get(&url).ok(), before);
}

/// Who forgets the targets would believe that everybody is kept out.
#[test]
fn who_allows_or_blocks_says_whom() {
    let world = World::new();
    let (admin, contoso) = fabrikam(&world);
    let blocked = |place: &str, targets: Json| json!({"b2bCollaborationInbound": {place: {"accessType": "blocked", "targets": targets}}});
    let mut first = blocked("usersAndGroups", json!([]));
    first["tenantId"] = json!(contoso);
    admin
        .post(&partners(""), first)
        .problem(400, "Request_BadRequest");
    admin
        .post(&partners(""), json!({"tenantId": contoso}))
        .created();
    let url = partners(&format!("/{contoso}"));
    let before = admin.get(&url).ok();
    for block in [
        "b2bCollaborationInbound",
        "b2bCollaborationOutbound",
        "b2bDirectConnectInbound",
        "tenantRestrictions",
    ] {
        for (place, access) in [("usersAndGroups", "blocked"), ("applications", "allowed")] {
            for rule in [
                json!({"accessType": access}),
                json!({"accessType": access, "targets": null}),
                json!({"accessType": access, "targets": []}),
            ] {
                admin
                    .patch(&url, json!({block: {place: rule}}))
                    .problem(400, "Request_BadRequest");
            }
        }
    }
    assert_eq!(admin.get(&url).ok(), before);

    let all = json!([{"target": "AllUsers", "targetType": "user"}]);
    admin
        .patch(&url, blocked("usersAndGroups", all.clone()))
        .no_content();
    let blocked_all = admin.get(&url).ok();
    let people = |rule: Json| json!({"b2bCollaborationInbound": {"usersAndGroups": rule}});
    for none in [json!(null), json!([])] {
        admin
            .patch(&url, people(json!({"targets": none})))
            .problem(400, "Request_BadRequest");
    }
    assert_eq!(admin.get(&url).ok(), blocked_all);
    // What is stored is added to, and what says nothing needs no targets.
    admin
        .patch(&url, people(json!({"accessType": "allowed"})))
        .no_content();
    let nothing = json!({"accessType": null, "targets": []});
    admin.patch(&url, people(nothing)).no_content();
}

/// Who mistypes a target would believe that somebody is kept out.
#[test]
fn a_target_is_an_id_or_a_word_where_it_means_something() {
    let world = World::new();
    let (admin, contoso) = fabrikam(&world);
    admin
        .post(&partners(""), json!({"tenantId": contoso}))
        .created();
    let url = partners(&format!("/{contoso}"));
    let before = admin.get(&url).ok();
    let of = |place: &str, target: &str, kind: &str| {
        let targets = json!([{"target": target, "targetType": kind}]);
        json!({"b2bDirectConnectInbound": {place: {"accessType": "blocked", "targets": targets}}})
    };
    let short = NOBODY.replace('-', "");
    for (place, target, kind) in [
        ("usersAndGroups", "AllUser", "user"),
        ("usersAndGroups", "", "user"),
        ("usersAndGroups", short.as_str(), "user"),
        ("usersAndGroups", "ann@contoso.example", "user"),
        ("usersAndGroups", "AllUsers", "group"),
        ("usersAndGroups", "AllApplications", "user"),
        ("usersAndGroups", NOBODY, "application"),
        ("applications", "AllUsers", "application"),
        ("applications", "Office 365", "application"),
        ("applications", NOBODY, "user"),
        ("applications", "AllApplications", "user"),
    ] {
        admin
            .patch(&url, of(place, target, kind))
            .problem(400, "Request_BadRequest");
    }
    for devices in [
        json!("x"),
        json!([]),
        json!({"mode": "perhaps"}),
        json!({"mode": "allowed", "rule": 1}),
        json!({"nonsense": null}),
    ] {
        let body = json!({"tenantRestrictions": {"devices": devices}});
        admin.patch(&url, body).problem(400, "Request_BadRequest");
    }
    // Only tenant restrictions are about devices.
    let body = json!({"b2bDirectConnectInbound": {"devices": {"mode": "allowed"}}});
    admin.patch(&url, body).problem(400, "Request_BadRequest");
    let all = |other: &str| {
        let targets = [other, NOBODY].map(|it| json!({"target": it, "targetType": "application"}));
        json!({"b2bDirectConnectInbound": {"applications": {"accessType": "blocked", "targets": targets}}})
    };
    admin
        .patch(&url, all("allAPPLICATIONS"))
        .problem(400, "Request_BadRequest");
    assert_eq!(admin.get(&url).ok(), before);

    // In any case, shown in Graph's; whose id it is, only the other tenant may know.
    let shown = |place: &str| {
        let partner = admin.get(&url).ok();
        partner["b2bDirectConnectInbound"][place]["targets"].clone()
    };
    let upper = NOBODY.to_uppercase();
    for (place, target, kind, expected) in [
        ("usersAndGroups", "allusers", "User", "AllUsers"),
        ("usersAndGroups", upper.as_str(), "group", NOBODY),
        ("usersAndGroups", NOBODY, "user", NOBODY),
        ("applications", "office365", "application", "Office365"),
        ("applications", NOBODY, "Application", NOBODY),
    ] {
        admin.patch(&url, of(place, target, kind)).no_content();
        let kind = kind.to_lowercase();
        let expected = json!([{"target": expected, "targetType": kind}]);
        assert_eq!(shown(place), expected);
    }
    admin.patch(&url, all("Office365")).no_content();
    let devices = json!({"mode": "allowed", "rule": "device.isCompliant -eq true"});
    let body = json!({"tenantRestrictions": {"devices": devices}});
    admin.patch(&url, body).no_content();
    assert_eq!(
        admin.get(&url).ok()["tenantRestrictions"]["devices"],
        devices
    );
}

/// Each PATCH adds to what is stored: many small ones are as good as a large one.
#[test]
fn all_settings_of_a_partner_together_have_a_size() {
    let world = World::new();
    let (admin, contoso) = fabrikam(&world);
    let large = |name: &str| json!({"m365CollaborationInbound": {name: "x".repeat(30_000)}});
    let mut first = large("a");
    first["tenantId"] = json!(contoso);
    admin.post(&partners(""), first).created();
    let url = partners(&format!("/{contoso}"));
    admin.patch(&url, large("b")).no_content();
    let before = admin.get(&url).ok();
    admin
        .patch(&url, large("c"))
        .problem(400, "Request_BadRequest");
    let synchronization = format!("{url}/identitySynchronization");
    admin
        .put(&synchronization, json!({"displayName": "x".repeat(10_000)}))
        .problem(400, "Request_BadRequest");
    assert_eq!(admin.get(&url).ok(), before);
    admin
        .patch(&url, json!({"m365CollaborationInbound": null}))
        .no_content();
    admin.patch(&url, large("c")).no_content();
}
