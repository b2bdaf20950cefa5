//! `import`: good files, and every kind of bad one.

use serde_json::Value;

use crate::support::{Syncline, stderr};

fn contoso() -> Syncline {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    syncline
}

fn import(syncline: &Syncline, users: &[u8]) -> Value {
    let users = syncline.file("users.csv", users);
    syncline.json(&["import", "--tenant", "contoso.example", &users])
}

/// Imports a file that must be refused; returns what was said. Nobody may be there afterwards.
fn refused(users: &str) -> String {
    let syncline = contoso();
    let users = syncline.file("users.csv", users.as_bytes());
    let message = syncline.fails(&["import", "--tenant", "contoso.example", &users]);
    assert_eq!(
        syncline.json(&["tenant", "list"])["tenants"][0]["users"],
        0,
        "something was imported"
    );
    message
}

const HEADER: &str =
    "userPrincipalName,displayName,mail,employeeHireDate,department,accountEnabled,manager";

#[test]
fn people_are_imported_and_a_second_run_changes_nothing() {
    let syncline = contoso();
    let users = format!(
        "{HEADER}\nana@contoso.example,\"Souza, Ana\",ana@contoso.example,2020-01-02,Sales,true,bo@contoso.example\nbo@contoso.example,Bo,,,,false,\n"
    );
    let first = import(&syncline, users.as_bytes());
    assert_eq!(
        (&first["created"], &first["managersSet"]),
        (&2.into(), &1.into())
    );
    let second = import(&syncline, users.as_bytes());
    assert_eq!(
        (
            &second["created"],
            &second["unchanged"],
            &second["managersSet"]
        ),
        (&0.into(), &2.into(), &0.into())
    );
}

#[test]
fn known_people_are_updated_where_they_differ_and_nobody_is_deleted() {
    let syncline = contoso();
    import(&syncline, b"userPrincipalName,displayName,department\na@contoso.example,A,Sales\nb@contoso.example,B,Sales\n");
    // Another case of the name, a changed department, an empty cell that says nothing.
    let changed = import(
        &syncline,
        b"displayName,USERPRINCIPALNAME,department\nA,A@Contoso.example,Marketing\n",
    );
    assert_eq!(
        (&changed["created"], &changed["updated"]),
        (&0.into(), &1.into())
    );
    let empty = import(
        &syncline,
        b"userPrincipalName,displayName,department\na@contoso.example,A,\n",
    );
    assert_eq!(empty["unchanged"], 1);
    assert_eq!(syncline.json(&["tenant", "list"])["tenants"][0]["users"], 2);
}

#[test]
fn whose_name_is_too_long_for_an_alias_is_updated_and_not_created() {
    let syncline = contoso();
    let guest = |home: &str| {
        let home = home.repeat(50);
        format!("{home}_fabrikam.example#EXT#@contoso.example")
    };
    let (known, unknown) = (guest("a"), guest("b"));
    let header = "userPrincipalName,displayName";
    let first = format!("{header},mailNickname\n{known},A,a\n");
    assert_eq!(import(&syncline, first.as_bytes())["created"], 1);
    let update = format!("{header},department\n{known},A,Sales\n");
    assert_eq!(import(&syncline, update.as_bytes())["updated"], 1);
    assert_eq!(import(&syncline, update.as_bytes())["unchanged"], 1);

    let both = format!("{update}{unknown},B,Sales\n");
    let users = syncline.file("users.csv", both.as_bytes());
    let message = syncline.fails(&["import", "--tenant", "contoso.example", &users]);
    let wrong = format!("users.csv:3:1: userPrincipalName: `{}", &unknown[..20]);
    assert!(message.contains(&wrong), "{message}");
    assert!(message.contains("is not a sign-in name"), "{message}");
    // What else is wrong with a row is wrong of whoever is known, too.
    let wrong = format!("{header},usageLocation\n{known},A,Germany\n");
    let users = syncline.file("users.csv", wrong.as_bytes());
    let message = syncline.fails(&["import", "--tenant", "contoso.example", &users]);
    assert!(
        message.contains("users.csv:2:3: usageLocation:"),
        "{message}"
    );
}

