//! Managers, direct reports, sponsors, groups of a user.

use serde_json::json;

use crate::world::{PUBLIC_URL, World, each, id, person, reference};

#[test]
fn a_manager_is_set_read_replaced_and_removed() {
    let world = World::new();
    let (ann, bob, eve) = (world.user("ann"), world.user("bob"), world.user("eve"));
    let url = format!("/v1.0/users/{ann}/manager");
    let error = world
        .contoso()
        .get(&url)
        .problem(404, "Request_ResourceNotFound");
    assert_eq!(
        error["message"],
        "Resource 'manager' does not exist or one of its queried reference-property objects are not present."
    );
    world
        .contoso()
        .put(&format!("{url}/$ref"), reference(&bob))
        .no_content();
    let manager = world.contoso().get(&url).ok();
    assert_eq!(
        (id(&manager), &manager["@odata.type"]),
        (bob.clone(), &json!("#microsoft.graph.user"))
    );
    assert!(
        manager["@odata.context"]
            .as_str()
            .unwrap()
            .ends_with("#directoryObjects/$entity")
    );
    let link = world.contoso().get(&format!("{url}/$ref")).ok();
    assert_eq!(
        link["@odata.id"],
        format!("{PUBLIC_URL}/v1.0/directoryObjects/{bob}")
    );
    world
        .contoso()
        .put(
            &format!("{url}/$ref"),
            json!({"@odata.id": format!("{PUBLIC_URL}/beta/users('{eve}')")}),
        )
        .no_content();
    assert_eq!(id(&world.contoso().get(&url).ok()), eve);
    world.contoso().delete(&format!("{url}/$ref")).no_content();
    world
        .contoso()
        .delete(&format!("{url}/$ref"))
        .problem(404, "Request_ResourceNotFound");
}

#[test]
fn a_manager_may_be_named_by_upn_and_bound_at_creation() {
    let world = World::new();
    let bob = world.user("bob");
    let mut body = person("ann");
    body["manager@odata.bind"] =
        json!("https://graph.microsoft.com/v1.0/users/bob@contoso.example");
    let ann = id(&world.contoso().post("/v1.0/users", body).created());
    assert_eq!(
        id(&world
            .contoso()
            .get(&format!("/v1.0/users/{ann}/manager"))
            .ok()),
        bob
    );
}

#[test]
fn a_manager_is_bound_by_a_change() {
    let world = World::new();
    let (ann, bob, eve) = (world.user("ann"), world.user("bob"), world.user("eve"));
    let url = format!("/v1.0/users/{ann}");
    let bind = |manager: &str| json!({"jobTitle": "Pilot", "manager@odata.bind": reference(manager)["@odata.id"]});
    let manager = || id(&world.contoso().get(&format!("{url}/manager")).ok());
    world.contoso().patch(&url, bind(&bob)).no_content();
    assert_eq!(manager(), bob);
    world.contoso().patch(&url, bind(&eve)).no_content();
    assert_eq!(manager(), eve);
    assert_eq!(world.contoso().get(&url).ok()["jobTitle"], "Pilot");
    // With a manager who is refused nothing else is changed either.
    for (manager, status) in [
        (ann.as_str(), 400),
        ("01234567-89ab-4def-8123-456789abcdef", 404),
    ] {
        let mut body = bind(manager);
        body["jobTitle"] = json!("Chef");
        assert_eq!(world.contoso().patch(&url, body).status, status);
    }
    let bobs = reference(&bob)["@odata.id"].clone();
    for value in [json!(null), json!([]), json!(7), json!([bobs, bobs])] {
        world
            .contoso()
            .patch(
                &url,
                json!({"jobTitle": "Chef", "manager@odata.bind": value}),
            )
            .problem(400, "Request_BadRequest");
    }
    assert_eq!(manager(), eve);
    assert_eq!(world.contoso().get(&url).ok()["jobTitle"], "Pilot");
}

