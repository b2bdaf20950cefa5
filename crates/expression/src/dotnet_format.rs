//! .NET's custom date and time formats (`yyyy-MM-dd`, `M/d/yyyy h:mm:ss tt`, …), in the invariant
//! culture. All times are UTC: an offset that is read is applied, one that is written is zero.

use syncline_model::Timestamp;

use crate::datetime::{Fields, Scanner, hour_of_half};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

/// A piece of a format: a run of one letter, or literal text.
#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Year(usize),
    Month(usize),
    Day(usize),
    Hour24(usize),
    Hour12(usize),
    Minute(usize),
    Second(usize),
    /// `f`: exactly so many digits.
    Fraction(usize),
    /// `F`: at most so many, none when zero.
    OptionalFraction(usize),
    /// `.F`: the point is there when digits follow.
    PointFraction(usize),
    /// `tt` or `t`.
    Half(usize),
    Offset(usize),
    /// `K`: `Z` or an offset.
    Zone,
    Era,
    Literal(String),
}

fn pieces(format: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = format.chars().peekable();
    while let Some(first) = rest.next() {
        let literal = match first {
            '\'' | '"' => rest.by_ref().take_while(|it| *it != first).collect(),
            '\\' => rest.next().map(String::from).unwrap_or_default(),
            '.' if rest.peek() == Some(&'F') => {
                let mut count = 0;
                while rest.next_if_eq(&'F').is_some() {
                    count += 1;
                }
                pieces.push(Piece::PointFraction(count.min(7)));
                continue;
            }
            '.' => String::from('.'),
            // `%d` is a lone `d` that would otherwise be a standard format.
            '%' => continue,
            _ => {
                let mut count = 1;
                while rest.next_if_eq(&first).is_some() {
                    count += 1;
                }
                if let Some(piece) = letter(first, count) {
                    pieces.push(piece);
                    continue;
                }
                String::from(first).repeat(count)
            }
        };
        pieces.push(Piece::Literal(literal));
    }
    pieces
}

fn letter(letter: char, count: usize) -> Option<Piece> {
    Some(match letter {
        'y' => Piece::Year(count),
        'M' => Piece::Month(count),
        'd' => Piece::Day(count),
        'H' => Piece::Hour24(count),
        'h' => Piece::Hour12(count),
        'm' => Piece::Minute(count),
        's' => Piece::Second(count),
        'f' => Piece::Fraction(count.min(7)),
        'F' => Piece::OptionalFraction(count.min(7)),
        't' => Piece::Half(count),
        'z' => Piece::Offset(count),
        'K' => Piece::Zone,
        'g' => Piece::Era,
        _ => return None,
    })
}

/// Prints a point in time.
pub fn format(at: Timestamp, format: &str) -> String {
    let civil = at.to_civil();
    let padded = |number: i64, count: usize| format!("{number:0width$}", width = count.min(2));
    let nanoseconds = format!("{:09}", civil.subsec_nanosecond());
    let digits = |count: usize| nanoseconds[..count].trim_end_matches('0');
    let mut text = String::new();
    for piece in pieces(format) {
        text.push_str(&match piece {
            Piece::Year(count) if count <= 2 => padded(i64::from(civil.year()) % 100, count),
            Piece::Year(count) => format!("{:0width$}", civil.year(), width = count.min(9)),
            Piece::Month(count) if count <= 2 => padded(civil.month().into(), count),
            Piece::Month(count) => {
                shortened(MONTHS.get(civil.month().unsigned_abs() as usize - 1), count)
            }
            Piece::Day(count) if count <= 2 => padded(civil.day().into(), count),
            Piece::Day(count) => shortened(
                DAYS.get(civil.weekday().to_sunday_zero_offset().unsigned_abs() as usize),
                count,
            ),
            Piece::Hour24(count) => padded(civil.hour().into(), count),
            Piece::Hour12(count) => padded(hour_of_half(civil.hour()).into(), count),
            Piece::Minute(count) => padded(civil.minute().into(), count),
            Piece::Second(count) => padded(civil.second().into(), count),
            Piece::Fraction(count) => nanoseconds[..count].to_owned(),
            Piece::OptionalFraction(count) => digits(count).to_owned(),
            Piece::PointFraction(count) => match digits(count) {
                "" => String::new(),
                digits => format!(".{digits}"),
            },
            Piece::Half(count) => {
                let half = if civil.hour() < 12 { "AM" } else { "PM" };
                half[..count.min(2)].to_owned()
            }
            Piece::Offset(1) => "+0".to_owned(),
            Piece::Offset(2) => "+00".to_owned(),
            Piece::Offset(_) => "+00:00".to_owned(),
            Piece::Zone => "Z".to_owned(),
            Piece::Era => "A.D.".to_owned(),
            Piece::Literal(literal) => literal,
        });
    }
    text
}

