//! Of several servers only one takes writes; the others tell of what was.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use syncline_store::{ConnectionLimit, Database, Older, Store, StoreError};
use syncline_testkit::Role;

use crate::world::World;

/// A server that lets everybody in, and says of itself that it takes no writes.
fn standby() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // It ends with the test's process.
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let _ = answer(client);
        }
    });
    address
}

/// [Message formats](https://www.postgresql.org/docs/15/protocol-message-formats.html)
fn answer(mut client: TcpStream) -> std::io::Result<()> {
    const WANTS_TLS: [u8; 4] = 80_877_103_u32.to_be_bytes();
    while message(&mut client)?.starts_with(&WANTS_TLS) {
        client.write_all(b"N")?;
    }
    client.write_all(b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I")?;
    // Whoever asks for more than that has not been told.
    let mut letter = [0];
    while client.read_exact(&mut letter).is_ok() && letter == *b"Q" {
        message(&mut client)?;
        client
            .write_all(b"T\0\0\0\x1a\0\x01r\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0")?;
        client.write_all(b"D\0\0\0\x0c\0\x01\0\0\0\x02onC\0\0\0\x09SHOW\0Z\0\0\0\x05I")?;
    }
    Ok(())
}

/// What stands behind the length of a message.
fn message(client: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut length = [0; 4];
    client.read_exact(&mut length)?;
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap();
    let mut message = vec![0; length - 4];
    client.read_exact(&mut message)?;
    Ok(message)
}

fn tenants(store: &Store) -> Result<usize, StoreError> {
    store.read(|reader| Ok(reader.tenants()?.len()))
}

#[test]
fn of_several_hosts_the_one_that_takes_writes_is_used_whichever_answers_first() {
    let world = World::new();
    let url = syncline_testkit::postgres_url(&world.folder.path().join("test.db"));
    let url = url.and_then(|url| {
        let (user, rest) = url.split_once('@')?;
        Some(format!("{user}@{},{rest}", standby()))
    });
    let Some(url) = url else {
        return;
    };
    let store = Store::connect(&url, ConnectionLimit(2), &world.key).unwrap();
    assert_eq!(tenants(&store).unwrap(), 2);
    store.write(|tx| tx.enter(&[world.contoso])).unwrap();
}

#[test]
fn a_server_that_takes_no_writes_is_refused_with_what_helps_except_for_a_backup() {
    let world = World::new();
    let Some(role) = Role::of(&world.folder.path().join("test.db")) else {
        return;
    };
    role.only_reads();
    let refused = Store::connect(role.url(), ConnectionLimit(2), &world.key);
    let Err(StoreError::Server { message, help }) = refused else {
        panic!("{refused:?}");
    };
    assert!(message.contains("takes no writes"), "{message}");
    assert!(help.contains("name the primary"), "{help}");
    let database = Database::Postgres(role.url().to_owned());
    let refused = Store::open_existing(&database, &world.key, Older::Refuse);
    assert!(
        matches!(refused, Err(StoreError::Server { .. })),
        "{refused:?}"
    );
    let read = Store::open_existing(&database, &world.key, Older::Leave).unwrap();
    assert_eq!(tenants(&read).unwrap(), 2);
}

/// Who reads from a standby reads what was, and lets in whom nobody lets in any more.
#[test]
fn a_server_that_takes_no_writes_any_more_is_told_of_as_such_and_not_read_from() {
    let world = World::new();
    let Some(role) = Role::of(&world.folder.path().join("test.db")) else {
        return;
    };
    let store = Store::connect(role.url(), ConnectionLimit(2), &world.key).unwrap();
    assert_eq!(tenants(&store).unwrap(), 2);
    role.only_reads();
    let takes_writes = |seconds| store.takes_writes(Duration::from_secs(seconds)).unwrap();
    assert!(takes_writes(0), "nobody has found out yet");
    let told = tenants(&store);
    let Err(StoreError::Unwritable(why)) = told else {
        panic!("{told:?}");
    };
    assert!(why.contains("(25006)"), "{why}");
    assert!(!takes_writes(0));
    let written = store.write(|tx| tx.enter(&[world.contoso]));
    assert!(
        matches!(written, Err(StoreError::Unwritable(_))),
        "{written:?}"
    );
    role.writes();
    assert_eq!(tenants(&store).unwrap(), 2);
    assert!(takes_writes(5));
}
