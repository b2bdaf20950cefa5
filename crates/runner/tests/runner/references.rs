//! References: they wait, are written, and follow what becomes of both ends.

use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::schema::{AttributeMapping, FlowType, FlowTypes};
use syncline_engine::{Operation, SynchronizationSchema};
use syncline_model::Clock as _;
use syncline_model::job::{Counts, CycleReport, CycleState};
use syncline_store::Escrow;

use crate::world::{World, only, upn};

const SIX_HOURS: i64 = 6 * 60 * 60;

#[test]
fn a_reference_that_was_waited_for_is_forgotten_when_the_source_drops_it() {
    let world = World::new();
    world.person("kai").disabled();
    world.person("ana").manager("kai");
    assert_eq!(world.cycle().counts.references_pending, 1);
    world.person("ana").without_manager();
    assert_eq!(
        world.cycle().counts,
        Counts {
            unchanged: 1,
            ..Counts::default()
        }
    );
    world.person("kai").enabled();
    assert_eq!(
        world.cycle().counts,
        Counts {
            created: 1,
            ..Counts::default()
        }
    );
    assert_eq!(world.live("ana").manager, None);
}

#[test]
fn a_reference_that_was_waited_for_is_replaced() {
    let world = World::new();
    world.person("kai").disabled();
    world.person("bo");
    world.person("ana").manager("kai");
    world.cycle();
    world.person("ana").manager("bo");
    let report = world.cycle();
    assert_eq!(
        (
            report.counts.references_set,
            report.counts.references_pending
        ),
        (1, 0)
    );
    world.person("kai").enabled();
    world.cycle();
    assert_eq!(world.live("ana").manager.as_deref(), Some("bo"));
}

#[test]
fn a_manager_who_is_not_in_the_target_takes_the_place_of_the_old_one() {
    let world = World::new();
    world.person("kai").disabled();
    world.person("ana").manager("bo");
    world.cycle();
    world.person("ana").manager("kai");
    let report = world.cycle();
    assert_eq!(
        (
            report.counts.references_removed,
            report.counts.references_pending
        ),
        (1, 1)
    );
    assert_eq!(world.live("ana").manager, None, "bo is her manager no more");
    world.person("kai").enabled();
    world.cycle();
    assert_eq!(world.live("ana").manager.as_deref(), Some("kai"));
}

#[test]
fn those_who_wait_leave_before_their_manager_comes() {
    let world = World::new();
    world.person("kai").disabled();
    world.person("ana").manager("kai");
    world.person("bea").manager("kai");
    assert_eq!(world.cycle().counts.references_pending, 2);
    world.person("ana").deleted();
    assert_eq!(world.cycle().counts.references_pending, 1);
    world.person("kai").enabled();
    let report = world.cycle();
    assert_eq!(
        (
            report.counts.references_set,
            report.counts.references_pending
        ),
        (1, 0)
    );
    world.person("ana").restored();
    world.cycle();
    assert_eq!(world.live("ana").manager.as_deref(), Some("kai"));
}

#[test]
fn a_manager_who_is_scoped_out_and_purged_in_the_target_comes_back_to_his_reports() {
    let world = World::new();
    world.sync_assigned();
    world.person("bo").assigned();
    world.person("ana").manager("bo").assigned();
    world.person("cem").manager("bo").assigned();
    world.cycle();
    let before = world.live("bo").id;

    world.person("bo").unassigned();
    world.cycle();
    world.fabrikam_purges(before);
    // He is looked at while he is neither wanted nor there, and one of his reports too.
    world.person("bo").department("Sales");
    world.person("cem").department("Sales");
    world.cycle();

    world.person("bo").assigned();
    let report = world.cycle();
    assert_eq!(
        (report.counts.created, report.counts.references_set),
        (1, 2)
    );
    assert_ne!(world.live("bo").id, before);
    assert_eq!(world.live("ana").manager.as_deref(), Some("bo"));
    assert_eq!(world.live("cem").manager.as_deref(), Some("bo"));
    assert_eq!(world.cycle().counts, Counts::default());
}

#[test]
fn the_link_of_somebody_purged_on_both_sides_is_dropped() {
    let world = World::new();
    world.person("ana");
    world.cycle();
    let ana = world.live("ana").id;
    world.person("ana").deleted();
    world.cycle();
    world.fabrikam_purges(ana);
    world.person("ana").purged();
    let report = world.cycle();
    assert_eq!(
        report.counts,
        Counts {
            skipped: 1,
            ..Counts::default()
        }
    );
    assert!(world.traces().links.is_empty());
}

