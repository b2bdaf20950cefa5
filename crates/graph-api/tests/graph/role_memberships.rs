//! Directory roles among what somebody is a member of.

use serde_json::json;
use syncline_access::DirectoryRole::GroupsAdministrator;

use crate::world::{Client, World, each, id, names, reference, security_group};

const USER_ADMINISTRATOR: &str = "fe930be7-5e62-47db-91af-98c3a49a38b1";
const SECURITY_READER: &str = "5d6b6bb7-de71-4623-b4af-96380a352509";
const GROUPS_ADMINISTRATOR: &str = "fdd7a751-b60b-444a-984c-02652fe8fa1c";

/// A group that may hold roles.
fn role_assignable(world: &World, name: &str) -> String {
    let mut body = security_group(name);
    body["isAssignableToRole"] = json!(true);
    id(&world.contoso().post("/v1.0/groups", body).created())
}

/// Ann holds one role herself and another through a group.
struct Held<'w> {
    world: &'w World,
    ann: String,
    group: String,
}

impl<'w> Held<'w> {
    fn of(world: &'w World) -> Self {
        let (ann, group) = (world.user("ann"), role_assignable(world, "readers"));
        world.join(&group, &ann);
        for (role, holder) in [(USER_ADMINISTRATOR, &ann), (SECURITY_READER, &group)] {
            let members = format!("/v1.0/directoryRoles/{role}/members/$ref");
            world
                .contoso()
                .post(&members, reference(holder))
                .no_content();
        }
        Self { world, ann, group }
    }

    fn url(&self, tail: &str) -> String {
        format!("/v1.0/users/{}/{tail}", self.ann)
    }

    fn admin(&self) -> Client<'w> {
        self.world.contoso()
    }
}

#[test]
fn roles_are_listed_among_groups_and_by_themselves() {
    let world = World::new();
    let held = Held::of(&world);
    let all = held.admin().get(&held.url("memberOf")).ok();
    let mut types = each(&all, "@odata.type");
    types.sort();
    assert_eq!(
        types,
        ["#microsoft.graph.directoryRole", "#microsoft.graph.group"]
    );
    for cast in ["microsoft.graph.directoryRole", "graph.directoryRole"] {
        let roles = held
            .admin()
            .get(&held.url(&format!("memberOf/{cast}")))
            .ok();
        assert_eq!(each(&roles, "id"), [USER_ADMINISTRATOR]);
        let role = &roles["value"][0];
        assert_eq!(
            names(role),
            [
                "deletedDateTime",
                "description",
                "displayName",
                "id",
                "roleTemplateId"
            ]
        );
        assert_eq!(
            (&role["displayName"], &role["roleTemplateId"]),
            (&json!("User Administrator"), &json!(USER_ADMINISTRATOR))
        );
        let count = format!("memberOf/{cast}/$count");
        assert_eq!(held.admin().get(&held.url(&count)).text(), "1");
    }
    let groups = held.admin().get(&held.url("memberOf/graph.group")).ok();
    assert_eq!(each(&groups, "id"), std::slice::from_ref(&held.group));
    assert_eq!(held.admin().get(&held.url("memberOf/$count")).text(), "2");
    let of_group = format!("/v1.0/groups/{}/memberOf", held.group);
    let of_group = held.admin().get(&of_group).ok();
    assert_eq!(each(&of_group, "id"), [SECURITY_READER]);
    let expanded = held
        .admin()
        .get(&held.url("?$expand=memberOf").replace("/?", "?"))
        .ok();
    assert_eq!(expanded["memberOf"].as_array().unwrap().len(), 2);
}

#[test]
fn roles_that_a_group_gives_are_transitive() {
    let world = World::new();
    let held = Held::of(&world);
    let roles = held.url("transitiveMemberOf/microsoft.graph.directoryRole");
    let mut found = each(&held.admin().get(&roles).ok(), "id");
    found.sort();
    assert_eq!(found, [SECURITY_READER, USER_ADMINISTRATOR]);
    let all = held.admin().all(&held.url("transitiveMemberOf?$top=1"));
    assert_eq!(all.len(), 3);
}

