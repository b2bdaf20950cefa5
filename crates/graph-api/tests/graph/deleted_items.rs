//! `/directory/deletedItems`

use serde_json::{Value as Json, json};
use syncline_access::Client;

use crate::world::{World, each, id, person};

const USERS: &str = "/v1.0/directory/deletedItems/microsoft.graph.user";

fn deleted(world: &World, alias: &str) -> String {
    let user = world.user(alias);
    world
        .contoso()
        .delete(&format!("/v1.0/users/{user}"))
        .no_content();
    user
}

#[test]
fn deleted_users_are_listed_with_the_time_and_a_free_name() {
    let world = World::new();
    let ann = deleted(&world, "ann");
    world.user("bob");
    let items = world
        .contoso()
        .get(&format!(
            "{USERS}?$select=id,userPrincipalName,deletedDateTime"
        ))
        .ok();
    let shown = format!("{}ann@contoso.example", ann.replace('-', ""));
    assert_eq!(
        items["value"],
        json!([{"id": ann, "userPrincipalName": shown, "deletedDateTime": "2022-12-10T12:00:00Z"}])
    );
    assert_eq!(world.contoso().get(&format!("{USERS}/$count")).text(), "1");
    assert_eq!(
        world
            .contoso()
            .get("/v1.0/directory/deletedItems/graph.group")
            .ok()["value"],
        json!([])
    );
    assert_eq!(
        world
            .contoso()
            .get("/v1.0/directory/deletedItems/microsoft.graph.device")
            .ok()["value"],
        json!([])
    );
}

#[test]
fn a_cast_is_mandatory_and_must_be_known() {
    let world = World::new();
    world
        .contoso()
        .get("/v1.0/directory/deletedItems")
        .problem(400, "Request_BadRequest");
    world
        .contoso()
        .get("/v1.0/directory/deletedItems/microsoft.graph.nonsense")
        .problem(400, "BadRequest");
}

#[test]
fn the_bin_is_filtered_sorted_and_paged() {
    let world = World::new();
    let mut users = Vec::new();
    for alias in ["a", "b", "c"] {
        world.clock.advance_seconds(1);
        users.push(deleted(&world, alias));
    }
    let client = world.contoso().eventual();
    let newest = client
        .get(&format!(
            "{USERS}?$orderby=deletedDateTime desc&$count=true&$top=2"
        ))
        .ok();
    assert_eq!(
        (each(&newest, "id"), &newest["@odata.count"]),
        (vec![users[2].clone(), users[1].clone()], &json!(3))
    );
    let found = client
        .get(&format!(
            "{USERS}?$filter=deletedDateTime ge 2022-12-10T12:00:03Z"
        ))
        .ok();
    assert_eq!(each(&found, "id"), [users[2].clone()]);
    assert_eq!(client.all(&format!("{USERS}?$top=1")).len(), 3);
}

#[test]
fn one_is_read_restored_and_live_again() {
    let world = World::new();
    let ann = deleted(&world, "ann");
    let url = format!("/v1.0/directory/deletedItems/{ann}");
    let item = world.contoso().get(&url).ok();
    assert_eq!(
        (id(&item), &item["@odata.type"]),
        (ann.clone(), &json!("#microsoft.graph.user"))
    );
    let restored = world
        .contoso()
        .send("POST", &format!("{url}/restore"), Vec::new())
        .ok();
    assert_eq!(
        (id(&restored), &restored["userPrincipalName"]),
        (ann.clone(), &json!("ann@contoso.example"))
    );
    world
        .contoso()
        .get(&url)
        .problem(404, "Request_ResourceNotFound");
    let user = world
        .contoso()
        .get(&format!("/v1.0/users/{ann}?$select=deletedDateTime"))
        .ok();
    assert_eq!(user["deletedDateTime"], Json::Null);
}

/// It does not follow its application in the bin, and what was withdrawn meanwhile would be honoured again: codes
/// would be sent where nobody wants them any more.
#[test]
fn a_service_principal_comes_back_as_its_application_is_now() {
    const OLD: &str = "https://old.example/back";
    const NEW: &str = "https://new.example/back";
    let world = World::new();
    let admin = world.contoso();
    let tool = world.registered(&[]);
    let (application, principal) = (
        format!("/v1.0/applications/{}", tool.application),
        format!("/v1.0/servicePrincipals/{}", tool.service_principal),
    );
    let lead = |to: &str| {
        let web = json!({"displayName": to, "web": {"redirectUris": [to]}});
        admin.patch(&application, web).no_content();
    };
    let restore = |id: &str| {
        let url = format!("/v1.0/directory/deletedItems/{id}/restore");
        admin.post(&url, json!({})).ok()
    };
    let is_honoured = |to: &str| {
        let app_id = tool.app_id.to_string();
        let tenant = world.tenants.contoso.id;
        let found = world.store.read(|it| Client::find(it, tenant, &app_id));
        found.unwrap().redirect_kind(to).is_ok()
    };
    lead(OLD);
    admin.delete(&principal).no_content();
    lead(NEW);
    let restored = restore(&tool.service_principal);
    assert_eq!(restored["replyUrls"], json!([NEW]));
    assert_eq!(
        (&restored["displayName"], &restored["appDisplayName"]),
        (&json!(NEW), &json!(NEW))
    );
    assert!(is_honoured(NEW) && !is_honoured(OLD));

    // Before its application, it follows when that comes.
    admin.delete(&principal).no_content();
    lead(OLD);
    admin.delete(&application).no_content();
    restore(&tool.service_principal);
    restore(&tool.application);
    assert!(is_honoured(OLD) && !is_honoured(NEW));
    assert_eq!(admin.get(&principal).ok()["replyUrls"], json!([OLD]));
}

