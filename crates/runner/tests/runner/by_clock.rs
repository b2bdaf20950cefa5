//! Mappings that compare with `Now()`: what they say changes though nobody changes anything.

use syncline_engine::Operation;
use syncline_engine::schema::{FlowType, FlowTypes};
use syncline_model::job::{CLOCK_SECONDS, Counts, CycleKind, CyclePhase, CycleReport, CycleState};
use syncline_model::{Attr, Clock as _, Value};
use syncline_runner::{Progress, Reach};
use syncline_store::Reader;

use crate::world::{AfterPage, INTERVAL_SECONDS, Person, World, map};

/// Whoever has left is switched off, at the hour that the source says.
const LEAVERS: &str = r#"IIF(IsNull([employeeLeaveDateTime]), [accountEnabled], IIF(CDate([employeeLeaveDateTime]) <= Now(), "False", [accountEnabled]))"#;

/// Whoever has left is not to be in the target, by that hour.
const LEFT: &str = r#"IIF(IsNull([employeeLeaveDateTime]), [IsSoftDeleted], IIF(CDate([employeeLeaveDateTime]) <= Now(), "True", [IsSoftDeleted]))"#;

/// Whoever begins is switched on by then.
const JOINERS: &str = r#"IIF(IsNull([employeeHireDate]), "True", IIF(CDate([employeeHireDate]) <= Now(), "True", "False"))"#;

/// Whoever begins is created by then.
const LATER: &str = r#"IIF(IsNull([employeeHireDate]), [IsSoftDeleted], IIF(CDate([employeeHireDate]) > Now(), "True", [IsSoftDeleted]))"#;

impl World {
    fn in_seconds(&self, seconds: i64) -> Value {
        Value::Time(self.clock.now().plus_seconds(seconds))
    }

    /// How often somebody was tried who has failed, and whether they are given up.
    fn tries(&self, name: &str) -> (u32, bool) {
        let id = self.person(name).id;
        let row = |reader: &Reader<'_>| reader.escrows_for(self.contoso.id, &self.job, &[id]);
        let row = self.store.read(row).unwrap().remove(0).unwrap();
        (row.attempts, row.is_given_up())
    }

    /// So long that whoever fails is given up.
    fn forty_days(&self) {
        for _ in 0..40 {
            self.clock.advance_seconds(24 * 60 * 60);
            self.cycle();
        }
    }

    /// A cycle that begins so much later that the time is looked at again.
    fn cycle_later(&self) -> CycleReport {
        self.clock.advance_seconds(CLOCK_SECONDS);
        self.cycle()
    }
}

impl Person<'_> {
    /// The first time when a cycle is to find that they have left is half an interval behind the next one.
    fn leaving(self, world: &World) -> Self {
        let soon = world.in_seconds(INTERVAL_SECONDS * 3 / 2);
        self.set(Attr::EMPLOYEE_LEAVE_DATE_TIME, soon)
    }
}

/// Three who leave between the first cycle and the second, and seven who do not.
fn leavers() -> World {
    let world = World::new().with_pages_of(2);
    world.map("accountEnabled", LEAVERS);
    world.people("p", 7);
    for person in world.people("leaver", 3) {
        person.leaving(&world);
    }
    assert_eq!(world.cycle().counts.created, 10);
    world
}

fn counts(change: impl FnOnce(&mut Counts)) -> Counts {
    let mut counts = Counts::default();
    change(&mut counts);
    counts
}

#[test]
fn who_has_left_by_the_clock_is_switched_off_once() {
    let world = leavers();
    let planned = {
        world.clock.advance_seconds(2 * CLOCK_SECONDS);
        world.plan()
    };
    assert_eq!(planned.kind, CycleKind::Incremental);
    assert_eq!((planned.reach, planned.affected), (Reach::Linked, 3));
    assert_eq!((planned.counts.disabled, planned.removals), (3, 3));
    assert_eq!(
        planned.changed,
        ["User: the time, by which the mapping of accountEnabled goes"]
    );
    let report = world.cycle();
    assert_eq!(report.kind, CycleKind::Incremental);
    assert_eq!(report.counts, counts(|it| it.disabled = 3));
    assert!(!world.live("leaver0").is_enabled() && world.live("p0").is_enabled());
    // They read the clock ever after, and are as they should be.
    let before = world.traces();
    let report = world.cycle_later();
    assert_eq!(report.counts, counts(|it| it.unchanged = 3));
    assert_eq!(world.traces(), before);
}

