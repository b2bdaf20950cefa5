//! Where asynchronous requests become synchronous calls.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{RawPathParams, Request};
use axum::response::Response;
use http::header::RETRY_AFTER;
use syncline_access::Peer;

use crate::asked::Asked;
use crate::reply::Reply;
use crate::{Identity, NotRead};

/// One endpoint.
pub(crate) type Handler = fn(&Identity, &Asked) -> Reply;

/// Forms are small; a client assertion with a certificate chain is the largest thing in one.
const LARGEST_BODY: usize = 64 * 1024;

#[derive(Clone)]
pub(crate) struct Edge {
    identity: Arc<Identity>,
}

type Answer = Pin<Box<dyn Future<Output = Response> + Send>>;

impl Edge {
    pub(crate) fn new(identity: Arc<Identity>) -> Self {
        Self { identity }
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
        let (body, room) = match self.identity.forms.read(body, LARGEST_BODY, peer).await {
            Ok(read) => read,
            Err(why) => return into_response(not_read(why)),
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
}

fn not_read(why: NotRead) -> Reply {
    let reply = Reply::text(why.status(), &why.to_string());
    match why.retry_after() {
        Some(seconds) => reply.with(RETRY_AFTER, seconds),
        None => reply,
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
