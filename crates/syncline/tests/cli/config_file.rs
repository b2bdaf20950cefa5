//! A file with settings of `serve`: what a flag or its variable says, where neither does.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Output};

use crate::support::{Syncline, issuer, stderr};

fn file(syncline: &Syncline, text: &str) -> PathBuf {
    let path = syncline.data().with_extension("yaml");
    fs::write(&path, text).unwrap();
    path
}

fn serve(syncline: &Syncline, text: &str, flags: &[&str]) -> Command {
    let mut command = syncline.command(&["serve", "--config"]);
    command.arg(file(syncline, text)).args(flags);
    command.env("SYNCLINE_LOG", "off");
    command
}

fn refused(syncline: &Syncline, text: &str) -> String {
    let output: Output = serve(syncline, text, &[]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(!syncline.data().exists(), "{text}");
    stderr(&output)
}

const SETTINGS: &str = "
# Where a proxy reaches it
listen: 127.0.0.1:0
tls: off
public-url: https://sync.example
no-scheduler: true
log-retention-days: 90
";

#[test]
fn flags_win_over_variables_and_variables_over_the_file() {
    let syncline = Syncline::new();
    let scheme = |command: Command| {
        let server = syncline.spawn(command);
        let origin = server.origin.clone();
        assert_eq!(server.stop(), Some(0));
        origin.split_once(':').unwrap().0.to_owned()
    };
    assert_eq!(scheme(serve(&syncline, SETTINGS, &[])), "http");
    let mut by_variable = serve(&syncline, SETTINGS, &[]);
    by_variable.env("SYNCLINE_TLS", "generated");
    assert_eq!(scheme(by_variable), "https");
    let mut by_flag = serve(&syncline, SETTINGS, &["--tls", "off"]);
    by_flag.env("SYNCLINE_TLS", "generated");
    assert_eq!(scheme(by_flag), "http");
    let mut named_by_variable = syncline.command(&["serve"]);
    named_by_variable.env("SYNCLINE_CONFIG", file(&syncline, SETTINGS));
    assert_eq!(scheme(named_by_variable), "http");
}

/// Where the data is, for a command that works there.
#[test]
fn every_command_reads_what_concerns_it() {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    let text = format!("{SETTINGS}data: {}\n", syncline.data().display());
    let config = file(&syncline, &text);
    let mut list = Command::new(env!("CARGO_BIN_EXE_syncline"));
    list.env_remove("SYNCLINE_DATA").arg("tenant").arg("list");
    let listed = list.arg("--config").arg(&config).output().unwrap();
    assert_eq!(listed.status.code(), Some(0), "{}", stderr(&listed));
    let told = String::from_utf8(listed.stdout).unwrap();
    assert!(told.contains("contoso"), "{told}");
}

#[test]
fn what_no_flag_could_say_is_told_with_its_place() {
    let syncline = Syncline::new();
    for (text, told) in [
        (
            "tls: off\nlistn: 127.0.0.1:0\n",
            "line 2: there is no setting `listn`; is `listen` meant?",
        ),
        ("strict_graph: true\n", "is `strict-graph` meant?"),
        ("databse: x\n", "is `database` meant?"),
        ("tls-crt: x\n", "is `tls-cert` meant?"),
        (
            "max-sign-ins-per-adress: 3\n",
            "is `max-sign-ins-per-address` meant?",
        ),
        (
            "max-device-codes-per-adress: 3\n",
            "is `max-device-codes-per-address` meant?",
        ),
        ("colour: blue\n", "line 1: there is no setting `colour`\n"),
        (
            "config: other.yaml\n",
            "line 1: there is no setting `config`",
        ),
        ("output: json\n", "line 1: there is no setting `output`"),
        ("listen: here\n", "line 1: invalid value 'here'"),
        ("log-retention-days: 9000\n", "9000 is not in 1..=3650"),
        ("no-scheduler: perhaps\n", "`no-scheduler` is true or false"),
        ("listen:\n", "a value is missing here"),
        (
            "listen: 127.0.0.1:0\nlisten: 127.0.0.1:1\n",
            "`listen` is there twice",
        ),
        ("tls: files\n", "both --tls-cert and --tls-key"),
        ("tls-cert: server.pem\n", "both --tls-cert and --tls-key"),
    ] {
        let found = refused(&syncline, text);
        assert!(found.contains(told), "{text}: {found}");
    }
    let mut missing = syncline.command(&["jobs", "list", "--config", "/nowhere/syncline.yaml"]);
    let missing = missing.output().unwrap();
    assert_eq!(missing.status.code(), Some(2));
    assert!(stderr(&missing).contains("/nowhere/syncline.yaml"));
    for words in [&["--config="][..], &["--config", ""]] {
        let mut unnamed = syncline.command(&["jobs", "list"]);
        let unnamed = unnamed.args(words).output().unwrap();
        assert_eq!(unnamed.status.code(), Some(2));
        let told = stderr(&unnamed);
        assert!(told.contains("--config names no file"), "{told}");
    }
}

/// Whoever is about to mend the file may ask.
#[test]
fn help_needs_no_file() {
    let syncline = Syncline::new();
    for words in [
        &["--help"][..],
        &["--version"],
        &["jobs", "list", "-h"],
        &["help", "serve"],
        &["completions", "bash"],
    ] {
        let mut asked = syncline.command(words);
        asked.env("SYNCLINE_CONFIG", "/nowhere/syncline.yaml");
        let output = asked.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{words:?}");
        assert!(!output.stdout.is_empty(), "{words:?}");
    }
}

#[tokio::test]
async fn the_public_address_may_be_in_the_file() {
    let syncline = Syncline::new();
    let server = syncline.spawn(serve(&syncline, SETTINGS, &[]));
    let issuer = issuer(&server).await;
    assert!(issuer.starts_with("https://sync.example/"), "{issuer}");
}

/// The password is in none of the messages, either.
#[test]
fn a_file_that_holds_a_password_is_for_its_owner() {
    let syncline = Syncline::new();
    let text = "database: postgres://syncline:s3cret@127.0.0.1:1/syncline\n";
    let open = refused(&syncline, text);
    assert!(open.contains("chmod o="), "{open}");
    let twice = refused(&syncline, &format!("{text}{text}"));
    // The password of such a one may stand behind its name as well.
    let behind = "database: postgres://127.0.0.1:1/x?user=u&password=s3cret\n";
    let open_too = refused(&syncline, behind);
    assert!(open_too.contains("chmod o="), "{open_too}");
    for told in [open, open_too, twice] {
        assert!(!told.contains("s3cret"), "{told}");
    }
    let path = file(&syncline, text);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let mut help = syncline.command(&["serve", "--help", "--config"]);
    let help = help.arg(&path).output().unwrap();
    assert_eq!(help.status.code(), Some(0));
    assert!(!String::from_utf8(help.stdout).unwrap().contains("s3cret"));
}

/// What the page on running as a service has.
#[test]
fn the_example_of_the_documentation_is_one() {
    let page = include_str!("../../../../docs/operations/run-as-a-service.md");
    let (_, rest) = page.split_once("```yaml\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    let syncline = Syncline::new();
    let there = ["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"];
    let lines: String = example
        .lines()
        .fold(String::new(), |text, line| text + line.trim_start() + "\n");
    let server = syncline.spawn(serve(&syncline, &lines, &there));
    assert!(server.origin.starts_with("http://"), "{}", server.origin);
    assert_eq!(server.stop(), Some(0));
}
