//! What a cycle would do, told before it does it.

use syncline_engine::SynchronizationSchema;
use syncline_engine::impact::KeptFlow;
use syncline_engine::schema::{AttributeMapping, FlowType};
use syncline_model::job::{Counts, CycleKind};
use syncline_model::{JobId, ProblemKind, TenantId};
use syncline_runner::{KeptValues, Observer, Progress, Reach, Silent};

use crate::world::{World, after_first_page, map};

#[test]
fn the_first_cycle_is_told_before_the_job_is_started() {
    let world = World::new();
    world.pause();
    world.person("ana").manager("bo");
    world.person("cy").disabled();
    let planned = world.plan();
    assert_eq!(
        (planned.kind, planned.reach),
        (CycleKind::Initial, Reach::Everybody)
    );
    assert_eq!(
        (planned.objects, planned.affected, planned.evaluated),
        (3, 3, 3)
    );
    assert_eq!(planned.skipped_by_reason["NotEffectivelyEntitled"], 1);
    let names: Vec<&str> = planned.shown.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["ana@contoso.example", "bo@contoso.example"]);
    assert!(planned.shown.iter().all(|it| it.action == "create"));
    world.start();
    assert_eq!(world.cycle().counts, planned.counts);
}

#[test]
fn a_change_that_is_not_saved_is_told_by_attribute_with_examples() {
    let world = World::new();
    world.person("ana").department("Sales");
    world.person("bo").department("LEGAL");
    world.person("cy");
    world.cycle();
    let change = |schema: &mut SynchronizationSchema| {
        map(schema, "department", "ToUpper([department])");
    };
    let planned = world.plan_change(change);
    assert!(planned.proposed);
    assert_eq!(planned.changed, ["User: the mapping of department"]);
    assert_eq!(
        (planned.objects, planned.affected, planned.evaluated),
        (3, 1, 1)
    );
    let [department] = &planned.attributes[..] else {
        panic!("{:?}", planned.attributes);
    };
    assert_eq!((department.changed, department.cleared), (1, 0));
    let example = &department.examples[0];
    assert_eq!(example.object, "ana@contoso.example");
    assert_eq!(example.old.as_deref(), Some("Sales"));
    assert_eq!(example.new.as_deref(), Some("SALES"));
    // Nothing was saved: the next cycle is as if nobody had asked.
    assert_eq!(world.plan().counts, Counts::default());
    world.change_schema(change);
    assert_eq!(world.plan().counts, planned.counts);
    assert_eq!(world.cycle().counts, planned.counts);
}

#[test]
fn a_redacted_value_is_not_shown() {
    let world = World::new();
    world.person("ana").department("Sales");
    world.cycle();
    let planned = world.plan_change(|schema| {
        map(schema, "department", "Redact(ToUpper([department]))");
    });
    let text = format!("{planned:?}");
    assert_eq!(planned.counts.updated, 1);
    assert!(
        text.contains("[Redact]") && !text.contains("SALES"),
        "{text}"
    );
}

#[test]
fn a_narrower_scope_tells_how_many_would_be_held() {
    let world = World::new();
    world.people("p", 5);
    world.person("ana").department("Sales");
    world.threshold(3);
    world.cycle();
    world.scope_to("department", "Sales");
    let planned = world.plan();
    assert_eq!(planned.reach, Reach::Linked);
    assert_eq!(
        (planned.affected, planned.removals, planned.held),
        (5, 5, true)
    );
    assert_eq!((planned.counts.staged, planned.counts.deleted), (5, 0));
    assert_eq!(planned.shown.len(), 5);
    assert!(planned.shown.iter().all(|it| it.action == "delete"));
    assert_eq!(world.cycle().counts, planned.counts);
}