#[test]
fn a_taken_name_stops_a_restore_until_another_is_given() {
    let world = World::new();
    let ann = deleted(&world, "ann");
    world.contoso().post("/v1.0/users", person("ann")).created();
    let url = format!("/v1.0/directory/deletedItems/{ann}/restore");
    let error = world
        .contoso()
        .post(&url, json!({}))
        .problem(400, "Request_BadRequest");
    assert_eq!(error["details"][0]["code"], "ObjectConflict");
    world
        .contoso()
        .post(&url, json!({"nonsense": 1}))
        .problem(400, "Request_BadRequest");
    let restored = world
        .contoso()
        .post(
            &url,
            json!({"newUserPrincipalName": "ann2@contoso.example"}),
        )
        .ok();
    assert_eq!(restored["userPrincipalName"], "ann2@contoso.example");
}

fn with_mail(alias: &str, mail: &str) -> Json {
    let mut body = person(alias);
    body["mail"] = json!(mail);
    body
}

#[test]
fn every_property_that_stops_a_restore_is_named_at_once() {
    let world = World::new();
    let admin = world.contoso();
    let ann = id(&admin
        .post("/v1.0/users", with_mail("ann", "ann@contoso.example"))
        .created());
    admin.delete(&format!("/v1.0/users/{ann}")).no_content();
    admin
        .post("/v1.0/users", with_mail("ann", "ANN@contoso.example"))
        .created();
    let error = admin
        .post(
            &format!("/v1.0/directory/deletedItems/{ann}/restore"),
            json!({}),
        )
        .problem(400, "Request_BadRequest");
    let targets: Vec<&Json> = error["details"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["target"])
        .collect();
    assert_eq!(targets, ["userPrincipalName", "proxyAddresses"]);
    for property in ["userPrincipalName", "proxyAddresses"] {
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(property), "{message}");
    }
}

#[test]
fn addresses_that_somebody_has_are_left_behind_when_asked_for() {
    let world = World::new();
    let admin = world.contoso();
    for version in ["v1.0", "beta"] {
        let (old, new) = (format!("old-{version}"), format!("new-{version}"));
        let mail = format!("{version}@contoso.example");
        let ann = id(&admin.post("/v1.0/users", with_mail(&old, &mail)).created());
        admin.delete(&format!("/v1.0/users/{ann}")).no_content();
        let taker = id(&admin.post("/v1.0/users", with_mail(&new, &mail)).created());
        let url = format!("/{version}/directory/deletedItems/{ann}/restore");
        for body in [json!({}), json!({"autoReconcileProxyConflict": false})] {
            let error = admin.post(&url, body).problem(400, "Request_BadRequest");
            assert_eq!(error["details"][0]["target"], "proxyAddresses");
        }
        let name = format!("{old}-2@contoso.example");
        let body = json!({"newUserPrincipalName": name, "autoReconcileProxyConflict": true});
        let restored = admin.post(&url, body).ok();
        assert_eq!(restored["userPrincipalName"], name);
        let addresses = |user: &str| {
            admin
                .get(&format!("/v1.0/users/{user}?$select=mail,proxyAddresses"))
                .ok()
        };
        let left = addresses(&ann);
        assert_eq!(
            (&left["mail"], &left["proxyAddresses"]),
            (&Json::Null, &json!([]))
        );
        assert_eq!(addresses(&taker)["mail"], mail);
    }
}

#[test]
fn addresses_that_nobody_took_come_back() {
    let world = World::new();
    let admin = world.contoso();
    let ann = id(&admin
        .post("/v1.0/users", with_mail("ann", "ann@contoso.example"))
        .created());
    admin.delete(&format!("/v1.0/users/{ann}")).no_content();
    let restored = admin
        .post(
            &format!("/v1.0/directory/deletedItems/{ann}/restore"),
            json!({"autoReconcileProxyConflict": true}),
        )
        .ok();
    assert_eq!(restored["mail"], "ann@contoso.example");
}

#[test]
fn purged_is_gone_for_good() {
    let world = World::new();
    let ann = deleted(&world, "ann");
    let url = format!("/v1.0/directory/deletedItems/{ann}");
    world.contoso().delete(&url).no_content();
    world
        .contoso()
        .get(&url)
        .problem(404, "Request_ResourceNotFound");
    world
        .contoso()
        .delete(&url)
        .problem(404, "Request_ResourceNotFound");
    world
        .contoso()
        .send("POST", &format!("{url}/restore"), Vec::new())
        .problem(404, "Request_ResourceNotFound");
}

