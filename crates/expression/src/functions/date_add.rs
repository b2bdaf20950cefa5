//! `DateAdd(interval, value, dateTime)`

use jiff::Span;
use syncline_model::{Timestamp, Value};

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Missing, Nulls, Returns, Type,
    Varies,
};
use crate::datetime;
use crate::diagnostic::Code;

/// Year, month, day, week, hour, minute, second.
pub(super) const INTERVALS: &[&str] = &["yyyy", "m", "d", "ww", "h", "n", "s"];

pub static FUNCTION: Function = Function {
    name: "DateAdd",
    summary: "Moves a date by some years (yyyy), months (m), days (d), weeks (ww), hours (h), minutes (n) or seconds (s).",
    parameters: &[
        P::required("interval", Type::TEXT, "one of yyyy, m, d, ww, h, n, s"),
        P::required(
            "value",
            Type::INTEGER,
            "how many; a negative number goes back",
        ),
        P::required("dateTime", Type::TIME, "the date; wrap a text in `CDate`"),
    ],
    returns: Returns::DateText,
    nulls: Nulls::Special(
        Missing::AnyOf(&[1, 2]),
        "without a number or a date, no result",
    ),
    varies: Varies::Never,
    check: Some(|call| call.one_of(0, INTERVALS)),
    examples: &[
        Example::new(
            r#"DateAdd("d", 7, CDate([StatusHireDate]))"#,
            r#"{"StatusHireDate": "2012-03-16-07:00"}"#,
            r#""3/23/2012 7:00:00 AM""#,
        ),
        Example::new(
            r#"DateAdd("d", -10, CDate([StatusHireDate]))"#,
            r#"{"StatusHireDate": "2012-03-16-07:00"}"#,
            r#""3/6/2012 7:00:00 AM""#,
        ),
        Example::new(
            r#"DateAdd("ww", 2, CDate([StatusHireDate]))"#,
            r#"{"StatusHireDate": "2012-03-16-07:00"}"#,
            r#""3/30/2012 7:00:00 AM""#,
        ),
        Example::new(
            r#"DateAdd("m", 10, CDate([StatusHireDate]))"#,
            r#"{"StatusHireDate": "2012-03-16-07:00"}"#,
            r#""1/16/2013 7:00:00 AM""#,
        ),
        Example::new(
            r#"DateAdd("yyyy", 2, CDate([StatusHireDate]))"#,
            r#"{"StatusHireDate": "2012-03-16-07:00"}"#,
            r#""3/16/2014 7:00:00 AM""#,
        ),
        Example::new(
            r#"DateAdd("m", 1, "2024-01-31")"#,
            "{}",
            r#""2/29/2024 12:00:00 AM""#,
        ),
        Example::fails(
            r#"DateAdd("yyyy", -2024, "2024-01-31")"#,
            "{}",
            Code::OutOfRange,
        ),
        Example::fails(
            r#"DateAdd("yyyy", 90000, "2024-01-31")"#,
            "{}",
            Code::OutOfRange,
        ),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    let interval = call.text(0)?.unwrap_or_default();
    let (Some(value), Some(at)) = (call.integer(1)?, call.time(2)?) else {
        return Ok(None);
    };
    let span = Span::new();
    let span = match interval.as_str() {
        "yyyy" => span.try_years(value),
        "m" => span.try_months(value),
        "d" => span.try_days(value),
        "ww" => span.try_weeks(value),
        "h" => span.try_hours(value),
        "n" => span.try_minutes(value),
        "s" => span.try_seconds(value),
        _ => return Err(unknown_interval(call, &interval)),
    };
    match span.and_then(|span| at.to_civil().checked_add(span)) {
        Ok(moved) if moved.year() > 0 => Ok(Some(Value::text(datetime::general(
            Timestamp::from_civil(moved),
        )))),
        _ => Err(call.fail(Code::OutOfRange, "`DateAdd` leaves the years 1 to 9999")),
    }
}

pub(super) fn unknown_interval(call: &Call<'_>, interval: &str) -> crate::stop::Stop {
    call.fail(
        Code::OutOfRange,
        format!(
            "`{interval}` is no interval; it is one of {}",
            INTERVALS.join(", ")
        ),
    )
}