#[test]
fn roles_are_filtered_sorted_selected_and_paged_like_groups() {
    let world = World::new();
    let held = Held::of(&world);
    world.signed_in(&held.ann, &[], &[GroupsAdministrator]);
    let names = |query: &str| each(&held.admin().get(&held.url(query)).ok(), "displayName");
    assert_eq!(
        names("memberOf?$orderby=displayName"),
        ["Groups Administrator", "readers", "User Administrator"]
    );
    assert_eq!(
        names("memberOf?$filter=startsWith(displayName,'User')"),
        ["User Administrator"]
    );
    assert_eq!(
        names("memberOf/microsoft.graph.directoryRole?$select=displayName&$orderby=displayName"),
        ["Groups Administrator", "User Administrator"]
    );
    let url = held.url(&format!(
        "memberOf/microsoft.graph.directoryRole?$filter=roleTemplateId eq '{GROUPS_ADMINISTRATOR}'"
    ));
    assert_eq!(
        each(&held.admin().get(&url).ok(), "id"),
        [GROUPS_ADMINISTRATOR]
    );
    for size in 1..4 {
        let paged = held
            .admin()
            .all(&held.url(&format!("memberOf?$top={size}")));
        assert_eq!(paged.len(), 3, "{size}");
    }
}

#[test]
fn ids_of_roles_are_asked_for_as_objects_and_not_as_groups() {
    let world = World::new();
    let held = Held::of(&world);
    let ids = |action: &str, body: serde_json::Value| {
        let answer = held.admin().post(&held.url(action), body).ok();
        let mut ids: Vec<String> = answer["value"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it.as_str().unwrap().to_owned())
            .collect();
        ids.sort();
        ids
    };
    let mut everything = vec![
        held.group.clone(),
        SECURITY_READER.to_owned(),
        USER_ADMINISTRATOR.to_owned(),
    ];
    everything.sort();
    let group = std::slice::from_ref(&held.group);
    assert_eq!(ids("getMemberObjects", json!({})), everything);
    assert_eq!(
        ids("getMemberObjects", json!({"securityEnabledOnly": true})),
        group
    );
    assert_eq!(ids("getMemberGroups", json!({})), group);
    let asked = json!([USER_ADMINISTRATOR, GROUPS_ADMINISTRATOR, held.group]);
    let mut both = vec![held.group.clone(), USER_ADMINISTRATOR.to_owned()];
    both.sort();
    assert_eq!(ids("checkMemberObjects", json!({"ids": asked})), both);
    assert_eq!(ids("checkMemberGroups", json!({"groupIds": asked})), group);
}

#[test]
fn who_may_not_read_roles_learns_their_ids() {
    let world = World::new();
    let held = Held::of(&world);
    let tool = world.application(&["User.Read.All"]);
    let roles = held.url("memberOf/microsoft.graph.directoryRole");
    let found = tool.get(&roles).ok();
    assert_eq!(found["value"], json!([{"id": USER_ADMINISTRATOR}]));
    let all = tool.get(&held.url("memberOf")).ok();
    for item in all["value"].as_array().unwrap() {
        assert_eq!(names(item), ["@odata.type", "id"]);
    }
    tool.get(&held.url("memberOf?$filter=displayName eq 'User Administrator'"))
        .problem(403, "Authorization_RequestDenied");
    // Who may read groups asks for these.
    let tool = world.application(&["User.Read.All", "Group.Read.All"]);
    let found = |query: &str| each(&tool.get(&held.url(query)).ok(), "id");
    for query in [
        "memberOf?$filter=displayName eq 'readers'",
        "memberOf?$filter=displayName ne 'User Administrator'",
        "memberOf?$orderby=displayName",
        "memberOf?$search=%22displayName:readers%22",
        "transitiveMemberOf?$filter=startsWith(displayName,'r')",
    ] {
        assert_eq!(found(query), std::slice::from_ref(&held.group), "{query}");
    }
    let hidden = "memberOf?$filter=displayName eq 'User Administrator'";
    assert!(found(hidden).is_empty());
    for query in [
        "$filter=displayName eq 'User Administrator'",
        "$orderby=displayName",
    ] {
        tool.get(&format!("{roles}?{query}"))
            .problem(403, "Authorization_RequestDenied");
    }
    tool.get(&held.url(&format!(
        "memberOf?$filter=roleTemplateId eq '{USER_ADMINISTRATOR}'"
    )))
    .problem(403, "Authorization_RequestDenied");
    let tool = world.application(&["User.Read.All", "RoleManagement.Read.Directory"]);
    let found = tool.get(&roles).ok();
    assert_eq!(each(&found, "displayName"), ["User Administrator"]);
    // The roles of another tenant are no part of it.
    let url = held.url("memberOf");
    world
        .fabrikam()
        .get(&url)
        .problem(404, "Request_ResourceNotFound");
}

