//! One bad object never blocks the rest, and is tried again.

use std::sync::atomic::{AtomicBool, Ordering};

use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::{Failure, Operation, escrow};
use syncline_model::job::{Counts, CycleState};
use syncline_model::{Attr, Value};

use crate::world::{World, before_page};

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
fn names_are_handed_on() {
    let world = World::new();
    world.person("ana");
    world.person("bea");
    world.person("cem");
    world.cycle();
    // cem -> dora, bea -> cem, ana -> bea, and dora is the last to be looked at.
    world.person("cem").renamed("dora");
    world.person("bea").renamed("cem");
    world.person("ana").renamed("bea");
    world.person("cem").department("Sales");
    world.person("bea").department("Sales");
    let report = world.cycle();
    assert_eq!(
        report.counts,
        Counts {
            updated: 3,
            ..Counts::default()
        }
    );
    assert_eq!(world.live("ana").text(Attr::MAIL), "bea@contoso.example");
    assert_eq!(world.live("bea").text(Attr::MAIL), "cem@contoso.example");
    assert_eq!(world.live("cem").text(Attr::MAIL), "dora@contoso.example");
}

/// None of them can be the first.
#[test]
fn names_are_exchanged() {
    let people = ["ana", "bea", "cem", "dora", "eli"];
    let world = World::new();
    for name in people {
        world.person(name);
    }
    world.cycle();
    // Two swap theirs, three pass theirs round.
    for round in [&people[..2], &people[2..]] {
        world.person(round[0]).renamed("between");
        for pair in round.windows(2) {
            world.person(pair[1]).renamed(pair[0]);
        }
        world.person(round[0]).renamed(round[round.len() - 1]);
    }
    let mails = || people.map(|name| world.live(name).text(Attr::MAIL).to_owned());
    let report = world.cycle();
    assert_eq!(
        report.counts,
        Counts {
            updated: 5,
            ..Counts::default()
        }
    );
    let expected = ["bea", "ana", "eli", "cem", "dora"];
    assert_eq!(mails(), expected.map(|it| format!("{it}@contoso.example")));
    assert_eq!(world.cycle().counts, Counts::default());
}

#[test]
fn names_exchanged_across_pages_follow_in_the_next_cycle() {
    let world = World::new().with_pages_of(2);
    for name in ["ana", "bea", "cem"] {
        world.person(name);
    }
    world.cycle();
    world.person("ana").renamed("between");
    world.person("cem").renamed("ana");
    world.person("bea").department("Sales");
    world.person("ana").renamed("cem");
    let pages = [world.cycle(), world.cycle()];
    let escrowed = pages.map(|report| report.counts.escrowed);
    assert_eq!(escrowed[1], 0, "{escrowed:?}");
    assert_eq!(world.live("ana").text(Attr::MAIL), "cem@contoso.example");
    assert_eq!(world.live("cem").text(Attr::MAIL), "ana@contoso.example");
    assert_eq!(world.traces().escrows, 0);
}

#[test]
fn a_name_handed_on_in_another_page_follows_in_the_next_cycle() {
    let world = World::new().with_pages_of(1);
    world.person("ana");
    world.person("bea");
    world.cycle();
    world.person("bea").renamed("beatrice");
    world.person("ana").renamed("bea");
    world.person("bea").department("Sales");
    let report = world.cycle();
    assert_eq!(
        report.counts,
        Counts {
            updated: 1,
            escrowed: 1,
            ..Counts::default()
        }
    );
    let report = world.cycle();
    assert_eq!(
        report.counts,
        Counts {
            updated: 1,
            ..Counts::default()
        }
    );
    assert_eq!(world.live("ana").text(Attr::MAIL), "bea@contoso.example");
}

#[test]
fn the_successor_of_a_leaver_gets_the_name_in_the_same_cycle() {
    let world = World::new();
    world.person("ana");
    world.cycle();
    world.person("ana").deleted();
    world.remember_as("ana", "the first ana");
    world.person("ana");
    // Deletes come last in a cycle: the name is not free at the first try.
    let report = world.cycle();
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(
        report.counts,
        Counts {
            created: 1,
            deleted: 1,
            ..Counts::default()
        }
    );
    assert_eq!(world.target_names(), ["ana"]);
    assert_eq!(world.traces().escrows, 0);
    let report = world.cycle();
    assert_eq!(report.counts, Counts::default());
}