/// Whoever has left is asked to leave the target as well, where deletions are off. Another job adopts her, account on: that she
/// was handed over would be told at each look.
#[test]
fn who_has_left_and_is_another_jobs_by_now_is_told_of_no_more() {
    let mut world = World::new();
    world.map("accountEnabled", LEAVERS);
    world.map("IsSoftDeleted", LEFT);
    world.change_schema(|schema| {
        let users = &mut schema.synchronization_rules[0].object_mappings[0];
        users.flow_types = FlowTypes("Add,Update".to_owned());
    });
    world.person("ana").leaving(&world);
    assert_eq!(world.cycle().counts.created, 1);
    assert_eq!(world.cycle_later().counts, counts(|it| it.disabled = 1));
    let first = world.another_configuration();
    assert_eq!(world.cycle().counts.updated, 1);
    assert!(world.live("ana").is_enabled());

    world.speak_of(first);
    let before = world.traces();
    for _ in 0..2 {
        let report = world.cycle_later();
        assert_eq!(report.counts, counts(|it| it.unchanged = 1));
        assert_eq!(world.traces(), before);
    }
    assert!(world.live("ana").is_enabled());
}

/// Whoever failed has a timetable, and an end of it.
#[test]
fn who_failed_is_not_tried_at_each_look() {
    let world = leavers();
    world.target_refuses(|operation| matches!(operation, Operation::Update { .. }));
    assert_eq!(world.cycle_later().counts, counts(|it| it.escrowed = 3));
    for _ in 0..3 {
        assert_eq!(world.cycle_later().counts, Counts::default());
        assert_eq!(world.plan().affected, 0);
    }
    assert_eq!(world.tries("leaver0"), (1, false));
    world.forty_days();
    let (tries, is_given_up) = world.tries("leaver0");
    assert!(is_given_up && tries < 40, "{tries}");
    for _ in 0..3 {
        assert_eq!(world.cycle_later().counts, Counts::default());
        assert_eq!(world.tries("leaver0"), (tries, true));
    }
}

#[test]
fn who_was_given_up_is_tried_when_their_time_comes() {
    let world = World::new();
    world.map("accountEnabled", LEAVERS);
    world.people("p", 7);
    let ana = world.person("ana");
    let later = world.in_seconds(50 * 24 * 60 * 60);
    ana.set(Attr::EMPLOYEE_LEAVE_DATE_TIME, later);
    world.cycle();
    world.target_refuses(|operation| matches!(operation, Operation::Update { .. }));
    ana.set(Attr::JOB_TITLE, "Clerk");
    world.cycle();
    world.forty_days();
    assert!(world.tries("ana").1);
    world.target_is_well();
    assert_eq!(world.cycle_later().counts, Counts::default());
    world.clock.advance_seconds(10 * 24 * 60 * 60);
    assert_eq!(world.cycle().counts, counts(|it| it.updated = 1));
    let guest = world.live("ana");
    assert!(!guest.is_enabled() && guest.text(Attr::JOB_TITLE) == "Clerk");
}

#[test]
fn nobody_is_evaluated_again_before_an_hour_is_over() {
    let world = leavers();
    assert!(world.plan().changed.is_empty());
    assert_eq!(world.cycle().counts, Counts::default());
    // 80 minutes behind the first one.
    assert_eq!(world.cycle().counts.disabled, 3);
    assert_eq!(world.cycle().counts, Counts::default());
}

#[test]
fn what_the_clock_switches_off_comes_to_the_deletion_gate() {
    let world = leavers();
    world.threshold(3);
    world.clock.advance_seconds(CLOCK_SECONDS);
    let planned = world.plan();
    assert_eq!((planned.removals, planned.held), (3, true));
    let report = world.cycle();
    assert_eq!(report.counts, counts(|it| it.staged = 3));
    assert!(world.live("leaver0").is_enabled());
    world.restart("ForceDeletes");
    assert_eq!(world.cycle().counts, counts(|it| it.disabled = 3));
}

#[test]
fn who_begins_is_switched_on() {
    let world = World::new();
    world.map("accountEnabled", JOINERS);
    let soon = world.in_seconds(INTERVAL_SECONDS * 3 / 2);
    world.person("new").set(Attr::EMPLOYEE_HIRE_DATE, soon);
    world.cycle();
    assert!(!world.live("new").is_enabled());
    assert_eq!(world.cycle_later().counts, counts(|it| it.updated = 1));
    assert!(world.live("new").is_enabled());
}

