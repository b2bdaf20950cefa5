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

/// Sales with Ana and Bo, imported and deleted; its id, and the arguments that import the file again.
async fn deleted(world: &World) -> (String, String) {
    let rows = "Sales,ana@contoso.example\nSales,bo@contoso.example\n";
    let groups = file(world, rows);
    let first = world.syncline.json(&arguments(world, &groups, &[]));
    assert_eq!(first["groupsCreated"], 1);
    let sales = ids(world, "groups", "Sales").await;
    let [sales] = sales.as_slice() else {
        panic!("{sales:?}");
    };
    let path = format!("groups/{sales}");
    world.graph(Method::DELETE, &path, Value::Null).await;
    (sales.clone(), groups)
}

/// The groups of this name, live or in the recycle bin.
async fn ids(world: &World, list: &str, name: &str) -> Vec<String> {
    let path = format!("{list}?$select=id,displayName");
    let page = world.graph(Method::GET, &path, Value::Null).await;
    let all = page["value"].as_array().unwrap().iter();
    let named = all.filter(|it| it["displayName"] == name);
    let ids = named.map(|it| it["id"].as_str().unwrap().to_owned());
    ids.collect()
}

const BIN: &str = "directory/deletedItems/microsoft.graph.group";

#[tokio::test]
async fn a_deleted_group_is_not_made_again_under_another_id() {
    let world = World::new().await;
    let (_, groups) = deleted(&world).await;
    // Nothing of the people either.
    let moved = crate::people::PEOPLE.replace("Cy,,Sales", "Cy,,Legal");
    world.syncline.file("users.csv", moved.as_bytes());
    let said = world.syncline.fails(&arguments(&world, &groups, &[]));
    assert!(
        said.contains("2 rows are not valid; nothing was imported"),
        "{said}"
    );
    assert!(
        said.contains("groups.csv:2:1: displayName: the group `Sales` is in the recycle bin"),
        "{said}"
    );
    assert!(
        said.contains("--restore") && said.contains("--recreate"),
        "{said}"
    );
    assert_eq!(ids(&world, "groups", "Sales").await, Vec::<String>::new());
    let path = "users/cy@contoso.example?$select=department";
    let cy = world.graph(Method::GET, path, Value::Null).await;
    assert_eq!(cy["department"], "Sales");

    let skipped = arguments(&world, &groups, &["--skip-invalid"]);
    let skipped = world.syncline.json(&skipped);
    assert_eq!(
        (
            &skipped["skipped"],
            &skipped["groupsCreated"],
            &skipped["updated"]
        ),
        (&json!(2), &json!(0), &json!(1))
    );
}

#[tokio::test]
async fn a_deleted_group_is_brought_back_with_its_id_and_members() {
    let world = World::new().await;
    let (sales, _) = deleted(&world).await;
    let groups = file(
        &world,
        "sales,ana@contoso.example\nSALES,cy@contoso.example\n",
    );
    let again = arguments(&world, &groups, &["--restore"]);
    let back = world.syncline.json(&again);
    assert_eq!(
        (
            &back["groupsRestored"],
            &back["groupsCreated"],
            &back["membersAdded"]
        ),
        (&json!(1), &json!(0), &json!(1))
    );
    let back = ids(&world, "groups", "Sales").await;
    assert_eq!(back, std::slice::from_ref(&sales));
    assert_eq!(members(&world, &sales).await, ["Ana", "Bo", "Cy"]);

    let again = world.syncline.json(&again);
    assert_eq!(
        (&again["groupsRestored"], &again["membersAdded"]),
        (&json!(0), &json!(0))
    );
}

#[tokio::test]
async fn of_two_deleted_groups_the_one_deleted_last_comes_back() {
    let world = World::new().await;
    // As many as make it sure that ids do not happen to be in the order of deleting.
    let mut all = Vec::new();
    for _ in 0..6 {
        all.push(group(&world, "Sales", json!({})).await);
    }
    all.sort_unstable();
    all.swap(0, 5);
    for group in &all {
        let path = format!("groups/{group}");
        world.graph(Method::DELETE, &path, Value::Null).await;
    }
    let groups = file(&world, "Sales,ana@contoso.example\n");
    let back = arguments(&world, &groups, &["--restore"]);
    assert_eq!(world.syncline.json(&back)["groupsRestored"], 1);
    let back = ids(&world, "groups", "Sales").await;
    assert_eq!(back, [all.pop().unwrap()]);
}

#[tokio::test]
async fn another_group_of_the_name_is_made_when_asked_for_and_that_is_told() {
    let world = World::new().await;
    let (first, groups) = deleted(&world).await;
    let again = arguments(&world, &groups, &["--recreate"]);
    let again = world.syncline.json(&again);
    assert_eq!(
        (
            &again["groupsRestored"],
            &again["groupsCreated"],
            &again["membersAdded"]
        ),
        (&json!(0), &json!(1), &json!(2))
    );
    let warning = again["warnings"][0].as_str().unwrap();
    assert!(
        warning.contains("1 of the created groups has the name of one in the recycle bin"),
        "{warning}"
    );
    assert_eq!(ids(&world, BIN, "Sales").await, [first]);
    // The name is a live group's: there is nothing to decide any more.
    let once_more = world.syncline.json(&arguments(&world, &groups, &[]));
    assert_eq!(once_more["groupsCreated"], 0);
}

#[tokio::test]
async fn a_deleted_group_that_may_hold_roles_is_not_brought_back_by_a_file() {
    let world = World::new().await;
    let admins = group(&world, "Admins", json!({"isAssignableToRole": true})).await;
    let path = format!("groups/{admins}");
    world.graph(Method::DELETE, &path, Value::Null).await;
    let groups = file(&world, "Admins,ana@contoso.example\n");
    let restore = arguments(&world, &groups, &["--restore"]);
    let said = world.syncline.fails(&restore);
    assert!(
        said.contains("the group `Admins` in the recycle bin may hold directory roles"),
        "{said}"
    );
    assert_eq!(ids(&world, BIN, "Admins").await, [admins]);
}
