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
    for (failures, hours) in (1..).zip(hours) {
        let next = next_attempt(FIRST, failures, now, false).unwrap();
        assert_eq!(next, after(hours), "after {failures} failures");
        now = next;
    }
}

#[test]
fn given_up_after_28_days() {
    assert_eq!(
        next_attempt(FIRST, 29, after(27 * 24), false),
        Some(after(28 * 24))
    );
    assert_eq!(next_attempt(FIRST, 30, after(28 * 24), false), None);
    assert_eq!(next_attempt(FIRST, u32::MAX, FIRST, false), None);
}

#[test]
fn missed_slots_are_not_made_up_for() {
    assert_eq!(next_attempt(FIRST, 1, after(30), false), Some(after(48)));
}

#[test]
fn transient_faults_are_due_in_the_next_cycle() {
    assert_eq!(next_attempt(FIRST, 5, after(3), true), Some(after(3)));
    assert_eq!(next_attempt(FIRST, 5, after(29 * 24), true), None);
}
