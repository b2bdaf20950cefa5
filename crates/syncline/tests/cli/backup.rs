//! `backup` and `restore`.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::support::{Server, Syncline, names_in, stdout, token, wait_until};

const PEOPLE: &[u8] =
    b"userPrincipalName,displayName\nana@contoso.example,Ana\nbo@contoso.example,Bo\n";

/// One tenant with two people.
pub fn with_people() -> Syncline {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    let users = syncline.file("users.csv", PEOPLE);
    syncline.json(&["import", "--tenant", "contoso.example", &users]);
    syncline
}

pub fn people(syncline: &Syncline) -> Value {
    syncline.json(&["tenant", "list"])["tenants"][0]["users"].clone()
}

pub fn path(syncline: &Syncline, name: &str) -> String {
    let folder = syncline.data().parent().unwrap().join(name);
    folder.to_str().unwrap().to_owned()
}

pub fn give_key(from: &Syncline, to: &Syncline) {
    std::fs::create_dir_all(to.data()).unwrap();
    std::fs::copy(from.data().join("key"), to.data().join("key")).unwrap();
}

#[test]
fn what_is_in_no_backup_is_named_with_the_generated_certificates() {
    let old = with_people();
    let file = path(&old, "monday.backup");
    let before = stdout(&old.run(&["backup", &file]));
    assert!(!before.contains("tls"), "{before}");
    assert_eq!(old.serve(&["--no-scheduler"]).stop(), Some(0));
    let tls = old.data().join("tls");
    let backup = ["backup", &file, "--force", "--with-key"];
    let output = stdout(&old.run(&backup));
    assert!(output.contains(tls.to_str().unwrap()), "{output}");
    assert_eq!(old.json(&backup)["tlsFolder"], tls.to_str().unwrap());

    let new = Syncline::new();
    let restore = ["restore", &file, "--force", "--unverified"];
    let output = stdout(&new.run(&restore));
    let absent = format!("There is no {}", new.data().join("tls").display());
    assert!(output.contains(&absent), "{output}");
    assert!(new.json(&restore)["tlsFolderMissing"].is_string());
    assert_eq!(new.serve(&["--no-scheduler"]).stop(), Some(0));
    let again = stdout(&new.run(&restore));
    assert!(
        again.contains("Restored") && !again.contains("There is no"),
        "{again}"
    );
}

#[test]
fn a_backup_of_a_running_server_is_restored_elsewhere() {
    let old = with_people();
    let file = path(&old, "monday.backup");
    let server = old.serve(&["--no-scheduler"]);
    let made = old.json(&["backup", &file]);
    assert_eq!(made["withKey"], false);
    assert_eq!(server.stop(), Some(0));
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let folder = Path::new(&file).parent().unwrap();
    assert_eq!(
        names_in(folder),
        ["data", "monday.backup", "stderr.log", "users.csv"],
        "nothing else is left behind"
    );

    let new = Syncline::new();
    let message = new.fails(&["restore", &file]);
    assert!(message.contains("without its key"), "{message}");
    give_key(&old, &new);
    let restored = new.json(&["restore", &file]);
    assert_eq!(
        (&restored["tenants"], &restored["objects"]),
        (&Value::from(1), &restored["objects"])
    );
    assert_eq!(people(&new), 2);
    assert_eq!(new.json(&["doctor"])["healthy"], true);
}

/// Makes the database so big that a backup of it takes a moment.
pub fn fill(syncline: &Syncline) {
    let database = rusqlite::Connection::open(syncline.data().join("syncline.db")).unwrap();
    database
        .execute_batch(
            "CREATE TABLE filling (id INTEGER PRIMARY KEY, bytes BLOB);
             WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 2000)
             INSERT INTO filling SELECT n, zeroblob(64 * 1024) FROM numbers;",
        )
        .unwrap();
}

