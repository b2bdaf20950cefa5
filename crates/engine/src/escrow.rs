//! When a failed object is tried again.

use syncline_model::Timestamp;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// Permanent faults: hours after the first failure, then daily.
const FIRST_RETRIES: [i64; 3] = [6 * HOUR, 12 * HOUR, 24 * HOUR];

/// After this the object is given up until somebody changes something.
const GIVE_UP_AFTER: i64 = 28 * DAY;

/// When to try again what failed for the first time at `first_failure`, and again now; `None` to
/// give up. A transient fault is due at once, that is in the next cycle; a permanent one follows
/// Entra's timetable. A slot that has passed already is not made up for, and however often it was tried
/// between two slots, none is left out.
pub fn next_attempt(
    first_failure: Timestamp,
    now: Timestamp,
    transient: bool,
) -> Option<Timestamp> {
    let last = first_failure.plus_seconds(GIVE_UP_AFTER);
    if transient {
        return (now <= last).then_some(now);
    }
    let daily = (2..=GIVE_UP_AFTER / DAY).map(|day| day * DAY);
    FIRST_RETRIES
        .into_iter()
        .chain(daily)
        .map(|offset| first_failure.plus_seconds(offset))
        .find(|slot| *slot > now)
}
