//! Unique values, many at once.

use syncline_model::{EntityKind, Ids, ObjectId, TenantId};
use syncline_store::{Key, KeyName, Store, StoreError, Tx};

use crate::world::World;

type Taken = Vec<(Key, EntityKind, ObjectId)>;

/// So many that a slice of them settles at each call (`KEYS_PER_SLICE`).
const MANY: usize = 5_000;

fn key(number: usize) -> Key {
    Key::new(KeyName::ProxyAddress, &format!("person{number}@x.example"))
}

fn keys(world: &World, numbers: std::ops::Range<usize>) -> Taken {
    let id = world.ids.object_id();
    numbers
        .map(|number| (key(number), EntityKind::User, id))
        .collect()
}

fn take(world: &World, store: &Store, keys: &Taken) -> Result<(), StoreError> {
    store.write(|tx| tx.take_keys(world.contoso, keys))
}

/// As [`take`], of many new ones with an old one among them.
fn take_with(world: &World, store: &Store, new: usize, old: usize) -> Result<(), StoreError> {
    let mut keys = keys(world, new..new + 200);
    keys.push((key(old), EntityKind::User, world.ids.object_id()));
    take(world, store, &keys)
}

/// Takes keys until every slice has settled once, and some are recent.
fn fill(world: &World, store: &Store) -> usize {
    for call in 0..20 {
        take(world, store, &keys(world, call * MANY..(call + 1) * MANY)).unwrap();
    }
    20 * MANY
}

fn refuses_what_is_taken(world: &World, store: &Store, taken: usize) {
    for old in (0..taken).step_by(997) {
        let refused = take_with(world, store, taken, old);
        assert!(matches!(refused, Err(StoreError::Taken)), "{old}");
    }
}

#[test]
fn one_taken_key_among_many_free_ones_is_refused_wherever_it_stands() {
    let world = World::new();
    let taken = fill(&world, &world.store);
    refuses_what_is_taken(&world, &world.store, taken);
    take(&world, &world.store, &keys(&world, taken..taken + MANY)).unwrap();
}

#[test]
fn a_store_that_was_opened_anew_refuses_what_was_taken_before() {
    let world = World::new();
    let taken = fill(&world, &world.store);
    let World { store, .. } = &world;
    let anew = syncline_testkit::open_store(&world.folder.path().join("test.db"), &world.key);
    refuses_what_is_taken(&world, &anew.unwrap(), taken);
    // What is read little by little is refused when all of it is read, too.
    for call in 0..20 {
        let from = taken + call * MANY;
        take(&world, store, &keys(&world, from..from + MANY)).unwrap();
    }
    refuses_what_is_taken(&world, store, taken);
}

#[test]
fn what_another_process_took_is_refused() {
    let world = World::new();
    take(&world, &world.store, &keys(&world, 0..200)).unwrap();
    let path = world.folder.path().join("test.db");
    let other = syncline_testkit::open_store(&path, &world.key).unwrap();
    for call in 1..=20 {
        take(
            &world,
            &other,
            &keys(&world, call * MANY..(call + 1) * MANY),
        )
        .unwrap();
    }
    for old in (MANY..21 * MANY).step_by(997) {
        let refused = take_with(&world, &world.store, 21 * MANY, old);
        assert!(matches!(refused, Err(StoreError::Taken)), "{old}");
    }
}

#[test]
fn a_key_that_was_given_back_in_vain_is_taken_still() {
    let world = World::new();
    let all = keys(&world, 0..20 * MANY);
    for some in all.chunks(MANY) {
        take(&world, &world.store, &some.to_vec()).unwrap();
    }
    let path = world.folder.path().join("test.db");
    let anew = syncline_testkit::open_store(&path, &world.key).unwrap();
    // A page that gives back keys, takes so many others that all would be read, and fails.
    let failed = anew.write(|tx| {
        let given: Vec<(Key, ObjectId)> =
            all.iter().map(|(key, _, id)| (key.clone(), *id)).collect();
        tx.release_keys(world.contoso, &given)?;
        tx.take_keys(world.contoso, &keys(&world, 30 * MANY..60 * MANY))?;
        Err::<(), _>(StoreError::Taken)
    });
    assert!(failed.is_err());
    refuses_what_is_taken(&world, &anew, 20 * MANY);
    // Given back in earnest, it is free.
    let (first, _, id) = &all[0];
    anew.write(|tx| tx.release_keys(world.contoso, &[(first.clone(), *id)]))
        .unwrap();
    take_with(&world, &anew, 20 * MANY, 0).unwrap();
}

/// Some of them have settled, some are recent.
fn some_of(world: &World, taken: usize) -> Vec<Key> {
    let some: Vec<Key> = (0..taken).step_by(97).map(key).collect();
    let held = holders(world, world.contoso, &some);
    assert!(held.iter().all(Option::is_some));
    some
}

fn holders(world: &World, tenant: TenantId, keys: &[Key]) -> Vec<Option<(EntityKind, ObjectId)>> {
    world
        .store
        .read(|reader| reader.holders(tenant, keys))
        .unwrap()
}

#[test]
fn what_one_tenant_holds_is_free_in_another() {
    let world = World::new();
    let some = some_of(&world, fill(&world, &world.store));
    let free = vec![None; some.len()];
    assert_eq!(holders(&world, world.fabrikam, &some), free);
    let theirs = world.ids.object_id();
    for key in &some {
        let rows = [(key.clone(), EntityKind::Group, theirs)];
        world
            .store
            .write(|tx| tx.take_keys(world.fabrikam, &rows))
            .unwrap();
    }
    let all_theirs = vec![Some((EntityKind::Group, theirs)); some.len()];
    assert_eq!(holders(&world, world.fabrikam, &some), all_theirs);
    assert!(!holders(&world, world.contoso, &some).contains(&all_theirs[0]));
}

#[test]
fn only_who_holds_a_key_gives_it_back_and_only_in_his_tenant() {
    let world = World::new();
    let some = some_of(&world, fill(&world, &world.store));
    let held = holders(&world, world.contoso, &some);
    let by_holder: Vec<(Key, ObjectId)> = some
        .iter()
        .zip(&held)
        .map(|(key, holder)| (key.clone(), holder.unwrap().1))
        .collect();
    let somebody = world.ids.object_id();
    let by_another: Vec<(Key, ObjectId)> = some.iter().map(|it| (it.clone(), somebody)).collect();
    world
        .store
        .write(|tx| {
            tx.release_keys(world.contoso, &by_another)?;
            tx.release_keys(world.fabrikam, &by_holder)
        })
        .unwrap();
    assert_eq!(holders(&world, world.contoso, &some), held);
    let release = |tx: &mut Tx<'_>| tx.release_keys(world.contoso, &by_holder);
    world.store.write(release).unwrap();
    assert_eq!(
        holders(&world, world.contoso, &some),
        vec![None; some.len()]
    );
}
