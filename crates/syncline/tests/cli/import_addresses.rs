//! `import` of a file in which mail addresses change hands.

use reqwest::Method;
use serde_json::{Value, json};

use crate::people::World;
use crate::support::Syncline;

const HEADER: &str = "userPrincipalName,displayName,mail\n";
/// Between two rows, so that they stand on different pages.
const PAGE: usize = 2_000;

fn row(name: &str, mail: &str) -> String {
    let mail = match mail {
        "" => String::new(),
        mail => format!("{mail}@contoso.example"),
    };
    format!("{name}@contoso.example,{name},{mail}\n")
}

/// Rows that say of people what they say of themselves already.
fn others(count: usize) -> String {
    (0..count)
        .map(|it| row(&format!("other{it}"), ""))
        .collect()
}

fn import(world: &World, rows: &str, more: &[&str]) -> Value {
    let file = format!("{HEADER}{rows}");
    world.syncline.file("users.csv", file.as_bytes());
    world.import(more)
}

/// The same of a file that is refused; what was said.
fn refused(world: &World, rows: &str) -> String {
    let file = format!("{HEADER}{rows}");
    world.syncline.file("users.csv", file.as_bytes());
    let said = world.syncline.fails(&world.arguments(&[]));
    assert!(said.contains("nothing was imported"), "{said}");
    said
}

async fn mails<const N: usize>(world: &World, names: [&str; N]) -> Vec<Value> {
    let mut mails = Vec::new();
    for name in names {
        let path = format!("users/{name}@contoso.example?$select=mail,proxyAddresses");
        let user = world.graph(Method::GET, &path, Value::Null).await;
        let mail = user["mail"].as_str().map(str::to_owned);
        let proxies: Vec<String> = mail.iter().map(|it| format!("SMTP:{it}")).collect();
        assert_eq!(user["proxyAddresses"], json!(proxies), "{name}");
        let mail = mail.as_deref().and_then(|it| it.split('@').next());
        mails.push(json!(mail));
    }
    mails
}

fn counts(summary: &Value) -> [u64; 3] {
    ["created", "updated", "unchanged"].map(|it| summary[it].as_u64().unwrap())
}

/// Each file twice, with the rows in the other order as well, on one page and on two.
async fn whatever_the_order(first: &str, second: &str, expected: ([u64; 3], [Option<&str>; 3])) {
    for apart in [0, PAGE] {
        for rows in [[first, second], [second, first]] {
            let world = World::new().await;
            let between = others(apart);
            import(&world, &between, &[]);
            let rows = rows.join(&between);
            let (done, [created, updated, unchanged]) = (apart as u64, expected.0);
            let dry = import(&world, &rows, &["--dry-run"]);
            let said = import(&world, &rows, &[]);
            assert_eq!(
                counts(&said),
                [created, updated, unchanged + done],
                "{rows:.200}"
            );
            assert_eq!(counts(&dry), counts(&said));
            let again = import(&world, &rows, &[]);
            assert_eq!(counts(&again), [0, 0, created + updated + unchanged + done]);
            assert_eq!(
                mails(&world, ["ana", "bo", "cy"]).await,
                expected.1.map(|it| json!(it))
            );
        }
    }
}

#[tokio::test]
async fn somebody_gets_the_address_that_another_gives_up() {
    whatever_the_order(
        &row("ana", "ana2"),
        &row("bo", "ana"),
        ([0, 2, 0], [Some("ana2"), Some("ana"), None]),
    )
    .await;
}

#[tokio::test]
async fn two_swap_their_addresses() {
    whatever_the_order(
        &row("ana", "bo"),
        &row("bo", "ana"),
        ([0, 2, 0], [Some("bo"), Some("ana"), None]),
    )
    .await;
}

#[tokio::test]
async fn a_chain_ends_with_somebody_new() {
    let rows = row("dee", "bo") + &row("ana", "ana2");
    whatever_the_order(
        &rows,
        &row("bo", "ana"),
        ([1, 2, 0], [Some("ana2"), Some("ana"), None]),
    )
    .await;
}

#[tokio::test]
async fn an_address_stays_with_whoever_does_not_give_it_up() {
    let world = World::new().await;
    let taken = "mail: `ana@contoso.example` is the address of another user or group of the tenant";
    let line = |number: usize| format!("users.csv:{number}:3: {taken}");
    // No row of hers, a row that says nothing of it, and one that says the same in other letters.
    for (rows, number) in [
        (row("bo", "ana"), 2),
        (row("ana", "") + &row("bo", "ana"), 3),
        (row("bo", "ana") + &row("cy", "cy"), 2),
    ] {
        let said = refused(&world, &rows);
        assert!(said.contains(&line(number)), "{said}");
    }
    // Whoever's own row is left out gives nothing up, and so on.
    let rows =
        row("dee", "bo") + &row("bo", "ana") + &row("ana", "no mail at all") + &row("cy", "cy");
    let said = import(&world, &rows, &["--skip-invalid"]);
    assert_eq!(counts(&said), [0, 1, 0]);
    assert_eq!(said["skipped"], 3, "{said}");
    let skipped = said["skippedRows"].to_string();
    assert!(skipped.contains(&line(3)), "{skipped}");
    let kept = [Some("ana"), Some("bo"), Some("cy")].map(|it| json!(it));
    assert_eq!(mails(&world, ["ana", "bo", "cy"]).await, kept);
}

