//! `--database`: a PostgreSQL database instead of the file. What needs a server runs when one is named
//! (`SYNCLINE_TEST_DATABASE`).

use std::process::Command;

use syncline_model::TenantId;
use syncline_store::{MasterKey, Store};

use crate::configuration::configure;
use crate::support::{Syncline, names_in, stderr, token, token_answer, wait_until};
use crate::tenant_deleted::{DELETE, is_healthy, status};

const SECRET: &str = "hush-hush";
const CREATE: [&str; 6] = [
    "tenant",
    "create",
    "--domain",
    "contoso.example",
    "--display-name",
    "Contoso",
];

/// A command on this database, told as operators are told to.
fn on(syncline: &Syncline, url: &str, arguments: &[&str]) -> Command {
    let mut command = syncline.command(arguments);
    command.env("SYNCLINE_DATABASE", url);
    command
}

fn refused(url: &str) -> String {
    let syncline = Syncline::new();
    let output = on(&syncline, url, &CREATE).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = stderr(&output);
    assert!(message.contains("help: "), "{message}");
    assert!(!message.contains(SECRET), "{message}");
    // What was made for it is taken back.
    assert!(!syncline.data().exists());
    std::fs::create_dir(syncline.data()).unwrap();
    let output = on(&syncline, url, &CREATE).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(names_in(&syncline.data()), [""; 0]);
    message
}

#[test]
fn a_server_that_is_not_there_is_named_without_the_password() {
    let message = refused(&format!("postgres://u:{SECRET}@127.0.0.1:1/db"));
    assert!(
        message.contains("127.0.0.1:1 cannot be reached"),
        "{message}"
    );
}

#[test]
fn what_is_no_url_is_not_repeated() {
    refused(&format!("postgres://u:{SECRET}@127.0.0.1:port/db"));
    refused(&format!("postgres://u:Summer@{SECRET}@127.0.0.1:1/db"));
    refused(&format!("mysql://u:{SECRET}@127.0.0.1/db"));
}

