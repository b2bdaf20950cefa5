//! A large answer on its way: in slices, so that the memory of what is sent is free again, and with a time for each,
//! so that a caller who takes nothing does not keep what its whole tenant may have.
//!
//! The transport asks for a slice when it has room for it, and never while its caller reads nothing. So the time runs
//! outside of it.
//!
//! Deliberately absent: the slices that the transport has already. Only it can drop them; they count until it does.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use parking_lot::Mutex;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};

/// What is handed out at a time. Answers that are no larger need no time of their own.
pub(crate) const SLICE: usize = 64 * 1024;

/// The body of an answer.
pub(crate) struct Sliced {
    left: Arc<Mutex<Left>>,
    patience: Duration,
    timer: AbortHandle,
}

/// What is not taken yet.
struct Left {
    /// `None`: dropped, and nobody was told so far.
    slices: Option<VecDeque<Bytes>>,
    bytes: u64,
    /// Until when the next one has to be taken.
    until: Instant,
}

impl Sliced {
    /// These slices, of which each is to be taken so long after the one before. To be made within the runtime.
    pub(crate) fn new(slices: VecDeque<Bytes>, patience: Duration) -> Self {
        let left = Arc::new(Mutex::new(Left {
            bytes: slices.iter().map(|it| it.len() as u64).sum(),
            slices: Some(slices),
            until: Instant::now() + patience,
        }));
        let timer = tokio::spawn(expire(Arc::clone(&left))).abort_handle();
        Self {
            left,
            patience,
            timer,
        }
    }
}

/// Drops what is left when it is not taken in time.
async fn expire(left: Arc<Mutex<Left>>) {
    loop {
        let until = left.lock().until;
        sleep_until(until).await;
        let mut left = left.lock();
        // Whoever has taken all of it may still be at its end.
        if left.slices.as_ref().is_none_or(VecDeque::is_empty) {
            return;
        }
        // Otherwise a slice was taken meanwhile.
        if left.until <= Instant::now() {
            tracing::debug!(left.bytes, "an answer was not read in time");
            left.slices = None;
            return;
        }
    }
}

impl Drop for Sliced {
    fn drop(&mut self) {
        self.timer.abort();
        // An aborted task is gone a little later: what it holds has to be free now.
        self.left.lock().slices = None;
    }
}

impl HttpBody for Sliced {
    type Data = Bytes;
    type Error = NotTaken;

    fn poll_frame(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, NotTaken>>> {
        let mut left = self.left.lock();
        let Some(slices) = &mut left.slices else {
            // An end without an error would be taken for the end of the answer.
            left.slices = Some(VecDeque::new());
            return Poll::Ready(Some(Err(NotTaken)));
        };
        let Some(slice) = slices.pop_front() else {
            return Poll::Ready(None);
        };
        left.bytes -= slice.len() as u64;
        left.until = Instant::now() + self.patience;
        Poll::Ready(Some(Ok(Frame::data(slice))))
    }

    fn is_end_stream(&self) -> bool {
        self.left
            .lock()
            .slices
            .as_ref()
            .is_some_and(VecDeque::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.lock().bytes)
    }
}

/// Why an answer ended before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotTaken;

impl fmt::Display for NotTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer was not read in time")
    }
}

impl std::error::Error for NotTaken {}
