//! `/oauth2PermissionGrants`

use serde_json::{Value as Json, json};
use syncline_access::DirectoryRole;

use syncline_graph_api::{Limits, Most};

use crate::world::{World, each, id};

const URL: &str = "/v1.0/oauth2PermissionGrants";

fn body(world: &World, scope: &str) -> Json {
    let contoso = &world.tenants.contoso;
    json!({"clientId": contoso.service_principal.to_string(), "consentType": "AllPrincipals", "resourceId": contoso.graph.to_string(), "scope": scope})
}

#[test]
fn a_grant_is_made_found_changed_and_withdrawn() {
    let world = World::new();
    let made = world
        .contoso()
        .post(URL, body(&world, " User.Read  Group.Read.All "))
        .created();
    assert_eq!(
        (&made["scope"], &made["principalId"]),
        (&json!("User.Read Group.Read.All"), &Json::Null)
    );
    world
        .contoso()
        .post(URL, body(&world, "User.Read"))
        .problem(400, "Request_BadRequest");
    let found = world
        .contoso()
        .get(&format!(
            "{URL}?$filter=clientId eq '{}' and consentType eq 'AllPrincipals'",
            world.tenants.contoso.service_principal
        ))
        .ok();
    assert_eq!(each(&found, "id"), [id(&made)]);
    let url = format!("{URL}/{}", id(&made));
    world
        .contoso()
        .patch(&url, json!({"scope": "User.Read"}))
        .no_content();
    assert_eq!(world.contoso().get(&url).ok()["scope"], "User.Read");
    // As it was read, but for the scope.
    let mut read = world.contoso().get(&url).ok();
    read["scope"] = json!("User.Read Group.Read.All");
    world.contoso().patch(&url, read.clone()).no_content();
    assert_eq!(
        world.contoso().get(&url).ok()["scope"],
        "User.Read Group.Read.All"
    );
    read["clientId"] = json!("x");
    let error = world
        .contoso()
        .patch(&url, read)
        .problem(400, "Request_BadRequest");
    assert_eq!(error["details"][0]["target"], "clientId");
    world.contoso().delete(&url).no_content();
    world
        .contoso()
        .delete(&url)
        .problem(404, "Request_ResourceNotFound");
}

/// Whoever manages applications decides where their codes go: those of all administrators would go there.
#[test]
fn what_hands_out_roles_for_others_is_let_by_who_may_hand_them_out() {
    const DECISIVE: &str = "RoleManagement.ReadWrite.Directory";
    const DENIED: &str = "Authorization_RequestDenied";
    let world = World::new();
    let (ann, bob, cid) = (world.user("ann"), world.user("bob"), world.user("cid"));
    let scopes = ["DelegatedPermissionGrant.ReadWrite.All"];
    let weaker = world.signed_in(&ann, &scopes, &[DirectoryRole::ApplicationAdministrator]);
    let stronger = [DirectoryRole::PrivilegedRoleAdministrator];
    // An application that acts for them, with what the weaker may consent to for all.
    let led = world.signed_in(&bob, &scopes, &stronger);
    let wide = ["DelegatedPermissionGrant.ReadWrite.All", DECISIVE];
    let stronger = world.signed_in(&bob, &wide, &[]);
    let of = |user: &str, scope: &str| {
        let mut body = body(&world, scope);
        body["consentType"] = json!("Principal");
        body["principalId"] = json!(user);
        body
    };
    for spelling in [DECISIVE, "approleassignment.readwrite.all"] {
        let scope = format!("User.Read {spelling}");
        weaker.post(URL, body(&world, &scope)).problem(403, DENIED);
        weaker.post(URL, of(&cid, &scope)).problem(403, DENIED);
        // For oneself it is one's own codes, but it takes a page of consent, or as much as is let.
        for (client, user) in [(&weaker, &ann), (&led, &bob), (&led, &cid)] {
            client.post(URL, of(user, &scope)).problem(403, DENIED);
        }
        led.post(URL, body(&world, &scope)).problem(403, DENIED);
    }
    world
        .signed_in(&ann, &wide, &[])
        .post(URL, of(&ann, DECISIVE))
        .created();
    stronger.post(URL, of(&bob, DECISIVE)).created();
    let made = weaker.post(URL, body(&world, "User.Read")).created();
    let url = format!("{URL}/{}", id(&made));
    let more = json!({"scope": format!("User.Read {DECISIVE}")});
    for client in [&weaker, &led] {
        client.patch(&url, more.clone()).problem(403, DENIED);
    }
    assert_eq!(weaker.get(&url).ok()["scope"], "User.Read");
    stronger.patch(&url, more).no_content();
    // What is there already is nothing new, and may be taken away.
    let other = json!({"scope": format!("Group.Read.All {DECISIVE}")});
    weaker.patch(&url, other).no_content();
    weaker
        .patch(&url, json!({"scope": "User.Read"}))
        .no_content();
    stronger.post(URL, of(&cid, DECISIVE)).created();

    // An application by itself is nobody: all grants are for others.
    let may = |held: &[&str]| world.application(held);
    let narrow = may(&["DelegatedPermissionGrant.ReadWrite.All"]);
    narrow.post(URL, of(&bob, DECISIVE)).problem(403, DENIED);
    let dan = world.user("dan");
    may(&wide).post(URL, of(&dan, DECISIVE)).created();
}