#[test]
fn a_job_whose_mappings_do_not_go_by_the_clock_evaluates_nobody() {
    let world = World::new();
    let soon = world.in_seconds(INTERVAL_SECONDS * 3 / 2);
    let person = world.person("ana");
    person.set(Attr::EMPLOYEE_LEAVE_DATE_TIME, soon);
    // At creation only, when nobody asks again.
    world.map("accountEnabled", LEAVERS);
    world.flow_type("accountEnabled", FlowType::ObjectAddOnly);
    world.cycle();
    assert_eq!(world.stored_job().clock_read_at, None);
    assert!(world.plan().changed.is_empty());
    assert_eq!(world.cycle_later().counts, Counts::default());
}

/// The value of now is that of then, and the one in between was written.
#[test]
fn a_value_that_came_and_went_since_is_taken_back() {
    let away = r#"IIF(IsNull([employeeLeaveDateTime]), [accountEnabled], IIF(CDate([employeeLeaveDateTime]) > Now(), [accountEnabled], IIF(DateDiff("n", CDate([employeeLeaveDateTime]), Now()) < 30, "False", [accountEnabled])))"#;
    let world = World::new();
    world.map("accountEnabled", away);
    let ana = world.person("ana").leaving(&world);
    world.cycle();
    // Something of her changes while she is away, and a cycle that does not look at the time sees her.
    ana.set(Attr::JOB_TITLE, "Clerk");
    assert_eq!(world.cycle().counts.updated, 1);
    assert!(!world.live("ana").is_enabled());
    assert_eq!(world.cycle_later().counts.updated, 1);
    assert!(world.live("ana").is_enabled());
}

#[test]
fn who_is_to_come_later_is_created_by_then() {
    let world = World::new();
    world.map("IsSoftDeleted", LATER);
    world.person("ana");
    let soon = world.in_seconds(INTERVAL_SECONDS * 3 / 2);
    world.person("new").set(Attr::EMPLOYEE_HIRE_DATE, soon);
    assert_eq!(world.cycle().counts.created, 1);
    world.clock.advance_seconds(CLOCK_SECONDS);
    let planned = world.plan();
    assert_eq!((planned.reach, planned.affected), (Reach::Some, 1));
    assert_eq!(world.cycle().counts, counts(|it| it.created = 1));
}

#[test]
fn who_is_to_come_later_is_not_logged_at_each_look() {
    let world = World::new();
    world.map("IsSoftDeleted", LATER);
    let tomorrow = world.in_seconds(24 * 60 * 60);
    world.person("new").set(Attr::EMPLOYEE_HIRE_DATE, tomorrow);
    assert_eq!(world.cycle().counts.skipped, 1);
    let before = world.traces();
    for _ in 0..3 {
        assert_eq!(world.cycle_later().counts, Counts::default());
    }
    assert_eq!(world.traces(), before);
    world.clock.advance_seconds(24 * 60 * 60);
    assert_eq!(world.cycle().counts, counts(|it| it.created = 1));
}

/// Nobody is made for them, and they may be there already.
#[test]
fn where_nobody_is_created_they_are_looked_for_once() {
    let world = World::new();
    world.change_schema(|schema| {
        map(schema, "IsSoftDeleted", LATER);
        let users = &mut schema.synchronization_rules[0].object_mappings[0];
        users.flow_types = FlowTypes("Update,Delete".to_owned());
    });
    let soon = world.in_seconds(INTERVAL_SECONDS * 3 / 2);
    world.person("new").set(Attr::EMPLOYEE_HIRE_DATE, soon);
    world.cycle();
    assert_eq!(world.cycle_later().counts, counts(|it| it.skipped = 1));
    let before = world.traces();
    assert_eq!(world.cycle_later().counts, Counts::default());
    assert_eq!(world.traces(), before);
}

/// What the old mapping says now is not what it said when she was decided by it.
#[test]
fn a_mapping_that_goes_by_the_clock_no_more_is_compared_with_what_was_written() {
    let world = leavers();
    world.clock.advance_seconds(INTERVAL_SECONDS);
    world.map(
        "accountEnabled",
        r#"IIF(IsNull([employeeLeaveDateTime]), [accountEnabled], "False")"#,
    );
    let report = world.cycle();
    assert_eq!(report.counts.disabled, 3);
    assert_eq!(world.stored_job().clock_read_at, None);
    assert_eq!(world.cycle_later().counts, Counts::default());
}

