//! Documents that belong to objects go with them.

use serde::{Deserialize, Serialize};
use syncline_model::{EntityKind, ObjectId};
use syncline_store::object_documents::{DIRECTORY_ROLE, PASSWORD, PERMISSION_GRANT};
use syncline_store::{Document, LeftBehind, ObjectDocumentPlace, ObjectState, StoreError};

use crate::world::{NOW, World};

#[derive(Serialize, Deserialize)]
struct Password {}

impl Document for Password {
    const KIND: &'static str = PASSWORD;
    const SEALED: bool = true;
}

#[derive(Serialize, Deserialize)]
struct Role {}

impl Document for Role {
    const KIND: &'static str = DIRECTORY_ROLE;
}

#[derive(Serialize, Deserialize)]
struct Grant {}

impl Document for Grant {
    const KIND: &'static str = PERMISSION_GRANT;
}

/// Of whom there is no trace.
fn nobody() -> ObjectId {
    ObjectId::from_bytes([7; 16])
}

/// Gives somebody a password, a role as a user and one as a group, and a grant in each place of one.
fn give(world: &World, id: ObjectId, other: ObjectId) {
    let tenant = Some(world.contoso);
    let all = world.store.write(|tx| {
        tx.put_document(tenant, &id.to_string(), &Password {}, None)?;
        for role in [format!("{id}/role"), format!("group/{id}/role")] {
            tx.put_document(tenant, &role, &Role {}, None)?;
        }
        for grant in [
            format!("{id}/{other}/*"),
            format!("{other}/{id}/*"),
            format!("{other}/{other}/{id}"),
        ] {
            tx.put_document(tenant, &grant, &Grant {}, None)?;
        }
        Ok::<_, StoreError>(())
    });
    all.unwrap();
}

/// How many documents there are of each kind.
fn kept(world: &World) -> [usize; 3] {
    let tenant = Some(world.contoso);
    let counted = world.store.read(|reader| {
        Ok::<_, StoreError>([
            reader.documents::<Password>(tenant, "", 1000)?.len(),
            reader.documents::<Role>(tenant, "", 1000)?.len(),
            reader.documents::<Grant>(tenant, "", 1000)?.len(),
        ])
    });
    counted.unwrap()
}

/// Puts a user where objects are in this state.
fn put(world: &World, id: ObjectId, state: ObjectState) {
    let moved = world.store.write(|tx| {
        let mut found = tx.objects(world.contoso, EntityKind::User, &[id])?;
        let entry = found.remove(0).entry;
        tx.move_objects(world.contoso, &[entry], state, NOW)
    });
    moved.unwrap();
}

fn walk(world: &World, after: &ObjectDocumentPlace, limit: usize) -> LeftBehind {
    let walk = world
        .store
        .write(|tx| tx.remove_documents_left_behind(world.contoso, after, limit));
    walk.unwrap()
}

#[test]
fn what_belongs_to_objects_is_removed_with_them() {
    let world = World::new();
    let [ann, bob, app] = ["ann", "bob", "app"].map(|name| world.user(world.contoso, name));
    give(&world, ann, app);
    give(&world, bob, app);
    // The same key, in another tenant.
    let elsewhere = Some(world.fabrikam);
    let key = ann.to_string();
    world
        .store
        .write(|tx| tx.put_document(elsewhere, &key, &Password {}, None))
        .unwrap();
    let remove = |ids: &[ObjectId]| {
        let removed = world
            .store
            .write(|tx| tx.remove_documents_of(world.contoso, ids));
        removed.unwrap();
    };
    remove(&[]);
    assert_eq!(kept(&world), [2, 4, 6]);
    remove(&[ann, nobody()]);
    assert_eq!(kept(&world), [1, 2, 3]);
    remove(&[bob, ann]);
    assert_eq!(kept(&world), [0, 0, 0]);
    let left = world
        .store
        .read(|reader| reader.document::<Password>(elsewhere, &key));
    assert!(left.unwrap().is_some());
}

#[test]
fn what_earlier_versions_left_behind_is_found_a_slice_at_a_time() {
    let world = World::new();
    let [ann, bob, cara, app] =
        ["ann", "bob", "cara", "app"].map(|name| world.user(world.contoso, name));
    for id in [ann, bob, cara, nobody()] {
        give(&world, id, app);
    }
    // A name that nobody has is no object.
    let name = "f".repeat(64);
    world
        .store
        .write(|tx| tx.put_document(Some(world.contoso), &name, &Password {}, None))
        .unwrap();
    put(&world, ann, ObjectState::Deleted);
    put(&world, bob, ObjectState::Purged);
    let (mut place, mut slices, mut removed) = (ObjectDocumentPlace::default(), 0, 0);
    loop {
        let slice = walk(&world, &place, 4);
        slices += 1;
        removed += slice.removed;
        match slice.next {
            Some(next) => place = next,
            None => break,
        }
    }
    assert_eq!((slices, removed), (7, 12), "of 25 documents");
    assert_eq!(kept(&world), [3, 4, 6]);
    let again = walk(&world, &ObjectDocumentPlace::default(), 1000);
    assert_eq!((again.removed, again.next), (0, None));
}

#[test]
fn nobody_who_may_come_back_loses_anything_in_the_walk() {
    let world = World::new();
    let [ann, app] = ["ann", "app"].map(|name| world.user(world.contoso, name));
    give(&world, ann, app);
    for state in [ObjectState::Live, ObjectState::Deleted] {
        if state == ObjectState::Deleted {
            put(&world, ann, state);
        }
        walk(&world, &ObjectDocumentPlace::default(), 1000);
        assert_eq!(kept(&world), [1, 2, 3]);
    }
}
