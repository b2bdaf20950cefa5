//! Directory roles that groups and service principals hold: they count, and nobody gets one by himself.

use serde_json::json;
use syncline_access::DirectoryRole::{
    self, ApplicationAdministrator, GlobalAdministrator, GroupsAdministrator,
    PrivilegedRoleAdministrator, ReportsReader, UserAdministrator,
};

use syncline_access::roles::RoleAssignment;
use syncline_model::Ids as _;

use crate::world::{World, each, id, person, reference, security_group, text};

const USERS: &str = "/v1.0/users";
const DENIED: &str = "Authorization_RequestDenied";

/// A group for roles that holds these.
fn holding(world: &World, name: &str, roles: &[DirectoryRole]) -> String {
    let mut body = security_group(name);
    body["isAssignableToRole"] = json!(true);
    let group = id(&world.contoso().post("/v1.0/groups", body).created());
    for role in roles {
        give(world, *role, &group);
    }
    group
}

fn give(world: &World, role: DirectoryRole, holder: &str) {
    let url = members(role);
    world.contoso().post(&url, reference(holder)).no_content();
}

fn take(world: &World, role: DirectoryRole, holder: &str) {
    let url = members(role).replace("/$ref", &format!("/{holder}/$ref"));
    world.contoso().delete(&url).no_content();
}

fn members(role: DirectoryRole) -> String {
    format!("/v1.0/directoryRoles/{}/members/$ref", role.template_id())
}

/// As a version kept it in which roles of groups did not count.
fn gave_an_earlier_version(world: &World, role: DirectoryRole, group: &str) {
    let tenant = world.tenants.contoso.id;
    let key = format!("{group}/{}", role.template_id());
    let old = RoleAssignment {
        id: world.ids.random_uuid(),
        principal: group.parse().unwrap(),
        role,
        to_group: false,
    };
    world
        .store
        .write(|tx| tx.put_document(Some(tenant), &key, &old, None))
        .unwrap();
}

fn leave(world: &World, group: &str, member: &str) {
    let url = format!("/v1.0/groups/{group}/members/{member}/$ref");
    world.contoso().delete(&url).no_content();
}

#[test]
fn the_role_of_a_group_counts_as_long_as_one_is_in_it() {
    let world = World::new();
    let (ann, admins) = (
        world.user("ann"),
        holding(&world, "admins", &[UserAdministrator]),
    );
    let client = world.signed_in(&ann, &["User.ReadWrite.All"], &[]);
    let mut number = 0;
    let mut may_create = || {
        number += 1;
        let answer = client.post(USERS, person(&format!("new{number}")));
        answer.status == 201
    };
    assert!(!may_create());
    world.join(&admins, &ann);
    assert!(may_create());
    // Not while the group is in the recycle bin.
    let group = format!("/v1.0/groups/{admins}");
    world.contoso().delete(&group).no_content();
    assert!(!may_create());
    let restore = format!("/v1.0/directory/deletedItems/{admins}/restore");
    world.contoso().post(&restore, json!({})).ok();
    assert!(may_create());
    take(&world, UserAdministrator, &admins);
    assert!(!may_create());
    give(&world, UserAdministrator, &admins);
    assert!(may_create());
    leave(&world, &admins, &ann);
    assert!(!may_create());
}

#[test]
fn what_is_told_is_what_counts() {
    let world = World::new();
    let ann = world.user("ann");
    let admins = holding(&world, "admins", &[UserAdministrator]);
    let told = || {
        let url = format!("{USERS}/{ann}/transitiveMemberOf/microsoft.graph.directoryRole");
        each(&world.contoso().get(&url).ok(), "displayName")
    };
    world.join(&admins, &ann);
    assert_eq!(told(), ["User Administrator"]);
    // A group in a group has no part in its roles, and gets into none.
    let inner = world.group("inner");
    let into = |group: &str| {
        let url = format!("/v1.0/groups/{group}/members/$ref");
        world.contoso().post(&url, reference(&inner))
    };
    into(&admins).problem(400, "Request_BadRequest");
    let bind = json!({"members@odata.bind": [format!("https://graph.microsoft.com/v1.0/directoryObjects/{inner}")]});
    world
        .contoso()
        .patch(&format!("/v1.0/groups/{admins}"), bind)
        .problem(400, "Request_BadRequest");
    // The other way round nobody gains anything.
    let url = format!("/v1.0/groups/{inner}/members/$ref");
    world.contoso().post(&url, reference(&admins)).no_content();
    leave(&world, &admins, &ann);
    assert!(told().is_empty());
}

