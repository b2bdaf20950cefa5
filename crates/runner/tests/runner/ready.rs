//! References that became ready in a cycle, more than a page takes: read at once, written slice by
//! slice. What happens between two slices is no matter of the past.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use syncline_engine::Operation;
use syncline_engine::evidence::{EvidenceOutcome, ReferenceState};
use syncline_model::ProblemKind;
use syncline_model::job::{CyclePhase, CycleReport, CycleState};
use syncline_runner::{Observer, Progress};

use crate::world::{AfterPage, World};

const SIX_HOURS: i64 = 6 * 60 * 60;
/// Who leads all others arrives last, together with the last of them.
const LEADER: &str = "p9";
/// All but the leader.
const REPORTS: u64 = 9;

/// Ten people, and pages of two. The last two of them were disabled while a cycle created the others,
/// and are enabled now: the next cycle creates both in one page, where p8 is given the leader. The
/// other eight waited for him. Two are served by the page that looks for such references, the others
/// are read at once and come in slices: (p2, p3), (p4, p5), (p6, p7).
fn world() -> World {
    of_ten(World::new())
}

/// The same, where only those assigned are in scope, as all ten are.
fn world_of_assigned() -> World {
    let world = World::new();
    world.sync_assigned();
    for number in 0..10 {
        world.person(&format!("p{number}")).assigned();
    }
    of_ten(world)
}

fn of_ten(world: World) -> World {
    let world = world.with_pages_of(2);
    let people: Vec<_> = (0..10)
        .map(|number| world.person(&format!("p{number}")))
        .collect();
    world.all_report_to(&people, people[9]);
    for late in &people[8..] {
        late.disabled();
    }
    assert!(world.cycle().counts.references_pending >= 8);
    for late in &people[8..] {
        late.enabled();
    }
    world
}

/// Does something after so many pages of references.
fn after_page_of_references(wanted: u32, act: impl Fn()) -> impl Observer {
    let met = Cell::new(0);
    AfterPage::new(move |_, progress: &Progress| {
        if progress.phase == CyclePhase::References {
            met.set(met.get() + 1);
            if met.get() == wanted {
                act();
            }
        }
    })
}

/// A cycle in which something happens after the first slice of what was read at once.
fn cycle_in_which(world: &World, act: impl Fn()) -> CycleReport {
    world.cycle_watched_by(&after_page_of_references(2, act))
}

fn provision(world: &World, name: &str) {
    world.provision(world.person(name).id).unwrap();
}

/// How often the log says that somebody was given a manager.
fn times_given(world: &World, name: &str) -> usize {
    let source = world.person(name).id;
    let log = world.log();
    let of_them = log.iter().filter(|evidence| evidence.source == source);
    of_them
        .flat_map(|evidence| &evidence.references)
        .filter(|reference| matches!(reference.state, ReferenceState::Set(_)))
        .count()
}

fn manager(world: &World, name: &str) -> Option<String> {
    world.live(name).manager
}

/// Everybody but the leader and these has the leader, given once.
fn all_have_the_leader_but(world: &World, others: &[&str]) {
    for name in (0..REPORTS).map(|number| format!("p{number}")) {
        if !others.contains(&name.as_str()) {
            assert_eq!(manager(world, &name).as_deref(), Some(LEADER), "{name}");
            assert_eq!(times_given(world, &name), 1, "{name}");
        }
    }
}

#[test]
fn each_is_written_and_logged_once() {
    for ahead in [true, false] {
        let mut world = world();
        world.runner = world.runner.clone().with_deciding_ahead(ahead);
        let pages = Cell::new(0);
        let report = world.cycle_watched_by(&AfterPage::new(|_, progress: &Progress| {
            if progress.phase == CyclePhase::References {
                pages.set(pages.get() + 1);
            }
        }));
        assert_eq!(report.state, CycleState::Succeeded);
        assert_eq!(report.counts.references_set, REPORTS);
        assert_eq!(report.counts.references_pending, 0);
        // One that looks, three slices, and one that finds nothing more.
        assert_eq!(pages.get(), 5);
        all_have_the_leader_but(&world, &[]);
        let before = world.traces();
        world.cycle();
        assert_eq!(world.traces(), before);
    }
}

#[test]
fn nothing_is_left_of_whom_others_waited_for_however_many_they_were() {
    let world = World::new().with_pages_of(2);
    let bosses = (0..5).map(|number| format!("boss{number}"));
    for boss in bosses.clone() {
        world.person(&boss).disabled();
        world.person(&format!("{boss}s")).manager(&boss);
    }
    world.cycle();
    for boss in bosses {
        world.person(&boss).enabled();
    }
    assert_eq!(world.cycle().counts.references_set, 5);
    let left = world
        .store
        .read(|reader| reader.ready_behind(world.contoso.id, &world.job, None, 1));
    assert_eq!(left.unwrap(), None);
}

