//! The requests that were taken and whose answers are not sent yet, so that a stop waits for them
//! and not for connections that nobody reads any more.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::CONTENT_ENCODING;
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use syncline_graph_api::AnswerRoom;
use tokio::sync::watch;

use super::activity::{Activity, Answer};

/// How many there are now.
#[derive(Clone, Debug)]
pub struct Requests(watch::Sender<usize>);

impl Requests {
    pub fn new() -> Self {
        Self(watch::Sender::new(0))
    }

    /// Returns when there is none.
    pub async fn ended(&self) {
        // The sender is held by `self`.
        let _ = self.0.subscribe().wait_for(|open| *open == 0).await;
    }

    pub fn any(&self) -> bool {
        *self.0.borrow() > 0
    }
}

impl Requests {
    /// One more, until what is returned is dropped.
    pub fn open(&self) -> Open {
        self.0.send_modify(|open| *open += 1);
        Open(self.clone())
    }
}

/// Counts a request until its answer's body was taken over by the connection, of which the listener
/// put the [`Activity`] into the request; and tells that one how the answer gets on from there.
pub async fn count(State(requests): State<Requests>, mut request: Request, next: Next) -> Response {
    let open = requests.open();
    let activity = request.extensions_mut().remove::<Activity>();
    let work = activity.as_ref().map(Activity::work);
    let response = next.run(request).await;
    let answer = activity.map(|it| Arc::new(it.answer()));
    // Compressed, its bytes are not those any more that hold their share of the memory.
    let room = match response.headers().contains_key(CONTENT_ENCODING) {
        true => response.extensions().get::<AnswerRoom>().cloned(),
        false => None,
    };
    drop(work);
    response.map(|body| {
        Body::new(Counted {
            body,
            answer,
            room,
            _open: open,
        })
    })
}

/// One request that is not answered yet.
pub struct Open(Requests);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.0.send_modify(|open| *open -= 1);
    }
}

/// An answer's body that keeps its request open.
struct Counted {
    body: Body,
    answer: Option<Arc<Answer>>,
    /// For pieces that hold none by themselves.
    room: Option<AnswerRoom>,
    _open: Open,
}

/// A piece of an answer. The connection drops it when all of it has left, so a client has to take more than
/// a byte from time to time to keep the memory of the rest.
struct Piece {
    bytes: Bytes,
    answer: Arc<Answer>,
    _room: Option<Box<dyn Send + Sync>>,
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.answer.sent();
    }
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        let Self { answer, room, .. } = &*self;
        let Some(answer) = answer else {
            return polled;
        };
        polled.map_ok(|frame| {
            frame.map_data(|bytes| {
                Bytes::from_owner(Piece {
                    _room: room.as_ref().map(|it| it.hold(bytes.len())),
                    bytes,
                    answer: Arc::clone(answer),
                })
            })
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
