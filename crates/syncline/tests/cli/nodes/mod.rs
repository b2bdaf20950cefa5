//! Several server processes on one PostgreSQL, and what happens to them: killed, stopped for longer
//! than their lease, cut off, the database gone for a while. They run when a server is named
//! (`SYNCLINE_TEST_DATABASE`).
//!
//! What is done to them is done in mid-cycle, for certain: the test holds the lock of the source
//! tenant, for which every page waits, looks how far the cycle is, and strikes before it lets go.

mod installation;

use std::sync::{Mutex, MutexGuard, PoisonError};

use syncline_model::job::CycleState;

use self::installation::Installation;

/// One at a time: each fills the machine, and one restarts the database.
static TURN: Mutex<()> = Mutex::new(());

/// Two servers and a job that has not been started, or `None` where there can be one server only.
fn installed(name: &str) -> Option<(MutexGuard<'static, ()>, Installation)> {
    if !syncline_testkit::on_postgres() {
        return None;
    }
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    Some((turn, Installation::new(name)))
}

#[test]
fn the_cycle_of_a_server_that_is_killed_is_finished_by_the_other() {
    let Some((_turn, installation)) = installed("killed") else {
        return;
    };
    let (first, second) = installation.serve_two();
    installation.start();
    let (begun, (killed, other)) = installation.in_mid_cycle(0, |_| {
        let (leader, other) = installation.leader_first(first, second);
        leader.send("-KILL");
        (leader, other)
    });
    drop(killed);
    let ended = installation.ended();
    assert_eq!(ended.activity, begun.id, "the same cycle");
    assert_eq!(ended.state, CycleState::Succeeded);
    installation.all_is_done_once(&other);
}

#[test]
fn a_server_that_was_stopped_for_longer_than_its_lease_writes_nothing_more() {
    let Some((_turn, installation)) = installed("stopped") else {
        return;
    };
    let (first, second) = installation.serve_two();
    installation.start();
    let (begun, (stopped, other)) = installation.in_mid_cycle(0, |_| {
        let (leader, other) = installation.leader_first(first, second);
        leader.send("-STOP");
        (leader, other)
    });
    let ended = installation.ended();
    assert_eq!(ended.activity, begun.id, "the same cycle");
    assert_eq!(ended.state, CycleState::Succeeded);
    let before = installation.traces();

    stopped.send("-CONT");
    // It tries to write its page, is refused, and says that its cycle is over.
    installation.wait_until("the server that came back gives up", || {
        installation.leads(&stopped) == Some(false)
    });
    assert_eq!(installation.traces(), before);
    installation.all_is_done_once(&other);
    installation.is_healthy(&stopped);
}

#[test]
fn a_cycle_survives_that_all_connections_are_cut_again_and_again() {
    let Some((_turn, installation)) = installed("cut") else {
        return;
    };
    let (first, second) = installation.serve_two();
    installation.start();
    let mut begun = None;
    let mut done = 0;
    for _ in 0..3 {
        let (cycle, cut) = installation.in_mid_cycle(done, |_| installation.cut_connections());
        assert!(cut >= 2, "both servers lose a connection, not {cut}");
        done = cycle.imported;
        begun = Some(cycle.id);
    }
    let ended = installation.ended();
    assert_eq!(Some(ended.activity), begun, "the same cycle");
    assert_eq!(ended.state, CycleState::Succeeded);
    installation.all_is_done_once(&first);
    installation.is_healthy(&second);
}

#[test]
#[ignore = "restarts the database server, which no other test may use then: make unit-postgres runs it alone"]
fn a_cycle_survives_a_restart_of_the_database() {
    let Some((_turn, installation)) = installed("restarted") else {
        return;
    };
    let (first, second) = installation.serve_two();
    installation.start();
    let (begun, ()) = installation.in_mid_cycle(0, |_| {
        if !syncline_testkit::restart_server() {
            // Nobody said how: the connections are all that can be taken away.
            installation.cut_connections();
        }
    });
    let ended = installation.ended();
    assert_eq!(ended.activity, begun.id, "the same cycle");
    assert_eq!(ended.state, CycleState::Succeeded);
    installation.all_is_done_once(&first);
    installation.is_healthy(&second);
}
