//! Directory roles: who holds which.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use syncline_access::DirectoryRole;
use syncline_access::roles::{self, RoleAssignment};
use syncline_graph_api::{Limits, Most};
use syncline_model::{Ids as _, ObjectId};
use syncline_odata::options::OptionTexts;
use syncline_odata::skiptoken::PageToken;
use syncline_store::StoreError;

use crate::world::{PUBLIC_URL, World, each, id, names, reference, security_group, text};

const USER_ADMINISTRATOR: &str = "fe930be7-5e62-47db-91af-98c3a49a38b1";
const ASSIGNMENTS: &str = "/v1.0/roleManagement/directory/roleAssignments";

#[test]
fn a_role_is_assigned_once_found_and_taken_away() {
    let world = World::new();
    let ann = world.user("ann");
    let body = json!({"roleDefinitionId": USER_ADMINISTRATOR, "principalId": ann, "directoryScopeId": "/"});
    let made = world.contoso().post(ASSIGNMENTS, body.clone()).created();
    assert_eq!(
        (text(&made, "principalId"), text(&made, "roleDefinitionId")),
        (ann.clone(), USER_ADMINISTRATOR.to_owned())
    );
    world
        .contoso()
        .post(ASSIGNMENTS, body)
        .problem(409, "RoleAssignmentExists");
    let found = world
        .contoso()
        .get(&format!(
            "{ASSIGNMENTS}?$filter=principalId eq '{ann}'&$expand=principal,roleDefinition"
        ))
        .ok();
    assert_eq!(each(&found, "id"), [id(&made)]);
    assert_eq!(
        found["value"][0]["principal"]["@odata.type"],
        "#microsoft.graph.user"
    );
    assert_eq!(
        found["value"][0]["roleDefinition"]["displayName"],
        "User Administrator"
    );
    let none = world
        .contoso()
        .get(&format!(
            "{ASSIGNMENTS}?$filter=roleDefinitionId eq '62e90394-69f5-4237-9190-012177145e10'"
        ))
        .ok();
    assert_eq!(none["value"], json!([]));
    let url = format!("{ASSIGNMENTS}/{}", id(&made));
    assert_eq!(id(&world.contoso().get(&url).ok()), id(&made));
    world.contoso().delete(&url).no_content();
    world
        .contoso()
        .delete(&url)
        .problem(404, "Request_ResourceNotFound");
}

#[test]
fn strange_assignments_are_refused() {
    let world = World::new();
    let (ann, nobody) = (world.user("ann"), "01234567-89ab-4def-8123-456789abcdef");
    let body = |role: &str, principal: &str, scope: &str| json!({"roleDefinitionId": role, "principalId": principal, "directoryScopeId": scope});
    world
        .contoso()
        .post(ASSIGNMENTS, body(nobody, &ann, "/"))
        .problem(404, "Request_ResourceNotFound");
    world
        .contoso()
        .post(ASSIGNMENTS, body(USER_ADMINISTRATOR, nobody, "/"))
        .problem(404, "Request_ResourceNotFound");
    world
        .contoso()
        .post(ASSIGNMENTS, body(USER_ADMINISTRATOR, &ann, "/x"))
        .problem(400, "Request_BadRequest");
    world
        .contoso()
        .post(ASSIGNMENTS, json!({"principalId": ann}))
        .problem(400, "Request_BadRequest");
    let mut scoped = body(USER_ADMINISTRATOR, &ann, "/");
    scoped["condition"] = json!("@Resource.x");
    world
        .contoso()
        .post(ASSIGNMENTS, scoped.clone())
        .problem(400, "Request_BadRequest");
    // Null is what typed clients send for nothing.
    for name in ["condition", "appScopeId", "principalOrganizationId"] {
        scoped[name] = json!(null);
    }
    world.contoso().post(ASSIGNMENTS, scoped).created();
    let helper = world.application(&["RoleManagement.Read.Directory", "Directory.ReadWrite.All"]);
    helper.get(ASSIGNMENTS).ok();
    helper
        .post(ASSIGNMENTS, body(USER_ADMINISTRATOR, &ann, "/"))
        .problem(403, "Authorization_RequestDenied");
}

