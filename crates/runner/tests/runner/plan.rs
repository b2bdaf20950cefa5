//! What a cycle would do, told before it does it.

use syncline_engine::SynchronizationSchema;
use syncline_model::job::{Counts, CycleKind};
use syncline_model::{Attr, JobId, ProblemKind, TenantId, Text};
use syncline_runner::{GroupPlan, Observer, Progress, Reach, Silent};

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
fn groups_are_planned_when_their_mapping_is_switched_on() {
    let world = World::new();
    world.fabrikam_policy(|partner| {
        let sync = partner.identity_synchronization.as_mut().unwrap();
        sync.group_sync_allowed = Some(true);
    });
    let people = world.people("p", 5);
    world.group("Sales").with(&people);
    world.group("Empty");
    world.cycle_without_checks();
    let switched_on = |schema: &mut SynchronizationSchema| {
        for mapping in &mut schema.synchronization_rules[0].object_mappings {
            mapping.enabled = true;
        }
    };
    let planned = world.plan_change(switched_on);
    assert_eq!(planned.changed, ["Group: everything"]);
    assert_eq!((planned.objects, planned.affected), (7, 2));
    assert_eq!(planned.counts.created, 2);
    world.change_schema(switched_on);
    assert_eq!(world.cycle_without_checks().counts, planned.counts);
}

#[test]
fn groups_that_the_target_does_not_let_in_are_planned_as_the_cycle_finds_them() {
    let world = World::new();
    let people = world.people("p", 3);
    let sales = world.group("Sales").with(&people);
    world.group("Boss").with(&people[..1]);
    world.groups_flow();
    world.fabrikam_lets_groups_in(false);
    let as_planned = || {
        let planned = world.plan();
        let report = world.cycle();
        assert_eq!(planned.counts, report.counts);
        planned
    };
    let planned = as_planned();
    let counts = planned.counts;
    assert_eq!(
        (counts.created, counts.escrowed, counts.references_set),
        (3, 2, 0)
    );
    let failing = planned.shown.iter().find(|it| it.kind == "Group").unwrap();
    assert_eq!(failing.action, "fail");
    let reason = failing.reason.as_deref().unwrap();
    assert!(
        reason.starts_with("AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure: ")
            && reason.contains("groupSyncInbound"),
        "{reason}"
    );
    assert_eq!(planned.groups, []);

    // Nor is a group that was let in changed, left or deleted any more.
    world.fabrikam_lets_groups_in(true);
    assert_eq!(as_planned().counts.created, 2);
    world.fabrikam_lets_groups_in(false);
    sales.described("all of them").without(people[0]);
    world.group("Boss").deleted();
    let counts = as_planned().counts;
    assert_eq!(
        (counts.escrowed, counts.references_removed, counts.deleted),
        (2, 0, 0)
    );
    assert_eq!(world.members_in_fabrikam("Sales"), ["p0", "p1", "p2"]);
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
        let planned = world.plan_change(|_| ());
        assert_eq!(planned.counts.created + planned.counts.unchanged, 3);
    });
    world.cycle_watched_by(&observer);
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

#[test]
fn a_plan_names_groups_and_whom_they_would_gain_and_lose() {
    let world = World::new();
    world.groups_flow();
    let people = world.people("p", 9);
    let sales = world.group("Sales").with(&people[..8]);
    let boss = world.group("Boss").with(&people[..1]);
    let said = |it: &GroupPlan| {
        let names = |texts: &[Text]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        let (added, removed) = (names(&it.first_added), names(&it.first_removed));
        (it.name.to_string(), it.added, added, it.removed, removed)
    };
    let address = |name: &str| format!("{name}@contoso.example");
    let addresses = |names: &[&str]| names.iter().map(|it| address(it)).collect::<Vec<_>>();
    let planned = world.plan();
    assert_eq!(planned.groups_of, 2);
    let mut groups: Vec<_> = planned.groups.iter().map(said).collect();
    groups.sort();
    assert_eq!(
        groups,
        [
            ("Boss".to_owned(), 1, addresses(&["p0"]), 0, Vec::new()),
            (
                "Sales".to_owned(),
                8,
                addresses(&["p0", "p1", "p2"]),
                0,
                Vec::new()
            ),
        ]
    );
    world.cycle();
    sales
        .with(&people[8..])
        .without(people[2])
        .without(people[3]);
    let planned = world.plan();
    let groups: Vec<_> = planned.groups.iter().map(said).collect();
    let expected = (
        "Sales".to_owned(),
        1,
        addresses(&["p8"]),
        2,
        addresses(&["p2", "p3"]),
    );
    assert_eq!(groups, [expected]);
    assert_eq!(planned.groups[0].id, sales.id);
    world.cycle();
    assert_eq!(
        (world.plan().groups_of, world.plan().groups),
        (0, Vec::new())
    );
    // Whom somebody in the target put there would stay, and so is not told.
    let there = world.linked(boss.id).unwrap();
    world.fabrikam_adds_member(there, world.live("p1").id);
    assert_eq!(world.plan().groups_of, 0);
    // A redacted name stands nowhere: he is told by his id.
    world.map("department", "Redact([userPrincipalName])");
    world.cycle();
    boss.without(people[0]);
    let planned = world.plan();
    let told = serde_json::to_string(&planned.groups).unwrap();
    assert!(!told.contains("p0@"), "{told}");
    assert_eq!(planned.groups[0].removed, 1);
}

