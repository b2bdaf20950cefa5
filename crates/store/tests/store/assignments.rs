//! Assignments of many principals at once.

use syncline_model::{EntityKind, Ids, ObjectId};
use syncline_store::{Assignment, AssignmentId, Changed, StoreError};
use uuid::Uuid;

use crate::world::{NOW, World};

/// More than a statement of the file takes.
const MANY: usize = 100;

fn assignment(world: &World, resource: ObjectId, principal: ObjectId) -> Assignment {
    Assignment {
        id: AssignmentId {
            principal,
            suffix: *world.ids.random_uuid().as_bytes(),
        },
        resource,
        principal_kind: EntityKind::User,
        role: Uuid::from_u128(1),
        created_at: NOW,
    }
}

#[test]
fn many_are_added_together_and_again_after_their_removal() {
    let world = World::new();
    let (tenant, resource) = (world.contoso, world.ids.object_id());
    let mut all: Vec<Assignment> = (0..MANY)
        .map(|_| assignment(&world, resource, world.ids.object_id()))
        .collect();
    all.sort_by_key(Assignment::principal);
    world
        .store
        .write(|tx| {
            tx.insert_assignments(tenant, &[])?;
            // One was there before.
            tx.insert_assignment(tenant, &all[3])?;
            assert!(tx.remove_assignment(tenant, &all[3])?);
            tx.insert_assignments(tenant, &all)
        })
        .unwrap();
    let read = |tenant| {
        let page = |reader: &syncline_store::Reader<'_>| {
            reader.assignments_of_resource(tenant, resource, None, 2 * MANY)
        };
        world.store.read(page).unwrap()
    };
    assert_eq!(read(tenant), all);
    assert_eq!(read(world.fabrikam), []);
}

#[test]
fn one_that_is_held_already_is_told() {
    let world = World::new();
    let (tenant, resource) = (world.contoso, world.ids.object_id());
    let all: Vec<Assignment> = (0..MANY)
        .map(|_| assignment(&world, resource, world.ids.object_id()))
        .collect();
    let held = assignment(&world, resource, all[MANY / 2].principal());
    world
        .store
        .write(|tx| tx.insert_assignment(tenant, &held))
        .unwrap();
    let twice = [all[0].clone(), all[1].clone(), all[0].clone()];
    for taken in [&all[..], &twice] {
        let refused = world.store.write(|tx| tx.insert_assignments(tenant, taken));
        assert!(matches!(refused, Err(StoreError::Taken)), "{refused:?}");
    }
}

/// More than any statement takes; some were never there, and some are gone already.
#[test]
fn many_are_removed_together_and_those_that_are_not_there_passed_over() {
    const MANY: usize = 1_200;
    let world = World::new();
    let (tenant, resource) = (world.contoso, world.ids.object_id());
    let mut all: Vec<Assignment> = (0..MANY)
        .map(|_| assignment(&world, resource, world.ids.object_id()))
        .collect();
    all.sort_by_key(Assignment::principal);
    let (there, never) = all.split_at(MANY - 20);
    // Of somebody who holds another role as well, that one stays.
    let second = Assignment {
        role: Uuid::from_u128(2),
        ..there[0].clone()
    };
    let inserted = world.store.write(|tx| {
        tx.insert_assignments(tenant, there)?;
        tx.insert_assignment(tenant, &second)?;
        tx.insert_assignments(world.fabrikam, &all)
    });
    inserted.unwrap();
    let before = world.store.read(|reader| reader.sequence(tenant)).unwrap();
    let remove = |some: &[Assignment]| {
        let removed = |tx: &mut syncline_store::Tx<'_>| tx.remove_assignments(tenant, some);
        world.store.write(removed).unwrap()
    };
    assert_eq!(remove(&[]), 0);
    assert_eq!(remove(&there[7..17]), 10);
    let (last, some) = there.split_last().unwrap();
    let taken: Vec<Assignment> = some.iter().chain(never).cloned().collect();
    assert_eq!(remove(&taken), some.len() as u64 - 10);
    assert_eq!(remove(&taken), 0);
    let read = |tenant| {
        let page = |reader: &syncline_store::Reader<'_>| {
            reader.assignments_of_resource(tenant, resource, None, 2 * MANY)
        };
        world.store.read(page).unwrap()
    };
    assert_eq!(read(tenant), [second, last.clone()]);
    assert_eq!(read(world.fabrikam), all);
    // Whoever reads changes is told of each.
    let changed = world.store.read(|reader| {
        let until = reader.sequence(tenant)?;
        reader.changes_since(tenant, before, until, 2 * MANY)
    });
    let mut gone = Vec::new();
    for change in changed.unwrap() {
        let Changed::Assignment {
            principal, removed, ..
        } = change.what
        else {
            panic!("{change:?}");
        };
        assert!(removed);
        gone.push(principal);
    }
    gone.sort_unstable();
    let principals: Vec<ObjectId> = some.iter().map(Assignment::principal).collect();
    assert_eq!(gone, principals);
}

#[test]
fn who_holds_more_than_so_many_is_told() {
    let world = World::new();
    let tenant = world.contoso;
    let [ann, bo, cleo] = [(); 3].map(|()| world.ids.object_id());
    let held: Vec<Assignment> = [(ann, 3), (bo, 2)]
        .into_iter()
        .flat_map(|(principal, count)| vec![principal; count])
        .map(|principal| assignment(&world, world.ids.object_id(), principal))
        .collect();
    let more_than = |tenant, count| {
        let found = world.store.read(|reader| {
            reader.principals_with_more_assignments(tenant, &[bo, ann, cleo], count)
        });
        found.unwrap()
    };
    world
        .store
        .write(|tx| tx.insert_assignments(tenant, &held))
        .unwrap();
    assert_eq!(more_than(tenant, 0), [bo, ann]);
    assert_eq!(more_than(tenant, 2), [ann]);
    assert_eq!(more_than(tenant, 3), []);
    assert_eq!(more_than(world.fabrikam, 0), []);
    // What was taken away is held no more.
    world
        .store
        .write(|tx| tx.remove_assignments(tenant, &held[..1]))
        .unwrap();
    assert_eq!(more_than(tenant, 2), []);
}
