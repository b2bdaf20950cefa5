//! Links that lead to nobody, as all do of a job that is pointed at another target until it has come to everybody.

use syncline_engine::schema::FlowType;
use syncline_model::job::CycleState;
use syncline_store::EdgeKind;

use crate::world::World;

/// Ana is on an earlier page than her manager.
#[test]
fn nobody_fails_for_a_manager_who_is_still_to_come() {
    for flow_type in [FlowType::Always, FlowType::ObjectAddOnly] {
        let world = World::new().with_pages_of(1);
        world.flow_type("manager", flow_type.clone());
        world.person("ana");
        world.person("bea");
        world.person("boss");
        world.person("ana").manager("boss");
        world.person("bea").manager("boss");
        assert_eq!(world.cycle().counts.references_set, 2);

        let tailspin = world.tailspin();
        world.secret("CompanyId", &tailspin.to_string());
        let planned = world.plan();
        let report = world.cycle_without_checks();
        let counts = &report.counts;
        assert_eq!(
            (counts.created, counts.escrowed, counts.references_set),
            (3, 0, 2),
            "{flow_type:?}"
        );
        assert_eq!(planned.counts, *counts, "{flow_type:?}");
        assert_eq!(report.state, CycleState::Succeeded, "{flow_type:?}");
        let traces = world.traces();
        assert_eq!((traces.waiting, traces.escrows), (0, 0));

        let in_tailspin = |name: &str| world.linked(world.person(name).id).unwrap();
        let ends = [in_tailspin("ana"), in_tailspin("bea")];
        let managers = world
            .store
            .read(|reader| reader.single_edges(tailspin, EdgeKind::Manager, &ends))
            .unwrap();
        assert_eq!(managers, [Some(in_tailspin("boss")); 2]);
    }
}

/// The same in the target that it had.
#[test]
fn nor_for_one_whom_the_target_has_deleted() {
    let world = World::new().with_pages_of(1);
    world.person("ana");
    world.person("boss");
    world.person("ana").manager("boss");
    world.cycle();
    let boss = world.live("boss").id;
    world.fabrikam_deletes(boss);
    world.fabrikam_purges(boss);

    world.restart("Watermark");
    let planned = world.plan();
    let report = world.cycle();
    let counts = &report.counts;
    assert_eq!(
        (counts.created, counts.escrowed, counts.references_set),
        (1, 0, 1)
    );
    assert_eq!(planned.counts, *counts);
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(world.live("ana").manager.as_deref(), Some("boss"));
    assert_eq!(world.traces().escrows, 0);
}
