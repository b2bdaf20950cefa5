//! Managers that flow when somebody is created, and that the target did not take then.

use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::schema::FlowType;
use syncline_engine::{Operation, SynchronizationSchema};
use syncline_model::job::{Counts, CycleReport, CycleState};
use syncline_model::{Clock as _, EntityKind, ObjectId};
use syncline_store::Escrow;

use crate::world::{Person, World};

const SIX_HOURS: i64 = 6 * 60 * 60;
const MONTH: i64 = 31 * 24 * 60 * 60;

impl World {
    fn refuses_references(&self) {
        self.target_refuses(|operation| matches!(operation, Operation::AddReference { .. }));
    }

    /// A cycle that does what was planned.
    fn planned_cycle(&self) -> CycleReport {
        let planned = self.plan().counts;
        let report = self.cycle();
        assert_eq!(planned, report.counts);
        report
    }

    fn failures_of(&self, name: &str) -> usize {
        let outcomes = self.outcomes(name);
        let failed = outcomes.iter();
        failed
            .filter(|it| matches!(it, EvidenceOutcome::Failed(_)))
            .count()
    }

    /// What a layout before the mark has of whoever was refused: nobody knows it.
    fn forgets_what_was_refused(&self) {
        let bo = self.person("bo").id;
        self.write(|tx, _| Ok(tx.wake_waiting(self.contoso.id, &self.job, &[bo])?));
    }

    /// As if she had failed for whatever reason, and her time had not come.
    fn escrow(&self, source: ObjectId) {
        let now = self.clock.now();
        let escrow = Escrow {
            source,
            kind: EntityKind::User,
            first_failed: now,
            attempts: 1,
            next_attempt: now.plus_seconds(SIX_HOURS),
            failure: "{}".to_owned(),
            waits_for: None,
        };
        self.write(|tx, _| Ok(tx.put_escrows(self.contoso.id, &self.job, &[escrow])?));
    }

    fn boss_of(&self, name: &str) -> Option<String> {
        self.live(name).manager
    }
}

fn at_creation() -> World {
    let world = World::new();
    world.flow_type("manager", FlowType::ObjectAddOnly);
    world
}

fn never_later() -> World {
    let world = World::new();
    world.change_schema(|schema: &mut SynchronizationSchema| {
        let objects = schema.synchronization_rules[0].object_mappings.iter_mut();
        objects.for_each(|it| it.flow_types.0 = "Add,Delete".to_owned());
    });
    world
}

fn pending(count: u64) -> Counts {
    Counts {
        references_pending: count,
        ..Counts::default()
    }
}

/// Ana, who reports to Bo, whom the target did not take as her manager.
fn refused(world: World) -> World {
    world.refuses_references();
    world.person("bo");
    world.person("ana").manager("bo");
    let report = world.cycle();
    assert_eq!(report.state, CycleState::EntryLevelErrors);
    assert_eq!(
        report.counts,
        Counts {
            created: 2,
            ..pending(1)
        }
    );
    assert_eq!(world.failures_of("ana"), 1);
    world
}

#[test]
fn a_manager_who_was_refused_is_tried_again_in_time() {
    for world in [at_creation(), never_later()] {
        let world = refused(world);
        assert_eq!(
            world.planned_cycle().counts,
            pending(1),
            "her time has not come"
        );
        assert_eq!(world.failures_of("ana"), 1);

        world.clock.advance_seconds(SIX_HOURS);
        let report = world.cycle();
        assert_eq!(report.state, CycleState::EntryLevelErrors);
        assert_eq!(report.counts.references_pending, 1);
        assert_eq!(world.failures_of("ana"), 2);
        assert_eq!(world.traces().escrows, 1);

        world.target_is_well();
        assert_eq!(world.planned_cycle().counts, pending(1));
        world.clock.advance_seconds(SIX_HOURS);
        let report = world.planned_cycle();
        assert_eq!(report.state, CycleState::Succeeded);
        assert_eq!(
            report.counts,
            Counts {
                unchanged: 1,
                references_set: 1,
                ..Counts::default()
            }
        );
        assert_eq!(world.boss_of("ana").as_deref(), Some("bo"));
        assert_eq!(world.traces().escrows, 0);
        assert_eq!(world.planned_cycle().counts, Counts::default());
    }
}

