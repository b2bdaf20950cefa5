//! Owners of groups, applications and service principals.

use serde_json::{Value as Json, json};

use crate::world::{World, each, id, reference};

#[test]
fn owners_are_added_once_listed_and_removed() {
    let world = World::new();
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let contoso = &world.tenants.contoso;
    for owned in [
        format!("/v1.0/groups/{}", world.group("sales")),
        format!("/v1.0/applications/{}", contoso.application),
        format!("/v1.0/servicePrincipals/{}", contoso.service_principal),
    ] {
        let url = format!("{owned}/owners");
        world
            .contoso()
            .post(&format!("{url}/$ref"), reference(&ann))
            .no_content();
        world
            .contoso()
            .post(&format!("{url}/$ref"), reference(&ann))
            .problem(400, "Request_BadRequest");
        let owners = world.contoso().get(&url).ok();
        assert_eq!(
            (each(&owners, "id"), &owners["value"][0]["@odata.type"]),
            (vec![ann.clone()], &json!("#microsoft.graph.user"))
        );
        world
            .contoso()
            .delete(&format!("{url}/{bob}/$ref"))
            .problem(404, "Request_ResourceNotFound");
        world
            .contoso()
            .delete(&format!("{url}/{ann}/$ref"))
            .no_content();
        assert_eq!(world.contoso().get(&url).ok()["value"], json!([]));
    }
}

#[test]
fn an_owner_in_the_recycle_bin_is_removed_for_good() {
    let world = World::new();
    let client = world.contoso();
    let ann = world.user("ann");
    let contoso = &world.tenants.contoso;
    let owned = [
        format!("/v1.0/groups/{}", world.group("sales")),
        format!("/v1.0/applications/{}", contoso.application),
        format!("/v1.0/servicePrincipals/{}", contoso.service_principal),
    ];
    for owned in &owned {
        client
            .post(&format!("{owned}/owners/$ref"), reference(&ann))
            .no_content();
    }
    client.delete(&format!("/v1.0/users/{ann}")).no_content();
    for owned in &owned {
        let url = format!("{owned}/owners/{ann}/$ref");
        client.delete(&url).no_content();
        client.delete(&url).problem(404, "Request_ResourceNotFound");
    }
    client
        .post(
            &format!("/v1.0/directory/deletedItems/{ann}/restore"),
            json!({}),
        )
        .ok();
    for owned in &owned {
        let owners = client.get(&format!("{owned}/owners")).ok();
        assert_eq!(owners["value"], json!([]), "{owned}");
    }
}

/// One who can do nothing does not count.
#[test]
fn the_last_owner_of_a_microsoft_365_group_is_the_last_live_one() {
    let world = World::new();
    let client = world.contoso();
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let body = json!({
        "displayName": "Sales", "mailNickname": "sales", "mailEnabled": true, "securityEnabled": false,
        "groupTypes": ["Unified"], "owners@odata.bind": [reference(&ann)["@odata.id"], reference(&bob)["@odata.id"]],
    });
    let group = id(&client.post("/v1.0/groups", body).created());
    let url = format!("/v1.0/groups/{group}/owners");
    client.delete(&format!("/v1.0/users/{ann}")).no_content();
    client
        .delete(&format!("{url}/{bob}/$ref"))
        .problem(400, "Request_BadRequest");
    client.delete(&format!("{url}/{ann}/$ref")).no_content();
    assert_eq!(each(&client.get(&url).ok(), "id"), [bob]);
}

