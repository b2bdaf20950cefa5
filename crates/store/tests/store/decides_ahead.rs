//! Who holds a unique value, asked ahead of the transaction that takes it: from memory where that
//! knows, and never wrong about what this process has taken.

use syncline_model::{EntityKind, Ids, ObjectId, TenantId};
use syncline_store::{Key, KeyName, Store, StoreError};

use crate::world::World;

/// So many that memory is asked, and a slice of them settles at each call (`KEYS_PER_SLICE`).
const MANY: usize = 5_000;

fn key(number: usize) -> Key {
    Key::new(KeyName::ProxyAddress, &format!("person{number}@x.example"))
}

type Taken = Vec<(Key, EntityKind, ObjectId)>;

fn keys(numbers: std::ops::Range<usize>, id: ObjectId) -> Taken {
    numbers
        .map(|number| (key(number), EntityKind::User, id))
        .collect()
}

fn take(store: &Store, tenant: TenantId, keys: &Taken) -> Result<(), StoreError> {
    store.write(|tx| tx.take_keys(tenant, keys))
}

fn give_back(store: &Store, tenant: TenantId, keys: &[(Key, ObjectId)]) {
    store.write(|tx| tx.release_keys(tenant, keys)).unwrap();
}

/// Who holds these, as somebody who decides ahead is told.
fn ahead(store: &Store, tenant: TenantId, numbers: &[usize]) -> Vec<Option<ObjectId>> {
    holders(store, tenant, numbers, true)
}

/// The same, of somebody who acts upon it.
fn in_earnest(store: &Store, tenant: TenantId, numbers: &[usize]) -> Vec<Option<ObjectId>> {
    holders(store, tenant, numbers, false)
}

fn holders(
    store: &Store,
    tenant: TenantId,
    numbers: &[usize],
    ahead: bool,
) -> Vec<Option<ObjectId>> {
    let keys: Vec<Key> = numbers.iter().map(|number| key(*number)).collect();
    let found = store
        .read(|reader| {
            if ahead {
                reader.decides_ahead();
            }
            reader.holders(tenant, &keys)
        })
        .unwrap();
    let ids = found.into_iter().map(|it| it.map(|(_, id)| id));
    ids.collect()
}

/// Takes keys by thousands; all but the last are settled in the course of it.
fn fill(world: &World, store: &Store) -> (ObjectId, usize) {
    let id = world.ids.object_id();
    for call in 0..20 {
        let some = keys(call * MANY..(call + 1) * MANY, id);
        take(store, world.contoso, &some).unwrap();
    }
    (id, 20 * MANY)
}

fn another(world: &World) -> Store {
    syncline_testkit::open_store(&world.folder.path().join("test.db"), &world.key).unwrap()
}

#[test]
fn all_that_are_taken_are_found_among_those_that_are_free() {
    let world = World::new();
    let (id, taken) = fill(&world, &world.store);
    let asked: Vec<usize> = (0..taken + MANY).rev().collect();
    let found = ahead(&world.store, world.contoso, &asked);
    for (number, holder) in asked.iter().zip(found) {
        assert_eq!(holder, (*number < taken).then_some(id), "{number}");
    }
    // The other tenant's keys are its own.
    assert_eq!(ahead(&world.store, world.fabrikam, &[0, 7]), [None, None]);
}

#[test]
fn a_few_that_were_taken_by_themselves_are_found() {
    let world = World::new();
    let (_, taken) = fill(&world, &world.store);
    let late = world.ids.object_id();
    take(&world.store, world.contoso, &keys(taken..taken + 1, late)).unwrap();
    assert_eq!(
        ahead(&world.store, world.contoso, &[taken, taken + 1]),
        [Some(late), None]
    );
}

#[test]
fn what_was_taken_before_the_store_was_opened_is_found_however_much_of_it_was_read() {
    let world = World::new();
    let (id, taken) = fill(&world, &world.store);
    let anew = another(&world);
    let old: Vec<usize> = (0..taken).step_by(97).collect();
    for call in 0..25 {
        let found = ahead(&anew, world.contoso, &old);
        assert!(found.iter().all(|it| *it == Some(id)), "call {call}");
        // Each call reads on.
        let from = taken + call * MANY;
        let some = keys(from..from + MANY, world.ids.object_id());
        take(&anew, world.contoso, &some).unwrap();
    }
}

