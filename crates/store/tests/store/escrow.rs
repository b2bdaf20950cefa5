use syncline_model::{EntityKind, Ids, JobId, ObjectId};
use syncline_store::Escrow;

use crate::links::job;
use crate::world::{NOW, World};

fn escrow(source: ObjectId) -> Escrow {
    Escrow {
        source,
        kind: EntityKind::User,
        first_failed: NOW,
        attempts: 1,
        next_attempt: NOW,
        failure: "{}".to_owned(),
    }
}

fn put(world: &World, job: &JobId, rows: &[Escrow]) {
    world
        .store
        .write(|tx| tx.put_escrows(world.contoso, job, rows))
        .unwrap();
}

#[test]
fn a_job_has_escrows_as_long_as_one_is_left_also_one_that_was_given_up() {
    let world = World::new();
    let (mine, other) = (job(&world, world.contoso), job(&world, world.contoso));
    let any = |job: &JobId| {
        let any = world.store.read(|it| it.any_escrow(world.contoso, job));
        any.unwrap()
    };
    assert!(!any(&mine));
    let (ana, bo) = (world.ids.object_id(), world.ids.object_id());
    let given_up = Escrow {
        next_attempt: Escrow::NEVER,
        ..escrow(bo)
    };
    put(&world, &mine, &[escrow(ana), given_up]);
    assert!(any(&mine) && !any(&other));
    let remove = |source| {
        let removed = world
            .store
            .write(|tx| tx.delete_escrows(world.contoso, &mine, &[source]));
        removed.unwrap();
    };
    remove(ana);
    assert!(any(&mine));
    remove(bo);
    assert!(!any(&mine));
}