#[test]
fn groups_are_found_by_the_number_of_their_owners() {
    let world = World::new();
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let [orphan, left, one, two, many] =
        ["orphan", "left", "one", "two", "many"].map(|name| world.group(name));
    let client = world.contoso();
    for (group, owner) in [(&left, &bob), (&one, &ann), (&one, &bob), (&two, &ann)] {
        let url = format!("/v1.0/groups/{group}/owners/$ref");
        client.post(&url, reference(owner)).no_content();
    }
    let principal = world.tenants.contoso.service_principal.to_string();
    let url = format!("/v1.0/groups/{two}/owners/$ref");
    client.post(&url, reference(&principal)).no_content();
    // Who is in the recycle bin owns nothing meanwhile.
    client.delete(&format!("/v1.0/users/{bob}")).no_content();
    world.own_all(&many, &world.crowd(700));
    for (filter, found) in [
        ("owners/$count eq 0", vec![&orphan, &left]),
        ("owners/$count ne 0", vec![&one, &two, &many]),
        ("owners/$count eq 1", vec![&one]),
        (
            "Owners/$count ge 1 and owners/$count lt 3",
            vec![&one, &two],
        ),
        ("owners/$count eq 700", vec![&many]),
        (
            "not(owners/$count gt 0) and startsWith(displayName,'o')",
            vec![&orphan],
        ),
        (
            "assignedLicenses/$count eq 0",
            vec![&orphan, &left, &one, &two, &many],
        ),
        ("assignedLicenses/$count gt 0", vec![]),
    ] {
        for order in ["", "&$orderby=displayName desc"] {
            let url = format!("/v1.0/groups?$filter={filter}{order}");
            let mut ids: Vec<String> = client
                .all(&format!("{url}&$top=1"))
                .iter()
                .map(id)
                .collect();
            ids.sort();
            let mut expected = found.clone();
            expected.sort();
            assert_eq!(ids.iter().collect::<Vec<_>>(), expected, "{url}");
            let page = client.get(&format!("{url}&$count=true&$select=id")).ok();
            assert_eq!(page["@odata.count"], found.len(), "{url}");
        }
        let count = client.get(&format!("/v1.0/groups/$count?$filter={filter}"));
        assert_eq!(count.text(), found.len().to_string(), "{filter}");
    }
    let page = client.get("/v1.0/groups?$filter=owners/$count eq 1").ok();
    assert!(page["value"][0].get("owners").is_none(), "{page}");
    for (url, words) in [
        (
            "groups?$filter=owners/any(x:x/id eq '1')".to_owned(),
            "'owners/$count eq 0'",
        ),
        (
            "groups?$filter=members/$count eq 0".to_owned(),
            "read 'members' of the objects",
        ),
        (
            "groups/delta?$filter=owners/$count eq 0".to_owned(),
            "read 'owners' of the objects",
        ),
        (
            format!("users/{ann}/memberOf?$filter=owners/$count eq 0"),
            "read 'owners' of",
        ),
        (
            "users?$filter=manager/id eq '1'".to_owned(),
            "read 'manager' of the objects",
        ),
    ] {
        let error = client
            .get(&format!("/v1.0/{url}"))
            .problem(400, "Request_UnsupportedQuery");
        assert!(
            error["message"].as_str().unwrap().contains(words),
            "{error}"
        );
    }
    client
        .get("/v1.0/users?$filter=assignedLicenses/$count eq 0")
        .ok();
    let tool = world.application(&["User.Read.All"]);
    tool.get("/v1.0/groups?$filter=owners/$count eq 0")
        .problem(403, "Authorization_RequestDenied");
}