/// Also those whom they lead, whichever page they are in.
#[test]
fn successors_come_with_the_references_to_them() {
    for size in [1, 2, 100] {
        let world = World::new().with_pages_of(size);
        for name in ["boss", "ana", "bea"] {
            world.person(name);
        }
        world.cycle();
        for name in ["boss", "ana", "bea"] {
            world.person(name).deleted();
            world.remember_as(name, &format!("the first {name}"));
        }
        world.person("boss");
        for name in ["ana", "bea"] {
            world.person(name).manager("boss");
        }
        let report = world.cycle();
        assert_eq!(
            report.counts,
            Counts {
                created: 3,
                deleted: 3,
                references_set: 2,
                ..Counts::default()
            },
            "{size}"
        );
        assert_eq!(world.cycle().counts, Counts::default(), "{size}");
    }
}

#[test]
fn whoever_fails_again_counts_once_and_is_told_once() {
    let world = World::new();
    world.person("ana");
    world.person("bea");
    world.cycle();
    world.person("ana").deleted();
    // The name is free in the source; in the target it stays with whom it had.
    world.person("bea").renamed("beatrice");
    world.person("cem").renamed("bea");
    world.target_refuses(|operation| matches!(operation, Operation::Update { .. }));
    let report = world.cycle();
    assert_eq!(
        report.counts,
        Counts {
            deleted: 1,
            escrowed: 2,
            ..Counts::default()
        }
    );
    assert_eq!(report.state, CycleState::EntryLevelErrors);
    assert_eq!(world.outcomes("cem").len(), 1);
    assert_eq!(world.traces().escrows, 2);
}

