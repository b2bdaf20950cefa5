//! Ctrl-C while `deleted restore` writes, in its own process or on a server: it ends at its next page, says how far it
//! came, and the same command goes on.
//!
//! It is struck when some pages are written and others are not, for certain: the test keeps the writer's place in the
//! database meanwhile. One that had come too far by then proves nothing, and another one is begun.

use std::io::Read as _;
use std::process::{Child, Command, Output, Stdio};

use syncline_directory::{Context, users};
use syncline_model::{Clock as _, Problem};
use syncline_testkit::{CountedIds, FakeClock};

use crate::older_tenants::store;
use crate::support::{Server, Syncline, stderr, stdout, wait_until};

/// Several pages.
const PEOPLE: usize = 3_000;
const ATTEMPTS: usize = 10;

const RESTORE: [&str; 5] = ["deleted", "restore", "--tenant", "contoso.example", "--all"];

/// A tenant whose people are all in the recycle bin.
fn everybody_deleted() -> Syncline {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    let mut people = "userPrincipalName,displayName\n".to_owned();
    for number in 0..PEOPLE {
        people.push_str(&format!("p{number}@contoso.example,Person {number}\n"));
    }
    let file = syncline.file("users.csv", people.as_bytes());
    syncline.json(&["import", "--tenant", "contoso.example", &file]);
    let deleted = store(&syncline).write(|tx| {
        let tenant = tx.tenant_of_domain("contoso.example")?.unwrap();
        let context = Context {
            tenant: &tenant,
            // Long before anybody is deleted for good.
            now: FakeClock::at("2099-01-01T00:00:00Z").now(),
            ids: &CountedIds::new(),
        };
        for number in 0..PEOPLE {
            let name = format!("p{number}@contoso.example");
            let id = users::find(tx, tenant.id, &name).unwrap().entry.id;
            users::delete(tx, &context, id)?;
        }
        Ok::<_, Problem>(())
    });
    deleted.unwrap();
    syncline
}

fn restored(database: &rusqlite::Connection) -> usize {
    let sql = "SELECT COUNT(*) FROM object WHERE tenant_no = 1 AND kind = 1 AND state = 0";
    let count: i64 = database.query_row(sql, [], |row| row.get(0)).unwrap();
    count.try_into().unwrap()
}

/// What it says when it is interrupted, and how many are back.
fn interrupted(syncline: &Syncline) -> Option<(Output, usize)> {
    let mut run = syncline
        .command(&RESTORE)
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
        restored(&database) > 0 || run.try_wait().unwrap().is_some()
    });
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    let in_time = (1..PEOPLE / 2).contains(&restored(&database)) && is_heard(&mut run);
    database.execute_batch("ROLLBACK").unwrap();
    let output = run.wait_with_output().unwrap();
    in_time.then(|| (output, restored(&database)))
}

/// Interrupts it. `false`: it says something else than that it stops, or ends without a word.
fn is_heard(run: &mut Child) -> bool {
    let sent = Command::new("kill")
        .args(["-INT", &run.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
    let (mut line, mut byte) = (Vec::new(), [0]);
    let from = run.stderr.as_mut().unwrap();
    while from.read(&mut byte).unwrap() == 1 && byte != *b"\n" {
        line.extend(byte);
    }
    String::from_utf8(line)
        .unwrap()
        .contains("stops at its next page")
}

fn says_how_far_it_came_and_goes_on(serve: impl Fn(&Syncline) -> Option<Server>) {
    let struck = (0..ATTEMPTS).find_map(|_| {
        let syncline = everybody_deleted();
        let server = serve(&syncline);
        let struck = interrupted(&syncline)?;
        Some((syncline, server, struck))
    });
    let (syncline, server, (output, back)) = struck.expect("none was heard in time");
    let (told, said) = (stdout(&output), stderr(&output));
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!((1..PEOPLE).contains(&back), "{back}");
    assert!(told.contains(&format!("{back} users restored\n")), "{told}");
    let stopped = format!(
        "stopped after {back} of the recycle bin; run the command again, it goes on with the others"
    );
    assert!(told.contains(&stopped), "{told}");
    assert_eq!(syncline.json(&RESTORE)["restored"], PEOPLE - back);
    drop(server);
}

#[test]
fn a_restore_of_people_that_is_interrupted_says_how_far_it_came() {
    says_how_far_it_came_and_goes_on(|_| None);
}

#[test]
fn a_restore_of_people_on_a_server_that_is_interrupted_says_how_far_it_came() {
    says_how_far_it_came_and_goes_on(|syncline| Some(syncline.serve(&["--no-scheduler"])));
}