#[test]
fn somebody_the_target_deleted_by_hand_counts_as_there_no_more() {
    let world = World::new();
    world.sync_assigned();
    world.person("ana").assigned();
    world.cycle();
    world.fabrikam_deletes(world.live("ana").id);
    world.person("ana").unassigned();
    // The aftermath compares the number of live links with the one that is shown.
    assert_eq!(
        world.cycle().counts,
        Counts {
            unchanged: 1,
            ..Counts::default()
        }
    );
    assert_eq!(
        world.stored_job().status.synchronized_entries["User to User"],
        0
    );
    world.person("ana").assigned();
    assert_eq!(
        world.cycle().counts,
        Counts {
            restored: 1,
            ..Counts::default()
        }
    );
}

#[test]
fn a_reference_that_can_not_be_written_is_tried_again() {
    let world = World::new();
    world.target_refuses(|operation| matches!(operation, Operation::AddReference { .. }));
    world.person("ana").manager("bo");
    let report = world.cycle();
    assert_eq!(report.state, CycleState::EntryLevelErrors);
    assert_eq!(
        report.counts,
        Counts {
            created: 2,
            ..Counts::default()
        },
        "she is there, without him"
    );
    assert!(matches!(
        world.outcomes("ana")[..],
        [EvidenceOutcome::Created, EvidenceOutcome::Failed(_)]
    ));
    let ana = world.person("ana").id;
    let told = world.log().into_iter().filter(|it| it.source == ana);
    for it in told {
        assert!(it.scoping.is_some() && !it.imported.is_empty(), "{it:?}");
    }
    assert_eq!(world.traces().escrows, 1);

    world.clock.advance_seconds(SIX_HOURS);
    let report = world.cycle();
    assert_eq!(
        report.counts,
        Counts {
            escrowed: 1,
            ..Counts::default()
        }
    );

    world.target_is_well();
    world.clock.advance_seconds(SIX_HOURS);
    let report = world.cycle();
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(
        report.counts,
        Counts {
            updated: 1,
            references_set: 1,
            ..Counts::default()
        }
    );
    assert_eq!(world.live("ana").manager.as_deref(), Some("bo"));
    assert_eq!(world.traces().escrows, 0);
}

#[test]
fn a_late_reference_that_can_not_be_written_is_tried_again() {
    let world = World::new();
    world.person("kai").disabled();
    world.person("ana").manager("kai");
    world.cycle();
    world.target_refuses(|operation| matches!(operation, Operation::AddReference { .. }));
    world.person("kai").enabled();
    let report = world.cycle();
    assert_eq!(report.state, CycleState::EntryLevelErrors);
    assert_eq!(
        report.counts,
        Counts {
            created: 1,
            ..Counts::default()
        }
    );
    world.target_is_well();
    world.clock.advance_seconds(SIX_HOURS);
    assert_eq!(world.cycle().counts.references_set, 1);
    assert_eq!(world.live("ana").manager.as_deref(), Some("kai"));
    assert_eq!(world.cycle().counts, Counts::default());
}

#[test]
fn a_reference_to_somebody_who_vanished_brings_him_back() {
    let world = World::new();
    world.person("bo");
    world.person("ana");
    world.cycle();
    let bo = world.live("bo").id;
    world.fabrikam_deletes(bo);
    world.fabrikam_purges(bo);
    world.person("ana").manager("bo");
    assert_eq!(world.cycle().state, CycleState::EntryLevelErrors);
    let report = world.cycle();
    assert_eq!(report.counts.created, 1);
    assert_eq!(world.live("ana").manager.as_deref(), Some("bo"));
    world.cycle();
    assert_eq!(world.cycle().counts, Counts::default());
}

/// A cycle that does what was planned.
fn planned_cycle(world: &World) -> CycleReport {
    let planned = world.plan().counts;
    let report = world.cycle();
    assert_eq!(planned, report.counts);
    report
}

fn escrow_of(world: &World, name: &str) -> Option<Escrow> {
    let source = world.person(name).id;
    let rows = world
        .store
        .read(|it| it.escrows_for(world.contoso.id, &world.job, &[source]));
    rows.unwrap().pop().flatten()
}

