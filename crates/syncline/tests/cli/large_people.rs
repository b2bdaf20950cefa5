//! `import` and `deleted` of people who are too large to be read at once.

use reqwest::Method;
use serde_json::{Value, json};

use crate::people::World;

/// Each of about 60 KiB: together more than is read at once.
const COUNT: usize = 100;

fn file(world: &World, department: &str) {
    let mails: Vec<String> = (0..250)
        .map(|it| format!("{it:0>230}@contoso.example"))
        .collect();
    let mails = mails.join(";");
    let mut users = "userPrincipalName,displayName,mail,department,otherMails\n".to_owned();
    for number in 0..COUNT {
        users.push_str(&format!(
            "p{number}@contoso.example,P,p{number}@contoso.example,{department},{mails}\n"
        ));
    }
    world.syncline.file("users.csv", users.as_bytes());
}

#[tokio::test]
async fn nobody_is_left_out_between_two_readings() {
    let world = World::new().await;
    file(&world, "Sales");
    assert_eq!(world.import(&[])["created"], COUNT);
    file(&world, "Legal");
    assert_eq!(world.import(&["--dry-run"])["updated"], COUNT);
    assert_eq!(world.import(&[])["updated"], COUNT);
    assert_eq!(world.import(&[])["unchanged"], COUNT);

    let numbers: Vec<usize> = (0..COUNT).collect();
    for some in numbers.chunks(20) {
        let requests: Vec<Value> = some
            .iter()
            .map(|number| {
                let url = format!("/users/p{number}@contoso.example");
                json!({ "id": number.to_string(), "method": "DELETE", "url": url })
            })
            .collect();
        let batch = json!({ "requests": requests });
        world.graph(Method::POST, "$batch", batch).await;
    }
    let list = [
        "deleted",
        "list",
        "--tenant",
        "contoso.example",
        "--top",
        "7",
    ];
    let listed = world.syncline.json(&list);
    let shown = listed["value"].as_array().unwrap().len();
    assert_eq!((&listed["count"], shown), (&json!(COUNT), 7));
    let restore = ["deleted", "restore", "--tenant", "contoso.example", "--all"];
    let dry = [&restore[..], &["--dry-run"]].concat();
    assert_eq!(world.syncline.json(&dry)["restored"], COUNT);

    file(&world, "Sales");
    assert_eq!(world.import(&["--restore", "--dry-run"])["restored"], COUNT);
    let one = [&restore[..4], &["--user", "p7@contoso.example"]].concat();
    assert_eq!(world.syncline.json(&one)["restored"], 1);
    let back = world.import(&["--restore"]);
    assert_eq!(
        (&back["restored"], &back["updated"]),
        (&json!(COUNT - 1), &json!(1))
    );
    assert_eq!(world.syncline.json(&list)["count"], 0);
}
