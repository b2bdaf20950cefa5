//! Related objects of a kind that the caller may not read: told is that they are there, not who.

use serde_json::{Value as Json, json};
use syncline_access::DirectoryRole;

use crate::world::{World, each, id, names, reference};

const TYPE_AND_ID: [&str; 2] = ["@odata.type", "id"];

/// The item of a collection with this id.
fn item<'j>(collection: &'j Json, wanted: &str) -> &'j Json {
    let items = collection["value"].as_array().expect("a collection");
    let found = items.iter().find(|it| it["id"] == wanted);
    found.unwrap_or_else(|| panic!("no {wanted} in {collection}"))
}

/// A group with a person, a group and a service principal in it.
struct Sales {
    group: String,
    ann: String,
    inner: String,
    principal: String,
}

impl Sales {
    fn of(world: &World) -> Self {
        let sales = Self {
            group: world.group("sales"),
            ann: world.user("ann"),
            inner: world.group("inner"),
            principal: world.tenants.contoso.service_principal.to_string(),
        };
        for member in [&sales.ann, &sales.inner, &sales.principal] {
            world.join(&sales.group, member);
        }
        sales
    }
}

#[test]
fn who_may_read_groups_alone_learns_the_ids_of_their_members() {
    let world = World::new();
    let sales = Sales::of(&world);
    let url = format!("/v1.0/groups/{}", sales.group);
    for permission in ["GroupMember.Read.All", "Group.Read.All"] {
        let tool = world.application(&[permission]);
        for tail in [
            "members",
            "transitiveMembers",
            "members?$select=id,displayName,mail",
            "members?$expand=memberOf",
        ] {
            let members = tool.get(&format!("{url}/{tail}")).ok();
            for hidden in [&sales.ann, &sales.principal] {
                assert_eq!(names(item(&members, hidden)), TYPE_AND_ID, "{tail}");
            }
            if !tail.contains("$select") {
                assert_eq!(item(&members, &sales.inner)["displayName"], "inner");
            }
        }
        let cast = format!("{url}/members/microsoft.graph.user");
        assert_eq!(tool.get(&format!("{cast}/$count")).text(), "1");
        let users = tool.get(&cast).ok();
        assert_eq!(names(&users["value"][0]), ["id"]);
        let links = tool.get(&format!("{url}/members/$ref")).ok();
        assert_eq!(links["value"].as_array().unwrap().len(), 3);
        let expanded = tool.get(&format!("{url}?$expand=members")).ok();
        let inside = json!({"value": expanded["members"]});
        assert_eq!(names(item(&inside, &sales.ann)), TYPE_AND_ID);
    }
}

#[test]
fn what_may_not_be_read_may_not_be_asked_for_either() {
    let world = World::new();
    let sales = Sales::of(&world);
    let tool = world.application(&["GroupMember.Read.All"]);
    let url = format!("/v1.0/groups/{}/members", sales.group);
    for query in [
        "$filter=startsWith(displayName,'a')",
        "$filter=userPrincipalName eq 'ann@contoso.example'",
        "$filter=not(accountEnabled eq true)",
        "$filter=displayName in ('ann','bob')",
        "$filter=otherMails/any(it:it eq 'ann@fabrikam.example')",
        "$filter=proxyAddresses/$count eq 0",
        "$filter=id ne null and (surname eq null or surname eq 'x')",
        "$orderby=displayName",
        "$search=%22displayName:ann%22",
    ] {
        for tail in ["", "/microsoft.graph.user", "/$count", "/$ref"] {
            tool.get(&format!("{url}{tail}?{query}"))
                .problem(403, "Authorization_RequestDenied");
        }
    }
    // The id is told, so it may be asked for; and groups may be read.
    let found = tool
        .get(&format!("{url}?$filter=id eq '{}'", sales.ann))
        .ok();
    assert_eq!(each(&found, "id"), [sales.ann]);
    let found = tool
        .get(&format!(
            "{url}/microsoft.graph.group?$filter=displayName eq 'inner'"
        ))
        .ok();
    assert_eq!(each(&found, "id"), [sales.inner]);
}

#[test]
fn a_permission_for_the_kind_opens_its_objects() {
    let world = World::new();
    let sales = Sales::of(&world);
    let url = format!("/v1.0/groups/{}/members", sales.group);
    let tool = world.application(&["GroupMember.Read.All", "User.Read.All"]);
    let members = tool.get(&url).ok();
    assert_eq!(item(&members, &sales.ann)["displayName"], "ann");
    assert_eq!(names(item(&members, &sales.principal)), TYPE_AND_ID);
    let tool = world.application(&["GroupMember.Read.All", "Application.Read.All"]);
    let members = tool.get(&url).ok();
    assert_eq!(
        item(&members, &sales.principal)["appId"],
        json!(world.tenants.contoso.app_id.to_string())
    );
    assert_eq!(names(item(&members, &sales.ann)), TYPE_AND_ID);
}

