//! Several nodes on one PostgreSQL. On an embedded database there is one process and nothing to ask.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::sync::mpsc;
use std::thread;

use syncline_engine::evidence::ReferenceState;
use syncline_model::job::{Counts, CyclePhase, CycleReport, RunningCycle};
use syncline_model::{Clock as _, CycleId, JobId, ObjectId, Problem};
use syncline_runner::{Node, Observer, PageSizes, Progress, Runner, Silent};
use syncline_store::{NodeId, Part};

use crate::world::{AfterPage, World, after_first_page};

pub const PEOPLE: usize = 60;
/// Nobody loses a lease while a test looks.
pub const LONG: u32 = 600;
/// Who is waited for by a test waits so long.
pub const SHORT: u32 = 1;

pub fn node(world: &World, number: u128, lease_seconds: u32) -> Runner {
    as_node(world.another_process(), number, lease_seconds)
}

pub fn as_node(process: Runner, number: u128, lease_seconds: u32) -> Runner {
    let sizes = PageSizes {
        part: 10,
        ..PageSizes::fixed(4)
    };
    process
        .with_page_sizes(sizes)
        // A test that stands still between two pages is a node that does.
        .with_heartbeats(lease_seconds != SHORT)
        .with_node(Node {
            id: NodeId(uuid::Uuid::from_u128(number)),
            lease_seconds,
        })
}

pub fn run(world: &World, node: &Runner, observer: &dyn Observer) -> Result<CycleReport, Problem> {
    node.run_cycle(world.contoso.id, &world.job, observer)
}

/// A world of people with a manager each, or `None` where there can be one node only.
pub fn shared() -> Option<World> {
    if !syncline_testkit::on_postgres() {
        return None;
    }
    let world = World::new();
    let people = world.people("p", PEOPLE);
    world.all_report_to(&people, people[PEOPLE - 1]);
    Some(world)
}

/// Everybody once in the target, once created in the log, with the manager; and a cycle after
/// writes nothing.
pub fn all_is_done_once(world: &World, report: &CycleReport) {
    assert_eq!(report.counts.created as usize, PEOPLE);
    assert_eq!(world.target_names().len(), PEOPLE);
    let created: Vec<ObjectId> = world.created_in_log();
    let once: HashSet<ObjectId> = created.iter().copied().collect();
    assert_eq!((created.len(), once.len()), (PEOPLE, PEOPLE));
    let traces = world.traces();
    assert_eq!(traces.waiting, 0);
    let again = run(world, &node(world, 9, LONG), &Silent).unwrap();
    assert_eq!(again.counts, Counts::default());
    assert_eq!(world.traces(), traces);
}

#[test]
fn two_nodes_share_a_full_read_and_report_the_same_cycle() {
    let Some(world) = shared() else { return };
    let nodes = [node(&world, 1, LONG), node(&world, 2, LONG)];
    let (begun, may_begin) = mpsc::channel::<()>();
    let (helped, has_helped) = mpsc::channel::<()>();
    let (first, second) = thread::scope(|scope| {
        let leader = scope.spawn(|| {
            let observer = AfterPage::new(move |page, _: &Progress| {
                if page == 1 {
                    begun.send(()).unwrap();
                    // The other has written a page of this cycle.
                    has_helped.recv().unwrap();
                }
            });
            run(&world, &nodes[0], &observer)
        });
        may_begin.recv().unwrap();
        let helper = scope.spawn(|| {
            let observer = AfterPage::new(move |page, _: &Progress| {
                if page == 1 {
                    helped.send(()).unwrap();
                }
            });
            run(&world, &nodes[1], &observer)
        });
        (leader.join().unwrap(), helper.join().unwrap())
    });
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(first.cycle_id, second.cycle_id);
    assert_eq!(first.counts, second.counts);
    all_is_done_once(&world, &first);
}

/// Notes whose cycle its pages are, and tells when the first is written.
struct Helper {
    helps: RefCell<Option<CycleId>>,
    pages: RefCell<Vec<Option<CycleId>>>,
    helped: mpsc::Sender<()>,
}

