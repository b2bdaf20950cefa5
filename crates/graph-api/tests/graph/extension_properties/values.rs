//! What objects hold of them: set, shown, filtered by and gone.

use serde_json::{Value as Json, json};

use super::{App, set, shown};
use crate::users_delta::round;
use crate::world::{World, each, id, names, person, text};

const DATA_TYPES: [&str; 6] = [
    "Binary",
    "Boolean",
    "DateTime",
    "Integer",
    "LargeInteger",
    "String",
];

fn found(world: &World, filter: &str) -> usize {
    let url = format!("/v1.0/users?$filter={filter}&$count=true");
    world.contoso().eventual().all(&url).len()
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
