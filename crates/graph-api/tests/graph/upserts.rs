//! `PATCH` by an alternate key with `Prefer: create-if-missing`.

use serde_json::{Value as Json, json};
use syncline_model::{Attr, Value};
use syncline_store::Tx;

use crate::world::{World, each, id, reference, security_group, text};

const GROUP: &str = "/v1.0/groups(uniqueName='sales')";
const APPLICATION: &str = "/v1.0/applications(uniqueName='tool')";

fn group() -> Json {
    let mut body = security_group("Sales");
    body["groupTypes"] = json!([]);
    body["description"] = json!("People who sell");
    body
}

#[test]
fn a_group_that_is_not_there_is_made_and_then_changed() {
    let world = World::new();
    let admin = world.contoso();
    let upserter = admin.header("prefer", "create-if-missing");
    let change = security_group("Sales");
    admin
        .patch(GROUP, change.clone())
        .problem(404, "Request_ResourceNotFound");
    let by_id = format!("/v1.0/groups/{}", world.tenants.contoso.graph);
    upserter
        .patch(&by_id, change)
        .problem(404, "Request_ResourceNotFound");

    let answer = upserter.patch(GROUP, group());
    let made = answer.created();
    assert_eq!(
        (&made["uniqueName"], &made["displayName"]),
        (&json!("sales"), &json!("Sales"))
    );
    assert!(answer.header("location").ends_with(&id(&made)));
    upserter.patch(GROUP, group()).no_content();
    assert_eq!(admin.get(GROUP).ok(), made);
    let mut changed = group();
    changed["displayName"] = json!("Salespeople");
    changed["uniqueName"] = json!("sales");
    upserter.patch(GROUP, changed).no_content();
    let all = admin.get("/v1.0/groups").ok();
    assert_eq!(each(&all, "displayName"), ["Salespeople"]);
    assert_eq!(each(&all, "id"), [id(&made)]);

    // What only a new group is given stays as it is.
    let mut same = group();
    same["isAssignableToRole"] = json!(false);
    same["id"] = made["id"].clone();
    upserter.patch(GROUP, same).no_content();
    let mut other = group();
    other["id"] = json!(world.tenants.contoso.graph.to_string());
    for url in [GROUP, "/v1.0/groups(uniqueName='others')"] {
        let error = upserter
            .patch(url, other.clone())
            .problem(400, "Request_BadRequest");
        assert_eq!(error["details"][0]["target"], "id", "{url}");
    }
    let mut changed = group();
    changed["isAssignableToRole"] = json!(true);
    let error = upserter
        .patch(GROUP, changed)
        .problem(400, "Request_BadRequest");
    assert_eq!(error["details"][0]["code"], "PropertyReadOnly");
    let shown = upserter.header("prefer", "return=representation, create-if-missing");
    assert_eq!(shown.patch(GROUP, group()).ok()["displayName"], "Sales");
}

/// Earlier builds stored what was sent.
#[test]
fn group_types_that_are_spelled_otherwise_are_no_change() {
    let world = World::new();
    let upserter = world.contoso().header("prefer", "create-if-missing");
    let mut body = group();
    body["groupTypes"] = json!(["unified"]);
    body["mailEnabled"] = json!(true);
    let made = id(&upserter.patch(GROUP, body.clone()).created());
    let (tenant, stored) = (world.tenants.contoso.id, made.parse().unwrap());
    let put = |tx: &mut Tx<'_>| {
        let mut entry = tx.object(tenant, stored)?.unwrap().entry;
        let types = Value::List(vec!["unified".into()]);
        entry.attrs.set(Attr::GROUP_TYPES, types);
        tx.update_objects(tenant, &[entry])
    };
    world.store.write(put).unwrap();
    upserter.patch(GROUP, body.clone()).no_content();
    body["groupTypes"] = json!(["Unified", "DynamicMembership"]);
    upserter
        .patch(GROUP, body)
        .problem(400, "Request_BadRequest");
}

#[test]
fn a_group_is_made_with_what_is_bound_to_it_and_as_a_whole() {
    let world = World::new();
    let ann = world.user("ann");
    let upserter = world.contoso().header("prefer", "create-if-missing");
    let mut body = group();
    body["uniqueName"] = json!("others");
    let error = upserter
        .patch(GROUP, body)
        .problem(400, "Request_BadRequest");
    assert_eq!(error["details"][0]["target"], "uniqueName");
    let mut body = group();
    body["displayName"] = Json::Null;
    upserter
        .patch(GROUP, body)
        .problem(400, "Request_BadRequest");
    let mut body = group();
    body["members@odata.bind"] = json!([reference(&ann)["@odata.id"]]);
    let made = upserter.patch(GROUP, body).created();
    let members = format!("/v1.0/groups/{}/members", id(&made));
    assert_eq!(each(&upserter.get(&members).ok(), "id"), [ann]);
}

