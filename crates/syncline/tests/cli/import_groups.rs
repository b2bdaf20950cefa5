//! `import --groups` into groups that the tenant has already.

use reqwest::Method;
use serde_json::{Value, json};

use crate::configuration::{change_schema, installation_that_takes_groups};
use crate::people::{PEOPLE, World};

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
    let moved = PEOPLE.replace("Cy,,Sales", "Cy,,Legal");
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

/// `p0` to `p{count - 1}`, imported as all people of the file.
fn crowd(world: &World, count: usize) {
    let mut people = "userPrincipalName,displayName\n".to_owned();
    for number in 0..count {
        people.push_str(&format!("p{number}@contoso.example,P{number}\n"));
    }
    world.syncline.file("users.csv", people.as_bytes());
}

/// A line for each of these people as a member of a group.
fn lines(group: &str, people: std::ops::Range<usize>) -> String {
    let lines = people.map(|number| format!("{group},p{number}@contoso.example\n"));
    lines.collect()
}

/// Added, removed and not named.
fn moves(summary: &Value) -> (u64, u64, u64) {
    let count = |name: &str| summary[name].as_u64().unwrap();
    (
        count("membersAdded"),
        count("membersRemoved"),
        count("membersNotNamed"),
    )
}

#[tokio::test]
async fn whoever_moved_stays_in_the_group_until_it_is_said_that_he_goes() {
    let world = World::new().await;
    let sales = group(&world, "Sales", json!({})).await;
    let legal = group(&world, "Legal", json!({})).await;
    let inner = group(&world, "Inner", json!({})).await;
    let rows = "Sales,ana@contoso.example\nSales,bo@contoso.example\nLegal,cy@contoso.example\n";
    let groups = file(&world, rows);
    let first = world.syncline.json(&arguments(&world, &groups, &[]));
    assert_eq!(moves(&first), (3, 0, 0));
    assert_eq!(first["warnings"], Value::Null);
    // A group in a group is none that a file could name.
    let reference = format!("{}/v1.0/directoryObjects/{inner}", world.server.origin);
    let path = format!("groups/{sales}/members/$ref");
    world
        .graph(Method::POST, &path, json!({"@odata.id": reference}))
        .await;

    // Bo goes to Legal, and of Legal's people nobody is said: that is another group's file.
    let groups = file(&world, "SALES,Ana@contoso.example\n");
    let kept = world.syncline.json(&arguments(&world, &groups, &[]));
    assert_eq!(moves(&kept), (0, 0, 1));
    let warning = kept["warnings"][0].as_str().unwrap();
    assert!(
        warning.contains("1 member of 1 group is not in groups.csv, and stays")
            && warning.contains("--remove-members"),
        "{warning}"
    );
    assert_eq!(members(&world, &sales).await, ["Ana", "Bo", "Inner"]);

    let remove = arguments(&world, &groups, &["--remove-members"]);
    let removed = world.syncline.json(&remove);
    assert_eq!(moves(&removed), (0, 1, 0));
    assert_eq!(removed["warnings"], Value::Null);
    assert_eq!(members(&world, &sales).await, ["Ana", "Inner"]);
    assert_eq!(members(&world, &legal).await, ["Cy"]);
    assert_eq!(moves(&world.syncline.json(&remove)), (0, 0, 0));
}

#[tokio::test]
async fn who_comes_with_the_same_file_and_who_is_brought_back_is_named() {
    let world = World::new().await;
    let sales = group(&world, "Sales", json!({})).await;
    let rows = "Sales,ana@contoso.example\nSales,bo@contoso.example\nSales,cy@contoso.example\n";
    let groups = file(&world, rows);
    world.syncline.json(&arguments(&world, &groups, &[]));
    world.delete("ana").await;
    world.delete("bo").await;
    let people = format!("{}dee@contoso.example,Dee,,Sales\n", PEOPLE);
    world.syncline.file("users.csv", people.as_bytes());
    let groups = file(
        &world,
        "Sales,ana@contoso.example\nSales,dee@contoso.example\n",
    );
    let more = ["--remove-members", "--restore"];
    let done = world.syncline.json(&arguments(&world, &groups, &more));
    // Bo came back into the group as well, and is not named.
    assert_eq!(moves(&done), (1, 2, 0));
    assert_eq!(members(&world, &sales).await, ["Ana", "Dee"]);
}

