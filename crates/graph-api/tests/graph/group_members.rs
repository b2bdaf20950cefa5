//! `/groups/{id}/members`

use serde_json::{Value as Json, json};
use syncline_model::ObjectId;

use crate::world::{PUBLIC_URL, World, each, id, person, reference};

#[test]
fn a_member_is_added_once_and_removed_once() {
    let world = World::new();
    let (ann, group) = (world.user("ann"), world.group("sales"));
    let url = format!("/v1.0/groups/{group}/members");
    world
        .contoso()
        .post(&format!("{url}/$ref"), reference(&ann))
        .no_content();
    let error = world
        .contoso()
        .post(&format!("{url}/$ref"), reference(&ann))
        .problem(400, "Request_BadRequest");
    assert_eq!(
        error["message"],
        "One or more added object references already exist for the following modified properties: 'members'."
    );
    world
        .contoso()
        .delete(&format!("{url}/{ann}/$ref"))
        .no_content();
    world
        .contoso()
        .delete(&format!("{url}/{ann}/$ref"))
        .problem(404, "Request_ResourceNotFound");
    world
        .contoso()
        .post(&format!("{url}/$ref"), reference(&ann))
        .no_content();
}

/// Whoever is removed meanwhile does not come back with what he may no longer do.
#[test]
fn a_member_in_the_recycle_bin_is_removed_for_good() {
    let world = World::new();
    let client = world.contoso();
    let (ann, group) = (world.user("ann"), world.group("sales"));
    let url = format!("/v1.0/groups/{group}/members");
    for address in [
        format!("{url}/{ann}/$ref"),
        format!("{url}/$ref?@id=https://graph.microsoft.com/v1.0/directoryObjects/{ann}"),
    ] {
        world.join(&group, &ann);
        client.delete(&format!("/v1.0/users/{ann}")).no_content();
        client.delete(&address).no_content();
        client
            .delete(&address)
            .problem(404, "Request_ResourceNotFound");
        client
            .post(
                &format!("/v1.0/directory/deletedItems/{ann}/restore"),
                json!({}),
            )
            .ok();
        assert_eq!(client.get(&url).ok()["value"], json!([]), "{address}");
    }
}

#[test]
fn a_delete_without_ref_deletes_nobody() {
    let world = World::new();
    let (ann, group) = (world.user("ann"), world.group("sales"));
    world.join(&group, &ann);
    let url = format!("/v1.0/groups/{group}/members/{ann}");
    world
        .contoso()
        .delete(&url)
        .problem(400, "Request_BadRequest");
    world.contoso().get(&format!("/v1.0/users/{ann}")).ok();
    assert_eq!(
        world
            .contoso()
            .get(&format!("/v1.0/groups/{group}/members/$count"))
            .text(),
        "1"
    );
}

#[test]
fn members_of_all_kinds_say_what_they_are() {
    let world = World::new();
    let (ann, inner, group) = (
        world.user("ann"),
        world.group("inner"),
        world.group("sales"),
    );
    let principal = world.tenants.contoso.service_principal.to_string();
    for member in [&ann, &inner, &principal] {
        world.join(&group, member);
    }
    let url = format!("/v1.0/groups/{group}/members");
    let members = world.contoso().get(&url).ok();
    assert!(
        members["@odata.context"]
            .as_str()
            .unwrap()
            .ends_with("#directoryObjects")
    );
    let mut types = each(&members, "@odata.type");
    types.sort();
    assert_eq!(
        types,
        [
            "#microsoft.graph.group",
            "#microsoft.graph.servicePrincipal",
            "#microsoft.graph.user"
        ]
    );
    for (cast, found) in [
        ("microsoft.graph.user", &ann),
        ("graph.group", &inner),
        ("microsoft.graph.servicePrincipal", &principal),
    ] {
        assert_eq!(
            each(&world.contoso().get(&format!("{url}/{cast}")).ok(), "id"),
            std::slice::from_ref(found),
            "{cast}"
        );
        assert_eq!(
            world.contoso().get(&format!("{url}/{cast}/$count")).text(),
            "1"
        );
    }
    assert_eq!(world.contoso().get(&format!("{url}/$count")).text(), "3");
}

