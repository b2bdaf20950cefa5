//! A cycle that is paused, or whose process dies, goes on from its last page.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};

use syncline_engine::evidence::EvidenceOutcome;
use syncline_model::job::{Counts, CyclePhase, CycleState, RunningCycle, ScheduleState};
use syncline_model::{JobId, ProblemKind};
use syncline_runner::{Observer, PageReport, Progress, Signal, Silent};

use crate::world::{AfterPage, World, after_first_page};

#[test]
fn a_pause_stops_after_the_page_in_hand_and_a_start_goes_on() {
    let world = World::new().with_pages_of(2);
    let people = world.people("p", 7);
    world.all_report_to(&people, people[6]);
    // A cycle through changes: a first one would bring their manager forward.
    for person in &people {
        person.disabled();
    }
    world.cycle();
    for person in &people {
        person.enabled();
    }

    let report = world.cycle_watched_by(&AfterPage::new(|_, progress: &Progress| {
        if progress.phase == CyclePhase::Source && progress.counts.created == 2 {
            world.pause();
        }
    }));
    assert_eq!(report.state, CycleState::Stopped);
    assert_eq!(report.counts.created, 2);
    assert_eq!(world.target_names().len(), 2);
    let job = world.stored_job();
    assert_eq!((job.state, job.next_due), (ScheduleState::Paused, None));

    let refused = world.try_cycle(&Silent).unwrap_err();
    assert_eq!(refused.kind, ProblemKind::Conflict);
    assert!(world.runner.due(10).unwrap().scheduled.is_empty());

    world.start();
    assert_eq!(world.runner.due(10).unwrap().scheduled.len(), 1);
    let rest = world.cycle();
    assert_eq!(rest.cycle_id, report.cycle_id, "the same cycle");
    assert_eq!(rest.state, CycleState::Succeeded);
    assert_eq!(
        rest.counts,
        Counts {
            created: 7,
            references_set: 6,
            ..Counts::default()
        }
    );
    assert_eq!(
        world
            .log()
            .iter()
            .filter(|it| it.outcome == EvidenceOutcome::Created)
            .count(),
        7
    );
}

#[test]
fn a_pause_between_cycles_keeps_no_checkpoint() {
    let world = World::new();
    world.person("ana");
    world.cycle();
    world.pause();
    let refused = world.try_cycle(&Silent).unwrap_err();
    assert!(refused.message.contains("is paused"), "{refused}");
    assert_eq!(
        world.runner.due(10).unwrap().scheduled,
        [],
        "nor does a scheduler begin it"
    );
    world.person("bo");
    world.start();
    assert_eq!(
        world.cycle().counts,
        Counts {
            created: 1,
            ..Counts::default()
        }
    );
}

#[test]
fn a_pause_that_is_taken_back_changes_nothing() {
    let world = World::new().with_pages_of(2);
    world.people("p", 5);
    let report = world.cycle_watched_by(&after_first_page(|| {
        world.pause();
        world.start();
    }));
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(report.counts.created, 5);
}

/// A restart takes it back as well: the cycle that it begins is not stopped by what was asked of the one before.
#[test]
fn a_pause_before_a_restart_does_not_stop_the_cycle_after_it() {
    let world = World::new().with_pages_of(2);
    world.people("p", 5);
    let observer = after_first_page(|| {
        world.pause();
        world.restart("Full");
    });
    let abandoned = world.try_cycle(&observer).unwrap_err();
    assert_eq!(abandoned.code, Signal::CycleAbandoned.code());
    let report = world.cycle();
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(world.guests().len(), 5);
}

/// Runs a cycle whose process dies after a page.
fn dies_after(world: &World, last_page: u32) {
    let observer = AfterPage::new(|page, _: &Progress| {
        if page == last_page {
            std::panic::resume_unwind(Box::new("the process dies here"));
        }
    });
    let died = catch_unwind(AssertUnwindSafe(|| world.try_cycle(&observer)));
    assert!(died.is_err(), "the cycle had fewer pages");
    assert!(!world.runner.is_running(&world.job));
}

#[test]
fn another_process_goes_on_where_one_died() {
    for last_page in 1..=6 {
        let world = World::new().with_pages_of(2);
        let people = world.people("p", 7);
        world.all_report_to(&people, people[6]);
        dies_after(&world, last_page);

        let world = world.elsewhere().with_pages_of(2);
        let report = world.cycle();
        assert_eq!(report.state, CycleState::Succeeded);
        assert_eq!(
            report.counts,
            Counts {
                created: 7,
                references_set: 6,
                ..Counts::default()
            },
            "died after page {last_page}"
        );
        assert_eq!(world.target_names().len(), 7);
        for number in 0..6 {
            assert_eq!(
                world.live(&format!("p{number}")).manager.as_deref(),
                Some("p6")
            );
        }
        assert_eq!(world.cycle().counts, Counts::default());
    }
}

