//! Which permission each family of routes asks for, and that asking for more than one holds is 403.

use serde_json::json;
use syncline_access::DirectoryRole;
use syncline_model::EntityKind;

use crate::world::{World, person, reference, security_group};

/// One of the two permissions that nobody less powerful can consent to for others.
const DECISIVE: &str = "AppRoleAssignment.ReadWrite.All";

#[test]
fn an_application_without_permissions_may_read_nothing_but_the_gallery() {
    let world = World::new();
    let tool = world.application(&[]);
    for url in [
        "/v1.0/users",
        "/v1.0/groups",
        "/v1.0/applications",
        "/v1.0/servicePrincipals",
        "/v1.0/organization",
        "/v1.0/domains",
        "/v1.0/directoryRoles",
        "/v1.0/roleManagement/directory/roleAssignments",
        "/v1.0/oauth2PermissionGrants",
        "/v1.0/users/delta",
        "/v1.0/groups/delta",
        "/v1.0/directory/deletedItems/microsoft.graph.user",
        "/v1.0/directory/deletedItems/microsoft.graph.group",
        "/v1.0/directory/deletedItems/microsoft.graph.application",
    ] {
        let error = tool.get(url).problem(403, "Authorization_RequestDenied");
        assert_eq!(
            error["message"], "Insufficient privileges to complete the operation.",
            "{url}"
        );
    }
    tool.get("/v1.0/applicationTemplates").ok();
}

#[test]
fn reading_is_not_writing() {
    let world = World::new();
    let (ann, group) = (world.user("ann"), world.group("sales"));
    let tool = world.application(&[
        "Directory.Read.All",
        "User.Read.All",
        "Group.Read.All",
        "Application.Read.All",
    ]);
    for url in [
        "/v1.0/users".to_owned(),
        "/v1.0/groups".to_owned(),
        format!("/v1.0/groups/{group}/members"),
    ] {
        tool.get(&url).ok();
    }
    tool.post("/v1.0/users", person("bob"))
        .problem(403, "Authorization_RequestDenied");
    tool.patch(&format!("/v1.0/users/{ann}"), json!({"jobTitle": "x"}))
        .problem(403, "Authorization_RequestDenied");
    tool.delete(&format!("/v1.0/users/{ann}"))
        .problem(403, "Authorization_RequestDenied");
    tool.post("/v1.0/groups", security_group("x"))
        .problem(403, "Authorization_RequestDenied");
    tool.delete(&format!("/v1.0/groups/{group}"))
        .problem(403, "Authorization_RequestDenied");
    tool.post(
        &format!("/v1.0/groups/{group}/members/$ref"),
        reference(&ann),
    )
    .problem(403, "Authorization_RequestDenied");
    tool.post("/v1.0/applications", json!({"displayName": "x"}))
        .problem(403, "Authorization_RequestDenied");
    let template = "/v1.0/applicationTemplates/518e5f48-1fc8-4c48-9387-9fdf28b0dfe7/instantiate";
    tool.post(template, json!({"displayName": "x"}))
        .problem(403, "Authorization_RequestDenied");
}

#[test]
fn the_order_is_route_permission_body() {
    let world = World::new();
    let tool = world.application(&["User.Read.All"]);
    tool.send("POST", "/v1.0/users", b"{".to_vec())
        .problem(403, "Authorization_RequestDenied");
    tool.get("/v1.0/nonsense").problem(400, "BadRequest");
    tool.send("PUT", "/v1.0/users", Vec::new())
        .problem(405, "Request_BadRequest");
}

#[test]
fn members_may_be_changed_without_the_right_to_change_groups() {
    let world = World::new();
    let (ann, bob, group) = (world.user("ann"), world.user("bob"), world.group("sales"));
    let tool = world.application(&["GroupMember.ReadWrite.All"]);
    tool.post(
        &format!("/v1.0/groups/{group}/members/$ref"),
        reference(&ann),
    )
    .no_content();
    let url = format!("/v1.0/groups/{group}");
    tool.patch(
        &url,
        json!({"members@odata.bind": [reference(&bob)["@odata.id"]]}),
    )
    .no_content();
    tool.patch(&url, json!({"description": "x"}))
        .problem(403, "Authorization_RequestDenied");
    tool.patch(
        &url,
        json!({"owners@odata.bind": [reference(&bob)["@odata.id"]]}),
    )
    .problem(403, "Authorization_RequestDenied");
}

