//! Names that can come back only together.

use syncline_model::Attr;
use syncline_model::job::Counts;

use crate::world::World;

/// Ana and Cem have each other's, and stand in two pages of the log.
#[test]
fn whoever_exchanged_names_across_pages_has_his_own_again() {
    let world = World::new().with_pages_of(2);
    for name in ["ana", "bea", "cem"] {
        world.person(name);
    }
    world.cycle();
    world.clock.advance_seconds(60);
    let since = world.now();
    let mails = || ["ana", "bea", "cem"].map(|it| world.live(it).text(Attr::MAIL).to_owned());
    let before = mails();
    world.person("ana").renamed("between");
    world.person("cem").renamed("ana");
    world.person("bea").department("Sales");
    world.person("ana").renamed("cem");
    while world.cycle().counts != Counts::default() {}
    let [ana, bea, cem] = before.clone();
    assert_eq!(mails(), [cem, bea, ana]);

    let undone = world.undo_since(since);
    assert_eq!(undone.left, []);
    assert_eq!(undone.counts.updated, 3);
    assert_eq!(mails(), before);
}