#[test]
fn an_incremental_cycle_goes_on_where_it_died() {
    for last_page in 1..=5 {
        let world = World::new().with_pages_of(2);
        world.people("p", 6);
        world.cycle();
        for number in 0..4 {
            world.person(&format!("p{number}")).department("Sales");
        }
        world.person("p4").deleted();
        world.person("p5").disabled();
        dies_after(&world, last_page);

        let world = world.elsewhere().with_pages_of(2);
        let report = world.cycle();
        assert_eq!(
            report.counts,
            Counts {
                updated: 4,
                deleted: 1,
                disabled: 1,
                ..Counts::default()
            },
            "died after page {last_page}"
        );
        // One line per person and cycle.
        assert_eq!(world.log().len(), 6 + 6);
    }
}

#[test]
fn changes_made_while_a_cycle_is_interrupted_are_not_lost() {
    let world = World::new().with_pages_of(2);
    world.people("p", 6);
    dies_after(&world, 1);
    // One that was looked at, one that was not, and one that came.
    world.person("p0").department("Sales");
    world.person("p5").department("Sales");
    world.person("late");
    let world = world.elsewhere();
    world.cycle();
    world.cycle();
    assert_eq!(world.live("p0").department(), "Sales");
    assert_eq!(world.live("p5").department(), "Sales");
    world.live("late");
    assert_eq!(world.cycle().counts, Counts::default());
}

#[test]
fn a_schema_that_is_saved_as_it_was_leaves_an_interrupted_cycle_alone() {
    let world = World::new().with_pages_of(2);
    world.people("p", 6);
    dies_after(&world, 1);
    let world = world.elsewhere();
    // More often than changes of the configuration are told apart.
    for save in 0..10 {
        world.change_schema(|schema| schema.version = Some(format!("save {save}")));
    }
    assert_eq!(world.schema().version.as_deref(), Some("save 9"));
    assert_eq!(
        world.cycle().counts.created,
        6,
        "those before it among them"
    );
    let job = world.stored_job();
    assert_eq!(job.evaluated_generation, job.configuration_generation);
    assert_eq!(world.cycle().counts, Counts::default());
}

#[test]
fn a_restart_in_mid_cycle_begins_anew() {
    let world = World::new().with_pages_of(2);
    world.people("p", 5);
    let broken = world
        .try_cycle(&after_first_page(|| world.restart("")))
        .unwrap_err();
    assert_eq!(broken.kind, ProblemKind::Conflict);
    let report = world.cycle();
    assert_eq!((report.counts.created, report.counts.unchanged), (3, 2));
}

#[test]
fn a_job_deleted_in_mid_cycle_is_over() {
    let world = World::new().with_pages_of(2);
    world.people("p", 5);
    let gone = world
        .try_cycle(&after_first_page(|| {
            world
                .runner
                .delete_job(world.contoso.id, &world.job)
                .unwrap();
        }))
        .unwrap_err();
    assert_eq!(gone.kind, ProblemKind::NotFound);
    assert_eq!(world.guests().len(), 2);
}

#[test]
fn a_target_that_does_not_answer_fails_the_cycle_and_loses_nothing() {
    let world = World::new();
    world.person("ana");
    world.cycle();
    world.person("ana").department("Sales");
    world.person("bo");
    world.target_is_silent();
    let report = world.cycle();
    assert_eq!(report.state, CycleState::Failed);
    assert_eq!(report.error.unwrap().0, "WebExceptionProtocolError");
    world.target_is_well();
    assert_eq!(
        world.cycle().counts,
        Counts {
            created: 1,
            updated: 1,
            ..Counts::default()
        }
    );
}

/// The process is about to end.
struct StopsAfterPage(u32, Cell<u32>);

impl Observer for StopsAfterPage {
    fn page_done(&self, _progress: &Progress) {
        self.1.set(self.1.get() + 1);
    }

    fn must_stop(&self) -> bool {
        self.1.get() >= self.0
    }
}

#[test]
fn a_stop_of_the_process_keeps_the_checkpoint_and_the_job_stays_due() {
    let world = World::new().with_pages_of(2);
    world.people("p", 7);
    let stopped = world
        .try_cycle(&StopsAfterPage(2, Cell::new(0)))
        .unwrap_err();
    assert_eq!(stopped.kind, ProblemKind::Unavailable);
    assert_eq!(world.target_names().len(), 4);
    let job = world.stored_job();
    assert_eq!(job.state, ScheduleState::Active);
    let checkpoint = job.running.expect("the checkpoint");
    assert_eq!(
        world.runner.due(10).unwrap().scheduled.len(),
        1,
        "the next one takes it up"
    );

    let rest = world.cycle();
    assert_eq!(rest.cycle_id, checkpoint.id, "the same cycle");
    assert_eq!(rest.state, CycleState::Succeeded);
    assert_eq!(rest.counts.created, 7);
    assert_eq!(world.target_names().len(), 7);
}

