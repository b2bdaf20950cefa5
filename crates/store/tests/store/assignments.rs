//! Assignments of many principals at once.

use syncline_model::{EntityKind, Ids, ObjectId};
use syncline_store::{Assignment, AssignmentId, StoreError};
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