#[test]
fn a_role_is_no_object_of_the_recycle_bin_and_no_member() {
    let world = World::new();
    let held = Held::of(&world);
    let bin = "/v1.0/directory/deletedItems/microsoft.graph.directoryRole";
    assert_eq!(held.admin().get(bin).ok()["value"], json!([]));
    let members = format!("/v1.0/groups/{}/members", held.group);
    let cast = format!("{members}/microsoft.graph.directoryRole");
    assert_eq!(held.admin().get(&cast).ok()["value"], json!([]));
    held.admin()
        .post(&format!("{members}/$ref"), reference(USER_ADMINISTRATOR))
        .problem(404, "Request_ResourceNotFound");
}

#[test]
fn groups_and_service_principals_are_asked_the_same_by_id_of_either_kind() {
    let world = World::new();
    let held = Held::of(&world);
    let tool = world.registered(&["Directory.Read.All"]).service_principal;
    let outer = world.group("outer");
    world.join(&held.group, &tool);
    world.join(&outer, &held.group);
    let ask = |url: &str, body: serde_json::Value| {
        let answer = held.admin().post(&format!("/v1.0/{url}"), body).ok();
        let ids: Vec<String> = serde_json::from_value(answer["value"].clone()).unwrap();
        std::collections::BTreeSet::from_iter(ids)
    };
    let set = |ids: &[&str]| ids.iter().map(|it| (*it).to_owned()).collect();
    for of in ["servicePrincipals", "directoryObjects"] {
        let url = format!("{of}/{tool}");
        let groups: std::collections::BTreeSet<String> = set(&[&held.group, &outer]);
        let all = set(&[&held.group, &outer, SECURITY_READER]);
        assert_eq!(ask(&format!("{url}/getMemberGroups"), json!({})), groups);
        assert_eq!(ask(&format!("{url}/getMemberObjects"), json!({})), all);
        let asked = json!({"ids": [SECURITY_READER, USER_ADMINISTRATOR, outer]});
        assert_eq!(
            ask(&format!("{url}/checkMemberObjects"), asked),
            set(&[SECURITY_READER, &outer])
        );
        let asked = json!({"groupIds": [SECURITY_READER, outer]});
        assert_eq!(
            ask(&format!("{url}/checkMemberGroups"), asked),
            set(&[&outer])
        );
    }
    for of in ["groups", "directoryObjects"] {
        let url = format!("{of}/{}/getMemberGroups", held.group);
        assert_eq!(ask(&url, json!({})), set(&[&outer]));
    }
    let count = |url: &str| held.admin().get(&format!("/v1.0/{url}/$count")).text();
    for (url, direct, transitive) in [
        (format!("servicePrincipals/{tool}"), "1", "3"),
        (format!("groups/{}", held.group), "2", "2"),
    ] {
        let group = "microsoft.graph.group";
        assert_eq!(count(&format!("{url}/memberOf")), direct, "{url}");
        assert_eq!(count(&format!("{url}/memberOf/{group}")), "1", "{url}");
        let url = format!("{url}/transitiveMemberOf");
        assert_eq!(count(&url), transitive, "{url}");
        let role = "microsoft.graph.directoryRole";
        assert_eq!(count(&format!("{url}/{role}")), "1", "{url}");
        let roles = held.admin().get(&format!("/v1.0/{url}/{role}")).ok();
        assert_eq!(each(&roles, "id"), [SECURITY_READER], "{url}");
    }
    // A path of one kind finds no other, and what is in no group is nobody to ask.
    let application = world.tenants.contoso.application;
    for (url, status) in [
        (format!("groups/{tool}"), 404),
        (format!("servicePrincipals/{}", held.group), 404),
        (format!("directoryObjects/{application}"), 404),
    ] {
        held.admin()
            .post(&format!("/v1.0/{url}/getMemberGroups"), json!({}))
            .problem(status, "Request_ResourceNotFound");
    }
    let reader = world.application(&["Group.Read.All"]);
    for of in ["servicePrincipals", "directoryObjects"] {
        reader
            .post(&format!("/v1.0/{of}/{tool}/getMemberObjects"), json!({}))
            .problem(403, "Authorization_RequestDenied");
    }
}
