//! Who asks for a cycle on a node whose scheduler only looks at it, or helps, gets the cycle of the node
//! that leads.

use std::cell::Cell;
use std::sync::mpsc;
use std::thread;

use syncline_runner::{Observer, Progress, Runner, Silent};
use syncline_testkit::until;

use crate::nodes::{LONG, PEOPLE, all_is_done_once, node, run, shared};
use crate::world::{AfterPage, World};

/// The leader holds a part of ten, of which it has written four.
const ALL_BUT_THE_LEADERS: u64 = PEOPLE as u64 - 6;

#[test]
fn a_cycle_that_is_only_helped_with_here_is_waited_for_where_it_is_led() {
    for leader_ends_first in [true, false] {
        let Some(world) = shared() else { return };
        let (first, second) = (node(&world, 1, LONG), node(&world, 2, LONG));
        let (begun, may_begin) = mpsc::channel::<()>();
        let (go_on, may_go_on) = mpsc::channel::<()>();
        let (helped, has_helped) = mpsc::channel::<()>();
        let (let_go, may_end) = mpsc::channel::<()>();
        thread::scope(|scope| {
            let leader = scope.spawn(|| {
                let observer = AfterPage::new(move |page, _: &Progress| {
                    if page == 1 {
                        begun.send(()).unwrap();
                        may_go_on.recv().unwrap();
                    }
                });
                run(&world, &first, &observer)
            });
            may_begin.recv().unwrap();
            let helper = scope.spawn(|| {
                let observer = AfterPage::new(move |_, progress: &Progress| {
                    if progress.done == ALL_BUT_THE_LEADERS {
                        // The last part is empty: it may meet that one, too.
                        let _ = helped.send(());
                        let _ = may_end.recv();
                    }
                });
                second.tend(world.contoso.id, &world.job, &observer)
            });
            has_helped.recv().unwrap();
            let asked = scope.spawn(|| run(&world, &second, &Silent));
            until("somebody waits for the cycle", || {
                second.joined(&world.job) > 0
            });
            let led = if leader_ends_first {
                go_on.send(()).unwrap();
                let led = leader.join().unwrap();
                drop(let_go);
                assert_eq!(helper.join().unwrap(), Ok(None));
                led
            } else {
                drop(let_go);
                assert_eq!(helper.join().unwrap(), Ok(None));
                go_on.send(()).unwrap();
                leader.join().unwrap()
            };
            let report = asked.join().unwrap();
            assert_eq!(report, led);
            all_is_done_once(&world, &report.unwrap());
        });
    }
}

/// Does something once, between two looks of who waits for another node.
struct BetweenLooks<F>(F, Cell<bool>);

impl<F: Fn()> Observer for BetweenLooks<F> {
    fn page_done(&self, _progress: &Progress) {}

    fn must_stop(&self) -> bool {
        if !self.1.replace(true) {
            (self.0)();
        }
        false
    }
}

/// What somebody is told who waits on another node for a cycle, when he looks only after what this node
/// does behind it.
fn waits_until_behind_it(behind_it: impl FnOnce(&World, &Runner) + Send) {
    let Some(world) = shared() else { return };
    world.continuous("True");
    let (first, second) = (node(&world, 1, LONG), node(&world, 2, LONG));
    run(&world, &first, &Silent).unwrap();
    world.person("p3").department("Sales");
    let (begun, may_begin) = mpsc::channel::<()>();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let (ended, has_ended) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let world = &world;
        let leader = scope.spawn(move || {
            let observer = AfterPage::new(|page, _: &Progress| {
                if page == 1 {
                    begun.send(()).unwrap();
                    may_go_on.recv().unwrap();
                }
            });
            let led = run(world, &first, &observer).unwrap();
            behind_it(world, &first);
            ended.send(()).unwrap();
            led
        });
        may_begin.recv().unwrap();
        let waits = || {
            go_on.send(()).unwrap();
            has_ended.recv().unwrap();
        };
        let report = run(world, &second, &BetweenLooks(waits, Cell::new(false))).unwrap();
        let led = leader.join().unwrap();
        assert!(!report.in_between && report.cycle_id != led.cycle_id);
    });
}

/// How the one that was waited for has ended is not known any more, but nobody has restarted the job.
#[test]
fn whoever_waits_for_a_cycle_behind_which_one_in_between_has_ended_has_one_of_his_own() {
    waits_until_behind_it(|world, first| {
        world.person("p4").department("Sales");
        let followed = first.follow(world.contoso.id, &world.job, &Silent);
        assert!(followed.unwrap().unwrap().in_between);
    });
}

#[test]
fn whoever_waits_for_a_cycle_behind_which_another_has_ended_has_one_of_his_own() {
    waits_until_behind_it(|world, first| {
        assert!(!run(world, first, &Silent).unwrap().in_between);
    });
}
