//! What lies in the data directory: the database file and its log, the key, the certificate.

use std::os::unix::fs::PermissionsExt as _;

use super::found;
use crate::support::{Syncline, stdout};

/// Two people in the embedded database.
fn embedded() -> Syncline {
    let syncline = Syncline::new();
    syncline.tenant("contoso");
    let users = syncline.file(
        "users.csv",
        b"userPrincipalName,displayName\nana@contoso.example,Ana\nbo@contoso.example,Bo\n",
    );
    syncline.json(&["import", "--tenant", "contoso.example", &users]);
    syncline
}

#[test]
fn broken_pages_are_found() {
    let syncline = embedded();
    let file = syncline.data().join("syncline.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let database = rusqlite::Connection::open(&file).unwrap();
    let root: usize = database
        .query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'provisioning_log_job'",
            [],
            |row| row.get::<_, i64>(0),
        )
        .unwrap()
        .try_into()
        .unwrap();
    drop(database);
    let at = (root - 1) * 8192;
    bytes[at..at + 64].fill(0x5a);
    std::fs::write(&file, bytes).unwrap();
    let output = syncline.run(&["doctor"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stdout(&output).contains("problem  database pages"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn a_key_that_others_may_read_is_found_and_closed_when_a_server_starts() {
    let syncline = embedded();
    let key = syncline.data().join("key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let output = syncline.run(&["doctor", "--output", "json"]);
    assert_eq!(found(&output), ["key file: others may read it (mode 644)"]);
    assert_eq!(syncline.serve(&[]).stop(), Some(0));
    assert_eq!(key.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_key_of_a_certificate_that_others_may_read_is_found_and_closed_when_a_server_starts() {
    let syncline = embedded();
    assert_eq!(syncline.serve(&[]).stop(), Some(0));
    let key = syncline.data().join("tls/server.key");
    let open = |mode| {
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    open(0o640);
    let output = syncline.run(&["doctor", "--output", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let told = format!(
        "key of the certificate: others may read {} (mode 640)",
        key.display()
    );
    assert_eq!(found(&output), [told]);
    let server = syncline.serve(&[]);
    assert_eq!(key.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(found(&syncline.run(&["doctor", "--output", "json"])).is_empty());
    assert_eq!(server.stop(), Some(0));
}

/// Whom it belongs to may have let a group read it, which another server is in, say.
#[test]
fn a_key_of_the_operators_own_is_found_when_all_may_read_it_and_left_to_him() {
    let other = Syncline::new();
    assert_eq!(other.serve(&[]).stop(), Some(0));
    let tls = other.data().join("tls");
    let (certificate, key) = (tls.join("server.pem"), tls.join("server.key"));
    let syncline = embedded();
    let named = [
        "--tls-cert",
        certificate.to_str().unwrap(),
        "--tls-key",
        key.to_str().unwrap(),
    ];
    let server = syncline.serve(&named);
    for (mode, is_told) in [(0o640, false), (0o644, true)] {
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
        let output = syncline.run(&["doctor", "--output", "json"]);
        let found = found(&output);
        assert_eq!(found.len(), usize::from(is_told), "{found:?}");
        assert!(
            found.iter().all(|it| it.contains(key.to_str().unwrap())),
            "{found:?}"
        );
    }
    assert_eq!(server.stop(), Some(0));
    let server = syncline.serve(&named);
    assert_eq!(key.metadata().unwrap().permissions().mode() & 0o777, 0o644);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_write_ahead_log_that_was_never_folded_in_is_found() {
    let syncline = embedded();
    let log = std::fs::File::create(syncline.data().join("syncline.db-wal")).unwrap();
    // Nothing but length, which takes no room.
    log.set_len(600 << 20).unwrap();
    let output = syncline.run(&["doctor", "--output", "json"]);
    assert_eq!(found(&output), ["write-ahead log: 600 MiB"]);
}

#[test]
fn room_inside_of_the_database_is_told() {
    let syncline = embedded();
    let database = rusqlite::Connection::open(syncline.data().join("syncline.db")).unwrap();
    let purged = "CREATE TABLE purged (body BLOB); INSERT INTO purged VALUES (zeroblob(5 << 20)); DROP TABLE purged";
    database.execute_batch(purged).unwrap();
    drop(database);
    let said = stdout(&syncline.run(&["doctor"]));
    assert!(said.contains(", 5 MiB of them free inside\n"), "{said}");
}

#[test]
fn a_certificate_that_can_not_be_read_is_found() {
    let syncline = embedded();
    let server = syncline.serve(&["--no-scheduler"]);
    assert_eq!(server.stop(), Some(0));
    assert_eq!(
        found(&syncline.run(&["doctor", "--output", "json"])),
        [""; 0]
    );
    for entry in std::fs::read_dir(syncline.data().join("tls")).unwrap() {
        std::fs::write(entry.unwrap().path(), "nonsense").unwrap();
    }
    let found = found(&syncline.run(&["doctor", "--output", "json"]));
    assert!(
        found.len() == 1 && found[0].starts_with("certificate: "),
        "{found:?}"
    );
}

#[test]
fn certificates_that_were_not_made_together_are_found_and_made_anew() {
    let (syncline, other) = (embedded(), Syncline::new());
    for installation in [&syncline, &other] {
        assert_eq!(installation.serve(&[]).stop(), Some(0));
    }
    let ca = |of: &Syncline| of.data().join("tls").join("ca.pem");
    std::fs::copy(ca(&other), ca(&syncline)).unwrap();
    let mixed = found(&syncline.run(&["doctor", "--output", "json"]));
    assert!(
        mixed.len() == 1 && mixed[0].contains("is not of the CA in"),
        "{mixed:?}"
    );
    let (_, log) = syncline.serve(&[]).stop_and_tell();
    assert!(
        log.contains("warning: ") && log.contains("a new CA were made"),
        "{log}"
    );
    assert_eq!(
        found(&syncline.run(&["doctor", "--output", "json"])),
        [""; 0]
    );
    std::fs::write(ca(&syncline), "").unwrap();
    let empty = found(&syncline.run(&["doctor", "--output", "json"]));
    assert!(
        empty.len() == 1 && empty[0].ends_with("ca.pem is missing or empty"),
        "{empty:?}"
    );
}
