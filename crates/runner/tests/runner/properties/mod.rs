//! Random histories: whatever happens between and during cycles, the target ends up as the source
//! says, and nothing else in it changes. People come and go in the source, its configuration and the consents change,
//! weeks pass, cycles die, move to another node and fail, and administrators of the target do what they like.

mod consent;
mod cycles;
mod event;
mod explained;
mod facts;
mod found;
mod history;
mod in_fabrikam;
mod oracle;
mod permission;
mod together;
mod trouble;

use proptest::prelude::*;
use syncline_engine::escrow;
use syncline_model::job::Counts;
use syncline_runner::Plan;
use syncline_testkit::few;

pub use explained::ToldMemberships;

use crate::sizes::sizes;
use event::{
    Event, event, event_at_the_gate, event_with_other_managers, troubled_event, unwanted_event,
};
use history::{History, configure};
use together::{events, together, together_at_the_gate, together_in_trouble};

const PEOPLE: usize = 6;
const DEPARTMENTS: [&str; 3] = ["Sales", "Finance", "Board"];

proptest! {
    #![proptest_config(few(32))]

    /// Cycles run to their end: after each, Fabrikam is exactly what Contoso says.
    #[test]
    fn after_every_cycle_the_target_is_a_function_of_the_source(
        sizes in sizes(5),
        everyone: bool,
        events in events(event(), together(), 60),
    ) {
        let mut history = History::new(sizes, everyone);
        for event in events {
            match event {
                Event::CycleThatDies(_) | Event::CycleThatPauses(_) => {}
                Event::Cycle | Event::CycleThatMoves(_) => {
                    history.whole_cycle(event);
                    if history.is_let_in() {
                        history.everybody_is_known();
                        history.check();
                    }
                }
                event => history.happens(event),
            }
        }
        history.settle();
        history.everybody_is_known();
        history.check();
    }

    /// A plan says what the cycle after it then does, count by count, and so does an explanation of each person, and of
    /// each membership where those flow.
    #[test]
    fn what_is_planned_is_what_happens(
        sizes in sizes(5),
        everyone: bool,
        threshold in 1..6u64,
        keeps_what_leaves: bool,
        groups_flow: bool,
        events in events(event_with_other_managers(), together(), 60),
    ) {
        let mut history = History::new(sizes, everyone).with_threshold(threshold);
        if groups_flow {
            history = history.with_groups();
        }
        if keeps_what_leaves {
            history.world.secret("SkipOutOfScopeDeletions", "true");
        }
        for event in events {
            match event {
                Event::CycleThatDies(_)
                | Event::CycleThatPauses(_)
                | Event::CycleShutOut(..)
                | Event::CycleInTrouble(_) => {}
                Event::Cycle => history.cycle_as_planned(),
                // What is told before a schema is saved is told of it afterwards.
                Event::Scope(_) | Event::Capitals(_) => {
                    let before = history.world.plan_change(|schema| configure(schema, event));
                    history.happens(event);
                    let after = history.world.plan();
                    assert!(!after.proposed);
                    assert_eq!(Plan { proposed: false, ..before }, after);
                }
                event => history.happens(event),
            }
        }
        history.check_left_alone();
    }

    /// No more is removed at once than may be; everything else goes on, and what is held goes once somebody says so.
    #[test]
    fn removals_past_the_threshold_wait_until_they_are_let_through(
        sizes in sizes(5),
        everyone: bool,
        threshold in 1..4u64,
        is_interrupted: bool,
        events in events(event_at_the_gate(), together_at_the_gate(), 60),
    ) {
        let mut history = History::new(sizes, everyone).with_threshold(threshold);
        for event in events {
            match event {
                Event::Disable(_) if is_interrupted => {}
                event if is_interrupted => history.happens(event),
                Event::CycleThatDies(_) | Event::CycleThatPauses(_) => {}
                Event::Cycle | Event::CycleThatMoves(_) => {
                    let report = history.whole_cycle(event);
                    if history.is_let_in() {
                        history.everybody_is_known();
                        history.check_but_for_held(report.counts.staged);
                    }
                }
                event => history.happens(event),
            }
        }
        history.settle_letting_through();
        history.everybody_is_known();
        history.check();
    }

    /// Cycles die and are paused anywhere, and the source goes on changing: when it is quiet, and
    /// nobody was disabled before he was seen, Fabrikam is what Contoso says.
    #[test]
    fn interrupted_cycles_lose_nothing_and_do_nothing_twice(
        sizes in sizes(4),
        everyone: bool,
        events in events(event(), together(), 60),
    ) {
        let mut history = History::new(sizes, everyone).with_nobody_disabled(events);
        history.settle();
        history.everybody_is_known();
        history.check();
    }

    /// The target refuses operations and loses people by itself as well: once it is healthy, whoever is not as he should
    /// be is tried again, and one look at everything makes it what Contoso says.
    #[test]
    fn a_target_that_was_in_trouble_is_put_right(
        sizes in sizes(4),
        everyone: bool,
        is_patient: bool,
        events in events(troubled_event(), together_in_trouble(), 60),
    ) {
        let history = History::new(sizes, everyone);
        if !is_patient {
            history.world.set(escrow::GIVE_UP_AFTER, "P2D");
        }
        let mut history = history.with_nobody_disabled(events);
        history.settle();
        history.everybody_is_known();
        history.check_nobody_is_forgotten();
        history.happens(Event::RestartOfEscrows);
        history.settle();
        history.check_everybody_was_tried_again();
        history.world.restart("Watermark");
        history.settle();
        history.check();
    }

    /// Whatever a schema that nobody wanted, and changes of the source, have done to Fabrikam: undone, those who lived
    /// there before do so again, whole, and nobody else does.
    #[test]
    fn what_is_undone_was_not_done(
        sizes in sizes(5),
        everyone: bool,
        events in events(event(), together(), 40),
        unwanted in prop::collection::vec(unwanted_event(), 1..12),
    ) {
        let mut history = History::new(sizes, everyone).with_nobody_disabled(events);
        history.settle();
        history.world.clock.advance_seconds(60);
        let since = history.world.now();
        let before = history.world.live_guests();
        let kept = history.world.kept();
        for event in unwanted {
            history.happens(event);
        }
        history.happens(Event::Cycle);
        let undone = history.world.undo_since(since);
        let mut after = history.world.live_guests();
        let kept_now = history.world.kept();
        // What waited for its object had nobody to be replaced, as far as the log says.
        let (unsure, left): (Vec<_>, Vec<_>) = undone
            .left
            .iter()
            .partition(|it| it.reason.contains("before it was matched anew"));
        let unsure: Vec<_> = unsure.iter().map(|it| it.id).collect();
        for id in before.keys().filter(|it| !unsure.contains(it)) {
            assert_eq!(kept_now.contains(id), kept.contains(id), "the link of {id}");
        }
        for told in left {
            assert!(told.reason.starts_with("its manager stays"), "{told:?}");
            let (now, then) = (after.get_mut(&told.id), before.get(&told.id));
            now.unwrap().manager = then.unwrap().manager.clone();
        }
        assert_eq!(after, before);
        let again = history.world.undo_since(since);
        assert_eq!(again.counts, Counts::default());

        // And then as the source has it, all the same.
        history.world.start();
        history.settle();
        history.everybody_is_known();
        history.check();
    }
}
