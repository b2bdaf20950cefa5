//! A node whose network to the database is disturbed: nothing is lost, nothing is done twice.

use std::collections::BTreeSet;

use syncline_engine::evidence::EvidenceOutcome;
use syncline_model::job::{Counts, CyclePhase, CycleReport, CycleState};
use syncline_model::{ObjectId, ProblemKind};
use syncline_runner::{Observer, Progress, Runner, Silent};
use syncline_testkit::Proxy;

use crate::nodes::{LONG, PEOPLE, SHORT, all_is_done_once, as_node, node, run, shared};
use crate::world::{AfterPage, World};

/// Several nodes' world, and one of them behind a network that can be disturbed.
fn behind_a_network() -> Option<(World, Proxy, Runner)> {
    let world = shared()?;
    let proxy = Proxy::start()?;
    let behind = as_node(world.process_behind(&proxy), 1, LONG);
    Some((world, proxy, behind))
}

/// Does something once, after the first page of a phase.
fn after_first_of(wanted: CyclePhase, act: impl Fn()) -> impl Observer {
    let mut done = false;
    AfterPage::new(move |_, progress: &Progress| {
        if progress.phase == wanted && !std::mem::replace(&mut done, true) {
            act();
        }
    })
}

/// After a first cycle: changes of every kind, for a cycle that goes through all phases.
fn change_much(world: &World) -> Counts {
    for number in 0..10 {
        world.person(&format!("p{number}")).department("Sales");
    }
    for number in 10..20 {
        world.person(&format!("p{number}")).deleted();
    }
    for number in 20..30 {
        world.person(&format!("p{number}")).disabled();
    }
    let new = world.people("q", 10);
    world.all_report_to(&new[..9], new[9]);
    Counts {
        updated: 10,
        deleted: 10,
        disabled: 10,
        created: 10,
        references_set: 9,
        ..Counts::default()
    }
}

/// The cycle did what there was to do, each change has one line in the log, and there is nothing left.
fn all_changes_are_done_once(world: &World, before: usize, wanted: Counts, report: &CycleReport) {
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(report.counts, wanted);
    let log = world.log();
    // A manager who comes after those who report to him is a line of his own for each of them.
    let (references, changes): (Vec<_>, Vec<_>) = log[before..]
        .iter()
        .map(|it| (it.source, it.outcome.clone()))
        .partition(|(_, outcome)| *outcome == EvidenceOutcome::ReferencesOnly);
    for lines in [references, changes] {
        let once: BTreeSet<ObjectId> = lines.iter().map(|(source, _)| *source).collect();
        assert_eq!(lines.len(), once.len(), "{lines:?}");
    }
    assert_eq!(world.target_names().len(), PEOPLE);
    let traces = world.traces();
    let again = run(world, &node(world, 9, LONG), &Silent).unwrap();
    assert_eq!(again.counts, Counts::default());
    assert_eq!(world.traces(), traces);
}

#[test]
fn a_first_cycle_in_which_answers_to_commits_are_lost_writes_everything_once() {
    for every in [2, 3] {
        let Some((world, proxy, behind)) = behind_a_network() else {
            return;
        };
        proxy.lose_answers_to_commits(every);
        let report = run(&world, &behind, &Silent).unwrap();
        assert!(proxy.lost() > 5, "{}", proxy.lost());
        assert_eq!(report.state, CycleState::Succeeded);
        all_is_done_once(&world, &report);
    }
}

#[test]
fn a_later_cycle_in_which_answers_to_commits_are_lost_writes_everything_once() {
    for every in [2, 3] {
        let Some((world, proxy, behind)) = behind_a_network() else {
            return;
        };
        run(&world, &behind, &Silent).unwrap();
        let wanted = change_much(&world);
        let before = world.log().len();
        proxy.lose_answers_to_commits(every);
        let report = run(&world, &behind, &Silent).unwrap();
        assert!(proxy.lost() > 5, "{}", proxy.lost());
        all_changes_are_done_once(&world, before, wanted, &report);
    }
}

#[test]
fn a_cycle_whose_network_falls_silent_goes_on_when_it_is_back() {
    let Some((world, proxy, behind)) = behind_a_network() else {
        return;
    };
    let observer = after_first_of(CyclePhase::Source, || proxy.swallow_until_given_up());
    let report = run(&world, &behind, &observer).unwrap();
    assert_eq!(report.state, CycleState::Succeeded);
    all_is_done_once(&world, &report);

    let wanted = change_much(&world);
    let before = world.log().len();
    let observer = after_first_of(CyclePhase::Staged, || proxy.swallow_until_given_up());
    let report = run(&world, &behind, &observer).unwrap();
    all_changes_are_done_once(&world, before, wanted, &report);
}

#[test]
fn a_cycle_whose_database_lets_nobody_in_any_more_stays_and_goes_on_when_it_does() {
    let Some(world) = shared() else { return };
    let Some(role) = world.another_user() else {
        return;
    };
    // The first try finds the connections cut, the second makes another.
    let hasty = as_node(world.process_as(&role), 1, SHORT).with_patience_ms(50);
    let observer = after_first_of(CyclePhase::Source, || role.lock_out());
    let problem = run(&world, &hasty, &observer).unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Unavailable, "{problem:?}");
    assert!(problem.message.contains("goes on from there"), "{problem}");
    let job = world.stored_job();
    let begun = job.running.expect("the cycle is still there");
    assert_eq!(job.status.quarantine, None);

    role.let_in();
    let report = run(&world, &as_node(world.process_as(&role), 2, LONG), &Silent).unwrap();
    assert_eq!(report.cycle_id, begun.id, "the same cycle");
    all_is_done_once(&world, &report);
}

#[test]
fn a_cycle_that_waited_for_its_database_in_vain_stays_and_goes_on_from_its_last_page() {
    for phase in [CyclePhase::Source, CyclePhase::Staged] {
        let Some((world, proxy, behind)) = behind_a_network() else {
            return;
        };
        run(&world, &behind, &Silent).unwrap();
        let wanted = change_much(&world);
        let before = world.log().len();
        // It is back by the time that the cycle could be ended. The lease may be given back or end by itself.
        let hasty = as_node(world.process_behind(&proxy), 2, SHORT).with_patience_ms(0);
        let observer = after_first_of(phase, || proxy.cut_and_refuse(1));
        let problem = run(&world, &hasty, &observer).unwrap_err();
        assert_eq!(problem.kind, ProblemKind::Unavailable);
        assert!(problem.message.contains("goes on from there"), "{problem}");
        let job = world.stored_job();
        let begun = job.running.expect("the cycle is still there");
        assert_eq!(job.status.quarantine, None);

        let report = run(&world, &node(&world, 3, LONG), &Silent).unwrap();
        assert_eq!(report.cycle_id, begun.id, "the same cycle");
        all_changes_are_done_once(&world, before, wanted, &report);
    }
}