#[test]
fn a_held_removal_that_is_none_any_more_is_not_planned_to_be_held() {
    let world = World::new();
    world.threshold(1);
    world.person("ana");
    world.cycle();
    world.person("ana").disabled();
    let planned = world.plan();
    assert!(planned.held);
    assert_eq!((planned.removals, planned.counts.staged), (1, 1));
    assert_eq!(world.cycle().counts, planned.counts);

    // With the guest gone nothing is left to disable, however closed the gate is.
    let guest = world.target_user("ana").unwrap().id;
    world.fabrikam_deletes(guest);
    world.fabrikam_purges(guest);
    let planned = world.plan();
    assert_eq!((planned.removals, planned.held), (0, false));
    assert_eq!(world.cycle().counts, planned.counts);
    assert_eq!(world.stored_job().status.quarantine, None);
}

#[test]
fn names_and_order_concern_nobody() {
    let world = World::new();
    world.person("ana");
    world.cycle();
    let planned = world.plan_change(|schema| {
        let mapping = &mut schema.synchronization_rules[0].object_mappings[0];
        mapping.attribute_mappings.reverse();
    });
    assert_eq!((planned.reach, planned.affected), (Reach::Nobody, 0));
    assert_eq!(planned.counts, Counts::default());
}

#[test]
fn no_more_objects_are_named_than_asked_for() {
    let world = World::new();
    world.people("p", 40);
    let planned = world.plan();
    assert_eq!((planned.shown.len(), planned.shown_of), (10, 40));
}

#[test]
fn few_who_would_be_deleted_are_named_before_many_who_would_be_updated() {
    let world = World::new();
    for number in 0..40 {
        world.person(&format!("p{number}")).department("Sales");
    }
    world.person("zoe").department("Legal");
    world.cycle();
    world.scope_to("department", "Sales");
    world.map("jobTitle", "\"Clerk\"");
    let planned = world.plan();
    assert_eq!((planned.counts.updated, planned.counts.deleted), (40, 1));
    let named = planned.shown.iter();
    let named: Vec<(&str, &str)> = named
        .map(|it| (it.action.as_str(), it.name.as_str()))
        .collect();
    assert_eq!(named[0], ("delete", "zoe@contoso.example"));
    assert_eq!((named.len(), planned.shown_of), (10, 41));
    assert!(named[1..].iter().all(|(action, _)| *action == "update"));
}

#[test]
fn a_target_that_does_not_allow_it_is_told() {
    let world = World::of_strangers();
    world.person("ana");
    let (code, _) = world.plan().refused.unwrap();
    assert_eq!(
        code,
        "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure"
    );
}

#[test]
fn a_cycle_in_progress_is_not_planned_over_but_a_change_is() {
    let world = World::new().with_pages_of(1);
    world.people("p", 3);
    let observer = after_first_page(|| {
        let refused = world
            .runner
            .plan(world.contoso.id, &world.job, None, 10, &Silent);
        assert_eq!(refused.unwrap_err().kind, ProblemKind::Conflict);
        let change = |schema: &mut SynchronizationSchema| {
            map(schema, "department", "ToUpper([department])");
        };
        let planned = world.plan_change(change);
        assert_eq!(planned.counts.created + planned.counts.unchanged, 3);
    });
    world.cycle_watched_by(&observer);
}

#[test]
fn whoever_paused_in_the_midst_is_told_how_to_change_the_course() {
    let world = World::new().with_pages_of(1);
    world.people("p", 3);
    let observer = after_first_page(|| {
        world.pause();
    });
    world.try_cycle(&observer).unwrap();
    let refused = world
        .runner
        .plan(world.contoso.id, &world.job, None, 10, &Silent);
    let message = refused.unwrap_err().message;
    assert!(
        message.contains("--file SCHEMA` plans another schema"),
        "{message}"
    );
    assert!(
        message.contains("saved now is followed instead"),
        "{message}"
    );

    // With another schema the cycle is given up, and there is nothing to wait for.
    world.map("department", "ToUpper([department])");
    assert_eq!(world.plan().kind, CycleKind::Initial);
}

/// Asks for other plans while one is made.
struct Meanwhile<'w>(&'w World);

impl Observer for Meanwhile<'_> {
    fn page_done(&self, _progress: &Progress) {
        let World { runner, .. } = self.0;
        let other = JobId("other".to_owned());
        let kind = |tenant| {
            let planned = runner.plan(tenant, &other, None, 10, &Silent);
            planned.unwrap_err().kind
        };
        assert_eq!(kind(self.0.contoso.id), ProblemKind::TooManyRequests);
        // It has no such job, and would be told so.
        assert_eq!(kind(self.0.fabrikam.id), ProblemKind::NotFound);
    }
}

