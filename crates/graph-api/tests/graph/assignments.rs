//! App role assignments from both ends.

use serde_json::{Value as Json, json};
use syncline_directory::app_role_assignments::MOST_OF_PRINCIPAL;
use syncline_model::{Clock as _, EntityKind, Ids as _};
use syncline_store::{Assignment, AssignmentId, StoreError};

use crate::world::{PUBLIC_URL, World, each, id, text};

struct Configuration {
    principal: String,
    role: String,
}

fn configuration(world: &World) -> Configuration {
    let url = "/v1.0/applicationTemplates/518e5f48-1fc8-4c48-9387-9fdf28b0dfe7/instantiate";
    let made = world
        .contoso()
        .post(url, json!({"displayName": "Fabrikam"}))
        .created();
    Configuration {
        principal: id(&made["servicePrincipal"]),
        role: text(&made["servicePrincipal"]["appRoles"][0], "id"),
    }
}

#[test]
fn a_user_is_assigned_once_and_unassigned() {
    let world = World::new();
    let (ann, it) = (world.user("ann"), configuration(&world));
    let url = format!("/v1.0/servicePrincipals/{}/appRoleAssignedTo", it.principal);
    // Any case of the names, as PowerShell sends them.
    let body = json!({"PrincipalId": ann, "ResourceId": it.principal, "AppRoleId": it.role, "@odata.type": "#microsoft.graph.appRoleAssignment"});
    let made = world.contoso().post(&url, body.clone()).created();
    assert!(made["@odata.context"].as_str().unwrap().ends_with(&format!(
        "/v1.0/$metadata#servicePrincipals('{}')/appRoleAssignedTo/$entity",
        it.principal
    )));
    assert_eq!(id(&made).len(), 43);
    for (name, value) in [
        ("deletedDateTime", Json::Null),
        ("appRoleId", json!(it.role)),
        ("createdDateTime", json!("2022-12-10T12:00:00Z")),
        ("principalDisplayName", json!("ann")),
        ("principalId", json!(ann)),
        ("principalType", json!("User")),
        ("resourceDisplayName", json!("Fabrikam")),
        ("resourceId", json!(it.principal)),
    ] {
        assert_eq!(made.get(name), Some(&value), "{name}");
    }
    let error = world
        .contoso()
        .post(&url, body)
        .problem(400, "Request_BadRequest");
    assert_eq!(
        error["message"],
        "Permission being assigned already exists on the object"
    );
    let one = format!("{url}/{}", id(&made));
    assert_eq!(id(&world.contoso().get(&one).ok()), id(&made));
    world.contoso().delete(&one).no_content();
    world
        .contoso()
        .delete(&one)
        .problem(404, "Request_ResourceNotFound");
    assert_eq!(world.contoso().get(&url).ok()["value"], json!([]));
}

#[test]
fn the_other_end_sees_the_same() {
    let world = World::new();
    let (ann, group, it) = (
        world.user("ann"),
        world.group("sales"),
        configuration(&world),
    );
    for (set, principal, kind) in [("users", &ann, "User"), ("groups", &group, "Group")] {
        let url = format!("/v1.0/{set}/{principal}/appRoleAssignments");
        let body =
            json!({"principalId": principal, "resourceId": it.principal, "appRoleId": it.role});
        let made = world.contoso().post(&url, body).created();
        assert_eq!(made["principalType"], kind);
        let held = world
            .contoso()
            .get(&format!("{url}?$filter=resourceId eq {}", it.principal))
            .ok();
        assert_eq!(each(&held, "id"), [id(&made)]);
        assert_eq!(
            world
                .contoso()
                .get(&format!(
                    "{url}?$filter=resourceId eq {}",
                    world.tenants.contoso.graph
                ))
                .ok()["value"],
            json!([])
        );
        assert_eq!(
            id(&world.contoso().get(&format!("{url}/{}", id(&made))).ok()),
            id(&made)
        );
    }
    let url = format!("/v1.0/servicePrincipals/{}/appRoleAssignedTo", it.principal);
    assert_eq!(world.contoso().all(&url).len(), 2);
    for (filter, found) in [
        (format!("principalId eq {ann}"), 1),
        ("principalDisplayName eq 'sales'".to_owned(), 1),
        ("startsWith(principalDisplayName,'x')".to_owned(), 0),
    ] {
        assert_eq!(
            world
                .contoso()
                .all(&format!("{url}?$filter={filter}"))
                .len(),
            found,
            "{filter}"
        );
    }
    let held = world
        .contoso()
        .get(&format!("/v1.0/users/{ann}/appRoleAssignments"))
        .ok();
    world
        .contoso()
        .delete(&format!(
            "/v1.0/users/{ann}/appRoleAssignments/{}",
            id(&held["value"][0])
        ))
        .no_content();
    assert_eq!(world.contoso().all(&url).len(), 1);
}

