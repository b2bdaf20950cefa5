use serde::{Deserialize, Serialize};
use syncline_model::{CycleId, Ids, JobId, ObjectId, Timestamp};
use syncline_store::{Document, LogFilter, LogPage, LogRow, Reader, Tx};

use crate::links::job;
use crate::world::{NOW, World};

fn events(world: &World, job: &JobId, count: i64) -> Vec<ObjectId> {
    let rows: Vec<LogRow> = (0..count)
        .map(|second| LogRow {
            id: world.ids.object_id(),
            job: job.clone(),
            cycle: CycleId(world.ids.random_uuid()),
            change: world.ids.object_id(),
            at: NOW.plus_seconds(second),
            duration_ms: 1,
            evidence: vec![1, 2, 3],
        })
        .collect();
    world
        .store
        .write(|tx| tx.append_log(world.contoso, job, &rows))
        .unwrap();
    rows.into_iter().map(|row| row.id).collect()
}

fn read(
    world: &World,
    filter: &LogFilter,
    before: Option<ObjectId>,
    limit: usize,
) -> Vec<ObjectId> {
    let page = world
        .store
        .read(|reader| reader.log(world.contoso, filter, before, limit))
        .unwrap();
    page.rows.into_iter().map(|row| row.id).collect()
}

#[test]
fn newest_first_in_pages() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let mut ids = events(&world, &job, 5);
    ids.reverse();
    let first = read(&world, &LogFilter::default(), None, 3);
    assert_eq!(first, ids[..3]);
    assert_eq!(
        read(&world, &LogFilter::default(), first.last().copied(), 3),
        ids[3..]
    );
}

#[test]
fn some_events_are_read_by_their_ids_in_the_order_asked() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let ids = events(&world, &job, 3);
    let nobody = world.ids.object_id();
    let asked = [ids[2], nobody, ids[0]];
    let read = |tenant| {
        let rows = world.store.read(|reader| reader.log_events(tenant, &asked));
        let rows = rows.unwrap().into_iter();
        rows.map(|row| row.map(|row| row.id)).collect::<Vec<_>>()
    };
    assert_eq!(read(world.contoso), [Some(ids[2]), None, Some(ids[0])]);
    assert_eq!(read(world.fabrikam), [None; 3], "another tenant's");
}

#[test]
fn oldest_first_too() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let ids = events(&world, &job, 3);
    let rows = world
        .store
        .read(|reader| reader.log_ascending(world.contoso, &LogFilter::default(), None, 10))
        .unwrap()
        .rows;
    assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), ids);
    assert_eq!(rows[0].job, job);
}

#[test]
fn limited_to_a_job_and_a_time() {
    let world = World::new();
    let (one, other) = (job(&world, world.contoso), job(&world, world.contoso));
    let ids = events(&world, &one, 4);
    events(&world, &other, 4);
    let filter = LogFilter {
        job: Some(one),
        from: Some(NOW.plus_seconds(1)),
        until: Some(NOW.plus_seconds(2)),
    };
    assert_eq!(read(&world, &filter, None, 10), [ids[2], ids[1]]);
}

/// One that was deleted and made again, twice, while the clocks of those who wrote were apart.
#[test]
fn all_jobs_that_had_an_id_have_one_log_in_order() {
    let world = World::new();
    let (contoso, store) = (world.contoso, &world.store);
    let job = job(&world, contoso);
    let body = |tx: &syncline_store::Tx<'_>| tx.job(contoso, &job).map(Option::unwrap);
    let mut all = Vec::new();
    for made in [[0, 2, 9], [4, 5, 6], [8, 10, 11]] {
        all.extend(made.map(|at| (at, event(&world, &job, at, at))));
        let again = store.write(|tx| {
            let body = body(tx)?;
            tx.delete_job(contoso, &job)?;
            tx.insert_job(&body)
        });
        again.unwrap();
    }
    events(&world, &crate::links::job(&world, contoso), 5);
    all.sort_unstable();
    let ascending: Vec<ObjectId> = all.iter().map(|(_, id)| *id).collect();
    let descending: Vec<ObjectId> = ascending.iter().rev().copied().collect();
    let filter = LogFilter {
        job: Some(job.clone()),
        ..LogFilter::default()
    };
    for limit in 1..=10 {
        for (newest_first, expected) in [(true, &descending), (false, &ascending)] {
            let (mut found, mut beyond): (Vec<ObjectId>, _) = (Vec::new(), None);
            loop {
                let page = store.read(|reader| match newest_first {
                    true => reader.log(contoso, &filter, beyond, limit),
                    false => reader.log_ascending(contoso, &filter, beyond, limit),
                });
                let page: Vec<ObjectId> = page.unwrap().rows.iter().map(|row| row.id).collect();
                beyond = page.last().copied();
                found.extend(&page);
                if page.len() < limit {
                    break;
                }
            }
            assert_eq!(&found, expected, "{limit} at a time");
        }
    }
    let between = LogFilter {
        from: Some(NOW.plus_seconds(2)),
        until: Some(NOW.plus_seconds(8)),
        ..filter.clone()
    };
    assert_eq!(read(&world, &between, None, 10), descending[3..8]);

    store.write(|tx| tx.delete_job(contoso, &job)).unwrap();
    assert_eq!(read(&world, &filter, None, 10), descending);
    let known = |tenant| store.read(|reader| reader.knows_job(tenant, &job)).unwrap();
    assert_eq!((known(contoso), known(world.fabrikam)), (true, false));
    let nobody = LogFilter {
        job: Some(JobId("nobody".to_owned())),
        ..LogFilter::default()
    };
    assert_eq!(read(&world, &nobody, None, 10), []);
}

