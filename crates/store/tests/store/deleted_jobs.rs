//! What becomes of the rows of a job that was deleted.

use syncline_model::link::LinkState;
use syncline_model::{Attr, CycleId, EntityKind, Entry, Ids, JobId, Link, ObjectId};
use syncline_store::{
    Escrow, LogFacts, LogFilter, LogRow, MembershipsDue, ObjectState, RULES, Staged, SweptJobs,
    Tombstones, WaitingReference,
};

use crate::links::job;
use crate::world::{NOW, World};

const USER: EntityKind = EntityKind::User;

/// Gives a job so many rows of each kind, and one in the log. Linked are people who are there.
pub fn filled(world: &World, people: usize) -> JobId {
    let job = job(world, world.contoso);
    let tenant = world.contoso;
    let sources: Vec<ObjectId> = (0..people)
        .map(|number| world.user(tenant, &format!("P{number}")))
        .collect();
    world
        .store
        .write(|tx| {
            for source in &sources {
                let link = Link {
                    source: *source,
                    target: world.ids.object_id(),
                    kind: USER,
                    state: LinkState::Live,
                    since: NOW,
                    matching: 0,
                    was_released: false,
                };
                tx.put_links(tenant, &job, &[link])?;
                let escrow = Escrow {
                    source: *source,
                    kind: USER,
                    first_failed: NOW,
                    attempts: 1,
                    next_attempt: NOW,
                    failure: "{}".to_owned(),
                    waits_for: None,
                };
                tx.put_escrows(tenant, &job, &[escrow])?;
                let staged = Staged {
                    source: *source,
                    kind: USER,
                    held: true,
                    staged_at: NOW,
                };
                tx.put_staged(tenant, &job, &[staged])?;
                let waiting = WaitingReference {
                    waits_for: *source,
                    source: *source,
                    kind: USER,
                    attr: Attr::MANAGER,
                };
                tx.insert_waiting(tenant, &job, &[waiting])?;
                tx.wake_waiting(tenant, &job, &[*source])?;
                tx.put_memberships_due(tenant, &job, &[MembershipsDue::of(USER, *source)])?;
            }
            tx.note_evaluated(tenant, &job, &sources)?;
            let event = LogRow {
                id: world.ids.object_id(),
                job: job.clone(),
                cycle: CycleId(world.ids.random_uuid()),
                change: world.ids.object_id(),
                at: NOW,
                duration_ms: 1,
                evidence: vec![1],
            };
            tx.append_log(tenant, &job, &[event])
        })
        .unwrap();
    job
}

/// All rules hold; says how many rows were looked at.
fn sound(world: &World) -> u64 {
    let look = |rule| {
        let page = world
            .store
            .read(|reader| reader.check_rule(rule, None, 1000))
            .unwrap();
        assert_eq!(page.broken, Vec::<String>::new(), "{}", rule.wrong);
        page.looked_at
    };
    RULES.iter().map(look).sum()
}

fn swept(world: &World, limit: usize) -> SweptJobs {
    world
        .store
        .write(|tx| tx.sweep_deleted_jobs(world.contoso, limit, NOW.plus_seconds(60)))
        .unwrap()
}

fn has_left(world: &World) -> bool {
    world
        .store
        .read(|reader| reader.has_left_jobs(world.contoso))
        .unwrap()
}

