//! A clock that is far ahead for a moment: nobody waits until it would have been right, and nothing is noted by it once it
//! is put right.

use syncline_engine::Operation;
use syncline_model::job::{CycleReport, CycleState, ScheduleState};
use syncline_model::{Attr, Clock as _, Value};
use syncline_runner::{Runner, Silent};
use syncline_store::Escrow;

use crate::world::{AfterPage, INTERVAL_SECONDS, World};

const DAY_SECONDS: i64 = 86_400;
/// How far it is ahead: for longer than anything waits.
const AHEAD_SECONDS: i64 = 400 * DAY_SECONDS;

impl World {
    fn run_at(&self, node: &Runner) -> CycleReport {
        node.run_cycle(self.contoso.id, &self.job, &Silent).unwrap()
    }

    /// A cycle begins and ends by the clock that is ahead.
    fn run_ahead(&self) -> CycleReport {
        self.run_at(&self.process_ahead_by(AHEAD_SECONDS))
    }

    fn is_due(&self) -> bool {
        !self.runner.due(10).unwrap().scheduled.is_empty()
    }

    fn escrow_of(&self, name: &str) -> Option<Escrow> {
        let id = self.person(name).id;
        let rows = self
            .store
            .read(|it| it.escrows_for(self.contoso.id, &self.job, &[id]));
        rows.unwrap().remove(0)
    }

    /// Bea, who can not be created, for somebody has her name.
    fn bea_fails(&self) {
        self.internal_user_of_fabrikam("bea@contoso.example");
        self.person("bea");
    }
}

#[test]
fn its_job_is_due_when_the_clock_is_right_again() {
    let world = World::new();
    world.people("p", 3);
    world.run_ahead();
    assert!(world.is_due());
    world.run_at(&world.runner);
    let job = world.stored_job();
    let now = world.clock.now();
    assert_eq!(job.next_due, Some(now.plus_seconds(INTERVAL_SECONDS)));
    assert!(!world.is_due());
    let last = job.status.last_execution.unwrap();
    assert!(last.began <= now && last.ended <= now, "{last:?}");
}

#[test]
fn who_failed_by_it_is_tried_when_the_clock_is_right_again() {
    let world = World::new();
    world.bea_fails();
    assert_eq!(world.run_ahead().counts.escrowed, 1);
    assert_eq!(world.plan().counts.escrowed, 1);
    assert_eq!(world.run_at(&world.runner).counts.escrowed, 1);
    let now = world.clock.now();
    let row = world.escrow_of("bea").unwrap();
    let six_hours = now.plus_seconds(6 * 60 * 60);
    assert_eq!((row.first_failed, row.next_attempt), (now, six_hours));
    assert_eq!(world.run_at(&world.runner).counts.escrowed, 0);
}

#[test]
fn who_failed_before_is_not_given_up_by_it() {
    let world = World::new();
    world.bea_fails();
    world.cycle();
    let first_failed = world.clock.now();
    world.clock.advance_seconds(DAY_SECONDS);
    assert_eq!(world.run_ahead().counts.escrowed, 1);
    assert!(!world.escrow_of("bea").unwrap().is_given_up());
    assert_eq!(world.run_at(&world.runner).counts.escrowed, 1);
    let row = world.escrow_of("bea").unwrap();
    let two_days = first_failed.plus_seconds(2 * DAY_SECONDS);
    assert_eq!(
        (row.first_failed, row.next_attempt),
        (first_failed, two_days)
    );
}

#[test]
fn a_job_in_quarantine_is_not_disabled_by_it() {
    let world = World::of_strangers();
    world.person("ana");
    world.cycle();
    assert_eq!(world.run_ahead().state, CycleState::Failed);
    assert_eq!(world.stored_job().state, ScheduleState::Active);
    assert!(world.is_due());
    world.fabrikam_allows();
    world.contoso_consents();
    assert_eq!(world.cycle().counts.created, 1);
}

/// What it has noted of memberships waits no longer either, and is gone through once in a cycle.
#[test]
fn a_membership_that_failed_by_it_is_tried_when_the_clock_is_right_again() {
    let world = World::new();
    world.groups_flow();
    let people = world.people("p", 3);
    world.group("Sales").with(&people);
    world.cycle();
    let sam = world.person("sam");
    world.cycle();
    let guest = world.live("sam").id;
    world.group("Sales").with(&[sam]);
    world
        .target_refuses(move |it| matches!(it, Operation::AddReference { to, .. } if *to == guest));
    let failed = |report: CycleReport| report.state == CycleState::EntryLevelErrors;
    assert!(failed(world.run_ahead()));
    assert!(failed(world.run_at(&world.runner)));
    assert!(!failed(world.run_at(&world.runner)));
    world.target_is_well();
    world.clock.advance_seconds(6 * 60 * 60);
    assert_eq!(world.cycle().counts.references_set, 1);
    assert_eq!(world.members_in_fabrikam("Sales").len(), 4);
}

