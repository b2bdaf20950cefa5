//! A walk that brings people forward, and is interrupted.

use std::panic::{AssertUnwindSafe, catch_unwind};

use syncline_model::job::{Counts, CyclePhase, CycleState};
use syncline_runner::Progress;

use super::{PEOPLE, all_have_the_leader, all_is_done_once, imported, world};
use crate::world::{AfterPage, after_first_page, before_page};

#[test]
fn a_death_between_two_pages() {
    for size in [1, 2, 3] {
        let mut page = 1;
        loop {
            let world = world().with_pages_of(size);
            let observer = AfterPage::new(|done, progress: &Progress| {
                if done == page && progress.phase == CyclePhase::Source {
                    std::panic::resume_unwind(Box::new("the process dies here"));
                }
            });
            let died = catch_unwind(AssertUnwindSafe(|| world.try_cycle(&observer)));
            if died.is_ok() {
                break;
            }
            let world = world.elsewhere().with_pages_of(size);
            let report = world.cycle();
            assert_eq!(report.counts.references_set, PEOPLE - 1);
            all_have_the_leader(&world);
            all_is_done_once(&world, &report);
            page += 1;
        }
        assert!(page > 2, "there were several pages");
    }
}

#[test]
fn a_death_between_deciding_and_carrying_out() {
    for page in 1..=4 {
        let world = world();
        let observer = before_page(page, || {
            std::panic::resume_unwind(Box::new("the process dies here"));
        });
        let died = catch_unwind(AssertUnwindSafe(|| world.try_cycle(&observer)));
        assert!(died.is_err());
        let world = world.elsewhere().with_pages_of(2);
        let report = world.cycle();
        all_have_the_leader(&world);
        all_is_done_once(&world, &report);
    }
}

#[test]
fn a_pause_between_two_pages() {
    for page in 1..=4 {
        let world = world();
        let paused = world.cycle_watched_by(&AfterPage::new(|done, _: &Progress| {
            if done == page {
                world.pause();
            }
        }));
        assert_eq!(paused.state, CycleState::Stopped);
        assert_eq!(
            paused.counts.created,
            (u64::from(page) * 2 + 1).min(PEOPLE),
            "page {page}"
        );
        world.start();
        let report = world.cycle();
        assert_eq!(report.cycle_id, paused.cycle_id);
        all_have_the_leader(&world);
        all_is_done_once(&world, &report);
    }
}

#[test]
fn a_restart_between_two_pages_begins_anew() {
    let world = world();
    let broken = world.try_cycle(&after_first_page(|| world.restart("")));
    assert!(broken.is_err());
    let report = world.cycle();
    assert_eq!(
        report.counts,
        Counts {
            created: 4,
            unchanged: 3,
            references_set: 4,
            ..Counts::default()
        }
    );
    assert_eq!(imported(&world), PEOPLE);
    all_have_the_leader(&world);
}
