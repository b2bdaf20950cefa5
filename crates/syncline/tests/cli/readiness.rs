//! `/healthz` and `/readyz`, and the order in which a server ends.

use serde_json::{Value, json};

use crate::support::{Server, Syncline};
use crate::way::Way;

async fn ask(server: &Server, path: &str) -> (u16, Value) {
    let url = format!("{}{path}", server.origin);
    let answer = server.client().get(url).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap())
}

#[tokio::test]
async fn a_server_that_works_says_so() {
    let syncline = Syncline::new();
    let server = syncline.serve(&["--no-scheduler"]);
    assert_eq!(
        ask(&server, "/healthz").await,
        (200, json!({"status": "ok"}))
    );
    let ready = json!({
        "status": "ready",
        "checks": {"disk": "ok", "writes": "ok", "store": "ok", "migrations": "ok", "serving": "ok"},
    });
    assert_eq!(ask(&server, "/readyz").await, (200, ready));
}

/// Asks until the server says this; what it said last.
async fn wait_for(server: &Server, status: u16) -> Value {
    loop {
        let (said, body) = ask(server, "/readyz").await;
        if said == status {
            return body;
        }
    }
}

#[tokio::test]
async fn tables_that_a_newer_version_has_changed_are_not_ready_for_this_one() {
    let syncline = Syncline::new();
    let server = syncline.serve(&["--no-scheduler"]);
    assert_eq!(ask(&server, "/readyz").await.0, 200);
    let database = rusqlite::Connection::open(syncline.data().join("syncline.db")).unwrap();
    database
        .execute_batch(
            "INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
             SELECT MAX(version) + 1, 'of_tomorrow', '', '' FROM refinery_schema_history",
        )
        .unwrap();
    let (status, said) = ask(&server, "/readyz").await;
    assert_eq!(status, 503);
    let failed = json!({"disk": "ok", "writes": "ok", "store": "ok", "migrations": "failed", "serving": "ok"});
    assert_eq!(said["checks"], failed);
    // A restart would not mend it.
    assert_eq!(ask(&server, "/healthz").await.0, 200);
    database
        .execute_batch("DELETE FROM refinery_schema_history WHERE name = 'of_tomorrow'")
        .unwrap();
    assert_eq!(ask(&server, "/readyz").await.0, 200);
}

#[tokio::test]
async fn a_database_file_that_was_moved_away_or_replaced_is_not_written_on() {
    for is_replaced in [false, true] {
        let syncline = Syncline::new();
        syncline.tenant("contoso");
        let file = syncline.data().join("syncline.db");
        let aside = syncline.data().join("aside.db");
        let server = syncline.serve(&["--no-scheduler"]);
        assert_eq!(ask(&server, "/readyz").await.0, 200);
        std::fs::rename(&file, &aside).unwrap();
        if is_replaced {
            std::fs::copy(&aside, &file).unwrap();
        }
        let create = ["tenant", "create", "--domain", "new.example"];
        let message = syncline.fails(&[&create[..], &["--display-name", "New"]].concat());
        assert!(
            message.contains("the name of the database"),
            "{is_replaced}: {message}"
        );
        let (status, said) = ask(&server, "/readyz").await;
        assert_eq!(status, 503);
        assert_eq!(said["checks"]["writes"], "read-only", "{said}");
        assert_eq!(said["checks"]["store"], "failed", "{said}");
        assert_eq!(server.stop(), Some(0));
        // What was there is whole.
        std::fs::rename(&aside, &file).unwrap();
        assert_eq!(syncline.json(&["doctor"])["healthy"], true);
    }
}

/// Where the server of a URL `postgres://USER@HOST:PORT/…` is, and the same URL with another place.
fn another_way(url: &str, way: impl FnOnce(&str) -> String) -> Option<String> {
    let (user, rest) = url.split_once('@')?;
    let (server, rest) = rest.split_once('/')?;
    server
        .contains(':')
        .then(|| format!("{user}@{}/{rest}", way(server)))
}

#[tokio::test]
async fn a_database_that_is_gone_and_comes_back_is_told_and_needs_no_restart() {
    let syncline = Syncline::new();
    let mut way = None;
    let database = syncline_testkit::postgres_url(&syncline.data().join("away"));
    let url = database.and_then(|url| {
        another_way(&url, |server| {
            let opened = Way::to(server);
            let address = opened.address().to_string();
            way = Some(opened);
            address
        })
    });
    let (Some(url), Some(way)) = (url, way) else {
        eprintln!("not run: it needs SYNCLINE_TEST_DATABASE with a host and a port");
        return;
    };
    let server = syncline.serve_with(&["--no-scheduler"], &[("SYNCLINE_DATABASE", &url)]);
    assert_eq!(ask(&server, "/readyz").await.0, 200);

    way.cut();
    let said = wait_for(&server, 503).await;
    let failed = json!({"disk": "ok", "writes": "ok", "store": "failed", "migrations": "failed", "serving": "ok"});
    assert_eq!(said["checks"], failed);
    assert_eq!(ask(&server, "/healthz").await.0, 200);
    let url = format!("{}/metrics", server.origin);
    let figures = server.client().get(url).send().await.unwrap();
    assert_eq!(figures.status(), 200);
    let figures = figures.text().await.unwrap();
    for (line, is_there) in [
        ("\nsyncline_ready{check=\"store\"} 0\n", true),
        ("\nprocess_start_time_seconds ", true),
        ("\nsyncline_jobs", false),
    ] {
        assert_eq!(figures.contains(line), is_there, "{line}{figures}");
    }

    way.mend();
    let said = wait_for(&server, 200).await;
    assert_eq!(said["status"], "ready");
    assert_eq!(server.stop(), Some(0));
}

