//! `keys replace`: keys that somebody else has are worth nothing any more. On PostgreSQL as well when a server
//! is named (`SYNCLINE_TEST_DATABASE`).

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::Value;
use tokio::runtime::Runtime;

use crate::backup::path;
use crate::restored::Place;
use crate::restored_key::with_mounted_key;
use crate::support::{Server, Syncline, names_in, signed_in, stderr, stdout, token, wait_until};

const ADMIN: &str = "admin@contoso.example";

/// An installation whose key somebody else has.
struct Leaked {
    place: Place,
    tenant: Value,
    runtime: Runtime,
}

impl Leaked {
    fn new() -> Self {
        let place = Place::new();
        let create = ["tenant", "create", "--domain", "contoso.example"];
        let more = ["--display-name", "Contoso", "--admin", ADMIN];
        let tenant = place.json(&[&create[..], &more].concat());
        Self {
            place,
            tenant,
            runtime: Runtime::new().unwrap(),
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.place.syncline.data().join(name)
    }

    fn key(&self) -> Vec<u8> {
        fs::read(self.file("key")).unwrap()
    }

    /// Of another server, the same data.
    fn token(&self, server: &Server) -> String {
        self.runtime.block_on(token(server, &self.tenant))
    }

    /// The status that a request with this token gets, and whether the client is sent for another one.
    fn asks(&self, server: &Server, token: &str) -> (u16, bool) {
        let url = format!("{}/v1.0/users", server.origin);
        let request = server.client().get(url).bearer_auth(token);
        let answer = self.runtime.block_on(request.send()).unwrap();
        let challenge = answer.headers().get("www-authenticate");
        let sent = challenge.is_some_and(|it| it.to_str().unwrap().contains("claims="));
        (answer.status().as_u16(), sent)
    }

    /// Everybody gets in with what they have, and nothing is left of what was under way.
    fn goes_on(&self) {
        let server = self.place.serve();
        let token = self.token(&server);
        assert_eq!(self.asks(&server, &token), (200, false));
        let password = self.tenant["admin"]["password"].as_str().unwrap();
        self.runtime.block_on(signed_in(&server, ADMIN, password));
        assert_eq!(server.stop(), Some(0));
        assert_eq!(self.place.json(&["doctor"])["healthy"], true);
        assert!(!self.file("replacing.key").exists());
    }

    /// From now on whoever writes over a document does this: in the middle of a replacement.
    fn in_the_middle(&self, in_a_file: &str, on_a_server: &str) {
        self.place.execute_on_either(
            &format!("CREATE TRIGGER middle BEFORE UPDATE ON document BEGIN SELECT {in_a_file}; END"),
            &format!(
                "CREATE FUNCTION middle() RETURNS trigger AS $$ BEGIN {on_a_server}; RETURN NEW; END $$ LANGUAGE plpgsql;
                 CREATE TRIGGER middle BEFORE UPDATE ON document FOR EACH ROW EXECUTE FUNCTION middle()"
            ),
        );
    }

    fn not_any_more(&self) {
        let on_a_server = "DROP TRIGGER middle ON document; DROP FUNCTION middle()";
        self.place
            .execute_on_either("DROP TRIGGER middle", on_a_server);
    }

    /// As backup-and-restore.md says how a restore is taken back that kept the database and its key aside.
    fn takes_back(&self, kept: &[PathBuf]) {
        let aside = kept[0].to_str().unwrap();
        if self.place.url.is_some() {
            self.place
                .json(&["restore", "--force", "--unverified", aside]);
            return;
        }
        fs::rename(aside, self.file("syncline.db")).unwrap();
        for suffix in ["-wal", "-shm"] {
            let _ = fs::remove_file(self.file(&format!("syncline.db{suffix}")));
        }
        let log = format!("{aside}-wal");
        if fs::exists(&log).unwrap() {
            fs::rename(log, self.file("syncline.db-wal")).unwrap();
        }
        fs::rename(&kept[1], self.file("key")).unwrap();
    }

    /// Fails, with this among what it says, and changes nothing.
    fn is_refused(&self, expected: &str) {
        let (key, names) = (self.key(), names_in(&self.place.syncline.data()));
        let output = self.place.run(&["keys", "replace"]);
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert!(message.contains(expected), "{message}");
        assert_eq!(self.key(), key);
        let mut left = names_in(&self.place.syncline.data());
        left.retain(|it| !it.starts_with("syncline.db-"));
        let mut names = names;
        names.retain(|it| !it.starts_with("syncline.db-"));
        assert_eq!(left, names);
    }
}

/// It names the key that has signed.
fn header(token: &str) -> &str {
    token.split('.').next().unwrap()
}

/// Where each key is that was kept aside.
fn kept_aside(replaced: &Value) -> Vec<PathBuf> {
    let kept = replaced["keptAside"].as_array().unwrap();
    kept.iter().map(|it| it.as_str().unwrap().into()).collect()
}

#[test]
fn what_was_signed_is_refused_and_what_was_sealed_opens_with_another_key() {
    let leaked = Leaked::new();
    let server = leaked.place.serve();
    let old = leaked.token(&server);
    assert_eq!(leaked.asks(&server, &old), (200, false));
    assert_eq!(server.stop(), Some(0));
    let key = leaked.key();

    let replaced = leaked.place.json(&["keys", "replace"]);
    // Of the application, of the administrator, the keys that sign, and the check of the key.
    assert_eq!(replaced["sealed"], 4, "{replaced}");
    assert_eq!(replaced["signingKeysWithdrawn"], 1);
    assert_eq!(replaced["shared"], leaked.place.url.is_some());
    assert_ne!(leaked.key(), key);
    let mode = fs::metadata(leaked.file("key"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let kept = kept_aside(&replaced);
    assert_eq!(kept.len(), 1);
    assert_eq!(fs::read(&kept[0]).unwrap(), key);

    let server = leaked.place.serve();
    // A client that knows claims challenges does not go on with it until it expires.
    assert_eq!(leaked.asks(&server, &old), (401, true));
    assert_eq!(server.stop(), Some(0));
    leaked.goes_on();
    // Who has the old key opens nothing with it.
    fs::copy(&kept[0], leaked.file("key")).unwrap();
    let refused = leaked.place.run(&["tenant", "list"]);
    assert!(
        stderr(&refused).contains("key file"),
        "{}",
        stderr(&refused)
    );
    assert_eq!(refused.status.code(), Some(1));
}

#[test]
fn the_keys_that_sign_are_replaced_at_once_while_a_server_runs() {
    let leaked = Leaked::new();
    let server = leaked.place.serve();
    let old = leaked.token(&server);
    assert_eq!(leaked.asks(&server, &old), (200, false));
    // All of it can not be: the server has the old key.
    leaked.is_refused("`syncline keys replace --signing`");

    let key = leaked.key();
    let replaced = leaked.place.json(&["keys", "replace", "--signing"]);
    assert_eq!(replaced["signingKeysWithdrawn"], 1);
    let others = match leaked.place.url {
        Some(_) => Value::from(60),
        None => Value::Null,
    };
    assert_eq!(replaced["othersWithinSeconds"], others);
    assert_eq!(leaked.asks(&server, &old), (401, true));
    let new = leaked.token(&server);
    assert_eq!(leaked.asks(&server, &new), (200, false));
    assert_eq!(leaked.key(), key);
    assert_eq!(server.stop(), Some(0));
    // Without one.
    let text = stdout(&leaked.place.run(&["keys", "replace", "--signing"]));
    assert!(text.contains("Tokens are signed with the key"), "{text}");
    assert!(
        text.contains("until they read them again: restart"),
        "{text}"
    );
    let server = leaked.place.serve();
    assert_eq!(leaked.asks(&server, &new), (401, true));
    drop(server);
}

/// As it was left in each step by a power cut, or by whoever was killed.
#[test]
fn whatever_interrupts_it_the_next_command_finds_the_key_that_opens() {
    let leaked = Leaked::new();
    let first = leaked.key();
    let waits = leaked.file("replacing.key");

    // While the next key was written.
    fs::write(&waits, b"half").unwrap();
    leaked.place.json(&["tenant", "list"]);
    leaked.place.json(&["keys", "replace"]);
    leaked.goes_on();

    // When it was written, and nothing was sealed with it; the old key may have a second name by then.
    let second = leaked.key();
    fs::write(&waits, [7; 32]).unwrap();
    fs::hard_link(leaked.file("key"), leaked.file("key.before-replace-then")).unwrap();
    let server = leaked.place.serve();
    leaked.token(&server);
    assert_eq!(server.stop(), Some(0));
    let told = leaked.place.run(&["doctor"]);
    assert!(stdout(&told).contains("replacing.key"), "{}", stdout(&told));
    assert_eq!(leaked.key(), second);
    let replaced = leaked.place.json(&["keys", "replace"]);
    // It may be the only one that opens what a restore has kept aside.
    let kept: Vec<Vec<u8>> = kept_aside(&replaced)
        .iter()
        .map(|it| fs::read(it).unwrap())
        .collect();
    assert_eq!(kept, [vec![7; 32], second.clone()]);
    leaked.goes_on();

    // When everything was sealed with it, whatever comes next.
    let third = leaked.key();
    let interrupt = |old: &[u8]| {
        fs::rename(leaked.file("key"), &waits).unwrap();
        fs::write(leaked.file("key"), old).unwrap();
    };
    for next in [&["tenant", "list"][..], &["doctor"], &["jobs", "list"]] {
        interrupt(&second);
        leaked.place.json(next);
        assert_eq!(leaked.key(), third, "{next:?}");
        assert!(!waits.exists(), "{next:?}");
    }
    interrupt(&first);
    leaked.goes_on();
    assert_eq!(leaked.key(), third);
    interrupt(&second);
    let replaced = leaked.place.json(&["keys", "replace"]);
    let kept = kept_aside(&replaced);
    assert_eq!(fs::read(&kept[0]).unwrap(), third);
    leaked.goes_on();

    // What is replaced is not what was kept.
    interrupt(&[6; 32]);
    leaked.goes_on();
    let names = names_in(&leaked.place.syncline.data());
    let mut aside = names
        .iter()
        .filter(|it| it.starts_with("key.before-replace-"));
    assert!(aside.any(|it| fs::read(leaked.file(it)).unwrap() == [6; 32]));

    // Neither opens it.
    fs::write(&waits, [8; 32]).unwrap();
    fs::write(leaked.file("key"), [9; 32]).unwrap();
    let refused = leaked.place.run(&["tenant", "list"]);
    assert!(
        stderr(&refused).contains("key file"),
        "{}",
        stderr(&refused)
    );
    assert!(waits.exists());
}

#[test]
fn who_is_killed_while_everything_is_sealed_leaves_what_was_there() {
    let leaked = Leaked::new();
    let (key, waits) = (leaked.key(), leaked.file("replacing.key"));
    // Longer than anybody lives.
    let tables: Vec<String> = (0..40).map(|it| format!("document AS d{it}")).collect();
    let count = format!("COUNT(*) FROM {}", tables.join(", "));
    leaked.in_the_middle(&count, "PERFORM pg_sleep(3600)");
    let mut command = leaked.place.syncline.command(&["keys", "replace"]);
    let name = format!("killed_{}", std::process::id());
    if let Some(url) = &leaked.place.url {
        command.env(
            "SYNCLINE_DATABASE",
            format!("{url}&application_name={name}"),
        );
    }
    let mut replacing = command.spawn().unwrap();
    wait_until("the next key is there", || {
        fs::metadata(&waits).is_ok_and(|it| it.len() == 32)
    });
    replacing.kill().unwrap();
    replacing.wait().unwrap();
    // As a server that notices that nobody is there any more.
    syncline_testkit::cut_connections(&name);
    leaked.not_any_more();

    assert_eq!(leaked.key(), key);
    let server = leaked.place.serve();
    leaked.token(&server);
    assert_eq!(server.stop(), Some(0));
    assert_eq!(leaked.key(), key);
    leaked.place.json(&["keys", "replace"]);
    leaked.goes_on();
}

#[test]
fn what_fails_while_everything_is_sealed_leaves_nothing() {
    let leaked = Leaked::new();
    leaked.in_the_middle("RAISE(ABORT, 'no room')", "RAISE EXCEPTION 'no room'");
    leaked.is_refused("nothing was replaced");
    leaked.not_any_more();
    leaked.goes_on();
}

#[test]
fn nothing_is_replaced_where_the_new_key_can_not_be_written_or_come_to_its_place() {
    let leaked = Leaked::new();
    let in_the_way = leaked.file("replacing.key");
    fs::create_dir_all(in_the_way.join("not empty")).unwrap();
    leaked.is_refused("nothing was replaced");
    fs::remove_dir_all(&in_the_way).unwrap();
    leaked.goes_on();

    let names = names_in(&leaked.place.syncline.data());
    let command = leaked.place.syncline.command(&["keys", "replace"]);
    let command = leaked.place.on_its_database(command);
    let Some(output) = with_mounted_key(&leaked.place.syncline, &command) else {
        return;
    };
    let message = stderr(&output);
    assert!(
        message.contains("is mounted there") && message.contains("nothing was replaced"),
        "{message}"
    );
    assert_eq!(names_in(&leaked.place.syncline.data()), names);
    leaked.goes_on();
}

/// As emergencies.md says how such a backup is restored.
#[test]
fn a_backup_from_before_opens_with_the_key_that_was_kept_aside() {
    let leaked = Leaked::new();
    let server = leaked.place.serve();
    let old = leaked.token(&server);
    let file = path(&leaked.place.syncline, "monday.backup");
    leaked.place.json(&["backup", &file]);
    assert_eq!(server.stop(), Some(0));
    let replaced = leaked.place.json(&["keys", "replace"]);
    let after = path(&leaked.place.syncline, "tuesday.backup");
    leaked.place.json(&["backup", "--with-key", &after]);

    let (present, aside) = (leaked.key(), kept_aside(&replaced).remove(0));
    // Whoever has the old key can make such a backup.
    let refused = leaked.place.run(&["restore", "--force", &file]);
    let message = stderr(&refused);
    assert!(message.contains(aside.to_str().unwrap()), "{message}");
    assert!(message.contains("--unverified"), "{message}");
    assert_eq!(leaked.key(), present);
    let restored = leaked
        .place
        .json(&["restore", "--force", "--unverified", &file]);
    assert_eq!(restored["verified"], false);
    assert_eq!(restored["keyKeptAside"], aside.to_str().unwrap());
    // The only key of what was there, and of the backups made since.
    let kept = kept_aside(&restored);
    assert_eq!(kept.len(), 2);
    assert_eq!(fs::read(&kept[1]).unwrap(), present);
    let server = leaked.place.serve();
    // What was withdrawn since signs again.
    assert_eq!(header(&leaked.token(&server)), header(&old));
    assert_eq!(server.stop(), Some(0));

    leaked.takes_back(&kept);
    assert_eq!(leaked.key(), present);
    leaked.goes_on();

    leaked
        .place
        .json(&["restore", "--force", "--unverified", &file]);
    leaked.place.json(&["keys", "replace"]);
    let server = leaked.place.serve();
    assert_eq!(leaked.asks(&server, &old), (401, true));
    assert_eq!(server.stop(), Some(0));
    leaked.goes_on();
    // Of yet another key.
    leaked
        .place
        .json(&["restore", "--force", "--unverified", &after]);
    leaked.goes_on();
}

/// Everything is sealed with the next key, which has not come to its place.
#[test]
fn a_restore_in_the_middle_of_a_replacement_keeps_the_next_key_with_what_it_opens() {
    let leaked = Leaked::new();
    let file = path(&leaked.place.syncline, "monday.backup");
    leaked.place.json(&["backup", &file]);
    let replaced = leaked.place.json(&["keys", "replace"]);
    let second = leaked.key();
    fs::rename(leaked.file("key"), leaked.file("replacing.key")).unwrap();
    fs::rename(&kept_aside(&replaced)[0], leaked.file("key")).unwrap();

    let restored = leaked.place.json(&["restore", "--force", &file]);
    let kept = kept_aside(&restored);
    assert_eq!(kept.len(), 2, "{restored}");
    assert_eq!(fs::read(&kept[1]).unwrap(), second);
    leaked.goes_on();
    leaked.takes_back(&kept);
    assert_eq!(leaked.key(), second);
    leaked.goes_on();
}

#[test]
fn other_nodes_are_stopped_first_and_get_the_new_key() {
    let leaked = Leaked::new();
    let Some(url) = &leaked.place.url else {
        return;
    };
    let other = Syncline::new();
    fs::create_dir_all(other.data()).unwrap();
    fs::copy(leaked.file("key"), other.data().join("key")).unwrap();
    let on = |arguments: &[&str]| {
        let mut command = other.command(arguments);
        command.env("SYNCLINE_DATABASE", url);
        command
    };
    let serve = ["serve", "--listen", "127.0.0.1:0", "--no-scheduler"];
    let server = other.spawn(on(&serve));
    leaked.is_refused(&format!("the server {} works on", server.origin));
    assert_eq!(server.stop(), Some(0));

    leaked.place.json(&["keys", "replace"]);
    let listed = on(&["tenant", "list"]).output().unwrap();
    let message = stderr(&listed);
    assert!(
        message.contains("`syncline keys replace` was run"),
        "{message}"
    );
    fs::copy(leaked.file("key"), other.data().join("key")).unwrap();
    let server = other.spawn(on(&serve));
    let token = leaked.token(&server);
    assert_eq!(leaked.asks(&server, &token), (200, false));
    assert_eq!(server.stop(), Some(0));
    leaked.goes_on();
}
