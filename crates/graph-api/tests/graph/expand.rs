//! `$expand`: what is honoured inside of it, and what is refused by name.

use serde_json::{Value as Json, json};
use syncline_graph_api::{Limits, Most};
use syncline_store::EdgeKind;

use crate::world::{PUBLIC_URL, World, id, names, reference};

/// The users, each of whom reports to the next one.
fn line_of(world: &World, length: usize) -> Vec<String> {
    let users: Vec<String> = (0..length)
        .map(|number| world.user(&format!("u{number:02}")))
        .collect();
    for pair in users.windows(2) {
        report(world, &pair[0], &pair[1]);
    }
    users
}

fn report(world: &World, user: &str, manager: &str) {
    let url = format!("/v1.0/users/{user}/manager/$ref");
    world.contoso().put(&url, reference(manager)).no_content();
}

/// The ids of those above somebody, nearest first.
fn above(user: &Json) -> Vec<String> {
    let mut ids = Vec::new();
    let mut at = user;
    while let Some(manager) = at.get("manager") {
        ids.push(id(manager));
        at = manager;
    }
    ids
}

#[test]
fn managers_are_expanded_as_many_levels_as_asked() {
    let world = World::new();
    let users = line_of(&world, 5);
    let admin = world.contoso();
    for (levels, count) in [
        ("", 1),
        ("$levels=1", 1),
        ("$levels=3", 3),
        ("$levels=max", 4),
        ("$levels=40", 4),
    ] {
        let nested = match levels {
            "" => String::new(),
            some => format!("({some};$select=id,displayName)"),
        };
        let url = format!(
            "/v1.0/users/{}?$expand=manager{nested}&$select=id",
            users[0]
        );
        let user = admin.get(&url).ok();
        assert_eq!(above(&user), users[1..=count], "{levels}");
    }
    let url = format!(
        "/v1.0/users/{}?$expand=manager($levels=2;$select=id)",
        users[0]
    );
    let user = admin.get(&url).ok();
    assert_eq!(names(&user["manager"]["manager"]), ["@odata.type", "id"]);
    for levels in ["0", "41", "-1", "all", "MAX1"] {
        admin
            .get(&format!("/v1.0/users?$expand=manager($levels={levels})"))
            .problem(400, "BadRequest");
    }
}

#[test]
fn managers_of_each_other_are_shown_once() {
    let world = World::new();
    let users = line_of(&world, 3);
    report(&world, &users[2], &users[1]);
    let url = format!("/v1.0/users/{}?$expand=manager($levels=max)", users[0]);
    assert_eq!(above(&world.contoso().get(&url).ok()), users[1..]);
    let url = format!("/v1.0/users/{}?$expand=manager($levels=max)", users[1]);
    assert_eq!(above(&world.contoso().get(&url).ok()), users[2..]);
}

#[test]
fn a_long_line_of_managers_makes_pages_shorter() {
    let world = World::new();
    let users = line_of(&world, 60);
    let admin = world.contoso();
    let url = "/v1.0/users?$expand=manager($levels=max;$select=id)&$select=id";
    let page = admin.get(url).ok();
    assert_eq!(page["value"].as_array().unwrap().len(), 50);
    let next = page["@odata.nextLink"].as_str().unwrap();
    assert!(next.starts_with(PUBLIC_URL));
    let all = admin.all(url);
    assert_eq!(all.len(), 60);
    let first = all.iter().find(|it| id(it) == users[0]).unwrap();
    assert_eq!(above(first), users[1..=40]);
}

#[test]
fn strict_graph_asks_for_the_header_before_it_goes_up_several_levels() {
    let world = World::strict();
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let manager = format!("/v1.0/users/{ann}/manager");
    world
        .contoso()
        .put(&format!("{manager}/$ref"), reference(&bob))
        .no_content();
    for url in [
        "/v1.0/users".to_owned(),
        format!("/v1.0/users/{ann}"),
        format!("/v1.0/directoryObjects/{ann}"),
        manager,
    ] {
        let url = format!("{url}?$expand=manager($levels=max)&$count=true");
        world
            .contoso()
            .get(&url)
            .problem(400, "Request_UnsupportedQuery");
        world.contoso().eventual().get(&url).ok();
    }
}

