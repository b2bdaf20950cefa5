//! Points in time, in ticks of 100 nanoseconds: the resolution Graph prints (seven fraction digits).

use std::fmt;

use serde::{Deserialize, Serialize};

/// Ticks of 100 ns since 1970-01-01T00:00:00Z. Copy, ordered, eight bytes in the store.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

const TICKS_PER_SECOND: i64 = 10_000_000;

impl Timestamp {
    /// Graph's "never": `0001-01-01T00:00:00Z`.
    pub const NEVER: Self = Self(-62_135_596_800 * TICKS_PER_SECOND);

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

    pub fn to_jiff(self) -> jiff::Timestamp {
        let seconds = self.0.div_euclid(TICKS_PER_SECOND);
        let nanos = i32::try_from(self.0.rem_euclid(TICKS_PER_SECOND) * 100).unwrap_or(0);
        jiff::Timestamp::new(seconds, nanos).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    pub fn from_jiff(at: jiff::Timestamp) -> Self {
        Self(i64::try_from(at.as_nanosecond().div_euclid(100)).unwrap_or(i64::MAX))
    }

    /// Reads RFC 3339 (with `Z` or an offset), a date-time without zone (taken as UTC) or a bare
    /// date (midnight UTC).
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(at) = text.parse::<jiff::Timestamp>() {
            return Some(Self::from_jiff(at));
        }
        // A date-time without zone and a bare date both read as a civil date-time.
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        let at = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(Self::from_jiff(at.timestamp()))
    }

    /// RFC 3339 in UTC without fraction, e.g. `2022-11-27T22:23:48Z`.
    pub fn to_seconds_text(self) -> String {
        Self::from_seconds(self.seconds()).to_string()
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with as many fraction digits as needed (none to seven).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.to_jiff().to_zoned(jiff::tz::TimeZone::UTC).datetime();
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
    fn a_bare_date_is_midnight_utc() {
        assert_eq!(
            Timestamp::parse("2022-12-10").unwrap().to_string(),
            "2022-12-10T00:00:00Z"
        );
    }
}
