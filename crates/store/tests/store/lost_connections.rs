//! What becomes of connections to a shared database, disturbed by a network that the test holds.

use syncline_store::{ConnectionLimit, Durability, Reader, Store, StoreError};
use syncline_testkit::{Proxy, Role};

use crate::world::World;

/// The world's store through a network that can be disturbed, where there is one. What is not answered
/// for one or two seconds is looked into.
fn through_a_network(world: &World) -> Option<(Proxy, Store)> {
    let proxy = Proxy::start()?;
    let path = world.folder.path().join("test.db");
    let url = format!("{}&connect_timeout=1", proxy.url(&path));
    let store = Store::connect(&url, ConnectionLimit(6), &world.key).unwrap();
    Some((proxy, store))
}

fn tenants(store: &Store) -> Result<usize, StoreError> {
    store.read(|reader| Ok(reader.tenants()?.len()))
}

#[test]
fn a_server_that_does_not_answer_any_more_is_told_of_as_busy() {
    let world = World::new();
    let Some((proxy, store)) = through_a_network(&world) else {
        return;
    };
    assert_eq!(tenants(&store).unwrap(), 2);
    proxy.swallow();
    // The first finds out on the connection it has, the second when it asks for a new one.
    for _ in 0..2 {
        let error = tenants(&store).unwrap_err();
        assert!(matches!(error, StoreError::Busy(_)), "{error}");
    }
    proxy.heal();
    assert_eq!(tenants(&store).unwrap(), 2);
}

/// Its operator has given the user another password, or is about to.
#[test]
fn a_server_that_lets_nobody_in_any_more_is_told_of_as_busy() {
    let world = World::new();
    let Some(role) = Role::of(&world.folder.path().join("test.db")) else {
        return;
    };
    let store = Store::connect(role.url(), ConnectionLimit(6), &world.key).unwrap();
    assert_eq!(tenants(&store).unwrap(), 2);
    role.lock_out();
    let said = match tenants(&store) {
        Err(StoreError::Busy(why)) => why,
        other => panic!("{other:?}"),
    };
    // What is wrong, by its number, for the log.
    assert!(said.contains("(28000)"), "{said}");
    let named = Store::connect(role.url(), ConnectionLimit(6), &world.key);
    assert!(matches!(named, Err(StoreError::Server { .. })), "{named:?}");
    role.let_in();
    assert_eq!(tenants(&store).unwrap(), 2);
}

#[test]
fn a_transaction_in_which_the_answers_stop_ends() {
    let world = World::new();
    let Some((proxy, store)) = through_a_network(&world) else {
        return;
    };
    let before = world.names(world.contoso);
    let cut: Result<(), StoreError> = store.write(|tx| {
        tx.enter(&[world.contoso])?;
        proxy.swallow();
        tx.tenants().map(drop)
    });
    assert!(matches!(cut, Err(StoreError::Busy(_))), "{cut:?}");
    proxy.heal();
    assert_eq!(world.names(world.contoso), before);
}

#[test]
fn all_connections_of_a_server_that_is_gone_are_given_up_together() {
    let world = World::new();
    let Some((proxy, store)) = through_a_network(&world) else {
        return;
    };
    // Three at once, so that three connections are kept.
    store
        .read(|_| store.read(|_| store.read(|_| Ok::<_, StoreError>(()))))
        .unwrap();
    proxy.swallow();
    assert!(tenants(&store).is_err());
    proxy.heal();
    // None of the two others is tried: something was never swallowed on them, so they would answer.
    let before = proxy.connections();
    assert_eq!(tenants(&store).unwrap(), 2);
    assert_eq!(proxy.connections(), before + 1);
}