#[test]
fn the_log_says_whose_they_are() {
    let world = world();
    world.cycle();
    for name in ["p0", "p5"] {
        let source = world.person(name).id;
        let log = world.log();
        let evidence = log
            .iter()
            .find(|it| it.source == source && it.outcome == EvidenceOutcome::ReferencesOnly)
            .unwrap();
        assert_eq!(evidence.source_display_name, format!("{name} of Contoso"));
        assert_eq!(evidence.source_name, format!("{name}@contoso.example"));
        assert_eq!(evidence.target, Some(world.live(name).id));
        let [reference] = &evidence.references[..] else {
            panic!("{evidence:?}");
        };
        assert_eq!(reference.name, "manager");
        assert_eq!(reference.source, Some(world.person(LEADER).id));
        let set = ReferenceState::Set(world.live(LEADER).id);
        assert_eq!(reference.state, set);
    }
}

#[test]
fn a_pause_between_two_slices() {
    for page in 1..=3 {
        let world = world();
        let observer = after_page_of_references(page, || {
            world.pause();
        });
        let report = world.cycle_watched_by(&observer);
        assert_eq!(report.state, CycleState::Stopped);
        assert_eq!(report.counts.references_set, u64::from(page) * 2 + 1);
        world.start();
        let rest = world.cycle();
        assert_eq!(rest.cycle_id, report.cycle_id);
        assert_eq!(rest.counts.references_set, REPORTS);
        all_have_the_leader_but(&world, &[]);
    }
}

#[test]
fn a_death_between_two_slices() {
    for page in 1..=4 {
        let world = world();
        let observer = after_page_of_references(page, || {
            std::panic::resume_unwind(Box::new("the process dies here"));
        });
        let died = catch_unwind(AssertUnwindSafe(|| world.try_cycle(&observer)));
        assert!(died.is_err());
        let world = world.elsewhere().with_pages_of(2);
        assert_eq!(world.cycle().counts.references_set, REPORTS);
        all_have_the_leader_but(&world, &[]);
    }
}

/// The process is about to end, after so many pages of references.
struct StopsAfter(u32, Cell<u32>);

impl Observer for StopsAfter {
    fn page_done(&self, progress: &Progress) {
        let counts = progress.phase == CyclePhase::References;
        self.1.set(self.1.get() + u32::from(counts));
    }

    fn must_stop(&self) -> bool {
        self.1.get() >= self.0
    }
}

#[test]
fn a_stop_of_the_process_between_two_slices() {
    for page in 1..=4 {
        let world = world();
        let stopped = world.try_cycle(&StopsAfter(page, Cell::new(0)));
        assert_eq!(stopped.unwrap_err().kind, ProblemKind::Unavailable);
        let given = u64::from(page) * 2 + 1;
        let checkpoint = world.stored_job().running.unwrap();
        assert_eq!(checkpoint.counts.references_set, given.min(REPORTS));
        assert_eq!(world.cycle().counts.references_set, REPORTS);
        all_have_the_leader_but(&world, &[]);
    }
}

#[test]
fn one_that_somebody_else_has_written_since() {
    let world = world();
    let report = cycle_in_which(&world, || provision(&world, "p5"));
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(report.counts.references_set, REPORTS - 1);
    all_have_the_leader_but(&world, &[]);
}

#[test]
fn one_that_the_source_has_dropped_since() {
    let world = world();
    let report = cycle_in_which(&world, || {
        world.person("p5").without_manager();
        provision(&world, "p5");
    });
    assert_eq!(report.counts.references_set, REPORTS - 1);
    assert_eq!(manager(&world, "p5"), None);
    assert_eq!(times_given(&world, "p5"), 0);
    all_have_the_leader_but(&world, &["p5"]);
}

#[test]
fn one_that_leads_to_somebody_else_since() {
    let world = world();
    let report = cycle_in_which(&world, || {
        world.person("p5").manager("p0");
        provision(&world, "p5");
    });
    assert_eq!(report.counts.references_set, REPORTS - 1);
    assert_eq!(manager(&world, "p5").as_deref(), Some("p0"));
    assert_eq!(times_given(&world, "p5"), 1);
    all_have_the_leader_but(&world, &["p5"]);
}

#[test]
fn one_whose_owner_has_left_since() {
    let world = world_of_assigned();
    let report = cycle_in_which(&world, || {
        world.person("p5").unassigned();
        provision(&world, "p5");
    });
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(report.counts.references_set, REPORTS - 1);
    assert_eq!(times_given(&world, "p5"), 0);
    all_have_the_leader_but(&world, &["p5"]);
    world.person("p5").assigned();
    world.cycle();
    all_have_the_leader_but(&world, &[]);
}

