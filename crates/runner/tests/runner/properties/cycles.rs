//! Cycles, with what must hold of each of them.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use syncline_model::job::{Counts, CycleReport, CycleState, RunningCycle, ScheduleState};
use syncline_model::policy::PolicyRefusal;
use syncline_model::{Job, ObjectId};
use syncline_runner::{Node, Observer, Progress, Runner, Silent};
use syncline_store::NodeId;
use syncline_testkit::on_postgres;
use uuid::Uuid;

use super::consent::Consent;
use super::event::Event;
use super::history::History;
use super::permission::Permission;
use super::trouble::Trouble;
use crate::world::{AfterPage, Guest, INTERVAL_SECONDS, World};

/// The node that most cycles run on.
pub const FIRST: Node = node(1, LONG);
const SECOND: Node = node(2, LONG);
/// Nobody loses this one while a test looks.
const LONG: u32 = 600;
/// This one everybody may take at once.
const NONE: u32 = 0;

const fn node(number: u128, lease_seconds: u32) -> Node {
    Node {
        id: NodeId(Uuid::from_u128(number)),
        lease_seconds,
    }
}

impl History {
    /// One that ends on the node that it begins on, or that moves.
    pub fn whole_cycle(&mut self, event: Event) -> CycleReport {
        match event {
            Event::CycleThatMoves(pages) => self.cycle_that_moves(pages),
            _ => self.cycle(),
        }
    }

    fn cycle(&mut self) -> CycleReport {
        self.by_the_laws(World::cycle)
    }

    /// The same, as it was planned, and explained of everybody.
    pub fn cycle_as_planned(&mut self) {
        self.start_if_disabled();
        self.world.clock.advance_seconds(INTERVAL_SECONDS);
        let planned = self.world.plan();
        assert_eq!(planned.refused.is_none(), self.is_let_in);
        let explained = match self.is_let_in {
            true => self.explained(),
            false => BTreeMap::new(),
        };
        let memberships = self.told_memberships();
        let before = self.world.log_rows().len();
        let report = self.by_the_laws(World::cycle_at_once);
        if !self.is_let_in {
            return;
        }
        self.check_explained(&explained, before);
        memberships.check(&self.world, &report);
        assert_eq!(planned.kind, report.kind);
        assert_eq!(planned.counts, report.counts);
        assert_eq!(planned.skipped_by_reason, report.skipped_by_reason);
        assert_eq!(planned.held, report.counts.staged > 0);
    }

    /// A cycle whose node stands still after so many pages, until another one has taken it over and ended it. Where
    /// there is one process at a time, the first one dies.
    fn cycle_that_moves(&mut self, pages: u32) -> CycleReport {
        let second = self.process(SECOND);
        let first = self.process(node(1, NONE));
        self.by_the_laws(|world| {
            world.clock.advance_seconds(INTERVAL_SECONDS);
            let report = moved(world, &first, &second, pages);
            world.check_aftermath(&report);
            report
        })
    }

    fn process(&self, node: Node) -> Runner {
        let process = self.world.another_process().with_page_sizes(self.sizes);
        let keeps_leases = node.lease_seconds > NONE;
        process.with_heartbeats(keeps_leases).with_node(node)
    }

    pub(super) fn cycle_that_dies(&mut self, pages: u32) {
        self.start_if_disabled();
        self.broken_off(|world| {
            let _ = catch_unwind(AssertUnwindSafe(|| world.try_cycle(&dying(pages))));
        });
    }

    pub(super) fn cycle_that_pauses(&mut self, pages: u32) {
        self.start_if_disabled();
        self.broken_off(|world| {
            world.cycle_watched_by(&AfterPage::new(|page, _: &Progress| {
                if page == pages {
                    world.pause();
                }
            }));
        });
        self.world.start();
        // Whoever pauses a job takes it back; and a cycle that came to its end had it.
        self.permission = Permission::Nobody;
    }

    /// A cycle that may break off before its end.
    fn broken_off(&mut self, run: impl FnOnce(&World)) {
        let before = self.before.take();
        let before = before.or_else(|| self.threshold.map(|_| self.world.guests()));
        let job = self.world.stored_job();
        self.permission = self.permission.when_a_cycle_begins(&job);
        run(&self.world);
        let goes_on = self.world.stored_job().running.is_some();
        let may_be_forced = self.permission != Permission::Nobody;
        self.before = before.filter(|_| goes_on && !may_be_forced);
        self.permission = self.permission.when_it_ends(goes_on);
    }

    /// From when it is not let in any more, it writes nothing.
    pub(super) fn cycle_shut_out(&mut self, pages: u32, which: Consent) {
        self.start_if_disabled();
        let world = &self.world;
        let written = || world.traces().target_sequence;
        let mut until = None;
        let observer = AfterPage::new(|page, _: &Progress| {
            if page == pages {
                which.withdraw(world);
                until = Some(written());
            }
        });
        world.cycle_watched_by(&observer);
        if let Some(until) = until {
            assert_eq!(written(), until, "written where it is not let in");
            self.is_let_in = false;
        }
    }

    pub(super) fn cycle_in_trouble(&mut self, trouble: Trouble) {
        trouble.begins(&self.world);
        self.by_the_laws(World::cycle);
        self.world.target_is_well();
    }