#[test]
fn pages_of_assignments_are_followed() {
    let world = World::new();
    let it = configuration(&world);
    let url = format!("/v1.0/servicePrincipals/{}/appRoleAssignedTo", it.principal);
    for number in 0..5 {
        let user = world.user(&format!("u{number}"));
        world
            .contoso()
            .post(
                &url,
                json!({"principalId": user, "resourceId": it.principal, "appRoleId": it.role}),
            )
            .created();
    }
    let all = world
        .contoso()
        .all(&format!("{url}?$top=2&$select=id,principalDisplayName"));
    assert_eq!(
        all.iter()
            .map(|it| text(it, "principalDisplayName"))
            .collect::<Vec<_>>(),
        ["u0", "u1", "u2", "u3", "u4"]
    );
    assert_eq!(all[0].as_object().unwrap().len(), 2);
}

#[test]
fn assignments_are_counted_from_both_ends() {
    let world = World::new();
    let it = configuration(&world);
    let (ann, group) = (world.user("ann"), world.group("sales"));
    let client = world.contoso();
    let url = format!("/v1.0/servicePrincipals/{}/appRoleAssignedTo", it.principal);
    for principal in [&ann, &group] {
        let body =
            json!({"principalId": principal, "resourceId": it.principal, "appRoleId": it.role});
        client.post(&url, body).created();
    }
    for (url, filter, found) in [
        (
            url.clone(),
            "principalDisplayName eq 'ann'".to_owned(),
            ("2", "1"),
        ),
        (
            format!("/v1.0/users/{ann}/appRoleAssignments"),
            format!("resourceId eq {}", world.tenants.contoso.graph),
            ("1", "0"),
        ),
        (
            format!("/v1.0/groups/{group}/appRoleAssignments"),
            format!("resourceId eq {}", it.principal),
            ("1", "1"),
        ),
    ] {
        let count = |tail: &str| client.get(&format!("{url}/$count{tail}")).text();
        assert_eq!(
            (&*count(""), &*count(&format!("?$filter={filter}"))),
            found,
            "{url}"
        );
        let page = client.get(&format!("{url}?$count=true&$top=1")).ok();
        assert_eq!(page["@odata.count"].to_string(), found.0, "{url}");
    }
    let own = world.tenants.contoso.service_principal;
    let own = format!("/v1.0/servicePrincipals/{own}/appRoleAssignments");
    let held = client.all(&own).len().to_string();
    assert_eq!(client.get(&format!("{own}/$count")).text(), held);
    let page = client.get(&format!("{url}?$count=true&$top=1")).ok();
    let next = text(&page, "@odata.nextLink");
    let page = client.get(next.strip_prefix(PUBLIC_URL).unwrap()).ok();
    assert!(page.get("@odata.count").is_none(), "{page}");
    let tool = world.application(&["User.Read.All"]);
    tool.get(&format!("{url}/$count"))
        .problem(403, "Authorization_RequestDenied");
}

#[test]
fn default_access_is_a_role_too() {
    let world = World::new();
    let (ann, it) = (world.user("ann"), configuration(&world));
    let url = format!("/v1.0/servicePrincipals/{}/appRoleAssignedTo", it.principal);
    let zero = "00000000-0000-0000-0000-000000000000";
    let made = world
        .contoso()
        .post(
            &url,
            json!({"principalId": ann, "resourceId": it.principal, "appRoleId": zero}),
        )
        .created();
    assert_eq!(made["appRoleId"], zero);
}

#[test]
fn unknown_roles_principals_and_resources_are_refused() {
    let world = World::new();
    let (ann, it) = (world.user("ann"), configuration(&world));
    let other = configuration(&world);
    let nobody = "01234567-89ab-4def-8123-456789abcdef";
    let url = format!("/v1.0/servicePrincipals/{}/appRoleAssignedTo", it.principal);
    let body = |principal: &str, resource: &str, role: &str| json!({"principalId": principal, "resourceId": resource, "appRoleId": role});
    world
        .contoso()
        .post(&url, body(&ann, &it.principal, nobody))
        .problem(400, "Request_BadRequest");
    world
        .contoso()
        .post(&url, body(nobody, &it.principal, &it.role))
        .problem(404, "Request_ResourceNotFound");
    world
        .contoso()
        .post(&url, body(&ann, nobody, &it.role))
        .problem(404, "Request_ResourceNotFound");
    world
        .contoso()
        .post(&url, body(&ann, &other.principal, &other.role))
        .problem(400, "Request_BadRequest");
    for body in [
        json!({}),
        json!({"principalId": ann}),
        json!({"principalId": "x", "resourceId": it.principal, "appRoleId": it.role}),
        json!({"principalId": ann, "resourceId": it.principal, "appRoleId": it.role, "nonsense": 1}),
    ] {
        world
            .contoso()
            .post(&url, body)
            .problem(400, "Request_BadRequest");
    }
    let users = format!("/v1.0/users/{ann}/appRoleAssignments");
    world
        .contoso()
        .post(&users, body(nobody, &it.principal, &it.role))
        .problem(400, "Request_BadRequest");
    assert!(world.contoso().all(&url).is_empty());
}

