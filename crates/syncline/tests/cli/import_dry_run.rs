//! `import --dry-run`: what it says is what the import does, and it writes nothing.

use reqwest::Method;
use serde_json::{Value, json};

use crate::people::{PEOPLE, World};
use crate::support::{Syncline, stderr, stdout};

/// More than a page.
const MANY: usize = 2_100;

/// How many rows the tables of a directory have, and the newest number of a change.
fn traces(syncline: &Syncline) -> Vec<i64> {
    let database = rusqlite::Connection::open(syncline.data().join("syncline.db")).unwrap();
    let count = |table: &str| {
        let sql = format!("SELECT COUNT(*), COALESCE(MAX(changed_seq), 0) FROM {table}");
        let row = database.query_row(&sql, [], |row| Ok([row.get(0)?, row.get(1)?]));
        row.unwrap()
    };
    ["object", "edge"].map(count).concat()
}

/// What the dry run says, which has written nothing, and what the import says after it: the same.
fn both(syncline: &Syncline, import: &[&str]) -> Value {
    let before = traces(syncline);
    let dry = [import, &["--dry-run"]].concat();
    let mut said = syncline.json(&dry);
    assert_eq!(traces(syncline), before);
    assert_eq!(said["dryRun"], json!(true));
    let done = syncline.json(import);
    assert_ne!(traces(syncline), before);
    said["dryRun"] = json!(false);
    assert_eq!(said, done);
    done
}

fn counts<const N: usize>(summary: &Value, names: [&str; N]) -> [u64; N] {
    names.map(|it| summary[it].as_u64().unwrap())
}

#[test]
fn what_earlier_pages_would_have_written_counts_for_later_ones() {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    let known = "userPrincipalName,displayName,department,manager\n\
        known@contoso.example,Known,Sales,\n\
        same@contoso.example,Same,Sales,known@contoso.example\n";
    let known = syncline.file("known.csv", known.as_bytes());
    let sales = syncline.file(
        "sales.csv",
        b"displayName,member\nSales,known@contoso.example\n",
    );
    let import = ["import", "--tenant", "contoso.example"];
    syncline.json(&[&import[..], &[&known, "--groups", &sales]].concat());

    // The manager of the last ones is created by the first page; the first one's by the last.
    let mut users = "userPrincipalName,displayName,department,manager\n".to_owned();
    let mut groups = "displayName,member\n".to_owned();
    for number in 0..MANY {
        let manager = match number {
            0 => MANY - 1,
            _ => 0,
        };
        users.push_str(&format!(
            "p{number}@contoso.example,P,,p{manager}@contoso.example\n"
        ));
        groups.push_str(&format!("New,p{number}@contoso.example\n"));
    }
    users.push_str("known@contoso.example,Known,Legal,P1@contoso.example\n");
    users.push_str("same@contoso.example,Same,Sales,known@contoso.example\n");
    // A membership of the first page again, and one that is there, and somebody new in a group that is there.
    groups.push_str("new,P0@contoso.example\nSales,known@contoso.example\n");
    groups.push_str("Sales,p7@contoso.example\nSales,p7@contoso.example\n");
    let users = syncline.file("users.csv", users.as_bytes());
    let groups = syncline.file("groups.csv", groups.as_bytes());
    let import = [&import[..], &[&users, "--groups", &groups]].concat();
    let done = both(&syncline, &import);
    let people = ["created", "updated", "unchanged", "managersSet"];
    let many = MANY as u64;
    assert_eq!(counts(&done, people), [many, 1, 1, many + 1]);
    let groups = ["groupsCreated", "membersAdded"];
    assert_eq!(counts(&done, groups), [1, many + 1]);

    let again = syncline.json(&[&import[..], &["--dry-run"]].concat());
    assert_eq!(counts(&again, people), [0, 0, many + 2, 0]);
    assert_eq!(counts(&again, groups), [0, 0]);
}