#[test]
fn in_continuous_mode_a_cycle_is_due_an_hour_later_whatever_the_interval() {
    let world = leavers();
    let mut job = world.stored_job();
    job.interval_seconds = 86_400;
    job.next_due = Some(world.clock.now().plus_seconds(86_400));
    job.set_continuous(Some("True".to_owned()), world.clock.now());
    world.store.write(|tx| tx.update_job(&job)).unwrap();
    let last = job.clock_read_at.unwrap();
    let due = Some(last.plus_seconds(CLOCK_SECONDS));
    assert_eq!(job.next_due, due);
    // A cycle in between follows what has changed, and leaves the time to the scheduled one.
    world.person("p0").set(Attr::JOB_TITLE, "Clerk");
    let followed = world.follow().unwrap();
    assert_eq!(followed.counts, counts(|it| it.updated = 1));
    assert_eq!(world.stored_job().next_due, due);
    let report = world.cycle_later();
    assert_eq!((report.in_between, report.counts.disabled), (false, 3));
    let job = world.stored_job();
    let read_at = job.clock_read_at.unwrap();
    assert!(read_at > last);
    assert_eq!(job.next_due, Some(read_at.plus_seconds(CLOCK_SECONDS)));
}

/// Whatever saves its settings: a target that refuses is not asked sooner.
#[test]
fn a_job_that_is_held_back_waits_on_when_continuous_mode_is_switched_on() {
    let world = leavers();
    world.contoso_policy(|partner| partner.redemption.outbound_allowed = Some(false));
    for _ in 0..4 {
        assert_eq!(world.cycle_later().state, CycleState::Failed);
    }
    let mut job = world.stored_job();
    let due = job.next_due;
    assert!(due > Some(world.clock.now().plus_seconds(CLOCK_SECONDS)));
    job.set_continuous(Some("True".to_owned()), world.clock.now());
    assert_eq!(job.next_due, due);
}

/// In a quarantine that only holds removals the schedule goes on, and the status shows it.
#[test]
fn a_job_that_holds_removals_shows_when_it_looks_at_the_clock() {
    let world = leavers();
    world.threshold(3);
    assert_eq!(world.cycle_later().counts.staged, 3);
    let mut job = world.stored_job();
    let day = world.clock.now().plus_seconds(86_400);
    job.next_due = Some(day);
    job.set_continuous(Some("True".to_owned()), world.clock.now());
    let quarantine = job.status.quarantine.as_ref().unwrap();
    assert!(job.next_due < Some(day));
    assert_eq!(Some(quarantine.next_attempt), job.next_due);
}

#[test]
fn a_look_that_takes_longer_than_an_hour_is_not_due_again_at_once() {
    let world = leavers();
    for interval in [86_400, 300] {
        let mut job = world.stored_job();
        job.interval_seconds = interval;
        job.set_continuous(Some("True".to_owned()), world.clock.now());
        world.store.write(|tx| tx.update_job(&job)).unwrap();
        world.clock.advance_seconds(CLOCK_SECONDS);
        let takes_long = AfterPage::new(|_, progress: &Progress| {
            if progress.phase == CyclePhase::Reevaluation {
                world.clock.advance_seconds(2 * CLOCK_SECONDS);
            }
        });
        world.cycle_watched_by(&takes_long);
        let rest = i64::from(interval).min(CLOCK_SECONDS);
        let due = world.clock.now().plus_seconds(rest);
        assert_eq!(world.stored_job().next_due, Some(due), "{interval}");
    }
}

#[test]
fn an_interrupted_look_at_the_clock_goes_on_elsewhere() {
    let world = leavers();
    world.clock.advance_seconds(CLOCK_SECONDS);
    let pauses = AfterPage::new(|_, progress: &Progress| {
        if progress.phase == CyclePhase::Reevaluation {
            world.pause();
        }
    });
    assert_eq!(world.cycle_watched_by(&pauses).state, CycleState::Stopped);
    assert!(world.stored_job().running.is_some_and(|it| it.by_clock));
    let world = world.elsewhere();
    world.start();
    assert_eq!(world.cycle().counts.disabled, 3);
    assert_eq!(world.cycle_later().counts, counts(|it| it.unchanged = 3));
}

/// A version that knows nothing of it leaves nothing of it behind.
#[test]
fn what_nobody_knows_the_last_look_of_is_looked_at() {
    let world = leavers();
    let mut job = world.stored_job();
    job.clock_read_at = None;
    world.store.write(|tx| tx.update_job(&job)).unwrap();
    assert_eq!(world.cycle().counts, counts(|it| it.disabled = 3));
    assert!(world.stored_job().clock_read_at.is_some());
}

/// It would go on to be what it was by then, however long the clock takes to come there.
#[test]
fn what_was_looked_at_by_a_clock_that_was_ahead_is_looked_at_again() {
    let world = leavers();
    let mut job = world.stored_job();
    job.clock_read_at = Some(world.clock.now().plus_seconds(1_000_000));
    world.store.write(|tx| tx.update_job(&job)).unwrap();
    assert_eq!(world.cycle().counts, counts(|it| it.disabled = 3));
}
