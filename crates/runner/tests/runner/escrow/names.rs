//! Names that are handed on: who takes one over is tried again once it is free.

use crate::world::{World, before_page};
use std::sync::atomic::{AtomicBool, Ordering};
use syncline_engine::Operation;
use syncline_engine::evidence::EvidenceOutcome;
use syncline_model::Attr;
use syncline_model::job::{Counts, CycleState};

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
