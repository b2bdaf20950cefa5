//! Accepts connections where there is room for them, and lets them end when the server stops.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use rustls::ServerConfig;
use syncline_access::Peer;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::connection::{Connection, closed};
use super::places::{Most, Places};
use super::requests::{self, Requests};
use crate::outage::Outage;
use crate::seam::{self, Stopwatch};

/// How long the last answers may be on their way to clients when the server stops.
const FLUSH: Duration = Duration::from_millis(250);

/// That no connection can be accepted is said so often.
const SAY_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// What clients may take of the listener: places, and time without doing anything.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub most: Most,
    /// Until the head of the first request is there, the TLS session included; also until that of
    /// any other is complete, and on HTTP/1 begun.
    pub patience: Duration,
    /// Without a request that is worked on, and without a piece of an answer that is taken; also
    /// without a piece of one answer, whatever else goes on: enough for the largest one on a slow line.
    pub idle: Duration,
}

impl Limits {
    /// Connections at the same time; more wait in the operating system's queue.
    pub const CONNECTIONS: usize = 4096;
    /// A client with the rest of them open leaves these to others.
    pub const PER_ADDRESS: usize = Self::CONNECTIONS / 2;

    /// With so many connections of one address.
    pub fn new(per_address: usize) -> Self {
        Self {
            most: Most {
                connections: Self::CONNECTIONS,
                per_address,
            },
            patience: Duration::from_secs(10),
            idle: Duration::from_secs(120),
        }
    }
}

/// Answers until `close` becomes true, then lets running requests end for at most `grace`.
pub async fn answer(
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    router: Router,
    limits: Limits,
    mut close: watch::Receiver<bool>,
    grace: Duration,
) {
    let requests = Requests::new();
    // Also what is no more than a handshake yet.
    let connections = Requests::new();
    let connection = Connection {
        acceptor: tls.map(TlsAcceptor::from),
        router: router.layer(axum::middleware::from_fn_with_state(
            requests.clone(),
            requests::count,
        )),
        limits,
        close: close.clone(),
    };
    let places = Places::new(limits.most);
    let (refusing, running) = (Outage::new(SAY_AGAIN_AFTER), Stopwatch::start());
    loop {
        let accepted = tokio::select! {
            accepted = next(&listener, &places) => accepted,
            () = closed(&mut close) => break,
        };
        let (stream, address, room) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, or a peer that went away: the next one may do better.
                if refusing.fails(running.elapsed()) {
                    tracing::warn!(%error, "a connection could not be accepted");
                }
                seam::rest(50).await;
                continue;
            }
        };
        if refusing.works() {
            tracing::info!("connections are accepted again");
        }
        let Some(place) = places.take(room, address) else {
            continue;
        };
        let (connection, open) = (connection.clone(), connections.open());
        tokio::spawn(async move {
            let _held = (place, open);
            connection.serve(stream, Peer(address)).await;
        });
    }
    drop(listener);
    let ended = async {
        tokio::select! {
            () = connections.ended() => {}
            () = idle(&requests) => {}
        }
    };
    if timeout(grace, ended).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
}

/// Nothing is being answered. HTTP/2 asks the client to confirm the end of a connection, and a
/// client that is not reading right now would hold up the stop although nobody waits for anything.
async fn idle(requests: &Requests) {
    loop {
        requests.ended().await;
        sleep(FLUSH).await;
        if !requests.any() {
            return;
        }
    }
}

