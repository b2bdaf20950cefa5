//! Pages that take longer than the database server waits for the next statement: they are not tried
//! again as they were.

use syncline_model::job::CycleState;
use syncline_runner::{PageSizes, Silent};

use crate::world::World;

#[test]
fn a_page_over_which_the_database_was_lost_is_tried_again_with_fewer() {
    if !syncline_testkit::on_postgres() {
        // Nothing is lost where there is no server.
        return;
    }
    let world = World::new();
    let people = 30;
    world.people("p", people);
    world.database_is_lost_to_more_than(3);
    let sizes = PageSizes {
        smallest: 2,
        ..PageSizes::fixed(16)
    };
    let runner = world
        .another_process()
        .with_page_sizes(sizes)
        .with_patience_ms(1_000);
    let report = runner
        .run_cycle(world.contoso.id, &world.job, &Silent)
        .unwrap();
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(world.target_names().len(), people);
}