impl Observer for Helper {
    fn page_done(&self, _progress: &Progress) {
        // The leader waits for the first only.
        let _ = self.helped.send(());
    }

    fn helps(&self, _job: &JobId, cycle: &RunningCycle) {
        *self.helps.borrow_mut() = Some(cycle.id);
    }

    fn cycle_begins(&self, _job: &JobId, _cycle: &RunningCycle) {
        *self.helps.borrow_mut() = None;
    }

    fn page_begins(&self) {
        self.pages.borrow_mut().push(*self.helps.borrow());
    }
}

#[test]
fn a_node_that_helps_knows_whose_pages_it_writes() {
    let Some(world) = shared() else { return };
    let nodes = [node(&world, 1, LONG), node(&world, 2, LONG)];
    let (begun, may_begin) = mpsc::channel::<()>();
    let (helped, has_helped) = mpsc::channel::<()>();
    let (report, pages) = thread::scope(|scope| {
        let leader = scope.spawn(|| {
            let observer = AfterPage::new(move |page, _: &Progress| {
                if page == 1 {
                    begun.send(()).unwrap();
                    has_helped.recv().unwrap();
                }
            });
            run(&world, &nodes[0], &observer)
        });
        may_begin.recv().unwrap();
        let helper = Helper {
            helps: RefCell::default(),
            pages: RefCell::default(),
            helped,
        };
        nodes[1]
            .tend(world.contoso.id, &world.job, &helper)
            .unwrap();
        let pages = helper.pages.take();
        drop(helper);
        (leader.join().unwrap().unwrap(), pages)
    });
    assert!(!pages.is_empty());
    assert!(
        pages.iter().all(|page| *page == Some(report.cycle_id)),
        "{pages:?}"
    );
}

#[test]
fn a_cycle_whose_node_died_goes_on_elsewhere_from_its_last_page() {
    let Some(world) = shared() else { return };
    let first = node(&world, 1, SHORT);
    let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let observer = AfterPage::new(|page, _: &Progress| {
            assert!(page < 3, "the node dies, on purpose");
        });
        run(&world, &first, &observer)
    }));
    assert!(died.is_err());
    let begun = world.stored_job().running.unwrap();
    assert!(begun.imported > 0);

    let report = run(&world, &node(&world, 2, SHORT), &Silent).unwrap();
    assert_eq!(report.cycle_id, begun.id);
    all_is_done_once(&world, &report);
}

#[test]
fn a_node_that_comes_back_after_its_lease_writes_nothing() {
    let Some(world) = shared() else { return };
    let first = node(&world, 1, SHORT);
    let (stopped, has_stopped) = mpsc::channel::<()>();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let late = scope.spawn(|| {
            let observer = AfterPage::new(move |page, _: &Progress| {
                if page == 2 {
                    stopped.send(()).unwrap();
                    may_go_on.recv().unwrap();
                }
            });
            run(&world, &first, &observer)
        });
        has_stopped.recv().unwrap();
        let report = run(&world, &node(&world, 2, SHORT), &Silent).unwrap();
        all_is_done_once(&world, &report);
        let before = world.traces();
        go_on.send(()).unwrap();
        let refused = late.join().unwrap().unwrap_err();
        assert_eq!(refused.code, "LeaseLost", "{refused:?}");
        assert_eq!(world.traces(), before);
    });
}