#[test]
fn the_rows_of_a_deleted_job_go_in_slices_and_its_name_with_its_log() {
    let world = World::new();
    let before = sound(&world);
    let gone = filled(&world, 3);
    let kept = filled(&world, 2);
    let (contoso, store) = (world.contoso, &world.store);
    assert!(!has_left(&world));
    let nothing = SweptJobs {
        removed: 0,
        more: false,
    };
    assert_eq!(swept(&world, 100), nothing, "of a job that is there");

    store.write(|tx| tx.delete_job(contoso, &gone)).unwrap();
    assert!(has_left(&world));
    // Seven kinds of rows, three of each, and the job.
    let mut removed = 0;
    loop {
        sound(&world);
        let slice = swept(&world, 2);
        assert!(slice.removed <= 2);
        removed += slice.removed;
        if !slice.more {
            break;
        }
    }
    assert_eq!(removed, 22);
    let filter = LogFilter::default();
    let log = || {
        store
            .read(|reader| reader.log(contoso, &filter, None, 10))
            .unwrap()
    };
    let names: Vec<JobId> = log().rows.into_iter().map(|row| row.job).collect();
    assert!(names.contains(&gone), "the log knows its name");
    assert!(!has_left(&world), "nothing that can go now");

    // With the log goes the name; the other job has all that it had.
    store
        .write(|tx| tx.sweep_log(contoso, NOW.plus_seconds(1), NOW.plus_seconds(1), 10))
        .unwrap();
    assert!(has_left(&world));
    assert_eq!(swept(&world, 100).removed, 1);
    assert!(!has_left(&world));
    let links = store.read(|reader| reader.links(contoso, &kept, None, 10));
    assert_eq!(links.unwrap().len(), 2);
    assert!(sound(&world) > before);
}

/// Whoever failed because the deleted job had them; of a tenant beside this one nobody is woken.
#[test]
fn whom_a_deleted_job_kept_is_due_in_the_others() {
    let world = World::new();
    let gone = filled(&world, 3);
    let other = job(&world, world.contoso);
    let theirs = job(&world, world.fabrikam);
    let (contoso, store) = (world.contoso, &world.store);
    let mut links = store
        .read(|reader| reader.links(contoso, &gone, None, 10))
        .unwrap();
    let sources: Vec<ObjectId> = links.iter().map(|link| link.source).collect();
    let later = NOW.plus_seconds(3600);
    links[1].state = LinkState::Released;
    let rows: Vec<Escrow> = sources
        .iter()
        .map(|source| Escrow {
            source: *source,
            kind: USER,
            first_failed: NOW,
            attempts: 1,
            next_attempt: later,
            failure: "{}".to_owned(),
            waits_for: None,
        })
        .collect();
    let held: Vec<MembershipsDue> = sources
        .iter()
        .map(|source| MembershipsDue {
            not_before: MembershipsDue::HELD,
            ..MembershipsDue::of(USER, *source)
        })
        .collect();
    store
        .write(|tx| {
            tx.put_links(contoso, &gone, &links[1..2])?;
            tx.put_memberships_due(contoso, &other, &held)?;
            tx.put_memberships_due(world.fabrikam, &theirs, &held)?;
            tx.put_escrows(contoso, &other, &rows)?;
            tx.put_escrows(world.fabrikam, &theirs, &rows)?;
            tx.delete_job(contoso, &gone)
        })
        .unwrap();
    while swept(&world, 2).more {}
    let due = |tenant, job: &JobId| -> Vec<ObjectId> {
        let rows = store
            .read(|reader| reader.due_escrows(tenant, job, later.plus_seconds(-1), later, None, 9));
        rows.unwrap().into_iter().map(|row| row.source).collect()
    };
    assert_eq!(due(contoso, &other), [sources[0], sources[2]]);
    assert_eq!(due(world.fabrikam, &theirs), []);
    // Nor does it hold anybody's removal any more.
    let held = |tenant, job: &JobId| {
        let rows = store.read(|reader| reader.memberships_held(tenant, job, None, 9));
        rows.unwrap().len()
    };
    assert_eq!(held(contoso, &other), 0);
    assert_eq!(held(world.fabrikam, &theirs), 3);
}

