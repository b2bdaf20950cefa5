//! Members of synchronized groups: added, removed, and nobody waits for a restart.

mod add_only;
mod coming_back;
mod departing;
mod following;
mod full_read;
mod held;
mod histories;
mod mapping;
mod other_jobs;
mod refused;
mod two_jobs;

use syncline_model::job::Counts;

use crate::world::World;

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;

fn world() -> World {
    let world = World::new();
    world.groups_flow();
    world
}

impl World {
    /// A cycle that does what was planned, and after which nothing is left to be done.
    fn cycle_as_planned(&self) -> Counts {
        let planned = self.plan();
        let report = self.cycle();
        assert_eq!(planned.counts, report.counts);
        report.counts
    }
}

fn references(counts: Counts) -> (u64, u64) {
    (counts.references_set, counts.references_removed)
}
