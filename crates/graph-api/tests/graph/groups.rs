//! One group: create, read, change, delete; lists of groups.

use serde_json::{Value as Json, json};
use syncline_model::Attr;
use syncline_store::Tx;

use crate::world::{World, each, id, reference, security_group};

#[test]
fn a_created_group_has_the_default_properties() {
    let world = World::new();
    let group = world
        .contoso()
        .post("/v1.0/groups", security_group("sales"))
        .created();
    for name in [
        "description",
        "membershipRule",
        "visibility",
        "onPremisesSyncEnabled",
        "theme",
    ] {
        assert_eq!(group[name], Json::Null, "{name}");
    }
    for name in ["groupTypes", "proxyAddresses", "resourceBehaviorOptions"] {
        assert_eq!(group[name], json!([]), "{name}");
    }
    assert!(
        group["securityIdentifier"]
            .as_str()
            .unwrap()
            .starts_with("S-1-12-1-")
    );
    assert!(group.get("assignedLicenses").is_none(), "only with $select");
    assert_eq!(
        world
            .contoso()
            .get(&format!("/v1.0/groups/{}", id(&group)))
            .ok(),
        group
    );
}

#[test]
fn what_is_required_is_asked_for() {
    let world = World::new();
    for missing in [
        "displayName",
        "mailEnabled",
        "mailNickname",
        "securityEnabled",
    ] {
        let mut body = security_group("sales");
        body.as_object_mut().unwrap().remove(missing);
        let error = world
            .contoso()
            .post("/v1.0/groups", body)
            .problem(400, "Request_BadRequest");
        assert!(
            error["message"].as_str().unwrap().contains(missing),
            "{error}"
        );
    }
}

#[test]
fn members_and_owners_are_bound_at_creation() {
    let world = World::new();
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let mut body = security_group("sales");
    body["members@odata.bind"] = json!([
        reference(&ann)["@odata.id"],
        reference(&bob)["@odata.id"],
        reference(&bob)["@odata.id"]
    ]);
    body["owners@odata.bind"] = json!([reference(&ann)["@odata.id"]]);
    let group = id(&world.contoso().post("/v1.0/groups", body).created());
    assert_eq!(
        each(
            &world
                .contoso()
                .get(&format!("/v1.0/groups/{group}/members"))
                .ok(),
            "id"
        ),
        [ann.clone(), bob]
    );
    assert_eq!(
        each(
            &world
                .contoso()
                .get(&format!("/v1.0/groups/{group}/owners"))
                .ok(),
            "id"
        ),
        [ann]
    );
}

#[test]
fn a_bound_stranger_leaves_no_group_behind() {
    let world = World::new();
    let mut body = security_group("sales");
    body["members@odata.bind"] =
        json!([reference("01234567-89ab-4def-8123-456789abcdef")["@odata.id"]]);
    world
        .contoso()
        .post("/v1.0/groups", body)
        .problem(404, "Request_ResourceNotFound");
    let mut body = security_group("sales");
    body["members@odata.bind"] = json!(7);
    world
        .contoso()
        .post("/v1.0/groups", body)
        .problem(400, "Request_BadRequest");
    assert!(world.contoso().all("/v1.0/groups").is_empty());
}

#[test]
fn a_change_may_add_up_to_twenty_members() {
    let world = World::new();
    let group = world.group("sales");
    let users: Vec<String> = (0..21)
        .map(|number| world.user(&format!("u{number}")))
        .collect();
    let bind = |users: &[String]| -> Vec<Json> {
        users
            .iter()
            .map(|user| reference(user)["@odata.id"].clone())
            .collect()
    };
    let url = format!("/v1.0/groups/{group}");
    world
        .contoso()
        .patch(&url, json!({"members@odata.bind": bind(&users)}))
        .problem(400, "Request_BadRequest");
    world
        .contoso()
        .patch(&url, json!({"members@odata.bind": bind(&users[..20])}))
        .no_content();
    assert_eq!(
        world.contoso().get(&format!("{url}/members/$count")).text(),
        "20"
    );
    // One existing member refuses the whole request.
    world
        .contoso()
        .patch(
            &url,
            json!({"description": "x", "members@odata.bind": bind(&users[19..])}),
        )
        .problem(400, "Request_BadRequest");
    let group = world.contoso().get(&url).ok();
    assert_eq!(group["description"], Json::Null);
    assert_eq!(
        world.contoso().get(&format!("{url}/members/$count")).text(),
        "20"
    );
}

