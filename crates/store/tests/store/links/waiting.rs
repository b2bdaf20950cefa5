//! References that wait for a link.

use syncline_model::{Attr, EntityKind, Ids, ObjectId};
use syncline_store::{StoreError, Tx, WaitingReference};

use super::job;
use crate::world::World;

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

/// Whoever has left waits for nothing. What is suspended waits on when they come back, and is ready at once.
#[test]
fn what_whoever_left_waits_for_is_suspended() {
    let world = World::new();
    let (mine, other) = (job(&world, world.contoso), job(&world, world.contoso));
    let [ana, bo, manager] = [(); 3].map(|()| world.ids.object_id());
    let row = |source| WaitingReference {
        waits_for: manager,
        source,
        kind: EntityKind::User,
        attr: Attr::MANAGER,
    };
    let [of_ana, of_bo] = [ana, bo].map(row);
    let contoso = world.contoso;
    let write = |work: &dyn Fn(&mut Tx<'_>) -> Result<u64, StoreError>| {
        let told = world.store.write(|tx| {
            let told = work(tx)?;
            let ready = tx.ready_references(contoso, &mine, None, 10)?;
            Ok::<_, StoreError>((told, tx.count_waiting(contoso, &mine)?, ready))
        });
        told.unwrap()
    };
    let suspended_of = |job, source| {
        let suspended = world
            .store
            .read(|it| it.suspended_of(contoso, job, &[source]));
        suspended.unwrap()
    };
    let suspended = write(&|tx| {
        tx.insert_waiting(contoso, &other, &[of_ana])?;
        tx.insert_refused(contoso, &mine, &[of_ana])?;
        tx.insert_waiting(contoso, &mine, &[of_bo])?;
        tx.wake_waiting(contoso, &mine, &[manager])?;
        tx.suspend_waiting_of(contoso, &mine, &[ana])
    });
    assert_eq!(suspended, (1, 1, vec![of_bo]));
    assert_eq!(suspended_of(&mine, ana), [of_ana]);
    assert_eq!(suspended_of(&mine, bo), []);
    assert_eq!(suspended_of(&other, ana), []);

    // Nobody finds it, marks it, or takes it for one that waits.
    let told = world.store.read(|it| {
        let found = [
            it.waiting(contoso, &mine, None, 10)?,
            it.waiting_for(contoso, &mine, &[manager])?,
            it.waiting_of(contoso, &mine, &[ana, bo])?,
        ];
        Ok::<_, StoreError>((found, it.refused_of(contoso, &mine, &[ana])?))
    });
    assert_eq!(told.unwrap(), ([(); 3].map(|()| vec![of_bo]), vec![]));
    let untouched = write(&|tx| {
        tx.delete_escrows(contoso, &mine, &[ana])?;
        tx.wake_waiting(contoso, &mine, &[manager])?;
        let again = tx.suspend_waiting_of(contoso, &mine, &[ana])?;
        let at = tx.delete_waiting_at(contoso, &mine, &[(ana, Attr::MANAGER)])?;
        Ok(again + at + tx.delete_waiting(contoso, &mine, &[of_ana, of_bo])?)
    });
    assert_eq!(untouched, (1, 0, vec![]));
    assert_eq!(suspended_of(&mine, ana), [of_ana]);
    let swept = write(&|tx| {
        tx.sweep_ready(contoso, &mine, None, 10)?;
        tx.resume_waiting_of(contoso, &mine, &[bo])
    });
    assert_eq!(swept, (0, 0, vec![]));

    let resumed = write(&|tx| tx.resume_waiting_of(contoso, &mine, &[ana, bo]));
    assert_eq!(resumed, (1, 1, vec![of_ana]));
    assert_eq!(suspended_of(&mine, ana), []);

    // Whoever lets it wait anew, or be refused, says by that that she is back: it is one more that waits.
    for is_refused in [false, true] {
        let waits = write(&|tx| {
            tx.suspend_waiting_of(contoso, &mine, &[ana])?;
            match is_refused {
                true => tx.insert_refused(contoso, &mine, &[of_ana, of_ana]),
                false => tx.insert_waiting(contoso, &mine, &[of_ana, of_ana]),
            }
        });
        assert_eq!((waits.0, waits.1), (1, 1));
        assert_eq!(suspended_of(&mine, ana), []);
    }

    let removed = write(&|tx| {
        tx.delete_suspended_of(contoso, &mine, &[ana])?;
        let suspended = tx.suspend_waiting_of(contoso, &mine, &[ana])?;
        tx.delete_suspended_of(contoso, &mine, &[ana])?;
        Ok(suspended)
    });
    assert_eq!(removed, (1, 0, vec![]), "only what is suspended");
    assert_eq!(suspended_of(&mine, ana), []);
}
