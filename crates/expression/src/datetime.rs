//! Dates as texts. The language's own form is .NET's `M/d/yyyy h:mm:ss tt` in UTC.

use jiff::civil::DateTime;
use syncline_model::Timestamp;

/// `7/2/2021 3:33:38 PM`: what `Now`, `CDate` and `DateAdd` yield. Fractions of a second are cut.
pub fn general(at: Timestamp) -> String {
    let civil = at.to_civil();
    let half = if civil.hour() < 12 { "AM" } else { "PM" };
    format!(
        "{}/{}/{:04} {}:{:02}:{:02} {half}",
        civil.month(),
        civil.day(),
        civil.year(),
        hour_of_half(civil.hour()),
        civil.minute(),
        civil.second()
    )
}

/// 12, 1, 2, … 11, as on a clock's face.
pub fn hour_of_half(hour: i8) -> i8 {
    if hour % 12 == 0 { 12 } else { hour % 12 }
}

/// Reads the usual forms: `2009-06-15T01:45:30.5-07:00`, `2020-12-31 23:59:59-08:00`,
/// `8/25/2021 5:41:18 PM`, bare dates, and bare dates with an offset (`2020-03-16-07:00`, as HR
/// systems send them). Without an offset the time is UTC.
pub fn parse(text: &str) -> Option<Timestamp> {
    let mut scanner = Scanner::new(text.trim());
    let mut fields = Fields::default();
    scanner.date(&mut fields)?;
    // Behind a bare date a space may also stand before the offset.
    if scanner.skip('T') || (scanner.skip(' ') && !scanner.is_at_offset()) {
        scanner.time(&mut fields)?;
    }
    scanner.skip(' ');
    if !scanner.is_empty() {
        fields.offset_seconds = scanner.offset()?;
    }
    if scanner.is_empty() {
        fields.timestamp()
    } else {
        None
    }
}

/// The parts of a date while it is read.
#[derive(Clone, Copy, Debug)]
pub struct Fields {
    pub year: i64,
    pub month: i64,
    pub day: i64,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
    pub nanosecond: i64,
    /// East of Greenwich.
    pub offset_seconds: i64,
}

impl Default for Fields {
    fn default() -> Self {
        Self {
            year: 1,
            month: 1,
            day: 1,
            hour: 0,
            minute: 0,
            second: 0,
            nanosecond: 0,
            offset_seconds: 0,
        }
    }
}

impl Fields {
    /// `None` for what is no date of the years 1 to 9999.
    pub fn timestamp(self) -> Option<Timestamp> {
        let small = |it: i64| i8::try_from(it).ok();
        let civil = DateTime::new(
            i16::try_from(self.year).ok()?,
            small(self.month)?,
            small(self.day)?,
            small(self.hour)?,
            small(self.minute)?,
            small(self.second)?,
            i32::try_from(self.nanosecond).ok()?,
        )
        .ok()?;
        let at = Timestamp::from_civil(civil).plus_seconds(-self.offset_seconds);
        (Timestamp::NEVER..=Timestamp::LAST)
            .contains(&at)
            .then_some(at)
    }

    /// `hour` of a 12-hour clock becomes one of 24.
    pub fn apply_half(&mut self, afternoon: bool) -> Option<()> {
        if !(1..=12).contains(&self.hour) {
            return None;
        }
        self.hour = self.hour % 12 + if afternoon { 12 } else { 0 };
        Some(())
    }
}