#[test]
fn applications_and_service_principals_are_found_by_the_number_of_their_owners() {
    let world = World::new();
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let client = world.contoso().eventual();
    let [orphan, left, one] = ["orphan", "left", "one"].map(|_| world.registered(&[]));
    for set in ["applications", "servicePrincipals"] {
        let [orphan, left, one] = [&orphan, &left, &one].map(|it| match set {
            "applications" => it.application.clone(),
            _ => it.service_principal.clone(),
        });
        for (owned, owner) in [(&left, &bob), (&one, &bob), (&one, &ann)] {
            let url = format!("/v1.0/{set}/{owned}/owners/$ref");
            client.post(&url, reference(owner)).no_content();
        }
        let check = |filter: &str, expected: &[&String]| {
            let url = format!("/v1.0/{set}?$filter={filter} and displayName eq 'Tool'&$count=true");
            let page = client.get(&url).ok();
            let mut ids = each(&page, "id");
            ids.sort();
            assert_eq!(ids.iter().collect::<Vec<_>>(), expected, "{set}: {filter}");
            assert_eq!(page["@odata.count"], expected.len(), "{set}: {filter}");
        };
        check("owners/$count eq 0", &[&orphan]);
        check("owners/$count eq 1", &[&left]);
        check("owners/$count ge 1", &sorted([&left, &one]));
        let url = format!("/v1.0/{set}/{orphan}/owners/$ref");
        client.post(&url, reference(&ann)).no_content();
        check("owners/$count eq 0", &[]);
    }
    // Who is in the recycle bin owns nothing meanwhile.
    client.delete(&format!("/v1.0/users/{bob}")).no_content();
    let count = client
        .get("/v1.0/applications/$count?$filter=owners/$count eq 0 and displayName eq 'Tool'");
    assert_eq!(count.text(), "1");
}

fn sorted<const N: usize>(mut ids: [&String; N]) -> [&String; N] {
    ids.sort();
    ids
}

#[test]
fn owners_of_applications_and_service_principals_are_bound_at_creation() {
    let world = World::new();
    let users: Vec<String> = (0..21)
        .map(|number| world.user(&format!("u{number}")))
        .collect();
    let bind = |users: &[String]| -> Json {
        let urls = users.iter().map(|it| reference(it)["@odata.id"].clone());
        urls.collect()
    };
    let contoso = world.contoso();
    let application = |name: &str, owners: Json| {
        contoso.post(
            "/v1.0/applications",
            json!({"displayName": name, "owners@odata.bind": owners}),
        )
    };
    let made = application("Tool", bind(&users[..20])).created();
    let owners = contoso
        .get(&format!("/v1.0/applications/{}/owners", id(&made)))
        .ok();
    assert_eq!(each(&owners, "id"), users[..20]);
    let body = json!({"appId": made["appId"], "owners@odata.bind": bind(&[users[0].clone(), users[0].clone()])});
    let principal = id(&contoso.post("/v1.0/servicePrincipals", body).created());
    let owners = contoso
        .get(&format!("/v1.0/servicePrincipals/{principal}/owners"))
        .ok();
    assert_eq!(each(&owners, "id"), users[..1]);
    // One who does not exist, or too many, leave nothing behind.
    let before = contoso.all("/v1.0/applications").len();
    application("Other", bind(&users)).problem(400, "Request_BadRequest");
    let nobody = ["01234567-89ab-4def-8123-456789abcdef".to_owned()];
    application("Other", bind(&nobody)).problem(404, "Request_ResourceNotFound");
    assert_eq!(contoso.all("/v1.0/applications").len(), before);
}

#[test]
fn whoever_registers_an_application_is_bound_to_it_once() {
    let world = World::new();
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let client = world.signed_in(
        &ann,
        &["Application.ReadWrite.All"],
        &[syncline_access::DirectoryRole::ApplicationAdministrator],
    );
    let urls = [&ann, &bob].map(|it| reference(it)["@odata.id"].clone());
    let body = json!({"displayName": "Tool", "owners@odata.bind": urls});
    let application = id(&client.post("/v1.0/applications", body).created());
    let owners = world
        .contoso()
        .get(&format!("/v1.0/applications/{application}/owners"))
        .ok();
    assert_eq!(each(&owners, "id"), [ann, bob]);
}

#[test]
fn whoever_registers_an_application_owns_it() {
    let world = World::new();
    let ann = world.user("ann");
    let client = world.signed_in(
        &ann,
        &["Application.ReadWrite.All"],
        &[syncline_access::DirectoryRole::ApplicationAdministrator],
    );
    let application = client
        .post("/v1.0/applications", json!({"displayName": "Tool"}))
        .created();
    let owners = world
        .contoso()
        .get(&format!("/v1.0/applications/{}/owners", id(&application)))
        .ok();
    assert_eq!(each(&owners, "id"), [ann]);
}
