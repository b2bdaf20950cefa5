//! Points in time, in ticks of 100 nanoseconds: the resolution Graph prints (seven fraction digits).

use std::fmt;

use jiff::SignedDuration;
use jiff::civil::{DateTime, Time};
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

/// Ticks of 100 ns since 1970-01-01T00:00:00Z. Copy, ordered, eight bytes in the store.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

const TICKS_PER_SECOND: i64 = 10_000_000;

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

impl Timestamp {
    /// Graph's "never": `0001-01-01T00:00:00Z`.
    pub const NEVER: Self = Self(-62_135_596_800 * TICKS_PER_SECOND);

    /// The last moment of the calendar, `9999-12-31T23:59:59.9999999Z`: what many write for "never ends".
    pub const LAST: Self = Self(253_402_300_800 * TICKS_PER_SECOND - 1);

    pub fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(TICKS_PER_SECOND))
    }

    /// Whole seconds since 1970, rounded down.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(TICKS_PER_SECOND)
    }

    /// Milliseconds since 1970, rounded down.
    pub fn milliseconds(self) -> i64 {
        self.0.div_euclid(TICKS_PER_SECOND / 1000)
    }

    pub fn plus_milliseconds(self, milliseconds: i64) -> Self {
        Self(
            self.0
                .saturating_add(milliseconds.saturating_mul(TICKS_PER_SECOND / 1_000)),
        )
    }

    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(
            self.0
                .saturating_add(seconds.saturating_mul(TICKS_PER_SECOND)),
        )
    }

    /// Milliseconds from `earlier` to `self`; 0 when `earlier` is later.
    pub fn milliseconds_since(self, earlier: Self) -> u64 {
        u64::try_from((self.0.saturating_sub(earlier.0)) / (TICKS_PER_SECOND / 1000)).unwrap_or(0)
    }

    pub fn from_jiff(at: jiff::Timestamp) -> Self {
        Self(i64::try_from(at.as_nanosecond().div_euclid(100)).unwrap_or(i64::MAX))
    }

    /// The date and time that clocks in UTC show. Beyond the calendar (years -9999 to 9999), its first
    /// or last moment.
    pub fn to_civil(self) -> DateTime {
        let seconds = self.0.div_euclid(TICKS_PER_SECOND);
        let nanos = i32::try_from(self.0.rem_euclid(TICKS_PER_SECOND) * 100).unwrap_or(0);
        EPOCH.saturating_add(SignedDuration::new(seconds, nanos))
    }

    /// The moment at which clocks in UTC show this. (Not by way of `jiff::Timestamp`, which ends a day
    /// before the calendar does.)
    pub fn from_civil(civil: DateTime) -> Self {
        let since = civil.duration_since(EPOCH);
        Self(since.as_secs() * TICKS_PER_SECOND + i64::from(since.subsec_nanos()).div_euclid(100))
    }

    /// Reads RFC 3339 (with `Z` or an offset), a date-time without zone (taken as UTC) or a bare
    /// date (midnight UTC).
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(at) = text.parse::<jiff::Timestamp>() {
            return Some(Self::from_jiff(at));
        }
        // A date-time without zone, a bare date, or the last two days of the calendar.
        let pieces = Pieces::parse(text).ok()?;
        let time = pieces.time().unwrap_or(Time::midnight());
        let east = pieces.to_numeric_offset().map_or(0, Offset::seconds);
        let at = Self::from_civil(pieces.date().to_datetime(time)).plus_seconds(-i64::from(east));
        (at <= Self::LAST).then_some(at)
    }

    /// The same, but for a date-time without zone, which somebody may mean as his own clock shows it.
    pub fn parse_certain(text: &str) -> Option<Self> {
        let pieces = Pieces::parse(text).ok()?;
        let is_day = pieces.time().is_none() && pieces.time_zone_annotation().is_none();
        let is_certain = is_day || pieces.to_numeric_offset().is_some();
        if is_certain { Self::parse(text) } else { None }
    }

    /// RFC 3339 in UTC without fraction, e.g. `2022-11-27T22:23:48Z`.
    pub fn to_seconds_text(self) -> String {
        Self::from_seconds(self.seconds()).to_string()
    }

    /// RFC 3339 in UTC, with all seven digits of the fraction, as all such texts have: whoever sorts them sorts times.
    pub fn to_sortable_text(self) -> String {
        let text = self.to_seconds_text();
        let ticks = self.0.rem_euclid(TICKS_PER_SECOND);
        format!("{}.{ticks:07}Z", text.trim_end_matches('Z'))
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with as many fraction digits as needed (none to seven).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.to_civil();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        )?;
        let ticks = self.0.rem_euclid(TICKS_PER_SECOND);
        if ticks != 0 {
            let digits = format!("{ticks:07}");
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sortable_texts_stand_in_the_order_of_their_times() {
        let texts: Vec<String> = [3_000_000, 3_500_000, 10_000_000, 15_000_000]
            .map(|ticks| Timestamp(ticks).to_sortable_text())
            .into();
        assert_eq!(
            texts,
            [
                "1970-01-01T00:00:00.3000000Z",
                "1970-01-01T00:00:00.3500000Z",
                "1970-01-01T00:00:01.0000000Z",
                "1970-01-01T00:00:01.5000000Z",
            ]
        );
        assert!(texts.is_sorted());
    }

    #[test]
    fn prints_and_reads_seven_fraction_digits() {
        let at = Timestamp::parse("2022-11-27T22:23:48.6541804Z").unwrap();
        assert_eq!(at.to_string(), "2022-11-27T22:23:48.6541804Z");
    }

    #[test]
    fn never_is_year_one() {
        assert_eq!(Timestamp::NEVER.to_string(), "0001-01-01T00:00:00Z");
        assert_eq!(
            Timestamp::parse("0001-01-01T00:00:00Z"),
            Some(Timestamp::NEVER)
        );
    }

    #[test]
    fn the_last_day_of_the_calendar_is_a_day() {
        let last = Timestamp::parse("9999-12-31T23:59:59.9999999Z").unwrap();
        assert_eq!(last, Timestamp::LAST);
        assert_eq!(last.to_string(), "9999-12-31T23:59:59.9999999Z");
        for (text, at) in [
            ("9999-12-31", "9999-12-31T00:00:00Z"),
            ("9999-12-31T23:59:59", "9999-12-31T23:59:59Z"),
            ("9999-12-31T23:00:00+02:00", "9999-12-31T21:00:00Z"),
        ] {
            assert_eq!(Timestamp::parse(text).unwrap().to_string(), at);
        }
        assert_eq!(Timestamp::parse("9999-12-31T23:00:00-02:00"), None);
        assert_eq!(Timestamp::parse("10000-01-01T00:00:00Z"), None);
        // Beyond it, a clock stands at its last moment.
        assert_eq!(last.plus_seconds(1).to_string(), last.to_string());
    }

    #[test]
    fn a_time_is_certain_with_its_zone_and_a_day_without() {
        for text in [
            "2022-12-10T08:00:00Z",
            "2022-12-10T08:00:00.1234567Z",
            "2022-12-10 08:00+01:00",
            "2022-12-10T08:00-05:00",
            "2022-12-10",
            "9999-12-31T23:59:59.9999999Z",
        ] {
            assert!(Timestamp::parse_certain(text).is_some(), "{text}");
            assert_eq!(Timestamp::parse_certain(text), Timestamp::parse(text));
        }
        for text in ["2022-12-10T08:00", "2022-12-10 08:00:00", "yesterday", ""] {
            assert_eq!(Timestamp::parse_certain(text), None, "{text}");
        }
    }

    #[test]
    fn a_bare_date_is_midnight_utc() {
        assert_eq!(
            Timestamp::parse("2022-12-10").unwrap().to_string(),
            "2022-12-10T00:00:00Z"
        );
    }
}
