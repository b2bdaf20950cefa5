//! What a service principal has of its application, and what is its own.

use serde_json::{Value as Json, json};
use syncline_model::{Attr, ObjectId, Value};
use syncline_store::Tx;

use crate::world::{Registered, World, id, text};

const TEMPLATE: &str = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7";
const ROLE: &str = "11111111-2222-4333-8444-555555555555";
const OTHER_ROLE: &str = "22222222-2222-4333-8444-555555555555";

fn role(id: &str, name: &str) -> Json {
    json!({"id": id, "displayName": name, "description": name, "allowedMemberTypes": ["User"], "isEnabled": true, "value": name})
}

fn scope(name: &str) -> Json {
    json!({"id": ROLE, "value": name, "type": "User", "isEnabled": true})
}

fn urls(registered: &Registered) -> (String, String) {
    (
        format!("/v1.0/applications/{}", registered.application),
        format!("/v1.0/servicePrincipals/{}", registered.service_principal),
    )
}

/// As Graph refuses it: the next change of the application would take them back.
#[test]
fn app_roles_and_scopes_are_the_applications() {
    let world = World::new();
    let admin = world.contoso();
    let (application, principal) = urls(&world.registered(&[]));
    let roles = json!([role(ROLE, "Sales")]);
    let given = json!({"appRoles": roles, "api": {"oauth2PermissionScopes": [scope("read")]}});
    admin.patch(&application, given).no_content();
    let shown = admin.get(&principal).ok();
    assert_eq!(shown["appRoles"][0]["displayName"], "Sales");
    assert_eq!(shown["oauth2PermissionScopes"][0]["value"], "read");

    let further = json!([role(ROLE, "Sales"), role(OTHER_ROLE, "Buyers")]);
    for (name, value) in [
        ("appRoles", further.clone()),
        ("appRoles", json!([role(ROLE, "Salespeople")])),
        ("appRoles", json!([])),
        ("oauth2PermissionScopes", json!([scope("write")])),
        ("oauth2PermissionScopes", json!([])),
    ] {
        let body = json!({"notes": "x", name: value});
        let error = admin
            .patch(&principal, body)
            .problem(400, "Request_BadRequest");
        let words =
            format!("Property {name} on the service principal does not match the application");
        assert!(text(&error, "message").starts_with(&words), "{error}");
        assert_eq!(error["details"][0]["target"], name);
    }
    assert_eq!(admin.get(&principal).ok(), shown);
    // Sent as they were read, or as the application has them.
    for roles in [&shown["appRoles"], &roles] {
        let same = json!({"appRoles": roles, "oauth2PermissionScopes": shown["oauth2PermissionScopes"], "notes": "x"});
        admin.patch(&principal, same).no_content();
    }

    admin
        .patch(&application, json!({"appRoles": further}))
        .no_content();
    let roles = &admin.get(&principal).ok()["appRoles"];
    assert_eq!(roles[1]["displayName"], "Buyers");
}

/// As Microsoft's pages have roles configured for the claims of a gallery application.
#[test]
fn the_service_principal_of_a_template_takes_roles_of_its_own() {
    let world = World::new();
    let admin = world.contoso();
    let instantiate = format!("/v1.0/applicationTemplates/{TEMPLATE}/instantiate");
    let body = json!({"displayName": "Fabrikam"});
    let made = admin.post(&instantiate, body).created();
    let url = |set: &str, name: &str| format!("/v1.0/{set}/{}", id(&made[name]));
    let application = url("applications", "application");
    let principal = url("servicePrincipals", "servicePrincipal");
    let names = || {
        let shown = admin.get(&principal).ok();
        let roles = shown["appRoles"].as_array().unwrap().iter();
        let names = roles.map(|it| text(it, "displayName").to_owned());
        names.collect::<Vec<_>>()
    };
    let mut roles = admin.get(&principal).ok()["appRoles"].clone();
    let before = names();
    assert!(before.contains(&"msiam_access".to_owned()));
    roles
        .as_array_mut()
        .unwrap()
        .push(role(OTHER_ROLE, "Buyers"));
    admin
        .patch(&principal, json!({"appRoles": roles}))
        .no_content();
    let more = [before, vec!["Buyers".to_owned()]].concat();
    assert_eq!(names(), more);
    admin
        .patch(&application, json!({"notes": "x"}))
        .no_content();
    assert_eq!(names(), more);
}