#[test]
fn a_group_holds_roles_when_it_was_made_for_them() {
    let world = World::new();
    let plain = world.group("plain");
    let mut made = security_group("strong");
    made["isAssignableToRole"] = json!(true);
    let strong = id(&world.contoso().post("/v1.0/groups", made).created());
    let body = |group: &str| json!({"roleDefinitionId": USER_ADMINISTRATOR, "principalId": group, "directoryScopeId": "/"});
    let members = format!("/v1.0/directoryRoles/{USER_ADMINISTRATOR}/members");
    let add = |group: &str| {
        let url = format!("{members}/$ref");
        world.contoso().post(&url, reference(group))
    };
    for refused in [world.contoso().post(ASSIGNMENTS, body(&plain)), add(&plain)] {
        let error = refused.problem(400, "Request_BadRequest");
        assert!(text(&error, "message").contains("isAssignableToRole"));
    }
    let assignment = world.contoso().post(ASSIGNMENTS, body(&strong)).created();
    let url = format!("{ASSIGNMENTS}/{}", id(&assignment));
    world.contoso().delete(&url).no_content();
    add(&strong).no_content();
    let held = world.contoso().get(&members).ok();
    assert_eq!(each(&held, "id"), std::slice::from_ref(&strong));
    let ann = world.user("ann");
    add(&ann).no_content();
    let get = |tail: &str| world.contoso().get(&format!("{members}/{tail}"));
    assert_eq!(get("$count").text(), "2");
    assert_eq!(get("microsoft.graph.user/$count").text(), "1");
    assert_eq!(each(&get("microsoft.graph.group").ok(), "id"), [strong]);
    let references = each(&get("$ref?$top=999").ok(), "@odata.id");
    assert_eq!(references.len(), 2);
    assert!(references.iter().any(|it| it.ends_with(&ann)));
}

#[test]
fn principals_are_read_for_the_page_that_shows_them() {
    let world = World::new();
    let [ann, bob] = ["ann", "bob"].map(|alias| world.user(alias));
    for holder in [&ann, &bob] {
        let body = json!({"roleDefinitionId": USER_ADMINISTRATOR, "principalId": holder, "directoryScopeId": "/"});
        world.contoso().post(ASSIGNMENTS, body).created();
    }
    // Bob is the newest object.
    world.damage(
        "UPDATE object SET body = substr(body, 1, 1) WHERE id = (SELECT id FROM object ORDER BY id DESC LIMIT 1)",
    );
    world
        .contoso()
        .get(&format!("/v1.0/users/{bob}"))
        .problem(500, "InternalServerError");
    let shown = |query: &str| {
        let url =
            format!("{ASSIGNMENTS}?$expand=principal($select=displayName),roleDefinition&{query}");
        world.contoso().get(&url)
    };
    let first = shown("$top=1").ok();
    assert_eq!(each(&first, "principalId"), std::slice::from_ref(&ann));
    assert_eq!(first["value"][0]["principal"]["displayName"], "ann");
    let found = shown(&format!("$filter=principalId eq '{ann}'")).ok();
    assert_eq!(each(&found, "principalId"), [ann]);
    // What stands on the next page is expanded as well.
    let next = text(&first, "@odata.nextLink");
    let next = next.split_once("/v1.0/").unwrap().1;
    world
        .contoso()
        .get(&format!("/v1.0/{next}"))
        .problem(500, "InternalServerError");
}

#[test]
fn definitions_are_the_built_in_roles() {
    let world = World::new();
    let all = world
        .contoso()
        .get("/v1.0/roleManagement/directory/roleDefinitions")
        .ok();
    assert_eq!(
        all["value"].as_array().unwrap().len(),
        DirectoryRole::ALL.len()
    );
    let found = world.contoso().get("/v1.0/roleManagement/directory/roleDefinitions?$filter=displayName eq 'Security Administrator' and isBuiltIn eq true").ok();
    assert_eq!(each(&found, "id"), ["194ae4cb-b126-40b2-bd5b-6091b380977d"]);
    world
        .contoso()
        .get(&format!(
            "/v1.0/roleManagement/directory/roleDefinitions/{USER_ADMINISTRATOR}"
        ))
        .ok();
    world
        .contoso()
        .get("/v1.0/roleManagement/directory/roleDefinitions/x")
        .problem(404, "Request_ResourceNotFound");
}

#[test]
fn directory_roles_have_members() {
    let world = World::new();
    let ann = world.user("ann");
    assert_eq!(
        world.contoso().get("/v1.0/directoryRoles").ok()["value"],
        json!([])
    );
    let url = format!("/v1.0/directoryRoles(roleTemplateId='{USER_ADMINISTRATOR}')");
    world
        .contoso()
        .post(&format!("{url}/members/$ref"), reference(&ann))
        .no_content();
    world
        .contoso()
        .post(&format!("{url}/members/$ref"), reference(&ann))
        .problem(400, "Request_BadRequest");
    assert_eq!(
        each(
            &world.contoso().get("/v1.0/directoryRoles").ok(),
            "displayName"
        ),
        ["User Administrator"]
    );
    assert_eq!(
        each(
            &world
                .contoso()
                .get(&format!(
                    "/v1.0/directoryRoles/{USER_ADMINISTRATOR}/members"
                ))
                .ok(),
            "id"
        ),
        std::slice::from_ref(&ann)
    );
    world
        .contoso()
        .delete(&format!("{url}/members/{ann}/$ref"))
        .no_content();
    world
        .contoso()
        .delete(&format!("{url}/members/{ann}/$ref"))
        .problem(404, "Request_ResourceNotFound");
    world
        .contoso()
        .get("/v1.0/directoryRoles/x")
        .problem(404, "Request_ResourceNotFound");
}

