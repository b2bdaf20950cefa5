//! One installation in a temporary folder, and the server on it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;

const LOOK_EVERY: Duration = Duration::from_millis(5);
/// Far more than anything here takes; a test that waits for what never comes ends.
const MOST_LOOKS: usize = 20_000;

/// A data directory that goes away with the test.
pub struct Syncline {
    folder: tempfile::TempDir,
}

impl Syncline {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Self::bare();
        command.arg("--data").arg(self.data()).args(arguments);
        command
    }

    /// The same, and a variable names the data directory, as in a container.
    pub fn command_by_variable(&self, arguments: &[&str]) -> Command {
        let mut command = Self::bare();
        command.env("SYNCLINE_DATA", self.data()).args(arguments);
        command
    }

    fn bare() -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_syncline"));
        // What whoever runs the tests has set for a server of theirs.
        for (name, _) in std::env::vars_os() {
            let set = name.to_string_lossy();
            if set.starts_with("SYNCLINE_") || set.starts_with("OTEL_") {
                command.env_remove(&name);
            }
        }
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs with `--output json`, demands success, and reads the one document on stdout.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let arguments: Vec<&str> = arguments
            .iter()
            .copied()
            .chain(["--output", "json"])
            .collect();
        let output = self.run(&arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            stderr(&output)
        );
        serde_json::from_slice(&output.stdout).expect("stdout is one JSON document")
    }

    /// The same of a command that did its work and has bad news: exit code 1.
    pub fn bad_news(&self, arguments: &[&str]) -> Value {
        let arguments: Vec<&str> = arguments
            .iter()
            .copied()
            .chain(["--output", "json"])
            .collect();
        let output = self.run(&arguments);
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        serde_json::from_slice(&output.stdout).expect("stdout is one JSON document")
    }

    /// Runs and demands exit code 1; returns stderr.
    pub fn fails(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(
            output.status.code(),
            Some(1),
            "{arguments:?}: {}",
            stdout(&output)
        );
        let message = stderr(&output);
        if arguments.contains(&"json") {
            let document: Value = serde_json::from_slice(&output.stdout).unwrap();
            let told = document["error"]["message"].as_str().unwrap();
            assert!(message.contains(told), "{told}: {message}");
        } else {
            assert!(
                output.stdout.is_empty(),
                "nothing on stdout: {}",
                stdout(&output)
            );
        }
        message
    }

    /// Writes a file beside the data directory.
    pub fn file(&self, name: &str, content: &[u8]) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub fn tenant(&self, name: &str) -> Value {
        let domain = format!("{name}.example");
        self.json(&[
            "tenant",
            "create",
            "--domain",
            &domain,
            "--display-name",
            name,
        ])
    }

    /// Starts a server and waits for its ready line.
    pub fn serve(&self, arguments: &[&str]) -> Server {
        self.serve_with(arguments, &[])
    }

    /// The same with these environment variables.
    pub fn serve_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Server {
        self.serve_logging_with("off", arguments, variables)
    }

    /// A server that logs by this filter.
    pub fn serve_logging(&self, filter: &str, arguments: &[&str]) -> Server {
        self.serve_logging_with(filter, arguments, &[])
    }

    /// The same with these environment variables.
    pub fn serve_logging_with(
        &self,
        filter: &str,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Server {
        let arguments: Vec<&str> = ["serve", "--listen", "127.0.0.1:0"]
            .into_iter()
            .chain(arguments.iter().copied())
            .collect();
        let mut command = self.command(&arguments);
        command
            .env("SYNCLINE_LOG", filter)
            .envs(variables.iter().copied());
        self.spawn(command)
    }

    /// Starts what will serve and waits for its ready line.
    pub fn spawn(&self, mut command: Command) -> Server {
        let stderr = self.folder.path().join("stderr.log");
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&stderr).unwrap())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        let origin = loop {
            line.clear();
            assert!(stdout.read_line(&mut line).unwrap() > 0, "no ready line");
            if let Some(origin) = line.trim().strip_prefix("listening on ") {
                break origin.to_owned();
            }
        };
        Server {
            child,
            origin,
            ca: self.data().join("tls").join("ca.pem"),
            stderr,
            _stdout: stdout,
        }
    }
}