#[test]
fn a_statement_may_take_longer_than_a_connection_while_the_server_is_there() {
    let world = World::new();
    let Some((proxy, store)) = through_a_network(&world) else {
        return;
    };
    // Whoever waits for a lock gets no answer either.
    let (held, is_held) = std::sync::mpsc::channel();
    let (let_go, may_let_go) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        let world = &world;
        scope.spawn(move || {
            world
                .store
                .write(|tx| {
                    tx.enter(&[world.contoso])?;
                    held.send(()).unwrap();
                    may_let_go.recv().unwrap();
                    Ok::<_, StoreError>(())
                })
                .unwrap();
        });
        is_held.recv().unwrap();
        let waiting = scope.spawn(|| store.write(|tx| tx.enter(&[world.contoso])));
        // Twice it was asked on another connection whether the server is there.
        let asked = proxy.connections() + 2;
        let (_never, silence) = std::sync::mpsc::channel::<()>();
        while proxy.connections() < asked && !waiting.is_finished() {
            let _ = silence.recv_timeout(std::time::Duration::from_millis(20));
        }
        let_go.send(()).unwrap();
        waiting.join().unwrap().unwrap();
    });
}

/// Writes one user in Contoso.
fn write(world: &World, store: &Store, durability: Durability) -> Result<(), StoreError> {
    let entry = syncline_model::Entry::new(
        syncline_model::EntityKind::User,
        syncline_model::Ids::object_id(&world.ids),
    );
    store.write_with(durability, |tx| {
        let made = tx.insert_objects(world.contoso, &[entry], crate::world::NOW);
        made.map(drop)
    })
}

fn sequence(world: &World) -> u64 {
    let sequence = |reader: &Reader<'_>| reader.sequence(world.contoso);
    world.store.read(sequence).unwrap()
}

#[test]
fn a_durable_commit_whose_answer_is_lost_is_found_to_have_taken_place() {
    let world = World::new();
    let Some((proxy, store)) = through_a_network(&world) else {
        return;
    };
    let before = sequence(&world);
    proxy.lose_answers_to_commits(1);
    write(&world, &store, Durability::Full).unwrap();
    assert_eq!(proxy.lost(), 1);
    assert_eq!(sequence(&world), before + 1);
}

#[test]
fn a_durable_commit_that_never_arrived_is_told_of_as_busy() {
    let world = World::new();
    let Some((proxy, store)) = through_a_network(&world) else {
        return;
    };
    let before = sequence(&world);
    proxy.lose_a_commit();
    let lost = write(&world, &store, Durability::Full);
    assert!(matches!(lost, Err(StoreError::Busy(_))), "{lost:?}");
    assert_eq!(proxy.lost(), 1);
    assert_eq!(sequence(&world), before);
    write(&world, &store, Durability::Full).unwrap();
}

#[test]
fn a_durable_commit_of_which_nobody_can_tell_is_told_of_as_such() {
    let world = World::new();
    let Some((proxy, store)) = through_a_network(&world) else {
        return;
    };
    let before = sequence(&world);
    proxy.fall_silent_at_a_commit();
    let lost = write(&world, &store, Durability::Full);
    assert!(matches!(lost, Err(StoreError::Unanswered(_))), "{lost:?}");
    assert_eq!(sequence(&world), before + 1);
    let problem = syncline_model::Problem::from(lost.unwrap_err());
    assert_eq!(problem.retry_after_seconds, None);
}

#[test]
fn a_page_whose_answer_is_lost_has_taken_place_and_is_told_of_as_busy() {
    let world = World::new();
    let Some((proxy, store)) = through_a_network(&world) else {
        return;
    };
    let before = sequence(&world);
    proxy.lose_answers_to_commits(1);
    let lost = write(&world, &store, Durability::Relaxed);
    assert!(matches!(lost, Err(StoreError::Busy(_))), "{lost:?}");
    assert_eq!(proxy.lost(), 1);
    assert_eq!(sequence(&world), before + 1);
}

#[test]
fn a_server_that_does_not_answer_at_the_start_is_named() {
    let world = World::new();
    let Some(proxy) = Proxy::start() else {
        return;
    };
    proxy.swallow();
    let path = world.folder.path().join("test.db");
    let url = format!("{}&connect_timeout=1", proxy.url(&path));
    let refused = Store::connect(&url, ConnectionLimit(2), &world.key);
    let Err(StoreError::Server { message, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert!(message.contains("it does not answer"), "{message}");
    assert!(message.contains("127.0.0.1:"), "{message}");
}
