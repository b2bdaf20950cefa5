use syncline_model::job::{JobStatus, ScheduleState};
use syncline_model::link::LinkState;
use syncline_model::{
    AppId, Attr, EntityKind, Ids, Job, JobId, Link, ObjectId, TenantId, Timestamp,
};
use syncline_store::{LinkCounts, LinkFilter, Staged, StoreError, Tx, WaitingReference};

use crate::world::{NOW, World};

pub fn job(world: &World, tenant: TenantId) -> JobId {
    let app_id = AppId(world.ids.random_uuid());
    let job = Job {
        id: JobId::compose("Azure2Azure", tenant, app_id),
        tenant,
        service_principal: world.ids.object_id(),
        app_id,
        template: "Azure2Azure".to_owned(),
        created_at: NOW,
        interval_seconds: 2400,
        state: ScheduleState::Disabled,
        started_at: None,
        settings: Vec::new(),
        status: JobStatus::default(),
        next_due: None,
        watermark: None,
        running: None,
        force_deletes: false,
        configuration_generation: 0,
        schema_digest: 0,
        evaluated_generation: 0,
        decided_generation: 0,
        pause_requested: false,
        references_waiting: 0,
        matching: 0,
        removed_in_between: 0,
        groups_to_walk: false,
    };
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
fn what_waits_is_found_from_both_of_its_ends() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let [ana, bo, manager, other] = [(); 4].map(|()| world.ids.object_id());
    let row = |source, waits_for| WaitingReference {
        waits_for,
        source,
        kind: EntityKind::User,
        attr: Attr::MANAGER,
    };
    let rows = [row(ana, manager), row(bo, manager), row(bo, other)];
    world
        .store
        .write(|tx| tx.insert_waiting(world.contoso, &job, &rows))
        .unwrap();
    let (for_manager, of_bo, nothing) = world
        .store
        .read(|reader| {
            Ok::<_, StoreError>((
                reader.waiting_for(world.contoso, &job, &[manager])?,
                reader.waiting_of(world.contoso, &job, &[bo, manager])?,
                reader.waiting_for(world.contoso, &job, &[ana])?,
            ))
        })
        .unwrap();
    let sorted = |mut rows: Vec<WaitingReference>| {
        rows.sort_by_key(|row| (row.source, row.waits_for));
        rows
    };
    let mut in_order = rows.to_vec();
    in_order.sort_by_key(|row| (row.waits_for, row.source));
    let page = |after: Option<&WaitingReference>| {
        world
            .store
            .read(|reader| reader.waiting(world.contoso, &job, after, 2))
            .unwrap()
    };
    assert_eq!(page(None), in_order[..2]);
    assert_eq!(page(Some(&in_order[1])), in_order[2..]);
    assert_eq!(page(Some(&in_order[2])), []);
    let expected = |some: &[WaitingReference]| sorted(some.to_vec());
    assert_eq!(sorted(for_manager), expected(&rows[..2]));
    assert_eq!(sorted(of_bo), expected(&rows[1..]));
    assert_eq!(nothing, []);
}

#[test]
fn a_link_wakes_exactly_what_waits_for_it() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let [ana, bo, manager, other] = [(); 4].map(|()| world.ids.object_id());
    let waiting = |source, waits_for| WaitingReference {
        waits_for,
        source,
        kind: EntityKind::User,
        attr: Attr::MANAGER,
    };
    let rows = [waiting(ana, manager), waiting(bo, other)];
    assert_eq!(
        world
            .store
            .write(|tx| tx.insert_waiting(world.contoso, &job, &rows))
            .unwrap(),
        2
    );
    assert_eq!(
        world
            .store
            .write(|tx| tx.insert_waiting(world.contoso, &job, &rows))
            .unwrap(),
        0
    );
    world
        .store
        .write(|tx| tx.wake_waiting(world.contoso, &job, &[manager, ana]))
        .unwrap();
    let ready = world
        .store
        .read(|reader| reader.ready_references(world.contoso, &job, None, 10))
        .unwrap();
    assert_eq!(ready, [rows[0]]);
}

#[test]
fn woken_objects_for_which_nothing_waits_are_forgotten_so_many_at_a_time() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let contoso = world.contoso;
    let mut ids = [(); 7].map(|()| world.ids.object_id());
    ids.sort_unstable();
    let rows = ids.map(|waits_for| WaitingReference {
        waits_for,
        source: world.ids.object_id(),
        kind: EntityKind::User,
        attr: Attr::MANAGER,
    });
    let written = [0, 1, 3, 4, 6].map(|at| rows[at]);
    world
        .store
        .write(|tx| {
            tx.insert_waiting(contoso, &job, &rows)?;
            tx.wake_waiting(contoso, &job, &ids)?;
            tx.delete_waiting(contoso, &job, &written)
        })
        .unwrap();
    let left = || {
        let behind = |after| {
            world
                .store
                .read(|reader| reader.ready_behind(contoso, &job, after, 1))
                .unwrap()
        };
        std::iter::successors(behind(None), |id| behind(Some(*id))).collect::<Vec<_>>()
    };
    assert_eq!(left(), ids);
    let (mut after, mut slices) = (None, Vec::new());
    loop {
        after = world
            .store
            .write(|tx| tx.sweep_ready(contoso, &job, after, 3))
            .unwrap();
        slices.push(left().len());
        if after.is_none() {
            break;
        }
    }
    assert_eq!(slices, [5, 3, 2]);
    assert_eq!(left(), [ids[2], ids[5]], "something waits for them");
}