#[test]
fn an_assignment_of_another_resource_is_not_found_here() {
    let world = World::new();
    let (ann, it, other) = (
        world.user("ann"),
        configuration(&world),
        configuration(&world),
    );
    let url = format!("/v1.0/servicePrincipals/{}/appRoleAssignedTo", it.principal);
    let made = world
        .contoso()
        .post(
            &url,
            json!({"principalId": ann, "resourceId": it.principal, "appRoleId": it.role}),
        )
        .created();
    let elsewhere = format!(
        "/v1.0/servicePrincipals/{}/appRoleAssignedTo/{}",
        other.principal,
        id(&made)
    );
    world
        .contoso()
        .get(&elsewhere)
        .problem(404, "Request_ResourceNotFound");
    world
        .contoso()
        .delete(&elsewhere)
        .problem(404, "Request_ResourceNotFound");
    world
        .contoso()
        .get(&format!("{url}/nonsense"))
        .problem(404, "Request_ResourceNotFound");
    world
        .fabrikam()
        .get(&url)
        .problem(404, "Request_ResourceNotFound");
}

#[test]
fn application_readwrite_alone_is_enough_for_a_configuration() {
    let world = World::new();
    let (ann, it) = (world.user("ann"), configuration(&world));
    let tool = world.application(&["Application.ReadWrite.All"]);
    let url = format!("/v1.0/servicePrincipals/{}/appRoleAssignedTo", it.principal);
    tool.post(
        &url,
        json!({"principalId": ann, "resourceId": it.principal, "appRoleId": it.role}),
    )
    .created();
}

#[test]
fn a_principal_holds_as_many_roles_as_it_may() {
    let world = World::new();
    let (ann, ben, it) = (world.user("ann"), world.user("ben"), configuration(&world));
    let tenant = world.tenants.contoso.id;
    let graph = world.tenants.contoso.graph;
    let mut held: Vec<Assignment> = (0..MOST_OF_PRINCIPAL)
        .map(|_| Assignment {
            id: AssignmentId {
                principal: ann.parse().unwrap(),
                suffix: *world.ids.random_uuid().as_bytes(),
            },
            resource: graph,
            principal_kind: EntityKind::User,
            role: world.ids.random_uuid(),
            created_at: world.clock.now(),
        })
        .collect();
    let last = held.pop().unwrap();
    let insert = |assignments: &[Assignment]| {
        let written = world.store.write(|tx| {
            tx.insert_assignments(tenant, assignments)?;
            Ok::<_, StoreError>(())
        });
        written.unwrap();
    };
    insert(&held);
    let of_ann = format!("/v1.0/users/{ann}/appRoleAssignments");
    let assigned_to = format!("/v1.0/servicePrincipals/{}/appRoleAssignedTo", it.principal);
    let body =
        |user: &str| json!({"principalId": user, "resourceId": it.principal, "appRoleId": it.role});
    let made = world.contoso().post(&of_ann, body(&ann)).created();
    // It is the last one, and may be asked for again.
    for url in [&of_ann, &assigned_to] {
        let error = world
            .contoso()
            .post(url, body(&ann))
            .problem(400, "Request_BadRequest");
        let message = text(&error, "message");
        assert!(
            message.contains("already exists on the object"),
            "{message}"
        );
    }
    world
        .contoso()
        .delete(&format!("{of_ann}/{}", id(&made)))
        .no_content();
    insert(&[last]);
    for url in [&of_ann, &assigned_to] {
        let error = world
            .contoso()
            .post(url, body(&ann))
            .problem(400, "Request_BadRequest");
        let message = text(&error, "message");
        assert!(
            message.contains("at most 1500 app role assignments"),
            "{message}"
        );
    }
    let holds = world
        .store
        .read(|reader| reader.assignments_of_principal(tenant, ann.parse().unwrap()));
    assert_eq!(holds.unwrap().len(), MOST_OF_PRINCIPAL);
    world.contoso().post(&assigned_to, body(&ben)).created();
}
