//! `/directoryObjects`

use serde_json::json;

use crate::world::{World, each, id};

#[test]
fn any_kind_of_object_is_found_by_id() {
    let world = World::new();
    let (ann, group) = (world.user("ann"), world.group("sales"));
    for (object, kind) in [
        (&ann, "user"),
        (&group, "group"),
        (
            &world.tenants.contoso.application.to_string(),
            "application",
        ),
    ] {
        let found = world
            .contoso()
            .get(&format!("/v1.0/directoryObjects/{object}"))
            .ok();
        assert_eq!(
            (id(&found), &found["@odata.type"]),
            (object.clone(), &json!(format!("#microsoft.graph.{kind}")))
        );
    }
    world
        .contoso()
        .delete(&format!("/v1.0/users/{ann}"))
        .no_content();
    world
        .contoso()
        .get(&format!("/v1.0/directoryObjects/{ann}"))
        .problem(404, "Request_ResourceNotFound");
}

#[test]
fn many_are_found_at_once_and_strangers_dropped() {
    let world = World::new();
    let (ann, group) = (world.user("ann"), world.group("sales"));
    let ids = json!([ann, group, "01234567-89ab-4def-8123-456789abcdef", ann]);
    let url = "/v1.0/directoryObjects/getByIds";
    let found = world.contoso().post(url, json!({"ids": ids})).ok();
    assert_eq!(
        each(&found, "@odata.type"),
        ["#microsoft.graph.user", "#microsoft.graph.group"]
    );
    let found = world
        .contoso()
        .post(url, json!({"ids": ids, "types": ["Group"]}))
        .ok();
    assert_eq!(each(&found, "id"), [group]);
    let found = world
        .contoso()
        .post(
            "/v1.0/users/getByIds",
            json!({"ids": ids, "types": ["device"]}),
        )
        .ok();
    assert_eq!(found["value"], json!([]));
}

#[test]
fn bad_requests_for_many_are_refused() {
    let world = World::new();
    let many: Vec<String> = (0..1001)
        .map(|_| "01234567-89ab-4def-8123-456789abcdef".to_owned())
        .collect();
    for body in [
        json!({}),
        json!({"ids": []}),
        json!({"ids": "x"}),
        json!({"ids": ["x"]}),
        json!({"ids": many}),
        json!({"ids": [], "nonsense": 1}),
    ] {
        world
            .contoso()
            .post("/v1.0/directoryObjects/getByIds", body)
            .problem(400, "Request_BadRequest");
    }
}

#[test]
fn options_that_actions_do_not_honour_are_refused() {
    let world = World::new();
    let ann = world.user("ann");
    let ids = json!({"ids": [ann]});
    let of_ann = |action: &str| format!("users/{ann}/{action}");
    for (action, body) in [
        ("directoryObjects/getByIds".to_owned(), &ids),
        ("users/getByIds".to_owned(), &ids),
        (of_ann("getMemberGroups"), &json!({})),
        (of_ann("getMemberObjects"), &json!({})),
        (of_ann("checkMemberGroups"), &json!({"groupIds": [ann]})),
        (of_ann("checkMemberObjects"), &ids),
    ] {
        for option in [
            "$filter=id eq 'x'",
            "$orderby=displayName",
            "$search=\"displayName:ann\"",
            "$top=1",
            "$skip=1",
            "$skiptoken=x",
        ] {
            let url = format!("/v1.0/{action}?{option}");
            let answer = world.contoso().post(&url, body.clone());
            answer.problem(400, "Request_UnsupportedQuery");
        }
        let url = format!("/v1.0/{action}?$format=json");
        world.contoso().post(&url, body.clone()).ok();
    }
}