#[test]
fn as_many_events_are_read_at_once_as_have_room() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let ids = events(&world, &job, 5);
    let filter = LogFilter {
        job: Some(job),
        ..LogFilter::default()
    };
    let fitting = |beyond, descending, limit, bytes| {
        let (tenant, filter) = (world.contoso, &filter);
        let fitting = world
            .store
            .read(|reader| reader.log_fitting(tenant, filter, beyond, descending, limit, bytes));
        fitting.unwrap()
    };
    // Three bytes each.
    for descending in [true, false] {
        assert_eq!(fitting(None, descending, 10, 15), 10);
        assert_eq!(fitting(None, descending, 10, 14), 4);
        assert_eq!(fitting(None, descending, 10, 1), 1);
        assert_eq!(fitting(None, descending, 3, 9), 3);
    }
    assert_eq!(fitting(Some(ids[2]), true, 10, 5), 1);
    assert_eq!(fitting(Some(ids[2]), true, 10, 6), 10);
}

/// Its id may be made long before it ends, or be ahead of a clock that was set back.
#[test]
fn an_event_is_found_by_its_time_whenever_its_id_was_made_that_day() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let hour = 60 * 60;
    let early = event(&world, &job, -23 * hour, 0);
    let late = event(&world, &job, 23 * hour, 0);
    event(&world, &job, 0, 1);
    event(&world, &job, 0, -1);
    let filter = LogFilter {
        job: None,
        from: Some(NOW),
        until: Some(NOW),
    };
    assert_eq!(read(&world, &filter, None, 10), [late, early]);
    assert_eq!(read(&world, &filter, Some(late), 10), [early]);
    let ascending = |after| {
        let rows = world
            .store
            .read(|reader| reader.log_ascending(world.contoso, &filter, after, 10));
        let rows = rows.unwrap().rows.into_iter();
        rows.map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(ascending(None), [early, late]);
    assert_eq!(ascending(Some(early)), [late]);
}

#[test]
fn an_event_is_found_by_its_time_however_far_the_clock_was_set_back() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let day = 24 * 60 * 60;
    let filter = LogFilter {
        job: None,
        from: None,
        until: Some(NOW),
    };
    for (made, ended) in [(3, -4), (3, -1), (30, 0), (2, 0)] {
        let found = event(&world, &job, made * day, ended);
        event(&world, &job, made * day, 1);
        let rows = read(&world, &filter, None, 10);
        assert!(rows.contains(&found), "{made} days ahead");
    }
    assert_eq!(read(&world, &filter, None, 10).len(), 4);
}

