//! Directory extensions: registered on applications, set on users and groups, hidden from everybody
//! else.

use serde_json::{Value as Json, json};

use crate::users_delta::round;
use crate::world::{Client, World, each, id, names, person, text};

const DATA_TYPES: [&str; 6] = [
    "Binary",
    "Boolean",
    "DateTime",
    "Integer",
    "LargeInteger",
    "String",
];

/// An application to register extensions on.
struct App<'w> {
    client: Client<'w>,
    id: String,
    app_id: String,
}

impl<'w> App<'w> {
    fn new(world: &'w World) -> Self {
        Self::of(world.contoso())
    }

    fn of(client: Client<'w>) -> Self {
        let made = client
            .post("/v1.0/applications", json!({"displayName": "Personnel"}))
            .created();
        Self {
            id: id(&made),
            app_id: text(&made, "appId"),
            client,
        }
    }

    fn url(&self) -> String {
        format!("/v1.0/applications/{}/extensionProperties", self.id)
    }

    fn add(&self, name: &str, data_type: &str, many: bool) -> Json {
        let body = json!({"name": name, "dataType": data_type, "isMultiValued": many, "targetObjects": ["User", "Group"]});
        self.client.post(&self.url(), body).created()
    }

    /// Registers one and says its full name.
    fn named(&self, name: &str, data_type: &str, many: bool) -> String {
        text(&self.add(name, data_type, many), "name")
    }
}

fn shown(world: &World, user: &str, name: &str) -> Json {
    let url = format!("/v1.0/users/{user}?$select={name}");
    world.contoso().get(&url).ok()[name].clone()
}

fn set(world: &World, user: &str, name: &str, value: Json) {
    world
        .contoso()
        .patch(&format!("/v1.0/users/{user}"), json!({ name: value }))
        .no_content();
}

fn found(world: &World, filter: &str) -> usize {
    let url = format!("/v1.0/users?$filter={filter}&$count=true");
    world.contoso().eventual().all(&url).len()
}

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
fn every_type_is_kept_shown_and_cleared() {
    let world = World::new();
    let app = App::new(&world);
    let ann = world.user("ann");
    for data_type in DATA_TYPES {
        let (good, bad) = match data_type {
            "Binary" => (
                json!("AAEC"),
                vec![json!("?"), json!(1), json!("AAAA".repeat(86))],
            ),
            "Boolean" => (json!(true), vec![json!("true"), json!(1)]),
            "DateTime" => (json!("2024-12-31T08:00:00Z"), vec![json!("soon"), json!(5)]),
            "Integer" => (
                json!(-2147483648_i64),
                vec![json!(2147483648_i64), json!("5"), json!(1.5)],
            ),
            "LargeInteger" => (json!(9007199254740993_i64), vec![json!("5"), json!(1e30)]),
            _ => (
                json!("Zoë"),
                vec![json!(5), json!("x".repeat(257)), json!(["a"])],
            ),
        };
        let one = app.named(&format!("one{data_type}"), data_type, false);
        let many = app.named(&format!("many{data_type}"), data_type, true);
        for (name, good) in [(&one, good.clone()), (&many, json!([good]))] {
            set(&world, &ann, name, good.clone());
            assert_eq!(shown(&world, &ann, name), good, "{name}");
            let body = json!({ name: good, "userPrincipalName": format!("{}@contoso.example", &name[43..]) });
            let mut made = person("x");
            made.as_object_mut()
                .unwrap()
                .extend(body.as_object().unwrap().clone());
            let made = world.contoso().post("/v1.0/users", made).created();
            assert!(made.get(name).is_none(), "only with $select");
            assert_eq!(shown(&world, &id(&made), name), good, "{name}");
        }
        for bad in bad {
            for (name, bad) in [(&one, bad.clone()), (&many, json!([good, bad]))] {
                let error = world
                    .contoso()
                    .patch(&format!("/v1.0/users/{ann}"), json!({ name: bad }))
                    .problem(400, "Request_BadRequest");
                assert!(
                    text(&error, "message").contains(&format!(
                        "Invalid value specified for property '{name}' of resource 'User'"
                    )),
                    "{error}"
                );
            }
        }
        for (name, nothing) in [(&one, Json::Null), (&many, json!([]))] {
            set(&world, &ann, name, Json::Null);
            assert_eq!(shown(&world, &ann, name), nothing);
        }
    }
}