/// The leader is at its first page while another node helps, and loses its part to yet another one, which
/// has written nothing of it.
#[test]
fn a_node_that_helps_writes_nothing_of_a_part_that_another_one_has_taken() {
    let Some(world) = shared() else { return };
    let (first, second) = (node(&world, 1, LONG), node(&world, 2, SHORT));
    let (tenant, job) = (world.contoso.id, &world.job);
    let parts = || {
        world
            .store
            .read(|reader| reader.parts(tenant, job))
            .unwrap()
    };
    // Each time by one more node: who holds a part is given it again.
    let others = Cell::new(3);
    let take = || {
        let taken = world.store.write(|tx| {
            let now = tx.lease_time(world.clock.now())?;
            let until = now.plus_seconds(i64::from(LONG));
            let other = NodeId(uuid::Uuid::from_u128(others.replace(others.get() + 1)));
            tx.lease_part(tenant, job, other, now, until)
        });
        taken.unwrap()
    };
    let observer = after_first_page(|| {
        let job_now = world.stored_job();
        let is_worked_on = world.store.read(|it| second.is_worked_on(it, &job_now));
        assert!(is_worked_on.unwrap());
        let taken = RefCell::new(Vec::new());
        let loses_its_part = after_first_page(|| {
            let is_half_done = |it: &Part| !it.cursor.is_empty() && it.lease.part > 1;
            let its = parts().into_iter().find(is_half_done).unwrap();
            let mut taken = taken.borrow_mut();
            // All others first, and that one when its lease has ended.
            while taken
                .last()
                .is_none_or(|it: &Part| it.lease.part != its.lease.part)
            {
                taken.extend(take());
            }
        });
        let helped = second.tend(tenant, job, &loses_its_part);
        assert_eq!(helped, Ok(None));
        let taken = taken.take();
        let now = parts();
        assert!(taken.iter().all(|it| now.contains(it)), "as they were");
        for part in taken {
            let released = world
                .store
                .write(|tx| tx.release_lease(tenant, job, &part.lease));
            released.unwrap();
        }
    });
    let report = run(&world, &first, &observer).unwrap();
    all_is_done_once(&world, &report);
}

#[test]
fn a_node_that_finds_its_cycle_ended_elsewhere_says_that_it_lost_it() {
    let Some(world) = shared() else { return };
    // It looks for the next page, of a read that is in one part, when another node is done with the cycle.
    let first = node(&world, 1, SHORT)
        .with_page_sizes(PageSizes::fixed(4))
        .with_deciding_ahead(false);
    let observer = AfterPage::new(|page, _: &Progress| {
        if page == 2 {
            run(&world, &node(&world, 2, SHORT), &Silent).unwrap();
        }
    });
    let refused = run(&world, &first, &observer).unwrap_err();
    assert_eq!(refused.code, "LeaseLost", "{refused:?}");
    all_is_done_once(&world, &ended(&world));
}

#[test]
fn references_that_a_node_read_before_it_lost_its_lease_are_written_once() {
    let Some(world) = shared() else { return };
    // He whom all report to is a part of his own: nobody reads it before the other one is written.
    let sizes = PageSizes {
        part: PEOPLE - 1,
        ..PageSizes::fixed(4)
    };
    let first = node(&world, 1, SHORT).with_page_sizes(sizes);
    // He can not be brought forward, but be created when the walk comes to him.
    let leader = world.person(&format!("p{}", PEOPLE - 1)).disabled();
    let (mut of_references, mut before) = (0, None);
    let observer = AfterPage::new(|_, progress: &Progress| {
        if progress.phase == CyclePhase::Source && progress.counts.created as usize == PEOPLE - 1 {
            leader.enabled();
        }
        of_references += u32::from(progress.phase == CyclePhase::References);
        if of_references == 3 && before.is_none() {
            // It takes the cycle over when the lease has ended, and finishes it.
            let report = run(&world, &node(&world, 2, SHORT), &Silent).unwrap();
            assert_eq!(report.counts.references_set as usize, PEOPLE - 1);
            before = Some(world.traces());
        }
    });
    let refused = run(&world, &first, &observer).unwrap_err();
    assert_eq!(refused.code, "LeaseLost", "{refused:?}");
    assert_eq!(Some(world.traces()), before);
    let report = ended(&world);
    // That the leader was enabled is a change since.
    let changed = run(&world, &node(&world, 2, SHORT), &Silent).unwrap();
    assert_eq!(changed.counts.unchanged, 1);
    all_is_done_once(&world, &report);
    let log = world.log();
    let given = log.iter().filter(|it| {
        let mut references = it.references.iter();
        references.any(|it| matches!(it.state, ReferenceState::Set(_)))
    });
    assert_eq!(given.count(), PEOPLE - 1);
}