#[test]
fn strange_grants_are_refused() {
    let world = World::new();
    for (name, value) in [
        ("clientId", json!(null)),
        ("consentType", json!("Some")),
        ("consentType", json!("Principal")),
        ("scope", json!(" ")),
        ("nonsense", json!(1)),
    ] {
        let mut body = body(&world, "User.Read");
        body[name] = value;
        world
            .contoso()
            .post(URL, body)
            .problem(400, "Request_BadRequest");
    }
    let mut stranger = body(&world, "User.Read");
    stranger["clientId"] = json!(world.tenants.fabrikam.service_principal.to_string());
    world
        .contoso()
        .post(URL, stranger)
        .problem(404, "Request_ResourceNotFound");
    assert_eq!(world.contoso().get(URL).ok()["value"], json!([]));
}

#[test]
fn a_scope_has_a_length() {
    let world = World::new();
    let admin = world.contoso();
    let made = admin.post(URL, body(&world, &"a".repeat(3850))).created();
    let url = format!("{URL}/{}", id(&made));
    let longer = "a ".repeat(1926);
    admin
        .patch(&url, json!({"scope": longer}))
        .problem(400, "Request_BadRequest");
    admin.delete(&url).no_content();
    let error = admin
        .post(URL, body(&world, &longer))
        .problem(400, "Request_BadRequest");
    assert_eq!(error["details"][0]["target"], "scope");
}

/// A grant of each of these users for themselves.
fn of_users(world: &World, aliases: &[&str]) -> Vec<String> {
    let granted = |alias: &&str| {
        let mut body = body(world, "User.Read");
        body["consentType"] = json!("Principal");
        body["principalId"] = json!(world.user(alias));
        id(&world.contoso().post(URL, body).created())
    };
    aliases.iter().map(granted).collect()
}

#[test]
fn pages_miss_nobody_when_a_grant_is_withdrawn_between_them() {
    let world = World::new();
    let mut granted = of_users(&world, &["ann", "ben", "cat", "dan"]);
    granted.sort();
    let all: Vec<String> = each(&world.contoso().get(URL).ok(), "id");
    let mut page = world.contoso().get(&format!("{URL}?$top=2")).ok();
    let mut seen = each(&page, "id");
    world
        .contoso()
        .delete(&format!("{URL}/{}", seen[0]))
        .no_content();
    while let Some(next) = page["@odata.nextLink"].as_str() {
        page = world.contoso().get(next).ok();
        seen.extend(each(&page, "id"));
    }
    assert_eq!(seen, all);
    seen.sort();
    seen.retain(|it| granted.contains(it));
    assert_eq!(seen, granted);
}

#[test]
fn the_grants_of_one_client_are_found_without_reading_those_of_others() {
    let world = World::with_limits(Limits {
        scans: Most {
            all: 1,
            of_tenant: 0,
        },
        scan_rows: 3,
        ..Limits::default()
    });
    of_users(&world, &["ann", "ben", "cat", "dan"]);
    let graph = world.tenants.contoso.graph;
    world
        .contoso()
        .get(&format!("{URL}?$count=true"))
        .problem(429, "TooManyRequests");
    let others = world
        .contoso()
        .get(&format!(
            "{URL}?$filter=scope ne 'x' and (clientId eq '{graph}' and consentType eq 'Principal')"
        ))
        .ok();
    assert_eq!(each(&others, "id"), Vec::<String>::new());
}