/// A name's first three letters, or all of it.
fn shortened(name: Option<&&str>, count: usize) -> String {
    let name = name.copied().unwrap_or_default();
    if count == 3 {
        name[..3].to_owned()
    } else {
        name.to_owned()
    }
}

/// Of which day a time alone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoDate {
    Today,
    /// 0001-01-01.
    First,
}

/// Whether year, month or day stand in the format.
pub fn has_date(format: &str) -> bool {
    are_of_date(&pieces(format))
}

/// Whether what comes out of a date in the form `from`, which has no year, shows that of today: by its number, or by the
/// day of the week.
pub fn shows_year_of_today(from: &str, to: &str) -> bool {
    let from = pieces(from);
    let has_year = from.iter().any(|it| matches!(it, Piece::Year(_)));
    let shows_year = |it: &Piece| matches!(it, Piece::Year(_) | Piece::Day(3..));
    are_of_date(&from) && !has_year && pieces(to).iter().any(shows_year)
}

fn are_of_date(pieces: &[Piece]) -> bool {
    pieces
        .iter()
        .any(|it| matches!(it, Piece::Year(_) | Piece::Month(_) | Piece::Day(_)))
}

/// Reads `text`, which must be in exactly this form. What the format leaves out is taken from
/// `now` (the year, and the date of a time alone unless `no_date` says otherwise) or is the first of
/// its kind. The clock is asked only for what is left out: what it was not read for is the same at any time.
pub fn parse(
    text: &str,
    format: &str,
    inner_white: bool,
    no_date: NoDate,
    now: impl FnOnce() -> Timestamp,
) -> Option<Timestamp> {
    let pieces = pieces(format);
    let has_year = pieces.iter().any(|it| matches!(it, Piece::Year(_)));
    let mut fields = Fields::default();
    if are_of_date(&pieces) {
        if !has_year {
            fields.year = now().to_civil().year().into();
        }
    } else if no_date == NoDate::Today {
        let today = now().to_civil();
        fields.year = today.year().into();
        fields.month = today.month().into();
        fields.day = today.day().into();
    }
    let mut scanner = Scanner::new(text.trim());
    let mut afternoon = None;
    for piece in &pieces {
        if inner_white {
            scanner.skip_white();
        }
        match piece {
            Piece::Year(count) if *count <= 2 => {
                let year = scanner.number(*count, 2)?;
                // .NET's invariant calendar reads two digits as 1950 to 2049.
                fields.year = if year < 50 { 2000 + year } else { 1900 + year };
            }
            Piece::Year(count) => fields.year = scanner.number(*count, (*count).max(4))?,
            Piece::Month(count) if *count <= 2 => fields.month = scanner.number(*count, 2)?,
            Piece::Month(count) => fields.month = named(&mut scanner, &MONTHS, *count)? + 1,
            Piece::Day(count) if *count <= 2 => fields.day = scanner.number(*count, 2)?,
            Piece::Day(count) => {
                named(&mut scanner, &DAYS, *count)?;
            }
            Piece::Hour24(count) | Piece::Hour12(count) => {
                fields.hour = scanner.number((*count).min(2), 2)?
            }
            Piece::Minute(count) => fields.minute = scanner.number((*count).min(2), 2)?,
            Piece::Second(count) => fields.second = scanner.number((*count).min(2), 2)?,
            Piece::Fraction(count) => fields.nanosecond = scanner.fraction(*count, *count)?,
            Piece::OptionalFraction(count) => fields.nanosecond = scanner.fraction(0, *count)?,
            Piece::PointFraction(count) => {
                if scanner.skip('.') {
                    fields.nanosecond = scanner.fraction(0, *count)?;
                }
            }
            Piece::Half(1) => {
                let is_afternoon = scanner.skip_word("P");
                if !is_afternoon && !scanner.skip_word("A") {
                    return None;
                }
                afternoon = Some(is_afternoon);
            }
            Piece::Half(_) => afternoon = Some(scanner.half()?),
            Piece::Offset(_) => fields.offset_seconds = scanner.offset()?,
            Piece::Zone => fields.offset_seconds = scanner.offset().unwrap_or(0),
            Piece::Era => {
                if !scanner.skip_word("A.D.") && !scanner.skip_word("AD") {
                    return None;
                }
            }
            Piece::Literal(literal) => {
                for expected in literal.chars() {
                    if inner_white && expected.is_whitespace() {
                        continue;
                    }
                    if !scanner.skip(expected) {
                        return None;
                    }
                }
            }
        }
    }
    if !scanner.is_empty() {
        return None;
    }
    let has_clock_face = pieces.iter().any(|it| matches!(it, Piece::Hour12(_)));
    match afternoon {
        // Without AM or PM the hour is one of the morning.
        _ if has_clock_face => fields.apply_half(afternoon == Some(true))?,
        // An hour of 24 is what it is, and what stands beside it must not say otherwise.
        Some(afternoon) if afternoon != (fields.hour >= 12) => return None,
        _ => {}
    }
    fields.timestamp()
}

