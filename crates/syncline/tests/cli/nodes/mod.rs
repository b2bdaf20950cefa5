//! Several server processes on one PostgreSQL, and what happens to them: killed, stopped for longer
//! than their lease, cut off, the database gone for a while. They run when a server is named
//! (`SYNCLINE_TEST_DATABASE`).
//!
//! What is done to them is done in mid-cycle, for certain: the test holds the lock of the source
//! tenant, for which every page waits, looks how far the cycle is, and strikes before it lets go.

mod installation;

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::json;
use syncline_model::job::{CycleState, RunningCycle};
use syncline_testkit::Proxy;

use self::installation::{Installation, PART, SMALL_PART, Struck};

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
    let servers = installation.serve_two(PART);
    installation.start();
    let Struck {
        begun,
        leader: killed,
        other,
        ..
    } = installation.in_mid_cycle(servers, |leader, _| leader.send("-KILL"));
    let before = killed.origin.clone();
    drop(killed);
    let ended = installation.ended();
    assert_eq!(ended.activity, begun.id, "the same cycle");
    assert_eq!(ended.state, CycleState::Succeeded);
    installation.all_is_done_once(&other);

    // It is written when the end is in the database.
    installation.wait_until("the server tells the end", || {
        other.log().contains("cycle ended")
    });
    let log = other.log();
    let line = |what: &str| {
        let found = log.lines().find(|it| it.contains(what));
        found.unwrap_or_else(|| panic!("{what}:\n{log}"))
    };
    let taken_over = line("cycle taken over from another node");
    assert!(taken_over.contains(&before), "{taken_over}");
    // From its beginning, at the node that is gone.
    let took = ended.ended.milliseconds_since(ended.began);
    let told = format!(" took_ms={took} ");
    assert!(line("cycle ended").contains(&told), "{took}:\n{log}");
}

#[test]
fn the_part_of_a_helper_that_is_killed_is_finished_by_the_server_that_leads() {
    let Some((_turn, installation)) = installed("helper") else {
        return;
    };
    let servers = installation.serve_two(SMALL_PART);
    installation.start();
    let Struck {
        begun,
        leader,
        other: killed,
        ..
    } = installation.in_mid_cycle_of_both(servers, |_, helper| helper.send("-KILL"));
    drop(killed);
    let ended = installation.ended();
    assert_eq!(ended.activity, begun.id, "the same cycle");
    assert_eq!(ended.state, CycleState::Succeeded);
    installation.all_is_done_once(&leader);
}

#[test]
fn a_server_that_is_cut_off_without_a_word_says_so_and_its_cycle_goes_on_elsewhere() {
    let Some((_turn, installation)) = installed("silent") else {
        return;
    };
    let networks = [(); 2].map(|()| Proxy::start().unwrap());
    let servers = installation.serve_behind(&networks);
    let tokens = servers.each_ref().map(|it| installation.token(it));
    installation.start();
    let Struck {
        begun,
        leader: cut_off,
        other,
        by: number,
    } = installation.in_mid_cycle(servers, |leader, _| {
        let number = installation.number(leader);
        assert_eq!(installation.people_of(leader, &tokens[number]).0, 200);
        networks[number].swallow();
        number
    });
    let (network, token) = (&networks[number], &tokens[number]);
    let (status, said) = installation.people_of(&cut_off, token);
    assert_eq!(status, 503, "{said}");
    assert_eq!(said["error"]["code"], "ServiceUnavailable", "{said}");
    // Why, the log says.
    let message = said["error"]["message"].as_str().unwrap();
    assert_eq!(message, "The service is busy. Try again in a moment.");
    assert!(
        cut_off.log().contains("request failed"),
        "{}",
        cut_off.log()
    );

    let ended = installation.ended();
    assert_eq!(ended.activity, begun.id, "the same cycle");
    assert_eq!(ended.state, CycleState::Succeeded);
    let before = installation.traces();
    network.heal();
    installation.wait_until("the server that came back gives up", || {
        installation.leads(&cut_off) == Some(false)
    });
    assert_eq!(installation.traces(), before);
    assert_eq!(installation.people_of(&cut_off, token).0, 200);
    installation.all_is_done_once(&other);
    installation.is_healthy(&cut_off);
}

#[test]
fn a_server_that_was_stopped_for_longer_than_its_lease_writes_nothing_more() {
    let Some((_turn, installation)) = installed("stopped") else {
        return;
    };
    let servers = installation.serve_two(PART);
    installation.start();
    let Struck {
        begun,
        leader: stopped,
        other,
        ..
    } = installation.in_mid_cycle(servers, |leader, _| leader.send("-STOP"));
    let ended = installation.ended();
    assert_eq!(ended.activity, begun.id, "the same cycle");
    assert_eq!(ended.state, CycleState::Succeeded);
    let before = installation.traces();

    stopped.send("-CONT");
    // It tries to write its page, is refused, and says that its cycle is over.
    installation.wait_until("the server that came back gives up", || {
        installation.leads(&stopped) == Some(false)
    });
    // Which is no failure.
    assert_eq!(installation.first_cycles(&stopped, "TakenOver"), Some(1));
    assert_eq!(installation.first_cycles(&stopped, "Broken"), Some(0));
    assert_eq!(installation.traces(), before);
    installation.all_is_done_once(&other);
    installation.is_healthy(&stopped);
}

#[test]
fn a_cycle_survives_that_all_connections_are_cut_again_and_again() {
    let Some((_turn, installation)) = installed("cut") else {
        return;
    };
    let [first, second] = installation.serve_two(PART);
    installation.start();
    let mut begun = None;
    let mut done = 0;
    for _ in 0..3 {
        let further = |cycle: &RunningCycle| cycle.imported > done;
        let (cycle, ()) =
            installation.in_mid_cycle_when(further, |_| installation.cut_connections());
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
    let [first, second] = installation.serve_two(PART);
    installation.start();
    let begins = |cycle: &RunningCycle| cycle.imported > 0;
    let (begun, ()) = installation.in_mid_cycle_when(begins, |_| {
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
    // Once, however often it was tried.
    for log in [first.log(), second.log()] {
        let said = log.matches("cannot tell which jobs are due").count();
        assert!(said <= 1, "{log}");
        assert_eq!(log.matches("it can be told again").count(), said, "{log}");
    }
}

/// Nobody tells a server what another one has written.
#[test]
fn what_is_changed_at_one_server_is_followed_by_the_other() {
    let Some((_turn, installation)) = installed("followed") else {
        return;
    };
    let [answers, follows] = installation.serve_one_that_only_answers();
    installation.start();
    installation.ended();
    let setting = json!({"name": "ContinuousMode", "value": "True"});
    let settings = json!({"synchronizationJobSettings": [setting]});
    installation.patch(&answers, &installation.job_path(), &settings);
    let scheduled = installation.job().next_due;
    for number in 1..=2 {
        let person = format!("users/p{number}@contoso.example");
        installation.patch(&answers, &person, &json!({"jobTitle": "Followed"}));
        installation.wait_until("the change is in the target", || {
            installation.titles_in_target("Followed") == number
        });
    }
    installation.wait_until("the cycle has ended", || {
        installation.job().running.is_none()
    });
    assert_eq!(installation.job().next_due, scheduled);
    installation.is_healthy(&follows);
}
