//! Whom a connection waits for, spoken on a line in memory and in a time that passes when it is told to.
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::response::IntoResponse;
use axum::routing::get;
use http::header::CONTENT_ENCODING;
use hyper::body::Bytes;
use syncline_graph_api::AnswerRoom;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, ReadHalf, WriteHalf};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::super::listener::Limits;
use super::super::requests::{self, Requests};
use super::*;

const IDLE: Duration = Duration::from_secs(120);
const MINUTE: Duration = Duration::from_secs(60);
/// Of an answer, of which it has three.
const PIECE: usize = 64 * 1024;

/// Bytes of an answer that hold a share of it, as those of Graph do.
struct Held(Vec<u8>, #[expect(dead_code, reason = "counted")] Arc<()>);

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// The pieces of a large answer.
struct Pieces(Vec<Bytes>);

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, Self::Error>>> {
        std::task::Poll::Ready(self.0.pop().map(|it| Ok(hyper::body::Frame::data(it))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }
}

/// Of bytes that hold nothing by themselves.
fn compressed(share: &Arc<()>) -> impl IntoResponse + use<> {
    let share = Arc::clone(share);
    let room = AnswerRoom::new(move |_| Box::new(Arc::clone(&share)));
    ([(CONTENT_ENCODING, "gzip")], Extension(room), "packed")
}

/// What is served: an answer of three pieces, a small one and an empty one.
fn router(share: &Arc<()>) -> Router {
    let held = |share: &Arc<()>, count: usize| {
        Bytes::from_owner(Held(vec![b'x'; count], Arc::clone(share)))
    };
    let (large, small, room) = (Arc::clone(share), Arc::clone(share), Arc::clone(share));
    Router::new()
        .route(
            "/large",
            get(async move || Body::new(Pieces((0..3).map(|_| held(&large, PIECE)).collect()))),
        )
        .route("/small", get(async move || Body::from(held(&small, 100))))
        .route("/compressed", get(async move || compressed(&room)))
        .route("/empty", get(async || ()))
        .route("/slow", get(async || sleep(MINUTE).await))
        .route("/endless", get(async || std::future::pending::<()>().await))
        .layer(axum::middleware::from_fn_with_state(
            Requests::new(),
            requests::count,
        ))
}

/// Where a client writes.
type Line = Arc<Mutex<WriteHalf<DuplexStream>>>;

/// The streams on which an answer began.
type Answered = Arc<std::sync::Mutex<Vec<u32>>>;

/// A client on a line of its own, and what of its answers is in memory.
struct Client {
    line: Line,
    reading: JoinHandle<()>,
    /// The streams on which an answer began.
    answered: Answered,
    share: Arc<()>,
    /// What of it the server has without an answer.
    of_server: usize,
    stream: u32,
    _close: watch::Sender<bool>,
}

impl Client {
    /// Speaks HTTP/2, opens no window for any answer, and answers PINGs.
    async fn new() -> Self {
        let mut client = Self::silent(answer_pings);
        client.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
        // No byte of any answer without a word.
        client.frame(4, 0, 0, &[0, 4, 0, 0, 0, 0]).await;
        client
    }

    fn silent<F>(read: fn(ReadHalf<DuplexStream>, Line, Answered) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (ours, theirs) = tokio::io::duplex(1024);
        let share = Arc::new(());
        let close = watch::Sender::new(false);
        let connection = Connection {
            acceptor: None,
            router: router(&share),
            limits: Limits::new(1),
            close: close.subscribe(),
        };
        let first = Instant::now() + MINUTE;
        let peer = Peer(IpAddr::V4(Ipv4Addr::LOCALHOST));
        tokio::spawn(async move { connection.speak(theirs, peer, first).await });
        let (reads, writes) = tokio::io::split(ours);
        let line = Arc::new(Mutex::new(writes));
        let answered = Answered::default();
        let reading = read(reads, Arc::clone(&line), Arc::clone(&answered));
        Self {
            reading: tokio::spawn(reading),
            line,
            answered,
            of_server: Arc::strong_count(&share),
            share,
            stream: 1,
            _close: close,
        }
    }

    async fn write(&mut self, bytes: &[u8]) {
        // It may be closed already.
        let _ = self.line.lock().await.write_all(bytes).await;
    }

    async fn frame(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        let frame = frame(kind, flags, stream, payload);
        self.write(&frame).await;
    }

    /// `GET http://a{path}`, on a stream that it returns.
    async fn get(&mut self, path: &str) -> u32 {
        let stream = self.stream;
        self.stream += 2;
        let mut head = vec![0x82, 0x86, 0x41, 1, b'a', 0x04];
        head.extend(length(path.len()));
        head.extend(path.bytes());
        let frames = head.chunks(16 * 1024);
        let last = frames.len() - 1;
        for (at, part) in frames.enumerate() {
            let end_of_headers = if at == last { 4 } else { 0 };
            match at {
                // End of stream.
                0 => self.frame(1, 1 + end_of_headers, stream, part).await,
                _ => self.frame(9, end_of_headers, stream, part).await,
            }
        }
        stream
    }

    /// Lets so many bytes come.
    async fn open(&mut self, stream: u32, bytes: usize) {
        let bytes = u32::try_from(bytes).unwrap().to_be_bytes();
        self.frame(8, 0, 0, &bytes).await;
        self.frame(8, 0, stream, &bytes).await;
    }

    /// Those of its answers that are in memory.
    fn held(&self) -> usize {
        Arc::strong_count(&self.share).saturating_sub(self.of_server)
    }

    fn is_answered(&self, stream: u32) -> bool {
        self.answered.lock().unwrap().contains(&stream)
    }

    fn is_closed(&self) -> bool {
        self.reading.is_finished()
    }
}

/// That of a text in a head (RFC 7541, 5.1).
fn length(of: usize) -> Vec<u8> {
    let Some(mut rest) = of.checked_sub(0x7f) else {
        return vec![of as u8];
    };
    let mut length = vec![0x7f];
    while rest > 0x7f {
        length.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    length.push(rest as u8);
    length
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind, flags];
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// Reads all that comes until the end.
async fn answer_pings(mut reads: ReadHalf<DuplexStream>, line: Line, answered: Answered) {
    let mut head = [0; 9];
    while reads.read_exact(&mut head).await.is_ok() {
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length as usize];
        reads.read_exact(&mut payload).await.unwrap();
        if head[3] == 1 {
            let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
            answered.lock().unwrap().push(stream);
        }
        if head[3] == 6 && head[4] == 0 {
            let pong = frame(6, 1, 0, &payload);
            let _ = line.lock().await.write_all(&pong).await;
        }
    }
}

async fn read_nothing(_reads: ReadHalf<DuplexStream>, _line: Line, _answered: Answered) {
    std::future::pending().await
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_read_gives_its_memory_back_whatever_else_is_asked_for() {
    for path in ["/small", "/large"] {
        let mut client = Client::new().await;
        client.get(path).await;
        let began = Instant::now();
        while !client.is_closed() {
            client.get("/empty").await;
            sleep(MINUTE / 2).await;
            assert!(began.elapsed() < 2 * IDLE, "{path} is kept");
            assert!(client.held() > 0 || began.elapsed() >= IDLE, "{path}");
        }
        assert_eq!(client.held(), 0, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_worked_on_is_answered_beside_an_answer_that_is_not_read() {
    let mut client = Client::new().await;
    client.get("/large").await;
    sleep(IDLE - Duration::from_secs(5)).await;
    let slow = client.get("/slow").await;
    sleep(MINUTE - Duration::from_secs(1)).await;
    assert!(!client.is_closed() && !client.is_answered(slow));
    sleep(Duration::from_secs(2)).await;
    assert!(client.is_answered(slow));
    sleep(MINUTE / 2).await;
    assert!(client.is_closed());
    assert_eq!(client.held(), 0);
}

#[tokio::test(start_paused = true)]
async fn work_without_end_keeps_no_answer_either() {
    let mut client = Client::new().await;
    client.get("/large").await;
    client.get("/endless").await;
    sleep(IDLE + LONGEST_WORK - MINUTE).await;
    assert!(client.held() > 0);
    sleep(2 * MINUTE).await;
    assert!(client.is_closed());
    assert_eq!(client.held(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_byte_now_and_then_keeps_no_answer() {
    let mut client = Client::new().await;
    let stream = client.get("/large").await;
    let began = Instant::now();
    while !client.is_closed() {
        client.open(stream, 1).await;
        client.get("/empty").await;
        sleep(MINUTE / 2).await;
        assert!(began.elapsed() < 2 * IDLE);
    }
    assert_eq!(client.held(), 0);
}

#[tokio::test(start_paused = true)]
async fn whoever_takes_a_piece_in_time_has_as_long_for_the_next_one() {
    let mut client = Client::new().await;
    let stream = client.get("/large").await;
    for left in (0..3).rev() {
        sleep(IDLE - MINUTE / 2).await;
        assert!(!client.is_closed());
        client.open(stream, PIECE).await;
        sleep(Duration::from_secs(1)).await;
        assert_eq!(client.held(), left);
    }
    // A connection with nothing on it has its own time.
    assert!(!client.is_closed());
}

#[tokio::test(start_paused = true)]
async fn the_head_of_a_request_may_be_long_and_not_too_long() {
    for (length, served) in [(48 * 1024, true), (80 * 1024, false)] {
        let path = format!("/large?{}", "x".repeat(length));
        let mut client = Client::new().await;
        client.get(&path).await;
        sleep(Duration::from_secs(1)).await;
        assert_eq!(client.held() > 0, served, "HTTP/2, {length}");
        let mut client = Client::silent(read_nothing);
        let head = format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n");
        client.write(head.as_bytes()).await;
        sleep(Duration::from_secs(1)).await;
        assert_eq!(client.held() > 0, served, "HTTP/1, {length}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_compressed_takes_room_until_it_is_read() {
    let mut client = Client::new().await;
    let stream = client.get("/compressed").await;
    sleep(MINUTE).await;
    // Its piece, and the answer with which to take more.
    assert_eq!(client.held(), 2);
    client.open(stream, PIECE).await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(client.held(), 0);
}

#[tokio::test(start_paused = true)]
async fn it_is_the_same_on_http_1() {
    let mut client = Client::silent(read_nothing);
    client
        .write(b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n")
        .await;
    sleep(IDLE - MINUTE / 2).await;
    assert_eq!(client.held(), 3);
    sleep(MINUTE).await;
    assert_eq!(client.held(), 0);
}
