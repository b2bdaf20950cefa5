//! What is thrown away after its time.

use syncline_runner::LOG_DAYS;

use crate::world::World;

const DAY_SECONDS: i64 = 24 * 60 * 60;

#[test]
fn the_log_is_kept_for_thirty_days() {
    let world = World::new();
    world.person("ana");
    world.cycle();
    let contoso = world.contoso.id;
    let sweep = || while world.runner.sweep_log(contoso, LOG_DAYS).unwrap().more {};

    world.clock.advance_seconds(29 * DAY_SECONDS);
    sweep();
    assert_eq!(world.log_rows().len(), 1);

    world.clock.advance_seconds(2 * DAY_SECONDS);
    world.person("bo");
    world.cycle();
    sweep();
    let left = world.log_rows();
    assert_eq!(left.len(), 1, "only the newest is left: {left:?}");
    // Who was synchronized stays so.
    assert!(world.live("ana").is_live());
}
