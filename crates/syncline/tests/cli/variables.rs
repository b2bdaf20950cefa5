//! What `serve` is told by environment variables, as a unit file or a container has them.

use crate::support::{Syncline, issuer, stderr, token};

/// `serve` with these variables and flags alone.
fn serve(syncline: &Syncline, flags: &[&str], variables: &[(&str, &str)]) -> std::process::Command {
    let mut command = syncline.command(&["serve"]);
    command.args(flags).env("SYNCLINE_LOG", "off");
    command.env("SYNCLINE_LISTEN", "127.0.0.1:0");
    command.envs(variables.iter().copied());
    command
}

#[tokio::test]
async fn variables_say_what_flags_say() {
    let syncline = Syncline::new();
    let variables = [
        ("SYNCLINE_TLS", "off"),
        ("SYNCLINE_NO_SCHEDULER", "true"),
        ("SYNCLINE_PUBLIC_URL", "https://sync.example"),
    ];
    let server = syncline.spawn(serve(&syncline, &[], &variables));
    assert!(
        server.origin.starts_with("http://127.0.0.1:"),
        "{}",
        server.origin
    );
    let issuer = issuer(&server).await;
    assert!(issuer.starts_with("https://sync.example/"), "{issuer}");
}

#[test]
fn a_certificate_can_be_named_by_variables() {
    let other = Syncline::new();
    assert_eq!(other.serve(&[]).stop(), Some(0));
    let tls = other.data().join("tls");
    let (certificate, key) = (tls.join("server.pem"), tls.join("server.key"));
    let variables = [
        ("SYNCLINE_TLS_CERT", certificate.to_str().unwrap()),
        ("SYNCLINE_TLS_KEY", key.to_str().unwrap()),
    ];
    let syncline = Syncline::new();
    let server = syncline.spawn(serve(&syncline, &[], &variables));
    assert!(server.origin.starts_with("https://"), "{}", server.origin);
    assert_eq!(server.stop(), Some(0));
    // None was made for it.
    assert!(!syncline.data().join("tls").exists());
    let output = serve(&syncline, &[], &variables[..1]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--tls-key"), "{}", stderr(&output));
}

#[test]
fn a_flag_wins_over_its_variable() {
    let syncline = Syncline::new();
    let off = [("SYNCLINE_TLS", "off")];
    let server = syncline.spawn(serve(&syncline, &["--tls", "generated"], &off));
    assert!(server.origin.starts_with("https://"), "{}", server.origin);
}

#[tokio::test]
async fn a_switch_is_true_or_false_and_nothing_else() {
    let syncline = Syncline::new();
    let tenant = syncline.tenant("contoso");
    let url = "/v1.0/users?$filter=displayName%20ne%20'Ana'";
    for (said, status) in [("true", 400), ("1", 400), ("false", 200), ("no", 200)] {
        let strict = [("SYNCLINE_STRICT_GRAPH", said)];
        let server = syncline.spawn(serve(&syncline, &[], &strict));
        let request = server.client().get(format!("{}{url}", server.origin));
        let answer = request.bearer_auth(token(&server, &tenant).await);
        assert_eq!(answer.send().await.unwrap().status(), status, "{said}");
    }
    for (variable, flag) in [
        ("SYNCLINE_STRICT_GRAPH", "--strict-graph"),
        ("SYNCLINE_GRAPH_THROTTLING", "--graph-throttling"),
        ("SYNCLINE_NO_SCHEDULER", "--no-scheduler"),
    ] {
        let mut command = serve(&syncline, &[], &[(variable, "perhaps")]);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{variable}");
        assert!(stderr(&output).contains(flag), "{}", stderr(&output));
    }
}

/// The file would be used in place of the server, and what is done in it missed there.
#[test]
fn a_database_that_is_named_with_nothing_is_refused() {
    let syncline = Syncline::new();
    let empty = [("SYNCLINE_DATABASE", "")];
    let served = serve(&syncline, &[], &empty).output().unwrap();
    let mut list = syncline.command(&["tenant", "list"]);
    let listed = list.envs(empty).output().unwrap();
    for output in [served, listed] {
        assert_eq!(output.status.code(), Some(1));
        let told = stderr(&output);
        assert!(told.contains("SYNCLINE_DATABASE is empty"), "{told}");
    }
    assert!(!syncline.data().exists());
}
