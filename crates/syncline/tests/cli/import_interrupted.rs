//! Ctrl-C while `import` writes, in its own process or on a server: it ends at its next page, says how far it came,
//! and the same command goes on.
//!
//! It is struck when some pages are written and others are not, for certain: the test keeps the writer's place in the
//! database meanwhile. An import that had come too far by then proves nothing, and another one is begun.

use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::support::{Server, Syncline, stderr, stdout, wait_until};

/// Several pages.
const PEOPLE: usize = 12_000;
const ATTEMPTS: usize = 10;

/// As the store numbers them.
const USERS: i64 = 1;
const GROUPS: i64 = 2;

fn imported(database: &rusqlite::Connection, kind: i64) -> usize {
    let sql = "SELECT COUNT(*) FROM object WHERE tenant_no = 1 AND kind = ?1";
    let count: i64 = database.query_row(sql, [kind], |row| row.get(0)).unwrap();
    count.try_into().unwrap()
}

fn people() -> String {
    let mut people = "userPrincipalName,displayName,manager\n".to_owned();
    for number in 0..PEOPLE {
        people.push_str(&format!(
            "p{number}@contoso.example,Person {number},p0@contoso.example\n"
        ));
    }
    people
}

/// What an import says that was interrupted, and how many of a kind were written until then.
fn interrupted(syncline: &Syncline, import: &[&str], kind: i64) -> Option<(Output, usize)> {
    let mut run = syncline
        .command(import)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut database = rusqlite::Connection::open(syncline.data().join("syncline.db")).unwrap();
    database
        .busy_handler(Some(|_| {
            std::thread::yield_now();
            true
        }))
        .unwrap();
    wait_until("a page", || {
        imported(&database, kind) > 0 || run.try_wait().unwrap().is_some()
    });
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    let most = if kind == USERS {
        PEOPLE / 2
    } else {
        PEOPLE + 1
    };
    let mut in_time = (1..most).contains(&imported(&database, kind));
    if in_time {
        let sent = Command::new("kill")
            .args(["-INT", &run.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        let said = line(run.stderr.as_mut().unwrap());
        // Else it was at its end.
        in_time = said.contains("stops at its next page");
    }
    database.execute_batch("ROLLBACK").unwrap();
    let output = run.wait_with_output().unwrap();
    let in_time = in_time && !output.status.success();
    in_time.then(|| (output, imported(&database, kind)))
}

/// A line, and nothing of what follows.
fn line(from: &mut impl std::io::Read) -> String {
    let (mut line, mut byte) = (Vec::new(), [0]);
    while from.read(&mut byte).unwrap() == 1 && byte != *b"\n" {
        line.extend(byte);
    }
    String::from_utf8(line).unwrap()
}

fn says_how_far_it_came_and_goes_on(serve: impl Fn(&Syncline) -> Option<Server>) {
    let struck = (0..ATTEMPTS).find_map(|_| {
        let syncline = Syncline::new();
        syncline.tenant("contoso");
        let file = syncline.file("users.csv", people().as_bytes());
        let server = serve(&syncline);
        let import = ["import", "--tenant", "contoso.example", &file];
        let struck = interrupted(&syncline, &import, USERS)?;
        Some((syncline, server, file, struck))
    });
    let (syncline, server, file, (output, written)) = struck.expect("each came too far");
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert_eq!(stdout(&output), "");
    assert!(written < PEOPLE, "{written}");
    let told = format!(
        "{written} of {PEOPLE} people are imported; the rest follows when you run the same command again"
    );
    assert!(said.contains(&told), "{said}");
    let rest = syncline.json(&["import", "--tenant", "contoso.example", &file]);
    let count = |name: &str| rest[name].as_u64().unwrap() as usize;
    assert_eq!(count("created"), PEOPLE - written);
    assert_eq!(count("unchanged"), written);
    assert_eq!(rest["managersSet"], Value::from(PEOPLE - 1));
    drop(server);
}

#[test]
fn an_import_that_is_interrupted_says_how_far_it_came() {
    says_how_far_it_came_and_goes_on(|_| None);
}

#[test]
fn an_import_on_a_server_that_is_interrupted_says_how_far_it_came() {
    says_how_far_it_came_and_goes_on(|syncline| Some(syncline.serve(&["--no-scheduler"])));
}

#[test]
fn an_import_of_groups_alone_that_is_interrupted_says_how_far_it_came() {
    let mut rows = "displayName,member\n".to_owned();
    for number in 0..PEOPLE {
        rows.push_str(&format!("Group {number},p0@contoso.example\n"));
    }
    let struck = (0..ATTEMPTS).find_map(|_| {
        let syncline = Syncline::new();
        syncline.tenant("contoso");
        let one = b"userPrincipalName,displayName\np0@contoso.example,Person\n";
        let one = syncline.file("one.csv", one);
        syncline.json(&["import", "--tenant", "contoso.example", &one]);
        let users = syncline.file("users.csv", b"userPrincipalName,displayName\n");
        let groups = syncline.file("groups.csv", rows.as_bytes());
        let import = [
            "import",
            "--tenant",
            "contoso.example",
            &users,
            "--groups",
            &groups,
        ];
        let (output, written) = interrupted(&syncline, &import, GROUPS)?;
        Some((output, written, syncline.json(&import)))
    });
    let (output, written, rest) = struck.expect("each came too far");
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(130), "{said}");
    let told = format!("the import was interrupted: {written} groups created");
    assert!(said.contains(&told), "{said}");
    let rest_follows = "; the rest follows when you run the same command again";
    assert!(said.contains(rest_follows), "{said}");
    let before = said.split_once(" members added");
    let before = before.and_then(|(before, _)| before.rsplit(' ').next());
    let members: usize = before.map_or(0, |it| it.parse().unwrap());
    assert_eq!(rest["groupsCreated"], Value::from(PEOPLE - written));
    assert_eq!(rest["membersAdded"], Value::from(PEOPLE - members));
}
