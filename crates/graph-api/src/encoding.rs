//! Compressed bodies of requests. The Go client compresses whatever it sends, and tries again without
//! only when it is told 415.

use std::io::{self, Write};
use std::pin::Pin;

use axum::body::{Body, HttpBody as _, to_bytes};
use flate2::write::GzDecoder;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use syncline_model::{Problem, ProblemKind};

/// What may be sent, as `Accept-Encoding` of a 415 says it (RFC 9110, 12.5.3).
pub(crate) const ACCEPTED: &str = "gzip";

/// No compressed byte becomes more than so many: 258 bytes are a length of one bit and a distance of
/// another at best (DEFLATE, RFC 1951, 3.2.5).
const MOST_GROWTH: usize = 1032;

/// How a body was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Identity,
    Gzip,
}

impl Encoding {
    /// Reads `Content-Encoding`.
    ///
    /// # Errors
    /// 415 for anything that is not gzip once, or nothing.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let sent: Vec<String> = headers
            .get_all(CONTENT_ENCODING)
            .iter()
            .flat_map(|value| {
                let text = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
                text.split(',')
                    .map(|it| it.trim().to_owned())
                    .collect::<Vec<_>>()
            })
            .filter(|it| !it.is_empty() && it != "identity")
            .collect();
        match sent.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => Ok(Self::Identity),
            ["gzip" | "x-gzip"] => Ok(Self::Gzip),
            _ => Err(Problem::new(
                ProblemKind::UnsupportedMediaType,
                "UnsupportedMediaType",
                format!(
                    "The content encoding '{}' is not supported. Send the body with gzip, or without Content-Encoding.",
                    sent.join(", ")
                ),
            )),
        }
    }

    /// How long a body may become that is so long on the line.
    pub(crate) fn most(self, declared: usize) -> usize {
        match self {
            Self::Identity => declared,
            Self::Gzip => declared.saturating_mul(MOST_GROWTH),
        }
    }

    /// The body as it was before it was encoded.
    ///
    /// # Errors
    /// 413 when it is larger than `limit` bytes, as sent or decoded; 400 when it is damaged.
    pub(crate) async fn read(self, body: Body, limit: usize) -> Result<Vec<u8>, Problem> {
        match self {
            Self::Identity => to_bytes(body, limit)
                .await
                .map(Vec::from)
                .map_err(|_| too_large(limit)),
            Self::Gzip => gzip(body, limit).await,
        }
    }
}

/// One member, as every client sends it: each further one would cost more than its few bytes.
async fn gzip(mut body: Body, limit: usize) -> Result<Vec<u8>, Problem> {
    let mut decoder = GzDecoder::new(Bounded {
        bytes: Vec::new(),
        limit,
        full: false,
    });
    // Empty blocks become nothing, however many there are.
    let mut received = 0;
    loop {
        let frame = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
        let data = match frame {
            None => break,
            Some(Err(_)) => return Err(too_large(limit)),
            Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
        };
        received += data.len();
        let written = decoder.write_all(&data);
        if received > limit || decoder.get_ref().full {
            return Err(too_large(limit));
        }
        written.map_err(|_| damaged())?;
    }
    // What is still in the decoder comes out now, and may be too much.
    let finished = decoder.try_finish();
    if decoder.get_ref().full {
        return Err(too_large(limit));
    }
    finished.map_err(|_| damaged())?;
    Ok(std::mem::take(&mut decoder.get_mut().bytes))
}

/// Takes so many bytes and no more.
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
    full: bool,
}

impl Write for Bounded {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        self.full |= self.bytes.len() + more.len() > self.limit;
        if self.full {
            return Err(io::Error::other("too large"));
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn too_large(limit: usize) -> Problem {
    Problem::new(
        ProblemKind::TooLarge,
        "RequestEntityTooLarge",
        format!("The request body could not be read or is larger than {limit} bytes."),
    )
}

fn damaged() -> Problem {
    Problem::malformed(
        "The request body is no whole gzip stream, as Content-Encoding says it is. Send it again, or without Content-Encoding.",
    )
}
