//! Peeking at objects that the same transaction has written.

use syncline_model::{Attr, EntityKind, Entry, Ids, ObjectId, Value};
use syncline_store::{BEING_PURGED, ObjectState, Peeked, StoreError, Tx};

use crate::world::{NOW, World};

const USER: EntityKind = EntityKind::User;

fn person(world: &World, name: &str) -> Entry {
    let mut entry = Entry::new(USER, world.ids.object_id());
    entry.attrs.set(Attr::DISPLAY_NAME, name);
    entry
}

/// Name and state of those who are there, in the order asked.
fn seen(tx: &Tx<'_>, world: &World, ids: &[ObjectId]) -> Vec<(ObjectId, String, ObjectState)> {
    let peeked: Vec<Peeked<1>> = tx
        .peek(world.contoso, USER, ids, [Attr::DISPLAY_NAME])
        .unwrap();
    let shown = |it: Peeked<1>| {
        let [name] = it.values;
        let name = name.as_ref().and_then(Value::as_text).unwrap_or_default();
        (it.id, name.to_owned(), it.state)
    };
    peeked.into_iter().map(shown).collect()
}

#[test]
fn who_was_inserted_is_seen_as_he_is_now() {
    let world = World::new();
    let mut ana = person(&world, "Ana");
    world
        .store
        .write(|tx| {
            tx.insert_objects(world.contoso, std::slice::from_ref(&ana), NOW)?;
            let is = |tx: &Tx<'_>, name: &str, state| {
                let expected = vec![(ana.id, name.to_owned(), state)];
                assert_eq!(seen(tx, &world, &[ana.id]), expected);
            };
            is(tx, "Ana", ObjectState::Live);
            let mut renamed = ana.clone();
            renamed.attrs.set(Attr::DISPLAY_NAME, "Anna");
            tx.update_objects(world.contoso, std::slice::from_ref(&renamed))?;
            is(tx, "Anna", ObjectState::Live);
            Ok::<_, StoreError>(())
        })
        .unwrap();
    for (state, name) in [(ObjectState::Deleted, "Bo"), (ObjectState::Purged, "")] {
        ana = person(&world, "Bo");
        world
            .store
            .write(|tx| {
                let entry = std::slice::from_ref(&ana);
                tx.insert_objects(world.contoso, entry, NOW)?;
                tx.move_objects(world.contoso, entry, state, NOW)?;
                let expected = vec![(ana.id, name.to_owned(), state)];
                assert_eq!(seen(tx, &world, &[ana.id]), expected);
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }
}

#[test]
fn who_was_inserted_in_vain_is_not_there() {
    let world = World::new();
    let ana = person(&world, "Ana");
    world
        .store
        .write(|tx| {
            tx.enter(&[world.contoso])?;
            let undone = tx.savepoint(|tx| {
                tx.insert_objects(world.contoso, std::slice::from_ref(&ana), NOW)?;
                Err::<(), _>(StoreError::Taken)
            })?;
            assert!(undone.is_err());
            assert_eq!(seen(tx, &world, &[ana.id]), []);
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

#[test]
fn who_was_inserted_is_of_his_kind_and_tenant_only() {
    let world = World::new();
    let ana = person(&world, "Ana");
    world
        .store
        .write(|tx| {
            tx.insert_objects(world.contoso, std::slice::from_ref(&ana), NOW)?;
            let group = tx.peek(world.contoso, EntityKind::Group, &[ana.id], [])?;
            assert_eq!(group, []);
            let elsewhere = tx.peek(world.fabrikam, USER, &[ana.id], [])?;
            assert_eq!(elsewhere, []);
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

#[test]
fn old_and_new_ones_are_seen_in_the_order_asked() {
    let world = World::new();
    let [old, older] = ["Old", "Older"].map(|name| world.user(world.contoso, name));
    let (ana, ben) = (person(&world, "Ana"), person(&world, "Ben"));
    let nobody = world.ids.object_id();
    world
        .store
        .write(|tx| {
            tx.insert_objects(world.contoso, &[ana.clone(), ben.clone()], NOW)?;
            let asked = [ben.id, older, nobody, ana.id, old];
            let names: Vec<String> = seen(tx, &world, &asked)
                .into_iter()
                .map(|(_, name, _)| name)
                .collect();
            assert_eq!(names, ["Ben", "Older", "Ana", "Old"]);
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

#[test]
fn who_is_being_deleted_for_good_is_seen_as_gone() {
    let world = World::new();
    let ana = person(&world, "Ana");
    for (deleted_at, expected) in [
        (NOW, ObjectState::Deleted),
        (BEING_PURGED, ObjectState::Purged),
    ] {
        let entry = std::slice::from_ref(&ana);
        let seen = world.store.write(|tx| {
            if deleted_at == NOW {
                tx.insert_objects(world.contoso, entry, NOW)?;
            }
            tx.move_objects(world.contoso, entry, ObjectState::Deleted, deleted_at)?;
            let by_reference = tx.peek_at_referred(world.contoso, USER, &[ana.id])?;
            let states = by_reference.iter().map(|it| it.state);
            let seen = seen(tx, &world, &[ana.id]);
            let states = states.chain(seen.into_iter().map(|(.., state)| state));
            Ok::<_, StoreError>(states.collect::<Vec<_>>())
        });
        assert_eq!(seen.unwrap(), [expected, expected]);
    }
}
