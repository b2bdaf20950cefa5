//! `/healthz` and `/readyz`, and the order in which a server ends.

use serde_json::{Value, json};

use crate::support::{Server, Syncline};

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
        "checks": {"store": "ok", "migrations": "ok", "serving": "ok"},
    });
    assert_eq!(ask(&server, "/readyz").await, (200, ready));
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
        json!({"store": "ok", "migrations": "ok", "serving": "stopping"})
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
