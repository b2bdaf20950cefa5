//! Who is in the target's recycle bin, and not by what is undone.

use syncline_model::job::Counts;

use super::sales;
use crate::world::left;

#[test]
fn whom_somebody_else_has_deleted_since_the_job_brought_him_back_stays_deleted() {
    let world = sales();
    world.scope_to("department", "Legal");
    let cycle = world.cycle();
    assert_eq!((cycle.counts.created, cycle.counts.deleted), (1, 2));
    world.scope(None);
    assert_eq!(world.cycle().counts.restored, 2);
    world.fabrikam_deletes(world.live("ana").id);

    let undone = world.undo_cycle(&cycle);
    let deleted = Counts {
        deleted: 1,
        ..Counts::default()
    };
    assert_eq!(undone.counts, deleted);
    let why = "it is in the recycle bin, where somebody else has put it";
    assert_eq!(left(&undone), [("ana@contoso.example", why)]);
    assert_eq!(world.target_names(), ["bo"]);
}
