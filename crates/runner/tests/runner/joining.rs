//! Whoever asks for a cycle while one runs gets that one's report.

use std::sync::mpsc;
use std::thread;

use syncline_runner::{Progress, Silent};

use crate::world::{AfterPage, World};

#[test]
fn a_second_caller_gets_the_report_of_the_cycle_in_progress() {
    let world = World::new().with_pages_of(2);
    world.people("p", 6);
    let (first_page_done, running) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();

    let (first, second) = thread::scope(|scope| {
        let first = scope.spawn(|| {
            let observer = AfterPage::new(move |page, _: &Progress| {
                if page == 1 {
                    first_page_done.send(()).unwrap();
                    may_go_on.recv().unwrap();
                }
            });
            world
                .runner
                .run_cycle(world.contoso.id, &world.job, &observer)
        });
        running.recv().unwrap();
        assert!(world.runner.is_running(&world.job));
        assert!(
            world.runner.due(10).unwrap().scheduled.is_empty(),
            "it runs already"
        );
        let second = scope.spawn(|| {
            // From here on this call either waits for the first or, had it missed it, would report
            // a cycle of its own.
            world
                .runner
                .run_cycle(world.contoso.id, &world.job, &Silent)
        });
        world.wait_until_joined();
        go_on.send(()).unwrap();
        (
            first.join().unwrap().unwrap(),
            second.join().unwrap().unwrap(),
        )
    });

    assert_eq!(first, second);
    assert_eq!(first.counts.created, 6);
    assert!(!world.runner.is_running(&world.job));
}

#[test]
fn a_second_caller_learns_that_the_cycle_broke_off() {
    let world = World::new().with_pages_of(2);
    world.people("p", 6);
    let (first_page_done, running) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();

    thread::scope(|scope| {
        let first = scope.spawn(|| {
            let observer = AfterPage::new(move |_, _: &Progress| {
                first_page_done.send(()).unwrap();
                may_go_on.recv().unwrap();
                std::panic::resume_unwind(Box::new("the process dies here"));
            });
            world
                .runner
                .run_cycle(world.contoso.id, &world.job, &observer)
        });
        running.recv().unwrap();
        let second = scope.spawn(|| {
            world
                .runner
                .run_cycle(world.contoso.id, &world.job, &Silent)
        });
        world.wait_until_joined();
        go_on.send(()).unwrap();
        assert!(first.join().is_err());
        let problem = second.join().unwrap().unwrap_err();
        assert!(problem.message.contains("broke off"), "{problem}");
    });
    assert_eq!(world.cycle().counts.created, 6, "the next one goes on");
}
