//! `DateDiff(interval, date1, date2)`

use jiff::civil::DateTime;
use syncline_model::{Timestamp, Value};

use super::date_add::{INTERVALS, unknown_interval};
use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Missing, Nulls, Returns, Type,
    Varies,
};

const TICKS_PER_SECOND: i64 = 10_000_000;
const TICKS_PER_DAY: i64 = 86_400 * TICKS_PER_SECOND;

pub static FUNCTION: Function = Function {
    name: "DateDiff",
    summary: "Counts the years, months, days, … from one date to another: positive when the second is later. Days and shorter ones count when they are full; weeks, months and years when the calendar turns.",
    parameters: &[
        P::required("interval", Type::TEXT, "one of yyyy, m, d, ww, h, n, s"),
        P::required("date1", Type::TIME, "a date; wrap a text in `CDate`"),
        P::required("date2", Type::TIME, "a date; wrap a text in `CDate`"),
    ],
    returns: Returns::Always(Type::INTEGER),
    nulls: Nulls::Special(Missing::AnyOf(&[1, 2]), "without both dates, no result"),
    varies: Varies::SettlesTime,
    check: Some(|call| call.one_of(0, INTERVALS)),
    examples: &[
        Example::new(
            r#"DateDiff("d", "2021-08-18+08:00", "2021-08-31+08:00")"#,
            "{}",
            "13",
        ),
        Example::new(
            r#"DateDiff("d", "8/25/2021 5:41:18 PM", "2012-03-16-07:00")"#,
            "{}",
            "-3449",
        ),
        Example::new(
            r#"DateDiff("ww", "8/25/2021 5:41:18 PM", "2012-03-16-07:00")"#,
            "{}",
            "-493",
        ),
        Example::new(
            r#"DateDiff("m", "8/25/2021 5:41:18 PM", "2012-03-16-07:00")"#,
            "{}",
            "-113",
        ),
        Example::new(
            r#"DateDiff("yyyy", "8/25/2021 5:41:18 PM", "2012-03-16-07:00")"#,
            "{}",
            "-9",
        ),
        Example::new(
            r#"DateDiff("d", "2021-08-31+08:00", "2021-08-31+08:00")"#,
            "{}",
            "0",
        ),
        Example::new(r#"DateDiff("h", "2021-08-24", "2021-08-25")"#, "{}", "24"),
        Example::new(r#"DateDiff("n", "2021-08-24", "2021-08-25")"#, "{}", "1440"),
        Example::new(
            r#"DateDiff("s", "2021-08-24", "2021-08-25")"#,
            "{}",
            "86400",
        ),
        Example::new(
            r#"IIF(DateDiff("d", Now(), CDate([StatusHireDate])) > 5, "False", "True")"#,
            r#"{"StatusHireDate": "2024-03-01"}"#,
            r#""False""#,
        ),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    let interval = call.text(0)?.unwrap_or_default();
    let (Some(first), Some(second)) = (call.time(1)?, call.time(2)?) else {
        return Ok(None);
    };
    // Times of our calendar are far from the ends of an i64; saturating is for made-up ones.
    let ticks = second.0.saturating_sub(first.0);
    let from = first.to_civil();
    let to = second.to_civil();
    let years = i64::from(to.year()) - i64::from(from.year());
    let difference = match interval.as_str() {
        "yyyy" => years,
        "m" => years * 12 + i64::from(to.month()) - i64::from(from.month()),
        "d" => ticks / TICKS_PER_DAY,
        // Visual Basic measures from the Sundays before both dates.
        "ww" => sunday(second, to).saturating_sub(sunday(first, from)) / TICKS_PER_DAY / 7,
        "h" => ticks / (3600 * TICKS_PER_SECOND),
        "n" => ticks / (60 * TICKS_PER_SECOND),
        "s" => ticks / TICKS_PER_SECOND,
        _ => return Err(unknown_interval(call, &interval)),
    };
    Ok(Some(Value::Int(difference)))
}

/// The same time of day on the Sunday of that week.
fn sunday(at: Timestamp, civil: DateTime) -> i64 {
    at.0.saturating_sub(i64::from(civil.weekday().to_sunday_zero_offset()) * TICKS_PER_DAY)
}
