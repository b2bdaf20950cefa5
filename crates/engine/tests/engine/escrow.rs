use syncline_engine::escrow::next_attempt;
use syncline_model::Timestamp;

const FIRST: Timestamp = Timestamp(17_000_000_000_000_000);

fn after(hours: i64) -> Timestamp {
    FIRST.plus_seconds(hours * 3600)
}

#[test]
fn permanent_faults_follow_the_timetable() {
    let hours = [6, 12, 24, 48, 72, 96];
    let mut now = FIRST;
    for hours in hours {
        let next = next_attempt(FIRST, now, false).unwrap();
        assert_eq!(next, after(hours));
        now = next;
    }
}

#[test]
fn given_up_after_28_days() {
    assert_eq!(
        next_attempt(FIRST, after(27 * 24), false),
        Some(after(28 * 24))
    );
    assert_eq!(next_attempt(FIRST, after(28 * 24), false), None);
}

/// Tried in every cycle while the fault was transient, then it is permanent.
#[test]
fn whatever_was_tried_in_between_costs_no_slot() {
    assert_eq!(next_attempt(FIRST, after(1), false), Some(after(6)));
    assert_eq!(next_attempt(FIRST, after(20), false), Some(after(24)));
}

#[test]
fn missed_slots_are_not_made_up_for() {
    assert_eq!(next_attempt(FIRST, after(30), false), Some(after(48)));
}

#[test]
fn transient_faults_are_due_in_the_next_cycle() {
    assert_eq!(next_attempt(FIRST, after(3), true), Some(after(3)));
    let last = after(28 * 24);
    assert_eq!(next_attempt(FIRST, last, true), Some(last));
    assert_eq!(next_attempt(FIRST, last.plus_seconds(1), true), None);
}
