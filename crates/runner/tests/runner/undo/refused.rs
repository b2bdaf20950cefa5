//! When nothing is undone.

use std::cell::RefCell;

use syncline_model::ProblemKind;
use syncline_model::job::Counts;
use syncline_runner::{Progress, Silent, Span, Undo};
use syncline_store::NodeId;

use super::{sales, wrong_cycle};
use crate::world::{AfterPage, World, undo_of};

#[test]
fn a_job_that_is_started_is_refused() {
    let world = sales();
    let cycle = wrong_cycle(&world);
    let traces = world.traces();
    let span = Span::Cycles(vec![cycle.cycle_id]);
    let refused = world.try_undo(&undo_of(span), &Silent).unwrap_err();
    assert_eq!(refused.kind, ProblemKind::Conflict);
    assert!(
        refused.message.contains("jobs pause"),
        "{}",
        refused.message
    );
    assert_eq!(world.traces(), traces);
}

#[test]
fn a_cycle_that_runs_is_not_undone_under_way() {
    let world = sales();
    world.scope_to("department", "Legal");
    let since = world.now();
    let refused = RefCell::new(None);
    world.cycle_watched_by(&AfterPage::new(|page, _: &Progress| {
        if page == 1 {
            world.pause();
            let undo = undo_of(Span::Since(since));
            let problem = world.try_undo(&undo, &Silent).unwrap_err();
            refused.replace(Some(problem));
        }
    }));
    let refused = refused.into_inner().unwrap();
    assert_eq!(refused.kind, ProblemKind::Conflict);
    assert!(
        refused.message.contains("is in progress"),
        "{}",
        refused.message
    );
}

#[test]
fn a_job_that_is_started_meanwhile_runs_no_cycle_and_nothing_more_is_undone() {
    let world = sales();
    let cycle = wrong_cycle(&world);
    world.pause();
    let traces = world.traces();
    let tended = RefCell::new(None);
    let undo = undo_of(Span::Cycles(vec![cycle.cycle_id]));
    let observer = AfterPage::new(|page, _: &Progress| {
        if page == 1 {
            world.start();
            let ran = world.runner.tend(world.contoso.id, &world.job, &Silent);
            tended.replace(Some(ran.unwrap().is_some()));
        }
    });
    let refused = world.try_undo(&undo, &observer).unwrap_err();
    assert_eq!(refused.code, "JobNotPaused");
    assert_eq!(tended.take(), Some(false));
    assert_eq!(world.traces(), traces);
}

/// What was foreseen was foreseen by another configuration.
#[test]
fn a_configuration_that_is_changed_meanwhile_stops_it_at_the_page() {
    let world = sales();
    let cycle = wrong_cycle(&world);
    world.pause();
    let traces = world.traces();
    let undo = undo_of(Span::Cycles(vec![cycle.cycle_id]));
    let observer = AfterPage::new(|page, _: &Progress| {
        if page == 1 {
            world.map("jobTitle", "\"Colleague\"");
        }
    });
    let refused = world.try_undo(&undo, &observer).unwrap_err();
    assert!(
        refused.message.contains("changed meanwhile"),
        "{}",
        refused.message
    );
    assert_eq!(world.traces(), traces);
    assert_eq!(world.try_undo(&undo, &Silent).unwrap().counts.restored, 2);
}

/// On an embedded database there is one process, and no lease.
#[test]
fn a_node_that_has_lost_its_lease_undoes_nothing_more() {
    if !syncline_testkit::on_postgres() {
        return;
    }
    let world = World::new().with_pages_of(1);
    world.people("p", 4);
    let cycle = world.cycle();
    assert_eq!(cycle.counts.created, 4);
    world.pause();
    let undo = undo_of(Span::Cycles(vec![cycle.cycle_id]));
    // Four pages are foreseen, and then carried out.
    let observer = AfterPage::new(|page, _: &Progress| {
        if page == 6 {
            let (tenant, job) = (world.contoso.id, &world.job);
            let taken = world.store.write(|tx| {
                // When it has ended.
                let later = tx.lease_time(world.now())?.plus_seconds(3600);
                let another = NodeId(uuid::Uuid::from_u128(2));
                tx.lease_job(tenant, job, another, later, later.plus_seconds(3600))
            });
            assert!(taken.unwrap().is_some());
        }
    });
    let refused = world.try_undo(&undo, &observer).unwrap_err();
    assert_eq!(refused.code, "LeaseLost");
    assert_eq!(world.target_names().len(), 2);
}

