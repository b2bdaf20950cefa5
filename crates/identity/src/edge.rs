//! Where asynchronous requests become synchronous calls.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::extract::{RawPathParams, Request};
use axum::response::Response;
use syncline_access::Peer;
use tokio::time::timeout;

use crate::Identity;
use crate::asked::Asked;
use crate::forms::{Forms, Room};
use crate::reply::Reply;

/// One endpoint.
pub(crate) type Handler = fn(&Identity, &Asked) -> Reply;

/// Forms are small; a client assertion with a certificate chain is the largest thing in one.
const LARGEST_BODY: usize = 64 * 1024;
/// A form is a packet or a few. Nobody is known before it is there, so who sends it slowly gets no more.
const PATIENCE: Duration = Duration::from_secs(15);

#[derive(Clone)]
pub(crate) struct Edge {
    identity: Arc<Identity>,
    forms: Arc<Forms>,
}

type Answer = Pin<Box<dyn Future<Output = Response> + Send>>;

impl Edge {
    pub(crate) fn new(identity: Arc<Identity>) -> Self {
        Self {
            identity,
            forms: Arc::new(Forms::new(LARGEST_BODY)),
        }
    }

    /// Makes an endpoint an axum handler.
    pub(crate) fn serve(
        &self,
        handler: Handler,
    ) -> impl Fn(RawPathParams, Request) -> Answer + Clone + Send + Sync + 'static {
        let edge = self.clone();
        move |path, request| Box::pin(edge.clone().answer(handler, path, request))
    }

    async fn answer(self, handler: Handler, path: RawPathParams, request: Request) -> Response {
        let (head, body) = request.into_parts();
        let peer = head.extensions.get::<Peer>().copied();
        let (body, room) = match self.read(body, peer).await {
            Ok(read) => read,
            Err(reply) => return into_response(reply),
        };
        let asked = Asked::read(&path, &head, &body);
        let identity = Arc::clone(&self.identity);
        let span = tracing::Span::current();
        let answered = tokio::task::spawn_blocking(move || {
            // What was sent is in memory until it is worked on, and many may wait for a thread.
            let _room = room;
            span.in_scope(|| handler(&identity, &asked))
        })
        .await;
        into_response(answered.unwrap_or_else(|error| {
            tracing::error!(%error, "an identity endpoint ended early");
            Reply::text(500, "A transient error has occurred. Please try again.")
        }))
    }

    /// The body, and its room in memory.
    async fn read(&self, body: Body, peer: Option<Peer>) -> Result<(Bytes, Room), Reply> {
        let too_large = || Reply::text(413, "The body is larger than 64 KiB.");
        let declared = body.size_hint().upper();
        let size = match declared.map(usize::try_from) {
            Some(Ok(size)) if size <= LARGEST_BODY => size,
            Some(_) => return Err(too_large()),
            None => LARGEST_BODY,
        };
        let room = self.forms.room(size, peer)?;
        match timeout(PATIENCE, to_bytes(body, size)).await {
            Ok(Ok(body)) => Ok((body, room)),
            Ok(Err(_)) => Err(too_large()),
            Err(_) => Err(Reply::text(408, "The body did not arrive in time.")),
        }
    }
}

fn into_response(reply: Reply) -> Response {
    let mut response = Response::builder().status(reply.status);
    if let Some(token_request) = reply.token_request {
        response = response.extension(token_request);
    }
    for (name, value) in &reply.headers {
        response = response.header(name, value);
    }
    response
        .body(Body::from(reply.body))
        .unwrap_or_else(|error| {
            // A value that is no header value: something a stranger sent reached a header unescaped.
            tracing::error!(%error, "a reply could not be written");
            let mut response = Response::new(Body::empty());
            *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
            response
        })
}