#[test]
fn it_is_shown_only_when_selected_by_whatever_case() {
    let world = World::new();
    let app = App::new(&world);
    let code = app.named("code", "String", false);
    let (ann, group) = (world.user("ann"), world.group("Admins"));
    set(&world, &ann, &code, json!("A1"));
    let client = world.contoso();
    client
        .patch(&format!("/v1.0/groups/{group}"), json!({ &code: "G1" }))
        .no_content();
    for url in [
        format!("/v1.0/users/{ann}"),
        format!("/v1.0/groups/{group}"),
        format!("/v1.0/users/{ann}?$select=*"),
    ] {
        assert!(client.get(&url).ok().get(&code).is_none(), "{url}");
    }
    let upper = code.to_uppercase();
    assert_eq!(
        client
            .get(&format!("/v1.0/users/{ann}?$select=id,{upper}"))
            .ok()[&code],
        "A1"
    );
    assert_eq!(
        client
            .get(&format!("/v1.0/groups/{group}?$select={code}"))
            .ok()[&code],
        "G1"
    );
    assert_eq!(
        client.all(&format!("/v1.0/users?$select={code}"))[0][&code],
        "A1"
    );
    let both = client.post(
        &format!("/v1.0/directoryObjects/getByIds?$select={code}"),
        json!({"ids": [ann, group]}),
    );
    assert_eq!(each(&both.ok(), &code).len(), 2);
    // Only the kinds it was registered for have it.
    let only = json!({"name": "only", "dataType": "String", "targetObjects": ["Group", "Device"]});
    let only = text(&app.client.post(&app.url(), only).created(), "name");
    client
        .patch(&format!("/v1.0/users/{ann}"), json!({ &only: "x" }))
        .problem(400, "Request_BadRequest");
    client
        .patch(&format!("/v1.0/groups/{group}"), json!({ &only: "x" }))
        .no_content();
    // Applications are served, too.
    let on_apps = json!({"name": "cost", "dataType": "Integer", "targetObjects": ["Application"]});
    let on_apps = text(&app.client.post(&app.url(), on_apps).created(), "name");
    let url = format!("/v1.0/applications/{}", app.id);
    client.patch(&url, json!({ &on_apps: 7 })).no_content();
    assert_eq!(
        client.get(&format!("{url}?$select={on_apps}")).ok()[&on_apps],
        7
    );
}

#[test]
fn it_is_filtered_by() {
    let world = World::new();
    let app = App::new(&world);
    let code = app.named("code", "String", false);
    let level = app.named("level", "Integer", false);
    let skills = app.named("skills", "String", true);
    let active = app.named("active", "Boolean", false);
    let since = app.named("since", "DateTime", false);
    let (ann, bob, _) = (world.user("ann"), world.user("bob"), world.user("cem"));
    world.contoso().patch(&format!("/v1.0/users/{ann}"), json!({&code: "Alpha", &level: 1, &skills: ["Rust", "SQL"], &active: true, &since: "2020-01-01T00:00:00Z"})).no_content();
    world
        .contoso()
        .patch(
            &format!("/v1.0/users/{bob}"),
            json!({&code: "Beta", &level: 5, &skills: ["SQL"], &active: false}),
        )
        .no_content();
    for (filter, count) in [
        (format!("{code} eq 'alpha'"), 1),
        (format!("{code} ne 'Alpha'"), 2),
        (format!("{code} eq null"), 1),
        (format!("{code} in ('Alpha','Beta','Gamma')"), 2),
        (format!("startsWith({code},'Al')"), 1),
        (format!("not(startsWith({code},'Al'))"), 2),
        (format!("{level} eq 5"), 1),
        (format!("{level} ge 1"), 2),
        (format!("{active} eq true"), 1),
        (format!("{since} le 2020-01-01T00:00:00Z"), 1),
        (format!("{skills}/any(s:s eq 'sql')"), 2),
        (format!("{skills}/any(s:startsWith(s,'Ru'))"), 1),
        (format!("{skills}/$count eq 0"), 1),
        (
            format!("{code} eq 'Beta' and userPrincipalName eq 'ann@contoso.example'"),
            0,
        ),
    ] {
        assert_eq!(found(&world, &filter), count, "{filter}");
    }
    for filter in [
        format!("{skills} eq 'SQL'"),
        format!("{level} eq 'x'"),
        format!("endsWith({code},'a')"),
        "extension_unknown eq 'x'".to_owned(),
    ] {
        let url = format!("/v1.0/users?$filter={filter}&$count=true");
        assert_eq!(world.contoso().eventual().get(&url).status, 400, "{filter}");
    }
}