#[test]
fn one_tenant_does_not_keep_others_from_planning() {
    let world = World::new();
    world.person("ana");
    let observer = Meanwhile(&world);
    let planned = world
        .runner
        .plan(world.contoso.id, &world.job, None, 10, &observer);
    assert_eq!(planned.unwrap().counts.created, 1);
}

/// Wants nothing any more.
struct Gone;

impl Observer for Gone {
    fn page_done(&self, _progress: &Progress) {}

    fn must_stop(&self) -> bool {
        true
    }
}

#[test]
fn whoever_does_not_wait_for_it_stops_it() {
    let world = World::new();
    world.person("ana");
    let stopped = world
        .runner
        .plan(world.contoso.id, &world.job, None, 10, &Gone);
    assert_eq!(stopped.unwrap_err().kind, ProblemKind::Unavailable);
}

#[test]
fn a_manager_whom_a_full_read_brings_forward_is_planned_with_his_reports() {
    let world = World::new().with_pages_of(2);
    let people = world.people("p", 5);
    world.cycle();
    world.restart("Watermark");
    // Who is there already is given somebody who is not, and whose own manager is not either.
    let late = world.people("late", 2);
    world.all_report_to(&people, late[0]);
    late[0].manager("late1");
    let planned = world.plan();
    let report = world.cycle();
    assert_eq!(planned.kind, report.kind);
    assert_eq!(planned.counts, report.counts);
    assert_eq!(
        report.counts,
        Counts {
            created: 2,
            updated: 5,
            references_set: 6,
            ..Counts::default()
        }
    );
}

/// What the cycle finds out when it writes, the plan finds out by asking.
#[test]
fn who_is_gone_from_the_target_is_planned_to_be_nobodys_manager() {
    let world = World::new().with_pages_of(3);
    world.person("ana");
    world.person("bo");
    world.cycle();
    let guest = world.target_user("ana").unwrap().id;
    world.fabrikam_deletes(guest);
    world.fabrikam_purges(guest);
    // One who is created with such a manager, and one of whom nothing else changes.
    world.person("cy").manager("ana");
    world.person("bo").manager("ana");
    let planned = world.plan();
    let expected = Counts {
        created: 1,
        escrowed: 1,
        ..Counts::default()
    };
    assert_eq!(planned.counts, expected);
    assert_eq!(world.cycle().counts, expected);
}

/// Whoever waits in the recycle bin can be a manager, and has none.
#[test]
fn who_is_in_the_recycle_bin_of_the_target_is_planned_as_the_cycle_finds_him() {
    let world = World::new().with_pages_of(3);
    world.scope_to("department", "Sales");
    world.person("ana").department("Sales");
    world.person("bo").department("Sales");
    world.person("cy").department("Sales").manager("dan");
    world.person("dan");
    world.cycle();
    for name in ["ana", "cy"] {
        world.fabrikam_deletes(world.target_user(name).unwrap().id);
    }
    world.person("bo").manager("ana");
    // Now dan comes, for whom cy waits.
    world.person("dan").department("Sales");
    let planned = world.plan();
    assert_eq!(
        (planned.counts.created, planned.counts.references_set),
        (1, 1)
    );
    assert_eq!(world.cycle().counts, planned.counts);
}