#[test]
fn a_backup_for_a_client_that_has_gone_ends_and_leaves_nothing() {
    let syncline = with_people();
    fill(&syncline);
    let server = syncline.serve(&["--no-scheduler"]);
    let file = path(&syncline, "monday.backup");
    let folder = Path::new(&file).parent().unwrap();
    let begun = || names_in(folder).iter().any(|it| it.starts_with(".monday"));
    // One that was nearly done when its client went proves nothing.
    let given_up = (0..6).any(|_| {
        let mut client = syncline.command(&["backup", &file]);
        let mut client = client.stdout(Stdio::null()).spawn().unwrap();
        wait_until("the backup begins", || begun() || Path::new(&file).exists());
        // It stands still while its client goes.
        server.send("-STOP");
        client.kill().unwrap();
        client.wait().unwrap();
        server.send("-CONT");
        wait_until("the backup ends", || !begun());
        let given_up = !Path::new(&file).exists();
        let _ = std::fs::remove_file(&file);
        given_up
    });
    assert!(given_up, "each was made to the end");
    assert_eq!(people(&syncline), 2);
}

#[test]
fn a_backup_with_the_key_needs_nothing_else() {
    let old = with_people();
    let file = path(&old, "all.backup");
    let output = old.run(&["backup", "--with-key", &file]);
    assert!(stdout(&output).contains("The key is in it"));
    let new = Syncline::new();
    new.json(&["restore", &file]);
    assert_eq!(people(&new), 2);
    assert_eq!(
        std::fs::read(new.data().join("key")).unwrap(),
        std::fs::read(old.data().join("key")).unwrap()
    );
}

#[test]
fn nothing_is_overwritten_unless_forced() {
    let syncline = with_people();
    let file = path(&syncline, "monday.backup");
    syncline.json(&["backup", &file]);
    let message = syncline.fails(&["backup", &file]);
    assert!(
        message.contains("already") && message.contains("--force"),
        "{message}"
    );
    syncline.json(&["backup", "--force", &file]);

    let more = syncline.file(
        "more.csv",
        b"userPrincipalName,displayName\ncleo@contoso.example,Cleo\n",
    );
    syncline.json(&["import", "--tenant", "contoso.example", &more]);
    let message = syncline.fails(&["restore", &file]);
    assert!(
        message.contains("holds data") && message.contains("--force"),
        "{message}"
    );
    assert_eq!(people(&syncline), 3);
    let restored = syncline.json(&["restore", "--force", &file]);
    assert_eq!(people(&syncline), 2);
    let aside = restored["keptAside"][0].as_str().unwrap();
    assert!(Path::new(aside).exists());
    // Once more is the same, and what was kept aside is still there.
    let again = syncline.json(&["restore", "--force", &file]);
    assert_eq!(people(&syncline), 2);
    assert_ne!(again["keptAside"][0], aside);
    assert!(Path::new(aside).exists());
    // No empty logs beside what was kept.
    let names = names_in(&syncline.data());
    assert!(
        !names
            .iter()
            .any(|it| it.contains(".before-restore-") && it.ends_with("-wal")),
        "{names:?}"
    );
}

#[test]
fn a_server_in_the_way_is_named() {
    let syncline = with_people();
    let file = path(&syncline, "monday.backup");
    syncline.json(&["backup", &file]);
    let server = syncline.serve(&["--no-scheduler"]);
    let message = syncline.fails(&["restore", "--force", &file]);
    assert!(
        message.contains(&server.origin) && message.contains("stop it"),
        "{message}"
    );
}

#[test]
fn a_broken_backup_replaces_nothing() {
    let syncline = with_people();
    let file = path(&syncline, "monday.backup");
    syncline.json(&["backup", &file]);
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    let message = syncline.fails(&["restore", "--force", &file]);
    assert!(message.contains("damaged or incomplete"), "{message}");
    assert!(message.contains("help: copy it once more"), "{message}");
    assert_eq!(people(&syncline), 2);
}

#[test]
fn what_is_no_backup_is_called_what_it_is() {
    let syncline = Syncline::new();
    let folder = syncline
        .data()
        .parent()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    for (file, expected) in [
        (syncline.file("letter.txt", b"Dear Ana"), "it is not one"),
        (syncline.file("nothing.backup", b""), "is empty"),
        (folder.clone(), "is a directory"),
        (format!("{folder}/gone.backup"), "cannot read the backup"),
    ] {
        let message = syncline.fails(&["restore", &file]);
        assert!(message.contains(expected), "{message}");
        assert!(message.contains(&file), "{message}");
        assert!(
            message.contains("`syncline backup` has written"),
            "{message}"
        );
        assert!(!message.contains("damaged row"), "{message}");
    }
}

