//! Whoever leads whom, and whatever happens in between: a first cycle looks at everybody once.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::prelude::*;
use syncline_engine::Operation;
use syncline_engine::evidence::EvidenceOutcome;
use syncline_model::job::{Counts, CycleKind, CycleReport, CycleState};
use syncline_model::{Attr, CycleId};
use syncline_runner::{Observer, Progress};
use syncline_testkit::few;

use super::imported;
use crate::world::World;

const PEOPLE: usize = 9;
const DAY: i64 = 24 * 60 * 60;

/// What happens before or after a page.
#[derive(Clone, Copy, Debug)]
enum Event {
    Dies,
    Pauses,
    Provisioned(usize),
    Enabled(usize),
    Disabled(usize),
    Moves(usize),
    /// Nobody of the department is in scope any more, or all are.
    Scope(bool),
    /// The target refuses to create somebody from now on.
    Refused(usize),
}

#[derive(Clone, Copy, Debug)]
struct Happening {
    page: u32,
    /// When the page is decided and not carried out, or else when it is.
    before: bool,
    event: Event,
}

fn happening() -> impl Strategy<Value = Happening> {
    let who = 0..PEOPLE;
    let event = prop_oneof![
        3 => Just(Event::Dies),
        2 => Just(Event::Pauses),
        2 => who.clone().prop_map(Event::Provisioned),
        4 => who.clone().prop_map(Event::Enabled),
        2 => who.clone().prop_map(Event::Disabled),
        1 => who.clone().prop_map(Event::Moves),
        1 => any::<bool>().prop_map(Event::Scope),
        2 => who.prop_map(Event::Refused),
    ];
    (1..8u32, any::<bool>(), event).prop_map(|(page, before, event)| Happening {
        page,
        before,
        event,
    })
}

/// The cycle's pages, counted over all its interruptions.
struct Watch<'w> {
    world: &'w World,
    happenings: &'w [Happening],
    begun: Cell<u32>,
    done: Cell<u32>,
    /// Of each cycle, whose staged removal was carried out on demand instead.
    on_demand: RefCell<Vec<Option<CycleId>>>,
}

impl Watch<'_> {
    fn happen(&self, page: u32, before: bool) {
        let due = self.happenings.iter();
        for it in due.filter(|it| it.page == page && it.before == before) {
            self.happens(it.event);
        }
    }

    fn happens(&self, event: Event) {
        let world = self.world;
        let name = |who: usize| format!("p{who}");
        match event {
            Event::Dies => std::panic::resume_unwind(Box::new("the process dies here")),
            Event::Pauses => {
                world.pause();
            }
            // Somebody who is not limited to a few calls in a few seconds.
            Event::Provisioned(who) => {
                world.clock.advance_seconds(20);
                let staged = world.traces().staged;
                world.provision(world.person(&name(who)).id).unwrap();
                if world.traces().staged < staged {
                    let cycle = world.stored_job().running.map(|it| it.id);
                    self.on_demand.borrow_mut().push(cycle);
                }
            }
            Event::Enabled(who) => {
                world.person(&name(who)).enabled();
            }
            Event::Disabled(who) => {
                world.person(&name(who)).disabled();
            }
            Event::Moves(who) => {
                world.person(&name(who)).department("Sales");
            }
            Event::Scope(true) => world.scope_to("department", "Sales"),
            Event::Scope(false) => world.scope(None),
            Event::Refused(who) => {
                let refused = format!("{} of Contoso", name(who));
                world.target_refuses(move |it| {
                    matches!(it, Operation::Create { attrs, .. }
                        if attrs.text(Attr::DISPLAY_NAME) == Some(&refused))
                });
            }
        }
    }
}

impl Observer for Watch<'_> {
    fn page_done(&self, _progress: &Progress) {
        self.done.set(self.done.get() + 1);
        self.happen(self.done.get(), false);
    }

    fn page_begins(&self) {
        self.begun.set(self.begun.get() + 1);
        self.happen(self.begun.get(), true);
    }
}

