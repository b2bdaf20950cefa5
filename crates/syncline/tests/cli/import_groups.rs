//! `import --groups` into groups that the tenant has already.

use reqwest::Method;
use serde_json::{Value, json};

use crate::people::World;

/// A group of the tenant, made over Graph; its id.
async fn group(world: &World, name: &str, more: Value) -> String {
    let mut group = json!({
        "displayName": name, "mailEnabled": false, "mailNickname": name, "securityEnabled": true,
    });
    for (property, value) in more.as_object().unwrap() {
        group[property] = value.clone();
    }
    let made = world.graph(Method::POST, "groups", group).await;
    made["id"].as_str().unwrap().to_owned()
}

/// Who is in it, by display name.
async fn members(world: &World, group: &str) -> Vec<String> {
    let path = format!("groups/{group}/members?$select=displayName");
    let page = world.graph(Method::GET, &path, Value::Null).await;
    let all = page["value"].as_array().unwrap().iter();
    let mut names: Vec<String> = all
        .map(|it| it["displayName"].as_str().unwrap().to_owned())
        .collect();
    names.sort_unstable();
    names
}

/// With these lines below the header of the file of groups.
fn arguments<'a>(world: &'a World, groups: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut all = world.arguments(&["--groups", groups]);
    all.extend(more);
    all
}

fn file(world: &World, rows: &str) -> String {
    let text = format!("displayName,member\n{rows}");
    world.syncline.file("groups.csv", text.as_bytes())
}

#[tokio::test]
async fn nobody_gets_into_a_group_that_may_hold_roles() {
    let world = World::new().await;
    let admins = group(&world, "Admins", json!({"isAssignableToRole": true})).await;
    let rows = "Admins,ana@contoso.example\nSales,bo@contoso.example\n";
    let groups = file(&world, rows);
    let said = world.syncline.fails(&arguments(&world, &groups, &[]));
    assert!(
        said.contains("groups.csv:2:1: displayName: the group `Admins` may hold directory roles; its members are changed over Graph"),
        "{said}"
    );
    assert!(said.contains("nothing was imported"), "{said}");

    let skipped = arguments(&world, &groups, &["--skip-invalid"]);
    let skipped = world.syncline.json(&skipped);
    assert_eq!(
        (&skipped["skipped"], &skipped["membersAdded"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(members(&world, &admins).await, Vec::<String>::new());
}
