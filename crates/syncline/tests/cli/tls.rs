//! `serve` with a certificate of one's own, and without any.

use crate::support::{Syncline, names_in, stderr};

/// The files of a certificate for localhost: those that another server made itself.
fn files() -> (Syncline, String, String) {
    let syncline = Syncline::new();
    assert_eq!(syncline.serve(&[]).stop(), Some(0));
    let tls = syncline.data().join("tls");
    let file = |name: &str| tls.join(name).to_str().unwrap().to_owned();
    let (certificate, key) = (file("server.pem"), file("server.key"));
    (syncline, certificate, key)
}

#[test]
fn files_that_are_named_are_used() {
    let (_other, certificate, key) = files();
    let syncline = Syncline::new();
    let server = syncline.serve(&["--tls-cert", &certificate, "--tls-key", &key]);
    assert!(server.origin.starts_with("https://"), "{}", server.origin);
    assert_eq!(server.stop(), Some(0));
    assert!(!names_in(&syncline.data()).contains(&"tls".to_owned()));
}

#[test]
fn files_that_are_swapped_or_do_not_belong_together_are_named() {
    let (syncline, certificate, key) = files();
    let (_other, foreign, _) = files();
    let serve = |certificate: &str, key: &str| {
        let listen = ["serve", "--listen", "127.0.0.1:0"];
        let files = ["--tls-cert", certificate, "--tls-key", key];
        syncline.fails(&[&listen[..], &files].concat())
    };
    let message = serve(&key, &certificate);
    assert!(
        message.contains(&format!("no certificate was found in {key}")),
        "{message}"
    );
    let message = serve(&certificate, &certificate);
    assert!(
        message.contains(&format!("no private key was found in {certificate}")),
        "{message}"
    );
    let message = serve(&foreign, &key);
    for part in ["does not belong to", &foreign, &key] {
        assert!(message.contains(part), "{part}: {message}");
    }
}

#[test]
fn what_others_could_read_on_the_way_is_warned_of() {
    let syncline = Syncline::new();
    let mut command = syncline.command(&["serve", "--listen", "0.0.0.0:0", "--tls", "off"]);
    command.env("SYNCLINE_LOG", "off");
    let server = syncline.spawn(command);
    assert!(
        server.origin.starts_with("http://0.0.0.0:"),
        "{}",
        server.origin
    );
    let log = server.log();
    assert!(
        log.contains("warning: ") && log.contains("clear text"),
        "{log}"
    );
    assert_eq!(server.stop(), Some(0));

    let near = syncline.serve(&["--tls", "off"]);
    assert!(!near.log().contains("clear text"));
}

#[test]
fn a_file_that_is_missing_is_named() {
    let syncline = Syncline::new();
    let output = syncline.run(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--tls-cert",
        "nowhere.pem",
        "--tls-key",
        "nowhere.key",
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("nowhere.pem"));
}
