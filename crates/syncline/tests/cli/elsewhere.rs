//! A server that sees other folders than whoever types, as a service does with a `/tmp` of its own; and pipes, which are
//! nowhere but here.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixListener;
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use crate::configuration::installation;
use crate::support::{Syncline, stderr};

/// Answers one command in a server's stead, after `meanwhile`.
fn answered(
    syncline: &Syncline,
    arguments: &[&str],
    answer: &Value,
    meanwhile: impl FnOnce() + Send,
) -> Output {
    let lock = File::create(syncline.data().join("lock")).unwrap();
    lock.lock().unwrap();
    let socket = syncline.data().join("control.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let output = std::thread::scope(|scope| {
        scope.spawn(|| {
            let (mut stream, _) = listener.accept().unwrap();
            let mut command = String::new();
            let mut reading = BufReader::new(stream.try_clone().unwrap());
            reading.read_line(&mut command).unwrap();
            meanwhile();
            writeln!(stream, "{answer}").unwrap();
        });
        syncline.run(arguments)
    });
    std::fs::remove_file(socket).unwrap();
    output
}

#[test]
fn a_file_that_the_server_made_where_nobody_else_sees_it_is_not_called_made() {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    let file = syncline.data().with_file_name("monday.backup");
    let arguments = ["backup", "--force", file.to_str().unwrap()];
    let made = json!({ "answer": {
        "file": file, "bytes": 1, "madeAt": "2026-01-01T00:00:00Z", "withKey": false, "keyFile": "key",
    } });
    let not_there = |output: Output| {
        let told = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains("it is not there for this command"), "{told}");
        assert!(told.contains("a /tmp of its own"), "{told}");
        assert!(output.stdout.is_empty());
    };
    not_there(answered(&syncline, &arguments, &made, || {}));
    // Nor is one that was there before taken for it.
    std::fs::write(&file, "of last week").unwrap();
    not_there(answered(&syncline, &arguments, &made, || {}));

    let replaced = answered(&syncline, &arguments, &made, || {
        let partial = file.with_extension("partial");
        std::fs::write(&partial, "of today").unwrap();
        std::fs::rename(partial, &file).unwrap();
    });
    assert!(replaced.status.success(), "{}", stderr(&replaced));

    let csv = syncline.data().with_file_name("links.csv");
    let arguments = ["links", "--job", "j", "--csv", csv.to_str().unwrap()];
    not_there(answered(&syncline, &arguments, &made, || {}));
}

#[test]
fn a_file_that_the_server_can_not_open_is_told_with_where_it_looks() {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    let users = syncline.file("users.csv", b"userPrincipalName,displayName\n");
    let failed = |of_a_file: bool| {
        let failure = json!({ "message": "something", "of_a_file": of_a_file });
        let arguments = ["import", "--tenant", "contoso.example", &users];
        let output = answered(&syncline, &arguments, &json!({ "failure": failure }), || {});
        assert_eq!(output.status.code(), Some(1));
        stderr(&output)
    };
    assert!(failed(true).contains("help: the running server opens this file"));
    assert_eq!(failed(false), "error: something\n");
}

/// Runs with this on stdin, through a pipe.
fn piped(syncline: &Syncline, arguments: &[&str], text: &[u8]) -> Output {
    let mut child = syncline
        .command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let written = child.stdin.take().unwrap().write_all(text);
    // It may have said no before.
    let _ = written;
    child.wait_with_output().unwrap()
}

#[test]
fn what_is_read_once_may_come_through_a_pipe() {
    let (syncline, job) = installation(1);
    let schema = syncline.run(&["schema", "export", "--job", &job]).stdout;
    let configurations =
        b"configurations:\n- {name: Fabrikam, source: contoso.example, target: fabrikam.example}\n";
    let all = || {
        for (arguments, text) in [
            (
                &["plan", "--job", &job, "--file", "/dev/stdin"][..],
                &schema[..],
            ),
            (&["schema", "import", "--job", &job, "/dev/stdin"], &schema),
            (&["plan", "--file", "/dev/stdin"], configurations),
            (&["apply", "/dev/stdin"], configurations),
        ] {
            let output = piped(&syncline, arguments, text);
            assert!(
                output.status.success(),
                "{arguments:?}: {}",
                stderr(&output)
            );
        }
    };
    all();
    let _server = syncline.serve(&["--no-scheduler"]);
    all();
}

#[test]
fn what_is_read_several_times_may_not() {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    let import = ["import", "--tenant", "contoso.example", "/dev/stdin"];
    let rows = b"userPrincipalName,displayName\na@contoso.example,A\n";
    let output = piped(&syncline, &import, rows);
    assert_eq!(output.status.code(), Some(1));
    let told = stderr(&output);
    assert!(told.contains("/dev/stdin is no file but a pipe"), "{told}");
    assert!(told.contains("help: write it to a file first"), "{told}");

    // A file is one, whatever it is called.
    let users = syncline.file("users.csv", rows);
    let output = syncline
        .command(&import)
        .stdin(File::open(users).unwrap())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
}