#[test]
fn a_round_of_changes_shows_it_when_selected() {
    let world = World::new();
    let app = App::new(&world);
    let code = app.named("code", "String", false);
    let ann = world.user("ann");
    set(&world, &ann, &code, json!("A1"));
    let client = world.contoso();
    let (items, link) = round(
        &client,
        &format!("/v1.0/users/delta?$select=displayName,{code}"),
    );
    assert_eq!(items[0][&code], "A1");
    set(&world, &ann, &code, json!("A2"));
    let (items, link) = round(&client, &link);
    assert_eq!((items.len(), &items[0][&code]), (1, &json!("A2")));
    set(&world, &ann, &code, Json::Null);
    let (items, link) = round(&client, &link);
    assert_eq!(items[0].get(&code), Some(&Json::Null), "it was cleared");
    set(&world, &ann, &code, json!("A3"));
    let deleted = app.client.all(&app.url());
    app.client
        .delete(&format!("{}/{}", app.url(), id(&deleted[0])))
        .no_content();
    let (items, _) = round(&client, &link);
    assert_eq!(names(&items[0]), ["displayName", "id"]);
}

#[test]
fn values_of_a_deleted_one_are_gone_for_good() {
    let world = World::new();
    let app = App::new(&world);
    let made = app.add("code", "String", false);
    let code = text(&made, "name");
    let ann = world.user("ann");
    set(&world, &ann, &code, json!("secret"));
    app.client
        .delete(&format!("{}/{}", app.url(), id(&made)))
        .no_content();

    let client = world.contoso();
    assert_eq!(
        names(
            &client
                .get(&format!("/v1.0/users/{ann}?$select=id,{code}"))
                .ok()
        ),
        ["@odata.context", "id"]
    );
    client
        .get(&format!("/v1.0/users?$filter={code} eq 'secret'"))
        .problem(400, "Request_BadRequest");
    client
        .patch(&format!("/v1.0/users/{ann}"), json!({ &code: "x" }))
        .problem(400, "Request_BadRequest");

    // Another one of the same name, and even of another type, begins without values.
    assert_eq!(app.named("code", "Integer", true), code);
    assert_eq!(shown(&world, &ann, &code), json!([]));
    set(&world, &ann, &code, json!([1, 2]));
    assert_eq!(shown(&world, &ann, &code), json!([1, 2]));
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

#[test]
fn an_object_holds_a_hundred_values_and_no_more() {
    let world = World::new();
    let app = App::new(&world);
    let many = app.named("many", "Integer", true);
    let one = app.named("one", "String", false);
    let ann = world.user("ann");
    let numbers: Vec<i64> = (0..100).collect();
    set(&world, &ann, &many, json!(numbers));
    let error = world
        .contoso()
        .patch(&format!("/v1.0/users/{ann}"), json!({ &one: "x" }))
        .problem(400, "Request_BadRequest");
    assert!(text(&error, "message").contains("At most 100"), "{error}");
    set(&world, &ann, &many, json!(numbers[1..]));
    set(&world, &ann, &one, json!("x"));
}
