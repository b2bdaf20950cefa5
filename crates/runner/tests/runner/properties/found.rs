//! Histories that random ones have come upon, each for what it taught.

use syncline_runner::PageSizes;

use super::Event::{
    self, Assign, Cycle, Days, Delete, Hire, LeftAlone, ReportTo, Restore, Scope, Spoilt,
};
use super::History;
use super::event;

/// Each cycle as it was planned and explained.
fn happen(mut history: History, events: &[Event]) {
    for event in events {
        match event {
            Cycle => history.cycle_as_planned(),
            event => history.happens(*event),
        }
    }
}

/// Somebody else has thrown an account away, whose manager comes back: no cycle is told of the one, and the other's new
/// account is waited for.
#[test]
fn a_reference_of_somebody_in_the_recycle_bin_is_refused_where_nobody_looks_at_him() {
    let club = event::LeftAlone::Club;
    happen(
        History::new(PageSizes::fixed(1), false).with_threshold(1),
        &[
            Hire(4),
            Assign(4),
            Hire(0),
            Assign(0),
            Cycle,
            LeftAlone(0, club),
            ReportTo(0, 4),
            ReportTo(4, 0),
            Cycle,
            Delete(0),
            Cycle,
            Days(1),
            Restore(0),
            Cycle,
            Spoilt(0, event::Spoilt::Purged),
            Spoilt(4, event::Spoilt::Deleted),
            Cycle,
            Delete(0),
            Cycle,
            Days(1),
            Restore(0),
            Cycle,
        ],
    );
}

/// An account that was released before its source was deleted comes back with it, and is released as before.
#[test]
fn whoever_comes_back_outside_the_scope_is_let_go_again_beside_it() {
    for threshold in 1..6 {
        let history = History::new(PageSizes::fixed(2), false).with_threshold(threshold);
        history.world.secret("SkipOutOfScopeDeletions", "true");
        happen(
            history,
            &[
                Hire(0),
                Assign(0),
                Cycle,
                Delete(0),
                Cycle,
                Restore(0),
                Cycle,
                Scope(Some(1)),
                Cycle,
                Delete(0),
                Cycle,
                Days(1),
                Restore(0),
                Cycle,
            ],
        );
    }
}