#[test]
fn a_group_for_roles_is_a_security_group_of_chosen_members() {
    let world = World::new();
    let make = |change: serde_json::Value| {
        let mut body = security_group("admins");
        body["isAssignableToRole"] = json!(true);
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        world.contoso().post("/v1.0/groups", body)
    };
    let unified = json!({"groupTypes": ["Unified"], "mailEnabled": true, "securityEnabled": false});
    make(unified).problem(400, "Request_BadRequest");
    let dynamic = json!({"groupTypes": ["DynamicMembership"], "membershipRule": "user.city -eq \"Bern\"", "membershipRuleProcessingState": "On"});
    make(dynamic).problem(400, "Request_BadRequest");
    let made = make(json!({})).created();
    assert_eq!(made["visibility"], "Private");
    world
        .contoso()
        .patch(
            &format!("/v1.0/groups/{}", id(&made)),
            json!({"securityEnabled": false}),
        )
        .problem(400, "Request_BadRequest");
}

#[test]
fn a_service_principal_does_by_itself_what_its_role_allows() {
    let world = World::new();
    let tool = world.registered(&[]);
    let client = world.signed_in_as(&tool);
    client.get(USERS).problem(403, DENIED);
    give(&world, ReportsReader, &tool.service_principal);
    client.get(USERS).problem(403, DENIED);
    give(&world, UserAdministrator, &tool.service_principal);
    client.get(USERS).ok();
    client.post(USERS, person("ann")).created();
    client
        .post("/v1.0/applications", json!({"displayName": "x"}))
        .problem(403, DENIED);
    client
        .post(
            &members(GlobalAdministrator),
            reference(&tool.service_principal),
        )
        .problem(403, DENIED);
    take(&world, UserAdministrator, &tool.service_principal);
    client.get(USERS).problem(403, DENIED);
    // It has no user, whatever its role.
    give(&world, GlobalAdministrator, &tool.service_principal);
    client.get("/v1.0/applications").ok();
    client.get("/v1.0/me").problem(400, "BadRequest");
    take(&world, GlobalAdministrator, &tool.service_principal);
    // Through a group, as well.
    let admins = holding(&world, "admins", &[GroupsAdministrator]);
    world.join(&admins, &tool.service_principal);
    client.post("/v1.0/groups", security_group("new")).created();
}

#[test]
fn nobody_gets_into_a_group_for_roles_by_himself() {
    let world = World::new();
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let admins = holding(&world, "admins", &[GlobalAdministrator]);
    let scopes = [
        "Group.ReadWrite.All",
        "User.ReadWrite.All",
        "Directory.ReadWrite.All",
        "RoleManagement.ReadWrite.Directory",
    ];
    let ann_client = world.signed_in(&ann, &scopes, &[GroupsAdministrator, UserAdministrator]);
    let group = format!("/v1.0/groups/{admins}");
    let bind = |id: &str| {
        vec![format!(
            "https://graph.microsoft.com/v1.0/directoryObjects/{id}"
        )]
    };
    ann_client
        .post(&format!("{group}/members/$ref"), reference(&ann))
        .problem(403, DENIED);
    ann_client
        .post(&format!("{group}/owners/$ref"), reference(&ann))
        .problem(403, DENIED);
    ann_client
        .patch(&group, json!({"members@odata.bind": bind(&ann)}))
        .problem(403, DENIED);
    ann_client.delete(&group).problem(403, DENIED);
    let mut own = security_group("own");
    own["isAssignableToRole"] = json!(true);
    own["members@odata.bind"] = json!(bind(&ann));
    ann_client.post("/v1.0/groups", own).problem(403, DENIED);
    ann_client
        .post(&members(GlobalAdministrator), reference(&ann))
        .problem(403, DENIED);
    // Whose account is taken over, whose role is.
    world.join(&admins, &bob);
    let bob_url = format!("{USERS}/{bob}");
    let password = json!({"passwordProfile": {"password": "Correct-Horse-7", "forceChangePasswordNextSignIn": false}});
    ann_client
        .patch(&bob_url, password.clone())
        .problem(403, DENIED);
    ann_client
        .patch(&bob_url, json!({"accountEnabled": false}))
        .problem(403, DENIED);
    ann_client.delete(&bob_url).problem(403, DENIED);
    // Also before the group holds one, for it may get one tomorrow.
    take(&world, GlobalAdministrator, &admins);
    ann_client
        .patch(&bob_url, password.clone())
        .problem(403, DENIED);
    leave(&world, &admins, &bob);
    let own = format!("{group}/owners/$ref");
    world.contoso().post(&own, reference(&bob)).no_content();
    ann_client
        .patch(&bob_url, password.clone())
        .problem(403, DENIED);
    let own = format!("{group}/owners/{bob}/$ref");
    world.contoso().delete(&own).no_content();
    ann_client.patch(&bob_url, password).no_content();
    // Who manages roles may.
    let boss = world.signed_in(
        &bob,
        &scopes,
        &[PrivilegedRoleAdministrator, GroupsAdministrator],
    );
    boss.post(&format!("{group}/members/$ref"), reference(&ann))
        .no_content();
}