#[test]
fn whoever_removes_what_a_page_shows_passes_nothing_over() {
    let world = World::new();
    let admin = world.contoso();
    let give = |at| {
        let user = world.user(&format!("u{at}"));
        let body = json!({"roleDefinitionId": USER_ADMINISTRATOR, "principalId": user, "directoryScopeId": "/"});
        id(&admin.post(ASSIGNMENTS, body).created())
    };
    let given: BTreeSet<String> = (0..10).map(give).collect();
    let mut url = format!("{ASSIGNMENTS}?$top=4");
    let mut removed = Vec::new();
    loop {
        let page = admin.get(&url).ok();
        for assignment in each(&page, "id") {
            let url = format!("{ASSIGNMENTS}/{assignment}");
            admin.delete(&url).no_content();
            removed.push(assignment);
        }
        match page["@odata.nextLink"].as_str() {
            Some(next) => url = next.trim_start_matches(PUBLIC_URL).to_owned(),
            None => break,
        }
    }
    assert_eq!(removed.len(), 10);
    assert_eq!(removed.into_iter().collect::<BTreeSet<_>>(), given);
    assert_eq!(admin.get(ASSIGNMENTS).ok()["value"], json!([]));
}

#[test]
fn whatever_is_added_before_the_next_page_shows_nothing_twice() {
    for (order, descending) in [
        ("$orderby=displayName", false),
        ("$orderby=displayName desc", true),
    ] {
        let world = World::new();
        let admin = world.contoso();
        let mut roles = DirectoryRole::ALL[..6].to_vec();
        roles.sort_by_key(|it| it.display_name());
        if descending {
            roles.reverse();
        }
        let activate = |role: &DirectoryRole| {
            let body = json!({"roleTemplateId": role.template_id()});
            admin.post("/v1.0/directoryRoles", body).created();
        };
        roles[1..].iter().for_each(activate);
        let names: Vec<&str> = roles.iter().map(|it| it.display_name()).collect();
        let first = admin
            .get(&format!("/v1.0/directoryRoles?$top=2&{order}"))
            .ok();
        assert_eq!(each(&first, "displayName"), names[1..3]);
        activate(&roles[0]);
        let next = first["@odata.nextLink"].as_str().unwrap();
        let rest = admin.all(next.trim_start_matches(PUBLIC_URL));
        let rest: Vec<String> = rest.iter().map(|it| text(it, "displayName")).collect();
        assert_eq!(rest, names[3..]);
    }
}

#[test]
fn a_link_that_says_how_many_were_read_has_expired() {
    let world = World::new();
    let resource = "roleManagement/directory/roleAssignments";
    let token = PageToken {
        resource: resource.to_owned(),
        last_key: 4_usize.to_be_bytes().to_vec(),
        texts: OptionTexts::default(),
    };
    let token = token.encode(world.tenants.contoso.id);
    world
        .contoso()
        .get(&format!("{ASSIGNMENTS}?$skiptoken={token}"))
        .problem(400, "Directory_ExpiredPageToken");
}

#[test]
fn roles_are_shown_with_the_first_of_their_members() {
    let world = World::new();
    let admin = world.contoso();
    let gone: Vec<String> = (0..3).map(|at| world.user(&format!("gone{at}"))).collect();
    let there: Vec<String> = (0..22).map(|at| world.user(&format!("u{at}"))).collect();
    let role = format!("/v1.0/directoryRoles/{USER_ADMINISTRATOR}");
    for user in gone.iter().chain(&there) {
        let url = format!("{role}/members/$ref");
        admin.post(&url, reference(user)).no_content();
    }
    for user in &gone {
        admin.delete(&format!("/v1.0/users/{user}")).no_content();
    }
    let expand = "$expand=members($select=id,displayName)";
    let one = admin.get(&format!("{role}?{expand}&$select=id")).ok();
    assert_eq!(names(&one), ["@odata.context", "id", "members"]);
    let ids = |role: &Json| -> Vec<String> {
        let members = role["members"].as_array().unwrap();
        members.iter().map(id).collect()
    };
    assert_eq!(ids(&one), there[..20]);
    assert_eq!(
        one["members"][0],
        json!({"@odata.type": "#microsoft.graph.user", "id": there[0], "displayName": "u0"})
    );
    let reader = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b";
    admin
        .post("/v1.0/directoryRoles", json!({"roleTemplateId": reader}))
        .created();
    let list = admin.get(&format!("/v1.0/directoryRoles?{expand}")).ok();
    let of = |template: &str| {
        let roles = list["value"].as_array().unwrap();
        roles.iter().find(|it| id(it) == template).unwrap().clone()
    };
    assert_eq!(ids(&of(USER_ADMINISTRATOR)), there[..20]);
    assert_eq!(of(reader)["members"], json!([]));
    // Whoever may read roles, and no people, is told who they are and nothing else.
    let tool = world.application(&["RoleManagement.Read.Directory"]);
    let one = tool.get(&format!("{role}?{expand}")).ok();
    assert_eq!(names(&one["members"][0]), ["@odata.type", "id"]);
}

