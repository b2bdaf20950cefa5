use syncline_model::policy::PolicyRefusal;
use syncline_model::{EntityKind, Ids, JobId, ObjectId, Timestamp};
use syncline_store::{Escrow, Store, StoreError};

use crate::layouts::{CONTOSO, dumps, key_in, say};
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
        waits_for: None,
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

#[test]
fn whoever_failed_or_is_tried_again_since_a_moment_is_told_in_pages() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let ids: Vec<ObjectId> = (0..6).map(|_| world.ids.object_id()).collect();
    let (before, after) = (NOW.plus_seconds(-1), NOW.plus_seconds(1));
    let times = [
        (before, before),
        (NOW, NOW),
        (before, after),
        (before, Escrow::NEVER),
        (NOW, Escrow::NEVER),
        (before, NOW),
    ];
    let rows = ids.iter().zip(times);
    let rows = rows.map(|(id, (first_failed, next_attempt))| Escrow {
        first_failed,
        next_attempt,
        ..escrow(*id)
    });
    put(&world, &job, &rows.collect::<Vec<_>>());
    let page = |behind| {
        let rows = world
            .store
            .read(|it| it.escrows_since(world.contoso, &job, NOW, behind, 3));
        let rows = rows.unwrap().into_iter();
        rows.map(|row| row.source).collect::<Vec<_>>()
    };
    assert_eq!(page(None), [ids[1], ids[2], ids[4]]);
    assert_eq!(page(Some(ids[4])), [ids[5]]);

    // And all of them, whenever it was.
    let page = |behind| {
        let rows = world
            .store
            .read(|it| it.escrows(world.contoso, &job, behind, 4));
        let rows = rows.unwrap().into_iter();
        rows.map(|row| row.source).collect::<Vec<_>>()
    };
    assert_eq!(page(None), ids[..4]);
    assert_eq!(page(Some(ids[3])), ids[4..]);
}

#[test]
fn escrows_are_reset_so_many_at_a_time() {
    let world = World::new();
    let (mine, other) = (job(&world, world.contoso), job(&world, world.contoso));
    let mut ids: Vec<ObjectId> = (0..5).map(|_| world.ids.object_id()).collect();
    ids.sort_unstable();
    let rows: Vec<Escrow> = ids
        .iter()
        .map(|id| Escrow {
            next_attempt: Escrow::NEVER,
            ..escrow(*id)
        })
        .collect();
    put(&world, &mine, &rows);
    put(&world, &other, &rows);
    let given_up = |job: &JobId| {
        let count = world.store.read(|it| it.count_given_up(world.contoso, job));
        count.unwrap()
    };
    let now = NOW.plus_seconds(7);
    let (mut after, mut slices) = (None, Vec::new());
    loop {
        after = world
            .store
            .write(|tx| tx.reset_escrows(world.contoso, &mine, now, after, 2))
            .unwrap();
        slices.push(given_up(&mine));
        if after.is_none() {
            break;
        }
    }
    assert_eq!(slices, [3, 1, 0]);
    assert_eq!(given_up(&other), 5);
    let due = world
        .store
        .read(|it| it.due_escrows(world.contoso, &mine, now, now, None, 10))
        .unwrap();
    assert!(
        due.iter()
            .all(|it| (it.first_failed, it.attempts, it.next_attempt) == (now, 0, now))
    );
    assert_eq!(due.len(), 5);
}

#[test]
fn what_waits_to_be_let_in_is_always_due_and_is_not_among_those_to_try() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let mut ids: Vec<ObjectId> = (0..4).map(|_| world.ids.object_id()).collect();
    ids.sort_unstable();
    let waits = format!(
        r#"{{"code":"{}","reason":"no \"code\":\"Conflict\"","transient":true}}"#,
        PolicyRefusal::CODE
    );
    // Somebody may be named like that.
    let other = format!(
        r#"{{"code":"Conflict","reason":"\"code\":\"{}\"","transient":true}}"#,
        PolicyRefusal::CODE
    );
    let rows = [
        (Escrow::NEVER, &waits),
        (Escrow::NEVER, &other),
        (NOW, &waits),
        (NOW, &other),
    ];
    let rows = ids.iter().zip(rows);
    let rows = rows.map(|(id, (next_attempt, failure))| Escrow {
        next_attempt,
        failure: failure.clone(),
        ..escrow(*id)
    });
    put(&world, &job, &rows.collect::<Vec<_>>());
    let read = world.store.read(|it| {
        let due = it.due_escrows(world.contoso, &job, NOW, NOW, None, 10)?;
        let due: Vec<ObjectId> = due.into_iter().map(|row| row.source).collect();
        let to_try = it.count_escrows_to_try(world.contoso, &job)?;
        let unlinked = it.count_unlinked_escrows(world.contoso, &job)?;
        let given_up = it.count_given_up(world.contoso, &job)?;
        let rows = it.escrows(world.contoso, &job, None, 10)?;
        let are_given_up: Vec<bool> = rows.iter().map(Escrow::is_given_up).collect();
        Ok::<_, StoreError>((due, to_try, unlinked, given_up, are_given_up))
    });
    let (due, to_try, unlinked, given_up, are_given_up) = read.unwrap();
    assert_eq!(due, [ids[0], ids[2], ids[3]]);
    assert_eq!((to_try, unlinked, given_up), (1, 2, 1));
    assert_eq!(are_given_up, [false, true, false, false]);
}

