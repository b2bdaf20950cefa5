use syncline_engine::escrow::{GIVE_UP_AFTER, RETRY_AFTER, RETRY_EVERY, Timetable, check};
use syncline_model::Timestamp;

const FIRST: Timestamp = Timestamp(17_000_000_000_000_000);

fn after(hours: i64) -> Timestamp {
    FIRST.plus_seconds(hours * 3600)
}

fn next_attempt(first: Timestamp, now: Timestamp, transient: bool) -> Option<Timestamp> {
    Timetable::default().next_attempt(first, now, transient)
}

fn by(settings: &[(&str, &str)]) -> Timetable {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Timetable::of(&settings.iter().map(owned).collect::<Vec<_>>())
}

/// The hours after the first failure at which something is tried that always fails.
fn tries(timetable: &Timetable) -> Vec<i64> {
    let next = |now: &Timestamp| timetable.next_attempt(FIRST, *now, false);
    let slots = std::iter::successors(next(&FIRST), next);
    slots
        .map(|slot| (slot.seconds() - FIRST.seconds()) / 3600)
        .collect()
}

#[test]
fn permanent_faults_follow_the_timetable() {
    let days = (2..=28).map(|day| 24 * day);
    let hours: Vec<i64> = [6, 12, 24].into_iter().chain(days).collect();
    assert_eq!(tries(&Timetable::default()), hours);
}

/// By clocks that differ by five minutes.
#[test]
fn the_latest_next_attempt_is_the_longest_wait_ahead() {
    let latest = |timetable: &Timetable| timetable.latest(FIRST).seconds() - FIRST.seconds();
    assert_eq!(latest(&Timetable::default()), 24 * 3600 + 300);
    let hours = by(&[(RETRY_AFTER, "PT1H,PT50H"), (RETRY_EVERY, "PT30H")]);
    assert_eq!(latest(&hours), 50 * 3600 + 300);
    let hours = by(&[(RETRY_AFTER, "PT1H"), (RETRY_EVERY, "PT30H")]);
    assert_eq!(latest(&hours), 30 * 3600 + 300);
}

#[test]
fn given_up_after_28_days() {
    assert_eq!(
        next_attempt(FIRST, after(27 * 24), false),
        Some(after(28 * 24))
    );
    assert_eq!(next_attempt(FIRST, after(28 * 24), false), None);
}

/// Another reason begins anew, and is tried no more often than the one before was.
#[test]
fn another_reason_has_a_time_of_its_own() {
    let timetable = Timetable::default();
    assert_eq!(timetable.anew(FIRST, after(7)), FIRST);
    let later = timetable.anew(FIRST, after(27 * 24));
    assert_eq!(later, after(26 * 24));
    assert_eq!(
        next_attempt(later, after(27 * 24), false),
        Some(after(28 * 24))
    );
    assert_eq!(next_attempt(later, after(54 * 24), false), None);
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
    // Not even by less than a millisecond.
    let missed = Timestamp(after(48).0 + 1);
    assert_eq!(next_attempt(FIRST, missed, false), Some(after(72)));
    let early = Timestamp(after(48).0 - 1);
    assert_eq!(next_attempt(FIRST, early, false), Some(after(48)));
}

#[test]
fn transient_faults_are_due_in_the_next_cycle() {
    assert_eq!(next_attempt(FIRST, after(3), true), Some(after(3)));
    let last = after(28 * 24);
    assert_eq!(next_attempt(FIRST, last, true), Some(last));
    assert_eq!(next_attempt(FIRST, last.plus_seconds(1), true), None);
}

#[test]
fn each_part_of_the_timetable_can_be_set() {
    let all = [
        (RETRY_AFTER, "PT1H, PT2H"),
        (RETRY_EVERY, "PT3H"),
        (GIVE_UP_AFTER, "PT9H"),
    ];
    assert_eq!(tries(&by(&all)), [1, 2, 5, 8]);
    assert_eq!(tries(&by(&[(GIVE_UP_AFTER, "P1D")])), [6, 12, 24]);
    assert_eq!(tries(&by(&[(RETRY_EVERY, "P10D")])), [6, 12, 24, 264, 504]);
    // Before its first slot nothing can be tried again that is given up by then.
    let never = [(RETRY_AFTER, "P2D"), (GIVE_UP_AFTER, "P1D")];
    assert_eq!(tries(&by(&never)), [0_i64; 0]);
    let transient = by(&all).next_attempt(FIRST, after(9), true);
    assert_eq!(transient, Some(after(9)));
    assert_eq!(by(&all).next_attempt(FIRST, after(10), true), None);
}

#[test]
fn what_is_not_set_is_as_by_default() {
    for value in ["", "soon", "PT1M", "P366D", "PT2H,PT1H", "PT2H,PT2H"] {
        let settings = [
            (RETRY_AFTER, value),
            (RETRY_EVERY, value),
            (GIVE_UP_AFTER, value),
            ("RetryAfter", "PT1H"),
        ];
        assert_eq!(by(&settings), Timetable::default(), "{value}");
    }
}

#[test]
fn a_timetable_is_told_in_words() {
    assert_eq!(
        Timetable::default().to_string(),
        "after 6 hours, 12 hours and 1 day, then every day, for 28 days"
    );
    let other = [
        (RETRY_AFTER, "PT90M"),
        (RETRY_EVERY, "PT6H"),
        (GIVE_UP_AFTER, "PT5M1S"),
    ];
    assert_eq!(
        by(&other).to_string(),
        "after 90 minutes, then every 6 hours, for 301 seconds"
    );
    assert_eq!(by(&other).patience(), "301 seconds");
}

#[test]
fn settings_that_are_no_timetable_are_refused() {
    let many = ["PT1H"; 21].join(",");
    for (name, value) in [
        (RETRY_AFTER, "soon"),
        (RETRY_AFTER, "PT1H,"),
        (RETRY_AFTER, "PT2H,PT1H"),
        (RETRY_AFTER, "PT1H,PT1H"),
        (RETRY_AFTER, "PT4M59S"),
        (RETRY_AFTER, "P365DT1S"),
        (RETRY_AFTER, &many),
        (RETRY_EVERY, "PT0S"),
        (RETRY_EVERY, "PT1H,PT2H"),
        (GIVE_UP_AFTER, "never"),
        (GIVE_UP_AFTER, "P366D"),
    ] {
        let expected = check(name, value).unwrap_err();
        assert!(expected.contains("from PT5M to P365D"), "{name} {value}");
    }
    for (name, value) in [
        (RETRY_AFTER, ""),
        (RETRY_AFTER, "PT5M"),
        (RETRY_AFTER, "PT1H, P365D"),
        (RETRY_EVERY, "PT5M"),
        (GIVE_UP_AFTER, "P365D"),
        ("Other", "soon"),
    ] {
        assert_eq!(check(name, value), Ok(()), "{name} {value}");
    }
}
