//! Partners: made, listed, found, deleted.

use serde_json::json;

use super::*;
use crate::world::{World, each};

#[test]
fn partners_must_be_other_tenants_that_exist() {
    let world = World::new();
    let (admin, _) = fabrikam(&world);
    for tenant in [
        json!(null),
        json!("contoso.example"),
        json!(7),
        json!(""),
        json!(NOBODY),
        json!(world.tenants.fabrikam.id.to_string()),
    ] {
        admin
            .post(&partners(""), json!({"tenantId": tenant}))
            .problem(400, "Request_BadRequest");
    }
    admin
        .post(&partners(""), json!({}))
        .problem(400, "Request_BadRequest");
    admin
        .send("POST", &partners(""), b"{\"tenantId\"".to_vec())
        .problem(400, "BadRequest");
    assert_eq!(admin.get(&partners("/$count")).text(), "0");
}

#[test]
fn absent_partners_are_not_found() {
    let world = World::new();
    let (admin, contoso) = fabrikam(&world);
    for partner in [contoso.as_str(), NOBODY, "no-guid"] {
        let url = partners(&format!("/{partner}"));
        let error = admin.get(&url).problem(404, "Request_ResourceNotFound");
        assert!(
            error["message"]
                .as_str()
                .unwrap()
                .starts_with(&format!("Resource '{partner}' does not exist"))
        );
        admin.delete(&url).problem(404, "Request_ResourceNotFound");
        admin
            .get(&format!("{url}/identitySynchronization"))
            .problem(404, "Request_ResourceNotFound");
        admin
            .delete(&format!("{url}/identitySynchronization"))
            .problem(404, "Request_ResourceNotFound");
    }
    let put = json!({"userSyncInbound": {"isSyncAllowed": true}});
    let url = partners(&format!("/{contoso}/identitySynchronization"));
    admin
        .put(&url, put)
        .problem(404, "Directory_ObjectNotFound");
    assert_eq!(admin.get(&partners("/$count")).text(), "0");
}

#[test]
fn a_partner_goes_only_after_its_synchronization() {
    let world = World::new();
    let (admin, contoso) = fabrikam(&world);
    admin
        .post(&partners(""), json!({"tenantId": contoso}))
        .created();
    let url = partners(&format!("/{contoso}"));
    let synchronization = format!("{url}/identitySynchronization");
    admin
        .put(
            &synchronization,
            json!({"userSyncInbound": {"isSyncAllowed": true}}),
        )
        .no_content();
    let error = admin.delete(&url).problem(400, "Request_BadRequest");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("identitySynchronization"),
        "{error}"
    );
    admin.delete(&synchronization).no_content();
    admin
        .delete(&synchronization)
        .problem(404, "Request_ResourceNotFound");
    admin.delete(&url).no_content();
    admin.get(&url).problem(404, "Request_ResourceNotFound");
}

#[test]
fn a_partner_can_be_made_with_its_settings() {
    let world = World::new();
    let (admin, contoso) = fabrikam(&world);
    let made = admin
        .post(
            &partners(""),
            json!({
                "tenantId": contoso.to_uppercase(),
                "isServiceProvider": true,
                "inboundTrust": {"isMfaAccepted": true},
                "automaticUserConsentSettings": {"inboundAllowed": true, "outboundAllowed": false},
            }),
        )
        .created();
    assert_eq!(made["tenantId"], contoso);
    assert_eq!(made["isServiceProvider"], true);
    assert_eq!(
        made["inboundTrust"],
        json!({"isMfaAccepted": true, "isCompliantDeviceAccepted": null, "isHybridAzureADJoinedDeviceAccepted": null})
    );
    assert_eq!(
        made["automaticUserConsentSettings"],
        json!({"inboundAllowed": true, "outboundAllowed": false})
    );
}

#[test]
fn partners_are_listed_filtered_and_expanded() {
    let world = World::new();
    let (admin, contoso) = fabrikam(&world);
    admin
        .post(&partners(""), json!({"tenantId": contoso}))
        .created();
    let expand = "?$expand=identitySynchronization&$select=tenantId";
    let list = admin.get(&partners(expand)).ok();
    assert_eq!(
        list["value"],
        json!([{"tenantId": contoso, "identitySynchronization": null}])
    );
    let url = partners(&format!("/{contoso}/identitySynchronization"));
    admin
        .put(
            &url,
            json!({"displayName": "C", "userSyncInbound": {"isSyncAllowed": true}}),
        )
        .no_content();
    let one = admin.get(&partners(&format!("/{contoso}{expand}"))).ok();
    let synchronization = json!({"tenantId": contoso, "displayName": "C", "userSyncInbound": {"isSyncAllowed": true}});
    assert_eq!(one["identitySynchronization"], synchronization);
    assert!(
        admin.get(&partners("")).ok()["value"][0]
            .get("identitySynchronization")
            .is_none()
    );

    for (filter, count) in [
        (format!("tenantId eq '{contoso}'"), 1),
        (format!("TENANTID eq '{}'", contoso.to_uppercase()), 1),
        (format!("tenantId eq '{NOBODY}'"), 0),
        ("isInMultiTenantOrganization eq true".to_owned(), 0),
        ("isServiceProvider eq true".to_owned(), 0),
    ] {
        let list = admin
            .get(&partners(&format!("?$filter={filter}&$count=true")))
            .ok();
        assert_eq!(
            (each(&list, "tenantId").len(), &list["@odata.count"]),
            (count, &json!(count)),
            "{filter}"
        );
    }
    for filter in [
        "displayName eq 'x'",
        "tenantId ne 'x'",
        "isServiceProvider eq maybe",
        "isServiceProvider eq 'true'",
    ] {
        admin
            .get(&partners(&format!("?$filter={filter}")))
            .problem(400, "Request_UnsupportedQuery");
    }
    assert_eq!(admin.get(&partners("/$count")).text(), "1");
}