/// A running server.
pub struct Server {
    child: Child,
    pub origin: String,
    ca: PathBuf,
    stderr: PathBuf,
    /// Kept: a process whose stdout is gone could not go on speaking.
    _stdout: BufReader<ChildStdout>,
}

impl Server {
    /// An HTTP client that trusts the server's CA, and nothing else.
    pub fn client(&self) -> reqwest::Client {
        client_trusting(&self.ca)
    }

    /// A client for plain HTTP, which shows redirects instead of following them.
    pub fn client_without_tls(&self) -> reqwest::Client {
        // The client is built with TLS whether it is used or not.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        reqwest::Client::builder()
            .tls_certs_only([])
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap()
    }

    /// Certificate of its CA.
    pub fn ca(&self) -> &Path {
        &self.ca
    }

    /// Asks the process to end, as an operator does, and returns its exit code.
    pub fn stop(mut self) -> Option<i32> {
        self.signal();
        self.child.wait().unwrap().code()
    }

    /// The same, with what it wrote to stderr.
    pub fn stop_and_tell(self) -> (Option<i32>, String) {
        let stderr = self.stderr.clone();
        let code = self.stop();
        (code, std::fs::read_to_string(stderr).unwrap())
    }

    /// What it wrote to stderr so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.stderr).unwrap()
    }

    /// Asks it to end and does not wait.
    pub fn signal(&self) {
        self.send("-TERM");
    }

    /// Sends a signal by its name for `kill`: `-STOP`, `-CONT`, `-KILL`.
    pub fn send(&self, signal: &str) {
        let sent = Command::new("kill")
            .args([signal, &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success(), "kill {signal}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Ended already, or ends now; either way nothing is left of it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An HTTP client that trusts this CA, and nothing else.
pub fn client_trusting(ca: &Path) -> reqwest::Client {
    // The first caller installs it; the others find it.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let pem = std::fs::read(ca).unwrap();
    let ca = reqwest::Certificate::from_pem(&pem).unwrap();
    reqwest::Client::builder()
        .tls_certs_only([ca])
        .build()
        .unwrap()
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The names of what a folder holds.
pub fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Returns when the condition holds, and fails when it never does.
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let (_never, silence) = mpsc::channel::<()>();
    for _ in 0..MOST_LOOKS {
        if condition() {
            return;
        }
        let _ = silence.recv_timeout(LOOK_EVERY);
    }
    panic!("waited in vain: {what}");
}

/// The issuer that a server without TLS names to all tenants.
pub async fn issuer(server: &Server) -> String {
    let discovery = "common/v2.0/.well-known/openid-configuration";
    let request = server
        .client_without_tls()
        .get(format!("{}/{discovery}", server.origin));
    let document: Value = request.send().await.unwrap().json().await.unwrap();
    document["issuer"].as_str().unwrap().to_owned()
}

/// An access token of the tenant's application.
pub async fn token(server: &Server, tenant: &Value) -> String {
    let answer = token_answer(server, tenant, &tenant["application"]).await;
    answer["access_token"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer}"))
        .to_owned()
}

/// What the token endpoint says to an application of a tenant.
pub async fn token_answer(server: &Server, tenant: &Value, application: &Value) -> Value {
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", application["clientId"].as_str().unwrap())
        .append_pair(
            "client_secret",
            application["clientSecret"].as_str().unwrap(),
        )
        .append_pair("scope", &format!("{}/.default", server.origin))
        .finish();
    let url = format!(
        "{}/{}/oauth2/v2.0/token",
        server.origin,
        tenant["tenantId"].as_str().unwrap()
    );
    let request = server
        .client()
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    request.send().await.unwrap().json().await.unwrap()
}

/// The cookie of somebody who signed in to the status page.
pub async fn signed_in(server: &Server, user: &str, password: &str) -> String {
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("user", user)
        .append_pair("password", password)
        .finish();
    let answer = no_redirect(server)
        .post(format!("{}/sign-in", server.origin))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", &server.origin)
        .body(form)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 303);
    answer.headers()["set-cookie"].to_str().unwrap().to_owned()
}

/// A client that shows redirects instead of following them.
fn no_redirect(server: &Server) -> reqwest::Client {
    let ca = std::fs::read(server.ca()).unwrap();
    reqwest::Client::builder()
        .tls_certs_only([reqwest::Certificate::from_pem(&ca).unwrap()])
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}