/// His reports wait for him, as for anybody who is not there, and he fails by a timetable of his own.
#[test]
fn a_reference_to_somebody_who_vanished_and_can_not_be_made_again_waits() {
    let world = World::new();
    let bo = world.person("bo");
    world.person("ana").manager("bo");
    world.cycle();
    let guest = world.live("bo").id;
    world.fabrikam_deletes(guest);
    world.fabrikam_purges(guest);
    let holder = world.internal_user_of_fabrikam(&upn("bo"));
    world.person("ana").department("Sales");
    assert_eq!(planned_cycle(&world).state, CycleState::EntryLevelErrors);

    let report = planned_cycle(&world);
    assert_eq!(
        report.counts,
        Counts {
            escrowed: 1,
            unchanged: 1,
            references_pending: 1,
            ..Counts::default()
        }
    );
    let failed = escrow_of(&world, "bo").unwrap();
    let code = "InvitationCreationFailureAmbiguousUser";
    assert!(failed.failure.contains(code), "{failed:?}");
    let soon = world.clock.now().plus_seconds(SIX_HOURS);
    assert!(failed.next_attempt > world.clock.now() && failed.next_attempt <= soon);
    assert_eq!(escrow_of(&world, "ana"), None);
    // The aftermath has compared the links that are live with the number that is shown.
    let entries = world.stored_job().status.synchronized_entries;
    assert_eq!(entries["User to User"], 1);

    let told = world.log_rows().len();
    let pending = Counts {
        references_pending: 1,
        ..Counts::default()
    };
    assert_eq!(planned_cycle(&world).counts, pending);
    assert_eq!(world.log_rows().len(), told);
    world.clock.advance_seconds(SIX_HOURS);
    let counts = planned_cycle(&world).counts;
    assert_eq!((counts.escrowed, counts.references_pending), (1, 1));

    world.fabrikam_deletes(holder);
    world.fabrikam_purges(holder);
    world.clock.advance_seconds(SIX_HOURS);
    let counts = planned_cycle(&world).counts;
    assert_eq!((counts.created, counts.references_set), (1, 1));
    assert_eq!(counts.references_pending, 0);
    assert_eq!(world.live("ana").manager.as_deref(), Some("bo"));
    assert_ne!(bo.in_target().unwrap().id, guest);
    assert_eq!(planned_cycle(&world).counts, Counts::default());
}

/// The one who has his name leaves in the same cycle, which tries him once more.
#[test]
fn a_reference_to_somebody_who_vanished_and_is_made_again_at_last_is_written() {
    let world = World::new();
    let bo = world.person("bo");
    let cem = world.person("cem");
    let ana = world.person("ana").manager("bo");
    world.cycle();
    let guest = world.live("bo").id;
    world.fabrikam_deletes(guest);
    world.fabrikam_purges(guest);
    cem.deleted();
    bo.renamed("cem");
    ana.department("Sales");
    let report = planned_cycle(&world);
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(
        report.counts,
        Counts {
            created: 1,
            updated: 1,
            deleted: 1,
            references_set: 1,
            ..Counts::default()
        }
    );
    assert_eq!(world.live("ana").manager.as_deref(), Some("bo"));
}

/// What others find out of him does not take the place of his own failure, which has a time of its own.
#[test]
fn somebody_who_vanished_and_can_not_be_decided_about_is_left_his_own_failure() {
    let world = World::new();
    let bo = world.person("bo");
    let ana = world.person("ana").manager("bo");
    world.cycle();
    let guest = world.live("bo").id;
    world.fabrikam_deletes(guest);
    world.fabrikam_purges(guest);
    let mut runs_away = only("department", r"^(.*)*\1x$");
    runs_away.groups[0].clauses[0].operator_name = Some("NOT REGEX MATCH".to_owned());
    world.scope(Some(runs_away));
    bo.department(&"a".repeat(60));
    ana.department("Sales");
    assert_eq!(planned_cycle(&world).state, CycleState::EntryLevelErrors);
    let failed = escrow_of(&world, "bo").unwrap();
    assert!(!failed.failure.contains("InvalidAnchor"), "{failed:?}");
    assert!(failed.next_attempt > world.clock.now());
}