#[test]
fn a_plan_shows_as_many_groups_as_objects() {
    let world = World::new();
    world.groups_flow();
    let ana = world.person("ana");
    for number in 0..12 {
        world.group(&format!("G{number}")).with(&[ana]);
    }
    let planned = world.plan();
    assert_eq!((planned.groups.len(), planned.groups_of), (10, 12));
    assert_eq!(planned.counts.references_set, 12);
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

/// People with the names of others whose removal is held.
fn successors_of_the_held() -> World {
    let world = World::new();
    world.threshold(3);
    let names = ["ana", "bea", "cem", "dora"];
    for name in names {
        world.person(name);
    }
    world.cycle();
    for name in names {
        world.person(name).deleted();
        world.remember_as(name, &format!("the first {name}"));
    }
    for name in names {
        world.person(name);
    }
    world.person("ana").manager("bea");
    world
}

#[test]
fn names_that_held_removals_keep_are_planned_to_be_taken() {
    let world = successors_of_the_held();
    let planned = world.plan();
    let expected = Counts {
        staged: 4,
        escrowed: 4,
        ..Counts::default()
    };
    assert_eq!(planned.counts, expected);
    assert!(planned.held);
    let failing: Vec<_> = planned
        .shown
        .iter()
        .filter(|it| it.action == "fail")
        .collect();
    assert_eq!(failing.len(), 4);
    let reason = failing[0].reason.as_deref().unwrap();
    assert!(reason.starts_with("Conflict: "), "{reason}");
    assert_eq!(world.cycle().counts, expected);
    // They are due again.
    assert_eq!(world.plan().counts, expected);
}

#[test]
fn names_that_the_cycle_itself_sets_free_are_planned_to_be_given() {
    let world = successors_of_the_held();
    world.cycle();
    world.restart("ForceDeletes");
    let planned = world.plan();
    let expected = Counts {
        created: 4,
        deleted: 4,
        references_set: 1,
        ..Counts::default()
    };
    assert_eq!(planned.counts, expected);
    assert_eq!(world.cycle().counts, expected);
}

/// Removals are what a cycle tries somebody once more for.
#[test]
fn names_that_are_given_up_behind_their_successors_are_planned_to_be_given_only_beside_removals() {
    for removes in [false, true] {
        let world = World::new().with_pages_of(1);
        world.person("ana");
        world.person("leaver");
        world.cycle();
        world.person("ana").renamed("anita");
        world.remember_as("ana", "anita");
        world.person("ana");
        // Now he is read behind her.
        world.person("anita").department("Sales");
        if removes {
            world.person("leaver").deleted();
        }
        let planned = world.plan();
        assert_eq!(world.cycle().counts, planned.counts, "{removes}");
        let counts = &planned.counts;
        assert_eq!(
            (counts.created, counts.escrowed),
            if removes { (1, 0) } else { (0, 1) }
        );
    }
}

#[test]
fn names_that_are_given_up_before_are_planned_to_be_given() {
    let world = World::new().with_pages_of(1);
    world.person("ana");
    world.cycle();
    world.person("ana").renamed("anita");
    world.remember_as("ana", "anita");
    world.person("ana");
    let planned = world.plan();
    assert_eq!(world.cycle().counts, planned.counts);
    assert_eq!((planned.counts.created, planned.counts.updated), (1, 1));
}

#[test]
fn whoever_gives_up_another_value_is_planned_to_be_in_the_way() {
    for removes in [false, true] {
        let world = World::new();
        let name = r#"Join("@", [givenName], "contoso.example")"#;
        world.map("userPrincipalName", name);
        world.person("ana").set(Attr::GIVEN_NAME, "an");
        world.person("leaver").set(Attr::GIVEN_NAME, "lee");
        world.cycle();
        // The address becomes another one; the name that is in the way stays.
        world.person("ana").set(Attr::MAIL, "anita@contoso.example");
        world.person("bea").set(Attr::GIVEN_NAME, "an");
        if removes {
            world.person("leaver").deleted();
        }
        let planned = world.plan();
        assert_eq!(world.cycle().counts, planned.counts, "{removes}");
        let counts = &planned.counts;
        assert_eq!((counts.created, counts.escrowed), (0, 1), "{removes}");
    }
}

#[test]
fn names_of_people_of_the_target_are_planned_to_be_taken() {
    let world = World::new();
    world.internal_user_of_fabrikam("bea@contoso.example");
    world.person("ana");
    world.person("bea");
    let planned = world.plan();
    let [_, bea] = &planned.shown[..] else {
        panic!("{:?}", planned.shown);
    };
    assert_eq!(bea.action, "fail");
    let reason = bea.reason.as_deref().unwrap();
    assert!(
        reason.starts_with("InvitationCreationFailureAmbiguousUser: "),
        "{reason}"
    );
    assert_eq!((planned.counts.created, planned.counts.escrowed), (1, 1));
    assert_eq!(world.cycle().counts, planned.counts);
}

#[test]
fn addresses_of_people_of_the_target_are_planned_to_be_refused() {
    let world = World::new();
    world.person("ana").set(Attr::MAIL, "ceo@fabrikam.example");
    world.person("bea");
    let planned = world.plan();
    let [ana, _] = &planned.shown[..] else {
        panic!("{:?}", planned.shown);
    };
    assert_eq!(ana.action, "fail");
    let reason = ana.reason.as_deref().unwrap();
    assert!(reason.contains("fabrikam.example in the mail"), "{reason}");
    assert_eq!((planned.counts.created, planned.counts.escrowed), (1, 1));
    assert_eq!(world.cycle().counts, planned.counts);

    // The address is mended, and goes wrong once more when she has an account.
    world.person("ana").set(Attr::MAIL, "ana@contoso.example");
    world.cycle();
    world.person("ana").set(Attr::MAIL, "ceo@fabrikam.example");
    let planned = world.plan();
    assert_eq!(planned.shown[0].action, "fail");
    let reason = planned.shown[0].reason.as_deref().unwrap();
    assert!(reason.starts_with("UnprocessableEntity: "), "{reason}");
    let report = world.cycle();
    assert_eq!((report.counts.updated, report.counts.escrowed), (0, 1));
    assert_eq!(planned.counts, report.counts);
    assert_eq!(world.live("ana").text(Attr::MAIL), "ana@contoso.example");
}

/// A mapping that would give everybody an address of the target's.
#[test]
fn a_schema_that_maps_addresses_of_the_target_is_planned_to_fail() {
    let world = World::new();
    world.people("p", 3);
    world.cycle();
    world.person("p0").disabled();
    let mail = r#"Append([mailNickname], "@fabrikam.example")"#;
    let planned = world.plan_change(|schema| map(schema, "mail", mail));
    assert_eq!(planned.counts.escrowed, 3);
    assert_eq!((planned.counts.updated, planned.removals), (0, 1));
    world.map("mail", mail);
    assert_eq!(world.cycle().counts, planned.counts);
    assert!(!world.live("p0").is_enabled());
}

#[test]
fn a_refused_value_that_is_redacted_is_not_planned_aloud() {
    let world = World::new();
    world.internal_user_of_fabrikam("bea@contoso.example");
    world.map("mail", "Redact([mail])");
    world.person("bea");
    let planned = world.plan();
    let reason = planned.shown[0].reason.as_deref().unwrap();
    assert!(!reason.contains("bea@contoso.example"), "{reason}");
    assert!(reason.contains("not to be shown"), "{reason}");
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
