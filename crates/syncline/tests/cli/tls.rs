//! `serve` with a certificate of one's own, and without any.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::support::{Server, Syncline, client_trusting, names_in, stderr, wait_until};

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
    // Nor does anybody there get in: who listens to others names the URL that they use.
    assert!(log.contains("on other machines cannot sign in"), "{log}");
    assert_eq!(server.stop(), Some(0));

    let near = syncline.serve(&["--tls", "off"]);
    let log = near.log();
    assert!(
        !log.contains("clear text") && !log.contains("cannot sign in"),
        "{log}"
    );
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

/// A file of those that a server made itself.
fn made(by: &Syncline, name: &str) -> PathBuf {
    by.data().join("tls").join(name)
}

/// Whether a client that trusts this CA alone gets through a handshake with the server.
async fn is_trusted(server: &Server, ca: &Path) -> bool {
    let request = client_trusting(ca).get(format!("{}/healthz", server.origin));
    request.send().await.is_ok()
}

fn certificate_finding(diagnosis: &serde_json::Value) -> &str {
    let checks = diagnosis["checks"].as_array().unwrap();
    let check = checks.iter().find(|it| it["name"] == "certificate");
    check.unwrap()["finding"].as_str().unwrap()
}

#[tokio::test]
async fn another_certificate_is_shown_once_its_key_is_there_too() {
    let ((old, ..), (new, ..)) = (files(), files());
    let syncline = Syncline::new();
    let copy = |name: &str| syncline.file(name, &std::fs::read(made(&old, name)).unwrap());
    let (certificate, key) = (copy("server.pem"), copy("server.key"));
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let named = ["--tls-cert", &certificate, "--tls-key", &key];
    let server = syncline.serve_logging("info", &named);
    let (old_ca, new_ca) = (made(&old, "ca.pem"), made(&new, "ca.pem"));
    assert!(is_trusted(&server, &old_ca).await);
    assert!(certificate_finding(&syncline.json(&["doctor"])).contains(&certificate));

    // As certificate clients do it: one file after the other.
    std::fs::copy(made(&new, "server.pem"), &certificate).unwrap();
    server.send("-HUP");
    wait_until("the half of a pair is told", || {
        server.log().contains("does not belong to")
    });
    assert!(is_trusted(&server, &old_ca).await);
    let half = syncline.bad_news(&["doctor"]);
    assert!(
        certificate_finding(&half).contains("the one from before is shown"),
        "{half}"
    );

    std::fs::copy(made(&new, "server.key"), &key).unwrap();
    server.send("-HUP");
    wait_until("the other certificate is shown", || {
        server.log().contains("is shown from now on")
    });
    assert!(is_trusted(&server, &new_ca).await);
    assert!(!is_trusted(&server, &old_ca).await);
    assert_eq!(server.stop(), Some(0));
}

#[tokio::test]
async fn that_a_certificate_has_ended_is_said_in_the_log_by_doctor_and_by_a_figure() {
    let syncline = Syncline::new();
    let mut made = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    made.not_before = rcgen::date_time_ymd(2000, 1, 1);
    made.not_after = rcgen::date_time_ymd(2001, 1, 1);
    let key = rcgen::KeyPair::generate().unwrap();
    let pem = made.self_signed(&key).unwrap().pem();
    let certificate = syncline.file("server.pem", pem.as_bytes());
    let key = syncline.file("server.key", key.serialize_pem().as_bytes());
    let named = ["--tls-cert", &certificate, "--tls-key", &key];
    let figures = ["--metrics-listen", "127.0.0.1:0"];
    let server = syncline.serve_logging("info", &[&named[..], &figures].concat());
    wait_until("the end is told", || {
        server
            .log()
            .contains("has ended, and clients refuse it. It was good until 2001-01-01T00:00:00Z")
    });
    let diagnosis = syncline.bad_news(&["doctor"]);
    let finding = certificate_finding(&diagnosis);
    assert!(
        finding.starts_with("ended 2001-01-01T00:00:00Z"),
        "{finding}"
    );
    let log = server.log();
    let (_, rest) = log.split_once("metrics at ").unwrap();
    let url = rest.lines().next().unwrap();
    let request = server.client_without_tls().get(url);
    let figures = request.send().await.unwrap().text().await.unwrap();
    assert!(
        figures.contains("\nsyncline_tls_certificate_end_seconds 978307200\n"),
        "{figures}"
    );
}

