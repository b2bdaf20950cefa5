//! Schemas that an earlier version took and this one refuses: groups of theirs can not be looked for in the
//! target. People, and groups that are there, are none the worse for it.

use syncline_engine::Failure;
use syncline_engine::SynchronizationSchema;
use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::schema::{AttributeMapping, AttributeMappingSource, FlowType};
use syncline_model::job::{Counts, CycleState};

use crate::world::{Group, World};

fn of_group<'s>(
    schema: &'s mut SynchronizationSchema,
    target: &str,
) -> Option<&'s mut AttributeMapping> {
    let mappings = &mut schema.synchronization_rules[0].object_mappings[1].attribute_mappings;
    let mut mappings = mappings.iter_mut();
    mappings.find(|it| it.target_attribute_name.as_deref() == Some(target))
}

fn priority(schema: &mut SynchronizationSchema, target: &str, priority: i64) {
    of_group(schema, target).unwrap().matching_priority = priority;
}

/// What is wrong with a schema, and the words that tell it.
type Wrong = (fn(&mut SynchronizationSchema), &'static str);

const BY_NAME_AS_WELL: Wrong = (
    |schema| priority(schema, "displayName", 2),
    "attributeMappings[2]: groups of another tenant are matched by",
);
const BY_NAME: Wrong = (
    |schema| {
        priority(schema, "alternativeSecurityIds", 0);
        priority(schema, "displayName", 1);
    },
    "attributeMappings[2]: groups of another tenant are matched by",
);
const BY_NOTHING: Wrong = (
    |schema| priority(schema, "alternativeSecurityIds", 0),
    "the matching mapping of groups",
);
const WITHOUT_ANCHOR: Wrong = (
    |schema| {
        let mappings = &mut schema.synchronization_rules[0].object_mappings[1].attribute_mappings;
        mappings.retain(|it| it.target_attribute_name.as_deref() != Some("alternativeSecurityIds"));
        priority(schema, "displayName", 1);
    },
    "the matching mapping of groups",
);
const UNIQUE: Wrong = (
    |schema| {
        let mapping = of_group(schema, "mailNickname").unwrap();
        mapping.flow_type = FlowType::ObjectAddOnly;
        mapping.source = Some(AttributeMappingSource {
            expression: Some(
                r#"SelectUniqueValue([mailNickname], Append([mailNickname], "2"))"#.to_owned(),
            ),
            ..AttributeMappingSource::default()
        });
    },
    "`SelectUniqueValue` can fill",
);

fn world() -> World {
    let world = World::new();
    world.groups_flow();
    world
}

fn failure(world: &World, group: Group<'_>) -> Failure {
    let log = world.log().into_iter().rev();
    let mut outcomes = log.filter(|it| it.source == group.id).map(|it| it.outcome);
    match outcomes.next() {
        Some(EvidenceOutcome::Failed(failure)) => failure,
        other => panic!("did not fail: {other:?}"),
    }
}

#[test]
fn people_are_synchronized_and_each_new_group_says_what_is_wrong() {
    for (spoil, words) in [BY_NAME_AS_WELL, BY_NAME, BY_NOTHING, WITHOUT_ANCHOR, UNIQUE] {
        let world = world();
        let right = world.schema();
        world.change_schema(spoil);
        let ann = world.person("ann");
        let crew = world.group("Crew").with(&[ann]);
        let planned = world.plan();
        let report = world.cycle();
        assert_eq!(report.state, CycleState::EntryLevelErrors, "{report:?}");
        let counts = Counts {
            created: 1,
            escrowed: 1,
            ..Counts::default()
        };
        assert_eq!((planned.counts, report.counts), (counts, counts), "{words}");
        world.live("ann");
        assert_eq!(world.stored_job().status.quarantine, None);
        let failed = failure(&world, crew);
        assert!(failed.reason.contains(words), "{failed:?}");
        assert!(
            failed.recommended_action.contains("mapping of groups"),
            "{failed:?}"
        );
        let on_demand = world.provision_group(crew, &[]).unwrap();
        assert!(
            matches!(&on_demand[0].evidence.outcome, EvidenceOutcome::Failed(it) if it.reason == failed.reason),
            "{on_demand:?}"
        );
        // Nobody has to wait for the next try when it is put right.
        world.change_schema(|schema| *schema = right);
        let report = world.cycle();
        assert_eq!(report.state, CycleState::Succeeded);
        assert_eq!((report.counts.created, report.counts.escrowed), (1, 0));
        assert_eq!(world.members_in_fabrikam("Crew"), ["ann"]);
        assert_eq!(world.traces().escrows, 0);
    }
}

#[test]
fn groups_that_are_in_the_target_go_on() {
    for ((spoil, words), by_anchor) in [
        (BY_NAME_AS_WELL, true),
        (BY_NAME, false),
        (BY_NOTHING, false),
        (UNIQUE, true),
    ] {
        let world = world();
        let (ann, ben) = (world.person("ann"), world.person("ben"));
        let crew = world.group("Crew").with(&[ann]);
        world.cycle();
        let there = world.linked(crew.id).unwrap();
        world.change_schema(spoil);
        crew.with(&[ben]).without(ann).described("who does it");
        let report = world.cycle();
        assert_eq!(report.state, CycleState::Succeeded, "{words}: {report:?}");
        assert_eq!(report.counts.updated, 1, "{words}");
        assert_eq!(world.members_in_fabrikam("Crew"), ["ben"], "{words}");

        // Matched anew, it is found by its anchor, or waits; it is not removed.
        world.restart("Full");
        let report = world.cycle();
        let waits = u64::from(!by_anchor);
        let counts = (report.counts.escrowed, report.counts.deleted);
        assert_eq!(counts, (waits, 0), "{words}: {report:?}");
        assert_eq!(world.linked(crew.id), Some(there), "{words}");
        assert_eq!(world.members_in_fabrikam("Crew"), ["ben"], "{words}");
    }
}
