use syncline_model::{Attr, Attrs, EntityKind, Entry, ObjectId};
use syncline_store::{BEING_PURGED, Key, KeyName, ObjectState, StoreError};

use crate::world::{NOW, World};

#[test]
fn a_page_goes_on_after_the_last_id() {
    let world = World::new();
    for name in ["ana", "bo", "cleo"] {
        world.user(world.contoso, name);
    }
    world
        .store
        .read(|reader| {
            let first = reader.scan(world.contoso, EntityKind::User, ObjectState::Live, None, 2)?;
            let after = first.next;
            let rest = reader.scan(world.contoso, EntityKind::User, ObjectState::Live, after, 2)?;
            assert_eq!(first.rows.len(), 2);
            assert_eq!((rest.rows.len(), rest.next), (1, None));
            assert_eq!(rest.rows[0].entry.text(Attr::DISPLAY_NAME), Some("cleo"));
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

#[test]
fn the_recycle_bin_is_in_order_of_id_whenever_its_objects_came_there() {
    let world = World::new();
    let (contoso, user) = (world.contoso, EntityKind::User);
    let ids = ["ana", "bo", "cleo", "dan"].map(|name| world.user(contoso, name));
    for (seconds, id) in [(1, ids[2]), (2, ids[0]), (3, ids[3])] {
        let at = NOW.plus_seconds(seconds);
        let entry = Entry::new(user, id);
        world
            .store
            .write(|tx| tx.move_objects(contoso, &[entry], ObjectState::Deleted, at))
            .unwrap();
    }
    let page = |after| {
        let binned = world
            .store
            .read(|reader| reader.recycled(contoso, user, after, 2));
        let binned = binned.unwrap().into_iter();
        binned.map(|it| it.entry.id).collect::<Vec<_>>()
    };
    assert_eq!(page(None), [ids[0], ids[2]]);
    assert_eq!(page(Some(ids[2])), [ids[3]]);
    assert_eq!(page(Some(ids[3])), []);

    // What is being deleted for good is in no list, and the next one to go.
    let entry = Entry::new(user, ids[2]);
    world
        .store
        .write(|tx| tx.move_objects(contoso, &[entry], ObjectState::Deleted, BEING_PURGED))
        .unwrap();
    assert_eq!(page(None), [ids[0], ids[3]]);
    let (object, oldest) = world
        .store
        .read(|reader| {
            let object = reader.object(contoso, ids[2])?;
            let oldest = reader.recycled_before(contoso, user, NOW.plus_seconds(100), 1)?;
            Ok::<_, StoreError>((object, oldest))
        })
        .unwrap();
    assert!(object.unwrap().is_being_purged());
    assert!(oldest[0].is_being_purged());
}

#[test]
fn what_came_into_the_recycle_bin_since_is_told_apart() {
    let world = World::new();
    let (contoso, user) = (world.contoso, EntityKind::User);
    let ids = ["ana", "bo", "cleo", "dan"].map(|name| world.user(contoso, name));
    let move_to = |id, state, at| {
        let entry = Entry::new(user, id);
        world
            .store
            .write(|tx| tx.move_objects(contoso, &[entry], state, at))
            .unwrap();
    };
    let since = |sequence, limit| {
        let found = world
            .store
            .read(|reader| reader.recycled_since(contoso, user, sequence, limit));
        found
            .unwrap()
            .into_iter()
            .map(|it| it.0)
            .collect::<Vec<_>>()
    };
    move_to(ids[0], ObjectState::Deleted, NOW);
    let before = world.store.read(|reader| reader.sequence(contoso)).unwrap();
    move_to(ids[3], ObjectState::Deleted, NOW);
    move_to(ids[1], ObjectState::Deleted, NOW);
    assert_eq!(since(before, 10), [ids[3], ids[1]]);
    assert_eq!(since(before, 1), [ids[3]]);
    assert_eq!(since(0, 10), [ids[0], ids[3], ids[1]]);
    // Nor what is live again, and what is being deleted for good.
    move_to(ids[3], ObjectState::Live, NOW);
    move_to(ids[1], ObjectState::Deleted, BEING_PURGED);
    assert_eq!(since(before, 10), []);
}

#[test]
fn a_scan_looks_at_no_more_than_it_is_told_however_many_are_dead() {
    let world = World::new();
    let (contoso, user) = (world.contoso, EntityKind::User);
    let ids = ["ana", "bo", "cleo", "dan", "eva", "fay"].map(|name| world.user(contoso, name));
    let states = [ObjectState::Purged, ObjectState::Deleted];
    for (id, state) in ids[1..5].iter().zip(states.into_iter().cycle()) {
        let entry = Entry::new(user, *id);
        world
            .store
            .write(|tx| tx.move_objects(contoso, &[entry], state, NOW))
            .unwrap();
    }
    let (mut after, mut pages) = (None, Vec::new());
    loop {
        let live = ObjectState::Live;
        let page = world
            .store
            .read(|reader| reader.scan(contoso, user, live, after, 2))
            .unwrap();
        let found: Vec<ObjectId> = page.rows.iter().map(|it| it.entry.id).collect();
        pages.push((found, page.looked_at));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(
        pages,
        [
            (vec![ids[0]], 2),
            (vec![], 2),
            (vec![ids[5]], 2),
            (vec![], 0)
        ]
    );
}

#[test]
fn borders_cut_the_living_whoever_is_dead_between_them() {
    let world = World::new();
    let (contoso, user) = (world.contoso, EntityKind::User);
    let ids: Vec<ObjectId> = (0..12)
        .map(|number| world.user(contoso, &number.to_string()))
        .collect();
    let borders = || {
        world
            .store
            .read(|reader| reader.borders(contoso, user, 4))
            .unwrap()
    };
    assert_eq!(borders(), [ids[3], ids[7], ids[11]]);
    let gone: Vec<Entry> = [2, 3, 4, 5, 6, 7, 9]
        .map(|at| Entry::new(user, ids[at]))
        .into();
    world
        .store
        .write(|tx| tx.move_objects(contoso, &gone, ObjectState::Purged, NOW))
        .unwrap();
    assert_eq!(borders(), [ids[3], ids[11]]);
}

#[test]
fn another_tenants_object_is_not_found() {
    let world = World::new();
    let ana = world.user(world.contoso, "ana");
    let found = world
        .store
        .read(|reader| reader.objects(world.fabrikam, EntityKind::User, &[ana]))
        .unwrap();
    assert!(found.is_empty());
    assert!(world.names(world.fabrikam).is_empty());
}

#[test]
fn a_purged_object_keeps_only_its_id() {
    let world = World::new();
    let ana = world.user(world.contoso, "ana");
    world
        .store
        .write(|tx| {
            let entry = tx
                .objects(world.contoso, EntityKind::User, &[ana])?
                .remove(0)
                .entry;
            tx.move_objects(world.contoso, &[entry], ObjectState::Purged, NOW)
        })
        .unwrap();
    let stored = world
        .store
        .read(|reader| reader.object(world.contoso, ana))
        .unwrap()
        .unwrap();
    assert_eq!(stored.state, ObjectState::Purged);
    assert!(stored.entry.attrs.is_empty());
}

#[test]
fn a_key_belongs_to_one_object_in_a_tenant_and_to_another_in_the_next() {
    let world = World::new();
    let (ana, bo) = (
        world.user(world.contoso, "ana"),
        world.user(world.contoso, "bo"),
    );
    let key = Key::new(KeyName::UserPrincipalName, "Ana@Contoso.example");
    let take = |tenant, id| {
        world
            .store
            .write(|tx| tx.take_keys(tenant, &[(key.clone(), EntityKind::User, id)]))
    };
    take(world.contoso, ana).unwrap();
    assert!(matches!(take(world.contoso, bo), Err(StoreError::Taken)));
    take(world.fabrikam, bo).unwrap();
    let holder = world
        .store
        .read(|reader| {
            reader.holder(
                world.contoso,
                &Key::new(KeyName::UserPrincipalName, "ANA@contoso.EXAMPLE"),
            )
        })
        .unwrap();
    assert_eq!(holder, Some((EntityKind::User, ana)));
}

#[test]
fn a_key_is_released_only_by_its_holder() {
    let world = World::new();
    let (ana, bo) = (
        world.user(world.contoso, "ana"),
        world.user(world.contoso, "bo"),
    );
    let key = Key::new(KeyName::ProxyAddress, "x@y");
    world
        .store
        .write(|tx| tx.take_keys(world.contoso, &[(key.clone(), EntityKind::User, ana)]))
        .unwrap();
    world
        .store
        .write(|tx| tx.release_keys(world.contoso, &[(key.clone(), bo)]))
        .unwrap();
    assert!(
        world
            .store
            .read(|reader| reader.holder(world.contoso, &key))
            .unwrap()
            .is_some()
    );
}

#[test]
fn it_is_told_how_many_objects_there_are_in_whatever_way_they_come_and_go() {
    let world = World::new();
    let (contoso, user) = (world.contoso, EntityKind::User);
    let ids = ["ana", "bo", "cleo"].map(|name| world.user(contoso, name));
    let counts = |kind| {
        let count = |state| {
            let count = world
                .store
                .read(|reader| reader.count_objects(contoso, kind, state));
            count.unwrap()
        };
        (count(ObjectState::Live), count(ObjectState::Deleted))
    };
    assert_eq!(counts(user), (3, 0));
    assert_eq!(counts(EntityKind::Group), (0, 0));
    let moves = |ids: &[ObjectId], state| {
        world.store.write(|tx| {
            let entries: Vec<Entry> = tx
                .objects(contoso, user, ids)?
                .into_iter()
                .map(|it| it.entry)
                .collect();
            tx.move_objects(contoso, &entries, state, NOW)
        })
    };
    moves(&ids[..2], ObjectState::Deleted).unwrap();
    assert_eq!(counts(user), (1, 2));
    // Once more, and one who is live: each is where it is said to be.
    moves(&ids[1..], ObjectState::Deleted).unwrap();
    assert_eq!(counts(user), (0, 3));
    moves(&ids[..1], ObjectState::Live).unwrap();
    moves(&ids[1..2], ObjectState::Purged).unwrap();
    assert_eq!(counts(user), (1, 1));
    let undone = world.store.write(|tx| {
        let entries: Vec<Entry> = tx
            .objects(contoso, user, &ids[..1])?
            .into_iter()
            .map(|it| it.entry)
            .collect();
        tx.move_objects(contoso, &entries, ObjectState::Deleted, NOW)?;
        Err::<(), _>(StoreError::Taken)
    });
    assert!(undone.is_err());
    assert_eq!(counts(user), (1, 1));
    // Somebody who is not there changes nothing, and neither does the neighbour's.
    let nobody = Entry {
        id: world.user(world.fabrikam, "dan"),
        kind: user,
        attrs: Attrs::new(),
    };
    let moved = world
        .store
        .write(|tx| tx.move_objects(contoso, &[nobody], ObjectState::Deleted, NOW));
    moved.unwrap();
    assert_eq!(counts(user), (1, 1));
}