#[test]
fn somebody_elses_job_is_unknown() {
    let world = sales();
    let undo = undo_of(Span::Since(world.now()));
    let asked = world
        .runner
        .undo(world.fabrikam.id, &world.job, &undo, &Silent);
    assert_eq!(asked.unwrap_err().kind, ProblemKind::NotFound);
}

#[test]
fn without_consent_nothing_is_written() {
    let world = sales();
    let cycle = wrong_cycle(&world);
    world.fabrikam_policy(|partner| {
        let sync = partner.identity_synchronization.as_mut().unwrap();
        sync.user_sync_allowed = Some(false);
    });
    let traces = world.traces();
    let undone = world.undo_cycle(&cycle);
    assert_eq!(undone.counts, Counts::default());
    let (code, _) = undone.refused.unwrap();
    assert_eq!(
        code,
        "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure"
    );
    assert_eq!(world.traces(), traces);
}

#[test]
fn consent_that_is_withdrawn_meanwhile_stops_it_at_the_page() {
    let world = World::new().with_pages_of(1);
    world.people("p", 4);
    world.cycle();
    world.scope_to("department", "Nobody's");
    let cycle = world.cycle();
    assert_eq!(cycle.counts.deleted, 4);
    world.pause();
    let undo = undo_of(Span::Cycles(vec![cycle.cycle_id]));
    // Four pages are foreseen, and then carried out.
    let observer = AfterPage::new(|page, _: &Progress| {
        if page == 6 {
            world.contoso_policy(|partner| partner.redemption.outbound_allowed = Some(false));
        }
    });
    let refused = world.try_undo(&undo, &observer).unwrap_err();
    assert_eq!(
        refused.code,
        "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure"
    );
    assert_eq!(world.target_names().len(), 2);
    world.contoso_consents();
    assert_eq!(world.try_undo(&undo, &Silent).unwrap().counts.restored, 2);
    assert_eq!(world.target_names().len(), 4);
}

/// Deletes are counted first.
#[test]
fn with_as_many_deletes_as_the_threshold_nothing_is_done() {
    let world = World::new().with_pages_of(1);
    world.threshold(2);
    world.scope_to("department", "Sales");
    world.person("ana").department("Sales");
    world.people("p", 2);
    world.cycle();
    world.scope(None);
    world.map("displayName", "\"Wrong\"");
    let cycle = world.cycle();
    assert_eq!((cycle.counts.created, cycle.counts.updated), (2, 1));
    let traces = world.traces();
    let held = world.undo_cycle(&cycle);
    assert!(held.held && held.cycle_id.is_none());
    assert_eq!((held.removals, held.threshold.value), (2, 2));
    assert_eq!(world.traces(), traces);

    let undo = Undo {
        force_deletes: true,
        ..undo_of(Span::Cycles(vec![cycle.cycle_id]))
    };
    let done = world.try_undo(&undo, &Silent).unwrap();
    assert!(done.held && done.cycle_id.is_some());
    assert_eq!((done.counts.deleted, done.counts.updated), (2, 1));
    assert_eq!(world.target_names(), ["ana"]);
}

#[test]
fn whoever_would_be_switched_off_counts_at_the_threshold() {
    let world = sales();
    for name in ["ana", "bo"] {
        world.person(name).disabled();
    }
    assert_eq!(world.cycle().counts.disabled, 2);
    for name in ["ana", "bo"] {
        world.person(name).enabled();
    }
    let cycle = world.cycle();
    assert_eq!(cycle.counts.updated, 2);
    world.threshold(2);
    let held = world.undo_cycle(&cycle);
    assert_eq!((held.removals, held.counts.disabled), (2, 2));
    assert!(held.held && held.cycle_id.is_none());
    assert!(world.live("ana").is_enabled());
    world.threshold(3);
    assert_eq!(world.undo_cycle(&cycle).counts.disabled, 2);
    assert_eq!(world.stored_job().removed_in_between, 2);
}

