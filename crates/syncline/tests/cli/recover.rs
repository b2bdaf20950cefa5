//! `tenant recover`: the way back in after everything was lost.

use reqwest::Method;
use serde_json::{Value, json};

use crate::configuration::installation;
use crate::support::{Server, Syncline, signed_in, stderr, stdout, token, token_answer};

const ADMIN: &str = "admin@fabrikam.example";

fn fabrikam(syncline: &Syncline) -> Value {
    syncline.json(&[
        "tenant",
        "create",
        "--domain",
        "fabrikam.example",
        "--display-name",
        "Fabrikam",
        "--admin",
        ADMIN,
    ])
}

fn recover(syncline: &Syncline, arguments: &[&str]) -> Value {
    let arguments: Vec<&str> = ["tenant", "recover", "fabrikam.example"]
        .iter()
        .chain(arguments)
        .copied()
        .collect();
    syncline.json(&arguments)
}

async fn lets_in(server: &Server, tenant: &Value, application: &Value) -> bool {
    let answer = token_answer(server, tenant, application).await;
    answer["access_token"].is_string()
}

/// One call of Graph that has to succeed.
async fn graph(server: &Server, token: &str, method: Method, path: &str, body: Value) -> Value {
    let request = server
        .client()
        .request(method, format!("{}/v1.0/{path}", server.origin))
        .bearer_auth(token);
    let answer = request.json(&body).send().await.unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    let text = answer.text().await.unwrap();
    serde_json::from_str(&text).unwrap_or_default()
}

#[tokio::test]
async fn another_secret_is_made_and_the_old_one_works_until_it_is_replaced() {
    let syncline = Syncline::new();
    let tenant = fabrikam(&syncline);
    let server = syncline.serve_logging("debug", &["--no-scheduler"]);
    let first = recover(&syncline, &[])["application"].take();
    assert_eq!(first["clientId"], tenant["application"]["clientId"]);
    assert_eq!(first["created"], false);
    let second = recover(&syncline, &[])["application"].take();
    for application in [&tenant["application"], &first, &second] {
        assert!(lets_in(&server, &tenant, application).await);
    }

    let client_id = first["clientId"].as_str().unwrap();
    let last = recover(&syncline, &["--replace", "--app", client_id]);
    assert_eq!(last["application"]["secretsRemoved"], 3);
    assert!(last["admin"].is_null());
    assert!(lets_in(&server, &tenant, &last["application"]).await);
    for application in [&tenant["application"], &first, &second] {
        assert!(!lets_in(&server, &tenant, application).await);
    }

    let log = server.log();
    assert!(log.contains("recovery: a client secret was made"), "{log}");
    for application in [&first, &second, &last["application"]] {
        assert!(!log.contains(application["clientSecret"].as_str().unwrap()));
    }
}

#[tokio::test]
async fn an_administrator_is_let_in_again_whatever_happened_to_him() {
    let syncline = Syncline::new();
    let tenant = fabrikam(&syncline);
    let server = syncline.serve_logging("debug", &["--no-scheduler"]);
    let token = token(&server, &tenant).await;
    let graph = async |method, path: &str, body| graph(&server, &token, method, path, body).await;
    let user = graph(Method::GET, &format!("users/{ADMIN}"), Value::Null).await;
    let id = user["id"].as_str().unwrap();
    let roles = format!("roleManagement/directory/roleAssignments?$filter=principalId eq '{id}'");
    let role = graph(Method::GET, &roles, Value::Null).await["value"][0]["id"].take();
    let role = format!(
        "roleManagement/directory/roleAssignments/{}",
        role.as_str().unwrap()
    );
    graph(Method::DELETE, &role, Value::Null).await;
    let disabled = json!({"accountEnabled": false});
    graph(Method::PATCH, &format!("users/{id}"), disabled).await;

    let mended = recover(&syncline, &["--admin", ADMIN]);
    assert!(mended["application"].is_null());
    assert_eq!(mended["admin"]["created"], false);
    let password = mended["admin"]["password"].as_str().unwrap();
    signed_in(&server, ADMIN, password).await;
    let held = graph(Method::GET, &roles, Value::Null).await;
    assert_eq!(held["value"].as_array().unwrap().len(), 1, "{held}");

    graph(Method::DELETE, &format!("users/{id}"), Value::Null).await;
    let again = recover(&syncline, &["--admin", ADMIN]);
    assert_eq!(again["admin"]["created"], true);
    let password = again["admin"]["password"].as_str().unwrap();
    signed_in(&server, ADMIN, password).await;
    assert!(!server.log().contains(password));
}

