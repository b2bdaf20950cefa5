//! Which there are: registered, found and deleted, by whoever may.

use serde_json::{Value as Json, json};
use syncline_model::EntityKind;

use super::{App, set, shown};
use crate::world::{World, each, id, names, person, text};

#[test]
fn one_is_registered_found_listed_and_deleted() {
    let world = World::new();
    let app = App::new(&world);
    let made = app.client.post(
        &app.url(),
        json!({"name": "jobCode", "dataType": "string", "targetObjects": ["user", "Device"]}),
    );
    let location = made.header("location").to_owned();
    let made = made.created();
    let name = format!("extension_{}_jobCode", app.app_id.replace('-', ""));
    for (member, value) in [
        ("name", json!(name)),
        ("dataType", json!("String")),
        ("isMultiValued", json!(false)),
        ("isSyncedFromOnPremises", json!(false)),
        ("targetObjects", json!(["User", "Device"])),
        ("appDisplayName", json!("Personnel")),
        ("deletedDateTime", Json::Null),
    ] {
        assert_eq!(made[member], value, "{member}");
    }
    assert!(text(&made, "@odata.context").ends_with(&format!(
        "#applications('{}')/extensionProperties/$entity",
        app.id
    )));
    assert!(location.ends_with(&format!("{}/{}", app.url(), id(&made))));

    let other = app.named("other", "Integer", true);
    let all = app.client.get(&app.url()).ok();
    assert_eq!(each(&all, "name"), [name.clone(), other.clone()]);
    let beta = app.url().replace("/v1.0/", "/beta/");
    assert_eq!(
        app.client
            .all(&format!("{beta}?$filter=name eq '{other}'"))
            .len(),
        1
    );
    assert_eq!(app.client.get(&format!("{}/$count", app.url())).text(), "2");
    let by_app_id = format!(
        "/v1.0/applications(appId='{}')/extensionProperties",
        app.app_id
    );
    assert_eq!(app.client.all(&by_app_id).len(), 2);
    let one = format!("{}/{}", app.url(), id(&made));
    assert_eq!(text(&app.client.get(&one).ok(), "name"), name);
    assert_eq!(
        names(&app.client.get(&format!("{one}?$select=name")).ok()),
        ["@odata.context", "name"]
    );

    let available = "/v1.0/directoryObjects/getAvailableExtensionProperties";
    let everywhere = app.client.post(available, json!({})).ok();
    assert_eq!(each(&everywhere, "name"), [name, other]);
    let synced = app
        .client
        .post(available, json!({"isSyncedFromOnPremises": true}))
        .ok();
    assert_eq!(synced["value"], json!([]));

    app.client.delete(&one).no_content();
    app.client
        .get(&one)
        .problem(404, "Request_ResourceNotFound");
    app.client
        .delete(&one)
        .problem(404, "Request_ResourceNotFound");
    assert_eq!(app.client.all(&app.url()).len(), 1);
}

/// A list of those of all applications asks each for its name.
#[test]
fn applications_are_not_read_whole_for_their_names() {
    let world = World::new();
    let app = App::new(&world);
    app.add("code", "String", false);
    world.cut(&format!("kind = {}", EntityKind::Application as u8));
    let available = "/v1.0/directoryObjects/getAvailableExtensionProperties";
    let everywhere = app.client.post(available, json!({})).ok();
    assert_eq!(each(&everywhere, "appDisplayName"), ["Personnel"]);
}

#[test]
fn a_definition_that_is_no_good_is_refused() {
    let world = World::new();
    let app = App::new(&world);
    app.add("Taken", "String", false);
    let good = json!({"name": "fine", "dataType": "String", "targetObjects": ["User"]});
    for (member, value) in [
        ("name", json!("with space")),
        ("name", json!("")),
        ("name", json!("taken")),
        ("name", Json::Null),
        ("name", json!("x".repeat(121))),
        ("dataType", json!("Double")),
        ("dataType", Json::Null),
        ("targetObjects", json!([])),
        ("targetObjects", json!(["Contact"])),
        ("targetObjects", json!("User")),
        ("isMultiValued", json!("yes")),
        ("surprise", json!(1)),
    ] {
        let mut body = good.clone();
        body[member] = value;
        let refused = app.client.post(&app.url(), body);
        refused.problem(400, "Request_BadRequest");
    }
    assert_eq!(app.client.all(&app.url()).len(), 1);
}