#[tokio::test]
async fn a_file_that_ends_early_empties_no_group() {
    let world = World::new().await;
    crowd(&world, 40);
    let whole = lines("Large", 0..20) + &lines("Small", 20..39);
    let groups = file(&world, &whole);
    world.syncline.json(&arguments(&world, &groups, &[]));

    let groups = file(
        &world,
        &(lines("Large", 0..9) + "New,p39@contoso.example\n"),
    );
    let remove = arguments(&world, &groups, &["--remove-members"]);
    let said = world.syncline.fails(&remove);
    assert!(
        said.contains(
            "groups.csv has 9 of the 20 members of the group `Large`, so that more than half would be removed; nothing was imported"
        ),
        "{said}"
    );
    assert!(said.contains("--remove-members --force"), "{said}");
    assert_eq!(ids(&world, "groups", "New").await, Vec::<String>::new());

    // Of few it is not asked, and neither of half.
    let groups = file(&world, &(lines("Large", 0..10) + &lines("Small", 20..21)));
    let remove = arguments(&world, &groups, &["--remove-members"]);
    assert_eq!(moves(&world.syncline.json(&remove)), (0, 28, 0));

    let groups = file(&world, &(lines("Large", 0..30)));
    world.syncline.json(&arguments(&world, &groups, &[]));
    let groups = file(&world, &lines("Large", 0..1));
    let force = arguments(&world, &groups, &["--remove-members", "--force"]);
    assert_eq!(moves(&world.syncline.json(&force)), (0, 29, 0));

    // Ten of twenty-one are fewer than half.
    let groups = file(&world, &lines("Large", 0..21));
    world.syncline.json(&arguments(&world, &groups, &[]));
    let groups = file(&world, &lines("Large", 0..10));
    let remove = arguments(&world, &groups, &["--remove-members"]);
    let said = world.syncline.fails(&remove);
    assert!(said.contains("has 10 of the 21 members"), "{said}");
}

#[tokio::test]
async fn who_is_brought_back_counts_before_a_file_that_ends_early_removes_him_again() {
    let world = World::new().await;
    crowd(&world, 40);
    let groups = file(&world, &lines("Large", 0..40));
    world.syncline.json(&arguments(&world, &groups, &[]));
    for number in 1..40 {
        let path = format!("users/p{number}@contoso.example");
        world.graph(Method::DELETE, &path, Value::Null).await;
    }

    let groups = file(&world, &lines("Large", 0..1));
    let more = ["--restore", "--remove-members"];
    let said = world.syncline.fails(&arguments(&world, &groups, &more));
    assert!(
        said.contains("groups.csv has 1 of the 40 members of the group `Large`")
            && said.contains("nothing was imported"),
        "{said}"
    );
    let bin = "directory/deletedItems/microsoft.graph.user";
    let bin = world.graph(Method::GET, bin, Value::Null).await;
    assert_eq!(bin["value"].as_array().unwrap().len(), 39);
    let large = ids(&world, "groups", "Large").await;
    assert_eq!(members(&world, &large[0]).await, ["P0"]);

    let force = [more[0], more[1], "--force"];
    let done = world.syncline.json(&arguments(&world, &groups, &force));
    assert_eq!((&done["restored"], moves(&done)), (&json!(39), (0, 39, 0)));
    assert_eq!(members(&world, &large[0]).await, ["P0"]);
}