    /// Cycles until one finds nothing to do; that one must not write either. So much time passes
    /// between them that everything that failed is due again.
    pub fn settle(&mut self) {
        self.happens(Event::LetIn);
        for _ in 0..8 {
            self.world.clock.advance_seconds(24 * 60 * 60);
            // A cycle that goes on looks no further than where it was to end when it began.
            let goes_on = self.world.stored_job().running.is_some();
            let before = self.world.traces();
            let report = self.cycle();
            assert_ne!(report.state, CycleState::Failed);
            let pending = report.counts.references_pending;
            let idle = Counts {
                references_pending: pending,
                ..Counts::default()
            };
            if report.counts == idle && !goes_on {
                assert_eq!(self.world.traces(), before);
                return;
            }
        }
        panic!("the cycles do not come to rest");
    }

    /// The same once whatever is held was let through: nothing is held by then.
    pub fn settle_letting_through(&mut self) {
        self.happens(Event::LetIn);
        self.happens(Event::ForceDeletes);
        self.cycle();
        self.settle();
    }

    /// Four weeks in quarantine disable a job, until somebody looks after it.
    fn start_if_disabled(&self) {
        if self.world.stored_job().state == ScheduleState::Disabled {
            self.world.start();
        }
    }

    /// No more went than may, unless somebody let it.
    fn check_removals(&self, before: &Before, job: &Job, report: &CycleReport) {
        let Some(threshold) = self.threshold else {
            return;
        };
        let now = self.world.guests();
        let staged = report.counts.staged;
        match self.permission {
            Permission::Nobody => {
                let in_all = removed(&before.it_began, &now);
                assert!(in_all < threshold, "{in_all} went at once");
                let went = removed(&before.it_went_on, &now);
                assert!(went == 0 || staged == 0, "some are held, others went");
                let gone = job.running.as_ref().map_or(0, RunningCycle::removals);
                let counted = staged + job.removed_in_between + gone;
                assert!(staged == 0 || counted >= threshold, "held for nothing");
            }
            Permission::Given if report.state != CycleState::Failed => {
                assert_eq!(staged, 0, "held although they were let through");
            }
            Permission::Given | Permission::Perhaps(_) => {}
        }
    }

    /// Nothing is written in Contoso; in Fabrikam neither, where it is not let in; and no more goes from there than the
    /// threshold lets through.
    fn by_the_laws(&mut self, run: impl FnOnce(&World) -> CycleReport) -> CycleReport {
        self.start_if_disabled();
        let world = &self.world;
        let (before, job) = (world.traces(), world.stored_job());
        let told = world.log_rows().len();
        self.permission = self.permission.when_a_cycle_begins(&job);
        let guests = self.threshold.map(|_| world.guests());
        let guests = guests.map(|it_went_on| Before {
            it_began: self.before.take().unwrap_or_else(|| it_went_on.clone()),
            it_went_on,
        });
        let report = run(world);
        let after = world.traces();
        assert_eq!(
            after.source_sequence, before.source_sequence,
            "written in Contoso"
        );
        if !self.is_let_in {
            assert_eq!(report.state, CycleState::Failed);
            let (code, _) = report.error.clone().unwrap();
            assert_eq!(code, PolicyRefusal::CODE);
            assert_eq!(after, before, "written where it is not let in");
        }
        self.check_failures_are_kept(told);
        if let Some(before) = guests {
            self.check_removals(&before, &job, &report);
        }
        // It was for this cycle, whatever became of that.
        self.permission = self.permission.when_it_ends(false);
        report
    }
}

/// Who was in Fabrikam before a cycle.
struct Before {
    it_began: BTreeMap<ObjectId, Guest>,
    /// The same, where it broke off since and goes on.
    it_went_on: BTreeMap<ObjectId, Guest>,
}

fn dying(pages: u32) -> impl Observer {
    AfterPage::new(move |page, _: &Progress| {
        if page == pages {
            std::panic::resume_unwind(Box::new("the process dies here"));
        }
    })
}

fn moved(world: &World, first: &Runner, second: &Runner, pages: u32) -> CycleReport {
    let run = |node: &Runner, observer: &dyn Observer| {
        node.run_cycle(world.contoso.id, &world.job, observer)
    };
    if !on_postgres() {
        let ended = catch_unwind(AssertUnwindSafe(|| run(first, &dying(pages))));
        return ended.unwrap_or_else(|_| run(second, &Silent)).unwrap();
    }
    let mut taken_over = None;
    let observer = AfterPage::new(|page, _: &Progress| {
        if page == pages {
            taken_over = Some(run(second, &Silent).unwrap());
        }
    });
    let ended = run(first, &observer);
    match (taken_over, ended) {
        (None, ended) => ended.unwrap(),
        // Only its end was left, which it found made.
        (Some(report), Ok(same)) => {
            assert_eq!(same.cycle_id, report.cycle_id);
            report
        }
        (Some(report), Err(problem)) => {
            assert_eq!(problem.code, "LeaseLost", "{problem:?}");
            report
        }
    }
}

/// How many were there, or switched on, and are not any more.
fn removed(before: &BTreeMap<ObjectId, Guest>, after: &BTreeMap<ObjectId, Guest>) -> u64 {
    let went = before.iter().filter(|(source, was)| {
        let is = after.get(source).filter(|it| it.is_live());
        was.is_live() && is.is_none_or(|is| was.is_enabled() && !is.is_enabled())
    });
    went.count() as u64
}