#[test]
fn administrators_are_out_of_reach_for_user_administrators() {
    let world = World::new();
    let (ann, boss) = (world.user("ann"), world.user("boss"));
    let url = format!("/v1.0/users/{boss}");
    let scopes = ["User.ReadWrite.All"];
    world.signed_in(&boss, &scopes, &[DirectoryRole::GlobalAdministrator]);
    let helper = world.signed_in(&ann, &scopes, &[DirectoryRole::UserAdministrator]);
    for body in [
        json!({"accountEnabled": false}),
        json!({"passwordProfile": {"password": "xWwvJ]6NMw+bWH-e"}}),
        json!({"userPrincipalName": "x@contoso.example"}),
        // What a password is reset by.
        json!({"mail": "x@contoso.example"}),
        json!({"mobilePhone": "+41 1"}),
        json!({"otherMails": ["x@contoso.example"]}),
    ] {
        helper
            .patch(&url, body)
            .problem(403, "Authorization_RequestDenied");
    }
    helper
        .delete(&url)
        .problem(403, "Authorization_RequestDenied");
    helper
        .patch(&url, json!({"jobTitle": "Chief"}))
        .no_content();
    let tool = world.application(&["User.ReadWrite.All"]);
    tool.patch(
        &url,
        json!({"passwordProfile": {"password": "xWwvJ]6NMw+bWH-e"}}),
    )
    .problem(403, "Authorization_RequestDenied");
    world
        .contoso()
        .patch(&url, json!({"accountEnabled": true}))
        .no_content();
}

#[test]
fn only_the_permission_for_it_hands_out_permissions() {
    let world = World::new();
    let tool = world.application(&["Application.ReadWrite.All", "Directory.ReadWrite.All"]);
    let contoso = &world.tenants.contoso;
    let me = contoso.service_principal.to_string();
    let role = syncline_access::permission_ids::role_id("User.Read.All").unwrap();
    let body =
        json!({"principalId": me, "resourceId": contoso.graph.to_string(), "appRoleId": role});
    tool.post(
        &format!(
            "/v1.0/servicePrincipals/{}/appRoleAssignedTo",
            contoso.graph
        ),
        body.clone(),
    )
    .problem(403, "Authorization_RequestDenied");
    tool.post(
        &format!("/v1.0/servicePrincipals/{me}/appRoleAssignments"),
        body,
    )
    .problem(403, "Authorization_RequestDenied");
}

#[test]
fn nobody_becomes_a_powerful_application_by_giving_it_a_secret() {
    let world = World::new();
    let contoso = &world.tenants.contoso;
    let (application, principal) = (contoso.application, contoso.service_principal);
    let key =
        json!({"key": crate::certificates::RSA, "type": "AsymmetricX509Cert", "usage": "Verify"});
    let certificate = json!({"keyCredentials": [key]});
    let none = json!({"keyCredentials": []});
    let attempts = [
        (
            "POST",
            format!("/v1.0/applications/{application}/addPassword"),
            json!({}),
        ),
        (
            "POST",
            format!("/v1.0/servicePrincipals/{principal}/addPassword"),
            json!({}),
        ),
        (
            "PATCH",
            format!("/v1.0/applications/{application}"),
            certificate.clone(),
        ),
        (
            "PATCH",
            format!("/v1.0/servicePrincipals/{principal}"),
            certificate.clone(),
        ),
    ];
    let ann = world.user("ann");
    let scopes = ["Application.ReadWrite.All"];
    let helper = world.signed_in(&ann, &scopes, &[DirectoryRole::ApplicationAdministrator]);
    let tool = world.application(&["Application.ReadWrite.All", "Directory.ReadWrite.All"]);
    // An application that acts for a Global Administrator, with what the helper may consent to for all.
    let boss = world.user("boss");
    let led = ["Application.ReadWrite.All", "Directory.ReadWrite.All"];
    let led = world.signed_in(&boss, &led, &[DirectoryRole::GlobalAdministrator]);
    let act = |client: &crate::world::Client<'_>,
               (method, url, body): &(&str, String, serde_json::Value)| match *method
    {
        "POST" => client.post(url, body.clone()),
        _ => client.patch(url, body.clone()),
    };
    for attempt in &attempts {
        for client in [&helper, &tool, &led] {
            act(client, attempt).problem(403, "Authorization_RequestDenied");
        }
    }
    // Other properties, and other applications, are theirs to manage.
    let url = format!("/v1.0/applications/{application}");
    helper.patch(&url, json!({"notes": "x"})).no_content();
    let mine = helper
        .post("/v1.0/applications", json!({"displayName": "mine"}))
        .created();
    let url = format!("/v1.0/applications/{}/addPassword", crate::world::id(&mine));
    helper.post(&url, json!({})).ok();
    // The application itself, and a Global Administrator who consented to more than the helper could, may.
    let boss = world.signed_in(&boss, &[scopes[0], DECISIVE], &[]);
    for client in [&world.contoso(), &boss] {
        for attempt in &attempts[..2] {
            act(client, attempt).ok();
        }
    }
    // There is none to take away, until there is.
    for (_, url, _) in &attempts[2..] {
        helper.patch(url, none.clone()).no_content();
        boss.patch(url, certificate.clone()).no_content();
        for client in [&helper, &led] {
            client
                .patch(url, none.clone())
                .problem(403, "Authorization_RequestDenied");
        }
    }
}

