//! `serve`, and commands while it runs.

use std::io::{BufRead as _, BufReader};
use std::os::unix::net::UnixStream;

use serde_json::{Value, json};

use crate::support::{Syncline, signed_in, token};

/// Fabrikam's administrator.
const ADMIN: &str = "admin@fabrikam.example";

#[tokio::test]
async fn commands_work_through_the_running_server() {
    let syncline = Syncline::new();
    let server = syncline.serve(&["--no-scheduler"]);
    let tenant = syncline.tenant("contoso");
    let users = syncline.file(
        "users.csv",
        b"userPrincipalName,displayName\nana@contoso.example,Ana\n",
    );
    let imported = syncline.json(&["import", "--tenant", "contoso.example", &users]);
    assert_eq!(imported["created"], 1);
    let message = syncline.fails(&["import", "--tenant", "nowhere.example", &users]);
    assert!(
        message.contains("there is no tenant") && message.contains("help: "),
        "{message}"
    );

    let token = token(&server, &tenant).await;
    let url = format!("{}/v1.0/users/ana@contoso.example", server.origin);
    let user: Value = server
        .client()
        .get(url)
        .bearer_auth(&token)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(user["displayName"], "Ana");

    assert_eq!(server.stop(), Some(0));
    assert_eq!(syncline.json(&["tenant", "list"])["tenants"][0]["users"], 1);
    assert!(!syncline.data().join("control.sock").exists());
}

/// HTTP/2 asks the client to confirm the end; this one is not reading, as a script between two
/// calls, and must not hold up the stop until its time of grace is over, which the server tells.
#[test]
fn a_silent_connection_does_not_hold_up_the_stop() {
    let syncline = Syncline::new();
    let server = syncline.serve_logging("warn", &[]);
    let reader = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let client = server.client();
    let url = format!("{}/v1.0/users", server.origin);
    let answer = reader.block_on(client.get(url).send()).unwrap();
    assert_eq!(answer.version(), reqwest::Version::HTTP_2);
    let (code, log) = server.stop_and_tell();
    assert_eq!(code, Some(0));
    assert!(!log.contains("did not end in time"), "{log}");
    drop((client, reader));
}

#[tokio::test]
async fn the_public_url_is_what_clients_are_told_whatever_they_asked_for() {
    let syncline = Syncline::new();
    let tenant = syncline.tenant("contoso");
    let server = syncline.serve(&[
        "--tls",
        "off",
        "--public-url",
        "https://graph.contoso.example/",
    ]);
    assert!(
        server.origin.starts_with("http://127.0.0.1:"),
        "{}",
        server.origin
    );
    let url = format!(
        "{}/{}/v2.0/.well-known/openid-configuration",
        server.origin,
        tenant["tenantId"].as_str().unwrap()
    );
    let request = server
        .client_without_tls()
        .get(url)
        .header("host", "evil.example");
    let document: Value = request.send().await.unwrap().json().await.unwrap();
    let endpoint = document["token_endpoint"].as_str().unwrap();
    assert!(
        endpoint.starts_with("https://graph.contoso.example/"),
        "{endpoint}"
    );
}

