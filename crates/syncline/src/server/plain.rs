//! Plain HTTP that is spoken where TLS is expected: whoever typed `http://` is told so.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const TEXT: &str = "This port speaks HTTPS. Use https:// instead of http://.\n";

const END: &[u8] = b"\r\n\r\n";

/// Heads of requests are shorter as a rule; more is not waited for.
const LONGEST_HEAD: usize = 16 * 1024;

/// Whether the first byte begins a method. A TLS session begins with 22, the number of a handshake.
pub async fn is_spoken(stream: &TcpStream) -> bool {
    let mut first = [0];
    matches!(stream.peek(&mut first).await, Ok(1) if first[0].is_ascii_alphabetic())
}

fn ends(head: &[u8]) -> bool {
    head.windows(END.len()).any(|it| it == END)
}

/// Answers the request and ends the connection.
pub async fn refuse(mut stream: TcpStream) -> std::io::Result<()> {
    // Read to the end of its head first: what nobody has read makes the client lose the answer.
    let mut head = Vec::new();
    let mut looked_at = 0;
    while !ends(&head[looked_at..]) && head.len() < LONGEST_HEAD {
        // Whoever sends it byte by byte must not make us look at all of it each time.
        looked_at = head.len().saturating_sub(END.len() - 1);
        if stream.read_buf(&mut head).await? == 0 {
            break;
        }
    }
    let answer = format!(
        "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{TEXT}",
        TEXT.len()
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}
