//! A server with few file descriptors.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;

use crate::support::{Server, Syncline};

/// Serves in clear text under this limit, as `ulimit` takes it.
fn serve(syncline: &Syncline, limit: &str) -> Server {
    let arguments = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--tls",
        "off",
        "--no-scheduler",
    ];
    let serve = syncline.command(&arguments);
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(format!("ulimit {limit} && exec \"$@\""))
        .arg("sh")
        .arg(serve.get_program())
        .args(serve.get_args());
    for (name, value) in serve.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.env("SYNCLINE_LOG", "warn");
    syncline.spawn(command)
}

/// A connection that was answered and is still open.
fn answered(server: &Server) -> TcpStream {
    let mut stream = TcpStream::connect(server.origin.trim_start_matches("http://")).unwrap();
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .unwrap();
    let mut begin = [0; 12];
    stream.read_exact(&mut begin).unwrap();
    assert_eq!(&begin, b"HTTP/1.1 200");
    stream
}

#[test]
fn a_server_takes_as_many_descriptors_as_it_may_have() {
    let syncline = Syncline::new();
    let server = serve(&syncline, "-Sn 256");
    let open: Vec<TcpStream> = (0..300).map(|_| answered(&server)).collect();
    assert_eq!(open.len(), 300);
    assert!(
        !server.log().contains("file descriptors"),
        "{}",
        server.log()
    );
}

#[test]
fn a_server_that_may_have_few_says_so_once_and_answers() {
    let syncline = Syncline::new();
    let server = serve(&syncline, "-n 256");
    drop(answered(&server));
    let log = server.log();
    let told = log.matches("too few file descriptors").count();
    assert!(told == 1 && log.contains("connections=64"), "{log}");
}