/// The next connection, once there is room for it.
async fn next(
    listener: &TcpListener,
    places: &Places,
) -> std::io::Result<(TcpStream, IpAddr, OwnedSemaphorePermit)> {
    let room = places
        .room()
        .await
        .ok_or_else(|| std::io::Error::other("there is no room for connections"))?;
    let (stream, address) = listener.accept().await?;
    Ok((stream, address.ip(), room))
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// Clients are let go after this; none of the tests measures it.
    const SOON: Duration = Duration::from_millis(200);

    /// Answers at `/` until it is dropped, and never ends at `/work`.
    struct Serving {
        address: SocketAddr,
        _close: watch::Sender<bool>,
    }

    impl Serving {
        async fn with(limits: Limits) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let close = watch::Sender::new(false);
            let router = Router::new()
                .route("/", get(async || "here"))
                .route("/work", get(async || std::future::pending::<()>().await));
            let closed = close.subscribe();
            tokio::spawn(answer(listener, None, router, limits, closed, SOON));
            Self {
                address,
                _close: close,
            }
        }

        async fn connect(&self) -> TcpStream {
            TcpStream::connect(self.address).await.unwrap()
        }

        /// What is answered to what is sent, up to the end of the connection.
        async fn ask(&self, request: &[u8]) -> Vec<u8> {
            let mut stream = self.connect().await;
            // It may be closed already.
            let _ = stream.write_all(request).await;
            rest(&mut stream).await
        }
    }

    fn limits(connections: usize, per_address: usize) -> Limits {
        Limits {
            most: Most {
                connections,
                per_address,
            },
            patience: SOON,
            idle: SOON,
        }
    }

    async fn rest(stream: &mut TcpStream) -> Vec<u8> {
        let mut read = Vec::new();
        // A connection that was reset ended, too.
        let _ = stream.read_to_end(&mut read).await;
        read
    }

    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    /// No setting at all.
    const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
    const PING: &[u8] = &[0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];
    /// `GET http://a/`, in the words of the static table.
    const HEADERS: &[u8] = &[
        0, 0, 6, 1, 5, 0, 0, 0, 1, // end of stream and headers, stream 1
        0x82, 0x84, 0x86, 0x41, 1, b'a',
    ];
    /// `:status: 200` of the same table.
    const OK: u8 = 0x88;
    /// The client takes no byte of any answer's body.
    const NO_WINDOW: &[u8] = &[0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0];

    #[tokio::test]
    async fn clients_that_say_nothing_give_their_places_to_others() {
        let serving = Serving::with(limits(4, 4)).await;
        let mut silent = Vec::new();
        for begun in [&b""[..], b"P", b"GET / HT", PREFACE] {
            let mut stream = serving.connect().await;
            stream.write_all(begun).await.unwrap();
            silent.push(stream);
        }
        // All places are taken, and none of them is given up by its client.
        loop {
            let answer = serving.ask(b"GET / HTTP/1.0\r\n\r\n").await;
            if answer.ends_with(b"here") {
                break;
            }
        }
        for stream in &mut silent {
            rest(stream).await;
        }
    }

    #[tokio::test]
    async fn a_connection_without_requests_ends_although_its_client_answers() {
        let serving = Serving::with(limits(4, 4)).await;
        let mut stream = serving.connect().await;
        stream.write_all(PREFACE).await.unwrap();
        stream.write_all(SETTINGS).await.unwrap();
        stream.write_all(HEADERS).await.unwrap();
        let mut answered = Vec::new();
        let mut buffer = [0; 1024];
        // Each PING gets an answer, until the connection is closed.
        loop {
            if stream.write_all(PING).await.is_err() {
                break;
            }
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(count) => answered.extend_from_slice(&buffer[..count]),
            }
        }
        assert!(answered.windows(4).any(|it| it == b"here"), "{answered:?}");
    }

    #[tokio::test]
    async fn an_answer_that_nobody_reads_does_not_hold_its_connection() {
        let serving = Serving::with(limits(4, 4)).await;
        let request = [PREFACE, NO_WINDOW, HEADERS].concat();
        let read = serving.ask(&request).await;
        assert!(read.contains(&OK), "{read:?}");
        assert!(!read.windows(4).any(|it| it == b"here"), "{read:?}");
    }

    #[tokio::test]
    async fn a_connection_that_is_kept_ends_between_two_requests() {
        let serving = Serving::with(limits(4, 4)).await;
        let read = serving.ask(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
        assert!(read.ends_with(b"here"));
    }

    #[tokio::test]
    async fn a_request_that_is_worked_on_keeps_its_connection() {
        let serving = Serving::with(limits(4, 4)).await;
        let mut working = serving.connect().await;
        working
            .write_all(b"GET /work HTTP/1.1\r\nhost: a\r\n\r\n")
            .await
            .unwrap();
        // Others that do nothing come later and are gone before.
        for _ in 0..3 {
            let read = serving.ask(b"").await;
            assert!(read.is_empty());
        }
        let mut buffer = [0; 1];
        let open = working.try_read(&mut buffer).unwrap_err();
        assert_eq!(open.kind(), std::io::ErrorKind::WouldBlock);
    }

    #[tokio::test]
    async fn an_address_that_has_its_share_gets_no_more() {
        let limits = Limits {
            patience: Duration::from_secs(3600),
            ..limits(4, 2)
        };
        let serving = Serving::with(limits).await;
        let first = serving.connect().await;
        let _second = serving.connect().await;
        // Nobody waits for the first two: they are closed by nobody.
        assert!(serving.ask(b"").await.is_empty());
        drop(first);
        loop {
            let answer = serving.ask(b"GET / HTTP/1.0\r\n\r\n").await;
            if answer.ends_with(b"here") {
                break;
            }
        }
    }
}