#[test]
fn owners_holders_of_roles_and_groups_of_people_are_told_alike() {
    let world = World::new();
    let (ann, group) = (world.user("ann"), world.group("sales"));
    world.join(&group, &ann);
    let contoso = &world.tenants.contoso;
    world.signed_in(&ann, &["User.Read"], &[DirectoryRole::UserAdministrator]);
    for owned in [
        format!("/v1.0/applications/{}", contoso.application),
        format!("/v1.0/servicePrincipals/{}", contoso.service_principal),
        format!("/v1.0/groups/{group}"),
    ] {
        let owners = format!("{owned}/owners/$ref");
        world.contoso().post(&owners, reference(&ann)).no_content();
    }
    let hidden = |permission: &str, url: &str, wanted: &str| {
        let found = world.application(&[permission]).get(url).ok();
        assert_eq!(names(item(&found, wanted)), TYPE_AND_ID, "{url}");
    };
    let application = format!("/v1.0/applications/{}", contoso.application);
    hidden(
        "Application.Read.All",
        &format!("{application}/owners"),
        &ann,
    );
    let tool = world.application(&["Application.Read.All"]);
    let expanded = tool.get(&format!("{application}?$expand=owners")).ok();
    assert_eq!(names(&expanded["owners"][0]), TYPE_AND_ID);
    let roles = "fe930be7-5e62-47db-91af-98c3a49a38b1";
    hidden(
        "RoleManagement.Read.Directory",
        &format!("/v1.0/directoryRoles/{roles}/members"),
        &ann,
    );
    let tool = world.application(&["RoleManagement.Read.Directory"]);
    let assignments = tool
        .get("/v1.0/roleManagement/directory/roleAssignments?$expand=principal")
        .ok();
    assert_eq!(names(&assignments["value"][0]["principal"]), TYPE_AND_ID);
    hidden(
        "User.Read.All",
        &format!("/v1.0/users/{ann}/memberOf"),
        &group,
    );
    let tool = world.application(&["User.Read.All"]);
    let user = tool
        .get(&format!("/v1.0/users/{ann}?$expand=memberOf"))
        .ok();
    let inside = json!({"value": user["memberOf"]});
    assert_eq!(names(item(&inside, &group)), TYPE_AND_ID);
}

/// He is shown to himself, and that shows nobody else.
#[test]
fn whoever_may_read_himself_alone_is_the_only_one_he_sees() {
    let world = World::new();
    let sales = Sales::of(&world);
    let bob = world.user("bob");
    world.join(&sales.group, &bob);
    let url = format!("/v1.0/groups/{}/members", sales.group);
    let scopes = ["User.Read", "GroupMember.Read.All"];
    let members = world.signed_in(&bob, &scopes, &[]).get(&url).ok();
    assert_eq!(item(&members, &bob)["displayName"], "bob");
    assert_eq!(names(item(&members, &sales.ann)), TYPE_AND_ID);
    // Nor himself, where he may not read himself.
    let members = world.signed_in(&bob, &scopes[1..], &[]).get(&url).ok();
    assert_eq!(names(item(&members, &bob)), TYPE_AND_ID);
}

#[test]
fn objects_of_which_none_may_be_read_are_not_expanded() {
    let world = World::new();
    let sales = Sales::of(&world);
    let tool = world.application(&["GroupMember.Read.All"]);
    let users = format!("/v1.0/groups/{}/members/microsoft.graph.user", sales.group);
    tool.get(&format!("{users}?$expand=memberOf"))
        .problem(403, "Authorization_RequestDenied");
}

#[test]
fn somebody_who_was_deleted_is_shown_to_who_may_restore_him() {
    let world = World::new();
    let ann = world.user("ann");
    let tool = world.application(&["User.DeleteRestore.All"]);
    tool.delete(&format!("/v1.0/users/{ann}")).no_content();
    let bin = "/v1.0/directory/deletedItems";
    let listed = tool.get(&format!("{bin}/microsoft.graph.user")).ok();
    assert_eq!(each(&listed, "displayName"), ["ann"]);
    let one = tool.get(&format!("{bin}/{ann}")).ok();
    assert_eq!((id(&one), &one["displayName"]), (ann, &json!("ann")));
}
