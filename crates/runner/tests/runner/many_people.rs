//! A few thousand people in a cycle of ordinary pages.

use syncline_model::Attr;
use syncline_model::job::Counts;

use crate::world::World;

#[test]
fn three_thousand_people() {
    let world = World::new();
    let people = world.people("p", 3000);
    world.all_report_to(&people, people[2999]);
    let report = world.cycle();
    assert_eq!(
        report.counts,
        Counts {
            created: 3000,
            references_set: 2999,
            ..Counts::default()
        }
    );
    assert_eq!(world.target_names().len(), 3000);
    // Everybody became who the log says, and nobody else.
    let (guests, log) = (world.guests(), world.log());
    assert_eq!(log.len(), 3000);
    for row in log {
        let guest = &guests[&row.source];
        assert_eq!(row.target, Some(guest.id));
        let name = guest.text(Attr::DISPLAY_NAME);
        assert_eq!(name, row.source_display_name.as_str());
    }
    let before = world.traces();
    assert_eq!(world.cycle().counts, Counts::default());
    assert_eq!(world.traces(), before);
}