#[test]
fn what_another_job_let_go_of_is_due_and_counts_anew_where_it_was_given_up() {
    let world = World::new();
    let [letting_go, waiting] = [(); 2].map(|()| job(&world, world.contoso));
    let mut ids: Vec<ObjectId> = (0..4).map(|_| world.ids.object_id()).collect();
    ids.sort_unstable();
    let (now, later) = (NOW.plus_seconds(60), NOW.plus_seconds(120));
    let rows = [Escrow::NEVER, later, NOW, later];
    let rows = ids.iter().zip(rows).map(|(id, next_attempt)| Escrow {
        next_attempt,
        ..escrow(*id)
    });
    let rows: Vec<Escrow> = rows.collect();
    for job in [&letting_go, &waiting] {
        put(&world, job, &rows);
    }
    world
        .store
        .write(|tx| tx.wake_escrows_of_other_jobs(world.contoso, &letting_go, &ids[..3], now))
        .unwrap();
    let times = |job: &JobId| -> Vec<_> {
        let rows = world
            .store
            .read(|it| it.escrows_for(world.contoso, job, &ids));
        let rows = rows.unwrap().into_iter().flatten();
        rows.map(|row| (row.first_failed, row.attempts, row.next_attempt))
            .collect()
    };
    let left = |next| (NOW, 1, next);
    let others = [(now, 0, now), left(now), left(NOW), left(later)];
    assert_eq!(times(&waiting), others);
    let own = [Escrow::NEVER, later, NOW, later].map(left);
    assert_eq!(times(&letting_go), own);
}

/// Whoever was given up counts anew; of another job beside this one, or of another tenant, nobody is woken.
#[test]
fn who_waits_for_somebody_is_woken_when_he_lets_go() {
    let world = World::new();
    let [mine, other] = [(); 2].map(|()| job(&world, world.contoso));
    let theirs = job(&world, world.fabrikam);
    let [held, kept] = [(); 2].map(|()| world.ids.object_id());
    let mut ids: Vec<ObjectId> = (0..4).map(|_| world.ids.object_id()).collect();
    ids.sort_unstable();
    let (now, later) = (NOW.plus_seconds(60), NOW.plus_seconds(3600));
    let waits = [
        (Some(held), later),
        (Some(kept), later),
        (Some(held), Escrow::NEVER),
        (None, later),
    ];
    let rows = ids
        .iter()
        .zip(waits)
        .map(|(id, (waits_for, next_attempt))| Escrow {
            waits_for,
            next_attempt,
            ..escrow(*id)
        });
    let rows: Vec<Escrow> = rows.collect();
    put(&world, &mine, &rows);
    put(&world, &other, &rows);
    let written = world.store.write(|tx| {
        tx.put_escrows(world.fabrikam, &theirs, &rows)?;
        tx.wake_escrows_waiting_for(world.contoso, &mine, &[held], now)
    });
    written.unwrap();
    let found = |tenant, job| {
        let read = world.store.read(|it| it.escrows_for(tenant, job, &ids));
        let found: Vec<Escrow> = read.unwrap().into_iter().flatten().collect();
        found
    };
    let mut woken = rows.clone();
    woken[0].next_attempt = now;
    woken[2] = Escrow {
        first_failed: now,
        attempts: 0,
        next_attempt: now,
        ..woken[2].clone()
    };
    assert_eq!(found(world.contoso, &mine), woken);
    assert_eq!(found(world.contoso, &other), rows);
    assert_eq!(found(world.fabrikam, &theirs), rows);
    let none = world
        .store
        .read(|it| it.escrows_that_do_not_say(world.contoso, &mine, "Duplicate", None, 10));
    assert_eq!(none.unwrap(), []);
}

