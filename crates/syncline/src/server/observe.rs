//! Every request: its id, its span, its figures, and one log line. Never its path, query string,
//! headers or bodies: they carry names of people, codes and tokens. The route's template is enough, with who called and the
//! ids of the objects that it was about.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use opentelemetry::trace::TraceContextExt as _;
use syncline_graph_api::{ItemsAnswered, ObjectsNamed, RouteTaken};
use syncline_identity::TokenRequested;
use syncline_model::{Ids, RequestId};
use tracing::field::{self, Empty};
use tracing::{Instrument as _, Span, record_all};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use uuid::Uuid;

use crate::app::App;
use crate::metrics::{Answered, METHODS, Metrics};
use crate::seam::Stopwatch;

const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
/// Where no route fits: what strangers try is not counted by name.
const NO_ROUTE: &str = "(none)";
/// Asked every few seconds by machines.
const QUIET: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// What the observer needs.
#[derive(Clone)]
pub struct Observer {
    metrics: Arc<Metrics>,
    ids: Arc<dyn Ids>,
}

impl Observer {
    pub fn new(app: &App) -> Self {
        Self {
            metrics: Arc::clone(&app.metrics),
            ids: Arc::clone(&app.ids),
        }
    }
}

pub async fn observe(
    State(observer): State<Observer>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = RequestId(observer.ids.random_uuid());
    request.extensions_mut().insert(id);
    let mut seen = Seen::new(observer.metrics, &request);
    let span = span(id, seen.method, &request);
    let mut response = next.run(request).instrument(span.clone()).await;
    seen.answered(&span, &response);
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().entry(REQUEST_ID).or_insert(value);
    }
    response.map(|body| {
        let mut measured = Measured {
            body,
            sent: 0,
            told: false,
            seen,
        };
        measured.tell_at_end();
        Body::new(measured)
    })
}

fn span(id: RequestId, method: &'static str, request: &Request) -> Span {
    let span = tracing::info_span!(
        target: "syncline::http",
        "http",
        otel.kind = "server",
        otel.status_code = Empty,
        request_id = %id,
        client_request_id = Empty,
        method,
        route = Empty,
        tenant = Empty,
        app_id = Empty,
        principal = Empty,
        uti = Empty,
        objects = Empty,
        status = Empty,
        took_ms = Empty,
    );
    // Only what is an id: anything else in this header is a text of a stranger's choice.
    let named = request
        .headers()
        .get("client-request-id")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| Uuid::try_parse(text).ok());
    if let Some(named) = named {
        span.record("client_request_id", tracing::field::display(named));
    }
    span
}

/// A request from its head to its answer. Dropped without an answer, it was given up.
struct Seen {
    metrics: Arc<Metrics>,
    method: &'static str,
    route: String,
    began: Stopwatch,
    answered: bool,
}

impl Seen {
    fn new(metrics: Arc<Metrics>, request: &Request) -> Self {
        metrics.http.begins();
        let sent = request.method().as_str();
        Self {
            metrics,
            method: METHODS
                .into_iter()
                .find(|known| *known == sent)
                .unwrap_or("other"),
            route: request
                .extensions()
                .get::<MatchedPath>()
                .map_or(NO_ROUTE, MatchedPath::as_str)
                .to_owned(),
            began: Stopwatch::start(),
            answered: false,
        }
    }

    fn answered(&mut self, span: &Span, response: &Response) {
        if let Some(RouteTaken(pattern)) = response.extensions().get() {
            (*pattern).clone_into(&mut self.route);
        }
        if let Some(request) = response.extensions().get::<TokenRequested>() {
            self.metrics.tokens.count(request);
        }
        if let Some(ItemsAnswered(items)) = response.extensions().get() {
            for item in items {
                let route = item.route.unwrap_or(NO_ROUTE);
                self.metrics.http.item(item.method, route, item.status);
            }
        }
        let status = response.status();
        self.count(Some(status.as_u16()));
        let took_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        // A trace is called after its route, which is known only now.
        span.context()
            .span()
            .update_name(format!("{} {}", self.method, self.route));
        let objects = response.extensions().get::<ObjectsNamed>();
        // Together: a line of JSON is put together anew each time.
        record_all!(
            span,
            route = self.route.as_str(),
            objects = objects.map(field::display),
            status = status.as_u16(),
            took_ms = took_ms
        );
        let _entered = span.enter();
        if status.is_server_error() {
            span.record("otel.status_code", "ERROR");
            tracing::error!(target: "syncline::http", "answered");
        } else if QUIET.contains(&self.route.as_str()) {
            tracing::debug!(target: "syncline::http", "answered");
        } else {
            tracing::info!(target: "syncline::http", "answered");
        }
    }

    fn count(&mut self, status: Option<u16>) {
        self.answered = true;
        self.metrics.http.ended(Answered {
            method: self.method,
            route: self.route.clone(),
            status,
            took: self.began.elapsed(),
        });
    }
}

impl Drop for Seen {
    fn drop(&mut self) {
        if !self.answered {
            self.count(None);
        }
    }
}

/// An answer's body that counts what was sent of it.
struct Measured {
    body: Body,
    sent: u64,
    told: bool,
    seen: Seen,
}

impl Measured {
    /// Counted before the last bytes leave: whoever has read them and asks finds them counted.
    fn tell_at_end(&mut self) {
        if self.body.is_end_stream() {
            self.tell();
        }
    }

    fn tell(&mut self) {
        if !self.told {
            self.told = true;
            let route = std::mem::take(&mut self.seen.route);
            self.seen.metrics.http.sent(route, self.sent);
        }
    }
}

impl HttpBody for Measured {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(data) = frame.data_ref()
        {
            self.sent += data.len() as u64;
        }
        self.tell_at_end();
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        // Not read to its end.
        self.tell();
    }
}
