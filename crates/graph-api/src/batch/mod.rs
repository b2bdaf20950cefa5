//! JSON batching: each item is a request of its own, answered as if it had come alone.

mod sent;

use std::collections::HashMap;

use http::{HeaderName, HeaderValue, Request, Response};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json, json};
use syncline_model::{Problem, ProblemKind, RequestId};
use syncline_odata::path::{Segment, resolve};

use crate::dispatch::dispatch_part;
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
    let mut responses = Vec::new();
    for item in &items {
        let failed = item
            .depends_on
            .iter()
            .any(|id| !matches!(status.get(id.as_str()), Some(200..=299)));
        let response = if failed {
            item.refused(call, 424, &failed_dependency())
        } else {
            item.answer(call)
        };
        let code = response["status"]
            .as_u64()
            .and_then(|it| u16::try_from(it).ok())
            .unwrap_or(500);
        status.insert(&item.id, code);
        responses.push(response);
    }
    Ok(Reply::ok(json!({ "responses": responses })))
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
    fn answer(&self, call: &Call<'_>) -> Json {
        match self.request(call) {
            Ok(mut request) => {
                let id = RequestId(call.api.ids.random_uuid());
                request.extensions_mut().insert(id);
                request.extensions_mut().insert(call.waiting.clone());
                // An error names this id: the log must know it, and whose part it was.
                let span = tracing::info_span!(
                    "item",
                    request_id = %id,
                    tenant = tracing::field::Empty
                );
                let response = span.in_scope(|| dispatch_part(call.api, &request));
                tracing::debug!(request_id = %id, status = response.status().as_u16(), "batch item answered");
                self.response(&response)
            }
            Err(message) => self.refused(call, 400, &Problem::malformed(message)),
        }
    }

    fn refused(&self, call: &Call<'_>, status: u16, problem: &Problem) -> Json {
        let headers = json!({ "Content-Type": "application/json" });
        json!({ "id": self.id, "status": status, "headers": headers, "body": envelope(problem, call.trace) })
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

    fn response(&self, response: &Response<Vec<u8>>) -> Json {
        let shown = [
            "content-type",
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
        let mut json =
            json!({ "id": self.id, "status": response.status().as_u16(), "headers": headers });
        if !response.body().is_empty() {
            let text = String::from_utf8_lossy(response.body());
            json["body"] =
                serde_json::from_str(&text).unwrap_or_else(|_| Json::String(text.into_owned()));
        }
        json
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
    name.split('-')
        .map(crate::body::capitalized)
        .collect::<Vec<_>>()
        .join("-")
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