/// Nobody looks at him any more, so nobody but who refers to him finds out.
#[test]
fn a_reference_to_somebody_who_was_released_and_vanished_waits() {
    let world = World::new();
    world.secret("SkipOutOfScopeDeletions", "true");
    world.scope_to("department", "Sales");
    let ana = world.person("ana").department("Sales");
    let bo = world.person("bo").department("Sales");
    world.cycle();
    bo.department("Other");
    world.cycle();
    let guest = world.live("bo").id;
    world.fabrikam_deletes(guest);
    world.fabrikam_purges(guest);
    ana.manager("bo");
    assert_eq!(world.cycle().state, CycleState::EntryLevelErrors);
    let report = world.cycle();
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(report.counts.references_pending, 1);
    bo.department("Sales");
    assert_eq!(world.cycle().counts.created, 1);
    assert_eq!(world.live("ana").manager.as_deref(), Some("bo"));
}

#[test]
fn a_crowd_that_waits_is_served_page_by_page() {
    let world = World::new().with_pages_of(4);
    world.person("kai").disabled();
    let crowd = world.people("p", 30);
    world.all_report_to(&crowd, world.person("kai"));
    assert_eq!(world.cycle().counts.references_pending, 30);
    world.person("kai").enabled();
    let report = world.cycle();
    assert_eq!(
        (
            report.counts.references_set,
            report.counts.references_pending
        ),
        (30, 0)
    );
}

/// The line of a reference that had to wait names its object no more than the others do.
#[test]
fn a_late_reference_does_not_tell_a_redacted_name() {
    let world = World::new();
    world.map("displayName", "Redact([displayName])");
    world.person("boss").disabled();
    world.person("ana").manager("boss");
    world.cycle();
    world.person("boss").enabled();
    assert_eq!(world.cycle().counts.references_set, 1);
    let ana = world.person("ana").id;
    let told: Vec<_> = world
        .log()
        .into_iter()
        .filter(|row| row.source == ana)
        .collect();
    assert_eq!(told.len(), 2);
    for row in told {
        assert_eq!(row.source_display_name, "[Redact]");
    }
}

/// Switches a schema's updates off.
fn without_updates(schema: &mut SynchronizationSchema) {
    let objects = schema.synchronization_rules[0].object_mappings.iter_mut();
    objects.for_each(|it| it.flow_types = FlowTypes("Add,Delete".to_owned()));
}

fn without_managers(schema: &mut SynchronizationSchema) {
    for object in &mut schema.synchronization_rules[0].object_mappings {
        let is_other =
            |it: &AttributeMapping| it.target_attribute_name.as_deref() != Some("manager");
        object.attribute_mappings.retain(is_other);
    }
}

fn with_managers_at_creation(schema: &mut SynchronizationSchema) {
    for object in &mut schema.synchronization_rules[0].object_mappings {
        let managers = object.attribute_mappings.iter_mut();
        managers
            .filter(|it| it.target_attribute_name.as_deref() == Some("manager"))
            .for_each(|it| it.flow_type = FlowType::ObjectAddOnly);
    }
}

#[test]
fn whoever_waits_does_not_get_a_manager_whom_nothing_maps_any_more() {
    for change in [without_managers, with_managers_at_creation, without_updates] {
        let world = World::new();
        world.person("bo");
        world.person("kai").disabled();
        world.person("ana").manager("kai");
        assert_eq!(world.cycle().counts.references_pending, 1);
        world.change_schema(change);
        world.cycle();
        world.person("ana").manager("bo");
        world.cycle();
        world.person("kai").enabled();
        let planned = world.plan().counts;
        let counts = world.cycle().counts;
        assert_eq!(planned, counts);
        assert_eq!((counts.created, counts.references_set), (1, 0));
        assert_eq!(counts.references_pending, 0);
        assert_eq!(world.live("ana").manager, None);
    }
}

#[test]
fn whoever_waits_since_he_was_created_gets_a_manager_whom_the_source_still_names() {
    let world = World::new();
    world.change_schema(with_managers_at_creation);
    world.person("kai").disabled();
    world.person("ana").manager("kai");
    assert_eq!(world.cycle().counts.references_pending, 1);
    world.person("kai").enabled();
    assert_eq!(world.plan().counts.references_set, 1);
    assert_eq!(world.cycle().counts.references_set, 1);
    assert_eq!(world.live("ana").manager.as_deref(), Some("kai"));
}