#[test]
fn properties_are_changed_and_checked() {
    let world = World::new();
    let url = format!("/v1.0/groups/{}", world.group("sales"));
    world
        .contoso()
        .patch(
            &url,
            json!({"Description": "People who sell", "theme": "blue"}),
        )
        .no_content();
    let group = world.contoso().get(&url).ok();
    assert_eq!(
        (&group["description"], &group["theme"]),
        (&json!("People who sell"), &json!("blue"))
    );
    for body in [
        json!({"displayName": null}),
        json!({"mailEnabled": "no"}),
        json!({"groupTypes": ["Unified"]}),
        json!({"nonsense": 1}),
        json!({"visibility": "Secret"}),
    ] {
        world
            .contoso()
            .patch(&url, body)
            .problem(400, "Request_BadRequest");
    }
}

/// Jobs know a Microsoft 365 group by it.
#[test]
fn group_types_are_spelled_as_graph_does_whatever_was_sent() {
    let world = World::new();
    let client = world.contoso();
    let group = |types: Json| {
        json!({
            "displayName": "Sales", "mailNickname": "sales", "mailEnabled": true, "securityEnabled": true,
            "groupTypes": types, "membershipRule": "user.department -eq \"Sales\"",
        })
    };
    let made = client
        .post(
            "/v1.0/groups",
            group(json!(["unified", "DYNAMICMEMBERSHIP"])),
        )
        .created();
    assert_eq!(made["groupTypes"], json!(["Unified", "DynamicMembership"]));
    let stored = client
        .get(&format!("/v1.0/groups/{}?$select=groupTypes", id(&made)))
        .ok();
    assert_eq!(
        stored["groupTypes"],
        json!(["Unified", "DynamicMembership"])
    );
    let error = client
        .post("/v1.0/groups", group(json!(["Unified", "Distribution"])))
        .problem(400, "Request_BadRequest");
    assert_eq!(error["details"][0]["target"], "groupTypes");
}

/// Nothing hides members, so nobody is promised that something does; and what only Microsoft 365 groups have, others
/// do not get.
#[test]
fn microsoft_365_groups_are_private_or_public_and_hide_nobody() {
    let world = World::new();
    let admin = world.contoso();
    let refused = |answer: crate::world::Answer| {
        let error = answer.problem(400, "Request_BadRequest");
        assert_eq!(error["details"][0]["target"], "visibility");
    };
    let unified = |visibility: &str| json!({"displayName": "Sales", "mailNickname": "sales", "mailEnabled": true, "securityEnabled": false, "groupTypes": ["Unified"], "visibility": visibility});
    let url = "/v1.0/groups";
    refused(admin.post(url, unified("HiddenMembership")));
    let made = admin.post(url, unified("private")).created();
    assert_eq!(made["visibility"], "Private");
    let made = format!("{url}/{}", id(&made));
    refused(admin.patch(&made, json!({"visibility": "hiddenMembership"})));
    admin
        .patch(&made, json!({"visibility": "Public"}))
        .no_content();
    assert_eq!(admin.get(&made).ok()["visibility"], "Public");

    // Scripts send what a security group is anyway, and Graph shows nothing of it.
    let mut security = security_group("buyers");
    security["visibility"] = json!("Private");
    let made = admin.post(url, security.clone()).created();
    assert_eq!(made["visibility"], Json::Null);
    let made = id(&made);
    let plain = format!("{url}/{made}");
    for to in ["Private", "Public"] {
        admin
            .patch(&plain, json!({ "visibility": to }))
            .no_content();
        assert_eq!(admin.get(&plain).ok()["visibility"], Json::Null);
    }
    refused(admin.patch(&plain, json!({"visibility": "HiddenMembership"})));
    security["visibility"] = json!("HiddenMembership");
    refused(admin.post(url, security.clone()));
    // What is there, from when all were taken, may be sent back, and taken away.
    let stored = made.parse().unwrap();
    let tenant = world.tenants.contoso.id;
    let put = |tx: &mut Tx<'_>| {
        let mut entry = tx.object(tenant, stored)?.unwrap().entry;
        entry.attrs.set(Attr::VISIBILITY, "HiddenMembership");
        tx.update_objects(tenant, &[entry])
    };
    world.store.write(put).unwrap();
    let same = json!({"description": "x", "visibility": "HiddenMembership"});
    admin.patch(&plain, same).no_content();
    admin
        .patch(&plain, json!({"visibility": null}))
        .no_content();
    assert_eq!(admin.get(&plain).ok()["visibility"], Json::Null);
    // Nobody asks to join a group for roles.
    security["isAssignableToRole"] = json!(true);
    security["mailNickname"] = json!("admins");
    security["visibility"] = json!("Private");
    admin.post(url, security).created();
}

