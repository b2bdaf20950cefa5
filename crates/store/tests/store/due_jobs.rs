//! Which jobs are due, and in which order.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use syncline_model::job::{CONTINUOUS_MODE, Quarantine, Watermark};
use syncline_model::{JobId, TenantId};
use syncline_store::{Reader, StoreError};

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
        let jobs = world.store.read(|reader| reader.due_jobs(now, limit));
        jobs.unwrap()
    };
    let of_contoso = |id: &JobId| (world.contoso, id.clone());
    let other = (world.fabrikam, other);
    assert_eq!(found(2), [of_contoso(&first), other.clone()]);
    let [first, second, third] = [first, second, third].map(|id| of_contoso(&id));
    assert_eq!(found(10), [first, other, second, third]);
}

/// Neither interval nor quarantine is longer than a day: a clock was wrong that has said so.
#[test]
fn a_job_that_is_due_later_than_any_job_waits_is_due() {
    let world = World::new();
    let id = job(&world, world.contoso);
    let five_minutes = 5 * 60;
    let cases = [
        (0, true),
        (1, false),
        (86_400 + five_minutes, false),
        (86_400 + five_minutes + 1, true),
        (400 * 86_400, true),
    ];
    for (seconds, is_due) in cases {
        let (found, stored) = world
            .store
            .write(|tx| {
                let mut job = tx.job(world.contoso, &id)?.unwrap();
                job.next_due = Some(NOW.plus_seconds(seconds));
                tx.update_job(&job)?;
                Ok::<_, StoreError>((tx.due_jobs(NOW, 10)?, job))
            })
            .unwrap();
        assert_eq!(!found.is_empty(), is_due, "{seconds}");
        assert_eq!(stored.is_due(NOW), is_due, "{seconds}");
    }
}

/// In step with everything that had changed until then.
fn follow(world: &World, id: &JobId, tenant: TenantId, from: u64, seconds: i64) {
    world
        .store
        .write(|tx| {
            let mut job = tx.job(tenant, id)?.unwrap();
            job.evaluated_generation = job.configuration_generation;
            job.settings = vec![(CONTINUOUS_MODE.to_owned(), "True".to_owned())];
            job.watermark = Some(Watermark {
                sequence: from,
                token: None,
            });
            job.next_due = Some(NOW.plus_seconds(seconds));
            tx.update_job(&job)
        })
        .unwrap();
}

#[test]
fn jobs_in_continuous_mode_are_behind_when_their_own_tenant_has_changed() {
    let world = World::new();
    let [first, second, other] =
        [world.contoso, world.contoso, world.fabrikam].map(|it| job(&world, it));
    let behind = || {
        let count = world.store.read(|reader| reader.count_jobs_behind());
        let jobs = world.store.read(|reader| reader.jobs_behind(10)).unwrap();
        assert_eq!(count.unwrap(), jobs.len() as u64);
        jobs.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
    };
    let any_follows = || world.store.read(|reader| reader.any_job_follows()).unwrap();
    assert!(!any_follows());
    let sequence = |tenant| world.store.read(|reader| reader.sequence(tenant)).unwrap();
    let (contoso, fabrikam) = (sequence(world.contoso), sequence(world.fabrikam));
    follow(&world, &first, world.contoso, contoso, 60);
    follow(&world, &second, world.contoso, contoso, 30);
    follow(&world, &other, world.fabrikam, fabrikam, 90);
    assert!(any_follows());
    assert_eq!(behind(), []);
    let told = Arc::new(AtomicUsize::new(0));
    let teller = Arc::clone(&told);
    world.store.when_changed(move || {
        teller.fetch_add(1, Ordering::Relaxed);
    });
    let change = |tenant| {
        world
            .store
            .write(|tx| tx.pass_over_sequences(tenant, 1))
            .unwrap()
    };
    change(world.contoso);
    assert_eq!(behind(), [&second, &first].map(Clone::clone));
    change(world.fabrikam);
    assert_eq!(behind(), [&second, &other, &first].map(Clone::clone));

    // Whether it is due by its schedule is another question.
    follow(&world, &second, world.contoso, contoso, 0);
    world
        .store
        .write(|tx| tx.delete_job(world.contoso, &first))
        .unwrap();
    assert_eq!(behind(), [second, other]);
    assert_eq!(
        told.load(Ordering::Relaxed),
        2,
        "a job's row is no change in its tenant"
    );
}

/// Made due, and failed with this code.
fn fail(world: &World, id: &JobId, tenant: TenantId, code: &str, seconds: i64) {
    world
        .store
        .write(|tx| {
            let mut job = tx.job(tenant, id)?.unwrap();
            job.next_due = Some(NOW.plus_seconds(seconds));
            job.status.quarantine = Some(Quarantine {
                reason: "EncounteredQuarantineException".to_owned(),
                series_began: NOW,
                current_began: NOW,
                series_count: 1,
                next_attempt: NOW.plus_seconds(seconds),
                error: Some((code.to_owned(), "as its message says".to_owned())),
                beneath: None,
            });
            tx.update_job(&job)
        })
        .unwrap();
}

#[test]
fn jobs_that_failed_with_a_code_are_found_slice_by_slice() {
    let world = World::new();
    let tenants = [
        world.contoso,
        world.contoso,
        world.fabrikam,
        world.contoso,
        world.fabrikam,
    ];
    let made = tenants.map(|it| (it, job(&world, it)));
    let [waits, otherwise, due, gone, last] = made;
    for ((tenant, id), code, seconds) in [
        (&waits, "Refused", 60),
        (&otherwise, "RefusedOtherwise", 60),
        (&due, "Refused", 0),
        (&gone, "Refused", 60),
        (&last, "Refused", 60),
    ] {
        fail(&world, id, *tenant, code, seconds);
    }
    let at_most = |after, limit, most| {
        let read =
            |reader: &Reader<'_>| reader.jobs_that_failed_with("Refused", NOW, after, limit, most);
        world.store.read(read).unwrap()
    };
    let slice = |after, limit| at_most(after, limit, 10);
    world
        .store
        .write(|tx| tx.delete_job(gone.0, &gone.1))
        .unwrap();
    let all = slice(None, 10);
    assert_eq!(
        (all.jobs, all.next),
        (vec![waits.clone(), last.clone()], None)
    );

    let first = slice(None, 2);
    assert_eq!(first.jobs, std::slice::from_ref(&waits));
    let second = slice(first.next, 2);
    assert_eq!(second.jobs, std::slice::from_ref(&last));
    let third = slice(second.next, 2);
    assert_eq!((third.jobs, third.next), (vec![], None));

    // Behind as many as are asked for it goes on, however many jobs are left.
    let first = at_most(None, 10, 1);
    assert_eq!(first.jobs, [waits]);
    let second = at_most(first.next, 10, 1);
    assert_eq!(second.jobs, [last]);
    let third = at_most(second.next, 10, 1);
    assert_eq!((third.jobs, third.next), (vec![], None));
}