/// And whoever is given up is looked at again when somebody has changed something.
#[test]
fn a_manager_who_is_always_refused_is_given_up_with_whom_he_leads() {
    let world = refused(at_creation());
    world.clock.advance_seconds(MONTH);
    world.cycle();
    // Nobody has tried in time: there is another try.
    assert_eq!(world.failures_of("ana"), 2);
    world.cycle();
    assert_eq!(world.failures_of("ana"), 3);
    world.clock.advance_seconds(MONTH);
    assert_eq!(world.planned_cycle().counts, pending(1));
    assert_eq!(world.failures_of("ana"), 3);
    world.target_is_well();
    world.person("ana").department("Sales");
    assert_eq!(world.planned_cycle().counts.references_set, 1);
    assert_eq!(world.boss_of("ana").as_deref(), Some("bo"));
}

#[test]
fn a_manager_who_was_refused_is_tried_again_when_somebody_asks_for_it() {
    let world = refused(at_creation());
    world.target_is_well();
    world.restart("Escrows");
    let counts = world.planned_cycle().counts;
    assert_eq!((counts.references_set, counts.references_pending), (1, 0));
    assert_eq!(world.boss_of("ana").as_deref(), Some("bo"));
}

#[test]
fn a_manager_who_came_late_and_was_refused_is_tried_again_in_time() {
    for world in [at_creation(), never_later()] {
        world.person("kai").disabled();
        world.person("ana").manager("kai");
        assert_eq!(world.cycle().counts.references_pending, 1);
        world.refuses_references();
        world.person("kai").enabled();
        let report = world.cycle();
        assert_eq!(report.state, CycleState::EntryLevelErrors);
        assert_eq!(report.counts.references_pending, 1);
        world.target_is_well();
        assert_eq!(world.planned_cycle().counts, pending(1));
        world.clock.advance_seconds(SIX_HOURS);
        assert_eq!(world.planned_cycle().counts.references_set, 1);
        assert_eq!(world.boss_of("ana").as_deref(), Some("kai"));
        assert_eq!(world.planned_cycle().counts, Counts::default());
    }
}

#[test]
fn a_crowd_that_was_refused_its_manager_is_served_in_time() {
    let world = at_creation().with_pages_of(4);
    world.person("kai").disabled();
    let crowd = world.people("p", 30);
    world.all_report_to(&crowd, world.person("kai"));
    assert_eq!(world.cycle().counts.references_pending, 30);
    world.refuses_references();
    world.person("kai").enabled();
    assert_eq!(world.cycle().counts.references_pending, 30);
    assert_eq!(world.cycle().counts, pending(30));
    let ready = world
        .store
        .read(|it| it.ready_references(world.contoso.id, &world.job, None, 100));
    assert_eq!(ready.unwrap(), [], "no cycle goes through them");
    // Somebody for whom nothing failed comes in between.
    world.target_is_well();
    world.person("q").disabled();
    world.person("r").manager("q");
    assert_eq!(world.planned_cycle().counts.references_pending, 31);
    world.person("q").enabled();
    let counts = world.planned_cycle().counts;
    assert_eq!((counts.references_set, counts.references_pending), (1, 30));
    world.clock.advance_seconds(SIX_HOURS);
    let counts = world.planned_cycle().counts;
    assert_eq!((counts.references_set, counts.references_pending), (30, 0));
}

#[test]
fn a_manager_who_was_refused_and_whom_the_source_names_no_more_is_not_given() {
    let world = refused(at_creation());
    world.target_is_well();
    world.person("ana").without_manager();
    let counts = world.planned_cycle().counts;
    assert_eq!((counts.references_set, counts.references_pending), (0, 0));
    assert_eq!(world.boss_of("ana"), None);
}

#[test]
fn a_manager_who_vanished_is_given_when_he_is_there_again() {
    let world = at_creation();
    world.person("bo");
    world.cycle();
    let bo = world.live("bo").id;
    world.fabrikam_deletes(bo);
    world.fabrikam_purges(bo);
    world.person("ana").manager("bo");
    let report = world.planned_cycle();
    assert_eq!(report.state, CycleState::EntryLevelErrors);
    assert_eq!(report.counts.references_pending, 1);
    let report = world.planned_cycle();
    assert_eq!(
        (report.counts.created, report.counts.references_set),
        (1, 1)
    );
    assert_eq!(world.boss_of("ana").as_deref(), Some("bo"));
    assert_eq!(world.planned_cycle().counts, Counts::default());
}

