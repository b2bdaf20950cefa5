//! One connection: TLS and HTTP on it, until it ends or nothing goes on on it any more.

use std::pin::pin;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use syncline_access::Peer;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tower::ServiceExt as _;

use super::activity::Activity;
use super::{Limits, plain};

/// The longest head of a request: a path and a query of 16 KiB each, a token of as much, and the rest.
const HEAD: usize = 64 * 1024;

/// What HTTP/2 keeps of an answer before its client takes it. More waits where it is counted, and can be let go.
const SEND_BUFFER: usize = 64 * 1024;

/// How long an answer that nobody reads is kept at most for the sake of what else is worked on on its connection.
const LONGEST_WORK: Duration = Duration::from_secs(10 * 60);

/// What connections are served with.
#[derive(Clone)]
pub struct Connection {
    pub acceptor: Option<TlsAcceptor>,
    pub router: Router,
    pub limits: Limits,
    pub close: watch::Receiver<bool>,
}

impl Connection {
    pub async fn serve(self, stream: TcpStream, peer: Peer) {
        // Small answers go out at once.
        let _ = stream.set_nodelay(true);
        let first = sleep(self.limits.patience).deadline();
        match self.acceptor.clone() {
            None => self.speak(stream, peer, first).await,
            Some(acceptor) => match timeout_at(first, session(acceptor, stream)).await {
                Ok(Ok(Some(stream))) => self.speak(stream, peer, first).await,
                Ok(Ok(None)) => tracing::debug!("plain HTTP where TLS is spoken"),
                Ok(Err(error)) => tracing::debug!(%error, "no TLS session"),
                Err(_) => tracing::debug!("no TLS session in time"),
            },
        }
    }

    /// HTTP, until the connection ends, or nothing goes on on it any more.
    async fn speak<S>(mut self, stream: S, peer: Peer, first: Instant)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Limits { patience, idle, .. } = self.limits;
        let activity = Activity::new();
        let of_connection = activity.clone();
        let router = self
            .router
            .map_request(move |mut request: http::Request<Incoming>| {
                let extensions = request.extensions_mut();
                extensions.insert(peer);
                extensions.insert(of_connection.clone());
                request
            });
        let builder = http(patience);
        let mut connection =
            pin!(builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router)));
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = async {
                tokio::select! {
                    () = closed(&mut self.close) => {}
                    () = activity.ceases(first, idle) => {}
                    () = activity.stalls(idle) => {}
                }
            } => {
                // What is worked on ends, and HTTP/2 clients are told not to ask any more.
                connection.as_mut().graceful_shutdown();
                tokio::select! {
                    ended = connection.as_mut() => ended,
                    () = activity.ceases(first, patience) => {
                        tracing::debug!("a connection on which nothing went on was closed");
                        return;
                    }
                    // Only now is the memory of the answer free again.
                    () = async {
                        activity.stalls(idle).await;
                        // Others who ask on the same connection, as through a proxy, get what is worked on. No
                        // more can be asked for.
                        let _ = timeout(LONGEST_WORK, activity.rests()).await;
                        sleep(patience).await;
                    } => {
                        tracing::debug!("a connection on which an answer was not read was closed");
                        return;
                    }
                }
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection broke");
        }
    }
}

/// The TLS session; `None` when plain HTTP was spoken, and was answered.
async fn session(
    acceptor: TlsAcceptor,
    stream: TcpStream,
) -> std::io::Result<Option<TlsStream<TcpStream>>> {
    if plain::is_spoken(&stream).await {
        plain::refuse(stream).await?;
        return Ok(None);
    }
    acceptor.accept(stream).await.map(Some)
}

fn http(patience: Duration) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .max_buf_size(HEAD)
        .header_read_timeout(patience);
    builder
        .http2()
        .timer(TokioTimer::new())
        // A peer that is gone does not keep its place.
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(patience)
        .max_header_list_size(HEAD as u32)
        .max_send_buf_size(SEND_BUFFER)
        .max_concurrent_streams(128);
    builder
}

/// Returns when the listener closes.
pub async fn closed(close: &mut watch::Receiver<bool>) {
    // The sender gone means the same.
    let _ = close.wait_for(|close| *close).await;
}

#[cfg(test)]
mod tests;
