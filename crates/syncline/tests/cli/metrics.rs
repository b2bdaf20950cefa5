//! `/metrics` as Prometheus reads it: exact values, bounded labels, and who may read.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Server, Syncline, token};

/// `name{labels}` → value.
struct Figures(BTreeMap<String, f64>);

impl Figures {
    async fn of(server: &Server) -> Self {
        let answer = server
            .client()
            .get(format!("{}/metrics", server.origin))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        let kind = answer.headers()["content-type"].to_str().unwrap();
        assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
        Self::parse(&answer.text().await.unwrap())
    }

    fn parse(text: &str) -> Self {
        assert!(text.ends_with("# EOF\n"), "{text}");
        Self(
            text.lines()
                .filter(|line| !line.starts_with('#'))
                .map(|line| {
                    let (name, value) = line.rsplit_once(' ').unwrap();
                    (name.to_owned(), value.parse().unwrap())
                })
                .collect(),
        )
    }

    #[track_caller]
    fn value(&self, name: &str) -> f64 {
        *self
            .0
            .get(name)
            .unwrap_or_else(|| panic!("no {name} in {:#?}", self.0.keys()))
    }
}

async fn status(server: &Server, path: &str, bearer: Option<&str>) -> u16 {
    let mut request = server.client().get(format!("{}{path}", server.origin));
    if let Some(token) = bearer {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    // Until the body is read the answer is not over.
    answer.bytes().await.unwrap();
    status
}

/// By their routes: in the figures of requests a batch is one.
#[tokio::test]
async fn the_parts_of_a_batch_are_counted_beside_it() {
    let syncline = Syncline::new();
    let server = syncline.serve(&["--no-scheduler"]);
    let tenant = syncline.tenant("quetzal");
    let token = token(&server, &tenant).await;
    let batch = serde_json::json!({"requests": [
        {"id": "1", "method": "GET", "url": "/users"},
        {"id": "2", "method": "GET", "url": "/users/nobody@quetzal.example"},
    ]});
    let answer = server
        .client()
        .post(format!("{}/v1.0/$batch", server.origin))
        .bearer_auth(&token)
        .header("content-type", "application/json")
        .body(batch.to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    answer.bytes().await.unwrap();
    let figures = Figures::of(&server).await;
    for labels in [
        r#"batch_items_total{method="GET",route="/users",status="2xx"}"#,
        r#"batch_items_total{method="GET",route="/users/{id}",status="4xx"}"#,
        r#"http_requests_total{method="POST",route="/$batch",status="2xx"}"#,
    ] {
        assert_eq!(
            figures.value(&format!("syncline_{labels}")),
            1.0,
            "{labels}"
        );
    }
}

#[tokio::test]
async fn requests_and_tokens_are_counted_by_template_and_never_by_name() {
    let syncline = Syncline::new();
    let server = syncline.serve(&["--no-scheduler"]);
    let tenant = syncline.tenant("quetzal");
    let token = token(&server, &tenant).await;
    let refused = server
        .client()
        .post(format!(
            "{}/quetzal.example/oauth2/v2.0/token",
            server.origin
        ))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials&client_id=nobody&scope=x%2F.default")
        .send()
        .await
        .unwrap();
    assert!(refused.status().is_client_error());
    for (path, expected) in [
        ("/v1.0/users", 200),
        ("/v1.0/users/ana@quetzal.example", 404),
        ("/beta/users/bo@quetzal.example", 404),
        ("/v1.0/no-such-thing", 400),
        ("/healthz", 200),
    ] {
        assert_eq!(
            status(&server, path, Some(&token)).await,
            expected,
            "{path}"
        );
    }
    assert_eq!(status(&server, "/v1.0/users", None).await, 401);

    let figures = Figures::of(&server).await;
    for (name, value) in [
        (
            r#"http_requests_total{method="GET",route="/users",status="2xx"}"#,
            1.0,
        ),
        (
            r#"http_requests_total{method="GET",route="/users/{id}",status="4xx"}"#,
            2.0,
        ),
        // What has no route, or was not let in far enough to have one.
        (
            r#"http_requests_total{method="GET",route="/v1.0/{*rest}",status="4xx"}"#,
            2.0,
        ),
        (
            r#"http_requests_total{method="POST",route="/{tenant}/oauth2/v2.0/token",status="2xx"}"#,
            1.0,
        ),
        (
            r#"http_requests_total{method="POST",route="/{tenant}/oauth2/v2.0/token",status="4xx"}"#,
            1.0,
        ),
        (
            r#"http_request_duration_seconds_count{method="GET",route="/users/{id}"}"#,
            2.0,
        ),
        // {"status":"ok"} and a line's end.
        (r#"http_response_size_bytes_sum{route="/healthz"}"#, 16.0),
        (r#"http_response_size_bytes_count{route="/healthz"}"#, 1.0),
        // The one that asks.
        ("http_requests_in_flight", 1.0),
        (
            r#"token_requests_total{grant="client_credentials",result="issued"}"#,
            1.0,
        ),
        (
            r#"token_requests_total{grant="client_credentials",result="unauthorized_client"}"#,
            1.0,
        ),
        ("jobs_due", 0.0),
        (r#"build_info{version="0.1.0"}"#, 1.0),
    ] {
        assert_eq!(figures.value(&format!("syncline_{name}")), value, "{name}");
    }
    let everything = format!("{:?}", figures.0.keys());
    for name in [
        "quetzal",
        "ana",
        "bo@",
        tenant["tenantId"].as_str().unwrap(),
    ] {
        assert!(!everything.contains(name), "{name} in {everything}");
    }
    assert!(figures.value("syncline_store_database_size_bytes") > 0.0);
    assert!(figures.value("process_start_time_seconds") > 1.7e9);
}

#[tokio::test]
async fn a_cycle_is_counted_once_and_as_its_report_says() {
    let syncline = Syncline::new();
    let server =
        syncline.spawn(syncline.command(&["demo", "--users", "40", "--listen", "127.0.0.1:0"]));
    let listed = syncline.json(&["jobs", "list"]);
    let job = listed["jobs"][0]["jobId"].as_str().unwrap();
    // He is assigned to nothing.
    let people = syncline.file(
        "more.csv",
        b"userPrincipalName,displayName\nnew@contoso.example,New\n",
    );
    syncline.json(&["import", "--tenant", "contoso.example", &people]);

    let before = Figures::of(&server).await;
    let report = syncline.json(&["jobs", "run", "--job", job, "--wait"]);
    let after = Figures::of(&server).await;
    let grown = |name: &str| after.value(name) - before.0.get(name).copied().unwrap_or(0.0);

    assert_eq!(report["state"], "Succeeded");
    assert_eq!(report["skippedByReason"]["NotEffectivelyEntitled"], 1);
    for action in [
        "created",
        "updated",
        "disabled",
        "deleted",
        "restored",
        "skipped",
        "escrowed",
        "staged",
        "unchanged",
    ] {
        let counted = grown(&format!("syncline_exports_total{{action=\"{action}\"}}"));
        assert_eq!(
            Value::from(counted as u64),
            report["counts"][action],
            "{action}"
        );
    }
    assert_eq!(
        grown(r#"syncline_skipped_total{reason="NotEffectivelyEntitled"}"#),
        1.0
    );
    assert_eq!(
        grown(r#"syncline_cycles_started_total{kind="incremental"}"#),
        1.0
    );
    assert_eq!(
        grown(r#"syncline_cycles_ended_total{kind="incremental",state="Succeeded"}"#),
        1.0
    );
    assert_eq!(
        grown(r#"syncline_cycle_duration_seconds_count{kind="incremental"}"#),
        1.0
    );
    assert!(grown(r#"syncline_page_duration_seconds_count{phase="source"}"#) >= 1.0);
    assert!(grown(r#"syncline_store_transactions_total{kind="write",result="committed"}"#) > 2.0);
    assert_eq!(after.value("syncline_cycles_running"), 0.0);
    assert_eq!(after.value(r#"syncline_jobs{status="Active"}"#), 1.0);
    assert_eq!(
        Value::from(
            after.value(&format!("syncline_job_references_waiting{{job=\"{job}\"}}")) as u64
        ),
        report["counts"]["referencesPending"]
    );
    // The demo's own first cycle made everybody who is in the target.
    let created = after.value(r#"syncline_exports_total{action="created"}"#);
    assert!(created > 0.0);
    assert_eq!(
        before.value(r#"syncline_cycles_ended_total{kind="initial",state="Succeeded"}"#),
        1.0
    );
    assert_eq!(server.stop(), Some(0));
}

#[tokio::test]
async fn figures_are_for_this_machine_alone() {
    let syncline = Syncline::new();
    let server = syncline.serve(&["--no-scheduler", "--tls", "off"]);
    let ask = async |header: &'static str, value: &str| {
        let request = server
            .client_without_tls()
            .get(format!("{}/metrics", server.origin))
            .header(header, value);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(ask("accept", "*/*").await, 200);
    // A proxy on this machine asks for somebody else.
    assert_eq!(ask("x-forwarded-for", "203.0.113.7").await, 403);
    assert_eq!(ask("forwarded", "for=203.0.113.7").await, 403);
    // A page of another site whose name leads here.
    assert_eq!(ask("host", "evil.example").await, 403);
    assert_eq!(ask("host", "localhost:8443").await, 200);
    drop(server);

    // Behind a proxy that says nothing, everybody comes from this machine.
    let server = syncline.serve(&[
        "--no-scheduler",
        "--tls",
        "off",
        "--public-url",
        "https://graph.contoso.example",
    ]);
    let url = format!("{}/metrics", server.origin);
    let answer = server.client_without_tls().get(url).send().await.unwrap();
    assert_eq!(answer.status(), 403);
    assert!(answer.text().await.unwrap().contains("--metrics-listen"));
}

#[tokio::test]
async fn an_address_of_their_own_is_the_only_one_for_figures() {
    let syncline = Syncline::new();
    let server = syncline.serve(&["--no-scheduler", "--metrics-listen", "127.0.0.1:0"]);
    let said = server.log();
    let (_, at) = said.split_once("metrics at ").unwrap();
    let url = at.lines().next().unwrap().trim();
    let client = server.client_without_tls();
    let text = client.get(url).send().await.unwrap().text().await.unwrap();
    let figures = Figures::parse(&text);
    assert_eq!(figures.value("syncline_cycles_running"), 0.0);
    let ready = url.replace("/metrics", "/readyz");
    assert_eq!(client.get(ready).send().await.unwrap().status(), 200);
    // No Graph and no sign-in there.
    let graph = url.replace("/metrics", "/v1.0/users");
    assert_eq!(client.get(graph).send().await.unwrap().status(), 404);
    assert_eq!(status(&server, "/metrics", None).await, 403);
    assert_eq!(server.stop(), Some(0));
}
