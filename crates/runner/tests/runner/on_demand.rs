//! On-demand provisioning: one person, now, through the same page as everybody else.

use syncline_engine::SkipReason;
use syncline_engine::evidence::EvidenceOutcome;
use syncline_model::job::Counts;
use syncline_model::{EntityKind, ObjectId, Problem, ProblemKind};
use syncline_runner::OnDemandSubject;

use crate::world::World;

#[test]
fn before_the_first_cycle() {
    let world = World::new();
    world.pause();
    world.person("ana").manager("bo");
    let done = world.provision(world.person("ana").id).unwrap();
    assert_eq!(done.evidence.outcome, EvidenceOutcome::Created);
    assert_eq!(done.evidence.target, Some(world.live("ana").id));
    assert_eq!(world.target_names(), ["ana"]);
    assert_eq!(world.outcomes("ana"), [EvidenceOutcome::Created]);

    // The first cycle finds her linked, and gives her the manager who comes with it.
    world.start();
    let report = world.cycle();
    assert_eq!(
        report.counts,
        Counts {
            created: 1,
            updated: 1,
            references_set: 1,
            ..Counts::default()
        }
    );
    assert_eq!(world.live("ana").manager.as_deref(), Some("bo"));
}

#[test]
fn a_manager_provisioned_on_demand_is_given_to_those_who_wait_in_the_next_cycle() {
    let world = World::new();
    world.person("kai").disabled();
    world.person("ana").manager("kai");
    world.cycle();
    world.person("kai").enabled();
    world.provision(world.person("kai").id).unwrap();
    let report = world.cycle();
    assert_eq!(
        (
            report.counts.references_set,
            report.counts.references_pending
        ),
        (1, 0)
    );
    assert_eq!(world.live("ana").manager.as_deref(), Some("kai"));
}

#[test]
fn nothing_differs() {
    let world = World::new();
    world.person("ana");
    world.cycle();
    let before = world.traces();
    let done = world.provision(world.person("ana").id).unwrap();
    let redundant = EvidenceOutcome::Skipped(SkipReason::RedundantExport);
    assert_eq!(done.evidence.outcome, redundant);
    assert_eq!(world.traces(), before);
}

#[test]
fn somebody_who_is_not_assigned_is_skipped_or_leaves() {
    let world = World::new();
    world.sync_assigned();
    let done = world.provision(world.person("ana").id).unwrap();
    let skipped = EvidenceOutcome::Skipped(SkipReason::NotEffectivelyEntitled);
    assert_eq!(done.evidence.outcome, skipped);

    let bo = world.person("bo").assigned();
    world.provision(bo.id).unwrap();
    bo.unassigned();
    let done = world.provision(bo.id).unwrap();
    assert_eq!(done.evidence.outcome, EvidenceOutcome::SoftDeleted);
    assert!(world.target_names().is_empty());
}

/// One after the other they would go past the gate.
#[test]
fn removals_count_at_the_threshold_of_the_next_cycle() {
    let world = World::new();
    world.threshold(3);
    let people = world.people("p", 5);
    world.cycle();
    people[0].deleted();
    people[1].disabled();
    for person in &people[..2] {
        world.provision(person.id).unwrap();
    }
    assert_eq!(world.stored_job().removed_in_between, 2);
    people[2].deleted();
    assert_eq!(world.cycle().counts.staged, 1);
    assert_eq!(world.target_names().len(), 4);
}

/// By the counts it is an update.
#[test]
fn a_disable_that_comes_with_another_change_counts_at_the_threshold_of_the_next_cycle() {
    let world = World::new();
    world.threshold(2);
    let people = world.people("p", 5);
    world.cycle();
    people[0].disabled().department("Left");
    world.provision(people[0].id).unwrap();
    assert_eq!(world.stored_job().removed_in_between, 1);
    people[1].deleted();
    assert_eq!(world.cycle().counts.staged, 1);
}

/// That cycle may have counted already when he was removed.
#[test]
fn what_is_removed_beside_a_cycle_counts_at_the_threshold_of_the_next_one() {
    let world = World::new();
    world.threshold(3);
    let people = world.people("p", 5);
    world.cycle();
    people[0].deleted();
    let observer = crate::world::after_first_page(|| {
        people[1].deleted();
        world.provision(people[1].id).unwrap();
    });
    assert_eq!(world.cycle_watched_by(&observer).counts.deleted, 1);
    assert_eq!(world.stored_job().removed_in_between, 1);
    for person in &people[2..4] {
        person.deleted();
    }
    assert_eq!(world.cycle().counts.staged, 2);
    for person in &people[2..4] {
        person.restored();
    }
    world.cycle();
    assert_eq!(world.stored_job().removed_in_between, 0);
}

