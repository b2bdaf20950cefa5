//! Who left the scope and was kept, and is gone from the target since: nobody looks at him any more, so
//! whoever names him finds out. The plan finds out with him.

use syncline_model::Attr;
use syncline_model::job::Counts;

use crate::world::World;

/// The boss was released, and then purged in the target.
fn world() -> World {
    let world = World::new().with_pages_of(1);
    world.secret("SkipOutOfScopeDeletions", "true");
    world.scope_to("department", "Sales");
    for name in ["ana", "bo", "boss"] {
        world.person(name).department("Sales");
    }
    world.cycle();
    world.person("boss").department("Other");
    world.cycle();
    let guest = world.live("boss").id;
    world.fabrikam_deletes(guest);
    world.fabrikam_purges(guest);
    world
}

#[test]
fn whoever_names_him_after_the_first_is_planned_to_wait() {
    let world = world();
    world.person("ana").manager("boss");
    world.person("bo").manager("boss");
    let planned = world.plan();
    let report = world.cycle();
    let expected = Counts {
        unchanged: 1,
        escrowed: 1,
        references_pending: 1,
        ..Counts::default()
    };
    assert_eq!(report.counts, expected);
    assert_eq!(planned.counts, expected);
}

#[test]
fn he_himself_is_planned_as_the_cycle_finds_him_then() {
    let world = world();
    world.person("ana").manager("boss");
    world.person("boss").department("Third");
    let planned = world.plan();
    let report = world.cycle();
    let expected = Counts {
        skipped: 1,
        escrowed: 1,
        ..Counts::default()
    };
    assert_eq!(report.counts, expected);
    assert_eq!(planned.counts, expected);
    assert_eq!(planned.skipped_by_reason, report.skipped_by_reason);
}

/// Whoever was in the target's recycle bin is out of it when his manager comes behind him.
#[test]
fn whoever_is_restored_is_planned_to_get_the_manager_who_comes_after() {
    let world = World::new().with_pages_of(1);
    world.scope_to("department", "Sales");
    world.person("ana").department("Sales").manager("boss");
    world.cycle();
    world.fabrikam_deletes(world.live("ana").id);
    world.person("ana").set(Attr::JOB_TITLE, "Clerk");
    world.person("boss").department("Sales");
    let planned = world.plan();
    let report = world.cycle();
    let expected = Counts {
        created: 1,
        restored: 1,
        references_set: 1,
        ..Counts::default()
    };
    assert_eq!(report.counts, expected);
    assert_eq!(planned.counts, expected);
}
