//! The jobs of one tenant, as they are listed.

use syncline_model::TenantId;

use crate::links::job;
use crate::world::World;

#[test]
fn the_oldest_jobs_of_a_tenant_are_read_and_all_of_its_own_counted() {
    let world = World::new();
    let mut ours = Vec::new();
    for _ in 0..3 {
        job(&world, world.fabrikam);
        ours.push(job(&world, world.contoso));
    }
    let gone = job(&world, world.contoso);
    world
        .store
        .write(|tx| tx.delete_job(world.contoso, &gone))
        .unwrap();
    let read = |tenant: TenantId, limit| {
        let read = world.store.read(|reader| {
            let rows = reader.job_rows_of(tenant, limit)?;
            Ok::<_, syncline_store::StoreError>((rows, reader.count_jobs_of(tenant)?))
        });
        let (rows, count) = read.unwrap();
        assert!(rows.iter().all(|it| it.tenant == tenant && it.is_found));
        let ids: Vec<_> = rows.into_iter().map(|it| it.job.unwrap().id).collect();
        (ids, count)
    };
    assert_eq!(read(world.contoso, 2), (ours[..2].to_vec(), 3));
    assert_eq!(read(world.contoso, 10), (ours, 3));
    assert_eq!(read(world.another_tenant(), 10), (Vec::new(), 0));
}
