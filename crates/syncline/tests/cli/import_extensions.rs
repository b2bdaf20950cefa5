//! `import` of values of directory extensions, which are counted together with those that are there.

use reqwest::Method;
use serde_json::{Value, json};

use crate::people::World;

/// As many as two extensions of one user can not both have.
const MANY: usize = 60;

/// A directory extension with several values; its whole name.
async fn extension(world: &World, name: &str) -> String {
    let application = json!({ "displayName": name });
    let application = world.graph(Method::POST, "applications", application).await;
    let path = format!(
        "applications/{}/extensionProperties",
        application["id"].as_str().unwrap()
    );
    let property = json!({
        "name": name, "dataType": "String", "isMultiValued": true, "targetObjects": ["User"],
    });
    let property = world.graph(Method::POST, &path, property).await;
    property["name"].as_str().unwrap().to_owned()
}

/// Ana with many values of an extension, between one who is there and one who is new.
fn file(world: &World, extension: &str, new: &str) {
    let values: Vec<String> = (0..MANY).map(|number| format!("v{number}")).collect();
    let text = format!(
        "userPrincipalName,displayName,{extension}\n\
         bo@contoso.example,Robert,\n\
         ana@contoso.example,Ana,{}\n\
         {new}@contoso.example,New,\n",
        values.join(";")
    );
    world.syncline.file("users.csv", text.as_bytes());
}

/// Ana has many values of an extension; the file wants as many of another one.
async fn with_too_many() -> World {
    let world = World::new().await;
    let (first, second) = (
        extension(&world, "first").await,
        extension(&world, "second").await,
    );
    file(&world, &first, "dee");
    world.import(&[]);
    file(&world, &second, "eve");
    world
}

fn counts<const N: usize>(summary: &Value, names: [&str; N]) -> [u64; N] {
    names.map(|it| summary[it].as_u64().unwrap())
}

#[tokio::test]
async fn values_that_are_too_many_beside_those_stored_are_found_before_anything_is_written() {
    let world = with_too_many().await;
    let said = world.syncline.fails(&world.arguments(&[]));
    for part in [
        "1 row is not valid; nothing was imported",
        "users.csv:3:1: ",
        "would hold 120 extension values",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(world.users(), 4);

    // Whoever stands before and behind it is imported.
    let skipped = world.import(&["--skip-invalid"]);
    let names = ["created", "updated", "unchanged", "skipped"];
    assert_eq!(counts(&skipped, names), [1, 0, 1, 1], "{skipped}");
    assert_eq!(world.users(), 5);
}

#[tokio::test]
async fn they_are_counted_of_whoever_would_come_back_from_the_recycle_bin_too() {
    let world = with_too_many().await;
    let ana = world.delete("ana").await;
    let said = world.syncline.fails(&world.arguments(&["--restore"]));
    for part in [
        "1 row is not valid; nothing was imported",
        "users.csv:3:1: ",
        "would hold 120 extension values",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let skipped = world.import(&["--restore", "--skip-invalid"]);
    let names = ["created", "restored", "skipped"];
    assert_eq!(counts(&skipped, names), [1, 0, 1], "{skipped}");
    let bin = "directory/deletedItems/microsoft.graph.user";
    let bin = world.graph(Method::GET, bin, Value::Null).await;
    assert_eq!(bin["value"][0]["id"], json!(ana), "{bin}");
}

#[tokio::test]
async fn a_cell_without_any_value_counts_only_where_there_was_one() {
    let world = World::new().await;
    let extension = extension(&world, "list").await;
    let import = |cell: &str| {
        let text =
            format!("userPrincipalName,displayName,{extension}\nana@contoso.example,Ana,{cell}\n");
        world.syncline.file("users.csv", text.as_bytes());
        counts(&world.import(&[]), ["updated", "unchanged"])
    };
    assert_eq!(import(";"), [0, 1]);
    assert_eq!(import("a;b"), [1, 0]);
    assert_eq!(import("; ;"), [1, 0]);
    assert_eq!(import("; ;"), [0, 1]);
}
