//! `syncline expression …`.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value as Json, json};

use crate::support::{Syncline, stderr, stdout};

fn eval(arguments: &[&str]) -> Json {
    let all: Vec<&str> = ["expression", "eval"]
        .into_iter()
        .chain(arguments.iter().copied())
        .collect();
    Syncline::new().json(&all)
}

#[test]
fn a_value_comes_out_with_its_type() {
    let attributes = r#"{"mail": "Ana@contoso.example", "city": null, "n": 7, "flag": true, "mails": ["a", "b"], "none": []}"#;
    for (expression, value, kind) in [
        ("ToLower([mail])", json!("ana@contoso.example"), "String"),
        ("[city]", Json::Null, "String"),
        ("[n]", json!(7), "Integer"),
        ("Not([flag])", json!(false), "Boolean"),
        ("[mails]", json!(["a", "b"]), "Collection(String)"),
        ("IgnoreFlowIfNullOrEmpty([city])", Json::Null, "Ignored"),
        ("Count([none])", json!(0), "Integer"),
        ("-10", json!(-10), "Integer"),
    ] {
        assert_eq!(
            eval(&[expression, "--attributes", attributes]),
            json!({"value": value, "type": kind}),
            "{expression}"
        );
    }
}

#[test]
fn time_seed_and_domain_are_given() {
    let now = eval(&["Now()", "--now", "2024-02-10T16:33:38+01:00"]);
    assert_eq!(now["value"], "2/10/2024 3:33:38 PM");
    let domain = eval(&["DefaultDomain()", "--default-domain", "contoso.example"]);
    assert_eq!(domain["value"], "contoso.example");
    let seeded = || eval(&["RandomString(12, 3, 1, 1, 1)", "--seed", "7"]);
    assert_eq!(seeded(), seeded());
    assert_ne!(
        seeded(),
        eval(&["RandomString(12, 3, 1, 1, 1)", "--seed", "8"])
    );
    let random = || eval(&["Guid()"]);
    assert_ne!(random(), random());
}

#[test]
fn attributes_may_stand_in_a_file() {
    let syncline = Syncline::new();
    let file = syncline.file("ana.json", b"\xEF\xBB\xBF{\"mail\": \"a@b.example\"}");
    let answer = syncline.json(&["expression", "eval", "[mail]", "--attributes", &file]);
    assert_eq!(answer["value"], "a@b.example");
    assert!(!syncline.data().exists(), "no data directory is touched");
}

