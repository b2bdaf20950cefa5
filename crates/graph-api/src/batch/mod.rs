//! JSON batching: each item is a request of its own, answered as if it had come alone.

mod sent;

use std::collections::HashMap;

use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value as Json, json};
use syncline_model::{Problem, ProblemKind, RequestId};
use syncline_odata::path::{Segment, resolve};
use tracing::field::{self, Empty};
use tracing::{Span, record_all};

use crate::dispatch::dispatch_part;
use crate::route::{ItemAnswered, ObjectsNamed, RouteTaken};
use crate::wire::problem::envelope;
use crate::{Call, Reply};

/// What can not stand in a URL and is sent so nevertheless: in a batch it is only a text. A fragment
/// never reaches a server, so `#` is part of a name: `ann#EXT#@contoso.example`.
const NO_URL: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Graph's limit.
const MAX_ITEMS: usize = 20;

/// The answer to one item.
#[derive(Serialize)]
struct Answered<'i> {
    id: &'i str,
    status: u16,
    headers: Json,
    /// The one it took, for those who count.
    #[serde(skip)]
    route: Option<&'static str>,
    /// As it was written: a tree of it would take many times the room.
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Box<RawValue>>,
}

/// One item, checked as far as the batch as a whole depends on it.
struct Item<'t> {
    id: String,
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    /// Read when it is its turn, by whoever knows what should be in it.
    body: Option<&'t RawValue>,
    depends_on: Vec<String>,
}

/// Answers the batch. Items run in the order sent, which is an order that their dependencies allow:
/// an item may only depend on earlier ones.
pub(crate) fn run(call: &Call<'_>) -> Result<Reply, Problem> {
    let items = sent::read(call.json()?)?;
    check_ids(&items)?;
    let mut status: HashMap<&str, u16> = HashMap::new();
    let (mut responses, mut answered) = (Vec::new(), Vec::new());
    let mut bytes = 0;
    for item in &items {
        let failed = item
            .depends_on
            .iter()
            .any(|id| !matches!(status.get(id.as_str()), Some(200..=299)));
        let response = if failed {
            item.refused(call, 424, &failed_dependency())?
        } else {
            item.answer(call, bytes < call.api.throttle.batch_bytes)?
        };
        bytes += response.body.as_ref().map_or(0, |it| it.get().len());
        status.insert(&item.id, response.status);
        answered.push(ItemAnswered {
            method: item.known_method(),
            route: response.route,
            status: response.status,
        });
        responses.push(response);
    }
    call.trace.items.replace(answered);
    let written = to_raw_value(&Responses { responses }).map_err(unwritten)?;
    Ok(Reply::written(StatusCode::OK, written))
}

/// Its line in the log, as a request by itself has one.
fn tell(span: &Span, response: &Response<Vec<u8>>) {
    let (extensions, status) = (response.extensions(), response.status());
    record_all!(
        span,
        route = extensions.get::<RouteTaken>().map(|it| it.0),
        objects = extensions.get::<ObjectsNamed>().map(field::display),
        status = status.as_u16()
    );
    let _entered = span.enter();
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
        tracing::error!(target: "syncline::http", "answered");
    } else {
        tracing::info!(target: "syncline::http", "answered");
    }
}