#[test]
fn values_that_a_change_leaves_as_they_are_are_named() {
    let world = World::new();
    world.person("ana").department("Sales");
    world.person("bo");
    world.cycle();
    let with = |flow: Option<FlowType>| {
        move |schema: &mut SynchronizationSchema| {
            let mappings =
                &mut schema.synchronization_rules[0].object_mappings[0].attribute_mappings;
            let is_it =
                |it: &AttributeMapping| it.target_attribute_name.as_deref() == Some("department");
            match flow {
                Some(flow) => mappings
                    .iter_mut()
                    .filter(|it| is_it(it))
                    .for_each(|it| it.flow_type = flow.clone()),
                None => mappings.retain(|it| !is_it(it)),
            }
        }
    };
    let department = |flows| {
        vec![KeptValues {
            kind: "User".to_owned(),
            name: "department".into(),
            linked: 2,
            flows,
        }]
    };
    for (flow, flows) in [
        (None, KeptFlow::Never),
        (Some(FlowType::ObjectAddOnly), KeptFlow::AtCreation),
        (Some(FlowType::AttributeAddOnly), KeptFlow::WhenEmpty),
        (Some(FlowType::ValueAddOnly), KeptFlow::Adding),
    ] {
        let planned = world.plan_change(with(flow));
        assert_eq!(planned.kept, department(flows));
    }
    let other = world.plan_change(|schema| map(schema, "department", "ToUpper([department])"));
    assert_eq!(other.kept, []);

    // As long as no cycle has followed it; and what does less does not leave more than it left before.
    world.change_schema(with(Some(FlowType::AttributeAddOnly)));
    assert_eq!(world.plan().kept, department(KeptFlow::WhenEmpty));
    world.cycle();
    assert_eq!(world.plan().kept, []);
    let weaker = world.plan_change(with(Some(FlowType::ObjectAddOnly)));
    assert_eq!(weaker.kept, []);
    let none = world.plan_change(with(None));
    assert_eq!(none.kept, department(KeptFlow::Never));
}

/// Whom a plan counts in which former targets: users, groups.
fn left_behind(world: &World) -> Option<(Vec<TenantId>, u64, u64)> {
    let left = world.plan().left_behind?;
    Some((left.targets, left.users, left.groups))
}

#[test]
fn who_stays_in_a_former_target_is_counted_there_and_back() {
    let world = World::new();
    world.groups_flow();
    world.people("p", 3);
    world.group("crew");
    world.cycle();
    // Who is removed already is none of them.
    world.person("p0").deleted();
    world.cycle();
    assert_eq!(left_behind(&world), None);

    let (fabrikam, tailspin) = (world.fabrikam.id, world.tailspin());
    world.secret("CompanyId", &tailspin.to_string());
    assert_eq!(left_behind(&world), Some((vec![fabrikam], 2, 1)));
    // Whatever else is changed before the cycle, and whatever is thought of.
    world.secret("SkipOutOfScopeDeletions", "true");
    assert_eq!(left_behind(&world), Some((vec![fabrikam], 2, 1)));
    let proposed = world.plan_change(|schema| map(schema, "department", "ToUpper([department])"));
    assert_eq!(proposed.left_behind.unwrap().users, 2);
    world.secret("SkipOutOfScopeDeletions", "false");
    world.secret("CompanyId", &fabrikam.to_string());
    assert_eq!(left_behind(&world), None, "it never went anywhere");

    world.secret("CompanyId", &tailspin.to_string());
    world.cycle_without_checks();
    assert_eq!(left_behind(&world), None);
    world.person("p1").deleted();
    world.cycle_without_checks();

    world.secret("CompanyId", &fabrikam.to_string());
    let (targets, users, _) = left_behind(&world).unwrap();
    assert_eq!((targets, users), (vec![tailspin], 1));
    world.cycle_without_checks();
    assert_eq!(left_behind(&world), None);
    // Nobody is there for this account, and its owner has left.
    world.live("p1");
}

/// There and back without a whole cycle.
#[test]
fn who_was_deleted_for_good_in_the_present_target_is_not_taken_for_one_in_a_former_one() {
    let world = World::new();
    world.people("p", 3);
    world.cycle();
    let purged = world.live("p0").id;
    world.fabrikam_deletes(purged);
    world.fabrikam_purges(purged);
    let (fabrikam, tailspin) = (world.fabrikam.id, world.tailspin());
    world.secret("CompanyId", &tailspin.to_string());
    world.provision(world.person("p1").id).unwrap();
    world.secret("CompanyId", &fabrikam.to_string());
    assert_eq!(left_behind(&world), Some((vec![tailspin], 1, 0)));
}