#[tokio::test]
async fn a_tenant_that_lost_its_application_gets_another_one() {
    let syncline = Syncline::new();
    let tenant = fabrikam(&syncline);
    let client_id = tenant["application"]["clientId"].as_str().unwrap();
    {
        let server = syncline.serve(&["--no-scheduler"]);
        let token = token(&server, &tenant).await;
        let path = format!("applications(appId='{client_id}')");
        graph(&server, &token, Method::DELETE, &path, Value::Null).await;
    }
    // Without a server, and for people.
    let output = syncline.run(&["tenant", "recover", "fabrikam.example"]);
    let text = stdout(&output);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(text.contains("application    Syncline administration (new)\n"));
    assert!(!text.contains(client_id), "{text}");
    // Nobody lets himself in without a trace.
    let log = stderr(&output);
    assert!(log.contains("recovery: a client secret was made"), "{log}");
    let recovered = recover(&syncline, &[]);
    assert_eq!(recovered["application"]["created"], false);

    let server = syncline.serve(&["--no-scheduler"]);
    let token = token(&server, &recovered).await;
    graph(&server, &token, Method::GET, "users", Value::Null).await;
}

#[test]
fn what_can_not_be_recovered_says_why() {
    let syncline = Syncline::new();
    fabrikam(&syncline);
    let other = syncline.tenant("contoso");
    let foreign = other["application"]["clientId"].as_str().unwrap();
    for (arguments, expected) in [
        (&["nowhere.example"][..], "there is no tenant"),
        (
            &["fabrikam.example", "--app", foreign],
            "has no application with the client id",
        ),
        (&["fabrikam.example", "--app", "7"], "leave --app out"),
        (
            &["fabrikam.example", "--admin", "admin@elsewhere.example"],
            "domain portion",
        ),
    ] {
        let arguments: Vec<&str> = ["tenant", "recover"]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        let message = syncline.fails(&arguments);
        assert!(message.contains(expected), "{arguments:?}: {message}");
    }
    let replaced = [
        "tenant",
        "recover",
        "fabrikam.example",
        "--admin",
        ADMIN,
        "--replace",
    ];
    assert_eq!(syncline.run(&replaced).status.code(), Some(2));
}

#[test]
fn who_came_by_synchronization_does_not_become_an_administrator() {
    let (syncline, job) = installation(1);
    syncline.json(&["jobs", "run", "--job", &job, "--wait"]);
    let arguments = [
        "tenant",
        "recover",
        "fabrikam.example",
        "--admin",
        "p0_contoso.example#EXT#@fabrikam.onmicrosoft.com",
    ];
    let message = syncline.fails(&arguments);
    assert!(message.contains("signs in at home"), "{message}");
}

#[tokio::test]
async fn on_a_shared_database_every_node_lets_in_again() {
    let syncline = Syncline::new();
    let Some(url) = syncline_testkit::postgres_url(&syncline.data().join("recovered")) else {
        return;
    };
    let run = |arguments: &[&str]| {
        let mut command = syncline.command(arguments);
        command.env("SYNCLINE_DATABASE", &url);
        command
    };
    let json = |arguments: &[&str]| -> Value {
        let output = run(arguments).args(["--output", "json"]).output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let tenant = json(&[
        "tenant",
        "create",
        "--domain",
        "fabrikam.example",
        "--display-name",
        "Fabrikam",
    ]);
    let serve = ["serve", "--listen", "127.0.0.1:0", "--no-scheduler"];
    let server = syncline.spawn(run(&serve));
    let recovered = json(&["tenant", "recover", "fabrikam.example", "--replace"]);
    assert!(lets_in(&server, &tenant, &recovered["application"]).await);
    assert!(!lets_in(&server, &tenant, &tenant["application"]).await);
    let admin = json(&["tenant", "recover", "fabrikam.example", "--admin", ADMIN]);
    assert_eq!(admin["admin"]["created"], true);
    let password = admin["admin"]["password"].as_str().unwrap();
    signed_in(&server, ADMIN, password).await;
}
