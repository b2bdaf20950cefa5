//! Accepts connections, speaks TLS and HTTP on them, and lets them end when the server stops.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use crate::seam;

use super::operations::Peer;
use super::requests::{self, Requests};

/// Connections at the same time; more wait in the operating system's queue.
const MOST_CONNECTIONS: usize = 4096;
/// A client that does not finish its handshake or its headers in this time is let go.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the last answers may be on their way to clients when the server stops.
const FLUSH: Duration = Duration::from_millis(250);

/// Answers until `close` becomes true, then lets running requests end for at most `grace`.
pub async fn answer(
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    router: Router,
    mut close: watch::Receiver<bool>,
    grace: Duration,
) {
    let acceptor = tls.map(TlsAcceptor::from);
    let requests = Requests::new();
    let router = router.layer(axum::middleware::from_fn_with_state(
        requests.clone(),
        requests::count,
    ));
    let connections = GracefulShutdown::new();
    let permits = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            accepted = next(&listener, &permits) => accepted,
            () = closed(&mut close) => break,
        };
        let (stream, peer, permit) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, or a peer that went away: the next one may do better.
                tracing::warn!(%error, "a connection could not be accepted");
                seam::rest(50).await;
                continue;
            }
        };
        // Small answers go out at once.
        let _ = stream.set_nodelay(true);
        let watcher = connections.watcher();
        let (acceptor, router) = (acceptor.clone(), router.clone());
        tokio::spawn(async move {
            let _permit = permit;
            match acceptor {
                None => speak(stream, peer, router, watcher).await,
                Some(acceptor) => {
                    match tokio::time::timeout(PATIENCE, acceptor.accept(stream)).await {
                        Ok(Ok(stream)) => speak(stream, peer, router, watcher).await,
                        Ok(Err(error)) => tracing::debug!(%error, "no TLS session"),
                        Err(_) => tracing::debug!("no TLS session in time"),
                    }
                }
            }
        });
    }
    drop(listener);
    let ended = async {
        tokio::select! {
            () = connections.shutdown() => {}
            () = idle(&requests) => {}
        }
    };
    if tokio::time::timeout(grace, ended).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
}

/// Nothing is being answered. HTTP/2 asks the client to confirm the end of a connection, and a
/// client that is not reading right now would hold up the stop although nobody waits for anything.
async fn idle(requests: &Requests) {
    loop {
        requests.ended().await;
        tokio::time::sleep(FLUSH).await;
        if !requests.any() {
            return;
        }
    }
}

/// The next connection, once there is room for it.
async fn next(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> std::io::Result<(TcpStream, Peer, OwnedSemaphorePermit)> {
    let permit = Arc::clone(permits)
        .acquire_owned()
        .await
        .map_err(std::io::Error::other)?;
    let (stream, address) = listener.accept().await?;
    Ok((stream, Peer(address.ip()), permit))
}

async fn speak<S>(
    stream: S,
    peer: Peer,
    router: Router,
    watcher: hyper_util::server::graceful::Watcher,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE);
    builder
        .http2()
        .timer(TokioTimer::new())
        // A peer that is gone does not keep its place.
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(PATIENCE)
        .max_concurrent_streams(128);
    let router = router.map_request(move |mut request: http::Request<Incoming>| {
        request.extensions_mut().insert(peer);
        request
    });
    let connection = builder
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .into_owned();
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "a connection broke");
    }
}

async fn closed(close: &mut watch::Receiver<bool>) {
    // The sender gone means the same.
    let _ = close.wait_for(|close| *close).await;
}