/// The recycle bin keeps what an application holds: whoever could send it there, give it a secret
/// while nobody signs in as it, and fetch it back, would hold all that.
#[test]
fn nobody_becomes_a_powerful_application_through_the_recycle_bin() {
    let world = World::new();
    let contoso = &world.tenants.contoso;
    let application = format!("/v1.0/applications/{}", contoso.application);
    let principal = format!("/v1.0/servicePrincipals/{}", contoso.service_principal);
    let bin = "/v1.0/directory/deletedItems";
    let recycled = |id: &dyn std::fmt::Display| format!("{bin}/{id}");
    let scopes = ["Application.ReadWrite.All"];
    let (ann, boss) = (world.user("ann"), world.user("boss"));
    let helper = world.signed_in(&ann, &scopes, &[DirectoryRole::ApplicationAdministrator]);
    let led = world.signed_in(&boss, &scopes, &[DirectoryRole::GlobalAdministrator]);
    let boss = world.signed_in(&boss, &[scopes[0], DECISIVE], &[]);
    let tool = world.application(&["Application.ReadWrite.All", "Directory.ReadWrite.All"]);
    let refused = |method: &str, url: &str| {
        for client in [&helper, &tool, &led] {
            client
                .send(method, url, Vec::new())
                .problem(403, "Authorization_RequestDenied");
        }
    };
    for url in [&application, &principal] {
        refused("DELETE", url);
    }
    // Deleted by somebody who may, or disabled, it stays out of reach.
    boss.patch(&principal, json!({"accountEnabled": false}))
        .no_content();
    for client in [&helper, &tool, &led] {
        client
            .patch(&principal, json!({"accountEnabled": true}))
            .problem(403, "Authorization_RequestDenied");
    }
    boss.delete(&principal).no_content();
    refused("POST", &format!("{application}/addPassword"));
    let restore = format!("{}/restore", recycled(&contoso.service_principal));
    // Nor when it is so large that it is not read for that.
    boss.send("POST", &restore, Vec::new()).ok();
    let tags: Vec<String> = (0..200).map(|number| format!("{number:0200}")).collect();
    boss.patch(&principal, json!({"tags": tags})).no_content();
    boss.delete(&principal).no_content();
    refused("POST", &format!("{application}/addPassword"));
    refused("POST", &restore);
    refused("DELETE", &recycled(&contoso.service_principal));
    // Nor is one in its place a way around.
    let stand_in = helper
        .post(
            "/v1.0/servicePrincipals",
            json!({"appId": contoso.app_id.to_string()}),
        )
        .created();
    refused("POST", &format!("{application}/addPassword"));
    boss.delete(&format!(
        "/v1.0/servicePrincipals/{}",
        crate::world::id(&stand_in)
    ))
    .no_content();
    boss.delete(&application).no_content();
    refused(
        "POST",
        &format!("{}/restore", recycled(&contoso.application)),
    );
    refused("DELETE", &recycled(&contoso.application));
    for id in [&contoso.application, &contoso.service_principal] {
        boss.send("POST", &format!("{}/restore", recycled(id)), Vec::new())
            .ok();
    }
    // Applications that decide nothing are theirs to delete and restore.
    let mine = helper
        .post("/v1.0/applications", json!({"displayName": "mine"}))
        .created();
    let mine = crate::world::id(&mine);
    helper
        .delete(&format!("/v1.0/applications/{mine}"))
        .no_content();
    helper
        .send("POST", &format!("{}/restore", recycled(&mine)), Vec::new())
        .ok();
}

