//! When a job says that an execution had no errors, and that nothing is left to be done.

use syncline_model::job::{CycleState, JobStatus};

use crate::world::World;

fn status(world: &World) -> JobStatus {
    world.stored_job().status
}

#[test]
fn an_execution_with_errors_is_not_the_last_successful_one() {
    let world = World::new();
    world.person("ana");
    world.cycle();
    let before = status(&world);
    assert!(before.steady_state_first_achieved.is_some());
    world.internal_user_of_fabrikam("bea@contoso.example");
    world.person("bea");
    world.person("cem");
    assert_eq!(world.cycle().state, CycleState::EntryLevelErrors);
    let after = status(&world);
    assert_eq!(
        after.last_successful_execution,
        before.last_successful_execution
    );
    assert_eq!(
        after.steady_state_last_achieved,
        before.steady_state_last_achieved
    );
    assert_ne!(after.last_execution, before.last_execution);
    // It exported all the same.
    assert_eq!(
        after.last_successful_execution_with_exports,
        after.last_execution
    );
}

#[test]
fn nothing_is_steady_while_deletes_are_held() {
    let world = World::new();
    world.threshold(1);
    world.people("p", 2);
    world.cycle();
    let before = status(&world);
    world.person("p0").deleted();
    world.cycle();
    let after = status(&world);
    assert_eq!(
        after.steady_state_last_achieved,
        before.steady_state_last_achieved
    );
    assert_eq!(after.last_successful_execution, after.last_execution);
    world.restart("ForceDeletes");
    world.cycle();
    let freed = status(&world);
    assert_eq!(
        freed.steady_state_first_achieved,
        before.steady_state_first_achieved
    );
    assert!(freed.steady_state_last_achieved > before.steady_state_last_achieved);
}
