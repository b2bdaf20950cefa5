//! What a server writes to its log: enough to find a request again, and nothing that is a secret or
//! says who somebody is.

use serde_json::Value;

use crate::support::{Syncline, token};

#[tokio::test]
async fn a_request_is_found_by_its_id_and_nobodys_name_or_secret_is_written_down() {
    let syncline = Syncline::new();
    let tenant = syncline.tenant("quetzal");
    let users = syncline.file(
        "users.csv",
        b"userPrincipalName,displayName\nxochitl@quetzal.example,Xochitl Tlaloc\n",
    );
    syncline.json(&["import", "--tenant", "quetzal.example", &users]);
    // Everything that anything in the process has to say.
    let server = syncline.serve_logging("trace", &["--no-scheduler", "--log-format", "json"]);
    let token = token(&server, &tenant).await;
    let secret = tenant["application"]["clientSecret"].as_str().unwrap();
    let marked = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
    let ask = async |path: &str, named: &str| {
        let request = server
            .client()
            .get(format!("{}{path}", server.origin))
            .header("client-request-id", named)
            .bearer_auth(&token);
        let answer = request.send().await.unwrap();
        let id = answer.headers()["request-id"].to_str().unwrap().to_owned();
        (answer.status().as_u16(), id, answer.text().await.unwrap())
    };
    let (status, found, body) = ask("/v1.0/users/xochitl@quetzal.example", marked).await;
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("Xochitl Tlaloc"));
    // A name where an id belongs.
    ask(
        "/v1.0/users?$filter=displayName%20eq%20'Xochitl%20Tlaloc'",
        "xochitl@quetzal",
    )
    .await;
    let (status, missing, body) = ask("/v1.0/users/xochitl-2@quetzal.example", marked).await;
    assert_eq!(status, 404);
    // The id of the log is the id that the error names.
    let error: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(error["error"]["innerError"]["request-id"], missing.as_str());
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={secret}x&scope=x%2F.default",
        tenant["application"]["clientId"].as_str().unwrap()
    );
    let refused = server
        .client()
        .post(format!(
            "{}/quetzal.example/oauth2/v2.0/token",
            server.origin
        ))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await
        .unwrap();
    let refused_id = refused.headers()["request-id"].to_str().unwrap().to_owned();
    let refusal: Value = refused.json().await.unwrap();
    assert_eq!(refusal["trace_id"], refused_id.as_str());

    let log = server.log();
    for hidden in [
        "ochitl",
        "Tlaloc",
        token.as_str(),
        secret,
        "displayName",
        "Bearer",
    ] {
        assert!(!log.contains(hidden), "`{hidden}` is in the log:\n{log}");
    }
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect();
    let answered = |id: &str| {
        let line = lines.iter().find(|line| {
            line["target"] == "syncline::http" && line["spans"][0]["request_id"] == id
        });
        line.unwrap_or_else(|| panic!("{id} is not in the log:\n{log}"))["spans"][0].clone()
    };
    let span = answered(&found);
    assert_eq!(span["method"], "GET");
    assert_eq!(span["route"], "/users/{id}");
    assert_eq!(span["status"], 200);
    assert_eq!(span["tenant"], tenant["tenantId"]);
    assert_eq!(span["client_request_id"], marked);
    assert!(span["took_ms"].is_u64());
    assert_eq!(answered(&missing)["status"], 404);
    assert_eq!(answered(&refused_id)["tenant"], tenant["tenantId"]);
}

#[tokio::test]
async fn a_line_of_text_names_the_tenant_once() {
    let syncline = Syncline::new();
    let tenant = syncline.tenant("contoso");
    let server = syncline.serve_logging("info", &["--no-scheduler"]);
    let token = token(&server, &tenant).await;
    let request = server
        .client()
        .post(format!("{}/v1.0/groups", server.origin))
        .bearer_auth(&token)
        .json(&serde_json::json!({
            "displayName": "Sales", "mailNickname": "sales",
            "mailEnabled": false, "securityEnabled": true,
        }));
    assert_eq!(request.send().await.unwrap().status(), 201);
    let log = server.log();
    let line = log
        .lines()
        .find(|line| line.contains("method=\"POST\" ") && line.contains("/groups"));
    let line = line.unwrap_or_else(|| panic!("{log}"));
    let named = format!("tenant={}", tenant["tenantId"].as_str().unwrap());
    assert_eq!(line.matches(&named).count(), 1, "{line}");
    assert_eq!(line.matches("status=201").count(), 1, "{line}");
}

/// A text as the bytes of a value are shown.
fn in_numbers(text: &str) -> String {
    let numbers: Vec<String> = text.bytes().map(|it| it.to_string()).collect();
    numbers.join(", ")
}