/// Reads a text from left to right.
#[derive(Clone, Copy, Debug)]
pub struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub fn skip(&mut self, expected: char) -> bool {
        let stripped = self.rest.strip_prefix(expected);
        self.rest = stripped.unwrap_or(self.rest);
        stripped.is_some()
    }

    pub fn skip_white(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Skips `expected` in any case (ASCII).
    pub fn skip_word(&mut self, expected: &str) -> bool {
        match self.rest.get(..expected.len()) {
            Some(start) if start.eq_ignore_ascii_case(expected) => {
                self.rest = &self.rest[expected.len()..];
                true
            }
            _ => false,
        }
    }

    /// The digits that come next, at most `most`; none when there are fewer than `least`.
    pub fn digits(&mut self, least: usize, most: usize) -> Option<&'a str> {
        let found = self
            .rest
            .bytes()
            .take(most)
            .take_while(u8::is_ascii_digit)
            .count();
        if found < least {
            return None;
        }
        let (digits, rest) = self.rest.split_at(found);
        self.rest = rest;
        Some(digits)
    }

    pub fn number(&mut self, least: usize, most: usize) -> Option<i64> {
        self.digits(least, most)?.parse().ok()
    }

    /// Digits behind a decimal point, as nanoseconds.
    pub fn fraction(&mut self, least: usize, most: usize) -> Option<i64> {
        let digits = self.digits(least, most)?;
        format!("{digits:0<9}").get(..9)?.parse().ok()
    }

    /// `AM` or `PM`, and whether it is the latter.
    pub fn half(&mut self) -> Option<bool> {
        if self.skip_word("AM") {
            Some(false)
        } else if self.skip_word("PM") {
            Some(true)
        } else {
            None
        }
    }

    /// Whether what comes next is an [`Scanner::offset`].
    fn is_at_offset(&self) -> bool {
        self.rest.starts_with(['Z', 'z', '+', '-'])
    }

    /// `Z`, `+08:00`, `-0700`, `+8`: seconds east of Greenwich.
    pub fn offset(&mut self) -> Option<i64> {
        if self.skip('Z') || self.skip('z') {
            return Some(0);
        }
        let sign = if self.skip('+') {
            1
        } else if self.skip('-') {
            -1
        } else {
            return None;
        };
        let hours = self.number(1, 2)?;
        let separated = self.skip(':');
        let minutes = if separated {
            self.number(2, 2)?
        } else {
            self.number(2, 2).unwrap_or(0)
        };
        if hours > 14 || minutes > 59 {
            return None;
        }
        Some(sign * (hours * 3600 + minutes * 60))
    }

    /// `2020-03-16` or `3/16/2020`.
    fn date(&mut self, fields: &mut Fields) -> Option<()> {
        let first = self.number(1, 4)?;
        if self.skip('-') {
            fields.year = first;
            fields.month = self.number(1, 2)?;
            if !self.skip('-') {
                return None;
            }
            fields.day = self.number(1, 2)?;
        } else if self.skip('/') {
            fields.month = first;
            fields.day = self.number(1, 2)?;
            if !self.skip('/') {
                return None;
            }
            fields.year = self.number(4, 4)?;
        } else {
            return None;
        }
        Some(())
    }

    /// `01:45`, `01:45:30.5`, `5:41:18 PM`.
    fn time(&mut self, fields: &mut Fields) -> Option<()> {
        fields.hour = self.number(1, 2)?;
        if !self.skip(':') {
            return None;
        }
        fields.minute = self.number(2, 2)?;
        if self.skip(':') {
            fields.second = self.number(2, 2)?;
            if self.skip('.') {
                fields.nanosecond = self.fraction(1, 9)?;
            }
        }
        let mut ahead = *self;
        ahead.skip(' ');
        if let Some(afternoon) = ahead.half() {
            *self = ahead;
            fields.apply_half(afternoon)?;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(
            parse(text).map(|at| at.to_string()).as_deref(),
            expected,
            "{text}"
        );
    }

    #[test]
    fn the_usual_forms() {
        check("2009-06-15T01:45:30-07:00", Some("2009-06-15T08:45:30Z"));
        check("2020-03-16-07:00", Some("2020-03-16T07:00:00Z"));
        check("2021-06-30+08:00", Some("2021-06-29T16:00:00Z"));
        check("2021-06-30 +08:00", Some("2021-06-29T16:00:00Z"));
        check("6/30/2021 Z", Some("2021-06-30T00:00:00Z"));
        check("8/25/2021 5:41:18 PM +08:00", Some("2021-08-25T09:41:18Z"));
        check("2020-12-31 23:59:59-08:00", Some("2021-01-01T07:59:59Z"));
        check("8/25/2021 5:41:18 PM", Some("2021-08-25T17:41:18Z"));
        check("8/25/2021 12:00:00 AM", Some("2021-08-25T00:00:00Z"));
        check("2021-08-24", Some("2021-08-24T00:00:00Z"));
        check("2021-08-24T10:00:00.25Z", Some("2021-08-24T10:00:00.25Z"));
    }

    #[test]
    fn what_is_no_date() {
        for text in [
            "",
            "soon",
            "2021-02-30",
            "2021-08-24T",
            "2021-08-24T+08:00",
            "2021-08-24T10:00Zz",
            "13/13/2021",
            "8/25/2021 13:00 PM",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn midnight_is_twelve_in_the_morning() {
        assert_eq!(
            general(parse("2021-08-24").unwrap()),
            "8/24/2021 12:00:00 AM"
        );
    }
}
