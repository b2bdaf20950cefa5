//! What other jobs, and earlier matchings, have linked.

use syncline_model::link::LinkState;
use syncline_model::{EntityKind, Ids, JobId, Link, ObjectId, TenantId, Timestamp};
use syncline_store::{Staged, StoreError};

use super::{job, link};
use crate::world::World;

#[test]
fn other_jobs_tell_what_they_have_of_a_source_in_a_target() {
    let world = World::new();
    let [asking, first, second, theirs] =
        [world.contoso, world.contoso, world.contoso, world.fabrikam]
            .map(|tenant| (tenant, job(&world, tenant)));
    let [ana, bo, cleo] = [(); 3].map(|()| world.ids.object_id());
    let [a1, a2, a3, a4, b1, c1] = [(); 6].map(|()| world.ids.object_id());
    let put = |(tenant, job): &(TenantId, JobId), links: &[Link]| {
        world
            .store
            .write(|tx| tx.put_links(*tenant, job, links))
            .unwrap();
    };
    put(&asking, &[link(ana, a1)]);
    let binned = Link {
        state: LinkState::SoftDeleted,
        ..link(cleo, c1)
    };
    put(&first, &[link(ana, a2), binned]);
    let released = Link {
        state: LinkState::Released,
        ..link(bo, b1)
    };
    put(&second, &[link(ana, a3), released]);
    put(&theirs, &[link(ana, a4)]);
    let staged = Staged {
        source: ana,
        kind: EntityKind::User,
        held: true,
        staged_at: Timestamp(1),
    };
    let put_staged = |(tenant, job): &(TenantId, JobId)| {
        let written = world
            .store
            .write(|tx| tx.put_staged(*tenant, job, &[staged]));
        written.unwrap();
    };
    put_staged(&asking);
    put_staged(&second);
    let (tenant, job) = &asking;
    let found = world
        .store
        .read(|reader| reader.links_of_other_jobs(*tenant, job, &[ana, bo, cleo]));
    let found = found.unwrap().into_iter();
    let mut told: Vec<_> = found
        .map(|(of, link, staged)| (of, link.source, link.target, staged))
        .collect();
    told.sort_unstable();
    let mut expected = [
        (first.1.clone(), ana, a2, false),
        (second.1.clone(), ana, a3, true),
        (second.1.clone(), bo, b1, false),
        (first.1.clone(), cleo, c1, false),
    ];
    expected.sort_unstable();
    assert_eq!(told, expected);
    let links = world
        .store
        .read(|reader| reader.links_of_other_jobs_to(*tenant, job, &[a1, a2, a4, b1, c1]));
    let sources = links.unwrap().into_iter();
    let sources: Vec<_> = sources.map(|it| it.map(|link| link.source)).collect();
    assert_eq!(sources, [None, Some(ana), None, Some(bo), Some(cleo)]);
}

#[test]
fn jobs_tell_whom_of_these_they_have_in_the_target() {
    let world = World::new();
    let [asking, first, second, gone] = [(); 4].map(|()| job(&world, world.contoso));
    let theirs = job(&world, world.fabrikam);
    let [ana, bo, cleo, a, b, c, other] = [(); 7].map(|()| world.ids.object_id());
    let in_state = |link: Link, state| Link { state, ..link };
    for (tenant, job, links) in [
        (world.contoso, &asking, vec![link(ana, other)]),
        (
            world.contoso,
            &first,
            vec![
                link(ana, a),
                in_state(link(cleo, c), LinkState::SoftDeleted),
            ],
        ),
        (
            world.contoso,
            &second,
            vec![in_state(link(bo, b), LinkState::Released)],
        ),
        (world.contoso, &gone, vec![link(cleo, c)]),
        (world.fabrikam, &theirs, vec![link(cleo, c)]),
    ] {
        world
            .store
            .write(|tx| tx.put_links(tenant, job, &links))
            .unwrap();
    }
    world
        .store
        .write(|tx| tx.delete_job(world.contoso, &gone))
        .unwrap();
    let found = |tenant, jobs: &[JobId]| {
        let found = world
            .store
            .read(|reader| reader.links_of_jobs(tenant, jobs, &[ana, bo, cleo]));
        let found = found.unwrap().into_iter();
        found
            .map(|link| (link.source, link.target))
            .collect::<Vec<_>>()
    };
    let all = [first.clone(), second.clone(), gone, theirs];
    assert_eq!(found(world.contoso, &all), [(ana, a), (bo, b)]);
    assert_eq!(
        found(world.contoso, std::slice::from_ref(&second)),
        [(bo, b)]
    );
    assert_eq!(found(world.fabrikam, &all), [(cleo, c)]);
    let others = world
        .store
        .read(|reader| reader.other_jobs(world.contoso, &asking));
    let others: Vec<JobId> = others.unwrap().into_iter().map(|(job, _)| job).collect();
    assert_eq!(others, [first.clone(), second.clone()]);
    let all = world
        .store
        .read(|reader| reader.jobs_of_tenant(world.contoso));
    let all: Vec<JobId> = all.unwrap().into_iter().map(|(job, _)| job).collect();
    assert_eq!(all, [asking, first, second]);
}

