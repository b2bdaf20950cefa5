//! A restore that can not be carried out: what is told, and what is left behind.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::backup::{give_key, path, people, with_people};
use crate::support::{Syncline, names_in, stderr, stdout, wait_until};

const CREATE: [&str; 6] = [
    "tenant",
    "create",
    "--domain",
    "contoso.example",
    "--display-name",
    "Contoso",
];

/// A tenant on a server, and a backup of it; `None` where there is no server.
fn on_server(name: &str) -> Option<(Syncline, String, String)> {
    let syncline = Syncline::new();
    let url = syncline_testkit::postgres_url(&syncline.data().join(name))?;
    let file = path(&syncline, "monday.backup");
    for arguments in [&CREATE[..], &["backup", &file]] {
        let output = on(&syncline, &url, arguments).output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
    }
    Some((syncline, url, file))
}

fn on(syncline: &Syncline, url: &str, arguments: &[&str]) -> Command {
    let mut command = syncline.command(arguments);
    command.env("SYNCLINE_DATABASE", url);
    command
}

const LATER: &str = "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES (99, 'later', '2030-01-01T00:00:00Z', '1')";

#[test]
fn a_restore_that_was_refused_leaves_nothing() {
    let old = with_people();
    let file = path(&old, "monday.backup");
    old.json(&["backup", &file]);
    let letter = old.file("letter.txt", b"Dear Ana");
    for (file, expected) in [
        (&letter, "cannot use the backup"),
        (&file, "without its key"),
    ] {
        let new = Syncline::new();
        let message = new.fails(&["restore", file]);
        assert!(message.contains(expected), "{message}");
        assert!(!new.data().exists());

        std::fs::create_dir(new.data()).unwrap();
        new.fails(&["restore", file]);
        assert_eq!(names_in(&new.data()), [""; 0]);
    }
    // What is there is not.
    let new = Syncline::new();
    give_key(&old, &new);
    new.fails(&["restore", &letter]);
    assert!(new.data().join("key").exists());
    new.json(&["restore", &file]);
}

/// The way back from a newer version.
#[test]
fn who_restores_over_newer_tables_on_a_server_is_told_where_to_instead() {
    let Some((syncline, url, file)) = on_server("newer") else {
        return;
    };
    syncline_testkit::execute(&syncline.data().join("newer"), LATER);
    let output = on(&syncline, &url, &["restore", "--force", &file])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = stderr(&output);
    assert!(
        message.contains("layout 99")
            && message.contains("an empty database")
            && message.contains("search_path"),
        "{message}"
    );
    assert!(!message.contains("made before it"), "{message}");
    // As told.
    let elsewhere = syncline_testkit::postgres_url(&syncline.data().join("back")).unwrap();
    let output = on(&syncline, &elsewhere, &["restore", &file])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn a_backup_of_newer_tables_is_refused_before_anything_is_made() {
    let syncline = with_people();
    let file = path(&syncline, "later.backup");
    std::fs::copy(syncline.data().join("syncline.db"), &file).unwrap();
    let backup =
        "CREATE TABLE backup (name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
        INSERT INTO backup (name, value) VALUES ('format', '1'), ('made_at', '16000000000000000');";
    rusqlite::Connection::open(&file)
        .unwrap()
        .execute_batch(&format!("{backup} {LATER}"))
        .unwrap();
    let message = syncline.fails(&["restore", "--force", "--unverified", &file]);
    assert!(
        message.contains("layout 99") && message.contains("newer syncline"),
        "{message}"
    );
    let left = names_in(&syncline.data());
    assert!(!left.iter().any(|it| it.contains("restor")), "{left:?}");
}

/// The disk that the database is on may not be mounted: nobody makes another one beside it by mistake.
#[test]
fn a_database_that_is_a_link_to_what_is_not_there_is_replaced_when_that_is_asked_for() {
    let syncline = with_people();
    let file = path(&syncline, "monday.backup");
    syncline.json(&["backup", &file]);
    let (database, disk) = (
        syncline.data().join("syncline.db"),
        PathBuf::from(path(&syncline, "disk")),
    );
    std::fs::rename(&database, path(&syncline, "unmounted.db")).unwrap();
    for suffix in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(syncline.data().join(format!("syncline.db{suffix}")));
    }
    let real = disk.join("real.db");
    std::os::unix::fs::symlink("../disk/real.db", &database).unwrap();
    let message = syncline.fails(&["restore", &file]);
    assert!(
        message.contains("is a link to") && message.contains("mount that"),
        "{message}"
    );
    assert!(database.is_symlink());

    let restored = syncline.json(&["restore", "--force", &file]);
    let led = Path::new(restored["linkedTo"].as_str().unwrap());
    assert!(led.ends_with("../disk/real.db"), "{restored}");
    let aside = restored["keptAside"][0].as_str().unwrap();
    assert_eq!(
        std::fs::read_link(aside).unwrap(),
        Path::new("../disk/real.db")
    );
    assert!(!database.is_symlink() && !real.exists());
    assert_eq!(people(&syncline), 2);
}

