//! A standby that took over may not know what was written last: numbers are given twice.

use syncline_model::job::CycleState;

use syncline_model::Job;

use crate::world::World;

impl World {
    /// What is in force now got the number of what is lost.
    fn numbered_as(&self, lost: &Job) {
        let mut job = self.stored_job();
        job.configuration_generation = lost.configuration_generation;
        self.store.write(|tx| tx.update_job(&job)).unwrap();
    }
}

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

/// Whom a change concerns is kept by the number as well. The one that was lost concerned nobody.
#[test]
fn whom_a_schema_concerns_that_got_the_number_of_one_that_was_lost_is_worked_out_anew() {
    let world = World::new();
    world.person("ana").department("SALES");
    world.cycle();
    world.map("department", "ToUpper([department])");
    assert_eq!(world.plan().affected, 0);
    let lost = world.stored_job();
    world.map("jobTitle", "\"Colleague\"");
    world.numbered_as(&lost);
    assert_eq!(world.cycle().counts.updated, 1);
}

#[test]
fn whom_another_scope_concerns_that_got_the_number_of_one_that_was_lost_is_worked_out_anew() {
    let world = World::new();
    let people = world.people("p", 10);
    for person in &people[..9] {
        person.assigned();
    }
    world.cycle();
    world.secret("SkipOutOfScopeDeletions", "true");
    assert_eq!(world.plan().affected, 0);
    let lost = world.stored_job();
    world.secret("SkipOutOfScopeDeletions", "");
    world.sync_assigned();
    world.numbered_as(&lost);
    assert_eq!(world.cycle().counts.deleted, 1);
}