#[test]
fn who_gives_a_secret_to_what_holds_a_role_manages_roles() {
    let world = World::new();
    let ann = world.user("ann");
    let scopes = ["Application.ReadWrite.All"];
    let ann_client = world.signed_in(&ann, &scopes, &[ApplicationAdministrator]);
    let tool = world.registered(&[]);
    let secret = |of: &str| ann_client.post(&format!("{of}/addPassword"), json!({}));
    let urls = [
        format!("/v1.0/applications/{}", tool.application),
        format!("/v1.0/servicePrincipals/{}", tool.service_principal),
    ];
    for url in &urls {
        secret(url).ok();
    }
    give(&world, UserAdministrator, &tool.service_principal);
    for url in &urls {
        secret(url).problem(403, DENIED);
        ann_client.delete(url).problem(403, DENIED);
    }
    ann_client
        .patch(&urls[1], json!({"accountEnabled": false}))
        .problem(403, DENIED);
    // Also while it waits in the recycle bin, to be restored by somebody else.
    world.contoso().delete(&urls[1]).no_content();
    secret(&urls[0]).problem(403, DENIED);
    let restore = format!(
        "/v1.0/directory/deletedItems/{}/restore",
        tool.service_principal
    );
    ann_client.post(&restore, json!({})).problem(403, DENIED);
    world.contoso().post(&restore, json!({})).ok();
    secret(&urls[0]).problem(403, DENIED);
    take(&world, UserAdministrator, &tool.service_principal);
    for url in &urls {
        secret(url).ok();
    }
    // By a group.
    let admins = holding(&world, "admins", &[]);
    world.join(&admins, &tool.service_principal);
    for url in &urls {
        secret(url).problem(403, DENIED);
    }
    leave(&world, &admins, &tool.service_principal);
    secret(&urls[0]).ok();
    // What it once held in the bin is forgotten when that is gone for good.
    give(&world, UserAdministrator, &tool.service_principal);
    world.contoso().delete(&urls[1]).no_content();
    secret(&urls[0]).problem(403, DENIED);
    let gone = format!("/v1.0/directory/deletedItems/{}", tool.service_principal);
    world.contoso().delete(&gone).no_content();
    secret(&urls[0]).ok();
}

#[test]
fn a_role_that_an_earlier_version_gave_to_a_group_counts_for_nobody_and_is_told_to_nobody() {
    let world = World::new();
    let (ann, admins) = (world.user("ann"), holding(&world, "admins", &[]));
    world.join(&admins, &ann);
    let client = world.signed_in(&ann, &["User.ReadWrite.All"], &[]);
    gave_an_earlier_version(&world, UserAdministrator, &admins);
    let holders = members(UserAdministrator).replace("/$ref", "");
    let of_ann = format!("{USERS}/{ann}/transitiveMemberOf/microsoft.graph.directoryRole");
    let of_group = format!("/v1.0/groups/{admins}/memberOf");
    let transitive = format!("/v1.0/groups/{admins}/transitiveMemberOf");
    let told = |url: &str| each(&world.contoso().get(url).ok(), "displayName");
    for url in [&holders, &of_ann, &of_group, &transitive] {
        assert!(told(url).is_empty(), "{url}");
    }
    let held_by_somebody = || told("/v1.0/directoryRoles");
    assert!(!held_by_somebody().contains(&"User Administrator".to_owned()));
    let objects = format!("/v1.0/groups/{admins}/getMemberObjects");
    let objects = world.contoso().post(&objects, json!({})).ok();
    assert_eq!(objects["value"], json!([]));
    client.post(USERS, person("new")).problem(403, DENIED);
    // It is an assignment all the same, which can be removed.
    let assignments = "/v1.0/roleManagement/directory/roleAssignments";
    let listed = world.contoso().get(assignments).ok();
    assert_eq!(each(&listed, "principalId"), std::slice::from_ref(&admins));
    let url = format!("{assignments}/{}", text(&listed["value"][0], "id"));
    world.contoso().delete(&url).no_content();
    assert_eq!(world.contoso().get(assignments).ok()["value"], json!([]));
    // Or given anew, by either address.
    let body = json!({"roleDefinitionId": UserAdministrator.template_id(), "principalId": admins, "directoryScopeId": "/"});
    for (url, body) in [
        (assignments, body),
        (&*members(UserAdministrator), reference(&admins)),
    ] {
        gave_an_earlier_version(&world, UserAdministrator, &admins);
        let given = world.contoso().post(url, body);
        assert!([201, 204].contains(&given.status), "{}", given.text());
        assert_eq!(told(&holders), ["admins"]);
        assert!(held_by_somebody().contains(&"User Administrator".to_owned()));
        for url in [&of_ann, &of_group, &transitive] {
            assert_eq!(told(url), ["User Administrator"], "{url}");
        }
        let listed = world.contoso().get(assignments).ok();
        assert_eq!(each(&listed, "principalId"), std::slice::from_ref(&admins));
        take(&world, UserAdministrator, &admins);
    }
}