#[tokio::test]
async fn what_is_stored_on_a_server_is_written_down_nowhere_whatever_is_asked_for() {
    let syncline = Syncline::new();
    let Some(url) = syncline_testkit::postgres_url(&syncline.data().join("logged")) else {
        eprintln!("not run: it needs SYNCLINE_TEST_DATABASE");
        return;
    };
    let database = ("SYNCLINE_DATABASE", url.as_str());
    let create = ["tenant", "create", "--domain", "quetzal.example"];
    let shown = ["--display-name", "Quetzal", "--output", "json"];
    let mut command = syncline.command(&[&create[..], &shown].concat());
    let created = command.env(database.0, database.1).output().unwrap();
    let tenant: Value = serde_json::from_slice(&created.stdout).unwrap();
    // A directive as exact as that goes before all others.
    let filter = "trace,tokio_postgres::query=trace";
    let server = syncline.serve_logging_with(filter, &["--no-scheduler"], &[database]);
    let token = token(&server, &tenant).await;
    let asked = "/v1.0/users?$filter=displayName%20eq%20'Xochitl%20Tlaloc'";
    let request = server
        .client()
        .get(format!("{}{asked}", server.origin))
        .bearer_auth(&token);
    assert_eq!(request.send().await.unwrap().status(), 200);
    let user = server
        .client()
        .post(format!("{}/v1.0/users", server.origin))
        .bearer_auth(&token)
        .json(&serde_json::json!({
            "displayName": "Xochitl Tlaloc", "mailNickname": "xochitl", "accountEnabled": false,
            "userPrincipalName": "xochitl@quetzal.example",
            "passwordProfile": {"password": "Feathered-Serpent-1"},
        }));
    assert_eq!(user.send().await.unwrap().status(), 201);
    let log = server.log();
    assert!(log.contains("answered"), "it says something:\n{log}");
    for hidden in ["ochitl", "Tlaloc", "tlaloc", "quetzal.example"] {
        for hidden in [hidden.to_owned(), in_numbers(hidden)] {
            assert!(!log.contains(&hidden), "`{hidden}` is in the log:\n{log}");
        }
    }
    assert!(!log.contains("with parameters"), "{log}");
}

#[tokio::test]
async fn who_changed_what_is_told_by_ids_alone() {
    let syncline = Syncline::new();
    let tenant = syncline.tenant("quetzal");
    let partner = syncline.tenant("partner");
    let users = "userPrincipalName,displayName\nxochitl@quetzal.example,Xochitl Tlaloc\nxipe@quetzal.example,Xipe Tlaloc\n";
    let users = syncline.file("users.csv", users.as_bytes());
    syncline.json(&["import", "--tenant", "quetzal.example", &users]);
    let server = syncline.serve_logging("info", &["--no-scheduler", "--log-format", "json"]);
    let token = token(&server, &tenant).await;
    let ask = async |method: http::Method, path: &str, body: Option<Value>| {
        let url = format!("{}/v1.0/{path}", server.origin);
        let mut request = server.client().request(method, url).bearer_auth(&token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let id = answer.headers()["request-id"].to_str().unwrap().to_owned();
        let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
        (status, id, text)
    };
    let id_of = async |name: &str| {
        let (_, _, found) = ask(http::Method::GET, &format!("users/{name}"), None).await;
        let found: Value = serde_json::from_str(&found).unwrap();
        found["id"].as_str().unwrap().to_owned()
    };
    let (first, second) = ("xochitl@quetzal.example", "xipe@quetzal.example");
    let (first_id, second_id) = (id_of(first).await, id_of(second).await);
    let partners = "policies/crossTenantAccessPolicy/partners";
    let partner = partner["tenantId"].as_str().unwrap();
    let body = serde_json::json!({"tenantId": partner});
    let (status, _, text) = ask(http::Method::POST, partners, Some(body)).await;
    assert_eq!(status, 201, "{text}");
    let body = serde_json::json!({"automaticUserConsentSettings": {"inboundAllowed": true}});
    let path = format!("{partners}/{partner}");
    let (status, patched, text) = ask(http::Method::PATCH, &path, Some(body)).await;
    assert_eq!(status, 204, "{text}");
    let (status, deleted, text) = ask(http::Method::DELETE, &format!("users/{first}"), None).await;
    assert_eq!(status, 204, "{text}");
    let body = serde_json::json!({"requests": [
        {"id": "1", "method": "DELETE", "url": format!("/users/{second}")},
        {"id": "2", "method": "tlaloc", "url": "/users/Tlaloc"},
    ]});
    let (status, batch, text) = ask(http::Method::POST, "$batch", Some(body)).await;
    assert_eq!(status, 200, "{text}");

    let log = server.log();
    for hidden in ["ochitl", "xipe", "laloc", &token] {
        assert!(!log.contains(hidden), "`{hidden}` is in the log:\n{log}");
    }
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let issued = lines.iter().find(|it| it["uti"].is_string()).unwrap();
    // Of each request its lines, innermost last.
    let spans = |id: &str, depth: usize| {
        let of_request = |line: &&Value| {
            let spans = line["spans"].as_array();
            line["message"] == "answered"
                && spans.is_some_and(|it| it.len() == depth && it[0]["request_id"] == id)
        };
        let line = lines.iter().find(of_request);
        line.unwrap_or_else(|| panic!("{id} is not in the log:\n{log}"))["spans"].clone()
    };
    for (id, method, objects) in [
        (&patched, "PATCH", partner),
        (&deleted, "DELETE", first_id.as_str()),
    ] {
        let span = spans(id, 1)[0].clone();
        assert_eq!(span["method"], method);
        assert_eq!(span["app_id"], tenant["application"]["clientId"]);
        assert_eq!(span["objects"], objects, "{span}");
        assert!(span["principal"].is_string(), "{span}");
        assert_eq!(
            format!("\"{}\"", span["uti"].as_str().unwrap()),
            issued["uti"].as_str().unwrap()
        );
    }
    let both = spans(&batch, 2);
    assert_eq!(both[0]["app_id"], tenant["application"]["clientId"]);
    let item = &both[1];
    assert_eq!(
        (&item["method"], &item["objects"], &item["status"]),
        (&"DELETE".into(), &second_id.into(), &204.into()),
    );
}
