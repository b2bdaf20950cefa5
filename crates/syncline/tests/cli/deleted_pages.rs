//! `deleted restore` of more than one page.

use reqwest::Method;
use serde_json::{Value, json};

use crate::people::World;

/// With two deleted users each, more than a page. They lie in the bin in no order, so that most pairs on the second page
/// have their first one before it.
const ADDRESSES: usize = 110;

/// Deletes somebody for each address, whose name begins so.
async fn deleted(world: &World, name: &str) {
    let mut users = "userPrincipalName,displayName,mail\n".to_owned();
    for number in 0..ADDRESSES {
        users.push_str(&format!(
            "{name}{number}@contoso.example,{name},m{number}@contoso.example\n"
        ));
    }
    world.syncline.file("users.csv", users.as_bytes());
    assert_eq!(world.import(&[])["created"], ADDRESSES);
    let numbers: Vec<usize> = (0..ADDRESSES).collect();
    for some in numbers.chunks(20) {
        let requests: Vec<Value> = some
            .iter()
            .map(|number| {
                let url = format!("/users/{name}{number}@contoso.example");
                json!({ "id": number.to_string(), "method": "DELETE", "url": url })
            })
            .collect();
        let batch = json!({ "requests": requests });
        world.graph(Method::POST, "$batch", batch).await;
    }
    assert_eq!(world.users(), 3);
}

#[tokio::test]
async fn a_dry_run_sees_who_would_take_an_address_from_somebody_of_an_earlier_page() {
    let world = World::new().await;
    deleted(&world, "one").await;
    deleted(&world, "two").await;
    let restore = ["deleted", "restore", "--tenant", "contoso.example", "--all"];
    let dry = [&restore[..], &["--dry-run"]].concat();
    let without = [&dry[..], &["--without-taken-addresses"]].concat();
    let everybody = world.syncline.json(&without);
    assert_eq!(everybody["restored"], 2 * ADDRESSES);

    let planned = world.syncline.bad_news(&dry);
    let done = world.syncline.bad_news(&restore);
    for said in [&planned, &done] {
        assert_eq!(
            (&said["restored"], &said["failed"]),
            (&json!(ADDRESSES), &json!(ADDRESSES))
        );
    }
    assert_eq!(planned["failures"], done["failures"]);
    assert_eq!(world.users(), 3 + ADDRESSES);
}