#[test]
fn those_whose_manager_has_left_since_wait_on() {
    let world = world_of_assigned();
    let report = cycle_in_which(&world, || {
        world.person(LEADER).unassigned();
        provision(&world, LEADER);
    });
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(report.counts.references_pending, 4);
    for name in ["p4", "p5", "p6", "p7"] {
        assert_eq!(
            (manager(&world, name), times_given(&world, name)),
            (None, 0)
        );
    }
    world.person(LEADER).assigned();
    world.cycle();
    for name in ["p4", "p5", "p6", "p7"] {
        assert_eq!(manager(&world, name).as_deref(), Some(LEADER));
        assert_eq!(times_given(&world, name), 1);
    }
}

#[test]
fn those_whose_manager_was_purged_in_the_target_since_are_tried_again() {
    let world = world();
    let report = cycle_in_which(&world, || {
        let leader = world.live(LEADER).id;
        world.fabrikam_deletes(leader);
        world.fabrikam_purges(leader);
    });
    assert_eq!(report.state, CycleState::EntryLevelErrors);
    assert_eq!(report.counts.references_set, 5);
    for name in ["p4", "p5", "p6", "p7"] {
        assert_eq!(times_given(&world, name), 0);
        let outcomes = world.outcomes(name);
        assert_eq!(outcomes.len(), 2, "{outcomes:?}");
        assert!(matches!(outcomes[1], EvidenceOutcome::Failed(_)));
    }
    for _ in 0..2 {
        world.clock.advance_seconds(SIX_HOURS);
        world.cycle();
    }
    for number in 0..REPORTS {
        let name = format!("p{number}");
        assert_eq!(manager(&world, &name).as_deref(), Some(LEADER), "{name}");
    }
    let before = world.traces();
    world.cycle();
    assert_eq!(world.traces(), before);
}

#[test]
fn one_whose_owner_lies_in_the_recycle_bin_of_the_target_since() {
    let world = world();
    let report = cycle_in_which(&world, || world.fabrikam_deletes(world.live("p5").id));
    assert_eq!(report.state, CycleState::EntryLevelErrors);
    assert_eq!(report.counts.references_set, REPORTS - 1);
    assert_eq!(times_given(&world, "p5"), 0);
    all_have_the_leader_but(&world, &["p5"]);
}

#[test]
fn one_that_the_target_refuses_fails_for_itself() {
    let world = world();
    let report = cycle_in_which(&world, || {
        let owner = world.live("p5").id;
        world.target_refuses(
            move |it| matches!(it, Operation::AddReference { target, .. } if *target == owner),
        );
    });
    assert_eq!(report.state, CycleState::EntryLevelErrors);
    assert_eq!(report.counts.references_set, REPORTS - 1);
    all_have_the_leader_but(&world, &["p5"]);
    assert_eq!(world.outcomes("p5").len(), 2);
    assert_eq!(world.traces().escrows, 1);
    world.target_is_well();
    world.clock.advance_seconds(SIX_HOURS);
    world.cycle();
    all_have_the_leader_but(&world, &[]);
}

#[test]
fn one_that_breaks_its_slice_fails_for_itself() {
    let world = world();
    let report = cycle_in_which(&world, || {
        let owner = world.live("p5").id;
        world.target_breaks_over(
            move |it| matches!(it, Operation::AddReference { target, .. } if *target == owner),
        );
    });
    assert_eq!(report.counts.references_set, REPORTS - 1);
    all_have_the_leader_but(&world, &["p5"]);
    assert_eq!(world.traces().escrows, 1);
}

#[test]
fn a_change_of_the_configuration_between_two_slices() {
    let world = world();
    let report = cycle_in_which(&world, || world.scope_to("department", "Nobody's"));
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(report.counts.references_set, REPORTS);
    all_have_the_leader_but(&world, &[]);
}

#[test]
fn a_restart_between_two_slices_begins_anew() {
    let world = world();
    let observer = after_page_of_references(2, || world.restart(""));
    let broken = world.try_cycle(&observer).unwrap_err();
    assert_eq!(broken.kind, ProblemKind::Conflict);
    assert_eq!(world.cycle().counts.references_set, 4);
    all_have_the_leader_but(&world, &[]);
}

#[test]
fn one_that_becomes_ready_between_two_slices() {
    // Whoever waits for somebody who is found before all that was read.
    let world = World::new().with_pages_of(2);
    let early = world.person("early").disabled().id;
    world.person("waits").manager("early");
    let world = of_ten(world);
    let report = cycle_in_which(&world, || {
        world.person("early").enabled();
        provision(&world, "early");
    });
    assert!(early < world.person(LEADER).id);
    assert_eq!(report.counts.references_set, REPORTS + 1);
    assert_eq!(report.counts.references_pending, 0);
    assert_eq!(manager(&world, "waits").as_deref(), Some("early"));
    assert_eq!(times_given(&world, "waits"), 1);
}