#[test]
fn making_a_group_asks_for_the_permissions_to_make_it() {
    let world = World::new();
    let upserter = |permission: &str| {
        let client = world.application(&[permission]);
        client.header("prefer", "create-if-missing")
    };
    // Graph's permission map opens `POST /groups` to the second, and this to neither.
    for too_little in ["GroupMember.ReadWrite.All", "Group.Create"] {
        upserter(too_little)
            .patch(GROUP, group())
            .problem(403, "Authorization_RequestDenied");
    }
    let groups = upserter("Group.ReadWrite.All");
    let mut for_roles = group();
    for_roles["isAssignableToRole"] = json!(true);
    groups
        .patch(GROUP, for_roles)
        .problem(403, "Authorization_RequestDenied");
    assert!(world.contoso().all("/v1.0/groups").is_empty());
    groups.patch(GROUP, group()).created();
}

#[test]
fn an_application_and_its_service_principal_are_made_and_then_changed() {
    let world = World::new();
    let admin = world.contoso();
    let upserter = admin.header("prefer", "create-if-missing");
    let body = json!({"displayName": "Tool", "notes": "ours"});
    admin
        .patch(APPLICATION, body.clone())
        .problem(404, "Request_ResourceNotFound");
    let application = upserter.patch(APPLICATION, body.clone()).created();
    assert_eq!(application["uniqueName"], "tool");
    upserter.patch(APPLICATION, body).no_content();
    assert_eq!(admin.get(APPLICATION).ok(), application);
    let found = admin.all("/v1.0/applications?$filter=displayName eq 'Tool'");
    assert_eq!(found.len(), 1);

    let app_id = text(&application, "appId");
    let principal = format!("/v1.0/servicePrincipals(appId='{app_id}')");
    for tags in [json!(["a"]), json!(["b"])] {
        let body = json!({"appId": app_id, "tags": tags});
        let answer = upserter.patch(&principal, body);
        assert_eq!(answer.status, if tags == json!(["a"]) { 201 } else { 204 });
        assert_eq!(admin.get(&principal).ok()["tags"], tags);
    }
    let nobody = "/v1.0/servicePrincipals(appId='01234567-89ab-4def-8123-456789abcdef')";
    let error = upserter
        .patch(nobody, json!({"tags": ["a"]}))
        .problem(400, "Request_BadRequest");
    assert_eq!(error["details"][0]["code"], "NoBackingApplicationObject");
    let other = json!({"appId": world.tenants.contoso.app_id.to_string()});
    upserter
        .patch(&principal, other)
        .problem(400, "Request_BadRequest");
}

/// As Graph's permission map has it: `Application.ReadWrite.OwnedBy` is the least for both.
#[test]
fn whoever_may_change_its_own_applications_makes_them_by_their_keys() {
    const DENIED: &str = "Authorization_RequestDenied";
    let world = World::new();
    let [owner, other] = [(); 2].map(|()| world.application(&["Application.ReadWrite.OwnedBy"]));
    let [mine, others] = [&owner, &other].map(|it| it.header("prefer", "create-if-missing"));
    let body = json!({"displayName": "Tool"});
    owner
        .patch(APPLICATION, body.clone())
        .problem(404, "Request_ResourceNotFound");
    let application = mine.patch(APPLICATION, body).created();
    let changed = json!({"displayName": "Tool", "notes": "ours"});
    mine.patch(APPLICATION, changed.clone()).no_content();
    others.patch(APPLICATION, changed).problem(403, DENIED);

    let app_id = text(&application, "appId");
    let principal = format!("/v1.0/servicePrincipals(appId='{app_id}')");
    let tagged = json!({"tags": ["a"]});
    others
        .patch(&principal, tagged.clone())
        .problem(403, DENIED);
    let made = mine.patch(&principal, tagged).created();
    mine.patch(&principal, json!({"tags": ["b"]})).no_content();
    others
        .patch(&principal, json!({"tags": ["c"]}))
        .problem(403, DENIED);
    let shown = world.contoso().get(&principal).ok();
    assert_eq!((id(&shown), &shown["tags"]), (id(&made), &json!(["b"])));
    // By an id nothing is made.
    let nobody = "/v1.0/applications/01234567-89ab-4def-8123-456789abcdef";
    mine.patch(nobody, json!({"notes": "x"}))
        .problem(404, "Request_ResourceNotFound");
}