#[test]
fn service_providers_are_told_from_others() {
    let world = World::new();
    let (admin, contoso) = fabrikam(&world);
    admin
        .post(&partners(""), json!({"tenantId": contoso}))
        .created();
    let url = partners(&format!("/{contoso}"));
    for (is_one, found) in [
        (json!(null), [0, 0, 1]),
        (json!(true), [1, 0, 0]),
        (json!(false), [0, 1, 0]),
    ] {
        let body = json!({"isServiceProvider": is_one});
        admin.patch(&url, body).no_content();
        let counted = ["true", "false", "null"].map(|value| {
            let list = partners(&format!("?$filter=isServiceProvider eq {value}"));
            each(&admin.get(&list).ok(), "tenantId").len()
        });
        assert_eq!(counted, found, "{is_one}");
    }
}

#[test]
fn what_is_selected_of_partners_is_what_they_have() {
    let world = World::new();
    let (admin, contoso) = fabrikam(&world);
    admin
        .post(&partners(""), json!({"tenantId": contoso}))
        .created();
    let (one, list) = (partners(&format!("/{contoso}")), partners(""));
    let all = admin.get(&one).ok();
    let members = |it: &serde_json::Value| it.as_object().unwrap().len();
    let everything = admin.get(&format!("{one}?$select=*")).ok();
    assert_eq!(members(&everything), members(&all));
    let select = "?$select=tenantId,inboundTrust/isMfaAccepted,isInMultiTenantOrganization";
    let page = admin.get(&format!("{list}{select}")).ok();
    let context = page["@odata.context"].as_str().unwrap();
    let names = "tenantId,inboundTrust/isMfaAccepted,isInMultiTenantOrganization";
    assert!(
        context.ends_with(&format!("partners({names})")),
        "{context}"
    );
    assert_eq!(
        page["value"],
        json!([{"tenantId": contoso, "inboundTrust": null, "isInMultiTenantOrganization": false}])
    );
    for url in [&one, &list] {
        let error = admin
            .get(&format!("{url}?$select=tenantId,displayName"))
            .problem(400, "BadRequest");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("'displayName'"), "{message}");
    }
}

#[test]
fn the_policy_and_its_default_can_be_read() {
    let world = World::new();
    let (admin, _) = fabrikam(&world);
    let policy = admin.get("/v1.0/policies/crossTenantAccessPolicy").ok();
    assert!(
        policy["@odata.context"]
            .as_str()
            .unwrap()
            .ends_with("#policies/crossTenantAccessPolicy/$entity")
    );
    let default = admin
        .get("/beta/policies/crossTenantAccessPolicy/default")
        .ok();
    assert_eq!(default["isServiceDefault"], true);
    assert_eq!(
        default["automaticUserConsentSettings"],
        json!({"inboundAllowed": false, "outboundAllowed": false})
    );
    assert_eq!(
        default["b2bCollaborationInbound"]["usersAndGroups"]["accessType"],
        "allowed"
    );
    assert_eq!(
        default["b2bDirectConnectInbound"]["applications"]["accessType"],
        "blocked"
    );
}

#[test]
fn a_partner_is_named_by_its_key_too() {
    let world = World::new();
    let (admin, contoso) = fabrikam(&world);
    let named = format!("(tenantid='{contoso}')");
    let body = json!({"automaticUserConsentSettings": {"inboundAllowed": true}});
    let synchronization = format!("{named}/identitySynchronization");
    let allowed = json!({"userSyncInbound": {"isSyncAllowed": true}});
    admin
        .post(&partners(""), json!({"tenantId": contoso}))
        .created();
    admin.patch(&partners(&named), body).no_content();
    admin
        .put(&partners(&synchronization), allowed.clone())
        .no_content();
    admin
        .patch(&partners(&synchronization), allowed)
        .no_content();
    let partner = admin.get(&partners(&named)).ok();
    assert_eq!(
        partner["automaticUserConsentSettings"]["inboundAllowed"],
        true
    );
    let policy = admin.get(&partners(&synchronization)).ok();
    assert_eq!(policy["userSyncInbound"]["isSyncAllowed"], true);
    admin.delete(&partners(&synchronization)).no_content();
    admin.delete(&partners(&named)).no_content();
    admin
        .get(&partners(&named))
        .problem(404, "Request_ResourceNotFound");
}

#[test]
fn a_partner_that_was_read_can_be_sent_back() {
    let world = World::new();
    let (admin, contoso) = fabrikam(&world);
    admin
        .post(&partners(""), json!({"tenantId": contoso}))
        .created();
    let url = partners(&format!("/{contoso}"));
    let read = |options: &str| admin.get(&format!("{url}?{options}")).ok();
    let all = "$expand=identitySynchronization&$select=*,isInMultiTenantOrganization";
    let without = read(all);
    assert!(without["identitySynchronization"].is_null());
    admin.patch(&url, without).no_content();
    let allowed = json!({"userSyncInbound": {"isSyncAllowed": true}});
    admin
        .put(&format!("{url}/identitySynchronization"), allowed)
        .no_content();
    let mut partner = read(all);
    admin.patch(&url, partner.clone()).no_content();
    assert_eq!(read(all), partner);

    partner["identitySynchronization"]["userSyncInbound"]["isSyncAllowed"] = false.into();
    let problem = admin
        .patch(&url, partner.clone())
        .problem(400, "Request_BadRequest");
    assert!(
        problem.to_string().contains("PATCH …/partners/"),
        "{problem}"
    );
    let inside = json!({"isInMultiTenantOrganization": true});
    admin.patch(&url, inside).problem(400, "Request_BadRequest");
}