/// A slice has as many links as there are few jobs to ask whom they failed for.
#[test]
fn a_slice_of_links_is_short_where_many_jobs_failed() {
    const FAILING: usize = 100;
    const LINKS: usize = 250;
    let world = World::new();
    let (contoso, store) = (world.contoso, &world.store);
    let gone = job(&world, contoso);
    let failing: Vec<JobId> = (0..FAILING).map(|_| job(&world, contoso)).collect();
    let mut sources: Vec<ObjectId> = (0..LINKS).map(|_| world.ids.object_id()).collect();
    sources.sort_unstable();
    let links: Vec<Link> = sources
        .iter()
        .map(|source| Link {
            source: *source,
            target: world.ids.object_id(),
            kind: USER,
            state: LinkState::Live,
            since: NOW,
            matching: 0,
            was_released: false,
        })
        .collect();
    let given_up = |source: ObjectId| Escrow {
        waits_for: None,
        source,
        kind: USER,
        first_failed: NOW,
        attempts: 1,
        next_attempt: Escrow::NEVER,
        failure: "{}".to_owned(),
    };
    let rows = [sources[0], sources[LINKS - 1]].map(given_up);
    store
        .write(|tx| {
            tx.put_links(contoso, &gone, &links)?;
            for other in &failing {
                tx.put_escrows(contoso, other, &rows)?;
            }
            tx.delete_job(contoso, &gone)
        })
        .unwrap();
    let left = |job: &JobId| {
        let count = store.read(|reader| reader.count_given_up(contoso, job));
        count.unwrap()
    };
    let told = |removed, more| SweptJobs { removed, more };
    assert_eq!(swept(&world, 1000), told(198, true));
    assert_eq!([left(&failing[0]), left(&failing[FAILING - 1])], [1, 1]);
    // The rest, the job and its name.
    assert_eq!(swept(&world, 1000), told(52 + 2, false));
    assert_eq!([left(&failing[0]), left(&failing[FAILING - 1])], [0, 0]);
    assert!(!has_left(&world));
}

#[test]
fn what_is_noted_for_the_log_of_a_job_goes_with_the_last_name_that_it_had() {
    let world = World::new();
    let job = filled(&world, 1);
    let (contoso, store) = (world.contoso, &world.store);
    let facts = LogFacts {
        target_tenant: "target".to_owned(),
        ..LogFacts::default()
    };
    let entry = store
        .read(|reader| reader.log(contoso, &LogFilter::default(), None, 1))
        .unwrap()
        .rows
        .remove(0);
    let noted = || {
        let past = store.read(|reader| reader.past_log_facts(contoso, &job));
        past.unwrap().of(entry.id).cloned()
    };
    assert_eq!(noted(), None);
    store
        .write(|tx| {
            let body = tx.job(contoso, &job)?.unwrap();
            tx.end_log_facts(contoso, &job, &facts)?;
            // They are of what is there already, and stay as they are.
            tx.end_log_facts(contoso, &job, &LogFacts::default())?;
            tx.delete_job(contoso, &job)?;
            tx.insert_job(&body)?;
            tx.end_log_facts(contoso, &job, &LogFacts::default())?;
            tx.sweep_log(contoso, NOW.plus_seconds(1), NOW.plus_seconds(1), 10)
        })
        .unwrap();
    while swept(&world, 100).more {}
    assert_eq!(noted(), Some(facts.clone()), "another job has the name");
    store.write(|tx| tx.delete_job(contoso, &job)).unwrap();
    while swept(&world, 100).more {}
    assert_eq!(noted(), None);
    assert!(!has_left(&world));
}

#[test]
fn jobs_without_rows_are_swept_few_at_a_time_too() {
    let world = World::new();
    for _ in 0..5 {
        let gone = job(&world, world.contoso);
        world
            .store
            .write(|tx| tx.delete_job(world.contoso, &gone))
            .unwrap();
    }
    // Two of them and their names: each took a statement for each table.
    let slices: Vec<SweptJobs> = (0..3).map(|_| swept(&world, 16)).collect();
    let told = |removed, more| SweptJobs { removed, more };
    assert_eq!(slices, [told(4, true), told(4, true), told(2, false)]);
    assert!(!has_left(&world));
}

#[test]
fn a_deleted_job_keeps_no_trace_of_whom_it_was_linked_to() {
    let world = World::new();
    let gone = filled(&world, 1);
    let (contoso, store) = (world.contoso, &world.store);
    let link = store
        .read(|reader| reader.links(contoso, &gone, None, 10))
        .unwrap()
        .remove(0);
    store
        .write(|tx| {
            let entry = tx.object(contoso, link.source)?.unwrap().entry;
            tx.move_objects(contoso, &[entry], ObjectState::Purged, NOW)
        })
        .unwrap();
    let traces = || {
        let newest = store.read(|reader| reader.sequence(contoso)).unwrap();
        store
            .write(|tx| tx.remove_tombstones(contoso, 0, newest))
            .unwrap()
    };
    let until = store.read(|reader| reader.sequence(contoso)).unwrap();
    let linked = Tombstones {
        removed: 0,
        left: true,
        until,
    };
    assert_eq!(traces(), linked);
    store.write(|tx| tx.delete_job(contoso, &gone)).unwrap();
    let let_go = Tombstones {
        removed: 1,
        left: false,
        until,
    };
    assert_eq!(traces(), let_go);
    sound(&world);
}