/// As many assignments as there may be, of whoever comes next: groups, or others.
fn give(world: &World, count: usize, to_group: bool) -> Vec<RoleAssignment> {
    let tenant = world.tenants.contoso.id;
    let role = DirectoryRole::UserAdministrator;
    let given: Vec<RoleAssignment> = (0..count)
        .map(|_| RoleAssignment {
            id: world.ids.random_uuid(),
            principal: world.ids.object_id(),
            role,
            to_group,
        })
        .collect();
    let space = if to_group { "group/" } else { "" };
    let written = world.store.write(|tx| {
        for it in &given {
            let key = format!("{space}{}/{}", it.principal, role.template_id());
            tx.put_document(Some(tenant), &key, it, None)?;
        }
        Ok::<_, StoreError>(())
    });
    written.unwrap();
    given
}

/// At both doors: what was answered to giving somebody the role.
fn try_to_give(world: &World, principal: &str) -> [crate::world::Answer; 2] {
    let body = json!({"roleDefinitionId": USER_ADMINISTRATOR, "principalId": principal, "directoryScopeId": "/"});
    let members = format!("/v1.0/directoryRoles/{USER_ADMINISTRATOR}/members/$ref");
    [
        world.contoso().post(&members, reference(principal)),
        world.contoso().post(ASSIGNMENTS, body),
    ]
}

#[test]
fn a_tenant_gives_as_many_roles_as_it_may() {
    let world = World::new();
    let (ann, ben) = (world.user("ann"), world.user("ben"));
    let there = world
        .store
        .read(|reader| roles::all(reader, world.tenants.contoso.id));
    let left = roles::MOST_ASSIGNMENTS - there.unwrap().len();
    let given = give(&world, left - 1, false);
    let [first, second] = try_to_give(&world, &ann);
    first.no_content();
    // It is there already.
    second.problem(409, "RoleAssignmentExists");
    for answer in try_to_give(&world, &ben) {
        let error = answer.problem(400, "Request_BadRequest");
        let message = text(&error, "message");
        assert!(
            message.contains("at most 5000 role assignments"),
            "{message}"
        );
    }
    // One goes, and another comes.
    let one = format!("{ASSIGNMENTS}/{}", given[left - 2].id);
    world.contoso().delete(&one).no_content();
    world
        .contoso()
        .delete(&one)
        .problem(404, "Request_ResourceNotFound");
    try_to_give(&world, &ben)[0].no_content();
}

#[test]
fn as_many_groups_hold_roles_as_may() {
    let world = World::new();
    give(&world, roles::MOST_GROUPS - 1, true);
    let (first, second) = (
        world.group_for_roles("first"),
        world.group_for_roles("second"),
    );
    try_to_give(&world, &first)[0].no_content();
    for answer in try_to_give(&world, &second) {
        let error = answer.problem(400, "Request_BadRequest");
        let message = text(&error, "message");
        assert!(message.contains("At most 500 groups"), "{message}");
    }
    // One that holds a role already holds another, and people hold them as ever.
    let reader = DirectoryRole::GlobalReader.template_id();
    let body = json!({"roleDefinitionId": reader, "principalId": first, "directoryScopeId": "/"});
    world.contoso().post(ASSIGNMENTS, body).created();
    try_to_give(&world, &world.user("ann"))[0].no_content();
}

/// However few the page shows.
#[test]
fn who_holds_which_role_is_a_scan_where_many_hold_some() {
    let none = Most {
        all: 1,
        of_tenant: 0,
    };
    let world = World::with_limits(Limits {
        scans: none,
        scan_rows: 100,
        ..Limits::default()
    });
    give(&world, 101, false);
    let unknown = ObjectId::NIL;
    for url in [
        format!("{ASSIGNMENTS}?$top=1"),
        format!("{ASSIGNMENTS}/{unknown}"),
        "/v1.0/directoryRoles".to_owned(),
        "/v1.0/directoryRoles?$expand=members".to_owned(),
        format!("/v1.0/directoryRoles/{USER_ADMINISTRATOR}/members"),
    ] {
        let answer = world.contoso().get(&url);
        assert_eq!(answer.status, 429, "{url}: {}", answer.text());
    }
}
