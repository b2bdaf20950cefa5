//! One bad object never blocks the rest, and is tried again.

mod given_up;
mod names;

use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::schema::{AttributeMapping, AttributeMappingSource};
use syncline_engine::{Failure, Operation};
use syncline_model::job::{Counts, CycleState};
use syncline_model::{Attr, Value};

use crate::world::World;

const SIX_HOURS: i64 = 6 * 60 * 60;

fn failure(world: &World, name: &str) -> Failure {
    match world.outcomes(name).pop() {
        Some(EvidenceOutcome::Failed(failure)) => failure,
        other => panic!("{name} did not fail: {other:?}"),
    }
}

#[test]
fn an_internal_user_of_the_target_holds_the_address() {
    let world = World::new();
    let holder = world.internal_user_of_fabrikam("bea@contoso.example");
    world.people("p", 5);
    world.person("bea").manager("p0");
    let report = world.cycle();
    assert_eq!(report.state, CycleState::EntryLevelErrors);
    assert_eq!(
        report.counts,
        Counts {
            created: 5,
            escrowed: 1,
            ..Counts::default()
        }
    );
    assert_eq!(world.target_user("bea"), None);
    let failed = failure(&world, "bea");
    assert_eq!(failed.code, "InvitationCreationFailureAmbiguousUser");
    let reason = failed.reason;
    assert!(reason.contains("bea@contoso.example"), "{reason}");
    assert!(
        !reason.contains(&holder.to_string()),
        "the source reads this: {reason}"
    );

    // Tried again in its time: in vain, then with success.
    world.clock.advance_seconds(SIX_HOURS);
    assert_eq!(
        world.cycle().counts,
        Counts {
            escrowed: 1,
            ..Counts::default()
        }
    );
    world.fabrikam_changes(holder, Attr::MAIL, "somebody.else@fabrikam.example");
    world.fabrikam_changes(holder, Attr::PROXY_ADDRESSES, Value::List(Vec::new()));
    world.clock.advance_seconds(SIX_HOURS);
    let report = world.cycle();
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(
        report.counts,
        Counts {
            created: 1,
            references_set: 1,
            ..Counts::default()
        }
    );
    assert_eq!(world.traces().escrows, 0);
}

#[test]
fn a_failed_object_that_changes_is_looked_at_at_once() {
    let world = World::new();
    world.internal_user_of_fabrikam("bea@contoso.example");
    world.person("bea");
    world.cycle();
    world.person("bea").renamed("beatrice");
    assert_eq!(
        world.cycle().counts,
        Counts {
            created: 1,
            ..Counts::default()
        }
    );
    assert_eq!(world.traces().escrows, 0);
}

#[test]
fn due_again_and_changed_counts_once() {
    let world = World::new();
    world.internal_user_of_fabrikam("bea@contoso.example");
    world.person("bea");
    world.cycle();
    world.clock.advance_seconds(SIX_HOURS);
    world.person("bea").department("Sales");
    assert_eq!(
        world.cycle().counts,
        Counts {
            escrowed: 1,
            ..Counts::default()
        }
    );
    assert_eq!(world.outcomes("bea").len(), 2, "one line per cycle");
}

#[test]
fn a_failed_object_that_left_is_not_tried_again() {
    let world = World::new();
    world.internal_user_of_fabrikam("bea@contoso.example");
    world.person("bea");
    world.cycle();
    world.person("bea").deleted();
    assert_eq!(
        world.cycle().counts,
        Counts {
            skipped: 1,
            ..Counts::default()
        }
    );
    assert_eq!(world.traces().escrows, 0);
}

#[test]
fn two_people_with_one_anchor() {
    let world = World::new();
    for name in ["ana", "anb"] {
        world.person(name).overwrite(|entry| {
            entry.attrs.set(Attr::NET_ID, "0123456789ABCDEF");
        });
    }
    let report = world.cycle_without_checks();
    assert_eq!((report.counts.created, report.counts.escrowed), (1, 1));
    let failed = failure(&world, "anb");
    assert_eq!(failed.code, "DuplicateSourceEntries");
    assert!(failed.reason.contains(&world.person("ana").id.to_string()));

    // The second try finds the object that the first one holds.
    world.clock.advance_seconds(SIX_HOURS);
    let report = world.cycle_without_checks();
    assert_eq!(report.counts.escrowed, 1);
    let failed = failure(&world, "anb");
    assert_eq!(failed.code, "DuplicateSourceEntries");
    assert!(failed.reason.contains(&world.person("ana").id.to_string()));
    assert_eq!(world.traces().links.len(), 1);
}