/// In the recycle bin, too; and what its application withdraws meanwhile does not come back.
#[test]
fn the_service_principal_of_a_template_is_restored_with_roles_of_its_own() {
    const OWN: &str = "https://own.example/back";
    let world = World::new();
    let admin = world.contoso();
    let instantiate = format!("/v1.0/applicationTemplates/{TEMPLATE}/instantiate");
    let body = json!({"displayName": "Fabrikam"});
    let made = admin.post(&instantiate, body).created();
    let ids = ["application", "servicePrincipal"].map(|name| id(&made[name]));
    let application = format!("/v1.0/applications/{}", ids[0]);
    let principal = format!("/v1.0/servicePrincipals/{}", ids[1]);
    let restore = |id: &str| {
        let url = format!("/v1.0/directory/deletedItems/{id}/restore");
        admin.post(&url, json!({})).ok()
    };
    let mut roles = admin.get(&principal).ok()["appRoles"].clone();
    roles
        .as_array_mut()
        .unwrap()
        .push(role(OTHER_ROLE, "Buyers"));
    let own = json!({"appRoles": roles, "replyUrls": [OWN], "notes": "x"});
    admin.patch(&principal, own).no_content();
    let shown = || admin.get(&principal).ok();
    let before = shown();
    assert_eq!(before["appRoles"][1]["displayName"], "Buyers");

    admin.delete(&principal).no_content();
    restore(&ids[1]);
    assert_eq!(shown(), before);
    // With its application, in whichever order they come back.
    for order in [[0, 1], [1, 0]] {
        admin.delete(&application).no_content();
        for at in order {
            restore(&ids[at]);
        }
        assert_eq!(shown(), before, "{order:?}");
    }
    // Of what changes meanwhile no more comes over than that.
    admin.delete(&principal).no_content();
    let web = json!({"web": {"redirectUris": ["https://new.example/back"]}});
    admin.patch(&application, web).no_content();
    restore(&ids[1]);
    assert_eq!(shown()["appRoles"], before["appRoles"]);
    assert_eq!(shown()["replyUrls"], json!(["https://new.example/back"]));
    admin.delete(&principal).no_content();
    let withdrawn = json!({"appRoles": [role(ROLE, "Sales")]});
    admin.patch(&application, withdrawn).no_content();
    restore(&ids[1]);
    let now = shown()["appRoles"].clone();
    assert_eq!(now.as_array().unwrap().len(), 1);
    assert_eq!(now[0]["displayName"], "Sales");
}

#[test]
fn a_service_principal_is_not_made_with_roles_of_its_own() {
    let world = World::new();
    let admin = world.contoso();
    let body = json!({"displayName": "Tool", "appRoles": [role(ROLE, "Sales")]});
    let application = admin.post("/v1.0/applications", body).created();
    let make = |roles: Json| {
        let body = json!({"appId": application["appId"], "appRoles": roles});
        admin.post("/v1.0/servicePrincipals", body)
    };
    make(json!([role(OTHER_ROLE, "Buyers")])).problem(400, "Request_BadRequest");
    let made = make(application["appRoles"].clone()).created();
    assert_eq!(made["appRoles"], application["appRoles"]);
}

/// Builds before took app roles that the application does not have.
#[test]
fn what_only_the_service_principal_has_stays_when_something_else_changes_of_its_application() {
    const OWN: &str = "https://own.example/back";
    let world = World::new();
    let admin = world.contoso();
    let registered = world.registered(&[]);
    let (application, principal) = urls(&registered);
    let back = json!(["https://tool.example/back"]);
    let given =
        json!({"web": {"redirectUris": back}, "api": {"oauth2PermissionScopes": [scope("read")]}});
    admin.patch(&application, given).no_content();
    admin
        .patch(&principal, json!({"replyUrls": [OWN]}))
        .no_content();
    let stored: ObjectId = registered.service_principal.parse().unwrap();
    let tenant = world.tenants.contoso.id;
    let put = |tx: &mut Tx<'_>| {
        let mut entry = tx.object(tenant, stored)?.unwrap().entry;
        let members = [
            ("id", Value::text(ROLE)),
            ("displayName", Value::text("Sales")),
        ];
        let members = members.map(|(name, value)| (name.to_owned(), value));
        let roles = Value::List(vec![Value::Map(members.to_vec())]);
        entry.attrs.set(Attr::APP_ROLES, roles);
        entry.attrs.remove(Attr::OAUTH2_PERMISSION_SCOPES);
        tx.update_objects(tenant, &[entry])
    };
    world.store.write(put).unwrap();
    let before = admin.get(&principal).ok();
    let roles = |shown: &Json| shown["appRoles"].as_array().unwrap().len();
    assert_eq!(roles(&before), 1);

    for body in [
        json!({"notes": "x"}),
        json!({"notes": "x"}),
        json!({"web": {"redirectUris": back, "logoutUrl": "https://tool.example/out"}}),
        json!({"description": "y"}),
        // As clients send it back that have every member, in an order of their own.
        json!({"api": {"requestedAccessTokenVersion": 2, "oauth2PermissionScopes": [
            {"origin": null, "isEnabled": true, "value": "read", "type": "User", "id": ROLE}]}}),
    ] {
        admin.patch(&application, body).no_content();
    }
    let shown = admin.get(&principal).ok();
    assert_eq!(shown["appRoles"], before["appRoles"]);
    assert_eq!(shown["oauth2PermissionScopes"], json!([]));
    assert_eq!(shown["replyUrls"], json!([OWN]));
    assert_eq!(shown["appDescription"], "y");
    // It is sent back without a change, and taken away.
    let same = json!({"appRoles": before["appRoles"]});
    admin.patch(&principal, same).no_content();
    admin
        .patch(&principal, json!({"appRoles": []}))
        .no_content();
    assert_eq!(roles(&admin.get(&principal).ok()), 0);
    assert_eq!(id(&shown), registered.service_principal);
}

#[test]
fn redirect_uris_of_its_own_stay_where_the_application_has_none_before_and_after() {
    let world = World::new();
    let admin = world.contoso();
    let (application, principal) = urls(&world.registered(&[]));
    let own = json!(["https://own.example/back"]);
    let page = json!({"homePageUrl": "https://tool.example"});
    for body in [
        json!({ "web": page }),
        json!({"web": {"redirectUris": [], "logoutUrl": "https://tool.example/out"}}),
        json!({"web": {"redirectUris": null, "logoutUrl": null}}),
    ] {
        admin
            .patch(&principal, json!({ "replyUrls": own }))
            .no_content();
        admin.patch(&application, body.clone()).no_content();
        assert_eq!(admin.get(&principal).ok()["replyUrls"], own, "{body}");
    }
}
