//! Groups and their members in a plan.

use syncline_engine::SynchronizationSchema;
use syncline_model::Text;
use syncline_runner::GroupPlan;

use crate::world::World;

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