#[test]
fn the_folder_that_a_backup_has_no_place_in_is_named() {
    let syncline = with_people();
    let folder = path(&syncline, "nowhere");
    let message = syncline.fails(&["backup", &format!("{folder}/x.backup")]);
    assert!(
        message.contains(&format!("there is no folder {folder}\n")),
        "{message}"
    );
}

/// Makes groups over HTTP one after another, each with both of its members in one request.
#[derive(Default)]
struct Writer {
    begun: AtomicUsize,
    done: AtomicUsize,
    stop: AtomicBool,
}

impl Writer {
    async fn write(&self, server: &Server, token: &str, members: &[Value]) {
        let client = server.client();
        let url = format!("{}/v1.0/groups", server.origin);
        while !self.stop.load(Ordering::SeqCst) {
            let number = self.begun.fetch_add(1, Ordering::SeqCst);
            let group = json!({
                "displayName": number.to_string(),
                "mailNickname": format!("g{number}"),
                "mailEnabled": false,
                "securityEnabled": true,
                "members@odata.bind": members,
            });
            let request = client
                .post(&url)
                .bearer_auth(token)
                .header("content-type", "application/json")
                .body(group.to_string());
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 201, "{}", answer.text().await.unwrap());
            self.done.store(number + 1, Ordering::SeqCst);
        }
    }
}

/// Ends the writer also when the test fails.
struct Until<'w>(&'w Writer);

impl Drop for Until<'_> {
    fn drop(&mut self) {
        self.0.stop.store(true, Ordering::SeqCst);
    }
}

/// What was written when a backup began, and what was begun when it ended.
struct Taken {
    people: (usize, usize),
    groups: (usize, usize),
}

/// Takes a backup that begins when an import has committed a page and a group was made, and ends before
/// the import and behind another group: of more and more people, until it is so.
fn backup_in_between(old: &Syncline, file: &str, writer: &Writer) -> Taken {
    for round in 0..6 {
        let count = 6_000_usize << round;
        let mut people = "userPrincipalName,displayName\n".to_owned();
        for number in 0..count {
            people.push_str(&format!("p{round}-{number}@other.example,P\n"));
        }
        let csv = old.file("many.csv", people.as_bytes());
        let (people, groups) = (others(old), writer.done.load(Ordering::SeqCst));
        let mut import = old
            .command(&["import", "--tenant", "other.example", &csv])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        wait_until("the import has committed a page", || {
            others(old) > people && writer.done.load(Ordering::SeqCst) > groups
        });
        let began = (others(old), writer.done.load(Ordering::SeqCst));
        old.json(&["backup", "--force", file]);
        let (made, begun) = (
            writer.done.load(Ordering::SeqCst),
            writer.begun.load(Ordering::SeqCst),
        );
        let ended = others(old);
        assert!(import.wait().unwrap().success());
        if ended < people + count && made > began.1 {
            return Taken {
                people: (began.0, ended),
                groups: (began.1, begun),
            };
        }
    }
    panic!("no import took longer than a backup");
}

/// People of the tenant that is written to.
fn others(syncline: &Syncline) -> usize {
    let database = rusqlite::Connection::open(syncline.data().join("syncline.db")).unwrap();
    let sql = "SELECT COUNT(*) FROM object WHERE kind = 1 AND tenant_no = (SELECT tenant_no FROM domain WHERE name = 'other.example')";
    let count: i64 = database.query_row(sql, [], |row| row.get(0)).unwrap();
    count.try_into().unwrap()
}

/// All that a list has, page by page.
async fn all(server: &Server, token: &str, path: &str) -> Vec<Value> {
    let client = server.client();
    let (mut found, mut next) = (Vec::new(), Some(format!("{}{path}", server.origin)));
    while let Some(url) = next {
        let request = client.get(url).bearer_auth(token);
        let mut page: Value = request.send().await.unwrap().json().await.unwrap();
        next = page["@odata.nextLink"].as_str().map(str::to_owned);
        found.append(page["value"].as_array_mut().unwrap());
    }
    found
}

