//! How the writers of one tenant wait for each other on a shared database: without what others need.

use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use syncline_model::{Attr, EntityKind, Entry, Ids, TenantId};
use syncline_store::{Store, StoreError, Tx};

use crate::world::{NOW, World};

/// Many more than there are connections.
const WRITERS: usize = 64;
/// Fewer than there are connections.
const FEW: usize = 4;

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

/// Returns when so many wait for others of their node.
fn until_waiting(store: &Store, count: usize) {
    syncline_testkit::until("so many wait", || store.waiting() == count);
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
        until_waiting(&world.store, WRITERS - 1);
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

/// Some who are going to write in two tenants.
fn write_in<'s>(scope: &'s thread::Scope<'s, '_>, world: &'s World, tenants: [TenantId; 2]) {
    for number in 0..FEW {
        scope.spawn(move || {
            let written = world.store.write(|tx| {
                tx.enter(&tenants)?;
                for tenant in tenants {
                    insert(world, tx, tenant, &format!("{number}"))?;
                }
                Ok::<_, StoreError>(())
            });
            written.unwrap();
        });
    }
}

/// While somebody of `holder` writes in one of two tenants, who enters both of them waits, and who writes
/// in the other one does not. So many wait for others of their node.
fn the_other_one_gets_on(
    world: &World,
    holder: &Store,
    tenants: [TenantId; 2],
    long: TenantId,
    waiting: usize,
) {
    let other = if tenants[0] == long {
        tenants[1]
    } else {
        tenants[0]
    };
    let before = world.names(other).len();
    thread::scope(|scope| {
        let let_go = hold(scope, holder, long);
        write_in(scope, world, tenants);
        until_waiting(&world.store, waiting);
        for _ in 0..FEW {
            world.user(other, "ana");
        }
        assert_eq!(world.names(other).len(), before + FEW);
        drop(let_go);
    });
    assert_eq!(world.names(other).len(), before + 2 * FEW);
}

#[test]
fn who_writes_in_two_tenants_is_in_nobodys_way_while_the_first_is_long() {
    let world = World::new();
    if !syncline_testkit::on_postgres() {
        eprintln!("not run: it needs a PostgreSQL server");
        return;
    }
    let (contoso, fabrikam) = (world.contoso, world.fabrikam);
    for tenants in [[contoso, fabrikam], [fabrikam, contoso]] {
        the_other_one_gets_on(&world, &world.store, tenants, tenants[0], FEW);
    }
}

#[test]
fn who_writes_in_two_tenants_is_in_nobodys_way_while_another_node_is_in_one() {
    let world = World::new();
    if !syncline_testkit::on_postgres() {
        eprintln!("not run: it needs a PostgreSQL server");
        return;
    }
    let path = world.folder.path().join("test.db");
    let node = syncline_testkit::open_store(&path, &world.key).unwrap();
    let (contoso, fabrikam) = (world.contoso, world.fabrikam);
    for tenants in [[contoso, fabrikam], [fabrikam, contoso]] {
        for long in tenants {
            // One of them waits for the other node.
            the_other_one_gets_on(&world, &node, tenants, long, FEW - 1);
        }
    }
}

#[test]
fn who_writes_in_two_tenants_and_who_in_one_get_on_on_two_nodes() {
    let world = World::new();
    if !syncline_testkit::on_postgres() {
        eprintln!("not run: it needs a PostgreSQL server");
        return;
    }
    let path = world.folder.path().join("test.db");
    let other = syncline_testkit::open_store(&path, &world.key).unwrap();
    let (contoso, fabrikam) = (world.contoso, world.fabrikam);
    let ways = [
        vec![contoso, fabrikam],
        vec![fabrikam, contoso],
        vec![contoso],
        vec![fabrikam],
    ];
    thread::scope(|scope| {
        for (number, tenants) in ways.iter().cycle().take(WRITERS).enumerate() {
            for store in [&world.store, &other] {
                let world = &world;
                scope.spawn(move || {
                    let written = store.write(|tx| {
                        tx.enter(tenants)?;
                        for tenant in tenants {
                            insert(world, tx, *tenant, &format!("{number}"))?;
                        }
                        Ok::<_, StoreError>(())
                    });
                    written.unwrap();
                });
            }
        }
    });
    for tenant in [contoso, fabrikam] {
        let written = WRITERS / 4 * 3 * 2;
        assert_eq!(world.names(tenant).len(), written);
        // None was skipped or given twice.
        let sequence = world.store.read(|reader| reader.sequence(tenant));
        assert_eq!(sequence.unwrap(), written as u64);
    }
}

#[test]
fn a_tenant_that_is_not_there_is_told_of_whoever_is_entered_with_it() {
    let world = World::new();
    let nobody = TenantId(world.ids.random_uuid());
    for tenants in [[world.contoso, nobody], [nobody, world.contoso]] {
        let told = world.store.write(|tx| tx.enter(&tenants));
        assert!(
            matches!(told, Err(StoreError::UnknownTenant(it)) if it == nobody),
            "{told:?}"
        );
    }
    world.user(world.contoso, "ana");
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