/// Every choice of who is linked, of eight for half of whom somebody waits (for one by two), in
/// another order than they stand in the table.
#[test]
fn of_many_links_those_wake_that_are_waited_for() {
    let world = World::new();
    let (mine, other) = (job(&world, world.contoso), job(&world, world.contoso));
    let mut ids = [(); 8].map(|()| world.ids.object_id());
    ids.sort_unstable();
    let waiting = |waits_for: usize| WaitingReference {
        waits_for: ids[waits_for],
        source: world.ids.object_id(),
        kind: EntityKind::User,
        attr: Attr::MANAGER,
    };
    let rows = [1, 3, 4, 4, 7].map(waiting);
    let others = [0, 2].map(waiting);
    world
        .store
        .write(|tx| {
            tx.insert_waiting(world.contoso, &mine, &rows)?;
            tx.insert_waiting(world.contoso, &other, &others)
        })
        .unwrap();
    for choice in 0_u32..256 {
        let chosen = |at: &usize| choice & (1 << at) != 0;
        let linked: Vec<ObjectId> = (0..8).rev().filter(chosen).map(|at| ids[at]).collect();
        let ready = world.store.write(|tx| {
            tx.wake_waiting(world.contoso, &mine, &linked)?;
            let ready = tx.ready_references(world.contoso, &mine, None, 10)?;
            tx.delete_ready(world.contoso, &mine, &ids)?;
            Ok::<_, StoreError>(ready)
        });
        let mut woken: Vec<ObjectId> = ready.unwrap().iter().map(|row| row.waits_for).collect();
        woken.dedup();
        let expected: Vec<ObjectId> = [1, 3, 4, 7]
            .into_iter()
            .filter(chosen)
            .map(|at| ids[at])
            .collect();
        assert_eq!(woken, expected, "{choice:08b}");
    }
}

/// What was refused is not ready until whom it waits for comes anew, or the escrow of its owner ends.
#[test]
fn what_was_refused_is_ready_when_somebody_wakes_it() {
    let world = World::new();
    let (mine, other) = (job(&world, world.contoso), job(&world, world.contoso));
    let [ana, bo, cleo, manager] = [(); 4].map(|()| world.ids.object_id());
    let row = |source| WaitingReference {
        waits_for: manager,
        source,
        kind: EntityKind::User,
        attr: Attr::MANAGER,
    };
    let [of_ana, of_bo, of_cleo] = [ana, bo, cleo].map(row);
    let write = |work: &dyn Fn(&mut Tx<'_>) -> Result<u64, StoreError>| {
        let ready = world.store.write(|tx| {
            let told = work(tx)?;
            let ready = tx.ready_references(world.contoso, &mine, None, 10)?;
            Ok::<_, StoreError>((told, ready))
        });
        ready.unwrap()
    };
    let refused_of = |sources: &[ObjectId]| {
        let refused = world
            .store
            .read(|it| it.refused_of(world.contoso, &mine, sources));
        refused.unwrap()
    };
    let refuse =
        |rows: &[WaitingReference]| write(&|tx| tx.insert_refused(world.contoso, &mine, rows)).0;
    let none: (u64, Vec<WaitingReference>) = (0, Vec::new());
    world
        .store
        .write(|tx| tx.insert_refused(world.contoso, &other, &[of_ana]))
        .unwrap();
    assert_eq!(refused_of(&[ana]), []);

    // One that waits already is marked, and no new one.
    let ready = write(&|tx| {
        tx.insert_waiting(world.contoso, &mine, &[of_ana, of_bo])?;
        tx.wake_waiting(world.contoso, &mine, &[manager])?;
        tx.insert_refused(world.contoso, &mine, &[of_ana, of_cleo])
    });
    assert_eq!(ready, (1, vec![of_bo]));
    let mut refused = refused_of(&[ana, bo, cleo, manager]);
    refused.sort_unstable();
    let mut expected = [of_ana, of_cleo];
    expected.sort_unstable();
    assert_eq!(refused, expected);
    // It waits on as others do, and stays marked.
    let waits = write(&|tx| tx.insert_waiting(world.contoso, &mine, &[of_ana])).0;
    assert_eq!((waits, refused_of(&[ana])), (0, vec![of_ana]));

    // With nothing else to write, whom it waits for is forgotten.
    let swept = write(&|tx| {
        tx.delete_waiting(world.contoso, &mine, &[of_bo])?;
        tx.sweep_ready(world.contoso, &mine, None, 10)?;
        Ok(0)
    });
    assert_eq!(swept, none);

    // The end of her escrow wakes hers, and nobody else's.
    let ready = write(&|tx| {
        tx.delete_escrows(world.contoso, &mine, &[ana, bo])?;
        Ok(0)
    });
    assert_eq!(ready, (0, vec![of_ana]));
    assert_eq!(refused_of(&[ana, cleo]), [of_cleo]);
    let woken = |linked: ObjectId| {
        let (_, mut ready) = write(&|tx| {
            tx.wake_waiting(world.contoso, &mine, &[linked])?;
            Ok(0)
        });
        ready.sort_unstable();
        ready
    };
    assert_eq!(refuse(&[of_ana]), 0);
    assert_eq!(woken(bo), []);
    assert_eq!(woken(manager), expected);
    assert_eq!(refused_of(&[ana, cleo]), []);
    let theirs = world
        .store
        .read(|it| it.refused_of(world.contoso, &other, &[ana]));
    assert_eq!(theirs.unwrap(), [of_ana]);
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
        .map(|(link, staged)| (link.source, link.target, staged))
        .collect();
    told.sort_unstable();
    let expected = [
        (ana, a2, false),
        (ana, a3, true),
        (bo, b1, false),
        (cleo, c1, false),
    ];
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
    assert_eq!(others, [first, second]);
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