/// Each page looks at one: whoever is looked at first meets him while he is still gone.
#[test]
fn a_manager_who_vanished_is_given_in_the_cycle_that_brings_him_back_whoever_is_looked_at_first() {
    for [boss, report] in [["bo", "ana"], ["ana", "bo"]] {
        let world = at_creation().with_pages_of(1);
        world.scope_to("department", "Sales");
        world.person("ana");
        world.person("bo");
        world.person(boss).department("Sales");
        world.cycle();
        let guest = world.live(boss).id;
        world.fabrikam_deletes(guest);
        world.fabrikam_purges(guest);
        world.person(report).department("Sales").manager(boss);
        assert_eq!(world.planned_cycle().counts.references_pending, 1);
        let counts = world.planned_cycle().counts;
        assert_eq!(
            (
                counts.created,
                counts.references_set,
                counts.references_pending
            ),
            (1, 1, 0),
            "{report}"
        );
        assert_eq!(world.boss_of(report).as_deref(), Some(boss));
        world.cycle();
        assert_eq!(world.planned_cycle().counts, Counts::default());
    }
}

/// That one was refused says nothing of the one who replaces him.
#[test]
fn a_manager_who_was_refused_is_given_when_he_is_made_anew() {
    let world = refused(at_creation());
    world.target_is_well();
    let bo = world.live("bo").id;
    world.fabrikam_deletes(bo);
    world.fabrikam_purges(bo);
    assert_eq!(world.planned_cycle().counts, pending(1));
    world.person("bo").department("Sales");
    let counts = world.planned_cycle().counts;
    assert_eq!((counts.created, counts.references_set), (1, 1));
    assert_eq!(world.boss_of("ana").as_deref(), Some("bo"));
    // Her own time comes, and she is as she should be.
    world.clock.advance_seconds(SIX_HOURS);
    assert_eq!(world.planned_cycle().counts.unchanged, 1);
    assert_eq!(world.traces().escrows, 0);
}

#[test]
fn a_manager_who_was_refused_is_given_when_he_is_brought_back() {
    let world = refused(at_creation());
    world.target_is_well();
    world.fabrikam_deletes(world.live("bo").id);
    world.person("bo").department("Sales");
    let counts = world.planned_cycle().counts;
    assert_eq!((counts.restored, counts.references_set), (1, 1));
    assert_eq!(world.boss_of("ana").as_deref(), Some("bo"));
}

/// Whoever is left as he is has no escrow any more, and nobody looks at him by himself.
#[test]
fn a_manager_who_was_refused_is_given_though_his_report_is_looked_at_and_left_as_she_is() {
    let world = refused(never_later());
    world.target_is_well();
    world.person("ana").department("Sales");
    let counts = world.planned_cycle().counts;
    assert_eq!(
        (
            counts.skipped,
            counts.references_set,
            counts.references_pending
        ),
        (1, 1, 0)
    );
    assert_eq!(world.traces().escrows, 0);
    assert_eq!(world.boss_of("ana").as_deref(), Some("bo"));
    assert_eq!(world.planned_cycle().counts, Counts::default());
}

/// And one who fails goes on by the timetable: by whose link it would be tried is not settled.
#[test]
fn a_manager_who_was_refused_is_not_given_while_his_report_fails() {
    let world = refused(at_creation());
    world.target_refuses(|operation| matches!(operation, Operation::Update { .. }));
    world.person("ana").department("Sales");
    let counts = world.cycle().counts;
    assert_eq!((counts.escrowed, counts.references_pending), (1, 1));
    world.target_is_well();
    world.clock.advance_seconds(MONTH);
    let counts = world.planned_cycle().counts;
    assert_eq!((counts.updated, counts.references_set), (1, 1));
    assert_eq!(world.traces().escrows, 0);
}