#[test]
fn a_failure_is_an_answer() {
    let world = World::new();
    world.internal_user_of_fabrikam("ana@contoso.example");
    let done = world.provision(world.person("ana").id).unwrap();
    assert!(matches!(done.evidence.outcome, EvidenceOutcome::Failed(_)));
    assert_eq!(world.traces().escrows, 1);
}

#[test]
fn unknown_rules_and_people_are_named() {
    let world = World::new();
    let ana = world.person("ana").id;
    let problem = world.provision_by("no-such-rule", ana).unwrap_err();
    assert_eq!(problem.kind, ProblemKind::NotFound);
    assert!(problem.message.contains("no-such-rule"));

    let unknown = ObjectId(uuid::Uuid::from_u128(99));
    let problem = world.provision(unknown).unwrap_err();
    assert_eq!(problem.kind, ProblemKind::NotFound);
    assert!(problem.message.contains(&unknown.to_string()));
    // People of the target are unknown to the source.
    let stranger = world.internal_user_of_fabrikam("x@fabrikam.example");
    assert_eq!(
        world.provision(stranger).unwrap_err().kind,
        ProblemKind::NotFound
    );
    assert_eq!(world.traces().log, 0);
}

#[test]
fn the_sixth_call_in_ten_seconds_has_to_wait() {
    let world = World::new();
    let ana = world.person("ana").id;
    for _ in 0..4 {
        world.provision(ana).unwrap();
    }
    world.clock.advance_seconds(3);
    world.provision(ana).unwrap();
    let problem = world.provision(ana).unwrap_err();
    assert_eq!(problem.kind, ProblemKind::TooManyRequests);
    assert_eq!(problem.retry_after_seconds, Some(7));

    // A refused call does not count; after the window it works again.
    world.clock.advance_seconds(7);
    for _ in 0..4 {
        world.provision(ana).unwrap();
    }
    assert_eq!(
        world.provision(ana).unwrap_err().retry_after_seconds,
        Some(3)
    );
}

#[test]
fn calls_of_before_the_clock_was_set_back_keep_nobody_waiting() {
    let world = World::new();
    let ana = world.person("ana").id;
    for _ in 0..5 {
        world.provision(ana).unwrap();
    }
    world.clock.advance_seconds(-3_600);
    for _ in 0..5 {
        world.provision(ana).unwrap();
    }
    let problem = world.provision(ana).unwrap_err();
    assert_eq!(problem.retry_after_seconds, Some(10));
}

#[test]
fn it_works_while_a_cycle_runs() {
    let world = World::new().with_pages_of(1);
    world.people("p", 4);
    let last = world.person("p3").id;
    let observer = crate::world::after_first_page(|| {
        world.provision(last).unwrap();
    });
    let report = world.cycle_watched_by(&observer);
    assert_eq!((report.counts.created, report.counts.unchanged), (3, 1));
    assert_eq!(world.target_names().len(), 4);
}

/// It may have waited for its turn until whoever asks for it may do so no more.
#[test]
fn nothing_is_done_for_whoever_may_not_ask_for_it_when_its_turn_comes() {
    let world = World::new();
    let ana = world.person("ana").id;
    let before = world.traces();
    let subject = OnDemandSubject {
        kind: EntityKind::User,
        id: ana,
        members: Vec::new(),
    };
    let rule = world.rule();
    // More often than a job is asked in ten seconds: what is refused does not count.
    for _ in 0..6 {
        let refused = world.runner.provision_on_demand_if(
            world.contoso.id,
            &world.job,
            &[&rule],
            std::slice::from_ref(&subject),
            |_| Err(Problem::not_found("the caller")),
        );
        assert_eq!(refused.unwrap_err().kind, ProblemKind::NotFound);
    }
    assert_eq!(world.traces(), before);
    assert!(world.target_names().is_empty());
    let done = world.provision(ana).unwrap();
    assert_eq!(done.evidence.outcome, EvidenceOutcome::Created);
}