#[test]
fn tombstones_of_whom_a_job_has_let_go_are_found_again_among_so_many_objects() {
    let world = World::new();
    let job = filled(&world, 2);
    let (contoso, store) = (world.contoso, &world.store);
    let links = store
        .read(|reader| reader.links(contoso, &job, None, 10))
        .unwrap();
    let linked = &links[..2];
    let from = store.read(|reader| reader.sequence(contoso)).unwrap();
    for link in linked {
        store
            .write(|tx| {
                let entry = tx.object(contoso, link.source)?.unwrap().entry;
                tx.move_objects(contoso, &[entry], ObjectState::Purged, NOW)
            })
            .unwrap();
    }
    let newest = store.read(|reader| reader.sequence(contoso)).unwrap();
    let end = |after, limit| {
        store
            .read(|reader| reader.end_of_object_changes(contoso, after, newest + 7, limit))
            .unwrap()
    };
    assert_eq!((end(from, 1), end(from, 2)), (newest - 1, newest));
    assert_eq!(end(from, 3), newest + 7, "there are not so many");
    let again = |after, until| {
        store
            .write(|tx| tx.remove_tombstones_let_go(contoso, after, until))
            .unwrap()
    };
    let told = |removed, left, until| Tombstones {
        removed,
        left,
        until,
    };
    assert_eq!(again(from, newest), told(0, true, newest));
    store
        .write(|tx| tx.delete_links(contoso, &job, &[linked[1].source]))
        .unwrap();
    assert_eq!(
        again(from, newest - 1),
        told(0, true, newest - 1),
        "the first is linked"
    );
    assert_eq!(again(newest - 1, newest), told(1, false, newest));
    assert_eq!(again(newest - 1, newest), told(0, false, newest));
}

/// A slice is as long as there are few jobs to ask, and those that are gone are not asked.
#[test]
fn a_slice_of_tombstones_is_short_where_many_jobs_are_asked_and_long_where_they_are_gone() {
    const TOMBSTONES: u64 = 250;
    let world = World::new();
    let (contoso, store) = (world.contoso, &world.store);
    let jobs: Vec<JobId> = (0..100).map(|_| job(&world, contoso)).collect();
    let from = store.read(|reader| reader.sequence(contoso)).unwrap();
    let ids: Vec<ObjectId> = (0..TOMBSTONES).map(|_| world.ids.object_id()).collect();
    let entries: Vec<Entry> = ids.iter().map(|id| Entry::new(USER, *id)).collect();
    store
        .write(|tx| {
            tx.insert_objects(contoso, &entries, NOW)?;
            tx.move_objects(contoso, &entries, ObjectState::Purged, NOW)?;
            // The last job is linked to the first of them.
            let link = Link {
                source: ids[0],
                target: world.ids.object_id(),
                kind: USER,
                state: LinkState::Live,
                since: NOW,
                matching: 0,
                was_released: false,
            };
            tx.put_links(contoso, &jobs[99], &[link])
        })
        .unwrap();
    let newest = store.read(|reader| reader.sequence(contoso)).unwrap();
    let first = newest - TOMBSTONES;
    let slice = |after| {
        store
            .write(|tx| tx.remove_tombstones(contoso, after, newest + 7))
            .unwrap()
    };
    let told = |removed, left, until| Tombstones {
        removed,
        left,
        until,
    };
    assert_eq!(slice(from), told(197, true, first + 198));
    store
        .write(|tx| jobs.iter().try_for_each(|job| tx.delete_job(contoso, job)))
        .unwrap();
    // One of the first slice, and all that came after it.
    assert_eq!(slice(from), told(53, false, newest + 7));
    sound(&world);
}