#[tokio::test]
async fn a_group_of_which_a_row_is_skipped_loses_nobody() {
    let world = World::new().await;
    crowd(&world, 6);
    let groups = file(&world, &(lines("Sales", 0..3) + &lines("Legal", 3..6)));
    world.syncline.json(&arguments(&world, &groups, &[]));
    for (wrong, expected) in [
        // Of Sales alone: p1 and p2 may be who is meant.
        ("Sales,p1@contoso.exmaple\n", (0, 1, 2)),
        ("Sales,\n", (0, 1, 2)),
        // Of no group that is known.
        ("Sales\n", (0, 0, 3)),
        (",p1@contoso.example\n", (0, 0, 3)),
        // A quote that swallows lines, of whatever group.
        (
            "Sales,\"p1@contoso.example\nLegal,p4@contoso.example\"\n",
            (0, 0, 3),
        ),
        ("\"Sales\nLegal,p4@contoso.example\nX\",\n", (0, 0, 3)),
    ] {
        world.syncline.json(&arguments(
            &world,
            &file(&world, &lines("Legal", 3..6)),
            &[],
        ));
        let rows = lines("Sales", 0..1) + wrong + &lines("Legal", 3..5);
        let groups = file(&world, &rows);
        let skip = arguments(&world, &groups, &["--remove-members", "--skip-invalid"]);
        let done = world.syncline.json(&skip);
        assert_eq!(moves(&done), expected, "{wrong}");
        let warning = done["warnings"][0].as_str().unwrap();
        assert!(
            warning.contains("rows that may speak of them are skipped"),
            "{warning}"
        );
    }
}

#[tokio::test]
async fn many_are_removed_page_by_page() {
    let world = World::new().await;
    crowd(&world, 4500);
    let groups = file(&world, &lines("All", 0..4500));
    let first = world.syncline.json(&arguments(&world, &groups, &[]));
    assert_eq!(moves(&first), (4500, 0, 0));
    // The others are spread over all pages, and leave some in each.
    let rows: String = (0..4500)
        .filter(|it| it % 2 == 0)
        .map(|it| lines("All", it..it + 1))
        .collect();
    let groups = file(&world, &rows);
    let remove = arguments(&world, &groups, &["--remove-members"]);
    assert_eq!(moves(&world.syncline.json(&remove)), (0, 2250, 0));
    let left = world.syncline.json(&arguments(&world, &groups, &[]));
    assert_eq!(moves(&left), (0, 0, 0));
}

#[test]
fn members_that_a_synchronization_brought_are_left_to_it() {
    let (syncline, job) = installation_that_takes_groups(2);
    let import = |tenant: &str, people: &str, groups: &str, more: &[&str]| {
        let people = format!("userPrincipalName,displayName\n{people}");
        let groups = format!("displayName,member\n{groups}");
        let people = syncline.file("users.csv", people.as_bytes());
        let groups = syncline.file("groups.csv", groups.as_bytes());
        let mut all = vec!["import", "--tenant", tenant, &people, "--groups", &groups];
        all.extend(more);
        syncline.json(&all)
    };
    let sales = "Sales,p0@contoso.example\nSales,p1@contoso.example\n";
    import("contoso.example", "", sales, &[]);
    change_schema(&syncline, &job, |schema| {
        schema["synchronizationRules"][0]["objectMappings"][1]["enabled"] = true.into();
    });
    let report = syncline.json(&["jobs", "run", "--job", &job, "--wait"]);
    assert_eq!(report["counts"]["created"], 3, "{report}");

    let own = "own@fabrikam.example,Own\n";
    let sales = "Sales,own@fabrikam.example\n";
    let done = import("fabrikam.example", own, sales, &["--remove-members"]);
    assert_eq!(
        (&done["groupsCreated"], moves(&done)),
        (&json!(0), (1, 0, 0))
    );
}

#[tokio::test]
async fn what_removes_members_needs_a_file_of_groups() {
    let world = World::new().await;
    let groups = file(&world, "");
    for wrong in [
        world.arguments(&["--remove-members"]),
        arguments(&world, &groups, &["--force"]),
    ] {
        let output = world.syncline.run(&wrong);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
    }
}
