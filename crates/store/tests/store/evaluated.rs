//! Which source objects a cycle has looked at.

use syncline_model::{Ids, JobId, ObjectId, TenantId};
use syncline_store::StoreError;

use crate::links::job;
use crate::world::World;

/// Seven ids, ascending.
fn ids(world: &World) -> Vec<ObjectId> {
    let mut ids: Vec<ObjectId> = (0..7).map(|_| world.ids.object_id()).collect();
    ids.sort_unstable();
    ids
}

fn note(world: &World, tenant: TenantId, job: &JobId, sources: &[ObjectId]) -> Vec<bool> {
    world
        .store
        .write(|tx| tx.note_first_evaluated(tenant, job, sources))
        .unwrap()
}

fn between(world: &World, job: &JobId, first: ObjectId, last: ObjectId) -> Vec<ObjectId> {
    let noted = world
        .store
        .read(|reader| reader.evaluated_between(world.contoso, job, first, last))
        .unwrap();
    let mut noted: Vec<ObjectId> = noted.into_iter().collect();
    noted.sort_unstable();
    noted
}

#[test]
fn those_between_two_are_found_with_the_two() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let ids = ids(&world);
    assert_eq!(between(&world, &job, ids[0], ids[6]), []);
    let noted = [ids[5], ids[1], ids[3]];
    assert_eq!(note(&world, world.contoso, &job, &noted), [true; 3]);
    for (first, last, found) in [
        (0, 6, &[1, 3, 5][..]),
        (1, 5, &[1, 3, 5]),
        (2, 4, &[3]),
        (3, 3, &[3]),
        (2, 2, &[]),
        (4, 6, &[5]),
        (0, 0, &[]),
        (5, 1, &[]),
    ] {
        let found: Vec<ObjectId> = found.iter().map(|at| ids[*at]).collect();
        let what = format!("{first} to {last}");
        assert_eq!(
            between(&world, &job, ids[first], ids[last]),
            found,
            "{what}"
        );
    }
}

#[test]
fn who_is_noted_again_is_found_once_and_said_to_be_noted_already() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let ids = ids(&world);
    assert_eq!(note(&world, world.contoso, &job, &ids[..2]), [true, true]);
    assert_eq!(note(&world, world.contoso, &job, &ids[1..3]), [false, true]);
    assert_eq!(between(&world, &job, ids[0], ids[6]), ids[..3]);
}

#[test]
fn many_are_noted_at_once_whether_or_not_for_the_first_time() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let mut many: Vec<ObjectId> = (0..70).map(|_| world.ids.object_id()).collect();
    many.sort_unstable();
    note(&world, world.contoso, &job, &many[20..25]);
    world
        .store
        .write(|tx| tx.note_evaluated(world.contoso, &job, &many))
        .unwrap();
    assert_eq!(between(&world, &job, many[0], many[69]), many);
    let ids = ids(&world);
    note(&world, world.contoso, &job, &ids[2..4]);
    world
        .store
        .write(|tx| tx.note_evaluated(world.contoso, &job, &ids[..5]))
        .unwrap();
    assert_eq!(between(&world, &job, ids[0], ids[6]), ids[..5]);
    assert_eq!(note(&world, world.contoso, &job, &ids[4..6]), [false, true]);
}

#[test]
fn what_another_job_or_tenant_has_looked_at_is_not_found() {
    let world = World::new();
    let mine = job(&world, world.contoso);
    let other = job(&world, world.contoso);
    let foreign = job(&world, world.fabrikam);
    let ids = ids(&world);
    note(&world, world.contoso, &other, &ids[..3]);
    note(&world, world.fabrikam, &foreign, &ids[3..]);
    assert_eq!(between(&world, &mine, ids[0], ids[6]), []);
    assert_eq!(between(&world, &other, ids[0], ids[6]), ids[..3]);
    let refused = world
        .store
        .read(|reader| reader.evaluated_between(world.contoso, &foreign, ids[0], ids[6]));
    assert!(matches!(refused, Err(StoreError::UnknownJob(_))));
}

#[test]
fn what_is_noted_is_seen_in_its_transaction_and_gone_when_that_fails() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let ids = ids(&world);
    let failed = world.store.write(|tx| {
        tx.note_first_evaluated(world.contoso, &job, &ids[..2])?;
        let noted = tx.evaluated_between(world.contoso, &job, ids[0], ids[6])?;
        assert_eq!(noted, ids[..2].iter().copied().collect());
        Err::<(), _>(StoreError::Damaged("on purpose"))
    });
    assert!(failed.is_err());
    assert_eq!(between(&world, &job, ids[0], ids[6]), []);
}

#[test]
fn notes_are_forgotten_in_slices_each_behind_the_one_before() {
    let world = World::new();
    let (mine, other) = (job(&world, world.contoso), job(&world, world.contoso));
    let ids = ids(&world);
    for job in [&mine, &other] {
        note(&world, world.contoso, job, &ids);
    }
    let forget = |after| {
        let cleared = world
            .store
            .write(|tx| tx.clear_some_evaluated(world.contoso, &mine, after, 3));
        (cleared.unwrap(), between(&world, &mine, ids[0], ids[6]))
    };
    assert_eq!(forget(None), (Some(ids[2]), ids[3..].to_vec()));
    // What is not behind it is not gone through.
    assert_eq!(forget(Some(ids[3])), (Some(ids[6]), vec![ids[3]]));
    assert_eq!(forget(Some(ids[6])), (None, vec![ids[3]]));
    assert_eq!(forget(None), (None, vec![]));
    assert_eq!(forget(None), (None, vec![]));
    assert_eq!(between(&world, &other, ids[0], ids[6]), ids);
}

#[test]
fn the_notes_of_one_job_are_forgotten_alone() {
    let world = World::new();
    let (mine, other) = (job(&world, world.contoso), job(&world, world.contoso));
    let ids = ids(&world);
    for job in [&mine, &other] {
        note(&world, world.contoso, job, &ids);
    }
    world
        .store
        .write(|tx| tx.clear_evaluated(world.contoso, &mine))
        .unwrap();
    assert_eq!(between(&world, &mine, ids[0], ids[6]), []);
    assert_eq!(between(&world, &other, ids[0], ids[6]), ids);
}
