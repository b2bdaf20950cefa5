//! Files that say something wrong.

use serde_json::json;

use super::{BEGIN, refused, two_tenants};

#[test]
fn what_is_wrong_in_a_file_is_said_with_its_place() {
    let syncline = two_tenants();
    let wrong = |text: &str, expected: &str| {
        let file = syncline.file("wrong.yaml", text.as_bytes());
        for command in [vec!["plan", "--file", &file], vec!["apply", &file]] {
            let said = refused(&syncline, &command);
            assert!(said.contains(expected), "{expected}: {said}");
            // Words of whoever wrote the program that reads it.
            for word in [
                "panicked", "Option", "from_str", "struct ", "mapping", "sequence",
            ] {
                assert!(!said.contains(word), "{word}: {said}");
            }
        }
    };
    let with = |more: &str| format!("{BEGIN}{more}");
    wrong("", "wrong.yaml");
    wrong("configurations: []", "has no configuration");
    wrong(
        &with("    treshold: 5\n"),
        "line 5 column 5: unknown key `treshold`, expected one of",
    );
    wrong(
        &with("    scope: everybody\n"),
        "unknown value `everybody`, expected one of all, assigned",
    );
    wrong(
        &with("    accidentalDeletionThreshold: -1\n"),
        "no threshold below zero",
    );
    wrong(
        &with("    accidentalDeletionThreshold: many\n"),
        "a number of deletions, or off",
    );
    for interval in ["PT1M", "P2D", "often", "40"] {
        wrong(
            &with(&format!("    interval: {interval}\n")),
            "an ISO 8601 duration from PT5M to PT24H",
        );
    }
    for (retries, expected) in [
        (
            "after: [PT4H, PT1H]",
            "`retries.after` cannot be `PT4H,PT1H`: expected up to 20 durations",
        ),
        ("after: []", "`retries.after` cannot be ``"),
        (
            "every: often",
            "`retries.every` cannot be `often`: expected a duration",
        ),
        (
            "giveUpAfter: P400D",
            "`retries.giveUpAfter` cannot be `P400D`",
        ),
        ("never: P1D", "unknown key `never`"),
    ] {
        wrong(&with(&format!("    retries: {{ {retries} }}\n")), expected);
    }
    wrong(
        &with("    notifications: { enabled: sometimes }\n"),
        "sometimes",
    );
    wrong(
        &with("    renamedFrom: fabrikam\n"),
        "`renamedFrom` is the name that it has",
    );
    wrong(
        &with(
            "    renamedFrom: Old\n  - { name: old, source: contoso.example, target: fabrikam.example }\n",
        ),
        "the configuration `old` of contoso.example stands in the file twice",
    );
    wrong(
        &with("    scope: all\n    scope: all\n"),
        "duplicate key: `scope` is there twice",
    );
    wrong(
        &with(&format!("---\n{BEGIN}")),
        "a second document begins here (`---`); the file is one document",
    );
    for (policy, expected) in [
        ("[users]", "expected keys with values"),
        ("true", "expected keys with values"),
        ("{ users: perhaps }", "true or false"),
    ] {
        wrong(&with(&format!("    policy: {policy}\n")), expected);
    }
    wrong(
        &with("    assigned: { users: ana@contoso.example }\n"),
        "expected a list",
    );
    wrong("configurations: { name: A }", "expected a list");
    wrong(
        "configurations: [{ name: A, source: a.example }]",
        "the key `target` is missing",
    );
    wrong(
        &with("    scope: all\n    assigned: {}\n"),
        "leave `assigned` out",
    );
    wrong(&BEGIN.replace("name: Fabrikam", "name: ''"), "a name has");
    wrong(
        &BEGIN.replace("name: Fabrikam", r#"name: "a\nForged: all is well""#),
        r"the configuration `a\nForged: all is well`: a name has",
    );
    wrong(
        &BEGIN.replace("fabrikam.example", "contoso.example"),
        "into itself",
    );
    wrong(
        &BEGIN.replace("fabrikam.example", "tailspin.example"),
        "tailspin.example",
    );
    wrong(
        &with("    assigned: { users: [nobody@contoso.example] }\n"),
        "there is no user `nobody@contoso.example` in contoso.example",
    );
    wrong(&with("    schema: nowhere.json\n"), "cannot read");
    let twice = "  - { name: fabrikam, source: contoso.example, target: fabrikam.example }\n";
    wrong(&with(twice), "stands in the file twice");
    let other = "    policy: { users: true }
  - name: Other
    source: contoso.example
    target: fabrikam.example
    policy: { users: false }
";
    wrong(&with(other), "want different policies");
    wrong(
        "{\"synchronizationRules\": []}",
        "is a schema, which belongs to one job",
    );
    wrong(&"#".repeat(1024 * 1024 + 1), "is longer than 1 MiB");
    // Ten times ten times ten … of nothing.
    let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..10 {
        let of = format!("*a{},", level - 1).repeat(10);
        bomb.push_str(&format!("a{level}: &a{level} [{of}]\n"));
    }
    wrong(&format!("{bomb}configurations: *a9\n"), "wrong.yaml");
    assert_eq!(syncline.json(&["jobs", "list"])["jobs"], json!([]));
}
