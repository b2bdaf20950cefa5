//! When a failed object is tried again, by the settings of its job.

use syncline_model::job::setting;
use syncline_model::{Timestamp, duration};

/// After the first failure, a list of durations.
pub const RETRY_AFTER: &str = "EscrowRetryAfter";
/// From the last of these on, a duration.
pub const RETRY_EVERY: &str = "EscrowRetryEvery";
/// After the first failure, a duration: whoever fails then is given up until somebody changes something.
pub const GIVE_UP_AFTER: &str = "EscrowGiveUpAfter";
/// All of them.
pub const SETTINGS: [&str; 3] = [RETRY_AFTER, RETRY_EVERY, GIVE_UP_AFTER];

/// Shorter than the shortest interval of a job nothing can be, and what takes longer than a year nobody waits for.
const LENGTHS: std::ops::RangeInclusive<u32> = 300..=365 * DAY;
const MOST_FIRST: usize = 20;

const HOUR: u32 = 3600;
const DAY: u32 = 24 * HOUR;

/// When what failed for a reason that stays is tried again, in seconds. The default is Entra's: 6, 12 and 24 hours
/// after the first failure, then daily, up to 28 days (*How provisioning works*, Microsoft Entra ID).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timetable {
    /// After the first failure, ascending. Not empty.
    first: Vec<u32>,
    /// Between further tries.
    every: u32,
    /// After the first failure.
    give_up_after: u32,
}

impl Default for Timetable {
    fn default() -> Self {
        Self {
            first: vec![6 * HOUR, 12 * HOUR, 24 * HOUR],
            every: DAY,
            give_up_after: 28 * DAY,
        }
    }
}

impl Timetable {
    /// By the settings of a job. What is not set, and what could not be set now, is as by default.
    pub fn of(settings: &[(String, String)]) -> Self {
        let default = Self::default();
        let set = |name: &str| setting(settings, name).and_then(length);
        let first = setting(settings, RETRY_AFTER).and_then(ascending);
        Self {
            first: first.unwrap_or(default.first),
            every: set(RETRY_EVERY).unwrap_or(default.every),
            give_up_after: set(GIVE_UP_AFTER).unwrap_or(default.give_up_after),
        }
    }

    /// The settings of a job that make it.
    pub fn settings(&self) -> [(&'static str, String); 3] {
        let first: Vec<String> = self.first.iter().copied().map(duration::show).collect();
        [
            (RETRY_AFTER, first.join(",")),
            (RETRY_EVERY, duration::show(self.every)),
            (GIVE_UP_AFTER, duration::show(self.give_up_after)),
        ]
    }

    /// When to try again what failed for the first time at `first_failure`, and again now; `None` to
    /// give up. A transient fault is due at once, that is in the next cycle; a permanent one follows
    /// the timetable. A slot that has passed already is not made up for, and however often it was tried
    /// between two slots, none is left out.
    pub fn next_attempt(
        &self,
        first_failure: Timestamp,
        now: Timestamp,
        transient: bool,
    ) -> Option<Timestamp> {
        let at = |seconds: u32| first_failure.plus_seconds(i64::from(seconds));
        let last = at(self.give_up_after);
        if transient {
            return (now <= last).then_some(now);
        }
        let mut first = self.first.iter().copied().map(at);
        let slot = first.find(|slot| *slot > now).unwrap_or_else(|| {
            let begin = at(self.first.last().copied().unwrap_or_default());
            let every = i64::from(self.every.max(1));
            let passed = now.milliseconds_since(begin) / 1000 / every.unsigned_abs();
            let next = i64::try_from(passed).unwrap_or(i64::MAX).saturating_add(1);
            begin.plus_seconds(next.saturating_mul(every))
        });
        (slot <= last).then_some(slot)
    }

    /// When what fails for another reason now is taken to have failed first: it is given up by the time of that reason, and
    /// goes on at the pace that it has come to. Whatever fails for two reasons in turn is never tried more often for it.
    pub fn anew(&self, first_failure: Timestamp, now: Timestamp) -> Timestamp {
        let paced = self.first.last().copied().unwrap_or_default();
        first_failure.max(now.plus_seconds(-i64::from(paced)))
    }

    /// The latest next attempt that can have been told by `now`: what is further ahead was told by a clock that was
    /// wrong, or by another timetable that waited longer, and is due.
    pub fn latest(&self, now: Timestamp) -> Timestamp {
        let longest = self.first.iter().copied().max();
        let longest = longest.unwrap_or_default().max(self.every);
        now.latest_within(i64::from(longest))
    }

    /// Whether what waits for this time is due by `now`.
    pub fn is_due(&self, next_attempt: Timestamp, now: Timestamp) -> bool {
        next_attempt <= now || next_attempt > self.latest(now)
    }

    /// Whether a try that is made only now was due long ago, before the timetable's end: the job stood still, or the clock has
    /// jumped. One that came behind the end makes up for none.
    pub fn was_missed(&self, first_failure: Timestamp, due: Timestamp, now: Timestamp) -> bool {
        let last = first_failure.plus_seconds(i64::from(self.give_up_after));
        now > self.latest(due) && due <= last
    }

    /// How long a failed object is tried, in words.
    pub fn patience(&self) -> String {
        in_words(self.give_up_after)
    }
}

/// For people: `after 6 hours, 12 hours and 1 day, then every day, for 28 days`.
impl std::fmt::Display for Timetable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let first: Vec<String> = self.first.iter().copied().map(in_words).collect();
        let first = match first.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{} and {last}", others.join(", ")),
            None => String::new(),
        };
        let every = in_words(self.every);
        let every = every.strip_prefix("1 ").unwrap_or(&every);
        write!(
            f,
            "after {first}, then every {every}, for {}",
            self.patience()
        )
    }
}

fn in_words(seconds: u32) -> String {
    let (unit, one) = [(DAY, "day"), (HOUR, "hour"), (60, "minute")]
        .into_iter()
        .find(|(unit, _)| seconds.is_multiple_of(*unit))
        .unwrap_or((1, "second"));
    match seconds / unit {
        1 => format!("1 {one}"),
        count => format!("{count} {one}s"),
    }
}

/// Whether a setting of a job may have this value, if it is one of these. Empty stands for the default.
///
/// # Errors
/// What is expected.
pub fn check(name: &str, value: &str) -> Result<(), String> {
    let is_good = match name {
        RETRY_AFTER => ascending(value).is_some(),
        RETRY_EVERY | GIVE_UP_AFTER => length(value).is_some(),
        _ => true,
    };
    if is_good || value.is_empty() {
        return Ok(());
    }
    let each = "ISO 8601, from PT5M to P365D";
    Err(match name {
        RETRY_AFTER => format!(
            "up to {MOST_FIRST} durations after the first failure, separated by commas, each longer than the one before ({each}), e.g. PT6H,PT12H,P1D"
        ),
        _ => format!("a duration ({each}), e.g. P1D"),
    })
}

fn length(text: &str) -> Option<u32> {
    duration::parse(text.trim()).filter(|it| LENGTHS.contains(it))
}

fn ascending(text: &str) -> Option<Vec<u32>> {
    let all: Vec<u32> = text.split(',').map(length).collect::<Option<_>>()?;
    (all.len() <= MOST_FIRST && all.is_sorted_by(|one, next| one < next)).then_some(all)
}
