//! `deleted list` and `deleted restore`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::people::World;
use crate::support::{stderr, stdout};

const LIST: [&str; 4] = ["deleted", "list", "--tenant", "contoso.example"];
const RESTORE: [&str; 4] = ["deleted", "restore", "--tenant", "contoso.example"];

fn with<'a>(command: [&'a str; 4], more: &[&'a str]) -> Vec<&'a str> {
    command.into_iter().chain(more.iter().copied()).collect()
}

fn names(listed: &Value) -> Vec<&str> {
    let items = listed["value"].as_array().unwrap();
    let names = items.iter();
    names
        .map(|it| it["userPrincipalName"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn the_bin_is_listed_and_counted() {
    let world = World::new().await;
    let empty = world.syncline.json(&LIST);
    assert_eq!((&empty["count"], &empty["value"]), (&json!(0), &json!([])));
    let ana = world.delete("ana").await;
    world.delete("bo").await;
    let all = world.syncline.json(&LIST);
    assert_eq!(all["count"], 2);
    let mut listed = names(&all);
    listed.sort_unstable();
    assert_eq!(listed, ["ana@contoso.example", "bo@contoso.example"]);
    let item = all["value"].as_array().unwrap().iter();
    let item = item.clone().find(|it| it["id"] == json!(ana)).unwrap();
    assert_eq!(item["displayName"], "Ana");
    assert!(item["deletedDateTime"].as_str().unwrap().ends_with('Z'));

    let one = world.syncline.json(&with(LIST, &["--top", "1"]));
    assert_eq!((&one["count"], names(&one).len()), (&json!(2), 1));
    let none = world
        .syncline
        .json(&with(LIST, &["--deleted-since", "2999-01-01"]));
    assert_eq!(none["count"], 0);
    let text = stdout(&world.syncline.run(&with(LIST, &["--top", "1"])));
    assert!(text.contains("… and 1 more"), "{text}");
}

#[tokio::test]
async fn a_dry_run_says_who_would_come_back_and_writes_nothing() {
    let world = World::new().await;
    let ana = world.delete("ana").await;
    world.delete("bo").await;
    let said = world.syncline.json(&with(RESTORE, &["--all", "--dry-run"]));
    assert_eq!(
        (&said["restored"], &said["failed"], &said["dryRun"]),
        (&json!(2), &json!(0), &json!(true))
    );
    assert_eq!(world.syncline.json(&LIST)["count"], 2);
    // A day begins when it does in UTC; a time without zone does not say when.
    let day = with(RESTORE, &["--deleted-since", "2001-01-01", "--dry-run"]);
    let text = stdout(&world.syncline.run(&day));
    let would =
        "2 users would be restored, deleted since 2001-01-01T00:00:00Z; nothing was written";
    assert!(text.contains(would), "{text}");
    let time = with(
        RESTORE,
        &["--deleted-since", "2001-01-01T08:00", "--dry-run"],
    );
    assert_eq!(world.syncline.run(&time).status.code(), Some(2));

    let done = world
        .syncline
        .json(&with(RESTORE, &["--deleted-since", "2001-01-01"]));
    assert_eq!(
        (&done["restored"], &done["dryRun"]),
        (&json!(2), &json!(false))
    );
    assert_eq!(world.id("ana").await, ana);
    assert_eq!(world.syncline.json(&LIST)["count"], 0);
    let again = world.syncline.json(&with(RESTORE, &["--all"]));
    assert_eq!(
        (&again["restored"], &again["failed"]),
        (&json!(0), &json!(0))
    );
}

#[tokio::test]
async fn those_who_are_named_come_back_by_name_or_id() {
    let world = World::new().await;
    world.delete("ana").await;
    let bo = world.delete("bo").await;
    world.delete("cy").await;
    let named = ["--user", "ANA@contoso.example", "--user", &bo];
    assert_eq!(world.syncline.json(&with(RESTORE, &named))["restored"], 2);
    assert_eq!(names(&world.syncline.json(&LIST)), ["cy@contoso.example"]);
}

#[tokio::test]
async fn who_was_deleted_before_the_time_is_said_to_be_in_the_bin() {
    let world = World::new().await;
    let ana = world.delete("ana").await;
    let item = world.syncline.json(&LIST)["value"][0].clone();
    let second = item["deletedDateTime"].as_str().unwrap();
    let named = [
        "--user",
        "ANA@contoso.example",
        "--user",
        &ana,
        "--user",
        "nobody@contoso.example",
    ];
    let since = ["--deleted-since", "2999-01-01"];
    let said = world
        .syncline
        .bad_news(&with(RESTORE, &[&named[..], &since].concat()));
    assert_eq!((&said["restored"], &said["failed"]), (&json!(0), &json!(3)));
    for failure in said["failures"].as_array().unwrap() {
        let reason = failure["reason"].as_str().unwrap();
        if failure["user"] == "nobody@contoso.example" {
            assert_eq!(reason, "is not in the recycle bin");
        } else {
            let when = format!("was deleted at {}", second.trim_end_matches('Z'));
            assert!(reason.starts_with(&when), "{reason}");
            assert!(reason.ends_with("before --deleted-since"), "{reason}");
        }
    }
}

#[tokio::test]
async fn whoever_can_not_come_back_is_named_and_stops_nobody() {
    let world = World::new().await;
    world.delete("ana").await;
    world.delete("cy").await;
    // Another ana has the name and the address by now.
    world.import(&["--recreate"]);
    world.delete("cy").await;
    let output = world.syncline.run(&with(
        RESTORE,
        &[
            "--user",
            "ana@contoso.example",
            "--user",
            "nobody@contoso.example",
            "--output",
            "json",
        ],
    ));
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&said["restored"], &said["failed"]), (&json!(0), &json!(2)));
    let failures = said["failures"].as_array().unwrap();
    assert_eq!(failures[0]["user"], "ana@contoso.example");
    let reason = failures[0]["reason"].as_str().unwrap();
    assert!(
        reason.contains("userPrincipalName") && reason.contains("proxyAddresses"),
        "{reason}"
    );
    assert_eq!(failures[1]["user"], "nobody@contoso.example");

    // Of the two with one name one comes back.
    let both = world.syncline.run(&with(RESTORE, &["--all"]));
    assert_eq!(both.status.code(), Some(1));
    assert!(
        stdout(&both).contains("1 user restored"),
        "{}",
        stdout(&both)
    );
    assert_eq!(world.syncline.json(&LIST)["count"], 2);
}

#[tokio::test]
async fn of_two_of_one_name_the_one_deleted_last_comes_back() {
    let world = World::new().await;
    let first = world.delete("cy").await;
    // As many as make it sure that ids do not happen to be in the order of deleting.
    let mut last = String::new();
    for _ in 0..6 {
        world.import(&["--recreate"]);
        last = world.delete("cy").await;
    }
    for how in [&["--all"][..], &["--user", "CY@contoso.example"]] {
        let mut command = with(RESTORE, how);
        command.extend(["--dry-run", "--output", "json"]);
        let planned = world.syncline.run(&command);
        command.retain(|it| *it != "--dry-run");
        let done = world.syncline.run(&command);
        assert_eq!(world.id("cy").await, last, "{how:?}");
        for output in [planned, done] {
            assert_eq!(output.status.code(), Some(1));
            let said: Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!((&said["restored"], &said["failed"]), (&json!(1), &json!(6)));
            let mut failures = said["failures"].as_array().unwrap().iter();
            let first = failures.find(|it| it["user"] == json!(first)).unwrap();
            let reason = first["reason"].as_str().unwrap();
            assert!(reason.contains("deleted later"), "{reason}");
        }
        last = world.delete("cy").await;
    }
    let by_id = with(RESTORE, &["--user", &first]);
    assert_eq!(world.syncline.json(&by_id)["restored"], 1);
    assert_eq!(world.id("cy").await, first);
}

#[tokio::test]
async fn whom_to_restore_must_be_said() {
    let world = World::new().await;
    for more in [&[][..], &["--all", "--user", "a"], &["--dry-run"]] {
        let output = world.syncline.run(&with(RESTORE, more));
        assert_eq!(output.status.code(), Some(2), "{more:?}");
    }
    let said = stderr(&world.syncline.run(&RESTORE));
    for flag in ["--user", "--deleted-since", "--all"] {
        assert!(said.contains(flag), "{said}");
    }
    let unknown = ["deleted", "list", "--tenant", "nowhere.example"];
    assert!(
        world
            .syncline
            .fails(&unknown)
            .contains("there is no tenant")
    );
}

/// A group with Ana, deleted; its id.
async fn deleted_group(world: &World, name: &str) -> String {
    let group = json!({
        "displayName": name, "mailEnabled": false, "mailNickname": "group", "securityEnabled": true,
    });
    let made = world.graph(Method::POST, "groups", group).await;
    let id = made["id"].as_str().unwrap().to_owned();
    let ana = world.id("ana").await;
    let reference = format!("{}/v1.0/directoryObjects/{ana}", world.server.origin);
    let reference = json!({"@odata.id": reference});
    let path = format!("groups/{id}/members/$ref");
    world.graph(Method::POST, &path, reference).await;
    let path = format!("groups/{id}");
    world.graph(Method::DELETE, &path, Value::Null).await;
    id
}

#[tokio::test]
async fn groups_are_listed_and_restored_with_their_members() {
    let world = World::new().await;
    world.delete("bo").await;
    let none = stdout(&world.syncline.run(&with(LIST, &["--groups"])));
    assert_eq!(none, "No such group is in the recycle bin.\n");
    let sales = deleted_group(&world, "Sales").await;
    let listed = world.syncline.json(&with(LIST, &["--groups"]));
    assert_eq!(
        (&listed["kind"], &listed["count"]),
        (&json!("group"), &json!(1))
    );
    let item = &listed["value"][0];
    assert_eq!(
        (&item["id"], &item["displayName"]),
        (&json!(sales), &json!("Sales"))
    );
    assert_eq!(item["userPrincipalName"], Value::Null);
    let text = stdout(&world.syncline.run(&with(LIST, &["--groups"])));
    assert!(text.contains("Sales") && !text.contains("WHO"), "{text}");
    // Users are listed as ever.
    assert_eq!(world.syncline.json(&LIST)["kind"], "user");
    assert_eq!(names(&world.syncline.json(&LIST)), ["bo@contoso.example"]);

    let planned = with(RESTORE, &["--groups", "--all", "--dry-run"]);
    assert_eq!(world.syncline.json(&planned)["restored"], 1);
    let restored = stdout(&world.syncline.run(&with(RESTORE, &["--group", "SALES"])));
    assert_eq!(restored, "1 group restored\n");
    let path = format!("groups/{sales}/members");
    let members = world.graph(Method::GET, &path, Value::Null).await;
    assert_eq!(members["value"][0]["displayName"], "Ana");
    assert_eq!(world.syncline.json(&LIST)["count"], 1);
    let both = with(
        RESTORE,
        &["--group", "Sales", "--user", "bo@contoso.example"],
    );
    assert_eq!(world.syncline.run(&both).status.code(), Some(2));
}

#[tokio::test]
async fn of_groups_of_one_name_the_last_comes_back_when_named_and_else_all() {
    let world = World::new().await;
    let mut groups = Vec::new();
    for _ in 0..6 {
        groups.push(deleted_group(&world, "Sales").await);
    }
    let last = groups.pop().unwrap();
    let named = with(RESTORE, &["--group", "sales", "--output", "json"]);
    let output = world.syncline.run(&named);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&said["restored"], &said["failed"]), (&json!(1), &json!(5)));
    let failures = said["failures"].as_array().unwrap();
    for failure in failures {
        let group = failure["group"].as_str().unwrap();
        assert!(groups.iter().any(|it| it == group), "{failure}");
        let reason = failure["reason"].as_str().unwrap();
        assert!(
            reason.contains("another group of the name `Sales` was deleted later"),
            "{reason}"
        );
    }
    let path = format!("groups/{last}?$select=id");
    assert_eq!(
        world.graph(Method::GET, &path, Value::Null).await["id"],
        json!(last)
    );
    let all = with(RESTORE, &["--groups", "--deleted-since", "2001-01-01"]);
    assert_eq!(world.syncline.json(&all)["restored"], 5);
}