/// A server that takes no writes any more refuses each of these.
const READ_ONLY: &str = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'cannot execute INSERT in a read-only transaction' USING ERRCODE = '25006'; END $$; CREATE TRIGGER refuse BEFORE INSERT ON document EXECUTE FUNCTION refuse(); CREATE TRIGGER refuse BEFORE INSERT ON object EXECUTE FUNCTION refuse()";

#[tokio::test]
async fn a_database_server_that_takes_no_writes_is_told_until_it_does() {
    let syncline = Syncline::new();
    let database = syncline.data().join("standby");
    let Some(url) = syncline_testkit::postgres_url(&database) else {
        eprintln!("not run: it needs SYNCLINE_TEST_DATABASE");
        return;
    };
    let create = ["tenant", "create", "--domain", "contoso.example"];
    let shown = ["--display-name", "Contoso", "--output", "json"];
    let mut command = syncline.command(&[&create[..], &shown].concat());
    let created = command.env("SYNCLINE_DATABASE", &url).output().unwrap();
    let tenant: Value = serde_json::from_slice(&created.stdout).unwrap();
    let variables = [("SYNCLINE_DATABASE", url.as_str())];
    let server = syncline.serve_logging_with("info", &["--no-scheduler"], &variables);
    let token = crate::support::token(&server, &tenant).await;
    let write = async || {
        let group = json!({
            "displayName": "Sales", "mailNickname": "sales",
            "mailEnabled": false, "securityEnabled": true,
        });
        let request = server
            .client()
            .post(format!("{}/v1.0/groups", server.origin))
            .bearer_auth(&token)
            .json(&group);
        let answer = request.send().await.unwrap();
        let again = answer.headers().get("retry-after").cloned();
        (answer.status().as_u16(), again)
    };
    syncline_testkit::execute(&database, READ_ONLY);
    assert_eq!(write().await, (503, Some("30".parse().unwrap())));
    let said = wait_for(&server, 503).await;
    assert_eq!(
        said["checks"],
        json!({"disk": "ok", "writes": "read-only", "store": "ok", "migrations": "ok", "serving": "ok"})
    );
    assert_eq!(ask(&server, "/healthz").await.0, 200);
    assert_eq!(write().await.0, 503);
    let log = server.log();
    let told = log.matches("the database takes no writes").count();
    assert!(told == 1 && log.contains("(25006)"), "{log}");
    let taken = "DROP TRIGGER refuse ON document; DROP TRIGGER refuse ON object";
    syncline_testkit::execute(&database, taken);
    wait_for(&server, 200).await;
    assert_eq!(write().await.0, 201);
    assert_eq!(server.stop(), Some(0));
}

/// Its sessions are cut, and whoever only reads finds it out.
#[tokio::test]
async fn a_database_server_that_has_become_a_standby_is_told_until_it_takes_writes() {
    let syncline = Syncline::new();
    let database = syncline.data().join("demoted");
    let Some(url) = syncline_testkit::postgres_url(&database) else {
        eprintln!("not run: it needs SYNCLINE_TEST_DATABASE");
        return;
    };
    let create = ["tenant", "create", "--domain", "contoso.example"];
    let mut command = syncline.command(&[&create[..], &["--display-name", "Contoso"]].concat());
    let created = command.env("SYNCLINE_DATABASE", &url).output().unwrap();
    assert!(created.status.success());
    let role = syncline_testkit::Role::of(&database).unwrap();
    let variables = [("SYNCLINE_DATABASE", role.url())];
    let server = syncline.serve_logging_with("info", &["--no-scheduler"], &variables);
    assert_eq!(ask(&server, "/readyz").await.0, 200);
    role.only_reads();
    for _ in 0..2 {
        let (status, said) = ask(&server, "/readyz").await;
        let refused = json!({"disk": "ok", "writes": "read-only", "store": "failed", "migrations": "failed", "serving": "ok"});
        assert_eq!((status, &said["checks"]), (503, &refused));
    }
    let log = server.log();
    let told = log.matches("the database takes no writes").count();
    assert!(told == 1 && log.contains("(25006)"), "{log}");
    assert!(!log.contains("the store does not answer"), "{log}");
    role.writes();
    wait_for(&server, 200).await;
    assert_eq!(server.stop(), Some(0));
}

#[tokio::test]
async fn a_stop_is_told_to_load_balancers_before_connections_are_refused() {
    let syncline = Syncline::new();
    let tenant = syncline.tenant("contoso");
    // Longer than any test: only the second signal ends it.
    let server = syncline.serve(&["--shutdown-delay", "86400"]);
    assert_eq!(ask(&server, "/readyz").await.0, 200);
    server.signal();
    let said = loop {
        let (status, said) = ask(&server, "/readyz").await;
        if status == 503 {
            break said;
        }
    };
    assert_eq!(said["status"], "not ready");
    assert_eq!(
        said["checks"],
        json!({"disk": "ok", "writes": "ok", "store": "ok", "migrations": "ok", "serving": "stopping"})
    );
    // It lives, and new connections still get what they ask for.
    assert_eq!(ask(&server, "/healthz").await.0, 200);
    crate::support::token(&server, &tenant).await;
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn what_an_operator_needs_is_in_the_help() {
    let syncline = Syncline::new();
    let help = crate::support::stdout(&syncline.run(&["serve", "--help"]));
    for flag in [
        "--metrics-listen",
        "--otlp-endpoint",
        "--shutdown-delay",
        "--log-format",
    ] {
        assert!(help.contains(flag), "{flag} is not in the help:\n{help}");
    }
}