#[test]
fn references_alone_are_listed() {
    let world = World::new();
    let (ann, group) = (world.user("ann"), world.group("sales"));
    world.join(&group, &ann);
    let links = world
        .contoso()
        .get(&format!("/v1.0/groups/{group}/members/$ref"))
        .ok();
    assert_eq!(
        links["value"],
        json!([{"@odata.id": format!("{PUBLIC_URL}/v1.0/directoryObjects/{ann}")}])
    );
}

#[test]
fn a_property_of_one_kind_may_be_selected_and_filtered_in_a_mixed_list() {
    let world = World::new();
    let (ann, inner, group) = (
        world.user("ann"),
        world.group("inner"),
        world.group("sales"),
    );
    world.join(&group, &ann);
    world.join(&group, &inner);
    let url = format!("/v1.0/groups/{group}/members");
    let members = world
        .contoso()
        .get(&format!("{url}?$select=id,userPrincipalName"))
        .ok();
    assert_eq!(members["value"].as_array().unwrap().len(), 2);
    assert_eq!(
        members["value"][0]["userPrincipalName"],
        "ann@contoso.example"
    );
    assert!(members["value"][1].get("userPrincipalName").is_none());
    let found = world
        .contoso()
        .get(&format!(
            "{url}?$filter=userPrincipalName eq 'ann@contoso.example'&$count=true"
        ))
        .ok();
    assert_eq!(
        (each(&found, "id"), &found["@odata.count"]),
        (vec![ann], &json!(1))
    );
    world
        .contoso()
        .get(&format!("{url}?$select=nonsense"))
        .problem(400, "BadRequest");
}

#[test]
fn pages_of_members_are_followed() {
    let world = World::new();
    let group = world.group("sales");
    for number in 0..7 {
        world.join(&group, &world.user(&format!("u{number}")));
    }
    // A deleted member leaves a gap, not an early end.
    let members = world
        .contoso()
        .all(&format!("/v1.0/groups/{group}/members"));
    world
        .contoso()
        .delete(&format!("/v1.0/users/{}", id(&members[1])))
        .no_content();
    let members = world
        .contoso()
        .all(&format!("/v1.0/groups/{group}/members?$top=2"));
    assert_eq!(members.len(), 6);
}

#[test]
fn a_page_ends_after_many_members_that_a_cast_leaves_out() {
    let world = World::new();
    let group = world.group("everybody");
    world.join_all(&group, &world.nobodies(21_000));
    let inner = world.group("inner");
    world.join(&group, &inner);
    let url = format!("/v1.0/groups/{group}/members/microsoft.graph.group?$top=1");
    let page = world.contoso().get(&url).ok();
    assert_eq!(page["value"], json!([]));
    let found = world.contoso().all(&url);
    assert_eq!(found.iter().map(id).collect::<Vec<_>>(), [inner]);
}

#[test]
fn transitive_members_of_many_groups_come_in_order_whatever_the_page() {
    let world = World::new();
    let outer = world.group("outer");
    let inner: Vec<String> = ["a", "b", "c"].map(|name| world.group(name)).into();
    let users = world.crowd(60);
    // Far from each other in one, close together in the next, some in both.
    let some = |kept: &dyn Fn(usize) -> bool| -> Vec<ObjectId> {
        let kept = users.iter().enumerate().filter(|(at, _)| kept(*at));
        kept.map(|(_, id)| *id).collect()
    };
    world.join_all(&inner[0], &some(&|at| at % 7 == 0));
    world.join_all(&inner[1], &some(&|at| (20..45).contains(&at)));
    world.join_all(&inner[2], &some(&|at| at % 2 == 1));
    for group in &inner {
        world.join(&outer, group);
    }
    let mut expected: Vec<String> =
        some(&|at| at % 7 == 0 || (20..45).contains(&at) || at % 2 == 1)
            .iter()
            .map(ToString::to_string)
            .collect();
    expected.extend(inner);
    expected.sort();
    let url = format!("/v1.0/groups/{outer}/transitiveMembers");
    for top in [1, 2, 3, 10, 100] {
        let found = world.contoso().all(&format!("{url}?$top={top}"));
        assert_eq!(found.iter().map(id).collect::<Vec<_>>(), expected, "{top}");
    }
}