#[test]
fn without_attributes_a_users_names_are_known() {
    assert_eq!(
        eval(&["[physicalDeliveryOfficeName]"]),
        json!({"value": null, "type": "String"})
    );
    let output = Syncline::new().run(&["expression", "eval", "[officeLocation]"]);
    assert!(
        stderr(&output).contains("did you mean `[physicalDeliveryOfficeName]`?"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn what_is_wrong_is_drawn_for_people() {
    let drawn = Syncline::new().fails(&[
        "expression",
        "eval",
        r#"Join(" ", tolower([mail]), [emial])"#,
        "--attributes",
        r#"{"mail": "x"}"#,
    ]);
    let expected = r#"error[EX201]: unknown function `tolower`
  |
1 | Join(" ", tolower([mail]), [emial])
  |           ^^^^^^^
  |
  = help: did you mean `ToLower`?

error[EX202]: unknown attribute `emial`
  |
1 | Join(" ", tolower([mail]), [emial])
  |                            ^^^^^^^
  |
  = help: did you mean `[mail]`?
"#;
    assert_eq!(drawn, expected);
}

#[test]
fn what_is_wrong_is_data_for_programs() {
    let syncline = Syncline::new();
    for (expression, code, start, end) in [
        ("[city]", "EX202", 0, 6),
        // In UTF-16 code units.
        (r#"Append("é𝒜", [city])"#, "EX202", 14, 20),
        // Fails on this object only.
        (r#"Append("x", CStr(CDate([mail])))"#, "EX303", 17, 30),
    ] {
        let output = syncline.run(&[
            "expression",
            "eval",
            expression,
            "--attributes",
            r#"{"mail": "soon"}"#,
            "--output",
            "json",
        ]);
        assert_eq!(output.status.code(), Some(1), "{expression}");
        let answer: Json = serde_json::from_slice(&output.stdout).unwrap();
        let diagnostic = &answer["diagnostics"][0];
        assert_eq!(diagnostic["code"], code, "{answer:#}");
        assert_eq!(diagnostic["span"], json!({"start": start, "end": end}));
        // In the form of every command that fails, too.
        let error = &answer["error"];
        assert!(error["message"].as_str().unwrap().starts_with(code));
        assert_eq!(error["help"], diagnostic["help"], "{answer:#}");
    }
    assert!(!syncline.data().exists());
}

#[test]
fn attributes_that_can_not_be_read() {
    let syncline = Syncline::new();
    for (attributes, expected) in [
        ("{", "--attributes cannot be read"),
        ("[1]", "cannot read"),
        ("nowhere.json", "cannot read nowhere.json"),
    ] {
        let said = syncline.fails(&["expression", "eval", "1", "--attributes", attributes]);
        assert!(said.contains(expected) && said.contains("help: "), "{said}");
    }
    let output = syncline.run(&["expression", "eval", "1", "--now", "soon"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn check_judges_the_place_too() {
    let syncline = Syncline::new();
    let attributes = r#"{"mail": "x", "city": null}"#;
    let check = |arguments: &[&str]| {
        let all: Vec<&str> = ["expression", "check", "--attributes", attributes]
            .into_iter()
            .chain(arguments.iter().copied())
            .collect();
        syncline.run(&all)
    };
    assert!(check(&["Guid()"]).status.success());
    let always = check(&["Guid()", "--always"]);
    assert_eq!(always.status.code(), Some(1));
    assert!(stderr(&always).contains("EX218"), "{}", stderr(&always));
    assert!(check(&["[mail]", "--required"]).status.success());
    let required = check(&["ToLower([city])", "--required"]);
    assert!(
        stderr(&required).contains("^^^^^^"),
        "{}",
        stderr(&required)
    );
    let json = syncline.json(&["expression", "check", "Redact([mail])"]);
    assert_eq!(json["redacted"], true);
    assert_eq!(json["diagnostics"], json!([]));
}

#[test]
fn longer_expressions_need_the_setting() {
    let syncline = Syncline::new();
    let long = format!("Len(\"{}\")", "x".repeat(10_001));
    assert!(
        syncline
            .fails(&["expression", "eval", &long])
            .contains("at most 10000 are allowed")
    );
    let answer = syncline.json(&["expression", "eval", &long, "--max-length", "20000"]);
    assert_eq!(answer["value"], 10_001);
}

#[test]
fn functions_are_listed_and_explained() {
    let syncline = Syncline::new();
    let all = syncline.json(&["expression", "functions"]);
    let names: Vec<&str> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    for name in [
        "AppRoleAssignments",
        "AppRoleAssignmentsComplex",
        "AssertiveAppRoleAssignmentsComplex",
        "IsNothing",
        "Prepend",
        "SelectUniqueValue",
        "SingleAppRoleAssignment",
    ] {
        assert!(names.contains(&name), "{name}");
    }
    let one = stdout(&syncline.run(&["expression", "functions", "Left"]));
    assert!(
        one.contains("Left(String, NumChars)") && one.contains("Examples:"),
        "{one}"
    );
    let output = syncline.run(&["expression", "functions", "Lfet"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_unique_value_shows_what_else_it_may_be() {
    let answer = eval(&[r#"SelectUniqueValue("a", "b", "a")"#]);
    assert_eq!(
        answer,
        json!({"value": "a", "type": "String", "candidates": ["a", "b"]})
    );
}

#[test]
fn a_conversation() {
    let syncline = Syncline::new();
    let mut child = syncline
        .command(&["expression", "repl"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let typed = "\
:attributes {\"mail\": \"Ana@b.example\"}
:attributes
ToLower([mail])
Append([mail], \\
\".test\")
Foo()
:help Lfet
:nonsense
:quit
[mail]
";
    child
        .stdin
        .take()
        .unwrap()
        .write_all(typed.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(
        stdout(&output),
        "[mail]\nana@b.example\nAna@b.example.test\n",
        "nothing is answered after :quit"
    );
    let said = stderr(&output);
    for expected in [
        "unknown function `Foo`",
        "did you mean `Left`?",
        ":nonsense",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    assert!(!syncline.data().exists());
}
