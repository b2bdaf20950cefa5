//! A clock that is far ahead for a moment: nobody waits until it would have been right, and nothing is noted by it once it
//! is put right.

use syncline_model::job::CycleReport;
use syncline_model::{Attr, Clock as _, Value};
use syncline_runner::{Runner, Silent};
use syncline_store::Escrow;

use crate::world::{AfterPage, World};

const DAY_SECONDS: i64 = 86_400;
/// How far it is ahead: for longer than anything waits.
const AHEAD_SECONDS: i64 = 400 * DAY_SECONDS;

impl World {
    fn run_at(&self, node: &Runner) -> CycleReport {
        node.run_cycle(self.contoso.id, &self.job, &Silent).unwrap()
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
