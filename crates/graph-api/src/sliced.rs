//! A large answer on its way: in slices, so that the memory of what was sent is free again.
//!
//! Deliberately absent: a time within which a slice has to be taken. The transport has some of them already and alone can
//! let them go: whoever serves the connection closes it when nothing of an answer is taken.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};

/// What is handed out at a time.
pub(crate) const SLICE: usize = 64 * 1024;

/// The body of an answer: what of it is not handed out yet.
pub(crate) struct Sliced {
    left: VecDeque<Bytes>,
    bytes: u64,
}

impl Sliced {
    pub(crate) fn new(slices: VecDeque<Bytes>) -> Self {
        Self {
            bytes: slices.iter().map(|it| it.len() as u64).sum(),
            left: slices,
        }
    }
}

impl HttpBody for Sliced {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let slice = self.left.pop_front();
        self.bytes -= slice.as_ref().map_or(0, |it| it.len() as u64);
        Poll::Ready(slice.map(|it| Ok(Frame::data(it))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes)
    }
}