fn check_ids(items: &[Item<'_>]) -> Result<(), Problem> {
    for (at, item) in items.iter().enumerate() {
        if items[..at].iter().any(|it| it.id == item.id) {
            return Err(malformed(&format!("the id '{}' is there twice", item.id)));
        }
        if let Some(unknown) = item
            .depends_on
            .iter()
            .find(|id| !items[..at].iter().any(|it| it.id == **id))
        {
            return Err(malformed(&format!(
                "request '{}' depends on '{unknown}', which is no earlier request",
                item.id
            )));
        }
    }
    Ok(())
}

impl Item<'_> {
    /// `has_room`: whether there is any for the answer to one that reads.
    fn answer(&self, call: &Call<'_>, has_room: bool) -> Result<Answered<'_>, Problem> {
        match self.request(call) {
            Ok(mut request) => {
                let id = RequestId(call.api.ids.random_uuid());
                request.extensions_mut().insert(id);
                request.extensions_mut().insert(call.waiting.clone());
                // An error names this id: the log must know it. Whose part it was stands beside it, once.
                let span = tracing::info_span!(
                    target: "syncline::http",
                    "item",
                    otel.status_code = Empty,
                    request_id = %id,
                    method = self.known_method(),
                    route = Empty,
                    objects = Empty,
                    status = Empty,
                );
                let response = span.in_scope(|| dispatch_part(call.api, &request, has_room));
                tell(&span, &response);
                self.response(response)
            }
            Err(message) => self.refused(call, 400, &Problem::malformed(message)),
        }
    }

    /// What is no method may be anything: it is written down nowhere.
    fn known_method(&self) -> &'static str {
        let known = ["GET", "POST", "PATCH", "PUT", "DELETE"];
        let method = known.into_iter().find(|it| *it == self.method);
        method.unwrap_or("other")
    }

    fn refused(
        &self,
        call: &Call<'_>,
        status: u16,
        problem: &Problem,
    ) -> Result<Answered<'_>, Problem> {
        let mut headers = json!({ "Content-Type": "application/json" });
        if let Some(seconds) = problem.retry_after_seconds {
            headers["Retry-After"] = seconds.to_string().into();
        }
        let body = to_raw_value(&envelope(problem, call.trace)).map_err(unwritten)?;
        Ok(Answered {
            id: &self.id,
            status,
            headers,
            route: None,
            body: Some(body),
        })
    }

    /// The item as a request with the caller's token, whatever the item says about one.
    fn request(&self, call: &Call<'_>) -> Result<Request<Vec<u8>>, String> {
        let url = self.url.trim_start_matches('/');
        if is_absolute(url) {
            return Err(format!(
                "The URL '{}' must be relative to the version.",
                self.url
            ));
        }
        let bytes = match &self.body {
            None => Vec::new(),
            Some(body) => body.get().as_bytes().to_vec(),
        };
        let mut request = Request::builder()
            .method(self.method.as_str())
            .uri(format!(
                "/{}/{}",
                call.version.as_str(),
                utf8_percent_encode(url, NO_URL)
            ))
            .body(bytes)
            .map_err(|_| format!("'{} {}' is no request.", self.method, self.url))?;
        if is_batch(request.uri().path()) {
            return Err("A batch cannot hold a batch.".to_owned());
        }
        let headers = request.headers_mut();
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) = (
                HeaderName::try_from(name.as_str()),
                HeaderValue::from_str(value),
            ) {
                headers.insert(name, value);
            }
        }
        headers.remove("authorization");
        // The last two say where links must lead, so that the caller can follow them.
        for name in ["authorization", "sdkversion", "user-agent"] {
            if let Some(value) = call
                .header(name)
                .and_then(|it| HeaderValue::from_str(it).ok())
            {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        Ok(request)
    }

    fn response(&self, response: Response<Vec<u8>>) -> Result<Answered<'_>, Problem> {
        let shown = [
            "content-type",
            "etag",
            "retry-after",
            "location",
            "preference-applied",
        ];
        let headers: Map<String, Json> = response
            .headers()
            .iter()
            .filter(|(name, _)| shown.contains(&name.as_str()))
            .filter_map(|(name, value)| {
                Some((canonical(name.as_str()), value.to_str().ok()?.into()))
            })
            .collect();
        let status = response.status().as_u16();
        let route = response.extensions().get::<RouteTaken>().map(|it| it.0);
        let body = match response.into_body() {
            bytes if bytes.is_empty() => None,
            bytes => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let body = match RawValue::from_string(text) {
                    Ok(json) => json,
                    Err(_) => to_raw_value(&String::from_utf8_lossy(&bytes)).map_err(unwritten)?,
                };
                Some(body)
            }
        };
        Ok(Answered {
            id: &self.id,
            status,
            headers: headers.into(),
            route,
            body,
        })
    }
}

/// Whether it begins with a scheme (RFC 3986, 3.1). A value further on may be a URL of its own.
fn is_absolute(url: &str) -> bool {
    url.split_once("://").is_some_and(|(scheme, _)| {
        scheme
            .chars()
            .all(|it| it.is_ascii_alphanumeric() || matches!(it, '+' | '-' | '.'))
    })
}

/// Asked of the path as the router will read it: there are many spellings of `$batch`.
fn is_batch(path: &str) -> bool {
    let first = resolve(path).map(|segments| segments.into_iter().next());
    matches!(first, Ok(Some(Segment::Name(name))) if name.eq_ignore_ascii_case("$batch"))
}

/// `content-type` → `Content-Type`: clients look the name up as Graph writes it.
fn canonical(name: &str) -> String {
    if name == "etag" {
        return "ETag".to_owned();
    }
    name.split('-')
        .map(crate::body::capitalized)
        .collect::<Vec<_>>()
        .join("-")
}

#[derive(Serialize)]
struct Responses<'i> {
    responses: Vec<Answered<'i>>,
}

fn unwritten(error: serde_json::Error) -> Problem {
    Problem::internal(format!("an answer cannot be written: {error}"))
}

fn failed_dependency() -> Problem {
    Problem::new(
        ProblemKind::BadRequest,
        "FailedDependency",
        "A request that this one depends on failed.",
    )
}

fn malformed(why: &str) -> Problem {
    Problem::malformed(format!("Invalid batch payload: {why}."))
}