#[test]
fn byte_order_mark_quotes_and_windows_line_ends_are_read() {
    let syncline = contoso();
    let users = b"\xEF\xBB\xBFuserPrincipalName,displayName\r\nzoe@contoso.example,\"Zo\xC3\xAB \"\"Z\"\" B\xC3\xBCcher\"\r\n";
    assert_eq!(import(&syncline, users)["created"], 1);
}

#[test]
fn a_bad_header_names_the_column_and_offers_a_better_one() {
    let message = refused("userPrincipalName,displayName,departmnt\na@contoso.example,A,Sales\n");
    assert!(
        message.contains("users.csv:1:3: the column `departmnt`"),
        "{message}"
    );
    assert!(message.contains("did you mean `department`?"), "{message}");
    assert!(refused("displayName\nA\n").contains("`userPrincipalName` is missing"));
    assert!(refused("").contains("is empty"));
}

#[test]
fn a_bad_row_is_named_by_file_line_and_column_and_nothing_is_imported() {
    for (row, expected) in [
        (
            "a@contoso.example,,,,,,",
            "users.csv:3:2: displayName: a value is required",
        ),
        (
            "a@elsewhere.example,A,,,,,",
            "users.csv:3:1: userPrincipalName: the domain `elsewhere.example` is not verified",
        ),
        (
            "a b@contoso.example,A,,,,,",
            "users.csv:3:1: userPrincipalName: `a b@contoso.example` is not a sign-in name",
        ),
        (
            "a@contoso.example,A,nobody,,,,",
            "users.csv:3:3: mail: `nobody` is not a mail address",
        ),
        (
            "a@contoso.example,A,,01.02.2020,,,",
            "users.csv:3:4: employeeHireDate: `01.02.2020` is not a date",
        ),
        (
            "a@contoso.example,A,,,,maybe,",
            "users.csv:3:6: accountEnabled: `maybe` is not true or false",
        ),
        (
            "a@contoso.example,A,,,,,ghost@contoso.example",
            "users.csv:3:7: manager: nobody",
        ),
        (
            "good@contoso.example,A,,,,,",
            "users.csv:3:1: userPrincipalName: `good@contoso.example` is on line 2 already",
        ),
        (
            "a@contoso.example,A,good@contoso.example,,,,",
            "users.csv:3:3: mail: `good@contoso.example` is on line 2 already",
        ),
        (
            "a@contoso.example,A,,,,",
            "users.csv:3:1: the row has 6 fields, the header has 7",
        ),
    ] {
        let good = "good@contoso.example,Good,good@contoso.example,,,,";
        let message = refused(&format!("{HEADER}\n{good}\n{row}\n"));
        assert!(message.contains(expected), "{row}: {message}");
        assert!(message.contains("nothing was imported"), "{message}");
    }
}

#[test]
fn many_problems_are_counted_and_twenty_are_shown() {
    let rows: String = (0..30).map(|it| format!("nobody{it},N\n")).collect();
    let message = refused(&format!("userPrincipalName,displayName\n{rows}"));
    assert!(message.contains("30 rows are not valid"), "{message}");
    assert_eq!(message.matches("users.csv:").count(), 20);
    assert!(message.contains("and 10 more"), "{message}");
}

#[test]
fn bad_rows_are_left_out_when_asked_to() {
    let syncline = contoso();
    let users = syncline.file(
        "users.csv",
        b"userPrincipalName,displayName\na@contoso.example,A\nb@contoso.example,\nc@contoso.example,\n",
    );
    let summary = syncline.json(&[
        "import",
        "--tenant",
        "contoso.example",
        &users,
        "--skip-invalid",
    ]);
    assert_eq!(
        (&summary["created"], &summary["skipped"]),
        (&1.into(), &2.into())
    );
    assert!(
        summary["skippedRows"][0]
            .as_str()
            .unwrap()
            .starts_with("users.csv:3:2:"),
        "{summary}"
    );
}

