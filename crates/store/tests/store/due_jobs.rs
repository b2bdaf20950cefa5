//! Which jobs are due, and in which order.

use crate::links::job;
use crate::world::{NOW, World};

#[test]
fn a_tenant_with_many_jobs_does_not_hide_those_of_others() {
    let world = World::new();
    let due = |tenant, seconds| {
        let id = job(&world, tenant);
        world
            .store
            .write(|tx| {
                let mut job = tx.job(tenant, &id)?.unwrap();
                job.next_due = Some(NOW.plus_seconds(seconds));
                tx.update_job(&job)
            })
            .unwrap();
        id
    };
    let second = due(world.contoso, 2);
    let first = due(world.contoso, 1);
    let third = due(world.contoso, 3);
    let other = due(world.fabrikam, 4);
    due(world.fabrikam, 6);
    let found = |limit| {
        let now = NOW.plus_seconds(5);
        let jobs = world
            .store
            .read(|reader| reader.due_jobs(now, limit))
            .unwrap();
        jobs.into_iter().map(|job| job.id).collect::<Vec<_>>()
    };
    assert_eq!(found(2), [&first, &other].map(Clone::clone));
    assert_eq!(found(10), [first, other, second, third]);
}