/// Nothing was refused of her: only her update failed.
#[test]
fn whoever_failed_for_another_reason_is_given_the_manager_who_comes() {
    for world in [at_creation(), never_later()] {
        world.person("kai").disabled();
        world.person("ana").manager("kai");
        world.person("bo");
        assert_eq!(world.cycle().counts.references_pending, 1);
        let ana = world.person("ana").id;
        world.escrow(ana);
        world.person("kai").enabled();
        let counts = world.planned_cycle().counts;
        assert_eq!((counts.references_set, counts.references_pending), (1, 0));
        assert_eq!(world.boss_of("ana").as_deref(), Some("kai"));
        assert_eq!(world.traces().escrows, 1, "her own time has not come");
    }
}

#[test]
fn a_manager_who_was_refused_is_given_on_demand() {
    let world = refused(at_creation());
    world.target_is_well();
    world.provision(world.person("ana").id).unwrap();
    assert_eq!(world.boss_of("ana").as_deref(), Some("bo"));
    let traces = world.traces();
    assert_eq!((traces.waiting, traces.escrows), (0, 0));
    assert_eq!(world.planned_cycle().counts, Counts::default());
}

#[test]
fn a_manager_who_was_refused_is_given_by_a_restart() {
    for scope in ["Watermark", "Full"] {
        let world = refused(at_creation());
        world.target_is_well();
        world.restart(scope);
        let counts = world.planned_cycle().counts;
        assert_eq!(
            (counts.references_set, counts.references_pending),
            (1, 0),
            "{scope}"
        );
        assert_eq!(world.boss_of("ana").as_deref(), Some("bo"));
        assert_eq!(world.planned_cycle().counts, Counts::default());
    }
}

#[test]
fn a_manager_who_was_refused_is_given_when_managers_flow_from_now_on() {
    let world = refused(at_creation());
    world.target_is_well();
    world.flow_type("manager", FlowType::Always);
    let counts = world.planned_cycle().counts;
    assert_eq!((counts.references_set, counts.references_pending), (1, 0));
    assert_eq!(world.boss_of("ana").as_deref(), Some("bo"));
}

#[test]
fn whoever_leaves_waits_no_longer_for_the_manager_that_was_refused() {
    let world = refused(at_creation());
    world.target_is_well();
    world.secret("SkipOutOfScopeDeletions", "true");
    world.person("bo").department("Sales");
    world.scope_to("department", "Sales");
    assert_eq!(world.planned_cycle().counts.references_pending, 0);
    assert_eq!(world.boss_of("ana"), None);
    assert_eq!(world.planned_cycle().counts, Counts::default());
}

/// Whoever is assigned is in scope, which Bo is not: Ana waits for him.
fn waiting(world: World) -> World {
    world.sync_assigned();
    world.person("bo");
    world.person("ana").manager("bo").assigned();
    let counts = world.planned_cycle().counts;
    assert_eq!((counts.created, counts.references_pending), (1, 1));
    world
}

/// How somebody leaves, and comes back.
type Absence = (fn(Person<'_>), fn(Person<'_>));

const ABSENCES: [Absence; 2] = [
    (|it| _ = it.unassigned(), |it| _ = it.assigned()),
    (|it| _ = it.deleted(), |it| _ = it.restored()),
];

fn waiting_worlds() -> impl Iterator<Item = (World, Absence)> {
    let worlds = [at_creation, never_later];
    let pairs = worlds
        .into_iter()
        .flat_map(|world| ABSENCES.map(|it| (world, it)));
    pairs.map(|(world, absence)| (waiting(world()), absence))
}

#[test]
fn whoever_leaves_and_comes_back_is_given_the_manager_who_comes_later() {
    for (world, (leave, come_back)) in waiting_worlds() {
        leave(world.person("ana"));
        let counts = world.planned_cycle().counts;
        assert_eq!((counts.deleted, counts.references_pending), (1, 0));
        come_back(world.person("ana"));
        let counts = world.planned_cycle().counts;
        assert_eq!((counts.restored, counts.references_pending), (1, 1));
        assert_eq!(world.planned_cycle().counts, pending(1));
        world.person("bo").assigned();
        let counts = world.planned_cycle().counts;
        assert_eq!((counts.created, counts.references_set), (1, 1));
        assert_eq!(counts.references_pending, 0);
        assert_eq!(world.boss_of("ana").as_deref(), Some("bo"));
        assert_eq!(world.planned_cycle().counts, Counts::default());
    }
}