/// They may be large, and as many as a tenant likes.
#[test]
fn service_principals_in_the_recycle_bin_are_not_read_whole_to_find_those_of_one_application() {
    let world = World::new();
    let scopes = ["Application.ReadWrite.All"];
    let helper = world.signed_in(
        &world.user("ann"),
        &scopes,
        &[DirectoryRole::ApplicationAdministrator],
    );
    let made = |name: &str| {
        let body = json!({"displayName": name});
        let made = helper.post("/v1.0/applications", body).created();
        let app_id = crate::world::text(&made, "appId");
        let principal = helper.post("/v1.0/servicePrincipals", json!({"appId": app_id}));
        let principal = crate::world::id(&principal.created());
        (crate::world::id(&made), principal)
    };
    let (_, gone) = made("gone");
    let (mine, _) = made("mine");
    helper
        .delete(&format!("/v1.0/servicePrincipals/{gone}"))
        .no_content();
    world.cut("state = 1");
    let url = format!("/v1.0/applications/{mine}/addPassword");
    helper.post(&url, json!({})).ok();
}

#[test]
fn groups_are_not_read_whole_to_find_those_for_roles() {
    let world = World::new();
    let scopes = ["User.ReadWrite.All"];
    let helper = world.signed_in(
        &world.user("ann"),
        &scopes,
        &[DirectoryRole::UserAdministrator],
    );
    let bob = world.user("bob");
    world.join(&world.group("plain"), &bob);
    world.cut(&format!("kind = {}", EntityKind::Group as u8));
    let url = format!("/v1.0/users/{bob}");
    helper
        .patch(&url, json!({"accountEnabled": false}))
        .no_content();
}

#[test]
fn deleted_administrators_are_out_of_reach_for_user_administrators() {
    let world = World::new();
    let (ann, boss) = (world.user("ann"), world.user("boss"));
    let scopes = ["User.ReadWrite.All", "Group.ReadWrite.All"];
    world.signed_in(&boss, &scopes, &[DirectoryRole::GlobalAdministrator]);
    let helper = world.signed_in(&ann, &scopes, &[DirectoryRole::UserAdministrator]);
    let mut group = security_group("admins");
    group["isAssignableToRole"] = json!(true);
    let group = crate::world::id(&world.contoso().post("/v1.0/groups", group).created());
    world
        .contoso()
        .delete(&format!("/v1.0/users/{boss}"))
        .no_content();
    world
        .contoso()
        .delete(&format!("/v1.0/groups/{group}"))
        .no_content();
    for id in [&boss, &group] {
        let url = format!("/v1.0/directory/deletedItems/{id}");
        helper
            .post(&format!("{url}/restore"), json!({}))
            .problem(403, "Authorization_RequestDenied");
        helper
            .delete(&url)
            .problem(403, "Authorization_RequestDenied");
        world
            .contoso()
            .post(&format!("{url}/restore"), json!({}))
            .ok();
    }
}

#[test]
fn the_resource_of_all_permissions_stays() {
    let world = World::new();
    let url = format!("/v1.0/servicePrincipals/{}", world.tenants.contoso.graph);
    world
        .contoso()
        .delete(&url)
        .problem(400, "Request_BadRequest");
    world.contoso().get(&url).ok();
}

#[test]
fn every_route_has_a_pattern_that_reads_and_no_twin() {
    let mut router = syncline_odata::path::Router::new();
    for route in syncline_graph_api::routes::all() {
        router
            .add(route.method, route.pattern, ())
            .unwrap_or_else(|error| panic!("{} {}: {error:?}", route.method, route.pattern));
    }
    assert!(router.routes().count() > 100);
}