#[test]
fn all_jobs_of_a_tenant_tell_what_they_have_linked_to_a_target() {
    let world = World::new();
    let [first, second, gone] = [(); 3].map(|()| job(&world, world.contoso));
    let theirs = job(&world, world.fabrikam);
    let [ana, bo, a, b, nobodys] = [(); 5].map(|()| world.ids.object_id());
    let released = Link {
        state: LinkState::Released,
        ..link(bo, a)
    };
    for (tenant, job, links) in [
        (world.contoso, &first, vec![link(ana, a), link(bo, b)]),
        (world.contoso, &second, vec![released.clone()]),
        (world.contoso, &gone, vec![link(ana, a)]),
        (world.fabrikam, &theirs, vec![link(ana, a)]),
    ] {
        world
            .store
            .write(|tx| tx.put_links(tenant, job, &links))
            .unwrap();
    }
    world
        .store
        .write(|tx| tx.delete_job(world.contoso, &gone))
        .unwrap();
    let found = |targets: &[ObjectId]| {
        let found = world
            .store
            .read(|reader| reader.links_of_all_jobs_to(world.contoso, targets));
        let mut found = found.unwrap();
        found.sort_by_key(|(_, link)| (link.target, link.state as u8));
        found
    };
    let to_a = [(first.clone(), link(ana, a)), (second, released)];
    assert_eq!(found(&[a]), to_a);
    let to_b = [(first, link(bo, b))];
    assert_eq!(found(&[nobodys, b]), to_b);
    assert_eq!(found(&[b, a]), [&to_a[..], &to_b].concat());
    assert_eq!(found(&[]), []);
}

/// In one go or each by itself, as many others stand between them.
#[test]
fn neighbours_find_the_links_of_all_jobs_however_many_others_stand_between() {
    for others in [0, 1, 20] {
        let world = World::new();
        let jobs = [(); 2].map(|()| job(&world, world.contoso));
        let mut expected = Vec::new();
        let mut wanted = Vec::new();
        for number in 0..40 {
            let target = world.ids.object_id();
            wanted.push(target);
            let mut links = vec![link(world.ids.object_id(), target)];
            for _ in 0..others {
                links.push(link(world.ids.object_id(), world.ids.object_id()));
            }
            let job = &jobs[number % 2];
            if number % 5 != 0 {
                world
                    .store
                    .write(|tx| tx.put_links(world.contoso, job, &links))
                    .unwrap();
                expected.push((job.clone(), links.swap_remove(0)));
            }
        }
        wanted.sort();
        let found = world
            .store
            .read(|reader| reader.links_of_all_jobs_to(world.contoso, &wanted));
        let mut found = found.unwrap();
        found.sort_by_key(|(_, link)| link.target);
        expected.sort_by_key(|(_, link)| link.target);
        assert_eq!(found, expected, "{others} between");
    }
}

#[test]
fn a_live_link_of_an_earlier_matching_is_known() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let [ana, bo, a, b] = [(); 4].map(|()| world.ids.object_id());
    let links = [
        Link {
            matching: 1,
            ..link(ana, a)
        },
        Link {
            state: LinkState::SoftDeleted,
            ..link(bo, b)
        },
    ];
    world
        .store
        .write(|tx| tx.put_links(world.contoso, &job, &links))
        .unwrap();
    let before = |matching| {
        world
            .store
            .read(|reader| reader.any_live_link_before(world.contoso, &job, matching))
            .unwrap()
    };
    assert!(!before(0));
    assert!(!before(1), "what was removed waits for no matching");
    assert!(before(2));
}

/// Whoever's it is now comes before whoever's it was, in whatever order they stand in the table.
#[test]
fn of_several_links_of_other_jobs_to_a_target_the_live_one_is_told() {
    use LinkState::{Live, Released, SoftDeleted};
    let world = World::new();
    let [asking, first, second, third] = [(); 4].map(|()| job(&world, world.contoso));
    for states in [
        [Released, SoftDeleted, Live],
        [Live, Released, SoftDeleted],
        [SoftDeleted, Live, Released],
        [Released, Live, Released],
    ] {
        let target = world.ids.object_id();
        let links = states.map(|state| Link {
            state,
            ..link(world.ids.object_id(), target)
        });
        for (job, link) in [&first, &second, &third].into_iter().zip(&links) {
            let written = world
                .store
                .write(|tx| tx.put_links(world.contoso, job, std::slice::from_ref(link)));
            written.unwrap();
        }
        let found = world
            .store
            .read(|reader| reader.links_of_other_jobs_to(world.contoso, &asking, &[target]));
        let live = links.into_iter().find(|link| link.state == Live);
        assert_eq!(found.unwrap(), [live], "{states:?}");
    }
}

/// Whoever is matched anew takes the place of links that an earlier matching made.
#[test]
fn a_link_of_an_earlier_matching_makes_room() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let [a, b, c, of_a, of_b] = [(); 5].map(|()| world.ids.object_id());
    let anew = |source, target| Link {
        matching: 1,
        ..link(source, target)
    };
    let put = |links: &[Link]| {
        world
            .store
            .write(|tx| tx.put_links(world.contoso, &job, links))
    };
    let all = || {
        let read = world
            .store
            .read(|reader| reader.links(world.contoso, &job, None, 10));
        read.unwrap()
    };
    // Exchanged, both in one page.
    assert_eq!(put(&[link(a, of_b), link(b, of_a)]).unwrap(), []);
    assert_eq!(put(&[anew(a, of_a), anew(b, of_b)]).unwrap(), []);
    assert_eq!(all(), [anew(a, of_a), anew(b, of_b)]);
    // Nobody makes room for one of the same matching, or of an earlier one.
    for refused in [anew(c, of_a), link(c, of_a)] {
        assert!(matches!(put(&[refused]), Err(StoreError::Taken)));
    }
    let later = Link {
        matching: 2,
        ..link(c, of_a)
    };
    assert_eq!(put(std::slice::from_ref(&later)).unwrap(), [anew(a, of_a)]);
    assert_eq!(all(), [anew(b, of_b), later]);
}
