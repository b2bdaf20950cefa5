//! `import` of people who are in the recycle bin.

use reqwest::Method;
use serde_json::{Value, json};

use crate::people::{PEOPLE, World};
use crate::support::stderr;

#[tokio::test]
async fn names_of_the_recycle_bin_are_refused_until_it_is_said_what_to_do() {
    let world = World::new().await;
    world.delete("ana").await;
    world.delete("bo").await;
    let said = world.syncline.fails(&world.arguments(&[]));
    assert!(
        said.contains("2 rows are not valid; nothing was imported"),
        "{said}"
    );
    assert!(
        said.contains(
            "users.csv:2:1: userPrincipalName: somebody of this name is in the recycle bin"
        ),
        "{said}"
    );
    assert!(
        said.contains("--restore") && said.contains("--recreate"),
        "{said}"
    );
    assert_eq!(world.users(), 1);

    let skipped = world.import(&["--skip-invalid"]);
    assert_eq!(
        (
            &skipped["created"],
            &skipped["skipped"],
            &skipped["unchanged"]
        ),
        (&json!(0), &json!(2), &json!(1))
    );
    assert_eq!(world.users(), 1);
}

#[tokio::test]
async fn they_are_brought_back_with_their_ids_and_updated() {
    let world = World::new().await;
    let (ana, bo) = (world.delete("ana").await, world.delete("bo").await);
    let moved = PEOPLE.replace(
        "Ana,ana@contoso.example,Sales",
        "Ana,ana@contoso.example,Legal",
    );
    world.syncline.file("users.csv", moved.as_bytes());
    let back = world.import(&["--restore"]);
    assert_eq!(
        (&back["restored"], &back["created"], &back["unchanged"]),
        (&json!(2), &json!(0), &json!(1))
    );
    assert_eq!(
        (world.id("ana").await, world.id("bo").await),
        (ana.clone(), bo)
    );
    let path = format!("users/{ana}?$select=department,mail");
    let shown = world.graph(Method::GET, &path, Value::Null).await;
    assert_eq!(
        (&shown["department"], &shown["mail"]),
        (&json!("Legal"), &json!("ana@contoso.example"))
    );
    let bin = "directory/deletedItems/microsoft.graph.user";
    let bin = world.graph(Method::GET, bin, Value::Null).await;
    assert_eq!(bin["value"], json!([]));

    let again = world.import(&["--restore"]);
    assert_eq!(
        (&again["restored"], &again["unchanged"]),
        (&json!(0), &json!(3))
    );
}

#[tokio::test]
async fn of_two_in_the_bin_the_one_deleted_last_comes_back() {
    let world = World::new().await;
    world.delete("cy").await;
    world.import(&["--recreate"]);
    let second = world.delete("cy").await;
    assert_eq!(world.import(&["--restore"])["restored"], 1);
    assert_eq!(world.id("cy").await, second);
}

#[tokio::test]
async fn an_address_that_others_have_by_now_is_told() {
    let world = World::new().await;
    world.delete("bo").await;
    let dee = json!({
        "userPrincipalName": "dee@contoso.example", "displayName": "Dee", "mailNickname": "dee",
        "accountEnabled": true, "mail": "bo@contoso.example",
        "passwordProfile": {"password": "Long enough 4 everybody"},
    });
    world.graph(Method::POST, "users", dee).await;
    let moved = PEOPLE.replace("Bo,bo@contoso.example", "Bo,");
    world.syncline.file("users.csv", moved.as_bytes());
    let back = world.import(&["--restore"]);
    assert_eq!(back["restored"], 1);
    let warning = back["warnings"][0].as_str().unwrap();
    assert!(warning.contains("1 of the restored users"), "{warning}");
}

/// Whether it stands before the one who had the address, or behind.
#[tokio::test]
async fn an_address_that_another_row_has_is_left_to_it() {
    let dee = "dee@contoso.example,Dee,bo@contoso.example,Sales\n";
    for is_first in [true, false] {
        let world = World::new().await;
        world.delete("bo").await;
        let mut file = PEOPLE.replace("Bo,bo@contoso.example", "Bo,");
        let at = match is_first {
            true => file.find("ana@").unwrap(),
            false => file.len(),
        };
        file.insert_str(at, dee);
        world.syncline.file("users.csv", file.as_bytes());
        let back = world.import(&["--restore"]);
        assert_eq!(
            (&back["restored"], &back["created"]),
            (&json!(1), &json!(1))
        );
        let warning = back["warnings"][0].as_str().unwrap();
        assert!(warning.contains("1 of the restored users"), "{warning}");
        let mail = async |name: &str| {
            let path = format!("users/{name}@contoso.example?$select=mail");
            world.graph(Method::GET, &path, Value::Null).await["mail"].clone()
        };
        assert_eq!(mail("bo").await, Value::Null);
        assert_eq!(mail("dee").await, "bo@contoso.example");
    }
}

#[tokio::test]
async fn others_of_their_names_are_created_when_asked_for_and_that_is_told() {
    let world = World::new().await;
    let first = world.delete("ana").await;
    let again = world.import(&["--recreate"]);
    assert_eq!(
        (&again["created"], &again["restored"]),
        (&json!(1), &json!(0))
    );
    let warning = again["warnings"][0].as_str().unwrap();
    assert!(
        warning.contains("1 of the created users has the name of somebody in the recycle bin"),
        "{warning}"
    );
    assert_ne!(world.id("ana").await, first);
    // The name is taken: there is nothing to decide any more.
    assert_eq!(world.import(&[])["unchanged"], 3);
    let both = world
        .syncline
        .run(&world.arguments(&["--restore", "--recreate"]));
    assert_eq!(both.status.code(), Some(2), "{}", stderr(&both));
}
