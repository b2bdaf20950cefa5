//! Traces as an OpenTelemetry collector gets them: this one is in the test, on a port of its own.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use http::HeaderMap;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use parking_lot::Mutex;
use prost::Message as _;
use serde_json::json;
use syncline_model::EntityKind;

use crate::configuration;
use crate::support::{Syncline, token};

#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<ExportTraceServiceRequest>>>);

impl Collector {
    /// Its base URL.
    async fn listen(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .route("/v1/traces", post(take))
            .with_state(self.clone());
        tokio::spawn(async move {
            axum::serve(listener, router).await.unwrap();
        });
        format!("http://{address}")
    }

    fn spans(&self) -> Vec<Span> {
        let requests = self.0.lock();
        requests
            .iter()
            .flat_map(|request| &request.resource_spans)
            .flat_map(|resource| &resource.scope_spans)
            .flat_map(|scope| scope.spans.clone())
            .collect()
    }

    fn resource(&self, key: &str) -> String {
        let requests = self.0.lock();
        let resource = requests[0].resource_spans[0].resource.as_ref().unwrap();
        text(&resource.attributes, key)
    }
}

async fn take(State(collector): State<Collector>, headers: HeaderMap, body: Bytes) {
    assert_eq!(headers["content-type"], "application/x-protobuf");
    let request = ExportTraceServiceRequest::decode(body).unwrap();
    collector.0.lock().push(request);
}

fn text(attributes: &[KeyValue], key: &str) -> String {
    let value = attributes
        .iter()
        .find(|it| it.key == key)
        .and_then(|it| it.value.as_ref()?.value.clone());
    match value {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        other => panic!("{key} is {other:?} in {attributes:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_a_span_with_the_id_that_was_answered() {
    let collector = Collector::default();
    let endpoint = collector.listen().await;
    let syncline = Syncline::new();
    let tenant = syncline.tenant("contoso");
    let server = syncline.serve(&["--no-scheduler", "--otlp-endpoint", &endpoint]);
    let token = token(&server, &tenant).await;
    let answer = server
        .client()
        .get(format!(
            "{}/v1.0/users/nobody@contoso.example",
            server.origin
        ))
        .bearer_auth(&token)
        .send()
        .await
        .unwrap();
    let id = answer.headers()["request-id"].to_str().unwrap().to_owned();
    let batch = r#"{"requests": [{"id": "1", "method": "GET", "url": "/users"}]}"#;
    let answer = server
        .client()
        .post(format!("{}/v1.0/$batch", server.origin))
        .header("content-type", "application/json")
        .bearer_auth(&token)
        .body(batch)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    // What is not sent yet is sent at the end.
    assert_eq!(server.stop(), Some(0));

    assert_eq!(collector.resource("service.name"), "syncline");
    let spans = collector.spans();
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    assert!(
        names.contains(&"POST /{tenant}/oauth2/v2.0/token"),
        "{names:?}"
    );
    let asked = spans
        .iter()
        .find(|span| span.name == "GET /users/{id}")
        .unwrap_or_else(|| panic!("{names:?}"));
    assert_eq!(text(&asked.attributes, "request_id"), id);
    assert_eq!(text(&asked.attributes, "status"), "404");
    assert_eq!(
        text(&asked.attributes, "tenant"),
        tenant["tenantId"].as_str().unwrap()
    );
    assert!(asked.end_time_unix_nano > asked.start_time_unix_nano);
    let batch = spans.iter().find(|span| span.name == "POST /$batch");
    let batch = batch.unwrap_or_else(|| panic!("{names:?}"));
    let item = spans.iter().find(|span| span.name == "item").unwrap();
    assert_eq!(item.parent_span_id, batch.span_id);
    assert_ne!(
        text(&item.attributes, "request_id"),
        text(&batch.attributes, "request_id")
    );
    let everything = format!("{spans:?}");
    assert!(!everything.contains("nobody"), "{everything}");
}

/// As of a request by itself: what the client has asked for wrongly is no error of the server.
#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_a_batch_is_an_error_where_the_server_fails() {
    let collector = Collector::default();
    let endpoint = collector.listen().await;
    let syncline = Syncline::new();
    let tenant = syncline.tenant("contoso");
    configuration::import(&syncline, 0..1);
    // Nobody can read whom the tenant has.
    let database = rusqlite::Connection::open(syncline.data().join("syncline.db")).unwrap();
    let kind = EntityKind::User as u8;
    let spoiled = database.execute("UPDATE object SET body = x'ff' WHERE kind = ?1", [kind]);
    assert!(spoiled.unwrap() > 0);
    drop(database);

    let server = syncline.serve(&["--no-scheduler", "--otlp-endpoint", &endpoint]);
    let token = token(&server, &tenant).await;
    let urls = ["/groups", "/users/nobody@contoso.example", "/users"];
    let parts = urls.map(|url| json!({ "id": url, "method": "GET", "url": url }));
    let answer = server
        .client()
        .post(format!("{}/v1.0/$batch", server.origin))
        .bearer_auth(&token)
        .json(&json!({ "requests": parts }))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(server.stop(), Some(0));

    let spans = collector.spans();
    let told = |status: &str| {
        let is_it = |it: &&Span| it.name == "item" && text(&it.attributes, "status") == status;
        let span = spans.iter().find(is_it);
        let span = span.unwrap_or_else(|| panic!("{status}: {spans:?}"));
        span.status
            .as_ref()
            .map_or(StatusCode::Unset, |it| it.code())
    };
    assert_eq!(told("200"), StatusCode::Unset);
    assert_eq!(told("404"), StatusCode::Unset);
    assert_eq!(told("500"), StatusCode::Error);
    let whole = spans.iter().find(|it| it.name == "POST /$batch").unwrap();
    let whole = whole.status.as_ref().map(|it| it.code());
    assert_ne!(whole, Some(StatusCode::Error));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cycle_is_a_span_and_its_pages_are_within() {
    let collector = Collector::default();
    let endpoint = collector.listen().await;
    let syncline = Syncline::new();
    let mut command = syncline.command(&["demo", "--exit", "--users", "40"]);
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap()
        .unwrap();
    assert!(output.status.success());

    let spans = collector.spans();
    let cycles: Vec<&Span> = spans.iter().filter(|span| span.name == "cycle").collect();
    assert_eq!(cycles.len(), 2, "the demo runs two");
    assert_eq!(text(&cycles[0].attributes, "kind"), "initial");
    assert_eq!(text(&cycles[1].attributes, "kind"), "incremental");
    for cycle in cycles {
        assert_eq!(text(&cycle.attributes, "state"), "Succeeded");
        assert!(text(&cycle.attributes, "job").starts_with("Azure2Azure."));
        let pages: Vec<&Span> = spans
            .iter()
            .filter(|span| span.name == "page" && span.parent_span_id == cycle.span_id)
            .collect();
        assert!(!pages.is_empty(), "{cycle:?}");
        for page in pages {
            assert_eq!(page.trace_id, cycle.trace_id);
            assert!(page.end_time_unix_nano <= cycle.end_time_unix_nano);
        }
    }
}

#[test]
fn a_collector_that_is_none_is_refused_and_one_that_is_gone_does_no_harm() {
    let syncline = Syncline::new();
    let message = syncline.fails(&["serve", "--otlp-endpoint", "localhost:4317"]);
    assert!(message.contains("http://localhost:4318"), "{message}");
    // Nobody listens on port 9.
    let server = syncline.serve(&["--no-scheduler", "--otlp-endpoint", "http://127.0.0.1:9"]);
    assert_eq!(server.stop(), Some(0));
}