#[test]
fn what_keeps_clients_from_the_public_url_is_warned_of() {
    let (_other, certificate, key) = files();
    let own = ["--tls-cert", &certificate, "--tls-key", &key];
    let warnings = |arguments: &[&str]| -> String {
        let syncline = Syncline::new();
        let (_, log) = syncline.serve(arguments).stop_and_tell();
        let warned = log.lines().filter(|line| line.starts_with("warning: "));
        warned.collect::<Vec<_>>().join("\n")
    };
    let at = |url| ["--public-url", url];
    let elsewhere = at("https://sync.example");
    let warned = warnings(&[&own[..], &elsewhere].concat());
    assert!(
        warned.contains("at port 443, and this server listens on"),
        "{warned}"
    );
    let warned = warnings(&elsewhere);
    assert!(warned.contains("clients refuse it at https://sync.example"));
    // A proxy ends TLS, and whoever names nothing is told the port.
    assert_eq!(warnings(&[&elsewhere[..], &["--tls", "off"]].concat()), "");
    assert_eq!(warnings(&own), "");
    assert_eq!(warnings(&[]), "");
}

/// As a clock that is ahead makes them: the certificate of the server, and a CA that tells whose it is.
fn made_by_a_clock_that_is_ahead(syncline: &Syncline) {
    let dates = |it: &mut rcgen::CertificateParams| {
        it.not_before = rcgen::date_time_ymd(4000, 1, 1);
        it.not_after = rcgen::date_time_ymd(4001, 1, 1);
    };
    let mut ca = rcgen::CertificateParams::default();
    ca.distinguished_name
        .push(rcgen::DnType::CommonName, "Syncline local CA");
    ca.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    dates(&mut ca);
    let ca = rcgen::CertifiedIssuer::self_signed(ca, rcgen::KeyPair::generate().unwrap()).unwrap();
    let mut leaf = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    dates(&mut leaf);
    let key = rcgen::KeyPair::generate().unwrap();
    let leaf = leaf.signed_by(&key, &ca).unwrap();
    let folder = syncline.data().join("tls");
    std::fs::write(folder.join("ca.pem"), ca.pem()).unwrap();
    std::fs::write(folder.join("server.pem"), leaf.pem()).unwrap();
    std::fs::write(folder.join("server.key"), key.serialize_pem()).unwrap();
}

#[tokio::test]
async fn a_certificate_of_a_time_to_come_is_told_and_made_anew_by_a_start() {
    let syncline = Syncline::new();
    let server = syncline.serve(&[]);
    assert_eq!(server.stop(), Some(0));
    made_by_a_clock_that_is_ahead(&syncline);
    let diagnosis = syncline.bad_news(&["doctor"]);
    let finding = certificate_finding(&diagnosis);
    assert!(
        finding.starts_with("is not good before 4000-01-01T00:00:00Z"),
        "{finding}"
    );
    let server = syncline.serve(&[]);
    assert!(is_trusted(&server, &made(&syncline, "ca.pem")).await);
    let diagnosis = syncline.json(&["doctor"]);
    assert!(certificate_finding(&diagnosis).starts_with("good until 20"));
    assert_eq!(server.stop(), Some(0));
}

#[tokio::test]
async fn a_named_certificate_of_a_time_to_come_does_not_replace_one_that_is_good() {
    let (old, certificate, key) = files();
    let syncline = Syncline::new();
    let ca = syncline.file("ca.pem", &std::fs::read(made(&old, "ca.pem")).unwrap());
    let named = ["--tls-cert", &certificate, "--tls-key", &key];
    let server = syncline.serve_logging("info", &named);
    made_by_a_clock_that_is_ahead(&old);
    server.send("-HUP");
    wait_until("it is told", || {
        server
            .log()
            .contains("is not good before 4000-01-01T00:00:00Z")
    });
    let diagnosis = syncline.bad_news(&["doctor"]);
    let finding = certificate_finding(&diagnosis);
    assert!(
        finding.contains("the one from before is shown"),
        "{finding}"
    );
    assert!(is_trusted(&server, Path::new(&ca)).await);
    assert_eq!(server.stop(), Some(0));
    // Where nothing else was shown before, it is, and that is told.
    let server = syncline.serve_logging("info", &named);
    wait_until("it is told", || {
        server
            .log()
            .contains("is not good yet, by the clock of this server")
    });
    let diagnosis = syncline.bad_news(&["doctor"]);
    let finding = certificate_finding(&diagnosis);
    assert!(finding.starts_with("is not good before 4000"), "{finding}");
}