#[test]
fn transitive_members_are_each_listed_once() {
    let world = World::new();
    let (outer, inner) = (world.group("outer"), world.group("inner"));
    let users: Vec<String> = (0..6)
        .map(|number| world.user(&format!("u{number}")))
        .collect();
    world.join(&outer, &inner);
    for user in &users[..4] {
        world.join(&outer, user);
    }
    for user in &users[2..] {
        world.join(&inner, user);
    }
    let url = format!("/v1.0/groups/{outer}/transitiveMembers");
    assert_eq!(world.contoso().all(&format!("{url}?$top=2")).len(), 7);
    assert_eq!(
        world
            .contoso()
            .get(&format!("{url}/microsoft.graph.user/$count"))
            .text(),
        "6"
    );
    let cast: Vec<String> = world
        .contoso()
        .all(&format!("{url}/microsoft.graph.user?$top=2"))
        .iter()
        .map(id)
        .collect();
    assert_eq!(cast, users);
}

#[test]
fn strangers_and_the_group_itself_are_refused() {
    let world = World::new();
    let group = world.group("sales");
    let url = format!("/v1.0/groups/{group}/members/$ref");
    let mut body = person("eve");
    body["userPrincipalName"] = json!("eve@fabrikam.example");
    let eve = id(&world.fabrikam().post("/v1.0/users", body).created());
    world
        .contoso()
        .post(&url, reference(&eve))
        .problem(404, "Request_ResourceNotFound");
    world
        .contoso()
        .post(&url, reference(&group))
        .problem(400, "Request_BadRequest");
}

/// Typed clients send the id of what they change, and null or a list of nothing for what they leave out.
#[test]
fn who_may_change_members_only_sends_the_id_along() {
    let world = World::new();
    let (ann, bob, group) = (world.user("ann"), world.user("bob"), world.group("sales"));
    let tool = world.application(&["GroupMember.ReadWrite.All"]);
    let url = format!("/v1.0/groups/{group}");
    let bind = |it: &str| json!([reference(it)["@odata.id"]]);
    for (member, owners) in [(&ann, Json::Null), (&bob, json!([]))] {
        let body =
            json!({"id": group, "members@odata.bind": bind(member), "owners@odata.bind": owners});
        tool.patch(&url, body).no_content();
    }
    let members = tool.get(&format!("{url}/members")).ok();
    assert_eq!(members["value"].as_array().unwrap().len(), 2);
    for body in [
        json!({"id": group, "description": "x"}),
        json!({"owners@odata.bind": bind(&ann)}),
    ] {
        tool.patch(&url, body)
            .problem(403, "Authorization_RequestDenied");
    }
    tool.patch(&url, json!({"id": ann}))
        .problem(400, "Request_BadRequest");
}

#[test]
fn only_who_manages_roles_fills_a_group_that_holds_them() {
    let world = World::new();
    let ann = world.user("ann");
    let tool = world.application(&["Group.ReadWrite.All"]);
    let mut body = crate::world::security_group("admins");
    body["isAssignableToRole"] = json!(true);
    tool.post("/v1.0/groups", body.clone())
        .problem(403, "Authorization_RequestDenied");
    let group = id(&world.contoso().post("/v1.0/groups", body).created());
    tool.post(
        &format!("/v1.0/groups/{group}/members/$ref"),
        reference(&ann),
    )
    .problem(403, "Authorization_RequestDenied");
    tool.post(
        &format!("/v1.0/groups/{group}/owners/$ref"),
        reference(&ann),
    )
    .problem(403, "Authorization_RequestDenied");
    tool.patch(
        &format!("/v1.0/groups/{group}"),
        json!({"description": "x"}),
    )
    .problem(403, "Authorization_RequestDenied");
    world.join(&group, &ann);
}
