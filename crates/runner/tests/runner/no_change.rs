//! A cycle with nothing to do writes nothing but the job's own row.

use syncline_engine::schema::FlowType;
use syncline_model::Attr;
use syncline_model::job::{Counts, CycleKind, CycleState};

use crate::world::World;

/// Runs another cycle, which must leave no trace.
#[track_caller]
fn check_quiet(world: &World) -> Counts {
    let before = world.traces();
    let report = world.cycle();
    assert_eq!(report.kind, CycleKind::Incremental);
    assert_eq!(world.traces(), before);
    report.counts
}

#[test]
fn nothing_changed() {
    let world = World::new();
    world.person("ana").manager("bo");
    world.person("dan").disabled();
    world.cycle();
    assert_eq!(check_quiet(&world), Counts::default());
    assert_eq!(
        world.stored_job().status.last_execution.unwrap().state,
        CycleState::Succeeded
    );
}

#[test]
fn a_user_type_in_another_spelling() {
    let world = World::new();
    world.map(
        "userType",
        "Switch([jobTitle], \"MEMBER\", \"Clerk\", \"guest\")",
    );
    world.flow_type("userType", FlowType::Always);
    world.person("ana").set(Attr::JOB_TITLE, "Clerk");
    world.person("bo");
    world.cycle();
    assert_eq!(world.live("ana").text(Attr::USER_TYPE), "Guest");
    assert_eq!(world.live("bo").text(Attr::USER_TYPE), "Member");
    world.restart("Watermark");
    let counts = world.cycle().counts;
    assert_eq!((counts.unchanged, counts.updated), (2, 0));
    assert_eq!(check_quiet(&world), Counts::default());
}

#[test]
fn an_empty_tenant() {
    let world = World::new();
    assert_eq!(world.cycle().counts, Counts::default());
    assert_eq!(check_quiet(&world), Counts::default());
}

#[test]
fn references_go_on_waiting() {
    let world = World::new();
    world.person("kai").disabled();
    world.person("ana").manager("kai");
    world.cycle();
    let waiting = Counts {
        references_pending: 1,
        ..Counts::default()
    };
    assert_eq!(check_quiet(&world), waiting);
}

#[test]
fn held_deletes_go_on_being_held() {
    let world = World::new();
    world.threshold(1);
    world.person("ana");
    world.cycle();
    world.person("ana").deleted();
    world.cycle();
    let held = Counts {
        staged: 1,
        ..Counts::default()
    };
    assert_eq!(check_quiet(&world), held);
}

#[test]
fn a_failed_object_waits_for_its_time() {
    let world = World::new();
    world.internal_user_of_fabrikam("ana@contoso.example");
    world.person("ana");
    assert_eq!(world.cycle().counts.escrowed, 1);
    assert_eq!(check_quiet(&world), Counts::default());
}

#[test]
fn a_change_that_is_not_mapped() {
    let world = World::new();
    world.person("ana");
    world.cycle();
    world
        .person("ana")
        .set(syncline_model::Attr::USAGE_LOCATION, "CH");
    let unchanged = Counts {
        unchanged: 1,
        ..Counts::default()
    };
    assert_eq!(check_quiet(&world), unchanged);
}

#[test]
fn a_second_look_at_everything_writes_no_object_and_no_link() {
    let world = World::new();
    world.person("ana").manager("bo");
    world.cycle();
    let before = world.traces();
    world.restart("Watermark");
    let report = world.cycle();
    assert_eq!(report.kind, CycleKind::Initial);
    let unchanged = Counts {
        unchanged: 2,
        ..Counts::default()
    };
    assert_eq!(report.counts, unchanged);
    assert_eq!(world.traces(), before);
}
