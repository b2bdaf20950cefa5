//! Who is in the target's recycle bin, and not by what is undone.

use syncline_engine::schema::FlowTypes;
use syncline_model::Clock as _;
use syncline_model::job::Counts;

use super::{overwriting_cycle, sales};
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

#[test]
fn of_whom_the_job_has_deleted_in_a_later_cycle_it_is_told_what_to_undo() {
    let world = sales();
    let cycle = overwriting_cycle(&world);
    world.scope_to("department", "Legal");
    assert_eq!(world.cycle().counts.deleted, 2);

    let undone = world.undo_cycle(&cycle);
    assert_eq!(undone.counts, Counts::default());
    let why = "it is in the recycle bin since, by a later cycle (undo that as well: --since) or by somebody else";
    let expected = [("ana@contoso.example", why), ("bo@contoso.example", why)];
    assert_eq!(left(&undone), expected);
}

/// Deleted while deleting was on, and purged in the source when it was off: the job lets go of who is in the recycle bin.
#[test]
fn whom_the_job_has_deleted_and_then_let_go_is_not_told_to_be_as_before() {
    let world = sales();
    world.cycle();
    let since = world.clock.now();
    world.person("ana").deleted();
    assert_eq!(world.cycle().counts.deleted, 1);
    world.change_schema(|schema| {
        let users = &mut schema.synchronization_rules[0].object_mappings[0];
        users.flow_types = FlowTypes("Add,Update".to_owned());
    });
    world.person("ana").purged();
    world.cycle();

    let undone = world.undo_since(since);
    assert_eq!(undone.counts.restored, 0);
    let why = "it is in the recycle bin, and the job has let go of it since: restore it in the target, if it is to be there";
    let reasons: Vec<&str> = left(&undone).into_iter().map(|(_, why)| why).collect();
    assert_eq!(reasons, [why]);
}