/// Of the last layout before that, and of the one in which all of those may wait; the text of the failure alone says whom
/// they wait for.
#[test]
fn who_failed_before_rows_said_whom_they_wait_for_is_found_until_it_is_said() {
    for layout in [0, 1] {
        let (_folder, store) = failed_before(layout, "DuplicateSourceEntries");
        let job = JobId("Azure2Azure.old".to_owned());
        let found = |code: &str| {
            let found = store.read(|it| it.escrows_that_do_not_say(CONTOSO, &job, code, None, 10));
            found.unwrap()
        };
        assert!(found("Conflict").is_empty());
        let mut rows = found("DuplicateSourceEntries");
        assert_eq!((rows.len(), rows[0].waits_for), (1, None));
        rows[0].waits_for = Some(rows[0].source);
        store
            .write(|tx| tx.put_escrows(CONTOSO, &job, &rows))
            .unwrap();
        assert!(found("DuplicateSourceEntries").is_empty());
        let known = store.read(|it| it.escrows_for(CONTOSO, &job, &[rows[0].source]));
        assert_eq!(known.unwrap(), [Some(rows.remove(0))]);
    }
}

/// Somebody may be named like what others fail with.
#[test]
fn who_failed_for_another_reason_before_waits_for_nobody() {
    for layout in [0, 1] {
        for code in ["Conflict", r#"Other","reason":"DuplicateSourceEntries"#] {
            let (_folder, store) = failed_before(layout, code);
            let job = JobId("Azure2Azure.old".to_owned());
            let all = store.read(|it| it.escrows_since(CONTOSO, &job, Timestamp(0), None, 10));
            assert_eq!(all.unwrap().len(), 1);
            let code = code.split('"').next().unwrap();
            let asked = store.read(|it| it.escrows_that_do_not_say(CONTOSO, &job, code, None, 10));
            assert_eq!(asked.unwrap(), []);
        }
    }
}

/// A database in which somebody had failed with this code in the last layout in which rows did not say whom they wait for, or
/// so many layouts later.
fn failed_before(later: i64, code: &str) -> (tempfile::TempDir, Store) {
    let (kind, last) = match syncline_testkit::on_postgres() {
        true => ("postgres", 9),
        false => ("sqlite", 12),
    };
    let folder = tempfile::tempdir().unwrap();
    let (path, key) = (folder.path().join("old"), key_in(folder.path()));
    if let Some(url) = syncline_testkit::postgres_url(&path) {
        let (_, schema) = url.split_once("search_path%3D").unwrap();
        say(&path, &format!("CREATE SCHEMA {schema}"));
    }
    let dumps = dumps(kind);
    let (_, dump) = dumps.iter().find(|(of, _)| *of == last + later).unwrap();
    say(&path, dump);
    let failure = format!(r#"UPDATE escrow SET failure = '{{"code":"{code}"}}'"#);
    say(&path, &failure);
    let store = syncline_testkit::open_store(&path, &key).unwrap();
    (folder, store)
}

/// A clock was wrong by which that was noted. What was given up stays so.
#[test]
fn what_is_put_off_for_longer_than_anything_waits_is_due() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let mut ids: Vec<ObjectId> = (0..5).map(|_| world.ids.object_id()).collect();
    ids.sort_unstable();
    let latest = NOW.plus_seconds(60);
    let times = [
        NOW,
        NOW.plus_seconds(1),
        latest,
        latest.plus_seconds(1),
        Escrow::NEVER,
    ];
    let rows = ids.iter().zip(times).map(|(id, next_attempt)| Escrow {
        next_attempt,
        ..escrow(*id)
    });
    put(&world, &job, &rows.collect::<Vec<_>>());
    let page = |after| {
        let read = world
            .store
            .read(|it| it.due_escrows(world.contoso, &job, NOW, latest, after, 1));
        let rows = read.unwrap().into_iter();
        rows.map(|row| row.source).collect::<Vec<_>>()
    };
    assert_eq!(page(None), [ids[0]]);
    assert_eq!(page(Some(ids[0])), [ids[3]]);
    assert_eq!(page(Some(ids[3])), []);
}