/// What was refused before is tried once more, as an object is, and by its timetable when the clock is right again.
#[test]
fn a_membership_that_failed_before_is_not_given_up_by_it() {
    let world = World::new();
    world.groups_flow();
    let people = world.people("p", 3);
    let sales = world.group("Sales").with(&people[..2]);
    world.cycle();
    let guest = world.live("p2").id;
    sales.with(&people[2..]);
    world
        .target_refuses(move |it| matches!(it, Operation::AddReference { to, .. } if *to == guest));
    world.cycle();
    let first_failed = world.clock.now();
    world.clock.advance_seconds(DAY_SECONDS);
    let failed = |report: CycleReport| report.state == CycleState::EntryLevelErrors;
    assert!(failed(world.run_ahead()));
    let escrow = || {
        let rows = world
            .store
            .read(|it| it.escrows_for(world.contoso.id, &world.job, &[sales.id]));
        rows.unwrap().remove(0).unwrap()
    };
    assert!(!escrow().is_given_up());
    assert!(failed(world.run_at(&world.runner)));
    let row = escrow();
    let two_days = first_failed.plus_seconds(2 * DAY_SECONDS);
    assert_eq!(
        (row.first_failed, row.next_attempt),
        (first_failed, two_days)
    );
    assert!(!failed(world.run_at(&world.runner)));
    world.target_is_well();
    world.clock.advance_seconds(DAY_SECONDS);
    assert_eq!(world.cycle().counts.references_set, 1);
    assert_eq!(world.members_in_fabrikam("Sales").len(), 3);
}

/// But one more try is all that a job gets that stood still: what is refused then is given up.
#[test]
fn a_membership_that_nobody_tried_in_time_is_tried_once_more() {
    let world = World::new();
    world.groups_flow();
    let people = world.people("p", 2);
    let sales = world.group("Sales").with(&people[..1]);
    world.cycle();
    let guest = world.live("p1").id;
    sales.with(&people[1..]);
    world
        .target_refuses(move |it| matches!(it, Operation::AddReference { to, .. } if *to == guest));
    let failed = || world.cycle().state == CycleState::EntryLevelErrors;
    let given_up = || {
        let count = world
            .store
            .read(|it| it.count_given_up(world.contoso.id, &world.job));
        count.unwrap()
    };
    assert!(failed());
    world.clock.advance_seconds(AHEAD_SECONDS);
    assert_eq!((failed(), given_up()), (true, 0));
    assert_eq!((failed(), given_up()), (true, 1));
    assert_eq!((failed(), given_up()), (false, 1));
}

/// The machine has started with the wrong time, and asks a time server a moment later.
#[test]
fn a_cycle_that_began_by_it_goes_on_by_the_clock_that_is_right_again() {
    let world = World::new().with_pages_of(2);
    world.people("p", 5);
    world.bea_fails();
    world.clock.advance_seconds(AHEAD_SECONDS);
    let put_right = AfterPage::new(|page, _| {
        if page == 1 {
            world.clock.advance_seconds(-AHEAD_SECONDS);
        }
    });
    let report = world
        .runner
        .run_cycle(world.contoso.id, &world.job, &put_right);
    assert_eq!(report.unwrap().counts.escrowed, 1);
    let now = world.clock.now();
    let last = world.stored_job().status.last_execution.unwrap();
    assert!(last.began <= now && last.ended <= now, "{last:?}");
    assert!(world.escrow_of("bea").unwrap().first_failed <= now);
    assert!(!world.is_due());
}

/// Few changes are decided inside of the transaction that writes them, others outside: both by the clock.
#[test]
fn nobody_leaves_by_it_when_the_clock_is_right_again() {
    let leavers = r#"IIF(IsNull([employeeLeaveDateTime]), [accountEnabled], IIF(CDate([employeeLeaveDateTime]) <= Now(), "False", [accountEnabled]))"#;
    for (ahead, leaves_in) in [(90 * DAY_SECONDS, 30 * DAY_SECONDS), (240, 120)] {
        for few in [0, 100] {
            let world = World::new().with_few_changes_up_to(few);
            world.map("accountEnabled", leavers);
            world.people("p", 5);
            world.run_at(&world.process_ahead_by(ahead));
            let leaves = Value::Time(world.clock.now().plus_seconds(leaves_in));
            let ana = world.person("p0");
            ana.set(Attr::EMPLOYEE_LEAVE_DATE_TIME, leaves);
            ana.set(Attr::JOB_TITLE, "Clerk");
            let report = world.run_at(&world.runner);
            assert_eq!(report.counts.updated, 1, "{ahead} {few} {report:?}");
            assert!(world.live("p0").is_enabled(), "{ahead} {few}");
        }
    }
}