/// Somebody is taken out of the recycle bin behind the count: the same command does not do the rest, and that is told.
#[test]
fn when_more_would_be_deleted_than_was_counted_it_is_told_what_lets_them_through() {
    let world = World::new().with_pages_of(1);
    world.threshold(2);
    let [first, second] = ["p0", "p1"];
    world.scope_to("department", "Sales");
    for name in [first, second] {
        world.person(name);
    }
    world.person("ana").department("Sales");
    world.cycle();
    world.scope(None);
    let cycle = world.cycle();
    assert_eq!(cycle.counts.created, 2);
    let came = world.live(first).id;
    world.fabrikam_deletes(came);
    world.pause();
    let undo = undo_of(Span::Cycles(vec![cycle.cycle_id]));
    // Two pages are foreseen, and then carried out.
    let observer = AfterPage::new(|page, _: &Progress| {
        if page == 2 {
            world.fabrikam_restores(came);
        }
    });
    let refused = world.try_undo(&undo, &observer).unwrap_err();
    assert_eq!(refused.kind, ProblemKind::Conflict);
    for part in ["What was done stays", "--dry-run", "--force-deletes"] {
        assert!(refused.message.contains(part), "{}", refused.message);
    }
    assert_eq!(world.target_names(), ["ana", second]);
    let again = world.try_undo(&undo, &Silent).unwrap();
    assert!(again.held && again.cycle_id.is_none());
    assert_eq!((again.removals, again.removed_before), (1, 1));
    let undo = Undo {
        force_deletes: true,
        ..undo
    };
    assert_eq!(world.try_undo(&undo, &Silent).unwrap().counts.deleted, 1);
    assert_eq!(world.target_names(), ["ana"]);
}

/// Nor are as many deleted in parts; and the next cycle counts them.
#[test]
fn what_is_undone_in_parts_is_counted_together() {
    let world = World::new().with_pages_of(1);
    world.threshold(3);
    let cycle = |prefix: &str| {
        world.start();
        world.people(prefix, 2);
        let cycle = world.cycle();
        assert_eq!(cycle.counts.created, 2);
        cycle
    };
    let (first, second) = (cycle("p"), cycle("q"));
    let undone = world.undo_cycle(&second);
    assert_eq!((undone.counts.deleted, undone.removed_before), (2, 0));
    assert_eq!(world.stored_job().removed_in_between, 2);
    let traces = world.traces();
    let held = world.undo_cycle(&first);
    assert!(held.held && held.cycle_id.is_none());
    assert_eq!((held.removals, held.removed_before), (2, 2));
    assert_eq!(world.traces(), traces);
    // What removes nobody is not held.
    assert!(!world.undo_cycle(&second).held);

    let undo = Undo {
        force_deletes: true,
        ..undo_of(Span::Cycles(vec![first.cycle_id]))
    };
    let done = world.try_undo(&undo, &Silent).unwrap();
    assert_eq!(done.counts.deleted, 2);
    // Those were let through.
    assert_eq!(world.stored_job().removed_in_between, 2);
    // Nor is what removes nobody held by what was removed before.
    world.threshold(2);
    let again = world.undo_cycle(&first);
    assert_eq!((again.removals, again.removed_before), (0, 2));
    assert!(!again.held);
}

#[test]
fn of_a_cycle_that_the_log_does_not_know_nothing_is_undone() {
    let world = sales();
    let since = world.now().plus_seconds(1);
    let undone = world.undo_since(since);
    assert_eq!((undone.entries, undone.cycle_id), (0, None));
    assert_eq!(undone.counts, Counts::default());
    assert!(world.stored_job().watermark.is_some());
}
