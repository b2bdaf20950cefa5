//! Of several servers only one takes writes; the others tell of what was.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use syncline_store::{ConnectionLimit, Database, Older, Store, StoreError, Tx};
use syncline_testkit::{Proxy, Role, until};

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

/// Where the server of a URL `postgres://USER@HOST:PORT/…` is. `None` where it is named in another way.
fn server(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once('@')?;
    let (server, _) = rest.split_once('/')?;
    server.contains(':').then_some(server)
}

/// The same URL with other hosts.
fn with_hosts(url: &str, hosts: &str) -> Option<String> {
    let server = server(url)?;
    Some(url.replacen(&format!("@{server}/"), &format!("@{hosts}/"), 1))
}

/// The same URL with one more host, behind its own and before it.
fn beside(url: &str, other: SocketAddr) -> Option<[String; 2]> {
    let server = server(url)?;
    Some([
        with_hosts(url, &format!("{server},{other}"))?,
        with_hosts(url, &format!("{other},{server}"))?,
    ])
}

#[test]
fn of_several_hosts_the_one_that_takes_writes_is_used_whichever_answers_first() {
    let world = World::new();
    let url = syncline_testkit::postgres_url(&world.folder.path().join("test.db"));
    let Some(urls) = url.and_then(|url| beside(&url, standby())) else {
        return;
    };
    for url in urls {
        let store = Store::connect(&url, ConnectionLimit(2), &world.key).unwrap();
        assert_eq!(tenants(&store).unwrap(), 2);
        store.write(|tx| tx.enter(&[world.contoso])).unwrap();
    }
}

#[test]
fn a_host_that_stands_still_does_not_keep_anybody_from_the_next() {
    let world = World::new();
    let Some(proxy) = Proxy::start() else {
        return;
    };
    let path = world.folder.path().join("test.db");
    let still = proxy.url(&path);
    let url = syncline_testkit::postgres_url(&path).unwrap();
    let (Some(still), Some(there)) = (server(&still), server(&url)) else {
        return;
    };
    let url = with_hosts(&url, &format!("{still},{there}")).unwrap();
    proxy.swallow();
    let url = format!("{url}&connect_timeout=1");
    let store = Store::connect(&url, ConnectionLimit(2), &world.key).unwrap();
    assert_eq!(tenants(&store).unwrap(), 2);
}

/// That the other one is a standby is as it should be.
#[test]
fn what_the_one_that_takes_writes_says_is_told_whichever_answers_last() {
    let world = World::new();
    let Some(role) = Role::of(&world.folder.path().join("test.db")) else {
        return;
    };
    let Some(urls) = beside(role.url(), standby()) else {
        return;
    };
    let connect = |url: &String| Store::connect(url, ConnectionLimit(2), &world.key);
    let stores: Vec<_> = urls.iter().map(|url| connect(url).unwrap()).collect();
    role.lock_out();
    for (url, store) in urls.iter().zip(&stores) {
        let told = tenants(store);
        let Err(StoreError::Busy(why)) = told else {
            panic!("{told:?}");
        };
        assert!(why.contains("(28000)"), "{why}");
        let refused = connect(url);
        let Err(StoreError::Server { message, .. }) = refused else {
            panic!("{refused:?}");
        };
        assert!(message.contains("refused the user"), "{message}");
    }
}

/// It may be the one that is down, and not the database.
#[test]
fn a_standby_beside_a_server_that_is_down_tells_nothing() {
    let world = World::new();
    // Nobody listens there.
    for hosts in [
        format!("{},127.0.0.1:1", standby()),
        format!("127.0.0.1:1,{}", standby()),
    ] {
        let url = format!("postgres://u@{hosts}/d");
        let refused = Store::connect(&url, ConnectionLimit(2), &world.key);
        let Err(StoreError::Server { message, .. }) = refused else {
            panic!("{refused:?}");
        };
        assert!(message.contains("cannot be reached"), "{message}");
    }
    let url = format!("postgres://u@{},{}/d", standby(), standby());
    let refused = Store::connect(&url, ConnectionLimit(2), &world.key);
    let Err(StoreError::Server { message, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert!(message.contains("takes no writes"), "{message}");
}

/// Its connections are needed most then.
#[test]
fn a_server_that_is_full_is_not_taken_for_gone_because_a_standby_answers() {
    let world = World::new();
    let path = world.folder.path().join("test.db");
    let (Some(proxy), Some(role)) = (Proxy::start(), Role::of(&path)) else {
        return;
    };
    let through = proxy.url(&path);
    let hosts = server(&through).map(|through| format!("{through},{}", standby()));
    let Some(url) = hosts.and_then(|hosts| with_hosts(role.url(), &hosts)) else {
        return;
    };
    let url = format!("{url}&connect_timeout=1");
    let store = Store::connect(&url, ConnectionLimit(2), &world.key).unwrap();
    // Whoever waits for a lock gets no answer.
    let (held, is_held) = mpsc::channel();
    let (let_go, may_let_go) = mpsc::channel();
    thread::scope(|scope| {
        let world = &world;
        scope.spawn(move || {
            let wait = |tx: &mut Tx<'_>| {
                tx.enter(&[world.contoso])?;
                held.send(()).unwrap();
                may_let_go.recv().unwrap();
                Ok::<_, StoreError>(())
            };
            world.store.write(wait).unwrap();
        });
        is_held.recv().unwrap();
        let waiting = scope.spawn(|| store.write(|tx| tx.enter(&[world.contoso])));
        until("the second one waits", || {
            syncline_testkit::waits_for_a_lock(role.name()) || waiting.is_finished()
        });
        role.has_enough();
        // Twice it was asked on another connection whether the server is there.
        let asked = proxy.connections() + 2;
        until("it was asked", || {
            proxy.connections() >= asked || waiting.is_finished()
        });
        let_go.send(()).unwrap();
        waiting.join().unwrap().unwrap();
    });
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
    // Nothing can be restored there.
    let refused = Store::connect_to_replace(role.url(), &world.key);
    let Err(StoreError::Server { help, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert!(help.contains("name the primary"), "{help}");
}

#[test]
fn a_backup_is_made_of_a_standby_beside_a_server_that_is_down() {
    let world = World::new();
    let Some(role) = Role::of(&world.folder.path().join("test.db")) else {
        return;
    };
    // Nobody listens there.
    let down = SocketAddr::from(([127, 0, 0, 1], 1));
    let Some(urls) = beside(role.url(), down) else {
        return;
    };
    role.only_reads();
    let urls = urls.map(Database::Postgres);
    let open = |database| Store::open_existing(database, &world.key, Older::Leave);
    for url in &urls {
        assert_eq!(tenants(&open(url).unwrap()).unwrap(), 2);
    }
    role.lock_out();
    for url in &urls {
        let Err(StoreError::Server { message, .. }) = open(url) else {
            panic!("it was let in");
        };
        assert!(message.contains("refused the user"), "{message}");
    }
    role.let_in();
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