#[test]
fn a_backup_under_load_is_in_step_when_it_is_restored() {
    let old = Syncline::new();
    assert!(
        old.run(&["demo", "--exit", "--users", "60"])
            .status
            .success()
    );
    let other = old.tenant("other");
    let two = old.file(
        "two.csv",
        b"userPrincipalName,displayName\nana@other.example,Ana\nbo@other.example,Bo\n",
    );
    old.json(&["import", "--tenant", "other.example", &two]);
    let jobs = old.json(&["jobs", "list"]);
    let job = jobs["jobs"][0]["jobId"].as_str().unwrap().to_owned();
    let shown = old.json(&["jobs", "show", "--job", &job]);
    let file = path(&old, "under-load.backup");
    let server = old.serve(&["--no-scheduler"]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let access = runtime.block_on(token(&server, &other));
    let members: Vec<Value> = runtime
        .block_on(all(&server, &access, "/v1.0/users"))
        .iter()
        .map(|user| {
            let id = user["id"].as_str().unwrap();
            format!("https://graph.microsoft.com/v1.0/directoryObjects/{id}").into()
        })
        .collect();
    let writer = Writer::default();
    let taken = std::thread::scope(|scope| {
        scope.spawn(|| runtime.block_on(writer.write(&server, &access, &members)));
        let _until = Until(&writer);
        backup_in_between(&old, &file, &writer)
    });
    assert_eq!(server.stop(), Some(0));

    let new = Syncline::new();
    give_key(&old, &new);
    new.json(&["restore", &file]);
    let again = new.json(&["jobs", "show", "--job", &job]);
    assert_eq!(again["synchronizedEntries"], shown["synchronizedEntries"]);
    assert_eq!(new.json(&["doctor"])["healthy"], true);
    // What was there when it began is in it, what came after it ended is not.
    let people = others(&new);
    assert!(
        (taken.people.0..=taken.people.1).contains(&people),
        "{people} of {:?}",
        taken.people
    );
    let server = new.serve(&["--no-scheduler"]);
    let mut groups = runtime.block_on(async {
        let access = token(&server, &other).await;
        all(&server, &access, "/v1.0/groups?$expand=members").await
    });
    assert_eq!(server.stop(), Some(0));
    assert!(
        (taken.groups.0..=taken.groups.1).contains(&groups.len()),
        "{} of {:?}",
        groups.len(),
        taken.groups
    );
    // Each whole, and none without those that were made before it.
    let number = |group: &Value| -> usize {
        let name = group["displayName"].as_str().unwrap();
        name.parse().unwrap()
    };
    groups.sort_by_key(number);
    for (at, group) in groups.iter().enumerate() {
        assert_eq!(number(group), at);
        assert_eq!(group["members"].as_array().unwrap().len(), 2, "{group}");
    }

    let report = new.json(&["jobs", "run", "--job", &job, "--wait"]);
    assert_eq!(report["state"], "Succeeded", "{report}");
    for count in [
        "created",
        "updated",
        "disabled",
        "deleted",
        "restored",
        "skipped",
        "escrowed",
        "referencesSet",
        "referencesRemoved",
    ] {
        assert_eq!(report["counts"][count], 0, "{report}");
    }
}

/// Two people; a backup of them; two more, the last of them only in the log beside the database, as a
/// server that was killed leaves it.
pub fn killed_with_more() -> (Syncline, String) {
    let syncline = with_people();
    let file = path(&syncline, "monday.backup");
    syncline.json(&["backup", &file]);
    let more = syncline.file(
        "more.csv",
        b"userPrincipalName,displayName\ncleo@contoso.example,Cleo\ndan@contoso.example,Dan\n",
    );
    let server = syncline.serve(&["--no-scheduler"]);
    syncline.json(&["import", "--tenant", "contoso.example", &more]);
    server.send("-KILL");
    drop(server);
    assert!(syncline.data().join("syncline.db-wal").exists());
    (syncline, file)
}

/// What was kept aside is a whole database: the one that was there.
fn aside_is_whole(syncline: &Syncline, aside: &Path) {
    let other = Syncline::new();
    give_key(syncline, &other);
    let wal = |path: &Path| {
        path.with_file_name(format!(
            "{}-wal",
            path.file_name().unwrap().to_str().unwrap()
        ))
    };
    let database = other.data().join("syncline.db");
    std::fs::copy(aside, &database).unwrap();
    if wal(aside).exists() {
        std::fs::copy(wal(aside), wal(&database)).unwrap();
    }
    assert_eq!(people(&other), 4);
    assert_eq!(other.json(&["doctor"])["healthy"], true);
}

#[test]
fn a_restore_that_was_interrupted_anywhere_is_refused_to_work_beside_and_done_again() {
    let aside = "syncline.db.before-restore-20260102T030405Z";
    let old_aside = "syncline.db.before-restore-20250102T030405Z";
    // What had become of the old database when the process died; the new one was still being made,
    // or made and not yet in place.
    let crashes: [&[(&str, &str)]; 3] = [
        &[],
        &[("syncline.db", aside)],
        &[
            ("syncline.db", aside),
            (
                "syncline.db-wal",
                "syncline.db.before-restore-20260102T030405Z-wal",
            ),
        ],
    ];
    for moved in crashes {
        let (syncline, file) = killed_with_more();
        let data = syncline.data();
        // From a restore long ago.
        std::fs::write(data.join(old_aside), "old").unwrap();
        for left in ["restoring.db", "restoring.db-wal", "restoring.db-journal"] {
            std::fs::write(data.join(left), "half of a database").unwrap();
        }
        for (from, to) in moved {
            std::fs::rename(data.join(from), data.join(to)).unwrap();
        }
        let before = names_in(&data);
        for command in [
            &["serve", "--listen", "127.0.0.1:0"][..],
            &["tenant", "list"],
            &[
                "tenant",
                "create",
                "--domain",
                "new.example",
                "--display-name",
                "New",
            ],
        ] {
            let message = syncline.fails(command);
            assert!(
                message.contains("was interrupted") && message.contains("syncline restore"),
                "{message}"
            );
        }
        assert_eq!(names_in(&data), before, "nothing was made");

        let restored = syncline.json(&["restore", "--force", &file]);
        assert_eq!(people(&syncline), 2, "{moved:?}");
        assert_eq!(syncline.json(&["doctor"])["healthy"], true);
        assert!(!names_in(&data).iter().any(|it| it.starts_with("restoring")));
        let aside = match moved {
            [] => Path::new(restored["keptAside"][0].as_str().unwrap()).to_owned(),
            _ => data.join(aside),
        };
        aside_is_whole(&syncline, &aside);
        assert_eq!(std::fs::read(data.join(old_aside)).unwrap(), b"old");
    }
}

#[test]
fn a_log_without_its_database_is_not_laid_beside_what_a_completed_restore_has_moved() {
    let (syncline, file) = killed_with_more();
    let data = syncline.data();
    let old_aside = "syncline.db.before-restore-20250102T030405Z";
    std::fs::write(data.join(old_aside), "old").unwrap();
    std::fs::remove_file(data.join("syncline.db")).unwrap();
    syncline.json(&["restore", "--force", &file]);
    assert_eq!(people(&syncline), 2);
    let logs: Vec<String> = names_in(&data)
        .into_iter()
        .filter(|it| it.contains(".before-restore-") && it.ends_with("-wal"))
        .collect();
    assert_eq!(logs.len(), 1, "it is kept: {logs:?}");
    assert!(!logs[0].starts_with(old_aside), "{logs:?}");
}

#[test]
fn a_restore_that_did_not_touch_the_database_can_be_given_up() {
    let (syncline, _) = killed_with_more();
    let restoring = syncline.data().join("restoring.db");
    std::fs::write(&restoring, "half of a database").unwrap();
    let message = syncline.fails(&["tenant", "list"]);
    assert!(message.contains("remove"), "{message}");
    std::fs::remove_file(restoring).unwrap();
    assert_eq!(people(&syncline), 4);
}