/// Runs a cycle over all its interruptions to its end.
fn first_cycle(world: &World, watch: &Watch<'_>) -> CycleReport {
    loop {
        let run = catch_unwind(AssertUnwindSafe(|| world.try_cycle(watch)));
        match run {
            Err(_died) => {}
            Ok(report) => {
                let report = report.unwrap();
                if report.state != CycleState::Stopped {
                    world.start();
                    return report;
                }
            }
        }
        world.start();
    }
}

/// Everybody is in the log of the cycle as often as it looked at them: once, or never when nothing
/// was to be said.
fn everybody_was_met_once(world: &World, watch: &Watch<'_>, report: &CycleReport) {
    let people = world.everybody().len() as u64;
    let counts = report.counts;
    assert_eq!(imported(world), people);
    let met = counts.created
        + counts.updated
        + counts.disabled
        + counts.restored
        + counts.skipped
        + counts.escrowed
        + counts.unchanged
        + counts.staged
        + counts.deleted;
    let on_demand = watch.on_demand.borrow();
    let on_demand = on_demand.iter().filter(|it| **it == Some(report.cycle_id));
    assert_eq!(met + on_demand.count() as u64, people, "{report:?}");
    let mut once = BTreeSet::new();
    for row in world.log_rows() {
        let evidence = syncline_engine::Evidence::decode(&row.evidence).unwrap();
        let is_met = evidence.outcome != EvidenceOutcome::ReferencesOnly;
        if row.cycle == report.cycle_id && is_met {
            assert!(once.insert(evidence.source), "twice: {evidence:?}");
        }
    }
}

/// When all is well, everybody enabled and in scope, everybody is there with their manager.
fn all_is_well_in_the_end(world: &World, managers: &[Option<usize>]) {
    world.target_is_well();
    world.scope(None);
    for who in 0..PEOPLE {
        world.person(&format!("p{who}")).enabled();
    }
    for _ in 0..4 {
        world.clock.advance_seconds(DAY);
        assert_ne!(world.cycle().state, CycleState::Failed);
    }
    for (who, manager) in managers.iter().enumerate() {
        let expected = manager.map(|it| format!("p{it}"));
        assert_eq!(world.live(&format!("p{who}")).manager, expected, "p{who}");
    }
    assert_eq!(world.cycle().counts, Counts::default());
}

proptest! {
    #![proptest_config(few(40))]

    #[test]
    fn a_first_cycle_meets_everybody_once(
        page_size in 1..5usize,
        ahead: bool,
        managers in prop::collection::vec(prop::option::of(0..PEOPLE), PEOPLE),
        disabled in prop::collection::vec(prop::bool::weighted(0.35), PEOPLE),
        happenings in prop::collection::vec(happening(), 0..7),
    ) {
        let mut world = World::new().with_pages_of(page_size);
        world.runner = world.runner.clone().with_deciding_ahead(ahead);
        let people = world.people("p", PEOPLE);
        let managers: Vec<Option<usize>> = managers
            .into_iter()
            .enumerate()
            .map(|(who, manager)| manager.filter(|manager| *manager != who))
            .collect();
        for (who, manager) in managers.iter().enumerate() {
            if let Some(manager) = manager {
                people[who].manager(&format!("p{manager}"));
            }
            if disabled[who] {
                people[who].disabled();
            }
        }
        let watch = Watch {
            world: &world,
            happenings: &happenings,
            begun: Cell::new(0),
            done: Cell::new(0),
            on_demand: RefCell::default(),
        };
        let report = first_cycle(&world, &watch);
        prop_assert_eq!(report.kind, CycleKind::Initial);
        everybody_was_met_once(&world, &watch, &report);
        if happenings.is_empty() {
            // Nothing waits for anybody who is there.
            let there = |who: usize| !disabled[who];
            let given = managers.iter().enumerate().filter(|(who, manager)| {
                there(*who) && manager.is_some_and(there)
            });
            prop_assert_eq!(report.counts.references_set, given.count() as u64);
        }
        all_is_well_in_the_end(&world, &managers);
    }
}
