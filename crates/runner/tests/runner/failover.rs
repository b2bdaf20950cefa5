//! A standby that took over may not know what was written last: numbers are given twice.

use syncline_model::job::CycleState;

use crate::world::World;

/// What is compiled is kept by the number of the configuration, and this one is another one.
#[test]
fn a_schema_that_got_the_number_of_one_that_was_lost_is_compiled_anew() {
    let world = World::new();
    world.scope_to("department", "Sales");
    world.person("ana").department("Sales");
    world.person("bo").department("Finance");
    world.cycle();
    assert_eq!(world.target_names(), ["ana"]);
    let lost = world.stored_job();
    world.scope_to("department", "Finance");
    let mut job = world.stored_job();
    assert_eq!(
        job.configuration_generation,
        lost.configuration_generation + 1
    );
    job.configuration_generation = lost.configuration_generation;
    job.watermark = None;
    world.store.write(|tx| tx.update_job(&job)).unwrap();
    assert_eq!(world.cycle().state, CycleState::Succeeded);
    assert_eq!(world.target_names(), ["bo"]);
}