#[test]
fn a_cycle_ahead_of_its_time_that_is_interrupted_makes_its_job_due() {
    let world = World::new().with_pages_of(2);
    world.people("p", 7);
    world.cycle();
    assert!(world.runner.due(10).unwrap().scheduled.is_empty());
    world.people("q", 7);
    world
        .try_cycle(&StopsAfterPage(2, Cell::new(0)))
        .unwrap_err();
    let checkpoint = world.stored_job().running.expect("the checkpoint");
    assert_eq!(world.runner.due(10).unwrap().scheduled.len(), 1);

    let rest = world.cycle();
    assert_eq!(rest.cycle_id, checkpoint.id, "the same cycle");
    assert_eq!(rest.counts.created, 7);
    assert!(
        world.runner.due(10).unwrap().scheduled.is_empty(),
        "nobody asked for another"
    );
}

/// Adds up what it is told of pages.
#[derive(Default)]
struct Sum {
    began: Cell<u32>,
    pages_begun: Cell<u32>,
    pages: RefCell<Vec<PageReport>>,
}

impl Observer for Sum {
    fn page_done(&self, _progress: &Progress) {}

    fn cycle_begins(&self, _job: &JobId, _cycle: &RunningCycle) {
        self.began.set(self.began.get() + 1);
    }

    fn page_begins(&self) {
        self.pages_begun.set(self.pages_begun.get() + 1);
    }

    fn page_committed(&self, page: &PageReport) {
        self.pages.borrow_mut().push(page.clone());
    }
}

#[test]
fn the_pages_an_observer_is_told_of_add_up_to_the_report() {
    let world = World::new().with_pages_of(2);
    let people = world.people("p", 5);
    world.all_report_to(&people, people[4]);
    let sum = Sum::default();
    let report = world.cycle_watched_by(&sum);
    assert_eq!(sum.began.get(), 1);
    let pages = sum.pages.borrow();
    assert_eq!(pages.len(), sum.pages_begun.get() as usize);
    let total =
        |count: fn(&Counts) -> u64| pages.iter().map(|page| count(&page.counts)).sum::<u64>();
    assert_eq!(total(|it| it.created), report.counts.created);
    assert_eq!(total(|it| it.references_set), report.counts.references_set);
    assert_eq!(report.counts.created, 5);
}

#[test]
fn a_pause_asked_of_another_process_stops_the_cycle_at_its_page() {
    let world = World::new().with_pages_of(2);
    world.people("p", 9);
    let elsewhere = world.another_process();
    let observer = after_first_page(|| {
        elsewhere.pause(world.contoso.id, &world.job).unwrap();
    });
    let report = world.try_cycle(&observer).unwrap();
    assert_eq!(report.state, CycleState::Stopped);
    assert_eq!(world.target_names().len(), 2);
    world.start();
    let report = world.cycle();
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(world.target_names().len(), 9);
}

/// Whoever must stop once it was looked for removals: only the end of the cycle is left.
#[derive(Default)]
struct StopsAtTheEnd(Cell<bool>);

impl Observer for StopsAtTheEnd {
    fn page_done(&self, progress: &Progress) {
        self.0.set(progress.phase == CyclePhase::Staged);
    }

    fn must_stop(&self) -> bool {
        self.0.get()
    }
}

#[test]
fn whoever_must_stop_leaves_the_notes_of_a_cycle_to_the_next_one() {
    let world = World::new().with_pages_of(2);
    let people = world.people("p", 7);
    world.cycle();
    for person in people {
        person.department("Sales");
    }
    let noted = || {
        let any = |it: &syncline_store::Reader<'_>| it.any_evaluated(world.contoso.id, &world.job);
        world.store.read(any).unwrap()
    };
    let stops = StopsAtTheEnd::default();
    let report = world.try_cycle(&stops).unwrap();
    assert_eq!(report.counts.updated, 7);
    assert!(noted());
    // It would have to forget them all before it begins.
    let refused = world.try_cycle(&stops).unwrap_err();
    assert_eq!(refused.kind, ProblemKind::Unavailable);
    assert!(world.stored_job().running.is_none());
    assert!(noted());
    world.cycle();
    assert!(!noted());
}
