use syncline_model::EntityKind;
use syncline_store::{Changed, Edge, EdgeKind, StoreError};

use crate::world::World;

#[test]
fn an_object_appears_once_with_its_newest_change() {
    let world = World::new();
    let ana = world.user(world.contoso, "ana");
    let bo = world.user(world.contoso, "bo");
    world
        .store
        .write(|tx| {
            let entry = tx
                .objects(world.contoso, EntityKind::User, &[ana])?
                .remove(0)
                .entry;
            tx.update_objects(world.contoso, &[entry])
        })
        .unwrap();
    let changed: Vec<_> = world
        .store
        .read(|reader| reader.changes_since(world.contoso, 0, u64::MAX >> 1, 10))
        .unwrap()
        .into_iter()
        .map(|change| change.what)
        .collect();
    let object = |id| Changed::Object {
        kind: EntityKind::User,
        id,
    };
    assert_eq!(changed, [object(bo), object(ana)]);
}

#[test]
fn objects_and_edges_come_in_one_order_and_in_pages() {
    let world = World::new();
    let ana = world.user(world.contoso, "ana");
    let bo = world.user(world.contoso, "bo");
    let edge = Edge {
        kind: EdgeKind::Manager,
        from: ana,
        to: bo,
    };
    world
        .store
        .write(|tx| tx.add_edges(world.contoso, &[edge]))
        .unwrap();
    world.user(world.contoso, "cleo");
    world
        .store
        .write(|tx| tx.remove_edges(world.contoso, &[edge]))
        .unwrap();
    world
        .store
        .read(|reader| {
            let until = reader.sequence(world.contoso)?;
            let mut seen = Vec::new();
            let mut after = 0;
            loop {
                let page = reader.changes_since(world.contoso, after, until, 2)?;
                let Some(last) = page.last() else { break };
                after = last.sequence;
                seen.extend(page.into_iter().map(|change| change.sequence));
            }
            assert!(seen.windows(2).all(|pair| pair[0] < pair[1]), "{seen:?}");
            assert_eq!(seen.len(), 4);
            let last = reader
                .changes_since(world.contoso, until - 1, until, 1)?
                .remove(0);
            assert_eq!(
                last.what,
                Changed::Edge {
                    edge,
                    removed: true
                }
            );
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

#[test]
fn one_membership_writes_one_edge() {
    let world = World::new();
    let group = world.user(world.contoso, "stands for a group");
    let member = world.user(world.contoso, "ana");
    let before = world
        .store
        .read(|reader| reader.sequence(world.contoso))
        .unwrap();
    let edge = Edge {
        kind: EdgeKind::Member,
        from: group,
        to: member,
    };
    assert_eq!(
        world
            .store
            .write(|tx| tx.add_edges(world.contoso, &[edge]))
            .unwrap(),
        [true]
    );
    assert_eq!(
        world
            .store
            .write(|tx| tx.add_edges(world.contoso, &[edge]))
            .unwrap(),
        [false]
    );
    let after = world
        .store
        .read(|reader| reader.sequence(world.contoso))
        .unwrap();
    assert_eq!(after, before + 1);
}

#[test]
fn new_live_removed_and_repeated_edges_are_told_apart_in_one_call() {
    let world = World::new();
    let group = world.user(world.contoso, "stands for a group");
    let to = |name: &str| Edge {
        kind: EdgeKind::Member,
        from: group,
        to: world.user(world.contoso, name),
    };
    let [new, other, live, removed] = ["new", "other", "live", "removed"].map(to);
    let add = |edges: &[Edge]| {
        world
            .store
            .write(|tx| tx.add_edges(world.contoso, edges))
            .unwrap()
    };
    add(&[live, removed]);
    world
        .store
        .write(|tx| tx.remove_edges(world.contoso, &[removed]))
        .unwrap();
    let read = |reader: &syncline_store::Reader<'_>| reader.sequence(world.contoso);
    let before = world.store.read(read).unwrap();
    assert_eq!(
        add(&[other, removed, new, live, new, removed, live]),
        [true, true, true, false, true, true, false]
    );
    let changed = world
        .store
        .read(|reader| reader.changes_since(world.contoso, before, u64::MAX >> 1, 10))
        .unwrap();
    let edges: Vec<_> = changed.iter().map(|change| change.what).collect();
    let added = |edge| Changed::Edge {
        edge,
        removed: false,
    };
    // Those that are new, in the order asked, then those that are back; each once.
    assert_eq!(edges, [added(other), added(new), added(removed)]);
    let after = world.store.read(read).unwrap();
    assert_eq!(after, changed.last().unwrap().sequence);
    // Nothing new changes nothing.
    assert_eq!(add(&[live, new, live]), [false, false, false]);
    assert_eq!(world.store.read(read).unwrap(), after);
    let exist = world
        .store
        .read(|reader| reader.edges_exist(world.contoso, &[new, other, live, removed]))
        .unwrap();
    assert_eq!(exist, [true; 4]);
}
