//! A server that was started before the binary was replaced, and says nothing before it has its command.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixListener;
use std::thread::{self, JoinHandle};

use crate::support::Syncline;

/// A server that answers so, once; what it was asked.
fn answering(syncline: &Syncline, answer: &'static str) -> (File, JoinHandle<String>) {
    let data = syncline.data();
    let lock = File::create(data.join("lock")).unwrap();
    lock.lock().unwrap();
    let told = format!(
        "https://localhost:8443\n{}\n{}\nserve\n{}\n",
        data.join("syncline.db").display(),
        std::process::id(),
        env!("CARGO_PKG_VERSION")
    );
    (&lock).write_all(told.as_bytes()).unwrap();
    let listener = UnixListener::bind(data.join("control.sock")).unwrap();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut command = String::new();
        let mut reading = BufReader::new(stream.try_clone().unwrap());
        reading.read_line(&mut command).unwrap();
        if !command.is_empty() {
            writeln!(stream, "{answer}").unwrap();
        }
        command
    });
    (lock, server)
}

#[test]
fn an_older_server_of_the_same_version_is_given_its_command_at_once() {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    let (_lock, server) = answering(&syncline, r#"{"answer":{"tenants":[]}}"#);
    let listed = syncline.json(&["tenant", "list"]);
    assert_eq!(listed["tenants"], serde_json::json!([]));
    server.join().unwrap();
}

#[test]
fn a_dry_run_asks_an_older_server_for_what_it_does_not_know() {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    let users = syncline.file("users.csv", b"userPrincipalName,displayName\n");
    let failure = r#"{"failure":{"message":"unknown variant"}}"#;
    let (_lock, server) = answering(&syncline, failure);
    let import = ["import", "--tenant", "contoso.example", &users];
    let said = syncline.fails(&[&import[..], &["--dry-run"]].concat());
    assert!(said.contains("unknown variant"), "{said}");
    // One that it knew it would do, and take no notice of a switch.
    let asked = server.join().unwrap();
    assert!(asked.starts_with(r#"{"importDryRun":"#), "{asked}");
}