#[tokio::test]
async fn who_would_come_back_is_there_for_the_rest_of_a_dry_run() {
    let world = World::new().await;
    let csv = "displayName,member\nSales,ana@contoso.example\nSales,bo@contoso.example\n\
        Sales,cy@contoso.example\n";
    let groups = world.syncline.file("groups.csv", csv.as_bytes());
    world.import(&["--groups", &groups]);
    for name in ["ana", "bo"] {
        world.delete(name).await;
    }
    // Ana would be back, and is not named; Bo is, and so is his manager, who would come back as well.
    let csv = "displayName,member\nSales,bo@contoso.example\nNew,ana@contoso.example\n";
    world.syncline.file("groups.csv", csv.as_bytes());
    let users = PEOPLE
        .replace("department\n", "department,manager\n")
        .replace(
            "ana@contoso.example,Sales\n",
            "ana@contoso.example,Legal,\n",
        )
        .replace(
            "bo@contoso.example,Sales\n",
            "bo@contoso.example,Sales,ana@contoso.example\n",
        )
        .replace("Cy,,Sales\n", "Cy,,Sales,\n");
    world.syncline.file("users.csv", users.as_bytes());
    let more = ["--groups", &groups, "--remove-members", "--restore"];
    let done = both(&world.syncline, &world.arguments(&more));
    let people = ["restored", "unchanged", "managersSet"];
    assert_eq!(counts(&done, people), [2, 1, 1]);
    let groups = ["groupsCreated", "membersAdded", "membersRemoved"];
    assert_eq!(counts(&done, groups), [1, 1, 2]);
}

#[tokio::test]
async fn addresses_that_those_who_come_back_leave_behind_are_foreseen() {
    let world = World::new().await;
    world.delete("bo").await;
    let users = PEOPLE.replace("Bo,bo@contoso.example", "Bo,")
        + "dee@contoso.example,Dee,bo@contoso.example,Sales\n";
    world.syncline.file("users.csv", users.as_bytes());
    let done = both(&world.syncline, &world.arguments(&["--restore"]));
    let warning = done["warnings"][0].as_str().unwrap();
    // Said before it is done, and behind that.
    assert!(
        warning.starts_with("1 of the restored users comes back without mail addresses"),
        "{warning}"
    );
}

#[tokio::test]
async fn what_the_import_refuses_the_dry_run_refuses_in_the_same_words() {
    let world = World::new().await;
    let refused = |more: &[&str]| {
        let before = traces(&world.syncline);
        let dry = [more, &["--dry-run"]].concat();
        let dry = world.syncline.run(&world.arguments(&dry));
        assert_eq!(traces(&world.syncline), before);
        let done = world.syncline.run(&world.arguments(more));
        assert_eq!(dry.status.code(), Some(1), "{}", stdout(&dry));
        assert_eq!(done.status.code(), Some(1));
        assert_eq!(stderr(&dry), stderr(&done));
    };
    world.delete("bo").await;
    refused(&[]);
    let bad = PEOPLE.replace("cy@contoso.example,Cy", "cy@contoso.example,");
    world.syncline.file("users.csv", bad.as_bytes());
    refused(&["--restore"]);
    let skipped = both(
        &world.syncline,
        &world.arguments(&["--restore", "--skip-invalid"]),
    );
    assert_eq!(skipped["skipped"], 1);
}

#[test]
fn the_text_says_that_it_is_a_dry_run() {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    let users = syncline.file(
        "users.csv",
        b"userPrincipalName,displayName\na@contoso.example,A\n",
    );
    let import = ["import", "--tenant", "contoso.example", &users];
    let dry = syncline.run(&[&import[..], &["--dry-run"]].concat());
    let text = stdout(&dry);
    assert!(
        text.starts_with("nothing was written (--dry-run); the import would do this:\n"),
        "{text}"
    );
    let done = stdout(&syncline.run(&import));
    assert!(text.ends_with(&done), "{text}{done}");
    assert!(done.contains("users created              1"), "{done}");
}

#[tokio::test]
async fn a_group_that_would_come_back_is_counted_once() {
    let world = World::new().await;
    let csv = "displayName,member\nSales,ana@contoso.example\n";
    let groups = world.syncline.file("groups.csv", csv.as_bytes());
    world.import(&["--groups", &groups]);
    let found = world
        .graph(Method::GET, "groups?$select=id", Value::Null)
        .await;
    let id = found["value"][0]["id"].as_str().unwrap();
    world
        .graph(Method::DELETE, &format!("groups/{id}"), Value::Null)
        .await;
    let csv = "displayName,member\nSales,ana@contoso.example\nSales,bo@contoso.example\n";
    world.syncline.file("groups.csv", csv.as_bytes());
    let more = ["--groups", &groups, "--restore"];
    let done = both(&world.syncline, &world.arguments(&more));
    assert_eq!(
        counts(&done, ["groupsCreated", "groupsRestored", "membersAdded"]),
        [0, 1, 1]
    );
}