#[test]
fn a_scheduler_does_not_wait_for_what_another_node_runs() {
    let Some(world) = shared() else { return };
    let first = node(&world, 1, LONG);
    let second = node(&world, 2, LONG);
    let (begun, may_begin) = mpsc::channel::<()>();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let leader = scope.spawn(|| {
            let observer = AfterPage::new(move |page, _: &Progress| {
                if page == 1 {
                    begun.send(()).unwrap();
                    may_go_on.recv().unwrap();
                }
            });
            run(&world, &first, &observer)
        });
        may_begin.recv().unwrap();
        // The leader holds one part; the other node does the rest and is free again.
        let tended = second.tend(world.contoso.id, &world.job, &Silent).unwrap();
        assert_eq!(tended, None);
        let parts = world
            .store
            .read(|reader| reader.parts(world.contoso.id, &world.job))
            .unwrap();
        assert_eq!(parts.iter().filter(|part| !part.done).count(), 1);
        go_on.send(()).unwrap();
        let report = leader.join().unwrap();
        all_is_done_once(&world, &report.unwrap());
    });
}

#[test]
fn a_scheduler_whose_cycle_was_taken_over_is_free_to_help() {
    let Some(world) = shared() else { return };
    let first = node(&world, 1, SHORT);
    let second = node(&world, 2, LONG);
    let observer = AfterPage::new(|page, _: &Progress| {
        if page == 2 {
            // It takes the cycle over when the lease has ended, and finishes it.
            run(&world, &second, &Silent).unwrap();
        }
    });
    let tended = first.tend(world.contoso.id, &world.job, &observer);
    assert_eq!(tended, Ok(None));
    let report = ended(&world);
    all_is_done_once(&world, &report);
}

#[test]
fn a_cycle_that_was_ended_meanwhile_is_reported_and_not_ended_again() {
    let Some(world) = shared() else { return };
    let first = node(&world, 1, SHORT);
    let second = node(&world, 2, LONG);
    let observer = AfterPage::new(|_, progress: &Progress| {
        // The last page is written; only the end is not.
        if progress.phase == CyclePhase::Staged {
            run(&world, &second, &Silent).unwrap();
        }
    });
    let report = run(&world, &first, &observer).unwrap();
    assert_eq!(report, ended(&world));
    all_is_done_once(&world, &report);
}

#[test]
fn what_a_configuration_concerns_goes_on_elsewhere_from_its_last_page() {
    let Some(world) = shared() else { return };
    let first = node(&world, 1, SHORT);
    run(&world, &first, &Silent).unwrap();
    world.scope_to("department", "Nobody's");
    let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let observer = AfterPage::new(|_, progress: &Progress| {
            let follows = progress.phase == CyclePhase::Reevaluation && progress.done > 8;
            assert!(!follows, "the node dies, on purpose");
        });
        run(&world, &first, &observer)
    }));
    assert!(died.is_err());
    let begun = world.stored_job().running.unwrap();
    assert_eq!(begun.phase, CyclePhase::Reevaluation);
    assert!(!begun.cursor.is_empty());
    let report = run(&world, &node(&world, 2, LONG), &Silent).unwrap();
    assert_eq!(report.cycle_id, begun.id);
    assert_eq!(report.counts.deleted as usize, PEOPLE);
    assert!(world.target_names().is_empty());
}

/// The report of the cycle that has ended.
fn ended(world: &World) -> CycleReport {
    let execution = world.stored_job().status.last_execution.unwrap();
    CycleReport {
        job_id: world.job.clone(),
        cycle_id: execution.activity,
        kind: execution.kind,
        state: execution.state,
        counts: execution.counts,
        skipped_by_reason: execution.skipped_by_reason,
        duration_ms: execution.ended.milliseconds_since(execution.began),
        error: execution.error,
        job_disabled: false,
        in_between: false,
    }
}