#[tokio::test]
async fn an_address_of_a_group_is_none_to_be_given_up() {
    let world = World::new().await;
    let group = json!({
        "displayName": "All", "mailEnabled": true, "mailNickname": "all", "securityEnabled": false,
        "groupTypes": ["Unified"],
    });
    let made = world.graph(Method::POST, "groups", group).await;
    let mail = made["mail"].as_str().unwrap();
    let rows = format!("bo@contoso.example,bo,{mail}\n");
    let said = refused(&world, &rows);
    assert!(
        said.contains("is the address of another user or group"),
        "{said}"
    );
}

#[tokio::test]
async fn whoever_comes_back_gets_the_address_that_another_gives_up() {
    let world = World::new().await;
    world.delete("bo").await;
    // Bo's address went to Cy meanwhile, who has another one now.
    import(&world, &row("cy", "bo"), &[]);
    let rows = row("bo", "bo") + &others(1) + &row("cy", "cy");
    let said = import(&world, &rows, &["--restore"]);
    assert_eq!(said["restored"], 1, "{said}");
    assert!(said.get("warnings").is_none(), "{said}");
    let expected = [Some("bo"), Some("cy")].map(|it| json!(it));
    assert_eq!(mails(&world, ["bo", "cy"]).await, expected);
}

/// Cy gives up what Bo had, and nobody else takes it.
#[tokio::test]
async fn whoever_comes_back_keeps_the_address_that_another_has_given_up() {
    for apart in [0, PAGE] {
        for cy_is_first in [true, false] {
            let world = World::new().await;
            world.delete("bo").await;
            let between = others(apart);
            import(&world, &(row("cy", "bo") + &between), &[]);
            let (cy, bo) = (row("cy", "cy"), row("bo", ""));
            let rows = match cy_is_first {
                true => cy + &between + &bo,
                false => bo + &between + &cy,
            };
            // On a page whoever gives up comes first; of a later page Bo knows nothing.
            let keeps = cy_is_first || apart == 0;
            for more in [&["--restore", "--dry-run"][..], &["--restore"]] {
                let said = import(&world, &rows, more);
                assert_eq!(said["restored"], 1, "{said}");
                assert_eq!(said.get("warnings").is_none(), keeps, "{said}");
            }
            let expected = [keeps.then_some("bo"), Some("cy")].map(|it| json!(it));
            assert_eq!(mails(&world, ["bo", "cy"]).await, expected);
        }
    }
}

#[test]
fn a_ring_of_more_than_a_page_is_refused_with_a_way_out() {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    let ring = |count: usize, by: usize| {
        let name = |it: usize| format!("p{}", it % count);
        let rows = (0..count).map(|it| row(&name(it), &name(it + by)));
        format!("{HEADER}{}", rows.collect::<String>())
    };
    let import = |text: &str| {
        let users = syncline.file("users.csv", text.as_bytes());
        ["import", "--tenant", "contoso.example"]
            .map(str::to_owned)
            .into_iter()
            .chain([users])
            .collect::<Vec<_>>()
    };
    let arguments = import(&ring(PAGE + 1, 0));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    assert_eq!(syncline.json(&arguments)["created"], PAGE + 1);
    import(&ring(PAGE + 1, 1));
    let said = syncline.fails(&arguments);
    assert!(
        said.contains("users.csv:2:3: mail: 2001 rows hand their mail addresses on in a ring, and no more than 2000 can at once; give one of these people another address first, and import the file again"),
        "{said}"
    );
    // Given one of them another address, the others form a chain, of more than a page.
    import(&format!("{HEADER}{}", row("p5", "five")));
    assert_eq!(syncline.json(&arguments)["updated"], 1);
    import(&ring(PAGE + 1, 1));
    assert_eq!(syncline.json(&arguments)["updated"], PAGE + 1);
    assert_eq!(syncline.json(&arguments)["unchanged"], PAGE + 1);
}

#[test]
fn addresses_change_hands_on_a_shared_database_too() {
    let syncline = Syncline::new();
    let Some(url) = syncline_testkit::postgres_url(&syncline.data().join("addresses")) else {
        return;
    };
    let run = |arguments: &[&str]| {
        let mut command = syncline.command(arguments);
        command.env("SYNCLINE_DATABASE", &url);
        let output = command.args(["--output", "json"]).output().unwrap();
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let create = ["tenant", "create", "--domain", "contoso.example"];
    run(&[&create[..], &["--display-name", "Contoso"]].concat());
    let import = |rows: &str, more: &[&str]| {
        let users = syncline.file("users.csv", format!("{HEADER}{rows}").as_bytes());
        run(&[&["import", "--tenant", "contoso.example", &users], more].concat())
    };
    let before = row("ana", "ana") + &row("bo", "bo") + &row("cy", "cy");
    assert_eq!(counts(&import(&before, &[])), [3, 0, 0]);
    let after = row("dee", "cy") + &row("cy", "three") + &row("ana", "bo") + &row("bo", "ana");
    assert_eq!(counts(&import(&after, &["--dry-run"])), [1, 3, 0]);
    assert_eq!(counts(&import(&after, &[])), [1, 3, 0]);
    assert_eq!(counts(&import(&after, &[])), [0, 0, 4]);
}