#[test]
fn what_is_not_honoured_inside_is_refused_by_name() {
    let world = World::new();
    world.group("sales");
    let contoso = &world.tenants.contoso;
    for (url, name) in [
        (
            "/v1.0/groups?$expand=members($filter=accountEnabled eq true)",
            "$filter",
        ),
        ("/v1.0/groups?$expand=members($top=5)", "$top"),
        (
            "/v1.0/groups?$expand=members($select=id;$count=true)",
            "$count",
        ),
        ("/v1.0/groups?$expand=members($levels=2)", "$levels"),
        ("/v1.0/groups?$expand=members($expand=manager)", "$expand"),
        (
            "/v1.0/groups?$expand=members/microsoft.graph.user",
            "members/microsoft.graph.user",
        ),
        ("/v1.0/groups?$expand=members/$ref", "members/$ref"),
        ("/v1.0/users?$expand=manager($expand=manager)", "$expand"),
        (
            "/v1.0/directoryRoles?$expand=scopedMembers",
            "scopedMembers",
        ),
        ("/v1.0/directoryRoles?$expand=members($top=1)", "$top"),
        ("/v1.0/oauth2PermissionGrants?$expand=client", "client"),
        (
            "/v1.0/domains/contoso.example?$expand=rootDomain",
            "rootDomain",
        ),
        (
            "/v1.0/roleManagement/directory/roleAssignments?$expand=principal($top=1)",
            "$top",
        ),
        (
            "/v1.0/roleManagement/directory/roleAssignments?$expand=appScope",
            "appScope",
        ),
        (
            "/v1.0/policies/crossTenantAccessPolicy/partners?$expand=nonsense",
            "nonsense",
        ),
        (
            "/v1.0/policies/crossTenantAccessPolicy/partners?$orderby=tenantId",
            "$orderby",
        ),
        (
            "/v1.0/policies/crossTenantAccessPolicy/partners?$expand=identitySynchronization($select=tenantId)",
            "$select",
        ),
        ("/v1.0/auditLogs/provisioning?$expand=nonsense", "nonsense"),
        (
            &format!(
                "/v1.0/servicePrincipals/{}/appRoleAssignedTo?$expand=resource",
                contoso.service_principal
            ),
            "resource",
        ),
    ] {
        let answer = world.contoso().get(url);
        assert_eq!(answer.status, 400, "{url}: {}", answer.text());
        let message = answer.json()["error"]["message"].to_string();
        assert!(message.contains(&format!("'{name}'")), "{url}: {message}");
    }
}

#[test]
fn what_is_expanded_need_not_be_selected() {
    let world = World::new();
    let ann = world.user("ann");
    world.signed_in(&ann, &[], &[syncline_access::DirectoryRole::GlobalReader]);
    let admin = world.contoso();
    let url = "/v1.0/roleManagement/directory/roleAssignments";
    let query =
        "$select=id&$expand=principal($select=id,jobTitle),roleDefinition($select=displayName)";
    let list = admin
        .get(&format!("{url}?$filter=principalId eq '{ann}'&{query}"))
        .ok();
    let listed = list["value"][0].clone();
    assert_eq!(names(&listed), ["id", "principal", "roleDefinition"]);
    assert_eq!(
        listed["principal"],
        json!({"@odata.type": "#microsoft.graph.user", "id": ann, "jobTitle": null})
    );
    assert_eq!(
        listed["roleDefinition"],
        json!({"displayName": "Global Reader"})
    );
    let mut one = admin.get(&format!("{url}/{}?{query}", id(&listed))).ok();
    one.as_object_mut().unwrap().remove("@odata.context");
    assert_eq!(one, listed);
}

#[test]
fn whoever_is_in_the_recycle_bin_takes_nobodys_place() {
    let world = World::new();
    let admin = world.contoso();
    let (ann, group) = (world.user("ann"), world.group("sales"));
    let gone = world.crowd(30);
    let there = world.crowd(22);
    let first: Vec<String> = there[..20].iter().map(ToString::to_string).collect();
    let all = [gone.clone(), there].concat();
    for kind in [EdgeKind::Member, EdgeKind::Owner] {
        world.refer(kind, &group, &all);
    }
    world.refer(EdgeKind::Sponsor, &ann, &all);
    world.be_referred_to(EdgeKind::Manager, &all, &ann);
    let groups: Vec<String> = (0..25).map(|at| world.group(&format!("g{at}"))).collect();
    for group in &groups {
        world.join(group, &ann);
    }
    world.recycle_all(&gone);
    for group in &groups[..21] {
        admin.delete(&format!("/v1.0/groups/{group}")).no_content();
    }
    for (object, name, shown) in [
        (format!("groups/{group}"), "members", &first[..]),
        (format!("groups/{group}"), "owners", &first[..]),
        (format!("users/{ann}"), "sponsors", &first[..]),
        (format!("users/{ann}"), "directReports", &first[..]),
        (format!("users/{ann}"), "memberOf", &groups[21..]),
    ] {
        let url = format!("/v1.0/{object}?$expand={name}($select=id)&$select=id");
        let found = admin.get(&url).ok();
        let ids: Vec<String> = found[name].as_array().unwrap().iter().map(id).collect();
        assert_eq!(ids, shown, "{name}");
    }
}

/// Five times sixty members would be more than anybody may look at here.
#[test]
fn no_more_members_are_read_for_one_in_the_recycle_bin_than_take_his_place() {
    let world = World::with_limits(Limits {
        scans: Most {
            all: 2,
            of_tenant: 0,
        },
        scan_rows: 200,
        ..Limits::default()
    });
    let members = world.crowd(60);
    for at in 0..5 {
        let group = world.group(&format!("g{at}"));
        world.refer(EdgeKind::Member, &group, &members);
    }
    world.recycle_all(&members[..1]);
    let url = "/v1.0/groups?$expand=members($select=id)&$select=id";
    let page = world.contoso().get(url).ok();
    let groups = page["value"].as_array().unwrap();
    assert_eq!(groups.len(), 5);
    for group in groups {
        let shown: Vec<String> = group["members"]
            .as_array()
            .unwrap()
            .iter()
            .map(id)
            .collect();
        let expected: Vec<String> = members[1..21].iter().map(ToString::to_string).collect();
        assert_eq!(shown, expected);
    }
}