fn named(scanner: &mut Scanner<'_>, names: &[&str], count: usize) -> Option<i64> {
    let at = names
        .iter()
        .position(|name| scanner.skip_word(if count == 3 { &name[..3] } else { name }))?;
    i64::try_from(at).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, from: &str, to: &str, expected: Option<&str>) {
        let now = || Timestamp::parse("2024-02-10T00:00:00Z").unwrap();
        let result = parse(text, from, false, NoDate::Today, now).map(|at| format(at, to));
        assert_eq!(result.as_deref(), expected, "{text} {from} {to}");
    }

    #[test]
    fn digits_names_and_literals() {
        check(
            "20150123105347.1Z",
            "yyyyMMddHHmmss.fZ",
            "yyyy-MM-dd",
            Some("2015-01-23"),
        );
        check(
            "2020-12-31-08:00",
            "yyyy-MM-ddzzz",
            "yyyy-MM-dd HH:mm",
            Some("2020-12-31 08:00"),
        );
        check(
            "3/4/2021 05:06:07 PM",
            "M/d/yyyy hh:mm:ss tt",
            "dddd, d MMMM yyyy 'at' H:mm",
            Some("Thursday, 4 March 2021 at 17:06"),
        );
        check("04-Mar-21", "dd-MMM-yy", "yyyyMMdd", Some("20210304"));
        check(
            "12:30",
            "HH:mm",
            "yyyy-MM-ddTHH:mm:ss.fffK",
            Some("2024-02-10T12:30:00.000Z"),
        );
    }

    #[test]
    fn the_point_goes_with_the_fraction() {
        let (from, to) = ("HH:mm:ss.FFF", "mm:ss.FFF");
        check("10:53:47", from, to, Some("53:47"));
        check("10:53:47.120", from, to, Some("53:47.12"));
        check("10:53:47.", from, to, Some("53:47"));
        check("10:53:47.1234", from, to, None);
        check("10:53:47", "HH:mm:ss.fff", to, None);
        check("10:53:47", "HH:mm:ss.", to, None);
        check("10:53:47..1", "HH:mm:ss..F", "ss..F", Some("47..1"));
        check("10:53:47.", "HH:mm:ss..F", "ss..F", Some("47."));
    }

    #[test]
    fn an_hour_of_24_stays_what_it_is() {
        check("05:00 AM", "HH:mm tt", "HH:mm", Some("05:00"));
        check("17:00 PM", "HH:mm tt", "HH:mm", Some("17:00"));
        check("12:00 PM", "H:mm tt", "HH:mm", Some("12:00"));
        check("00:30 AM", "HH:mm tt", "HH:mm", Some("00:30"));
        check("05:00 PM", "hh:mm tt", "HH:mm", Some("17:00"));
        check("05:00", "hh:mm", "HH:mm", Some("05:00"));
    }

    #[test]
    fn another_form_is_refused() {
        check("2021-3-4", "yyyy-MM-dd", "yyyy", None);
        check("2021-03-04 ", "yyyy-MM-dd", "yyyy", Some("2021"));
        check("2021-03-04T", "yyyy-MM-dd", "yyyy", None);
        check("2021-02-29", "yyyy-MM-dd", "yyyy", None);
        check("13:00 PM", "hh:mm tt", "HH", None);
        check("05:00 PM", "HH:mm tt", "HH", None);
        check("17:00 AM", "HH:mm tt", "HH", None);
        check("2024-02-10 P", "yyyy-MM-dd t", "HH", None);
    }
}