#[test]
fn whoever_comes_back_is_given_the_manager_who_came_meanwhile() {
    for (world, (leave, come_back)) in waiting_worlds() {
        leave(world.person("ana"));
        world.planned_cycle();
        world.person("bo").assigned();
        let counts = world.planned_cycle().counts;
        assert_eq!((counts.created, counts.references_set), (1, 0));
        assert_eq!(world.planned_cycle().counts, Counts::default());
        come_back(world.person("ana"));
        let counts = world.planned_cycle().counts;
        assert_eq!((counts.restored, counts.references_set), (1, 1));
        assert_eq!(counts.references_pending, 0);
        assert_eq!(world.boss_of("ana").as_deref(), Some("bo"));
        assert_eq!(world.planned_cycle().counts, Counts::default());
    }
}

/// Her account stays as it is, and nobody writes into it.
#[test]
fn whoever_was_let_go_is_given_the_manager_when_she_is_kept_in_step_again() {
    for world in [at_creation(), never_later()] {
        world.secret("SkipOutOfScopeDeletions", "true");
        let world = waiting(world);
        world.person("ana").unassigned();
        world.person("bo").assigned();
        let counts = world.planned_cycle().counts;
        assert_eq!((counts.created, counts.references_pending), (1, 0));
        assert_eq!(world.boss_of("ana"), None);
        world.person("ana").assigned();
        assert_eq!(world.planned_cycle().counts.references_set, 1);
        assert_eq!(world.boss_of("ana").as_deref(), Some("bo"));
        assert_eq!(world.planned_cycle().counts, Counts::default());
    }
}

#[test]
fn whoever_comes_back_is_given_the_manager_who_was_refused() {
    for (leave, come_back) in &ABSENCES[1..] {
        let world = refused(at_creation());
        leave(world.person("ana"));
        let counts = world.planned_cycle().counts;
        assert_eq!((counts.deleted, counts.references_pending), (1, 0));
        assert_eq!(world.traces().escrows, 0);
        world.target_is_well();
        come_back(world.person("ana"));
        let counts = world.planned_cycle().counts;
        assert_eq!((counts.restored, counts.references_set), (1, 1));
        assert_eq!(world.boss_of("ana").as_deref(), Some("bo"));
        assert_eq!(world.planned_cycle().counts, Counts::default());
    }
}

#[test]
fn whoever_comes_back_is_not_given_a_manager_whom_the_source_names_no_more() {
    for (world, (leave, come_back)) in waiting_worlds() {
        leave(world.person("ana"));
        world.planned_cycle();
        come_back(world.person("ana"));
        world.person("ana").without_manager();
        world.person("bo").assigned();
        let counts = world.planned_cycle().counts;
        assert_eq!((counts.restored, counts.references_set), (1, 0));
        assert_eq!(counts.references_pending, 0);
        assert_eq!(world.boss_of("ana"), None);
        assert_eq!(world.planned_cycle().counts, Counts::default());
    }
}

/// And so is whatever she waited for.
#[test]
fn whoever_leaves_for_good_is_forgotten() {
    let world = waiting(at_creation());
    let ana = world.person("ana");
    let suspended = || {
        let rows = world
            .store
            .read(|it| it.suspended_of(world.contoso.id, &world.job, &[ana.id]));
        rows.unwrap().len()
    };
    ana.deleted();
    world.planned_cycle();
    assert_eq!(suspended(), 1);
    ana.purged();
    world.planned_cycle();
    assert_eq!(suspended(), 0);
}

/// It is tried once, as whatever waits for somebody who is there, and marked then.
#[test]
fn what_was_refused_before_it_was_marked_is_tried_once() {
    let world = refused(at_creation());
    world.forgets_what_was_refused();
    assert_eq!(world.cycle().state, CycleState::EntryLevelErrors);
    assert_eq!(world.failures_of("ana"), 2);
    assert_eq!(world.planned_cycle().counts, pending(1));
    assert_eq!(world.failures_of("ana"), 2);

    let world = refused(at_creation());
    world.forgets_what_was_refused();
    world.target_is_well();
    assert_eq!(world.planned_cycle().counts.references_set, 1);
    assert_eq!(world.boss_of("ana").as_deref(), Some("bo"));
}
