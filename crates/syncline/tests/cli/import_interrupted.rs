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

fn imported(database: &rusqlite::Connection) -> usize {
    let sql = "SELECT COUNT(*) FROM object WHERE tenant_no = 1 AND kind = 1";
    let count: i64 = database.query_row(sql, [], |row| row.get(0)).unwrap();
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

/// What an import says that was interrupted, and what was written until then.
fn interrupted(syncline: &Syncline, import: &[&str]) -> Option<(Output, usize)> {
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
        imported(&database) > 0 || run.try_wait().unwrap().is_some()
    });
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    let in_time = (1..PEOPLE / 2).contains(&imported(&database));
    if in_time {
        let sent = Command::new("kill")
            .args(["-INT", &run.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        let said = line(run.stderr.as_mut().unwrap());
        assert!(said.contains("stops at its next page"), "{said}");
    }
    database.execute_batch("ROLLBACK").unwrap();
    let output = run.wait_with_output().unwrap();
    in_time.then(|| (output, imported(&database)))
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
        let struck = interrupted(&syncline, &import)?;
        Some((syncline, server, file, struck))
    });
    let (syncline, server, file, (output, written)) = struck.expect("each came too far");
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert_eq!(stdout(&output), "");
    assert!(written < PEOPLE, "{written}");
    let told = format!(
        "{written} of {PEOPLE} people are imported; managers and groups follow when you run the same command again"
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
