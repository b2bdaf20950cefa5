//! Undoing what a job did: the target as it was before, as far as nobody else has changed it since.

mod interrupted;
mod kept;
mod leavers;
mod matching;
mod names;
mod people;
mod recycle_bin;
mod references;
mod refused;

use syncline_model::Attr;
use syncline_model::job::CycleReport;
use syncline_model::link::LinkState;

use crate::world::World;

/// Ana and bo of Sales are in Fabrikam and enabled, cy of Legal is not. Pages of two.
fn sales() -> World {
    let world = World::new().with_pages_of(2);
    world.scope_to("department", "Sales");
    for (name, department) in [("ana", "Sales"), ("bo", "Sales"), ("cy", "Legal")] {
        world.person(name).department(department);
    }
    world.person("bo").manager("ana");
    assert_eq!(world.cycle().counts.created, 2);
    world.clock.advance_seconds(60);
    world
}

/// A cycle by a schema that nobody wanted: Legal is in scope and Sales is not, and whoever is in scope is
/// called otherwise.
fn wrong_cycle(world: &World) -> CycleReport {
    world.scope_to("department", "Legal");
    world.map("displayName", "\"Wrong\"");
    let report = world.cycle();
    assert_eq!((report.counts.created, report.counts.deleted), (1, 2));
    report
}

/// A cycle that overwrites something of everybody in scope.
fn overwriting_cycle(world: &World) -> CycleReport {
    world.map("displayName", "\"Wrong\"");
    world.map("jobTitle", "\"Nobody\"");
    let report = world.cycle();
    for name in ["ana", "bo"] {
        assert_eq!(world.live(name).text(Attr::DISPLAY_NAME), "Wrong");
    }
    report
}

fn link_of(world: &World, name: &str) -> LinkState {
    let source = world.person(name).id;
    let links = world
        .store
        .read(|reader| reader.links_for(world.contoso.id, &world.job, &[source]));
    links.unwrap()[0].as_ref().unwrap().state
}
