//! How many objects are read at once, by their sizes.

use syncline_model::{Attr, Attrs, EntityKind, Entry, Ids, ObjectId, Predicate, TenantId, Value};
use syncline_store::{Edge, EdgeKind, ObjectState, Restriction, StoreError};

use crate::world::{NOW, World};

const USER: EntityKind = EntityKind::User;
const KIB: usize = 1024;

/// Users of so many KiB each, and a little more.
fn users(world: &World, sizes: &[usize]) -> Vec<ObjectId> {
    let entry = |size: &usize| {
        let mut entry = Entry::new(USER, world.ids.object_id());
        entry.attrs = Attrs::new().with(Attr::DESCRIPTION, "x".repeat(size * KIB).as_str());
        entry
    };
    let entries: Vec<Entry> = sizes.iter().map(entry).collect();
    world
        .store
        .write(|tx| tx.insert_objects(world.contoso, &entries, NOW))
        .unwrap();
    entries.iter().map(|it| it.id).collect()
}

fn fitting(world: &World, tenant: TenantId, after: Option<ObjectId>, kib: usize) -> usize {
    world
        .store
        .read(|reader| reader.fitting(tenant, USER, after, 10, kib * KIB))
        .unwrap()
}

#[test]
fn as_many_fit_as_have_room_and_one_always() {
    let world = World::new();
    let ids = users(&world, &[10, 10, 30, 10]);
    let live = |after, kib| fitting(&world, world.contoso, after, kib);
    assert_eq!(live(None, 25), 2);
    assert_eq!(live(None, 1), 1);
    assert_eq!(live(Some(ids[1]), 25), 1);
    // All there are, and more might come.
    assert_eq!(live(None, 100), 10);
    assert_eq!(live(Some(ids[3]), 1), 10);
    let fabrikam = fitting(&world, world.fabrikam, None, 1);
    assert_eq!(fabrikam, 10);
    let binned: Vec<Entry> = world
        .store
        .write(|tx| {
            let found = tx.objects(world.contoso, USER, &ids[2..])?;
            let entries: Vec<Entry> = found.into_iter().map(|it| it.entry).collect();
            tx.move_objects(world.contoso, &entries, ObjectState::Deleted, NOW)?;
            Ok::<_, StoreError>(entries)
        })
        .unwrap();
    assert_eq!(binned.len(), 2);
    let deleted = |kib: usize| {
        world
            .store
            .read(|reader| reader.recycled_fitting(world.contoso, USER, None, 10, kib * KIB))
            .unwrap()
    };
    assert_eq!((deleted(25), deleted(100)), (1, 10));
    assert_eq!(live(None, 15), 1);
    // The dead have no size, and are looked at.
    assert_eq!(live(Some(ids[0]), 15), 10);
}

#[test]
fn sizes_are_told_in_the_order_asked() {
    let world = World::new();
    let ids = users(&world, &[10, 30]);
    let nobody = world.ids.object_id();
    let sizes = world
        .store
        .read(|reader| reader.sizes(world.contoso, USER, &[ids[1], nobody, ids[0]]))
        .unwrap();
    let kib: Vec<Option<usize>> = sizes.iter().map(|it| it.map(|it| it / KIB)).collect();
    assert_eq!(kib, [Some(30), None, Some(10)]);
    let fitting = |ids: &[ObjectId], kib: usize| {
        let kinds = [EntityKind::Group, USER];
        world
            .store
            .read(|reader| reader.fitting_of(world.contoso, &kinds, ids, kib * KIB))
            .unwrap()
    };
    let asked = [ids[0], nobody, ids[1], ids[0]];
    assert_eq!(
        [1, 15, 45, 100].map(|kib| fitting(&asked, kib)),
        [1, 2, 3, 4]
    );
    assert_eq!(fitting(&[], 1), 0);
}

#[test]
fn of_those_who_are_found_as_many_fit_as_have_room() {
    let world = World::new();
    let ids = users(&world, &[10, 10, 10, 10]);
    let boss = world.user(world.contoso, "boss");
    let edges: Vec<Edge> = ids[1..]
        .iter()
        .map(|id| Edge {
            kind: EdgeKind::Manager,
            from: *id,
            to: boss,
        })
        .collect();
    world
        .store
        .write(|tx| tx.add_edges(world.contoso, &edges))
        .unwrap();
    let predicate = Predicate::equals(Attr::MANAGER, Value::text(boss.to_string()));
    let restriction = Restriction::of(&predicate, USER, ObjectState::Live);
    assert!(!restriction.is_everybody());
    let fitting = |after, kib: usize| {
        world
            .store
            .read(|reader| {
                reader.candidates_fitting(world.contoso, &restriction, after, 10, kib * KIB)
            })
            .unwrap()
    };
    assert_eq!(fitting(None, 25), 2);
    assert_eq!(fitting(Some(ids[2]), 5), 10);
}