/// Those that were made within a day before, and those of a clock that was set back by days.
#[test]
fn a_page_looks_at_no_more_events_than_were_asked_for_whatever_their_times() {
    const AT_ONCE: usize = 8;
    let world = World::new();
    let job = job(&world, world.contoso);
    let hour = 60 * 60;
    for second in 0..20 {
        event(&world, &job, second - hour, second - hour);
        event(&world, &job, 72 * hour + second, hour);
    }
    let found = event(&world, &job, 0, 0);
    event(&world, &job, 73 * hour, -hour);
    for of_job in [None, Some(job)] {
        let filter = LogFilter {
            job: of_job,
            from: Some(NOW),
            until: Some(NOW),
        };
        for newest_first in [true, false] {
            let (mut rows, mut looked_at, mut beyond) = (Vec::new(), Vec::new(), None);
            loop {
                let page = world.store.read(|reader| match newest_first {
                    true => reader.log(world.contoso, &filter, beyond, AT_ONCE),
                    false => reader.log_ascending(world.contoso, &filter, beyond, AT_ONCE),
                });
                let page = page.unwrap();
                looked_at.push(page.looked_at);
                beyond = page.last;
                rows.extend(page.rows.iter().map(|row| row.id));
                if page.looked_at < AT_ONCE {
                    break;
                }
            }
            assert_eq!(rows, [found]);
            assert_eq!(looked_at, [8, 8, 8, 8, 8, 2]);
        }
    }
}

#[test]
fn times_at_the_ends_of_what_can_be_told_leave_nothing_out() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let ids = events(&world, &job, 2);
    let filter = LogFilter {
        job: None,
        from: Some(Timestamp(i64::MIN)),
        until: Some(Timestamp(i64::MAX)),
    };
    assert_eq!(read(&world, &filter, None, 10), [ids[1], ids[0]]);
}

#[test]
fn the_greatest_id_is_that_of_whichever_tenant_has_it() {
    let world = World::new();
    let greatest = || world.store.read(|reader| reader.greatest_log_id()).unwrap();
    assert_eq!(greatest(), None);
    let ours = job(&world, world.contoso);
    let ahead = event(&world, &ours, 40 * 24 * 60 * 60, 0);
    events(&world, &ours, 2);
    assert_eq!(greatest(), Some(ahead));
    let theirs = job(&world, world.fabrikam);
    let row = LogRow {
        id: world.ids.object_id(),
        job: theirs.clone(),
        cycle: CycleId(world.ids.random_uuid()),
        change: world.ids.object_id(),
        at: NOW,
        duration_ms: 1,
        evidence: Vec::new(),
    };
    let append = |tx: &mut Tx<'_>| tx.append_log(world.fabrikam, &theirs, &[row]);
    world.store.write(append).unwrap();
    assert_eq!(greatest(), Some(ahead));
}

#[test]
fn another_tenant_sees_nothing_of_it() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let ids = events(&world, &job, 1);
    let rows = world
        .store
        .read(|reader| reader.log(world.fabrikam, &LogFilter::default(), None, 10))
        .unwrap();
    assert_eq!(rows, LogPage::default());
    assert_eq!(
        world
            .store
            .read(|reader| reader.log_event(world.fabrikam, ids[0]))
            .unwrap(),
        None
    );
}

/// An event made at one second after [`NOW`], which ended at another.
fn event(world: &World, job: &JobId, made: i64, ended: i64) -> ObjectId {
    let milliseconds = u64::try_from(NOW.plus_seconds(made).milliseconds()).unwrap();
    let mut id = *world.ids.object_id().as_bytes();
    id[..6].copy_from_slice(&milliseconds.to_be_bytes()[2..]);
    let row = LogRow {
        id: ObjectId::from_bytes(id),
        job: job.clone(),
        cycle: CycleId(world.ids.random_uuid()),
        change: world.ids.object_id(),
        at: NOW.plus_seconds(ended),
        duration_ms: 1,
        evidence: Vec::new(),
    };
    let row = std::slice::from_ref(&row);
    world
        .store
        .write(|tx| tx.append_log(world.contoso, job, row))
        .unwrap();
    row[0].id
}

/// When sweeps are made: no id of these tests is of a later time, unless it says so.
const LATER: Timestamp = Timestamp(NOW.0 + 365 * 24 * 60 * 60 * 10_000_000);

#[test]
fn the_oldest_go_first_a_slice_at_a_time() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let ids: Vec<ObjectId> = (0..5).map(|at| event(&world, &job, at, at)).collect();
    let sweep = |limit: usize| {
        world
            .store
            .write(|tx| tx.sweep_log(world.contoso, NOW.plus_seconds(4), LATER, limit))
            .unwrap()
    };
    assert_eq!(sweep(3), 3);
    assert_eq!(
        read(&world, &LogFilter::default(), None, 10),
        [ids[4], ids[3]]
    );
    assert_eq!(sweep(3), 1, "the one that ended at that moment stays");
    assert_eq!(sweep(3), 0);
    assert_eq!(read(&world, &LogFilter::default(), None, 10), ids[4..]);
}