/// Also when it is a Microsoft 365 group, of which others may be public.
#[test]
fn groups_for_roles_are_private() {
    let world = World::new();
    let admin = world.contoso();
    let url = "/v1.0/groups";
    let refused = |answer: crate::world::Answer| {
        let error = answer.problem(400, "Request_BadRequest");
        assert_eq!(
            error["message"],
            "Visibility can only be set to Private for groups assignable to role"
        );
        assert_eq!(error["details"][0]["target"], "visibility");
    };
    for types in [json!([]), json!(["Unified"])] {
        let mut group = json!({"displayName": "Admins", "mailNickname": "admins", "mailEnabled": types[0] == "Unified", "securityEnabled": true, "groupTypes": types, "isAssignableToRole": true});
        group["visibility"] = json!("Public");
        refused(admin.post(url, group.clone()));
        group["visibility"] = Json::Null;
        let made = admin.post(url, group).created();
        assert_eq!(made["visibility"], "Private");
        let made = format!("{url}/{}", id(&made));
        refused(admin.patch(&made, json!({"visibility": "Public"})));
        admin
            .patch(&made, json!({"visibility": "private"}))
            .no_content();
    }
}

#[test]
fn groups_are_filtered_sorted_and_counted() {
    let world = World::new();
    for name in ["b", "c", "a"] {
        world.group(name);
    }
    let sorted = world
        .contoso()
        .get("/v1.0/groups?$orderby=displayName")
        .ok();
    assert_eq!(each(&sorted, "displayName"), ["a", "b", "c"]);
    let found = world
        .contoso()
        .get("/v1.0/groups?$filter=DisplayName eq 'B' and securityEnabled eq true")
        .ok();
    assert_eq!(each(&found, "displayName"), ["b"]);
    assert_eq!(
        world.contoso().eventual().get("/v1.0/groups/$count").text(),
        "3"
    );
}

#[test]
fn members_are_expanded_up_to_twenty() {
    let world = World::new();
    let group = world.group("sales");
    for number in 0..22 {
        world.join(&group, &world.user(&format!("u{number}")));
    }
    let shown = world
        .contoso()
        .get(&format!("/v1.0/groups/{group}?$expand=members($select=id)"))
        .ok();
    assert_eq!(shown["members"].as_array().unwrap().len(), 20);
    assert_eq!(shown["members"][0]["@odata.type"], "#microsoft.graph.user");
}

#[test]
fn what_is_expanded_in_a_page_is_bounded() {
    let world = World::new();
    for number in 0..101 {
        world.group(&format!("g{number}"));
    }
    let admin = world.contoso();
    for (expand, size) in [("members", 100), ("members,owners", 50)] {
        let url = format!("/v1.0/groups?$top=999&$expand={expand}&$select=id");
        let page = admin.get(&url).ok();
        assert_eq!(page["value"].as_array().unwrap().len(), size, "{expand}");
        assert_eq!(admin.all(&url).len(), 101, "{expand}");
    }
    for url in [
        "/v1.0/groups?$expand=members,members",
        "/v1.0/roleManagement/directory/roleAssignments?$expand=principal,principal",
    ] {
        admin.get(url).problem(400, "BadRequest");
    }
}

#[test]
fn a_deleted_group_is_gone_and_comes_back_with_its_members() {
    let world = World::new();
    let (ann, group) = (world.user("ann"), world.group("sales"));
    world.join(&group, &ann);
    let url = format!("/v1.0/groups/{group}");
    world.contoso().delete(&url).no_content();
    world
        .contoso()
        .get(&url)
        .problem(404, "Request_ResourceNotFound");
    assert_eq!(
        world
            .contoso()
            .get(&format!("/v1.0/users/{ann}/memberOf"))
            .ok()["value"],
        json!([])
    );
    world
        .contoso()
        .send(
            "POST",
            &format!("/v1.0/directory/deletedItems/{group}/restore"),
            Vec::new(),
        )
        .ok();
    assert_eq!(
        each(&world.contoso().get(&format!("{url}/members")).ok(), "id"),
        [ann]
    );
}

#[test]
fn a_user_is_no_group() {
    let world = World::new();
    let ann = world.user("ann");
    world
        .contoso()
        .get(&format!("/v1.0/groups/{ann}"))
        .problem(404, "Request_ResourceNotFound");
    world
        .contoso()
        .get("/v1.0/groups/nonsense")
        .problem(404, "Request_ResourceNotFound");
}