#[test]
fn nobody_is_his_own_manager() {
    let world = World::new();
    let ann = world.user("ann");
    let url = format!("/v1.0/users/{ann}/manager");
    let error = world
        .contoso()
        .put(&format!("{url}/$ref"), reference(&ann))
        .problem(400, "Request_BadRequest");
    assert_eq!(
        error["message"],
        "Invalid value specified for property 'manager' of resource 'User'."
    );
    assert_eq!(error["details"][0]["target"], "manager");
    world
        .contoso()
        .get(&url)
        .problem(404, "Request_ResourceNotFound");
}

#[test]
fn a_foreign_manager_does_not_exist() {
    let world = World::new();
    let ann = world.user("ann");
    let mut body = person("eve");
    body["userPrincipalName"] = json!("eve@fabrikam.example");
    let eve = id(&world.fabrikam().post("/v1.0/users", body).created());
    world
        .contoso()
        .put(&format!("/v1.0/users/{ann}/manager/$ref"), reference(&eve))
        .problem(404, "Request_ResourceNotFound");
}

#[test]
fn direct_reports_are_listed_counted_and_cast() {
    let world = World::new();
    let boss = world.user("boss");
    for alias in ["a", "b", "c"] {
        let user = world.user(alias);
        world
            .contoso()
            .put(
                &format!("/v1.0/users/{user}/manager/$ref"),
                reference(&boss),
            )
            .no_content();
    }
    let url = format!("/v1.0/users/{boss}/directReports");
    let all = world.contoso().get(&url).ok();
    assert_eq!(each(&all, "displayName"), ["a", "b", "c"]);
    assert_eq!(all["value"][0]["@odata.type"], "#microsoft.graph.user");
    assert_eq!(world.contoso().all(&format!("{url}?$top=2")).len(), 3);
    assert_eq!(world.contoso().get(&format!("{url}/$count")).text(), "3");
    let cast = world
        .contoso()
        .get(&format!(
            "{url}/microsoft.graph.user?$filter=displayName eq 'b'"
        ))
        .ok();
    assert_eq!(each(&cast, "displayName"), ["b"]);
    assert!(cast["value"][0].get("@odata.type").is_none());
}

#[test]
fn a_deleted_manager_is_no_manager_until_restored() {
    let world = World::new();
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let url = format!("/v1.0/users/{ann}/manager");
    world
        .contoso()
        .put(&format!("{url}/$ref"), reference(&bob))
        .no_content();
    world
        .contoso()
        .delete(&format!("/v1.0/users/{bob}"))
        .no_content();
    world
        .contoso()
        .get(&url)
        .problem(404, "Request_ResourceNotFound");
    world
        .contoso()
        .send(
            "POST",
            &format!("/v1.0/directory/deletedItems/{bob}/restore"),
            Vec::new(),
        )
        .ok();
    assert_eq!(id(&world.contoso().get(&url).ok()), bob);
}

#[test]
fn a_deleted_manager_is_removed_for_good() {
    let world = World::new();
    let client = world.contoso();
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let url = format!("/v1.0/users/{ann}/manager");
    client
        .put(&format!("{url}/$ref"), reference(&bob))
        .no_content();
    client.delete(&format!("/v1.0/users/{bob}")).no_content();
    client.delete(&format!("{url}/$ref")).no_content();
    client
        .delete(&format!("{url}/$ref"))
        .problem(404, "Request_ResourceNotFound");
    client
        .post(
            &format!("/v1.0/directory/deletedItems/{bob}/restore"),
            json!({}),
        )
        .ok();
    client.get(&url).problem(404, "Request_ResourceNotFound");
}

