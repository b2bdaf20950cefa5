//! Help, completions, wrong usage.

use crate::support::{Syncline, stderr, stdout};

#[test]
fn every_command_explains_itself_with_an_example() {
    let syncline = Syncline::new();
    for command in [
        &["demo"][..],
        &["serve"],
        &["tenant"],
        &["tenant", "create"],
        &["tenant", "list"],
        &["tenant", "recover"],
        &["import"],
        &["deleted"],
        &["deleted", "list"],
        &["deleted", "restore"],
        &["jobs"],
        &["jobs", "list"],
        &["jobs", "show"],
        &["jobs", "run"],
        &["jobs", "start"],
        &["jobs", "pause"],
        &["jobs", "restart"],
        &["expression"],
        &["expression", "eval"],
        &["expression", "check"],
        &["expression", "functions"],
        &["expression", "repl"],
        &["schema"],
        &["schema", "export"],
        &["schema", "previous"],
        &["schema", "import"],
        &["schema", "test"],
        &["plan"],
        &["undo"],
        &["apply"],
        &["explain"],
        &["links"],
        &["logs"],
        &["backup"],
        &["restore"],
        &["doctor"],
        &["completions"],
    ] {
        let arguments: Vec<&str> = command.iter().copied().chain(["--help"]).collect();
        let output = syncline.run(&arguments);
        assert!(output.status.success(), "{command:?}");
        assert!(
            stdout(&output).contains("Example"),
            "{command:?} shows no example"
        );
    }
}

#[test]
fn wrong_usage_is_exit_code_2_and_says_what_is_expected() {
    let syncline = Syncline::new();
    for (arguments, expected) in [
        (&["tenant", "create"][..], "--domain"),
        (
            &[
                "tenant",
                "create",
                "--domain",
                "a.example",
                "--display-name",
                "A",
                "--id",
                "7",
            ],
            "not a tenant id",
        ),
        (&["frobnicate"], "unrecognized subcommand"),
        (&["plan"], "<--job <JOB>|--file <FILE>>"),
        (&["serve", "--tls", "files"], "--tls-cert"),
        (&["serve", "--tls-cert", "server.pem"], "--tls-key"),
        (
            &[
                "serve",
                "--tls",
                "off",
                "--tls-cert",
                "server.pem",
                "--tls-key",
                "server.key",
            ],
            "say --tls files",
        ),
        (&["serve", "--listen", "nowhere"], "--listen"),
        (&["demo", "--users", "0"], "20"),
        (&["explain", "--job", "j"], "--user <UPN|ID>"),
        (
            &["links", "--job", "j", "--unlinked", "--state", "kept"],
            "cannot be used with",
        ),
        (
            &["links", "--job", "j", "--top", "10001"],
            "10001 is not in 1..=10000",
        ),
        (&["logs", "--top", "10001"], "10001 is not in 1..=10000"),
        (
            &["deleted", "list", "--tenant", "t", "--top", "10001"],
            "10001 is not in 1..=10000",
        ),
        (
            &["links", "--job", "j", "--kind", "device"],
            "[possible values: user, group]",
        ),
        (
            &["jobs", "restart", "--job", "j", "--scope", "Escrow"],
            "Escrows, QuarantineState",
        ),
    ] {
        let output = syncline.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            stderr(&output).contains(expected),
            "{arguments:?}: {}",
            stderr(&output)
        );
        assert!(output.stdout.is_empty(), "{arguments:?}");
        // Where documents are read, it is told in one, too.
        let arguments = [arguments, &["--output", "json"]].concat();
        let output = syncline.run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let message = document["error"]["message"].as_str().unwrap();
        assert!(!message.starts_with("error"), "{message}");
        let told = stderr(&output);
        assert!(
            told.contains(message.split([':', '[']).next().unwrap().trim()),
            "{told}"
        );
    }
    assert!(
        !syncline.data().exists(),
        "wrong usage makes no data directory"
    );
}

#[test]
fn wrong_usage_is_told_in_a_document_with_what_to_do() {
    let syncline = Syncline::new();
    let output = syncline.run(&["jobs", "run", "--output=json"]);
    assert_eq!(output.status.code(), Some(2));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        document["error"]["message"],
        "the following required arguments were not provided: --job <JOB>"
    );
    let help = document["error"]["help"].as_str().unwrap();
    assert!(help.contains("syncline jobs run"), "{help}");
    // Help that was asked for is no failure.
    let output = syncline.run(&["jobs", "--output", "json", "--help"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).contains("Usage:"));
}

#[test]
fn completions_are_printed_for_a_shell() {
    let output = Syncline::new().run(&["completions", "bash"]);
    assert!(output.status.success());
    assert!(stdout(&output).contains("_syncline"));
    // Names of functions, too.
    assert!(stdout(&output).contains("NormalizeDiacritics"));
    // A job is no file.
    let script = stdout(&output);
    let mut jobs = script.split("--job)").skip(1).peekable();
    assert!(jobs.peek().is_some());
    for job in jobs {
        let (completed, _) = job.split_once(";;").unwrap();
        assert!(!completed.contains("compgen -f"), "{completed}");
    }
}

#[test]
fn whoever_asks_for_nothing_is_told() {
    let syncline = Syncline::new();
    for command in [
        &["logs"][..],
        &["links", "--job", "j"],
        &["deleted", "list", "--tenant", "t"],
    ] {
        let mut arguments = command.to_vec();
        arguments.extend(["--top", "0"]);
        let output = syncline.run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{command:?}");
    }
}

#[test]
fn a_command_that_fails_prints_a_document_where_documents_are_read() {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    let arguments = ["jobs", "show", "--job", "nobody's", "--output", "json"];
    let output = syncline.run(&arguments);
    assert_eq!(output.status.code(), Some(1));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let error = &document["error"];
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("nobody's"), "{message}");
    // People read the same.
    assert!(stderr(&output).contains(message));
    let text = syncline.fails(&["jobs", "show", "--job", "nobody's"]);
    assert!(text.contains(message));
}