#[test]
fn what_ended_later_stays_and_what_was_made_later_is_not_looked_at() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let slow = event(&world, &job, 0, 60);
    let old = event(&world, &job, 1, 2);
    let by_a_clock_that_went_back = event(&world, &job, 60, 3);
    let sweep = |second: i64| {
        world
            .store
            .write(|tx| tx.sweep_log(world.contoso, NOW.plus_seconds(second), LATER, 10))
            .unwrap();
        read(&world, &LogFilter::default(), None, 10)
    };
    assert!(read(&world, &LogFilter::default(), None, 10).contains(&old));
    assert_eq!(sweep(30), [by_a_clock_that_went_back, slow]);
    assert_eq!(sweep(60), [by_a_clock_that_went_back, slow]);
    assert!(sweep(61).is_empty());
}

/// A clock was two years ahead, and put right; its ids go on from there.
#[test]
fn what_is_old_goes_also_when_its_id_is_of_a_time_to_come() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let day = 24 * 60 * 60;
    let (before, ahead) = (event(&world, &job, 0, 0), 730 * day);
    let ids: Vec<ObjectId> = (1..=4)
        .map(|at| event(&world, &job, ahead + at, at * day))
        .collect();
    let sweep = |before: i64, now: i64| {
        let (before, now) = (NOW.plus_seconds(before), NOW.plus_seconds(now));
        let has = |reader: &Reader<'_>| reader.has_expired_log(world.contoso, before, now);
        let has = world.store.read(has).unwrap();
        let sweep = |tx: &mut Tx<'_>| tx.sweep_log(world.contoso, before, now, 2);
        let removed = world.store.write(sweep).unwrap();
        assert_eq!(has, removed > 0);
        removed
    };
    assert_eq!(sweep(0, 30 * day), 0);
    // What stands in the log by itself, and one behind the accident.
    assert_eq!(sweep(day + 1, 31 * day), 2);
    assert_eq!(
        read(&world, &LogFilter::default(), None, 10).last(),
        Some(&ids[1])
    );
    assert_eq!(sweep(4 * day, 34 * day), 2);
    assert_eq!(sweep(4 * day, 34 * day), 0);
    assert_eq!(read(&world, &LogFilter::default(), None, 10), [ids[3]]);
    // Of a time that was: its id may be right, and its time wrong.
    assert_eq!(sweep(5 * day, ahead + day), 0);
    assert_eq!(sweep(ahead + day, ahead + day), 1);
    assert!(!read(&world, &LogFilter::default(), None, 10).contains(&before));
}

/// Of two jobs, one's page was written while the clock was ahead, and the other's, begun before, when it was right again.
#[test]
fn what_tells_a_time_to_come_itself_is_in_the_way_of_nothing_that_is_old() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let day = 24 * 60 * 60;
    let ahead = 730 * day;
    event(&world, &job, ahead, 0);
    let wrong = event(&world, &job, ahead + 1, ahead + 1);
    event(&world, &job, ahead + 2, day);
    let mut removed = 0;
    for at in [2 * day, 3 * day] {
        let (before, now) = (NOW.plus_seconds(at), NOW.plus_seconds(at + 30 * day));
        let has = |reader: &Reader<'_>| reader.has_expired_log(world.contoso, before, now);
        if world.store.read(has).unwrap() {
            let sweep = |tx: &mut Tx<'_>| tx.sweep_log(world.contoso, before, now, 1);
            removed += world.store.write(sweep).unwrap();
        }
    }
    assert_eq!(removed, 2);
    assert_eq!(read(&world, &LogFilter::default(), None, 10), [wrong]);
}