#[test]
fn live_and_foreign_objects_are_not_in_the_bin() {
    let world = World::new();
    let (ann, bob) = (deleted(&world, "ann"), world.user("bob"));
    world
        .contoso()
        .delete(&format!("/v1.0/directory/deletedItems/{bob}"))
        .problem(404, "Request_ResourceNotFound");
    world
        .fabrikam()
        .get(&format!("/v1.0/directory/deletedItems/{ann}"))
        .problem(404, "Request_ResourceNotFound");
    world
        .fabrikam()
        .delete(&format!("/v1.0/directory/deletedItems/{ann}"))
        .problem(404, "Request_ResourceNotFound");
}

#[test]
fn each_kind_asks_for_its_own_permission() {
    let world = World::new();
    let ann = deleted(&world, "ann");
    let groups = world.application(&["Group.ReadWrite.All"]);
    groups
        .get("/v1.0/directory/deletedItems/microsoft.graph.group")
        .ok();
    groups
        .get(USERS)
        .problem(403, "Authorization_RequestDenied");
    groups
        .delete(&format!("/v1.0/directory/deletedItems/{ann}"))
        .problem(403, "Authorization_RequestDenied");
    groups
        .send(
            "POST",
            &format!("/v1.0/directory/deletedItems/{ann}/restore"),
            Vec::new(),
        )
        .problem(403, "Authorization_RequestDenied");
    let users = world.application(&["User.DeleteRestore.All"]);
    users
        .send(
            "POST",
            &format!("/v1.0/directory/deletedItems/{ann}/restore"),
            Vec::new(),
        )
        .ok();
}

#[test]
fn nothing_is_left_of_whoever_is_deleted_for_good() {
    let world = World::new();
    let admin = world.contoso();
    let tool = world.registered(&[]);
    let (ann, group) = (world.user("ann"), world.group_for_roles("admins"));
    let secrets = [
        format!("/v1.0/applications/{}", tool.application),
        format!("/v1.0/servicePrincipals/{}", tool.service_principal),
    ];
    for secret in secrets {
        admin.post(&format!("{secret}/addPassword"), json!({})).ok();
    }
    let assignments = "/v1.0/roleManagement/directory/roleAssignments";
    let role = "fe930be7-5e62-47db-91af-98c3a49a38b1";
    for holder in [&ann, &group, &tool.service_principal] {
        let body =
            json!({"roleDefinitionId": role, "principalId": holder, "directoryScopeId": "/"});
        admin.post(assignments, body).created();
    }
    let (client, graph) = (
        world.tenants.contoso.service_principal.to_string(),
        world.tenants.contoso.graph.to_string(),
    );
    let grants = "/v1.0/oauth2PermissionGrants";
    for (client, resource, user) in [
        (&tool.service_principal, &graph, None),
        (&client, &tool.service_principal, None),
        (&client, &graph, Some(&ann)),
    ] {
        let kind = user.map_or("AllPrincipals", |_| "Principal");
        let body = json!({"clientId": client, "resourceId": resource, "consentType": kind, "principalId": user, "scope": "User.Read"});
        admin.post(grants, body).created();
    }
    let all = [&ann, &group, &tool.application, &tool.service_principal];
    let kept = |id: &String| world.document_keys().iter().any(|key| key.contains(id));
    assert!(all.into_iter().all(kept));
    admin.delete(&format!("/v1.0/users/{ann}")).no_content();
    admin.delete(&format!("/v1.0/groups/{group}")).no_content();
    let application = format!("/v1.0/applications/{}", tool.application);
    admin.delete(&application).no_content();
    // Whoever is in the recycle bin may come back, and nobody sees them meanwhile.
    let shown = admin.get(&format!("{assignments}?$expand=principal")).ok();
    let shown = shown["value"].as_array().unwrap().clone();
    assert_eq!(shown.len(), 3);
    assert!(
        shown.iter().all(|it| it["principal"].is_null()),
        "{shown:?}"
    );
    for id in all {
        let url = format!("/v1.0/directory/deletedItems/{id}");
        admin.delete(&url).no_content();
    }
    for list in [assignments, grants] {
        assert_eq!(admin.get(list).ok()["value"], json!([]), "{list}");
    }
    assert!(!all.into_iter().any(kept), "{:?}", world.document_keys());
}

/// Whoever has what a leaver was signed in on does not get in again with the account.
#[test]
fn a_restored_user_signs_in_anew() {
    let world = World::new();
    let ann = world.user("ann");
    let before = world.signed_in(&ann, &["User.Read"], &[]);
    before.get("/v1.0/me").ok();
    world.clock.advance_seconds(60);
    let admin = world.contoso();
    admin.delete(&format!("/v1.0/users/{ann}")).no_content();
    let url = format!("/v1.0/directory/deletedItems/{ann}/restore");
    admin.post(&url, json!({})).ok();
    before
        .get("/v1.0/me")
        .problem(401, "InvalidAuthenticationToken");
    world
        .signed_in(&ann, &["User.Read"], &[])
        .get("/v1.0/me")
        .ok();
}