#[test]
fn help_does_not_show_the_database() {
    let syncline = Syncline::new();
    let url = format!("postgres://u:{SECRET}@127.0.0.1:1/db");
    let output = on(&syncline, &url, &["serve", "--help"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("--database"));
    assert!(!text.contains(SECRET));
}

fn json(mut command: Command) -> serde_json::Value {
    let output = command.args(["--output", "json"]).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn two_nodes_share_a_database_when_they_share_the_key() {
    let first = Syncline::new();
    let Some(url) = syncline_testkit::postgres_url(&first.data().join("shared")) else {
        return;
    };
    json(on(&first, &url, &CREATE));
    assert!(!first.data().join("syncline.db").exists());

    let second = Syncline::new();
    let output = on(&second, &url, &CREATE).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = stderr(&output);
    assert!(
        message.contains("not the one the database") && message.contains("copy `key`"),
        "{message}"
    );
    // What it made for itself is not left in the way.
    assert!(!second.data().join("key").exists());
    std::fs::create_dir_all(second.data()).unwrap();
    std::fs::copy(first.data().join("key"), second.data().join("key")).unwrap();
    let listed = json(on(&second, &url, &["tenant", "list"]));
    assert_eq!(listed["tenants"].as_array().unwrap().len(), 1);
    let healthy = json(on(&second, &url, &["doctor"]));
    assert_eq!(healthy["healthy"], true, "{healthy}");
}

#[test]
fn a_server_elsewhere_on_the_database_begins_what_is_made_due_here() {
    let first = Syncline::new();
    let Some(url) = syncline_testkit::postgres_url(&first.data().join("due")) else {
        return;
    };
    let server = first.serve_with(&["--no-scheduler"], &[("SYNCLINE_DATABASE", &url)]);
    let (source, target) = (first.tenant("contoso"), first.tenant("fabrikam"));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let job = runtime.block_on(configure(&server, &source, &target, &[]));
    first.json(&["jobs", "start", "--job", &job]);

    let second = Syncline::new();
    std::fs::create_dir_all(second.data()).unwrap();
    std::fs::copy(first.data().join("key"), second.data().join("key")).unwrap();
    let due = || json(on(&second, &url, &["jobs", "run", "--job", &job]));
    // A cycle that somebody works on would be joined.
    let at_rest = || {
        wait_until("the cycle is over", || {
            let shown = json(on(&second, &url, &["jobs", "show", "--job", &job]));
            shown["begins"].is_null() && shown["running"] == false
        });
    };
    // The one there leaves it to others.
    assert_eq!(due()["begins"], "noServer");
    let third = Syncline::new();
    std::fs::create_dir_all(third.data()).unwrap();
    std::fs::copy(first.data().join("key"), third.data().join("key")).unwrap();
    let other = third.serve_with(&[], &[("SYNCLINE_DATABASE", &url)]);
    at_rest();
    assert_eq!(due()["begins"], "elsewhere");
    at_rest();
    let here = first.json(&["jobs", "run", "--job", &job]);
    assert_eq!(here["begins"], "elsewhere");
    assert_eq!(other.stop(), Some(0));
    assert_eq!(due()["begins"], "noServer");
    let here = first.json(&["jobs", "run", "--job", &job]);
    assert_eq!(here["begins"], "noScheduler");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn an_installation_moves_to_a_server_and_back() {
    let old = Syncline::new();
    let Some(url) = syncline_testkit::postgres_url(&old.data().join("moved")) else {
        return;
    };
    old.tenant("contoso");
    let file = old.data().with_file_name("all.backup");
    let file = file.to_str().unwrap();
    old.json(&["backup", "--with-key", file]);

    let new = Syncline::new();
    json(on(&new, &url, &["restore", file]));
    let listed = json(on(&new, &url, &["tenant", "list"]));
    assert_eq!(
        listed["tenants"][0]["initialDomain"],
        old.json(&["tenant", "list"])["tenants"][0]["initialDomain"]
    );
    let output = on(&new, &url, &["restore", file]).output().unwrap();
    assert!(
        stderr(&output).contains("holds data"),
        "{}",
        stderr(&output)
    );
    let again = json(on(&new, &url, &["restore", "--force", file]));
    let kept = again["keptAside"][0].as_str().unwrap();

    let back = Syncline::new();
    std::fs::create_dir_all(back.data()).unwrap();
    std::fs::copy(new.data().join("key"), back.data().join("key")).unwrap();
    assert_eq!(back.json(&["restore", kept])["verified"], true);
    assert_eq!(back.json(&["doctor"])["healthy"], true);
}

/// While it waited for a server that does not answer.
#[test]
fn whoever_was_killed_before_the_server_was_there_keeps_nobody_from_the_file() {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    let version = env!("CARGO_PKG_VERSION");
    let asked = format!("\npostgres://u@down.example/db\n1\ntenant list\n{version}\ngreets\n");
    let file = syncline.data().join("syncline.db");
    let opened = format!("{asked}opened {}\n", file.display());
    for left in [asked, opened] {
        std::fs::write(syncline.data().join("lock"), left).unwrap();
        let listed = syncline.json(&["tenant", "list"]);
        assert_eq!(listed["tenants"].as_array().unwrap().len(), 1);
    }
}

/// The old database is there still, and nothing of what was done since is in it.
#[test]
fn whoever_forgets_to_name_the_server_does_not_go_on_with_the_file_that_was_left_behind() {
    let syncline = Syncline::new();
    let Some(url) = syncline_testkit::postgres_url(&syncline.data().join("left")) else {
        return;
    };
    syncline.tenant("contoso");
    let file = syncline.data().with_file_name("all.backup");
    let file = file.to_str().unwrap();
    syncline.json(&["backup", file]);
    let remembered = || std::fs::read_to_string(syncline.data().join("lock")).unwrap();
    // What was asked for and not opened is not what was worked on.
    let elsewhere = format!("postgres://u:{SECRET}@127.0.0.1:1/db");
    let output = on(&syncline, &elsewhere, &["tenant", "list"]).output();
    assert_eq!(output.unwrap().status.code(), Some(1));
    syncline.json(&["tenant", "list"]);

    let moved = json(on(&syncline, &url, &["restore", file]));
    let left = syncline.data().join("syncline.db");
    assert_eq!(moved["fileLeft"], left.to_str().unwrap());
    assert!(remembered().contains("postgres"), "{}", remembered());
    let there = std::fs::read(&left).unwrap();
    for command in [
        &["tenant", "list"][..],
        &["serve", "--listen", "127.0.0.1:0"],
        &CREATE,
        &["backup", "--force", file],
    ] {
        let message = syncline.fails(command);
        assert!(
            message.contains("the last command here worked on the database postgres")
                && message.contains("name it with SYNCLINE_DATABASE")
                && message.contains("remove "),
            "{command:?}: {message}"
        );
        assert!(remembered().contains("postgres"), "{}", remembered());
    }
    let told = syncline.bad_news(&["doctor"]).to_string();
    assert!(told.contains("name it with SYNCLINE_DATABASE"), "{told}");
    assert_eq!(std::fs::read(&left).unwrap(), there);
    json(on(&syncline, &url, &["tenant", "list"]));
    // As told; and the way back is to restore.
    std::fs::remove_file(syncline.data().join("lock")).unwrap();
    syncline.json(&["tenant", "list"]);
    json(on(&syncline, &url, &["tenant", "list"]));
    syncline.json(&["restore", "--force", file]);
    syncline.json(&["tenant", "list"]);
}

#[test]
fn a_missing_database_and_a_wrong_user_are_told_apart() {
    let Some(url) = syncline_testkit::postgres_url(std::path::Path::new("/x")) else {
        return;
    };
    let (server, _) = url.split_once('?').unwrap();
    let (address, _) = server.rsplit_once('/').unwrap();
    let message = refused(&format!("{address}/no_such_database"));
    assert!(
        message.contains("has no database `no_such_database`")
            && message.contains("CREATE DATABASE"),
        "{message}"
    );
    let (_, host) = address.split_once('@').unwrap();
    let message = refused(&format!("postgres://nobody_here:{SECRET}@{host}/postgres"));
    assert!(
        message.contains("refused the user `nobody_here`"),
        "{message}"
    );
}

#[test]
fn a_server_on_the_database_is_in_the_way_of_a_restore_from_any_node() {
    let first = Syncline::new();
    let Some(url) = syncline_testkit::postgres_url(&first.data().join("served")) else {
        return;
    };
    let server = first.serve_with(&["--no-scheduler"], &[("SYNCLINE_DATABASE", &url)]);
    // Commands on its data directory go through it, and need not say where the database is.
    first.tenant("contoso");
    let file = first.data().with_file_name("all.backup");
    let file = file.to_str().unwrap();
    first.json(&["backup", "--with-key", file]);
    // Another database than the server's is asked for.
    let elsewhere = format!("postgres://u:{SECRET}@elsewhere.example/db");
    let output = on(&first, &elsewhere, &["tenant", "list"])
        .output()
        .unwrap();
    let message = stderr(&output);
    assert!(
        message.contains("works on another database") && !message.contains(SECRET),
        "{message}"
    );

    let second = Syncline::new();
    let output = on(&second, &url, &["restore", "--force", file])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = stderr(&output);
    assert!(
        message.contains(&server.origin) && message.contains("stop all servers"),
        "{message}"
    );
    // One that was stopped says good-bye.
    assert_eq!(server.stop(), Some(0));
    json(on(&second, &url, &["restore", "--force", file]));
    // The one that the backup remembers is not taken for alive.
    json(on(&second, &url, &["restore", "--force", file]));
}

/// Its memory is another one than that of who deletes the tenant.
#[tokio::test]
async fn a_node_lets_nobody_into_a_tenant_that_another_deletes() {
    let first = Syncline::new();
    let Some(url) = syncline_testkit::postgres_url(&first.data().join("leaving")) else {
        return;
    };
    let server = first.serve_with(&["--no-scheduler"], &[("SYNCLINE_DATABASE", &url)]);
    let fabrikam = first.tenant("fabrikam");
    let token = token(&server, &fabrikam).await;
    assert_eq!(status(&server, &token, "users").await.0, 200);
    let key = MasterKey::load_or_create(&first.data().join("key")).unwrap();
    let store = Store::open_database(&url.parse().unwrap(), &key).unwrap();
    let id: TenantId = fabrikam["tenantId"].as_str().unwrap().parse().unwrap();
    store.write(|tx| tx.let_tenant_leave(id)).unwrap();
    let (code, told) = status(&server, &token, "users").await;
    assert_eq!(code, 401, "{told}");
    let told = token_answer(&server, &fabrikam, &fabrikam["application"]).await;
    assert!(told.to_string().contains("AADSTS90002"), "{told}");
    let deleted = first.json(&DELETE);
    assert_eq!(deleted["deletion"], "done");
    is_healthy(&first);
    assert_eq!(server.stop(), Some(0));
}