/// A clock was a month ahead, for a day; three months later nothing of that is left.
#[test]
fn once_all_that_a_wrong_clock_has_left_is_gone_nothing_newer_is_passed_over_on_the_way_to_a_time()
{
    let world = World::new();
    let job = job(&world, world.contoso);
    let day = 24 * 60 * 60;
    for at in 0..3 {
        event(&world, &job, 30 * day + at, at);
    }
    let last = event(&world, &job, 32 * day, day);
    let until = 70 * day;
    let found = event(&world, &job, until, until);
    // Within the month behind that time, as far as the clock was ahead.
    for at in 2..12 {
        event(&world, &job, until + at * day, until + at * day);
    }
    let filter = LogFilter {
        until: Some(NOW.plus_seconds(until)),
        ..LogFilter::default()
    };
    let passed = || {
        let page = |reader: &Reader<'_>| reader.log(world.contoso, &filter, None, 4);
        let page = world.store.read(page).unwrap();
        let rows: Vec<ObjectId> = page.rows.into_iter().map(|row| row.id).collect();
        (page.looked_at, rows)
    };
    assert_eq!(passed(), (4, Vec::new()));
    let sweep = |before: i64| {
        let (before, now) = (
            NOW.plus_seconds(before),
            NOW.plus_seconds(before + 30 * day),
        );
        let has = |reader: &Reader<'_>| reader.has_expired_log(world.contoso, before, now);
        let has = world.store.read(has).unwrap();
        let sweep = |tx: &mut Tx<'_>| tx.sweep_log(world.contoso, before, now, 3);
        (has, world.store.write(sweep).unwrap())
    };
    // A slice that is full does not know whether there are more.
    assert_eq!(sweep(31 * day), (true, 3));
    assert_eq!(sweep(31 * day), (false, 0));
    assert_eq!(passed(), (4, Vec::new()), "one is left");
    assert!(read(&world, &LogFilter::default(), None, 100).contains(&last));
    assert_eq!(sweep(33 * day), (true, 1));
    assert_eq!(passed(), (1, vec![found]));
    assert_eq!(sweep(33 * day), (false, 0));
    // Another accident is another one.
    let ahead = event(&world, &job, until + 20 * day, until);
    assert!(read(&world, &filter, None, 100).contains(&ahead));
}

/// It was noted by a version that did not note of which events it is.
#[test]
fn what_was_noted_of_a_wrong_clock_before_is_thrown_away_as_well() {
    #[derive(Serialize, Deserialize)]
    struct Before {
        seconds: i64,
    }
    impl Document for Before {
        const KIND: &'static str = "log_ahead";
    }
    let world = World::new();
    let job = job(&world, world.contoso);
    let day = 24 * 60 * 60;
    event(&world, &job, 30 * day, 0);
    let newest = event(&world, &job, 40 * day, 40 * day);
    let noted = Before { seconds: 30 * day };
    let put = |tx: &mut Tx<'_>| tx.put_document(Some(world.contoso), "", &noted, None);
    world.store.write(put).unwrap();
    let is_noted = || {
        let noted = |it: &Reader<'_>| it.document::<Before>(Some(world.contoso), "");
        world.store.read(noted).unwrap().is_some()
    };
    let sweep = |before: i64| {
        let before = NOW.plus_seconds(before);
        let has = |reader: &Reader<'_>| reader.has_expired_log(world.contoso, before, LATER);
        let has = world.store.read(has).unwrap();
        let sweep = |tx: &mut Tx<'_>| tx.sweep_log(world.contoso, before, LATER, 9);
        (has, world.store.write(sweep).unwrap())
    };
    // Of which it is at most is known then.
    assert_eq!(sweep(31 * day), (true, 1));
    assert_eq!(sweep(31 * day), (false, 0));
    assert!(is_noted());
    assert_eq!(
        read(&world, &LogFilter::default(), None, 10),
        [newest],
        "what is right stays"
    );
    assert_eq!(sweep(42 * day), (true, 1));
    assert!(!is_noted());
    assert_eq!(sweep(42 * day), (false, 0));
}

/// Both logs may even hold an event of the same id.
#[test]
fn a_sweep_takes_nothing_from_another_tenants_log() {
    let world = World::new();
    let ours = job(&world, world.contoso);
    let theirs = job(&world, world.fabrikam);
    let old = event(&world, &ours, 0, 0);
    let logs = || {
        let all = LogFilter::default();
        [world.contoso, world.fabrikam].map(|tenant| {
            let rows = world
                .store
                .read(|reader| reader.log(tenant, &all, None, 10));
            rows.unwrap().looked_at
        })
    };
    world
        .store
        .write(|tx| {
            let mut row = tx.log_event(world.contoso, old)?.unwrap();
            row.job = theirs.clone();
            tx.append_log(world.fabrikam, &theirs, &[row])
        })
        .unwrap();
    assert_eq!(logs(), [1, 1]);
    for (tenant, left) in [(world.contoso, [0, 1]), (world.fabrikam, [0, 0])] {
        let later = NOW.plus_seconds(9);
        let swept = world
            .store
            .write(|tx| tx.sweep_log(tenant, later, LATER, 10));
        assert_eq!((swept.unwrap(), logs()), (1, left));
    }
}
