//! Traces to an OpenTelemetry collector: OTLP over HTTP in protobuf, with the HTTP client and the
//! TLS provider that the rest of the program uses.

use std::fmt::Display;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry::{Key, Value};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;

use crate::failure::Failure;

/// A collector that needs longer is taken for absent.
pub const PATIENCE: Duration = Duration::from_secs(5);

const TRACES: &str = "/v1/traces";

/// Spans go to `{endpoint}/v1/traces` in batches, from a thread of their own. How many are kept and
/// how often they are sent follows OpenTelemetry's `OTEL_BSP_*` and `OTEL_TRACES_SAMPLER` variables.
pub fn provider(endpoint: &str) -> Result<SdkTracerProvider, Failure> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(traces_url(endpoint)?)
        .with_timeout(PATIENCE)
        .with_http_client(Client::new()?)
        .build()
        .map_err(|error| unusable(&error))?;
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource())
        .build())
}

/// Who we are: `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` go before our own name.
fn resource() -> Resource {
    let found = Resource::builder().build();
    let named = found
        .get(&Key::from_static_str("service.name"))
        .is_some_and(|name| !name.as_str().starts_with("unknown_service"));
    let mut resource = Resource::builder().with_attribute(opentelemetry::KeyValue::new(
        "service.version",
        Value::from(env!("CARGO_PKG_VERSION")),
    ));
    if !named {
        resource = resource.with_service_name("syncline");
    }
    resource.build()
}

/// As OpenTelemetry has it: the endpoint is a base, the signal's path comes behind it.
fn traces_url(endpoint: &str) -> Result<String, Failure> {
    let base = endpoint.trim().trim_end_matches('/');
    // What is refused may hold a key anywhere: the failure says what is wrong, and quotes nothing.
    let uri: http::Uri = base.parse().map_err(|_| refused("it is not a URL"))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err(refused("it begins with neither `http://` nor `https://`"));
    }
    if uri.query().is_some() {
        return Err(refused("it has a query, which begins with `?`"));
    }
    if base.ends_with(TRACES) {
        Ok(base.to_owned())
    } else {
        Ok(format!("{base}{TRACES}"))
    }
}

fn refused(why: &str) -> Failure {
    Failure::new(format!(
        "the address of the trace collector can not be used: {why}"
    ))
    .with_help("give its OTLP/HTTP address, for example http://localhost:4318")
}

fn unusable(error: &dyn Display) -> Failure {
    Failure::new(format!("cannot send traces: {error}"))
}

/// An HTTP client on a thread of its own: the exporter's thread waits without a runtime, and a busy
/// server must not hold up what is said about it.
#[derive(Debug)]
struct Client {
    runtime: tokio::runtime::Runtime,
    http: reqwest::Client,
    /// The last attempt failed, and that was said.
    lost: AtomicBool,
}

impl Client {
    fn new() -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("syncline-otlp")
            .enable_all()
            .build()
            .map_err(|error| unusable(&error))?;
        // Installed already means the same.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            // A collector that redirects would get our spans sent to somebody else.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| unusable(&error))?;
        Ok(Self {
            runtime,
            http,
            lost: AtomicBool::new(false),
        })
    }

    /// Says once that the collector is gone, and once that it is back.
    fn tell(&self, failure: Option<&dyn Display>) {
        let lost = failure.is_some();
        if self.lost.swap(lost, Ordering::SeqCst) == lost {
            return;
        }
        match failure {
            Some(error) => {
                tracing::warn!(%error, "the trace collector does not take our traces; they are dropped");
            }
            None => tracing::info!("the trace collector takes our traces again"),
        }
    }
}

#[async_trait::async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sending = send(self.http.clone(), request);
        let answered = self.runtime.spawn(sending).await.map_err(HttpError::from);
        let answered = answered.and_then(|it| it);
        match &answered {
            Err(error) => self.tell(Some(error)),
            Ok(answer) if !answer.status().is_success() => self.tell(Some(&answer.status())),
            Ok(_) => self.tell(None),
        }
        answered
    }
}

async fn send(
    client: reqwest::Client,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, HttpError> {
    // An endpoint may hold a key: what is said about a failure does not name it.
    let sent = client.execute(request.try_into()?).await;
    let answer = sent.map_err(reqwest::Error::without_url)?;
    let status = answer.status();
    let body = answer.bytes().await.map_err(reqwest::Error::without_url)?;
    let mut response = Response::new(body);
    *response.status_mut() = status;
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_is_a_base_as_opentelemetry_has_it() {
        for base in [
            "http://localhost:4318",
            "http://localhost:4318/",
            " http://localhost:4318/v1/traces",
        ] {
            assert_eq!(traces_url(base).unwrap(), "http://localhost:4318/v1/traces");
        }
        assert_eq!(
            traces_url("https://collector.example/otlp").unwrap(),
            "https://collector.example/otlp/v1/traces"
        );
        for bad in [
            "localhost:4318",
            "grpc://localhost:4317",
            "http://a/?x=1",
            "",
        ] {
            assert!(traces_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_key_in_a_refused_endpoint_is_not_told() {
        for bad in [
            "https://collector.example/?api-key=SECRET",
            "https://user:SECRET@collector.example/?x=1",
            "grpc://collector.example/SECRET",
            "SECRET",
            "https://collector.example/SECRET with a space",
        ] {
            let failure = traces_url(bad).unwrap_err();
            assert!(!format!("{failure:?}").contains("SECRET"), "{bad}");
        }
    }
}