#[test]
fn whoever_fails_again_for_another_reason_is_told_of_both() {
    let world = World::new();
    world.person("ana");
    world.cycle();
    world.person("ana").deleted();
    world.remember_as("ana", "the first ana");
    world.person("ana");
    let removed = AtomicBool::new(false);
    world.target_refuses(move |operation| match operation {
        Operation::Create { .. } => removed.load(Ordering::Relaxed),
        operation => {
            let removes = matches!(operation, Operation::SoftDelete { .. });
            removed.fetch_or(removes, Ordering::Relaxed);
            false
        }
    });
    let report = world.cycle();
    assert_eq!((report.counts.deleted, report.counts.escrowed), (1, 1));
    let codes: Vec<String> = world
        .outcomes("ana")
        .into_iter()
        .map(|it| match it {
            EvidenceOutcome::Failed(failure) => failure.code,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(codes.len(), 2, "{codes:?}");
    assert_eq!(codes[0], "Conflict");
    assert_ne!(codes[1], "Conflict");
}

/// Somebody who failed on demand in the meantime is no part of what the cycle has counted.
#[test]
fn a_cycle_that_leaves_somebody_behind_does_not_say_that_all_went_well() {
    let world = World::new().with_pages_of(1);
    world.internal_user_of_fabrikam("bea@contoso.example");
    world.person("ana");
    world.cycle();
    world.person("ana").deleted();
    world.remember_as("ana", "the first ana");
    world.person("bea");
    let report = world.cycle_watched_by(&before_page(3, || {
        let ana = world.person("ana").id;
        world.provision(ana).unwrap();
    }));
    assert_eq!((report.counts.created, report.counts.deleted), (1, 1));
    assert_eq!(world.traces().escrows, 1);
    assert_eq!(report.state, CycleState::EntryLevelErrors);
}

#[test]
fn successors_of_those_whom_the_gate_held_come_with_their_removal() {
    let world = World::new();
    let names: Vec<String> = (0..10).map(|at| format!("person{at}")).collect();
    for name in &names {
        world.person(name);
    }
    world.cycle();
    world.threshold(5);
    for name in &names {
        world.person(name).deleted();
        world.remember_as(name, &format!("the first {name}"));
        world.person(name);
    }
    let report = world.cycle();
    assert_eq!(
        report.counts,
        Counts {
            staged: 10,
            escrowed: 10,
            ..Counts::default()
        }
    );
    world.restart("ForceDeletes");
    let report = world.cycle();
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(
        report.counts,
        Counts {
            created: 10,
            deleted: 10,
            ..Counts::default()
        }
    );
    assert_eq!(world.target_names(), names);
}

/// A world in which Bea fails, and so long ago that she is not tried again.
fn bea_is_given_up() -> World {
    let world = World::new();
    world.internal_user_of_fabrikam("bea@contoso.example");
    world.person("bea");
    world.cycle();
    let mut tries = 0;
    for _ in 0..40 {
        world.clock.advance_seconds(24 * 60 * 60);
        tries += world.cycle().counts.escrowed;
    }
    assert!((20..=31).contains(&tries), "{tries}");
    world
}

fn given_up(world: &World) -> u64 {
    world
        .store
        .read(|reader| reader.count_given_up(world.contoso.id, &world.job))
        .unwrap()
}

/// How often the log says of her that she is.
fn said(world: &World) -> usize {
    let outcomes = world.outcomes("bea").into_iter();
    let said = outcomes
        .filter(|it| matches!(it, EvidenceOutcome::Failed(it) if it.reason.contains("given up")));
    said.count()
}

#[test]
fn an_object_is_given_up_after_four_weeks_and_stays_to_be_seen() {
    let world = bea_is_given_up();
    assert_eq!((world.traces().escrows, given_up(&world)), (1, 1));
    assert_eq!(said(&world), 1);
    assert_eq!(world.plan().counts, Counts::default());
    let before = world.traces();
    world.clock.advance_seconds(24 * 60 * 60);
    let report = world.cycle();
    assert_eq!(
        (report.state, report.counts),
        (CycleState::Succeeded, Counts::default())
    );
    assert_eq!(world.traces(), before);
}

#[test]
fn somebody_given_up_who_changes_is_tried_by_the_timetable_again() {
    let world = bea_is_given_up();
    world.person("bea").department("Sales");
    assert_eq!(world.cycle().counts.escrowed, 1);
    assert_eq!(given_up(&world), 0);
    world.clock.advance_seconds(SIX_HOURS);
    assert_eq!(world.cycle().counts.escrowed, 1);
    assert_eq!(said(&world), 1);
}

#[test]
fn a_job_can_have_a_timetable_of_its_own() {
    let world = World::new();
    world.internal_user_of_fabrikam("bea@contoso.example");
    world.person("bea");
    world.set(escrow::RETRY_AFTER, "PT5H");
    world.set(escrow::RETRY_EVERY, "PT10H");
    world.set(escrow::GIVE_UP_AFTER, "P1D");
    let hours = |hours: i64| {
        world.clock.advance_seconds(hours * 60 * 60);
        (world.cycle().counts.escrowed, given_up(&world))
    };
    assert_eq!(hours(0), (1, 0));
    // Each cycle is an interval of 40 minutes behind the one before.
    assert_eq!(hours(2), (0, 0));
    assert_eq!(hours(2), (1, 0));
    assert_eq!(hours(5), (0, 0));
    // The next slot, after 25 hours, is past the end.
    assert_eq!(hours(4), (1, 1));
    assert_eq!(hours(24), (0, 1));
    let outcomes = world.outcomes("bea");
    let Some(EvidenceOutcome::Failed(failure)) = outcomes.last() else {
        panic!("{outcomes:?}")
    };
    assert!(
        failure
            .reason
            .contains("it has failed for 1 day and is given up"),
        "{}",
        failure.reason
    );
}

#[test]
fn a_restart_tries_whoever_was_given_up() {
    let world = bea_is_given_up();
    world.restart("Escrows");
    assert_eq!(given_up(&world), 0);
    assert_eq!(world.cycle().counts.escrowed, 1);
    assert_eq!(given_up(&world), 0);
}

#[test]
fn somebody_given_up_who_leaves_is_forgotten() {
    let world = bea_is_given_up();
    world.person("bea").deleted();
    world.cycle();
    assert_eq!(world.traces().escrows, 0);
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
