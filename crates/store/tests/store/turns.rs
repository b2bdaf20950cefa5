//! How the writers of one tenant wait for each other on a shared database: without what others need.

use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use syncline_model::{Attr, EntityKind, Entry, Ids, TenantId};
use syncline_store::{Store, StoreError, Tx};

use crate::world::{NOW, World};

/// Many more than there are connections.
const WRITERS: usize = 64;

fn insert(world: &World, tx: &mut Tx<'_>, tenant: TenantId, name: &str) -> Result<(), StoreError> {
    let mut entry = Entry::new(EntityKind::User, world.ids.object_id());
    entry.attrs.set(Attr::DISPLAY_NAME, name);
    tx.insert_objects(tenant, &[entry], NOW)
}

/// Somebody who writes in a tenant until what is returned is dropped. Returns when he is at it.
fn hold<'s>(scope: &'s thread::Scope<'s, '_>, store: &'s Store, tenant: TenantId) -> Sender<()> {
    let (held, is_held) = mpsc::channel();
    let (let_go, may_let_go) = mpsc::channel::<()>();
    scope.spawn(move || {
        let written = store.write(|tx| {
            tx.enter(&[tenant])?;
            held.send(()).unwrap();
            let _ = may_let_go.recv();
            Ok::<_, StoreError>(())
        });
        written.unwrap();
    });
    is_held.recv().unwrap();
    let_go
}

fn all_of(said: &Receiver<()>, count: usize) {
    assert_eq!(said.iter().take(count).count(), count);
}

#[test]
fn a_tenant_in_which_many_write_leaves_the_others_their_connections() {
    let world = World::new();
    if !syncline_testkit::on_postgres() {
        eprintln!("not run: it needs a PostgreSQL server");
        return;
    }
    thread::scope(|scope| {
        let world = &world;
        let let_go = hold(scope, &world.store, world.contoso);
        let (begun, have_begun) = mpsc::channel();
        for number in 0..WRITERS - 1 {
            let begun = begun.clone();
            scope.spawn(move || {
                let written = world.store.write(|tx| {
                    // Some ask something first, for which they need a connection.
                    if number % 2 == 0 {
                        assert_eq!(tx.tenants()?.len(), 2);
                    }
                    begun.send(()).unwrap();
                    insert(world, tx, world.contoso, &format!("{number}"))
                });
                written.unwrap();
            });
        }
        // None of them has to wait for another to get as far as this.
        all_of(&have_begun, WRITERS - 1);
        world.user(world.fabrikam, "ana");
        assert_eq!(world.names(world.fabrikam), ["ana"]);
        // Reading waits for nobody, in that tenant too.
        assert!(world.names(world.contoso).is_empty());
        drop(let_go);
    });
    // One after the other, all of them wrote.
    assert_eq!(world.names(world.contoso).len(), WRITERS - 1);
    let sequence = world.store.read(|reader| reader.sequence(world.contoso));
    assert_eq!(sequence.unwrap(), WRITERS as u64 - 1);
}

#[test]
fn who_writes_in_two_tenants_and_who_in_one_get_on_in_any_order() {
    let world = World::new();
    let (contoso, fabrikam) = (world.contoso, world.fabrikam);
    let ways = [
        vec![contoso, fabrikam],
        vec![fabrikam, contoso],
        vec![contoso],
        vec![fabrikam],
    ];
    thread::scope(|scope| {
        for (number, tenants) in ways.iter().cycle().take(WRITERS).enumerate() {
            let world = &world;
            scope.spawn(move || {
                let written = world.store.write(|tx| {
                    tx.enter(tenants)?;
                    for tenant in tenants {
                        insert(world, tx, *tenant, &format!("{number}"))?;
                    }
                    Ok::<_, StoreError>(())
                });
                written.unwrap();
            });
        }
    });
    let expected = WRITERS / 4 * 3;
    assert_eq!(world.names(contoso).len(), expected);
    assert_eq!(world.names(fabrikam).len(), expected);
}

#[test]
fn a_writer_whose_turn_comes_finds_what_those_before_it_have_written() {
    let world = World::new();
    if !syncline_testkit::on_postgres() {
        // On a file it waits before it can ask anything.
        return;
    }
    thread::scope(|scope| {
        let world = &world;
        let (asked, has_asked) = mpsc::channel();
        world
            .store
            .write(|tx| {
                insert(world, tx, world.contoso, "ana")?;
                scope.spawn(move || {
                    let written = world.store.write(|tx| {
                        // On a connection that it gives back while it waits.
                        let tenants = tx.tenants()?.len();
                        asked.send(()).unwrap();
                        let found = tx.sequence(world.contoso)?;
                        insert(world, tx, world.contoso, "bo")?;
                        Ok::<_, StoreError>((tenants, found))
                    });
                    assert_eq!(written.unwrap(), (2, 1));
                });
                all_of(&has_asked, 1);
                Ok::<_, StoreError>(())
            })
            .unwrap();
    });
    assert_eq!(world.names(world.contoso), ["ana", "bo"]);
}
