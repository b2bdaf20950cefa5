//! Restarts: each scope forgets what it says, and nothing is lost or made twice.

use syncline_model::job::{Counts, CycleKind, CycleState};
use syncline_model::{ProblemKind, ResetScope};

use crate::world::{State, World};

fn synchronized() -> World {
    let world = World::new();
    world.person("ana").manager("bo");
    world.person("cem").manager("ana");
    world.cycle();
    world
}

#[test]
fn a_full_restart_adopts_everybody_again() {
    let world = synchronized();
    let before = world.guests();
    world.restart("Full");
    let report = world.cycle();
    assert_eq!(report.kind, CycleKind::Initial);
    assert_eq!(
        report.counts,
        Counts {
            updated: 3,
            ..Counts::default()
        }
    );
    assert_eq!(world.guests(), before, "nobody twice, nobody changed");
    assert_eq!(world.traces().links.len(), 3);
    assert_eq!(world.cycle().counts, Counts::default());
}

#[test]
fn a_full_restart_over_many_pages_leaves_managers_alone() {
    let world = World::new().with_pages_of(2);
    let people = world.people("p", 7);
    world.all_report_to(&people, people[6]);
    world.cycle();
    let before = world.guests();
    world.restart("Full");
    let report = world.cycle();
    assert_eq!(
        report.counts.references_removed, 0,
        "no manager is taken away to be given back"
    );
    assert_eq!(report.counts.updated, 7);
    assert_eq!(world.guests(), before);
}

/// A manager who is linked again behind his people is awaited, and then he is theirs already.
#[test]
fn a_full_restart_sets_no_manager_who_is_set() {
    let world = World::new().with_pages_of(1);
    // In a circle, somebody always comes before his manager.
    for (name, manager) in [("ana", "bo"), ("bo", "cem"), ("cem", "ana")] {
        world.person(name).manager(manager);
    }
    world.cycle();
    let before = world.traces();
    world.restart("Full");
    let planned = world.plan();
    let shown = planned.shown.iter();
    let shown: Vec<_> = shown
        .map(|it| (it.action.as_str(), it.changes.len()))
        .collect();
    assert_eq!(shown, [("link", 0); 3]);
    let report = world.cycle();
    assert_eq!(planned.counts, report.counts);
    assert_eq!(
        report.counts,
        Counts {
            updated: 3,
            ..Counts::default()
        }
    );
    assert_eq!(
        world.traces().log - before.log,
        3,
        "one line for each, and none for a manager"
    );
}

/// Whoever left meanwhile is not matched any more: his link says who he is in the target.
#[test]
fn a_full_restart_loses_nobody_who_left_before_it() {
    let world = World::new().with_pages_of(2);
    world.sync_assigned();
    let names = ["ana", "bea", "cem", "dan", "eva", "finn"];
    for name in names {
        world.person(name).assigned();
    }
    world.cycle();
    world.person("bea").disabled();
    world.person("cem").unassigned();
    world.person("dan").deleted();
    world.person("eva").deleted().purged();
    world.restart("Full");
    let planned = world.plan();
    let report = world.cycle();
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(
        report.counts,
        Counts {
            updated: 2,
            disabled: 1,
            deleted: 3,
            ..Counts::default()
        }
    );
    assert_eq!(planned.counts, report.counts);
    assert!(!world.live("bea").is_enabled());
    for name in ["cem", "dan"] {
        assert_eq!(world.target_user(name).unwrap().state, State::InRecycleBin);
    }
    assert_eq!(world.target_user("eva"), None);
    assert_eq!(world.cycle().counts, Counts::default());
}

/// The same without anybody to compare with: a cycle that was to remove them did not come to it.
#[test]
fn a_full_restart_lets_go_of_nothing_that_the_gate_holds() {
    let world = World::new().with_pages_of(2);
    world.threshold(3);
    let people = ["p0", "p1", "p2"];
    world.people("p", 5);
    world.cycle();
    for name in people {
        world.person(name).deleted();
    }
    assert_eq!(world.cycle().counts.staged, 3);
    world.restart("Full");
    let report = world.cycle();
    assert_eq!((report.counts.staged, report.counts.updated), (3, 2));
    world.restart("Full, ForceDeletes");
    assert_eq!(world.cycle().counts.deleted, 3);
    for name in people {
        assert_eq!(world.target_user(name).unwrap().state, State::InRecycleBin);
    }
}

