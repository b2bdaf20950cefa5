//! What was right, and is undone with the rest.

use syncline_runner::{Span, Undone};

use super::{sales, wrong_cycle};

const DELETED: &str = "it is deleted in the source as well";
const DISABLED: &str = "it is disabled in the source as well";

fn leavers(undone: &Undone) -> Vec<(&str, &str)> {
    let leavers = undone.leavers.iter();
    leavers
        .map(|it| (it.name.as_str(), it.reason.as_str()))
        .collect()
}

/// Ana has left meanwhile, Bo has not.
#[test]
fn whoever_comes_back_and_has_left_the_source_is_named() {
    let world = sales();
    let good = world.schema();
    let cycle = wrong_cycle(&world);
    world.person("ana").deleted();
    let foreseen = world.foresee_undo(Span::Cycles(vec![cycle.cycle_id]));
    let undone = world.undo_cycle(&cycle);
    for told in [&foreseen, &undone] {
        assert_eq!(leavers(told), [("ana@contoso.example", DELETED)]);
        assert_eq!((told.leavers_of, told.counts.restored), (1, 2));
        assert_eq!(told.left_of, 0);
    }
    assert_eq!(world.target_names(), ["ana", "bo"]);
    assert_eq!(world.undo_cycle(&cycle).leavers_of, 0);
    world.change_schema(|schema| *schema = good);
    world.start();
    assert_eq!(world.cycle().counts.deleted, 1);
    assert_eq!(world.target_names(), ["bo"]);
}

#[test]
fn whoever_is_switched_on_and_disabled_in_the_source_is_named() {
    let world = sales();
    world.map("accountEnabled", "Not([accountEnabled])");
    let cycle = world.cycle();
    assert_eq!(cycle.counts.disabled, 2);
    world.person("ana").disabled();
    let undone = world.undo_cycle(&cycle);
    assert_eq!(undone.counts.updated, 2);
    assert_eq!(leavers(&undone), [("ana@contoso.example", DISABLED)]);
    world.map("accountEnabled", "[accountEnabled]");
    world.start();
    assert_eq!(world.cycle().counts.disabled, 1);
    assert!(!world.live("ana").is_enabled() && world.live("bo").is_enabled());
}

/// Who stays, or has his values back, is no leaver.
#[test]
fn of_whoever_is_not_brought_back_the_source_is_not_asked() {
    let world = sales();
    let cycle = super::overwriting_cycle(&world);
    world.person("ana").disabled();
    let undone = world.undo_cycle(&cycle);
    assert_eq!(undone.counts.updated, 2);
    assert_eq!((undone.leavers_of, undone.left_of), (0, 0));
}
