//! Scoping filters of the schema.

use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::schema::Filter;
use syncline_engine::{SkipReason, SynchronizationSchema};
use syncline_model::job::{Counts, CycleKind};

use crate::world::{World, only};

#[test]
fn a_changed_filter_looks_at_those_it_concerns() {
    let world = World::new();
    world.person("ana").department("Sales");
    world.person("bo").department("Finance");
    world.cycle();

    world.scope_to("department", "Sales");
    let report = world.cycle();
    assert_eq!(report.kind, CycleKind::Incremental);
    assert_eq!(
        report.counts,
        Counts {
            deleted: 1,
            ..Counts::default()
        }
    );
    assert_eq!(world.target_names(), ["ana"]);

    world.scope(None);
    let report = world.cycle();
    assert_eq!(
        report.counts,
        Counts {
            restored: 1,
            ..Counts::default()
        }
    );
    assert_eq!(world.target_names(), ["ana", "bo"]);
}

#[test]
fn people_move_in_and_out_of_a_filter() {
    let world = World::new();
    world.scope_to("department", "Sales");
    world.person("ana").department("Sales");
    world.person("bo").department("Finance");
    let report = world.cycle();
    assert_eq!(
        report.counts,
        Counts {
            created: 1,
            skipped: 1,
            ..Counts::default()
        }
    );
    assert_eq!(report.skipped_by_reason["NotInProvisioningScope"], 1);

    world.person("ana").department("Finance");
    world.person("bo").department("Sales");
    let report = world.cycle();
    assert_eq!(report.kind, CycleKind::Incremental);
    assert_eq!(
        report.counts,
        Counts {
            created: 1,
            deleted: 1,
            ..Counts::default()
        }
    );
    assert_eq!(world.target_names(), ["bo"]);
}

#[test]
fn plan_and_cycle_say_who_is_left_alone_and_why() {
    let world = World::new();
    world.person("ana").department("Sales");
    world.person("bo").department("Finance");
    world.cycle();
    world.person("ana").deleted();
    let early = |schema: &mut SynchronizationSchema| {
        let filter = only("department", "Sales");
        schema.synchronization_rules[0].object_mappings[0].scope = Some(Filter {
            input_filter_groups: filter.groups,
            ..Filter::default()
        });
    };
    let planned = world.plan_change(early);
    assert_eq!(planned.skipped_by_reason["LeftAlone"], 1);
    world.change_schema(early);
    let report = world.cycle();
    assert_eq!(report.counts, planned.counts);
    assert_eq!(report.skipped_by_reason, planned.skipped_by_reason);
    assert_eq!(report.counts.deleted, 1, "a deletion is followed");
    assert_eq!(
        world.outcomes("bo").last(),
        Some(&EvidenceOutcome::Skipped(SkipReason::LeftAlone))
    );
    assert!(world.live("bo").is_live());
}

#[test]
fn a_schema_changed_during_a_cycle_is_evaluated_in_the_next() {
    let world = World::new().with_pages_of(1);
    world.person("ana").department("Sales");
    world.person("bo").department("Finance");
    let observer = crate::world::after_first_page(|| world.scope_to("department", "Sales"));
    world.cycle_watched_by(&observer);
    let report = world.cycle();
    assert_eq!(report.kind, CycleKind::Incremental);
    assert_eq!(world.target_names(), ["ana"]);
}

#[test]
fn a_user_mapping_that_does_not_delete_releases() {
    let world = World::new();
    world.person("ana");
    world.cycle();
    world.change_schema(|schema| {
        schema.synchronization_rules[0].object_mappings[0]
            .flow_types
            .0 = "Add,Update".to_owned();
    });
    world.cycle();
    world.person("ana").deleted();
    let report = world.cycle();
    assert_eq!(report.counts.deleted, 0);
    assert_eq!(report.skipped_by_reason["DeletionsOff"], 1);
    assert!(world.live("ana").is_enabled());
    world.person("ana").purged();
    world.cycle();
    world.live("ana");
}