#[test]
fn what_was_taken_in_vain_is_free() {
    let world = World::new();
    let (_, taken) = fill(&world, &world.store);
    let failed = world.store.write(|tx| {
        let in_vain = keys(taken..taken + MANY, world.ids.object_id());
        tx.take_keys(world.contoso, &in_vain)?;
        Err::<(), _>(StoreError::Damaged("on purpose"))
    });
    assert!(failed.is_err());
    let asked = [taken, taken + MANY - 1];
    assert_eq!(ahead(&world.store, world.contoso, &asked), [None, None]);
    let other = world.ids.object_id();
    let again = keys(taken..taken + MANY, other);
    take(&world.store, world.contoso, &again).unwrap();
    let found = ahead(&world.store, world.contoso, &asked);
    assert_eq!(found, [Some(other), Some(other)]);
}

#[test]
fn what_was_given_back_is_free_until_another_takes_it() {
    let world = World::new();
    let (id, _) = fill(&world, &world.store);
    let given = [(key(3), id), (key(20_000), id)];
    give_back(&world.store, world.contoso, &given);
    let asked = [3, 4, 20_000];
    let found = ahead(&world.store, world.contoso, &asked);
    assert_eq!(found, [None, Some(id), None]);
    let other = world.ids.object_id();
    take(&world.store, world.contoso, &keys(3..4, other)).unwrap();
    let found = ahead(&world.store, world.contoso, &asked);
    assert_eq!(found, [Some(other), Some(id), None]);
}

#[test]
fn what_was_given_back_in_vain_is_found() {
    let world = World::new();
    let (id, taken) = fill(&world, &world.store);
    for store in [&world.store, &another(&world)] {
        let failed = store.write(|tx| {
            let given: Vec<(Key, ObjectId)> = (0..taken).map(|it| (key(it), id)).collect();
            tx.release_keys(world.contoso, &given)?;
            let others = keys(taken..taken + 20 * MANY, world.ids.object_id());
            tx.take_keys(world.contoso, &others)?;
            Err::<(), _>(StoreError::Damaged("on purpose"))
        });
        assert!(failed.is_err());
        let old: Vec<usize> = (0..taken).step_by(97).collect();
        let found = ahead(store, world.contoso, &old);
        assert!(found.iter().all(|it| *it == Some(id)));
    }
}

#[test]
fn whoever_does_not_decide_ahead_is_told_what_another_process_has_just_taken() {
    let world = World::new();
    let (_, taken) = fill(&world, &world.store);
    let other = world.ids.object_id();
    let theirs = keys(taken..taken + MANY, other);
    take(&another(&world), world.contoso, &theirs).unwrap();
    let asked = [taken, taken + MANY - 1];
    // One who was asked ahead in between changes nothing for those after.
    ahead(&world.store, world.contoso, &asked);
    let found = in_earnest(&world.store, world.contoso, &asked);
    assert_eq!(found, [Some(other), Some(other)]);
}

#[test]
fn a_transaction_is_told_also_when_it_says_that_it_decides_ahead() {
    let world = World::new();
    let (_, taken) = fill(&world, &world.store);
    let other = world.ids.object_id();
    take(
        &another(&world),
        world.contoso,
        &keys(taken..taken + 1, other),
    )
    .unwrap();
    let holder = world
        .store
        .write(|tx| {
            tx.decides_ahead();
            tx.holder(world.contoso, &key(taken))
        })
        .unwrap();
    assert_eq!(holder, Some((EntityKind::User, other)));
}

#[test]
fn whoever_acts_on_what_another_process_has_changed_since_is_refused() {
    let world = World::new();
    let (_, taken) = fill(&world, &world.store);
    let other = world.ids.object_id();
    let theirs = keys(taken..taken + MANY, other);
    take(&another(&world), world.contoso, &theirs).unwrap();
    // Whatever this says.
    ahead(&world.store, world.contoso, &[taken]);
    for many in [1, MANY] {
        let mine = keys(taken..taken + many, world.ids.object_id());
        let refused = take(&world.store, world.contoso, &mine);
        assert!(matches!(refused, Err(StoreError::Taken)), "{many}");
    }
    // By then it is known.
    let found = ahead(&world.store, world.contoso, &[taken, taken + MANY - 1]);
    assert_eq!(found, [Some(other), Some(other)]);
}

#[test]
fn what_is_taken_while_somebody_looks_is_not_in_his_view() {
    let world = World::new();
    let (id, taken) = fill(&world, &world.store);
    let late = world.ids.object_id();
    let found = world
        .store
        .read(|reader| {
            reader.decides_ahead();
            let before = reader.holder(world.contoso, &key(0))?;
            take(
                &world.store,
                world.contoso,
                &keys(taken..taken + MANY, late),
            )?;
            let after = reader.holder(world.contoso, &key(taken))?;
            Ok::<_, StoreError>((before.map(|it| it.1), after))
        })
        .unwrap();
    assert_eq!(found, (Some(id), None));
    assert_eq!(ahead(&world.store, world.contoso, &[taken]), [Some(late)]);
}