/// The second one fails while the first one has its value, and is tried as soon as that has another.
#[test]
fn two_groups_with_one_anchor_until_one_has_another() {
    let world = World::new();
    world.groups_flow();
    world.change_schema(|schema| {
        let groups = &mut schema.synchronization_rules[0].object_mappings[1];
        let mut mappings = groups.attribute_mappings.iter_mut();
        let anchor = |it: &&mut AttributeMapping| {
            it.target_attribute_name.as_deref() == Some("alternativeSecurityIds")
        };
        let anchor = mappings.find(anchor).unwrap();
        anchor.source = Some(AttributeMappingSource::attribute("description"));
    });
    let first = world.group("First").described("one");
    let second = world.group("Second").described("one");
    let report = world.cycle();
    assert_eq!((report.counts.created, report.counts.escrowed), (1, 1));
    assert_eq!(world.cycle().counts, Counts::default());

    first.described("two");
    assert_eq!(world.cycle().counts.updated, 1);
    assert_eq!(world.cycle().counts.created, 1);
    assert_eq!(world.traces().escrows, 0);
    assert!(world.linked(second.id).is_some());
    assert_ne!(world.linked(second.id), world.linked(first.id));
}

#[test]
fn two_people_adopt_one_object_in_one_page() {
    let world = World::new();
    world.person("ana").overwrite(|entry| {
        entry.attrs.set(Attr::NET_ID, "0123456789ABCDEF");
    });
    world.cycle_without_checks();
    world.restart("Full");
    world.person("anb").overwrite(|entry| {
        entry.attrs.set(Attr::NET_ID, "0123456789ABCDEF");
    });
    let report = world.cycle_without_checks();
    assert_eq!((report.counts.updated, report.counts.escrowed), (1, 1));
    assert_eq!(failure(&world, "anb").code, "DuplicateSourceEntries");
}

#[test]
fn a_batch_that_breaks_is_halved_until_the_bad_one_stands_alone() {
    let world = World::new();
    world.people("p", 9);
    world.target_breaks_over(|operation| creates(operation, "p4"));
    let report = world.cycle();
    assert_eq!(report.state, CycleState::EntryLevelErrors);
    assert_eq!(
        report.counts,
        Counts {
            created: 8,
            escrowed: 1,
            ..Counts::default()
        }
    );
    assert_eq!(failure(&world, "p4").code, "InternalServerError");
    world.target_is_well();
    world.clock.advance_seconds(SIX_HOURS);
    assert_eq!(
        world.cycle().counts,
        Counts {
            created: 1,
            ..Counts::default()
        }
    );
}

fn creates(operation: &Operation, name: &str) -> bool {
    let name = format!("{name} of Contoso");
    matches!(operation, Operation::Create { attrs, .. } if attrs.text(Attr::DISPLAY_NAME) == Some(&name))
}

#[test]
fn a_delete_that_fails_is_tried_again_and_counted_again_by_the_gate() {
    let world = World::new();
    world.person("ana");
    world.cycle();
    world.target_refuses(|operation| matches!(operation, Operation::SoftDelete { .. }));
    world.person("ana").deleted();
    assert_eq!(
        world.cycle().counts,
        Counts {
            escrowed: 1,
            ..Counts::default()
        }
    );
    assert_eq!(
        world.cycle().counts,
        Counts::default(),
        "its time has not come"
    );
    world.target_is_well();
    world.clock.advance_seconds(SIX_HOURS);
    assert_eq!(
        world.cycle().counts,
        Counts {
            deleted: 1,
            ..Counts::default()
        }
    );
}

#[test]
fn an_escrowed_object_whose_mapping_is_gone_blocks_nobody() {
    let world = World::new();
    world.internal_user_of_fabrikam("bea@contoso.example");
    world.person("bea");
    world.cycle();
    world.change_schema(|schema| {
        let mappings = &mut schema.synchronization_rules[0].object_mappings;
        mappings.retain(|it| it.source_object_name.as_deref() != Some("User"));
    });
    world.cycle();
    world.clock.advance_seconds(SIX_HOURS);
    assert_eq!(world.cycle().state, CycleState::Succeeded);
    assert_eq!(world.traces().escrows, 0);
}

/// Neither the log nor the escrow names what the target refuses.
#[test]
fn a_refused_value_that_is_redacted_is_not_told() {
    let world = World::new();
    world.map("mail", "Redact([mail])");
    world
        .person("ana")
        .set(Attr::MAIL, "secret@contoso.example");
    world.internal_user_of_fabrikam("secret@contoso.example");
    assert_eq!(world.cycle().counts.escrowed, 1);
    let [EvidenceOutcome::Failed(failure)] = &world.outcomes("ana")[..] else {
        panic!("{:?}", world.outcomes("ana"));
    };
    assert_eq!(failure.code, "InvitationCreationFailureAmbiguousUser");
    assert!(
        !failure.reason.contains("secret") && failure.reason.contains("`mail`"),
        "{failure:?}"
    );
}
