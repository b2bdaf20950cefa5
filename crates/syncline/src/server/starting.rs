//! What is answered while the database is opened. That takes as long as tables of an older version are brought up to date, or
//! another node is at it; whoever watches the server must not take it for dead meanwhile, and end it in the middle of that.

use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::{StatusCode, header};
use rustls::ServerConfig;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::{Limits, Stop, listener, operations};
use crate::failure::Failure;
use crate::seam;

/// Whoever comes while the database is opened waits so long, which is longer than that takes as a rule. Probes have more
/// patience.
pub const PATIENCE_MS: u64 = 500;
/// How long the last of these answers may take.
const GRACE: Duration = Duration::from_secs(2);

/// Where the server listens, and with which certificate.
pub type Door<'d> = (&'d TcpListener, Option<Arc<ServerConfig>>);

/// What `open` returns, which may block. If it takes longer than the patience, these doors are answered at until it is
/// done; they are as before then. `None` when a stop is asked for first: then `open` goes on until the process ends, for
/// it can not be broken off.
pub async fn answering_meanwhile<T: Send + 'static>(
    doors: &[Door<'_>],
    limits: Limits,
    patience_ms: u64,
    mut stop: Stop,
    open: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<Option<T>, Failure> {
    let mut opening = tokio::task::spawn_blocking(open);
    let early = tokio::select! {
        opened = &mut opening => Some(Some(opened)),
        () = stop.wait() => Some(None),
        () = seam::rest(patience_ms) => None,
    };
    let opened = match early {
        Some(ended) => ended,
        None => {
            tracing::info!("the database is being opened; nothing else is answered until it is");
            let close = watch::Sender::new(false);
            let mut answering = Vec::new();
            for (door, tls) in doors {
                match another(door) {
                    Ok(door) => answering.push(tokio::spawn(listener::answer(
                        door,
                        tls.clone(),
                        router(),
                        limits,
                        close.subscribe(),
                        GRACE,
                    ))),
                    // As if there were none of this.
                    Err(error) => tracing::warn!(%error, "nothing can be answered until then"),
                }
            }
            let opened = tokio::select! {
                opened = opening => Some(opened),
                () = stop.wait() => None,
            };
            close.send_replace(true);
            for answered in answering {
                // One that panicked was told by the panic hook.
                let _ = answered.await;
            }
            opened
        }
    };
    let broke_off = |_| Err(Failure::new("opening the database broke off"));
    let opened = opened.map(|opened| opened.unwrap_or_else(broke_off));
    opened.transpose()
}

/// A second handle of the same listener: who waits at one is found at the other.
fn another(door: &TcpListener) -> std::io::Result<TcpListener> {
    let other = door.as_fd().try_clone_to_owned()?;
    TcpListener::from_std(other.into())
}

fn router() -> Router {
    Router::new()
        .route("/healthz", get(operations::healthz))
        .route("/readyz", get(readyz))
        .fallback(anything_else)
}

async fn readyz() -> Response {
    let body = json!({
        "status": "not ready",
        "checks": { "migrations": "not done", "serving": "starting" },
    });
    operations::answer(StatusCode::SERVICE_UNAVAILABLE, &body)
}

async fn anything_else() -> Response {
    let again = [(header::RETRY_AFTER, "5")];
    let why = "The server is starting. Try again in a moment.\n";
    (StatusCode::SERVICE_UNAVAILABLE, again, why).into_response()
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::*;
    use crate::server::Stopper;

    #[tokio::test]
    async fn probes_are_answered_while_the_database_is_opened() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let ask = async |path: &str| {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let request = format!("GET {path} HTTP/1.0\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            answer
        };
        let (done, opened) = std::sync::mpsc::channel();
        let doors = [(&listener, None)];
        let stopper = Stopper::new();
        let stop = stopper.subscribe();
        let opening = answering_meanwhile(&doors, Limits::new(8), 0, stop, move || {
            Ok(opened.recv().unwrap())
        });
        let asking = async {
            let alive = ask("/healthz").await;
            assert!(alive.starts_with("HTTP/1.0 200"), "{alive}");
            let ready = ask("/readyz").await;
            assert!(ready.starts_with("HTTP/1.0 503"), "{ready}");
            assert!(ready.contains("\"migrations\":\"not done\""), "{ready}");
            let other = ask("/v1.0/users").await;
            assert!(other.starts_with("HTTP/1.0 503"), "{other}");
            assert!(other.contains("retry-after: 5"), "{other}");
            done.send("the database").unwrap();
        };
        let (opened, ()) = tokio::join!(opening, asking);
        assert_eq!(opened.unwrap(), Some("the database"));
        // From now on it is the server's own.
        let _client = TcpStream::connect(address).await.unwrap();
        listener.accept().await.unwrap();
    }

    #[tokio::test]
    async fn what_keeps_the_database_from_being_opened_is_told() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let doors = [(&listener, None)];
        let open = || Err::<(), _>(Failure::new("it is damaged"));
        let stopper = Stopper::new();
        let stop = stopper.subscribe();
        let opened = answering_meanwhile(&doors, Limits::new(8), 0, stop, open).await;
        assert_eq!(opened.unwrap_err().message, "it is damaged");
    }

    #[tokio::test]
    async fn a_stop_does_not_wait_for_the_database() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        // Before anything is answered, and while it is.
        for patience_ms in [3_600_000, 0] {
            let (done, opened) = std::sync::mpsc::channel::<&str>();
            let stopper = Stopper::new();
            let doors = [(&listener, None)];
            let stop = stopper.subscribe();
            let open = move || Ok(opened.recv().unwrap());
            let opening = answering_meanwhile(&doors, Limits::new(8), patience_ms, stop, open);
            let asking = async { stopper.ask() };
            let (opened, ()) = tokio::join!(opening, asking);
            assert_eq!(opened.unwrap(), None);
            done.send("the database").unwrap();
        }
    }
}
