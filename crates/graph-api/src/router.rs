//! The asynchronous edge: reads the body and calls [`dispatch`] where blocking is allowed.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;
use http::header::ACCEPT_ENCODING;
use http::request::Parts;
use http::{HeaderMap, Method};
use syncline_model::{Problem, ProblemKind, RequestId};
use tracing::Span;

use crate::answer_room::AnswerRoom;
use crate::dispatch::{AnswerTo, admit, response};
use crate::encoding::{self, Encoding};
use crate::sliced::{SLICE, Sliced};
use crate::throttle::{Share, Throttle};
use crate::trace::Trace;
use crate::waiting::Waiting;
use crate::wire::problem;
use crate::{Api, dispatch};

/// Largest body, decompressed. A synchronization schema is about 130 kB, clients must be able to send 4 MB.
pub const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;

/// Version names that are not ours but are clearly meant for this face: they are told so.
const OTHER_VERSIONS: [&str; 4] = ["v1", "v1.1", "v2", "v2.0"];

/// `/v1.0` and `/beta`, and a clear answer to other versions.
pub fn router(api: Arc<Api>) -> Router {
    let mut router = Router::new();
    for version in ["v1.0", "beta"].into_iter().chain(OTHER_VERSIONS) {
        router = router
            .route(&format!("/{version}"), any(handle))
            .route(&format!("/{version}/"), any(handle))
            .route(&format!("/{version}/{{*rest}}"), any(handle));
    }
    router.with_state(api)
}

/// Answers one request; also of use as a fallback for spellings the router does not know, such as
/// `//v1.0` or `/V1.0`.
pub async fn handle(State(api): State<Arc<Api>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let (bytes, share) = match read(&api, &parts, body).await {
        Ok(read) => read,
        Err(refused) => return *refused,
    };
    let (headers, path) = (parts.headers.clone(), parts.uri.path().to_owned());
    let given = given(&parts);
    let mut request = Request::from_parts(parts, bytes);
    let waiting: &mut Waiting = request.extensions_mut().get_or_insert_default();
    let _caller = waiting.until_dropped();
    let work = {
        let (api, span) = (Arc::clone(&api), Span::current());
        tokio::task::spawn_blocking(move || {
            // Until the end of the work, which goes on when the caller hangs up.
            let _share = share;
            let response = span.in_scope(|| dispatch(&api, &request));
            held(&api, response)
        })
    };
    match work.await {
        Ok(response) => response,
        // The runtime is shutting down.
        Err(_) => outside(&api, &headers, given, &path, &stopping()),
    }
}

/// The answer, which takes its share of the memory for answers until its last byte is with the network, or its
/// caller is gone: however slowly callers read, they must not fill the memory.
fn held(api: &Api, mut response: http::Response<Vec<u8>>) -> Response {
    let to = response.extensions().get::<AnswerTo>().copied();
    let answers = &api.throttle.answers;
    if let Some(AnswerTo(tenant)) = to {
        let answers = answers.clone();
        let room = AnswerRoom::new(move |bytes| Box::new(answers.hold(tenant, bytes)));
        response.extensions_mut().insert(room);
    }
    // The transport keeps no more than references to the bytes.
    let hold = |bytes: Vec<u8>| {
        let share = to.map(|AnswerTo(tenant)| answers.hold(tenant, bytes.len()));
        Bytes::from_owner(Held {
            bytes,
            _share: share,
        })
    };
    response.map(|bytes| match bytes.len() {
        0 => Body::empty(),
        1..=SLICE => Body::from(hold(bytes)),
        // Copies: a slice that the transport keeps would keep all bytes that it is cut from.
        _ => {
            let slices = bytes.chunks(SLICE).map(|it| hold(it.to_vec()));
            Body::new(Sliced::new(slices.collect()))
        }
    })
}

/// The bytes of an answer, or of a slice of it.
struct Held {
    bytes: Vec<u8>,
    _share: Option<Share>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// The body, and its share of the memory for bodies. Who has no right to send one is refused before it
/// is read, and what there is no room for waits: neither strangers nor one tenant must be able to fill
/// the memory.
async fn read(
    api: &Arc<Api>,
    head: &Parts,
    body: Body,
) -> Result<(Vec<u8>, Option<Share>), Box<Response>> {
    // The answer to a preflight depends on nothing in it.
    if body.is_end_stream() || head.method == Method::OPTIONS {
        return Ok((Vec::new(), None));
    }
    let refuse = |problem: &Problem| {
        let path = head.uri.path();
        Box::new(outside(api, &head.headers, given(head), path, problem))
    };
    let admitted = {
        let (api, headers) = (Arc::clone(api), head.headers.clone());
        let path = head.uri.path().to_owned();
        let (given, span) = (given(head), Span::current());
        tokio::task::spawn_blocking(move || span.in_scope(|| admit(&api, &path, &headers, given)))
    };
    let tenant = match admitted.await {
        Ok(Ok(tenant)) => tenant,
        Ok(Err(refused)) => return Err(Box::new(refused.map(Body::from))),
        Err(_) => return Err(refuse(&stopping())),
    };
    let encoding = Encoding::of(&head.headers).map_err(|problem| refuse(&problem))?;
    // One that does not say how long it is may be as long as any.
    let declared = body.size_hint().upper().unwrap_or(u64::MAX);
    let declared = usize::try_from(declared).unwrap_or(usize::MAX);
    let largest = encoding.most(declared).min(MAX_BODY_BYTES);
    let Throttle {
        bodies, patience, ..
    } = &api.throttle;
    let mut share = bodies
        .wait(tenant, largest, *patience)
        .await
        .map_err(|full| refuse(&full.problem()))?;
    let bytes = encoding
        .read(body, MAX_BODY_BYTES)
        .await
        .map_err(|problem| refuse(&problem))?;
    share.shrink(bytes.len());
    Ok((bytes, Some(share)))
}

/// The id that the server gave the request.
fn given(head: &Parts) -> Option<RequestId> {
    head.extensions.get::<RequestId>().copied()
}

fn stopping() -> Problem {
    Problem::new(
        ProblemKind::Unavailable,
        "ServiceUnavailable",
        "The service is stopping. Try again.",
    )
    .with_retry_after(5)
}

/// An envelope for a request that never reached [`dispatch`].
fn outside(
    api: &Api,
    headers: &HeaderMap,
    given: Option<RequestId>,
    path: &str,
    refused: &Problem,
) -> Response {
    let trace = Trace::new(api, headers, given);
    let mut reply = problem::reply(refused, &trace, &api.settings.public_url, path);
    // Only for its encoding is a body refused as such before it is read.
    if refused.kind == ProblemKind::UnsupportedMediaType {
        reply = reply.with_header(ACCEPT_ENCODING, encoding::ACCEPTED);
    }
    response(&trace, reply, false).map(Body::from)
}