#[test]
fn groups_of_a_user_are_direct_or_transitive() {
    let world = World::new();
    let ann = world.user("ann");
    let (inner, middle, outer) = (
        world.group("inner"),
        world.group("middle"),
        world.group("outer"),
    );
    world.join(&inner, &ann);
    world.join(&middle, &inner);
    world.join(&outer, &middle);
    // A circle must end.
    world.join(&inner, &outer);
    let url = format!("/v1.0/users/{ann}");
    let direct = world.contoso().get(&format!("{url}/memberOf")).ok();
    assert_eq!(each(&direct, "displayName"), ["inner"]);
    assert_eq!(direct["value"][0]["@odata.type"], "#microsoft.graph.group");
    let all = world
        .contoso()
        .get(&format!(
            "{url}/transitiveMemberOf/microsoft.graph.group?$select=displayName"
        ))
        .ok();
    assert_eq!(each(&all, "displayName"), ["inner", "middle", "outer"]);
    assert_eq!(
        world
            .contoso()
            .get(&format!("{url}/transitiveMemberOf/$count"))
            .text(),
        "3"
    );
    assert_eq!(
        world
            .contoso()
            .get(&format!("{url}/memberOf/graph.directoryRole"))
            .ok()["value"],
        json!([])
    );
    world
        .contoso()
        .get(&format!("{url}/memberOf/microsoft.graph.nonsense"))
        .problem(400, "BadRequest");
}

#[test]
fn member_groups_are_told_and_checked() {
    let world = World::new();
    let ann = world.user("ann");
    let (inner, outer, other) = (
        world.group("inner"),
        world.group("outer"),
        world.group("other"),
    );
    world.join(&inner, &ann);
    world.join(&outer, &inner);
    let url = format!("/v1.0/users/{ann}");
    let groups = world
        .contoso()
        .post(
            &format!("{url}/getMemberGroups"),
            json!({"securityEnabledOnly": true}),
        )
        .ok();
    assert_eq!(groups["value"].as_array().unwrap().len(), 2);
    let checked = world
        .contoso()
        .post(
            &format!("{url}/checkMemberGroups"),
            json!({"groupIds": [outer, other]}),
        )
        .ok();
    assert_eq!(checked["value"], json!([outer]));
    world
        .contoso()
        .post(
            &format!("{url}/checkMemberGroups"),
            json!({"groupIds": vec![other; 21]}),
        )
        .problem(400, "Request_BadRequest");
    world
        .contoso()
        .post(&format!("{url}/checkMemberGroups"), json!({}))
        .problem(400, "Request_BadRequest");
}

#[test]
fn sponsors_are_added_once_listed_and_removed() {
    let world = World::new();
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let url = format!("/v1.0/users/{ann}/sponsors");
    world
        .contoso()
        .post(&format!("{url}/$ref"), reference(&bob))
        .no_content();
    world
        .contoso()
        .post(&format!("{url}/$ref"), reference(&bob))
        .problem(400, "Request_BadRequest");
    assert_eq!(
        each(&world.contoso().get(&url).ok(), "id"),
        std::slice::from_ref(&bob)
    );
    world
        .contoso()
        .delete(&format!("{url}/{bob}/$ref"))
        .no_content();
    world
        .contoso()
        .delete(&format!("{url}/{bob}/$ref"))
        .problem(404, "Request_ResourceNotFound");
}

#[test]
fn sponsors_in_the_recycle_bin_leave_room_for_others() {
    let world = World::new();
    let admin = world.contoso();
    let ann = world.user("ann");
    let url = format!("/v1.0/users/{ann}/sponsors");
    let add = |sponsor: &String| admin.post(&format!("{url}/$ref"), reference(sponsor));
    let sponsors: Vec<String> = (0..11).map(|at| world.user(&format!("s{at}"))).collect();
    for sponsor in &sponsors[..5] {
        add(sponsor).no_content();
    }
    add(&sponsors[5]).problem(400, "Request_BadRequest");
    for sponsor in &sponsors[..5] {
        admin.delete(&format!("/v1.0/users/{sponsor}")).no_content();
    }
    for sponsor in &sponsors[5..10] {
        add(sponsor).no_content();
    }
    add(&sponsors[10]).problem(400, "Request_BadRequest");
    assert_eq!(each(&admin.get(&url).ok(), "id"), sponsors[5..10]);
}
