mod other_jobs;
mod waiting;

use syncline_model::link::LinkState;
use syncline_model::{AppId, EntityKind, Ids, Job, JobId, Link, ObjectId, TenantId};
use syncline_store::{LinkCounts, LinkFilter, StoreError};

use crate::world::{NOW, World};

pub fn job(world: &World, tenant: TenantId) -> JobId {
    let app_id = AppId(world.ids.random_uuid());
    let owner = world.ids.object_id();
    let job = Job::new(tenant, owner, app_id, "Azure2Azure", NOW);
    world.store.write(|tx| tx.insert_job(&job)).unwrap();
    job.id
}

fn link(source: ObjectId, target: ObjectId) -> Link {
    Link {
        source,
        target,
        kind: EntityKind::User,
        state: LinkState::Live,
        since: NOW,
        matching: 0,
        was_released: false,
    }
}

#[test]
fn two_sources_can_not_share_a_target() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let [a, b, target] = [(); 3].map(|()| world.ids.object_id());
    let put = |source| {
        world
            .store
            .write(|tx| tx.put_links(world.contoso, &job, &[link(source, target)]))
    };
    put(a).unwrap();
    assert!(matches!(put(b), Err(StoreError::Taken)));
    let links = world
        .store
        .read(|reader| reader.links_to(world.contoso, &job, &[target]))
        .unwrap();
    assert_eq!(links[0].as_ref().map(|link| link.source), Some(a));
}

/// However it is read, also in a page of neighbours, and by another job.
#[test]
fn that_somebody_was_released_before_is_remembered_until_it_is_taken_back() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let other = self::job(&world, world.contoso);
    let mut links: Vec<Link> = (0..40)
        .map(|at| Link {
            state: LinkState::SoftDeleted,
            was_released: at % 2 == 0,
            ..link(world.ids.object_id(), world.ids.object_id())
        })
        .collect();
    links.sort_by_key(|it| it.source);
    let sources: Vec<ObjectId> = links.iter().map(|it| it.source).collect();
    let mut targets: Vec<ObjectId> = links.iter().map(|it| it.target).collect();
    targets.sort();
    let put = |links: &[Link]| {
        let put = |tx: &mut syncline_store::Tx<'_>| tx.put_links(world.contoso, &job, links);
        world.store.write(put).unwrap();
    };
    let by_source = |mut found: Vec<Link>| {
        found.sort_by_key(|it| it.source);
        found
    };
    let check = |links: &[Link]| {
        let read = |reader: &syncline_store::Reader<'_>| {
            let tenant = world.contoso;
            let found = [
                reader.links(tenant, &job, None, 100)?,
                reader
                    .links_for(tenant, &job, &sources)?
                    .into_iter()
                    .flatten()
                    .collect(),
                reader
                    .links_for(tenant, &job, &sources[..1])?
                    .into_iter()
                    .flatten()
                    .collect(),
                reader
                    .links_to(tenant, &job, &targets)?
                    .into_iter()
                    .flatten()
                    .collect(),
                reader
                    .links_of_all_jobs_to(tenant, &targets)?
                    .into_iter()
                    .map(|it| it.1)
                    .collect(),
                reader
                    .links_of_all_jobs_to(tenant, &targets[..1])?
                    .into_iter()
                    .map(|it| it.1)
                    .collect(),
                reader
                    .links_of_other_jobs_to(tenant, &other, &targets)?
                    .into_iter()
                    .flatten()
                    .collect(),
                reader
                    .links_of_other_jobs(tenant, &other, &sources)?
                    .into_iter()
                    .map(|it| it.1)
                    .collect(),
            ];
            Ok::<Vec<Vec<Link>>, StoreError>(found.into_iter().collect())
        };
        for (at, found) in world.store.read(read).unwrap().into_iter().enumerate() {
            let found = by_source(found);
            assert!(!found.is_empty(), "{at}");
            for link in &found {
                assert!(links.contains(link), "{at}: {link:?}");
            }
            assert!(found.len() == links.len() || found.len() == 1, "{at}");
        }
    };
    put(&links);
    check(&links);
    links
        .iter_mut()
        .for_each(|it| it.was_released = !it.was_released);
    put(&links);
    check(&links);
}

#[test]
fn another_tenants_job_is_unknown() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let result = world
        .store
        .read(|reader| reader.links(world.fabrikam, &job, None, 10));
    assert!(matches!(result, Err(StoreError::UnknownJob(_))));
}

#[test]
fn a_deleted_job_can_be_made_again() {
    let world = World::new();
    let first = job(&world, world.contoso);
    let stored = world
        .store
        .read(|reader| reader.job(world.contoso, &first))
        .unwrap()
        .unwrap();
    world
        .store
        .write(|tx| tx.delete_job(world.contoso, &first))
        .unwrap();
    assert_eq!(
        world
            .store
            .read(|reader| reader.job(world.contoso, &first))
            .unwrap(),
        None
    );
    world.store.write(|tx| tx.insert_job(&stored)).unwrap();
    assert!(
        world
            .store
            .read(|reader| reader.links(world.contoso, &first, None, 10))
            .unwrap()
            .is_empty()
    );
}

#[test]
fn links_are_asked_for_by_kind_and_state_and_counted() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let other = self::job(&world, world.contoso);
    let kinds = [EntityKind::User, EntityKind::Group];
    let states = [
        LinkState::Live,
        LinkState::SoftDeleted,
        LinkState::Released,
        LinkState::Live,
    ];
    let mut links = Vec::new();
    for (kind, state) in kinds
        .into_iter()
        .flat_map(|kind| states.map(|it| (kind, it)))
    {
        let (source, target) = (world.ids.object_id(), world.ids.object_id());
        links.push(Link {
            kind,
            state,
            ..link(source, target)
        });
    }
    links.sort_by_key(|it| it.source);
    world
        .store
        .write(|tx| tx.put_links(world.contoso, &job, &links))
        .unwrap();
    let all = |filter: LinkFilter, at_once: usize| {
        let mut found: Vec<Link> = Vec::new();
        loop {
            let after = found.last().map(|it| it.source);
            let page = world
                .store
                .read(|reader| reader.links_like(world.contoso, &job, filter, after, at_once))
                .unwrap();
            if page.is_empty() {
                return found;
            }
            found.extend(page);
        }
    };
    for kind in [None, Some(EntityKind::User), Some(EntityKind::Group)] {
        for state in [None].into_iter().chain(states.map(Some)) {
            let asked = |it: &&Link| {
                kind.is_none_or(|kind| it.kind == kind) && state.is_none_or(|at| it.state == at)
            };
            let expected: Vec<Link> = links.iter().filter(asked).cloned().collect();
            for at_once in [1, 3, 10] {
                assert_eq!(all(LinkFilter { kind, state }, at_once), expected);
            }
        }
    }
    let counted = |job: &JobId, kind| {
        world
            .store
            .read(|reader| reader.count_links(world.contoso, job, kind))
            .unwrap()
    };
    let each = LinkCounts {
        live: 2,
        soft_deleted: 1,
        released: 1,
    };
    for kind in kinds {
        assert_eq!(counted(&job, Some(kind)), each);
    }
    let both = LinkCounts {
        live: 4,
        soft_deleted: 2,
        released: 2,
    };
    assert_eq!(counted(&job, None), both);
    assert_eq!(counted(&other, None), LinkCounts::default());
    let elsewhere = world
        .store
        .read(|reader| reader.count_links(world.fabrikam, &job, None));
    assert!(matches!(elsewhere, Err(StoreError::UnknownJob(_))));
}