/// As one that shows jobs while another command runs a cycle.
#[test]
fn nothing_is_replaced_while_a_command_works_beside_another_one() {
    let syncline = with_people();
    let file = path(&syncline, "monday.backup");
    syncline.json(&["backup", &file]);
    let beside = std::fs::File::create(syncline.data().join("beside.lock")).unwrap();
    beside.lock_shared().unwrap();
    let message = syncline.fails(&["restore", "--force", &file]);
    assert!(
        message.contains("in use by another syncline command"),
        "{message}"
    );
    drop(beside);
    syncline.json(&["restore", "--force", &file]);
}

/// Sees that somebody has read a file, to the end.
#[cfg(target_os = "linux")]
struct Readers(std::os::fd::OwnedFd);

#[cfg(target_os = "linux")]
impl Readers {
    fn of(file: &Path) -> Self {
        use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};
        let watched = init(CreateFlags::CLOEXEC).unwrap();
        add_watch(&watched, file, WatchFlags::CLOSE_NOWRITE).unwrap();
        Self(watched)
    }

    fn wait_for_one(&self) {
        let mut told = [0; 4096];
        assert!(rustix::io::read(&self.0, &mut told).unwrap() > 0);
    }
}

/// A cycle ends and a restore begins, after a command saw that the cycle runs and before it could tell
/// that it works beside.
#[cfg(target_os = "linux")]
#[test]
fn whoever_would_work_beside_a_cycle_that_has_ended_opens_nothing_while_a_restore_is_at_it() {
    use std::io::{Read as _, Write as _};

    let syncline = with_people();
    let data = syncline.data();
    let (database, aside) = (data.join("syncline.db"), data.join("aside"));
    let mut lock = std::fs::File::create(data.join("lock")).unwrap();
    lock.lock().unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let cycle = format!(
        "\n{}\n1\njobs run --wait --job Azure2Azure.it\n{version}\n",
        database.display()
    );
    lock.write_all(cycle.as_bytes()).unwrap();
    // Whoever opens it waits until somebody reads.
    let beside = data.join("beside.lock");
    let made = Command::new("mkfifo").arg(&beside).status().unwrap();
    assert!(made.success());
    let readers = Readers::of(&data.join("lock"));
    let command = syncline
        .command(&["jobs", "list"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    readers.wait_for_one();
    // A restore has the lock, and has moved the old database away.
    lock.set_len(0).unwrap();
    std::fs::rename(&database, &aside).unwrap();
    std::fs::write(data.join("restoring.db"), "half of a database").unwrap();
    // The command may go on, and has let go when there is nothing more to read.
    let mut let_go = std::fs::File::open(&beside).unwrap();
    assert_eq!(let_go.read(&mut [0]).unwrap(), 0);
    assert!(!database.exists(), "nothing was made");
    // The restore is done.
    std::fs::remove_file(data.join("restoring.db")).unwrap();
    std::fs::rename(&aside, &database).unwrap();
    lock.unlock().unwrap();
    let listed = command.wait_with_output().unwrap();
    assert!(listed.status.success(), "{}", stderr(&listed));
}

/// One that backups and restores read, and no import, nor whoever opens the database.
const TABLE: &str = "staged";

/// Holds it until there is a row in another one, `let_go`.
fn hold_table(place: PathBuf) -> std::thread::JoinHandle<bool> {
    let hold = format!(
        "BEGIN; LOCK TABLE {TABLE} IN ACCESS EXCLUSIVE MODE; 
        DO $$ BEGIN WHILE NOT EXISTS (SELECT 1 FROM let_go) LOOP PERFORM pg_sleep(0.02); END LOOP; END $$; COMMIT"
    );
    syncline_testkit::execute(&place, "CREATE TABLE let_go (id bigint)");
    std::thread::spawn(move || syncline_testkit::execute(&place, &hold))
}

fn is_held(place: &Path, table: &str) -> bool {
    let tries = format!("SET lock_timeout = 50; SELECT count(*) FROM {table}");
    !syncline_testkit::tries(place, &tries)
}

/// Whether somebody waits for a table, or what is in it. Who waits for a row has announced that.
fn somebody_waits_for(place: &Path, table: &str) -> bool {
    let fails_if_so = format!(
        "DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_locks WHERE (NOT granted OR locktype = 'tuple') AND relation = '{table}'::regclass) THEN RAISE 'so it is'; END IF; END $$"
    );
    !syncline_testkit::tries(place, &fails_if_so)
}

/// It is kept aside with what was there, or its end tells that it is gone: nobody believes in vain that
/// it is done.
#[test]
fn what_is_imported_while_a_restore_begins_is_kept_aside_or_told_to_be_gone() {
    let Some((syncline, url, file)) = on_server("meanwhile") else {
        return;
    };
    let place = syncline.data().join("meanwhile");
    let other = Syncline::new();
    give_key(&syncline, &other);
    let users = syncline.file(
        "users.csv",
        b"userPrincipalName,displayName\nana@contoso.example,Ana\n",
    );
    let holds = hold_table(place.clone());
    wait_until("the table is held", || is_held(&place, TABLE));
    let quietly = |mut command: Command| command.stderr(Stdio::piped()).spawn().unwrap();
    let restore = on(&syncline, &url, &["restore", "--force", &file]);
    let restore = quietly(restore);
    wait_until("the restore comes to the table", || {
        somebody_waits_for(&place, TABLE)
    });
    let arguments = ["import", "--tenant", "contoso.example", &users];
    let mut import = quietly(on(&other, &url, &arguments));
    wait_until("the import has ended or waits for the restore", || {
        import.try_wait().unwrap().is_some() || somebody_waits_for(&place, "tenant")
    });
    syncline_testkit::execute(&place, "INSERT INTO let_go VALUES (1)");
    assert!(holds.join().unwrap());
    let (restore, import) = (
        restore.wait_with_output().unwrap(),
        import.wait_with_output().unwrap(),
    );
    assert!(restore.status.success(), "{}", stderr(&restore));
    let told = stderr(&import);
    assert!(
        !import.status.success() && told.contains("a restore has replaced the database"),
        "{told}"
    );
    let listed = on(&other, &url, &["tenant", "list", "--output", "json"]);
    let listed: Value = serde_json::from_slice(&{ listed }.output().unwrap().stdout).unwrap();
    assert_eq!(listed["tenants"][0]["users"], 0);
}

#[test]
fn nothing_is_left_of_a_backup_that_is_interrupted() {
    let Some((syncline, url, _)) = on_server("interrupted") else {
        return;
    };
    let place = syncline.data().join("interrupted");
    let holds = hold_table(place.clone());
    wait_until("the table is held", || is_held(&place, TABLE));
    let folder = path(&syncline, "backups");
    std::fs::create_dir(&folder).unwrap();
    let folder = PathBuf::from(folder);
    let file = folder.join("tuesday.backup");
    let mut backup = on(&syncline, &url, &["backup", file.to_str().unwrap()])
        .spawn()
        .unwrap();
    // Its tables are made by then, and it comes to the one that is held.
    wait_until("the backup has begun", || {
        std::fs::read_dir(&folder)
            .unwrap()
            .any(|it| it.unwrap().metadata().is_ok_and(|it| it.len() > 0))
    });
    let sent = Command::new("kill")
        .args(["-INT", &backup.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
    let ended = backup.wait().unwrap();
    syncline_testkit::execute(&place, "INSERT INTO let_go VALUES (1)");
    assert!(holds.join().unwrap());
    assert_eq!(ended.code(), Some(130));
    assert_eq!(names_in(&folder), [""; 0]);
}

/// Runs in a data directory that has little room (in KiB), and lists what is left in it; `None` where this
/// machine lets nobody mount one.
fn with_little_room(
    syncline: &Syncline,
    room: u32,
    mut command: Command,
) -> Option<(String, String)> {
    let mount = format!(
        "mkdir -p \"$0\" && cp -p \"$0/key\" \"$0/../kept\" && mount -t tmpfs -o size={room}k none \"$0\" && cp -p \"$0/../kept\" \"$0/key\""
    );
    let mut mounted = Command::new("unshare");
    mounted.args(["--map-root-user", "--mount", "sh", "-c"]);
    mounted.arg(format!("{mount} && \"$@\"; ls \"$0\""));
    mounted.arg(syncline.data()).arg(command.get_program());
    mounted.args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => mounted.env(name, value),
            None => mounted.env_remove(name),
        };
    }
    command = mounted;
    let output = command.output().ok()?;
    if stderr(&output).contains("mount:") || stderr(&output).contains("unshare:") {
        eprintln!("NOT RUN: nobody may mount here");
        return None;
    }
    Some((stderr(&output), stdout(&output)))
}

/// The disk that is full is named, and nothing is left on it.
fn is_told(told: Option<(String, String)>, what: &str, syncline: &Syncline) {
    let Some((message, left)) = told else { return };
    assert!(message.contains(what), "{message}");
    let disk = format!(
        "make room on the disk that holds {}",
        syncline.data().display()
    );
    assert!(message.contains(&disk), "{message}");
    let left: Vec<&str> = left.lines().collect();
    assert_eq!(left, ["key", "lock"], "{message}");
}

#[test]
fn a_disk_without_room_for_the_new_file_is_named() {
    let syncline = with_people();
    let file = path(&syncline, "monday.backup");
    syncline.json(&["backup", &file]);
    let command = syncline.command(&["restore", &file]);
    let told = with_little_room(&syncline, 200, command);
    is_told(told, "restoring.db", &syncline);
}

#[test]
fn a_disk_without_room_for_what_is_kept_aside_is_named() {
    let Some((syncline, url, file)) = on_server("aside") else {
        return;
    };
    let command = on(&syncline, &url, &["restore", "--force", &file]);
    // Enough for what is to be restored, and not for both.
    let told = with_little_room(&syncline, 550, command);
    is_told(told, "database.backup.before-restore", &syncline);
}

#[test]
fn what_a_restore_to_a_server_left_behind_is_named() {
    let Some((syncline, url, _)) = on_server("left") else {
        return;
    };
    std::fs::write(syncline.data().join("restoring.db"), "half of a database").unwrap();
    let output = on(&syncline, &url, &["doctor"]).output().unwrap();
    let told = stdout(&output);
    assert!(
        told.contains("restoring.db") && told.contains("remove"),
        "{told}"
    );
}