#[test]
fn groups_are_made_once_and_added_to() {
    let syncline = contoso();
    let users = syncline.file(
        "users.csv",
        b"userPrincipalName,displayName\na@contoso.example,A\nb@contoso.example,B\n",
    );
    let groups = syncline.file(
        "groups.csv",
        b"displayName,member\nSales,a@contoso.example\nSales,a@contoso.example\n",
    );
    let run = |groups: &str| {
        syncline.json(&[
            "import",
            "--tenant",
            "contoso.example",
            &users,
            "--groups",
            groups,
        ])
    };
    let first = run(&groups);
    assert_eq!(
        (&first["groupsCreated"], &first["membersAdded"]),
        (&1.into(), &1.into())
    );
    let more = syncline.file(
        "more.csv",
        b"member,displayName\nA@contoso.example,sales\nb@contoso.example,Sales\n",
    );
    let second = run(&more);
    assert_eq!(
        (&second["groupsCreated"], &second["membersAdded"]),
        (&0.into(), &1.into())
    );
    let third = run(&more);
    assert_eq!(
        (&third["groupsCreated"], &third["membersAdded"]),
        (&0.into(), &0.into())
    );
}

#[test]
fn a_member_that_nobody_is_stops_the_whole_import() {
    let syncline = contoso();
    let users = syncline.file(
        "users.csv",
        b"userPrincipalName,displayName\na@contoso.example,A\n",
    );
    let groups = syncline.file(
        "groups.csv",
        b"displayName,member\nSales,a@contoso.example\nSales,x@contoso.example\n",
    );
    let message = syncline.fails(&[
        "import",
        "--tenant",
        "contoso.example",
        &users,
        "--groups",
        &groups,
    ]);
    assert!(
        message.contains("groups.csv:3:2: member: nobody"),
        "{message}"
    );
    assert_eq!(syncline.json(&["tenant", "list"])["tenants"][0]["users"], 0);
}

#[test]
fn an_unknown_tenant_and_a_missing_file_are_told() {
    let syncline = contoso();
    let users = syncline.file("users.csv", b"userPrincipalName,displayName\n");
    let message = syncline.fails(&["import", "--tenant", "nowhere.example", &users]);
    assert!(
        message.contains("there is no tenant `nowhere.example`"),
        "{message}"
    );
    let output = syncline.run(&[
        "import",
        "--tenant",
        "contoso.example",
        "/nowhere/users.csv",
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("/nowhere/users.csv"));
}

#[test]
fn a_json_file_is_told_apart_from_a_csv_file() {
    for text in [
        "[{\"userPrincipalName\":\"a@contoso.example\",\"displayName\":\"A\"}]\n",
        "{\n  \"value\": []\n}\n",
        "[\n  {}\n]\n",
    ] {
        let said = refused(text);
        assert!(
            said.contains("users.csv looks like JSON; CSV is needed"),
            "{said}"
        );
    }
}

#[test]
fn a_column_of_passwords_is_told_how_people_get_them() {
    for column in ["password", "PasswordProfile"] {
        let said = refused(&format!(
            "userPrincipalName,displayName,{column}\na@contoso.example,A,secret\n"
        ));
        assert!(
            said.contains(&format!("the column `{column}` cannot be imported")),
            "{said}"
        );
        assert!(
            said.contains("PATCH /v1.0/users/{id} with passwordProfile"),
            "{said}"
        );
        assert!(!said.contains("secret"), "{said}");
    }
}

#[test]
fn nobody_is_imported_as_his_own_manager() {
    let syncline = contoso();
    let users = "userPrincipalName,displayName,manager\n\
        boss@contoso.example,Boss,BOSS@contoso.example\n\
        ana@contoso.example,Ana,boss@contoso.example\n";
    for _ in 0..2 {
        let summary = import(&syncline, users.as_bytes());
        let warning = summary["warnings"][0].as_str().unwrap();
        assert!(
            warning.contains("1 row names its own person as manager"),
            "{warning}"
        );
    }
    let again = import(&syncline, users.as_bytes());
    assert_eq!(
        (&again["managersSet"], &again["unchanged"]),
        (&0.into(), &2.into())
    );
}
