//! A request's body has to arrive in time. Headers and handshakes have their own limits in
//! `listener`; without this one a client could send a byte a minute and hold a connection, and the
//! memory of what it sent, for ever.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use hyper::body::{Body as _, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// Enough for the largest body over a slow line.
const PATIENCE: Duration = Duration::from_secs(120);

/// Gives the request's body its deadline.
pub async fn set(request: Request, next: Next) -> Response {
    next.run(within(request, PATIENCE)).await
}

fn within(request: Request, patience: Duration) -> Request {
    if request.body().is_end_stream() {
        return request;
    }
    request.map(|body| {
        Body::new(Timely {
            body,
            deadline: Box::pin(sleep(patience)),
        })
    })
}

/// A body that fails when its deadline has passed.
struct Timely {
    body: Body,
    deadline: Pin<Box<Sleep>>,
}

impl hyper::body::Body for Timely {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.deadline.as_mut().poll(context).is_ready() {
            return Poll::Ready(Some(Err(axum::Error::new(
                "the body did not arrive in time",
            ))));
        }
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    /// A client that never goes on.
    struct Silence;

    impl hyper::body::Body for Silence {
        type Data = Bytes;
        type Error = axum::Error;

        fn poll_frame(
            self: Pin<&mut Self>,
            _context: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
            Poll::Pending
        }
    }

    async fn read(body: Body, patience: Duration) -> Result<Bytes, axum::Error> {
        let body = within(Request::new(body), patience).into_body();
        to_bytes(body, usize::MAX).await
    }

    #[tokio::test]
    async fn a_body_that_comes_is_passed_on_and_one_that_does_not_fails() {
        let whole = read(Body::from("whole"), Duration::from_secs(60)).await;
        assert_eq!(whole.unwrap(), "whole");
        // Time has passed already: nothing is waited for.
        let error = read(Body::new(Silence), Duration::ZERO).await.unwrap_err();
        assert!(error.to_string().contains("in time"), "{error}");
    }
}
