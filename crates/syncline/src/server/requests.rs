//! The requests that were taken and whose answers are not sent yet, so that a stop waits for them
//! and not for connections that nobody reads any more.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use tokio::sync::watch;

use super::activity::Activity;

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
/// put the [`Activity`] into the request.
pub async fn count(State(requests): State<Requests>, mut request: Request, next: Next) -> Response {
    let open = requests.open();
    let activity = request.extensions_mut().remove::<Activity>();
    let work = activity.as_ref().map(Activity::work);
    let response = next.run(request).await;
    drop(work);
    response.map(|body| {
        Body::new(Counted {
            body,
            activity,
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
    activity: Option<Activity>,
    _open: Open,
}

impl Counted {
    fn told(&self) {
        if let Some(activity) = &self.activity {
            activity.sent();
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.told();
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
        if polled.is_ready() {
            self.told();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