#[test]
fn it_takes_the_permissions_of_applications() {
    let world = World::new();
    let app = App::new(&world);
    let one = format!("{}/{}", app.url(), id(&app.add("code", "String", false)));
    let body = json!({"name": "n", "dataType": "String", "targetObjects": ["User"]});
    let available = "/v1.0/directoryObjects/getAvailableExtensionProperties";
    let reader = world.application(&["Application.Read.All"]);
    reader.get(&app.url()).ok();
    reader.get(&one).ok();
    reader
        .post(&app.url(), body.clone())
        .problem(403, "Authorization_RequestDenied");
    reader
        .delete(&one)
        .problem(403, "Authorization_RequestDenied");
    reader
        .post(available, json!({}))
        .problem(403, "Authorization_RequestDenied");
    let stranger = world.application(&["User.ReadWrite.All"]);
    stranger
        .get(&app.url())
        .problem(403, "Authorization_RequestDenied");
    stranger
        .get(&one)
        .problem(403, "Authorization_RequestDenied");
    world
        .application(&["Directory.Read.All"])
        .post(available, json!({}))
        .ok();
    let writer = world.application(&["Application.ReadWrite.All"]);
    writer.post(&app.url(), body).created();
    writer.delete(&one).no_content();
    world
        .anonymous()
        .get(&app.url())
        .problem(401, "InvalidAuthenticationToken");
}

#[test]
fn an_application_takes_its_extensions_along_and_brings_them_back() {
    let world = World::new();
    let app = App::new(&world);
    let code = app.named("code", "String", false);
    let ann = world.user("ann");
    set(&world, &ann, &code, json!("A1"));
    let client = world.contoso();
    let available = || {
        let url = "/v1.0/directoryObjects/getAvailableExtensionProperties";
        each(&client.post(url, json!({})).ok(), "name").len()
    };
    client
        .delete(&format!("/v1.0/applications/{}", app.id))
        .no_content();
    client
        .get(&app.url())
        .problem(404, "Request_ResourceNotFound");
    assert_eq!(available(), 0);
    assert_eq!(shown(&world, &ann, &code), Json::Null);
    client
        .patch(&format!("/v1.0/users/{ann}"), json!({ &code: "x" }))
        .problem(400, "Request_BadRequest");
    // A change meanwhile does not lose what is only hidden.
    client
        .patch(&format!("/v1.0/users/{ann}"), json!({"city": "Lyon"}))
        .no_content();

    client
        .post(
            &format!("/v1.0/directory/deletedItems/{}/restore", app.id),
            json!({}),
        )
        .ok();
    assert_eq!((available(), shown(&world, &ann, &code)), (1, json!("A1")));

    client
        .delete(&format!("/v1.0/applications/{}", app.id))
        .no_content();
    client
        .delete(&format!("/v1.0/directory/deletedItems/{}", app.id))
        .no_content();
    assert_eq!((available(), shown(&world, &ann, &code)), (0, Json::Null));
}

#[test]
fn another_tenant_neither_sees_nor_uses_it() {
    let world = World::new();
    let app = App::new(&world);
    let made = app.add("code", "String", false);
    let code = text(&made, "name");
    let ann = world.user("ann");
    set(&world, &ann, &code, json!("secret"));

    let hostile = world.fabrikam();
    let one = format!("{}/{}", app.url(), id(&made));
    hostile
        .get(&app.url())
        .problem(404, "Request_ResourceNotFound");
    hostile.get(&one).problem(404, "Request_ResourceNotFound");
    hostile
        .delete(&one)
        .problem(404, "Request_ResourceNotFound");
    let body = json!({"name": "mine", "dataType": "String", "targetObjects": ["User"]});
    hostile
        .post(&app.url(), body)
        .problem(404, "Request_ResourceNotFound");
    let own = App::of(world.fabrikam());
    let through_own = format!("{}/{}", own.url(), id(&made));
    hostile
        .get(&through_own)
        .problem(404, "Request_ResourceNotFound");
    hostile
        .delete(&through_own)
        .problem(404, "Request_ResourceNotFound");
    let url = "/v1.0/directoryObjects/getAvailableExtensionProperties";
    assert_eq!(hostile.post(url, json!({})).ok()["value"], json!([]));

    // The first extension of each tenant has the same number inside; it is still another one.
    let mut body = person("eve");
    body["userPrincipalName"] = "eve@fabrikam.example".into();
    let eve = id(&hostile.post("/v1.0/users", body).created());
    let eves = format!("/v1.0/users/{eve}");
    hostile
        .patch(&eves, json!({ &code: "x" }))
        .problem(400, "Request_BadRequest");
    hostile
        .get(&format!("/v1.0/users?$filter={code} eq 'x'"))
        .problem(400, "Request_BadRequest");
    let other = own.named("other", "Integer", false);
    hostile.patch(&eves, json!({ &other: 5 })).no_content();
    let both = hostile.get(&format!("{eves}?$select={code},{other}")).ok();
    assert_eq!((both.get(&code), &both[&other]), (None, &json!(5)));
    let client = world.contoso();
    let both = client
        .get(&format!("/v1.0/users/{ann}?$select={code},{other}"))
        .ok();
    assert_eq!((&both[&code], both.get(&other)), (&json!("secret"), None));
}