#[test]
fn a_full_restart_keeps_those_released_to_be_deleted_later() {
    let world = World::new();
    world.sync_assigned();
    world.secret("SkipOutOfScopeDeletions", "true");
    for name in ["ana", "bea"] {
        world.person(name).assigned();
    }
    world.cycle();
    world.person("bea").unassigned();
    world.cycle();
    world.restart("Full");
    assert_eq!(world.cycle().counts.updated, 1);
    world.live("bea");
    world.person("bea").deleted();
    world.cycle();
    assert_eq!(world.target_user("bea").unwrap().state, State::InRecycleBin);
}

#[test]
fn a_full_restart_finds_people_in_the_recycle_bin() {
    let world = synchronized();
    world.fabrikam_deletes(world.live("ana").id);
    let id = world.target_user("ana").unwrap().id;
    world.restart("Full");
    let report = world.cycle();
    assert_eq!((report.counts.restored, report.counts.updated), (1, 2));
    assert_eq!(world.live("ana").id, id);
}

#[test]
fn a_restart_meets_those_the_source_has_no_more() {
    let world = synchronized();
    world.person("ana").deleted();
    world.person("cem").deleted().purged();
    world.restart("");
    let report = world.cycle();
    assert_eq!(report.kind, CycleKind::Initial);
    assert_eq!(report.counts.deleted, 2);
    assert_eq!(world.target_user("ana").unwrap().state, State::InRecycleBin);
    assert_eq!(world.target_user("cem"), None);
}

#[test]
fn escrows_are_due_at_once_after_their_restart() {
    let world = World::new();
    let holder = world.internal_user_of_fabrikam("ana@contoso.example");
    world.person("ana");
    world.cycle();
    world.fabrikam_deletes(holder);
    assert_eq!(
        world.cycle().counts,
        Counts::default(),
        "its time has not come"
    );
    world.restart("Escrows");
    let report = world.cycle();
    assert_eq!(report.kind, CycleKind::Incremental);
    assert_eq!(
        report.counts,
        Counts {
            created: 1,
            ..Counts::default()
        }
    );
}

#[test]
fn quarantine_state_is_lifted_alone() {
    let world = World::of_strangers();
    world.cycle();
    assert!(world.stored_job().status.quarantine.is_some());
    world.restart("QuarantineState");
    let status = world.stored_job().status;
    assert_eq!(status.quarantine, None);
    assert_eq!(status.count_successive_complete_failures, 0);
}

#[test]
fn none_forgets_nothing() {
    let world = synchronized();
    let before = world.stored_job().watermark;
    world.restart("None");
    assert_eq!(world.stored_job().watermark, before);
    assert_eq!(world.cycle().kind, CycleKind::Incremental);
}

#[test]
fn somebody_who_vanished_from_the_target_is_made_anew_and_his_reports_get_him_back() {
    let world = synchronized();
    let before = world.live("ana").id;
    world.fabrikam_deletes(before);
    world.fabrikam_purges(before);
    assert_eq!(world.live("cem").manager, None);

    world.person("ana").department("Sales");
    let report = world.cycle();
    assert_eq!(report.state, CycleState::Succeeded);
    assert_eq!(
        report.counts,
        Counts {
            created: 1,
            references_set: 2,
            ..Counts::default()
        },
        "her manager, and herself as Cem's"
    );
    let after = world.live("ana");
    assert_ne!(after.id, before);
    assert_eq!(after.manager.as_deref(), Some("bo"));
    assert_eq!(world.live("cem").manager.as_deref(), Some("ana"));
    assert_eq!(world.cycle().counts, Counts::default());
}

#[test]
fn an_unknown_job_can_not_be_restarted() {
    let world = World::new();
    let unknown = syncline_model::JobId("Azure2Azure.0.0".to_owned());
    let refused = world
        .runner
        .restart(world.contoso.id, &unknown, ResetScope::DEFAULT)
        .unwrap_err();
    assert_eq!(refused.kind, ProblemKind::NotFound);
}
