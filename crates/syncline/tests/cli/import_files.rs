//! `import` of files that are not what they should be: other separators, other encodings, nothing in them.

use crate::support::Syncline;

fn contoso() -> Syncline {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    syncline
}

fn refused(users: &[u8]) -> String {
    let syncline = contoso();
    let users = syncline.file("users.csv", users);
    syncline.fails(&["import", "--tenant", "contoso.example", &users])
}

#[test]
fn a_file_without_rows_is_warned_of() {
    let syncline = contoso();
    let users = syncline.file("users.csv", b"userPrincipalName,displayName\n");
    let groups = syncline.file("groups.csv", b"displayName,member");
    let import = ["import", "--tenant", "contoso.example", &users];
    let summary = syncline.json(&[&import[..], &["--groups", &groups]].concat());
    assert_eq!(
        summary["warnings"],
        serde_json::json!([
            "users.csv has no rows below its header",
            "groups.csv has no rows below its header"
        ])
    );
    let rows = b"userPrincipalName,displayName\na@contoso.example,A\n";
    syncline.file("users.csv", rows);
    assert!(syncline.json(&import).get("warnings").is_none());
}

#[test]
fn another_separator_is_recognized() {
    for (users, separator) in [
        (
            &b"userPrincipalName;displayName\na@contoso.example;A\n"[..],
            "separated by `;`",
        ),
        (
            b"userPrincipalName\tdisplayName\na@contoso.example\tA\n",
            "separated by tabs",
        ),
    ] {
        let message = refused(users);
        assert!(message.contains(separator), "{message}");
        assert!(
            message.contains("help: separate them by commas"),
            "{message}"
        );
    }
}

#[test]
fn a_quote_that_is_not_closed_ends_the_import_also_where_bad_rows_are_left_out() {
    let syncline = contoso();
    let mut users =
        b"userPrincipalName,displayName\na@contoso.example,A\nb@contoso.example,\"B\n".to_vec();
    users.extend(b"c@contoso.example,C\n".repeat(60_000));
    let users = syncline.file("users.csv", &users);
    let import = ["import", "--tenant", "contoso.example", &users];
    for skip in [&[][..], &["--skip-invalid"]] {
        let message = syncline.fails(&[&import[..], skip].concat());
        assert!(
            message.contains(
                "the row that begins at line 3 has more than 1 MiB: is a quote not closed?"
            ),
            "{message}"
        );
    }
    let left = syncline.json(&["tenant", "list"])["tenants"][0]["users"].clone();
    assert_eq!(left, 0);
}

#[test]
fn a_quote_that_the_next_one_closes_swallows_nobody() {
    let syncline = contoso();
    let people = [
        "userPrincipalName,displayName",
        "a@contoso.example,\"Ana",
        "b@contoso.example,Bo",
        "c@contoso.example,\"Cy\"",
        "d@contoso.example,Di",
        "",
    ];
    let users = syncline.file("users.csv", people.join("\n").as_bytes());
    let import = ["import", "--tenant", "contoso.example", &users];
    let message = syncline.fails(&import);
    let wrong = "users.csv:2:1: text behind the closing quote of a value; is a quote not closed";
    assert!(message.contains(wrong), "{message}");
    assert!(message.contains("1 row is not valid"), "{message}");
    let left = || syncline.json(&["tenant", "list"])["tenants"][0]["users"].clone();
    assert_eq!(left(), 0);

    // Lines inside quotes that are closed stay a value.
    syncline.file(
        "users.csv",
        people.join("\n").replace("Bo\n", "Bo\"\n").as_bytes(),
    );
    let groups = [
        "displayName,member",
        "\"Sales",
        "Legal,b@contoso.example",
        "\"X\",d@contoso.example",
        "",
    ];
    let groups = syncline.file("groups.csv", groups.join("\n").as_bytes());
    let message = syncline.fails(&[&import[..], &["--groups", &groups]].concat());
    let wrong = "groups.csv:2:1: text behind the closing quote of a value";
    assert!(message.contains(wrong), "{message}");
    assert!(!message.contains("users.csv"), "{message}");
    assert_eq!(left(), 0);
    assert_eq!(syncline.json(&import)["created"], 3);
}

#[test]
fn utf_16_is_called_by_its_name() {
    let text = "userPrincipalName,displayName\na@contoso.example,A\n";
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for users in [
        [&[0xFF, 0xFE], little.as_slice()].concat(),
        [&[0xFE, 0xFF], big.as_slice()].concat(),
        little,
    ] {
        let message = refused(&users);
        assert!(message.contains("users.csv is UTF-16 text"), "{message}");
        assert!(message.contains("save the file as UTF-8"), "{message}");
    }
}

#[test]
fn a_header_in_another_encoding_is_told_how_to_be_saved() {
    let message =
        refused(b"userPrincipalName,displayName,Abteilung f\xFCr\na@contoso.example,A,B\n");
    let wrong = "users.csv:1:1: the header is not UTF-8 text";
    assert!(message.contains(wrong), "{message}");
    assert!(message.contains("save the file as UTF-8"), "{message}");
}

#[test]
fn columns_without_names_are_said_to_have_none() {
    let message = refused(b"userPrincipalName,displayName,,\na@contoso.example,A,,\n");
    let wrong = "users.csv:1:3: the column has no name";
    assert!(message.contains(wrong), "{message}");
    assert!(message.contains("help: spreadsheets leave"), "{message}");
    let syncline = contoso();
    let users = syncline.file("users.csv", b"userPrincipalName,displayName\n");
    let groups = syncline.file("groups.csv", b"displayName,member,\n");
    let import = [
        "import",
        "--tenant",
        "contoso.example",
        &users,
        "--groups",
        &groups,
    ];
    let message = syncline.fails(&import);
    let wrong = "groups.csv:1:3: the column has no name";
    assert!(message.contains(wrong), "{message}");
}

#[test]
fn a_directory_is_not_read_as_a_file() {
    let syncline = contoso();
    let folder = syncline
        .data()
        .parent()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    let message = syncline.fails(&["import", "--tenant", "contoso.example", &folder]);
    assert!(message.contains("is a directory"), "{message}");
}

#[test]
fn one_mistake_in_every_row_does_not_hide_another() {
    let mut users = "userPrincipalName,displayName,accountEnabled\n".to_owned();
    for number in 0..100 {
        users.push_str(&format!("p{number}@contoso.example,P,yes\n"));
    }
    users.push_str("p100@contoso.example,,1\np101@contoso.example,P,0\n");
    let message = refused(users.as_bytes());
    let problem = "accountEnabled: `yes` is not true or false (or 1 or 0)";
    assert_eq!(message.matches(problem).count(), 3, "{message}");
    assert!(message.contains("(and 97 more rows like it)"), "{message}");
    assert!(
        message.contains("users.csv:102:2: displayName: a value is required"),
        "{message}"
    );
    assert!(message.contains("101 rows are not valid"), "{message}");
}