#[test]
fn the_certificate_authority_is_made_once() {
    let syncline = Syncline::new();
    let first = syncline.serve(&[]);
    let before = std::fs::read(first.ca()).unwrap();
    assert_eq!(first.stop(), Some(0));
    let second = syncline.serve(&[]);
    assert_eq!(std::fs::read(second.ca()).unwrap(), before);
    let checks = syncline.json(&["doctor"]);
    let names: Vec<&str> = checks["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|it| it["name"].as_str())
        .collect();
    assert!(names.contains(&"certificate"), "{checks}");
}

#[test]
fn a_second_server_on_the_same_directory_names_the_first() {
    let syncline = Syncline::new();
    let server = syncline.serve(&[]);
    let message = syncline.fails(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(message.contains(&server.origin), "{message}");
}

#[test]
fn a_server_that_was_killed_leaves_nothing_in_the_way() {
    let syncline = Syncline::new();
    drop(syncline.serve(&[]));
    syncline.tenant("contoso");
    assert_eq!(syncline.serve(&[]).stop(), Some(0));
}

#[tokio::test]
async fn a_job_that_was_never_started_does_not_run_and_says_how_to_start_it() {
    let syncline = Syncline::new();
    let tenant = syncline.tenant("contoso");
    let server = syncline.serve(&["--no-scheduler"]);
    let token = token(&server, &tenant).await;
    let client = server.client();
    let post = async |path: &str, body: Value| -> Value {
        let request = client
            .post(format!("{}/v1.0/{path}", server.origin))
            .bearer_auth(&token);
        let request = request
            .header("content-type", "application/json")
            .body(body.to_string());
        request.send().await.unwrap().json().await.unwrap()
    };
    let made = post(
        "applicationTemplates/518e5f48-1fc8-4c48-9387-9fdf28b0dfe7/instantiate",
        json!({ "displayName": "Fabrikam" }),
    )
    .await;
    let principal = made["servicePrincipal"]["id"].as_str().unwrap();
    let job = post(
        &format!("servicePrincipals/{principal}/synchronization/jobs"),
        json!({ "templateId": "Azure2Azure" }),
    )
    .await;
    let job = job["id"].as_str().unwrap();

    let message = syncline.fails(&["jobs", "run", "--job", job, "--wait"]);
    assert!(message.contains("was never started"), "{message}");
    assert!(
        message.contains(&format!("help: start it: syncline jobs start --job {job}")),
        "{message}"
    );
    // Without secrets it has nowhere to go: the cycle fails, and so does the command.
    syncline.json(&["jobs", "start", "--job", job]);
    let output = syncline.run(&["jobs", "run", "--job", job, "--wait", "--output", "json"]);
    assert_eq!(output.status.code(), Some(1));
}

#[tokio::test]
async fn the_status_page_asks_for_a_sign_in_and_shows_only_the_own_tenant() {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    let admin = syncline.json(&[
        "tenant",
        "create",
        "--domain",
        "fabrikam.example",
        "--display-name",
        "Fabrikam",
        "--admin",
        "admin@fabrikam.example",
    ]);
    let server = syncline.serve(&["--no-scheduler"]);
    let client = server.client();
    let before = client
        .get(format!("{}/", server.origin))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        before.contains("Password") && !before.contains("Fabrikam"),
        "{before}"
    );

    let sign_in = async |password: &str| {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("user", "admin@fabrikam.example")
            .append_pair("password", password)
            .finish();
        let request = client.post(format!("{}/sign-in", server.origin));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request
            .header("origin", &server.origin)
            .body(form)
            .send()
            .await
            .unwrap()
    };
    let refused = sign_in("wrong").await;
    assert_eq!(refused.status(), 401);
    assert!(refused.headers().get("set-cookie").is_none());

    let cookie = signed_in(&server, ADMIN, admin["admin"]["password"].as_str().unwrap()).await;
    for mark in ["HttpOnly", "Secure", "SameSite=Strict"] {
        assert!(cookie.contains(mark), "{cookie}");
    }
    let session = cookie.split(';').next().unwrap();
    let request = client
        .get(format!("{}/", server.origin))
        .header("cookie", session);
    let page = request.send().await.unwrap().text().await.unwrap();
    assert!(
        page.contains("Fabrikam") && !page.contains("Contoso"),
        "{page}"
    );
}

#[tokio::test]
async fn a_public_url_may_be_typed_otherwise_than_browsers_spell_it() {
    let syncline = Syncline::new();
    let tenant = syncline.json(&[
        "tenant",
        "create",
        "--domain",
        "fabrikam.example",
        "--display-name",
        "Fabrikam",
        "--admin",
        ADMIN,
    ]);
    let typed = ["--tls", "off", "--public-url", "HTTPS://Sync.Example:443/"];
    let server = syncline.serve(&typed);
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("user", ADMIN)
        .append_pair("password", tenant["admin"]["password"].as_str().unwrap())
        .finish();
    let client = server.client_without_tls();
    let sign_in = async |origin: &str| {
        let request = client.post(format!("{}/sign-in", server.origin));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let request = request.header("origin", origin).body(form.clone());
        request.send().await.unwrap()
    };
    // The page of this very server under another name.
    let refused = sign_in("https://other.example").await;
    assert_eq!(refused.status(), 403);
    let page = refused.text().await.unwrap();
    assert!(
        page.contains("Open https://sync.example/ and sign in there."),
        "{page}"
    );
    let answer = sign_in("https://sync.example").await;
    assert_eq!(answer.status(), 303);
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(
        cookie.starts_with("__Host-") && cookie.contains("; Secure"),
        "{cookie}"
    );
    let log = server.log();
    assert!(
        log.contains("clients reach it at https://sync.example\n"),
        "{log}"
    );
}

#[tokio::test]
async fn the_status_page_ends_with_the_users_sessions_and_with_his_password() {
    let syncline = Syncline::new();
    let tenant = syncline.json(&[
        "tenant",
        "create",
        "--domain",
        "fabrikam.example",
        "--display-name",
        "Fabrikam",
        "--admin",
        "admin@fabrikam.example",
    ]);
    let server = syncline.serve(&["--no-scheduler"]);
    let client = server.client();
    let token = token(&server, &tenant).await;
    let user = format!("{}/v1.0/users/admin@fabrikam.example", server.origin);
    let password = tenant["admin"]["password"].as_str().unwrap();
    let revoke = client.post(format!("{user}/revokeSignInSessions"));
    let body = json!({"passwordProfile": {"password": "xWwvJ]6NMw+bWH-d"}});
    let change = client.patch(&user).json(&body);
    for ending in [revoke, change] {
        let cookie = signed_in(&server, ADMIN, password).await;
        let session = cookie.split(';').next().unwrap();
        let page = async || {
            let request = client.get(format!("{}/", server.origin));
            let answer = request.header("cookie", session).send().await.unwrap();
            answer.text().await.unwrap()
        };
        assert!(page().await.contains("Fabrikam"));
        let answer = ending.bearer_auth(&token).send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
        let after = page().await;
        assert!(
            after.contains("Password") && !after.contains("Fabrikam"),
            "{after}"
        );
    }
}

#[tokio::test]
async fn one_address_does_not_get_any_number_of_device_codes() {
    let syncline = Syncline::new();
    let server = syncline.serve(&["--no-scheduler", "--max-device-codes-per-address", "2"]);
    let ask = async || {
        let url = format!("{}/common/oauth2/v2.0/devicecode", server.origin);
        let form = "client_id=14d82eec-204b-4c2f-b7e8-296a70dab67e&scope=User.Read";
        let request = server.client().post(url).body(form);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.send().await.unwrap()
    };
    // Each on a connection of its own.
    assert_eq!(ask().await.status(), 200);
    assert_eq!(ask().await.status(), 200);
    let refused = ask().await;
    assert_eq!(refused.status(), 429);
    assert!(refused.headers().contains_key("retry-after"));
    let body: serde_json::Value = refused.json().await.unwrap();
    assert_eq!(body["error"], "slow_down");
}

#[tokio::test]
async fn one_address_does_not_sign_in_as_often_at_once_as_it_likes() {
    let syncline = Syncline::new();
    let server = syncline.serve(&["--no-scheduler", "--max-sign-ins-per-address", "1"]);
    // A sign-in counts its attempt before anything else: who came first stands here.
    let database = rusqlite::Connection::open(syncline.data().join("syncline.db")).unwrap();
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (answered, mut answers) = tokio::sync::mpsc::channel(2);
    for _ in 0..2 {
        let request = server
            .client()
            .post(format!("{}/sign-in", server.origin))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", &server.origin)
            .body("user=ann@contoso.example&password=wrong");
        let answered = answered.clone();
        tokio::spawn(async move {
            answered.send(request.send().await.unwrap()).await.unwrap();
        });
    }
    let refused = answers.recv().await.unwrap();
    assert_eq!(refused.status(), 429);
    assert!(refused.headers().contains_key("retry-after"));
    database.execute_batch("ROLLBACK").unwrap();
    assert_eq!(answers.recv().await.unwrap().status(), 401);
}

#[tokio::test]
async fn whoever_speaks_plain_http_is_told_and_browsers_find_no_icon() {
    let syncline = Syncline::new();
    let server = syncline.serve(&["--no-scheduler"]);
    let plain = server.origin.replace("https://", "http://");
    let request = server
        .client_without_tls()
        .post(format!("{plain}/v1.0/users"));
    let answer = request.body("{}").send().await.unwrap();
    assert_eq!(answer.status(), 400);
    assert!(answer.text().await.unwrap().contains("speaks HTTPS"));

    let icon = server
        .client()
        .get(format!("{}/favicon.ico", server.origin));
    assert_eq!(icon.send().await.unwrap().status(), 204);
    let explained = server
        .client()
        .get(format!("{}/error?code=7000215", server.origin));
    assert_eq!(explained.send().await.unwrap().status(), 200);
}

#[test]
fn a_server_that_can_not_listen_makes_no_data_directory() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let syncline = Syncline::new();
    let message = syncline.fails(&["serve", "--listen", &address]);
    assert!(
        message.contains(&format!("cannot listen on {address}")),
        "{message}"
    );
    let url = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--public-url",
        "contoso",
    ];
    assert!(syncline.fails(&url).contains("is not a public URL"));
    assert!(!syncline.data().exists());
    // Whoever has both the address and the directory is named.
    let server = syncline.serve(&[]);
    let message = syncline.fails(&["serve", "--listen", &address]);
    assert!(message.contains(&server.origin), "{message}");
}

#[test]
fn a_command_hears_at_once_that_somebody_is_there() {
    let syncline = Syncline::new();
    let _server = syncline.serve(&["--no-scheduler"]);
    let socket = UnixStream::connect(syncline.data().join("control.sock")).unwrap();
    // Far more than it takes: a test that waits for what never comes ends.
    let most = std::time::Duration::from_secs(100);
    socket.set_read_timeout(Some(most)).unwrap();
    // Before it has said what it wants.
    let mut line = String::new();
    BufReader::new(socket).read_line(&mut line).unwrap();
    let first: Value = serde_json::from_str(&line).unwrap();
    assert!(first["progress"].is_object(), "{line}");
}
