//! `DateFromNum(value)`

use syncline_model::{Timestamp, Value};

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Nulls, Returns, Type, Varies,
};
use crate::datetime;
use crate::diagnostic::Code;

/// From 1601-01-01, where Active Directory counts from, to 1970-01-01, in ticks of 100 ns.
pub(super) const FILE_TIME_OFFSET: i64 = 116_444_736_000_000_000;

pub static FUNCTION: Function = Function {
    name: "DateFromNum",
    summary: "Reads an Active Directory time, counted in steps of 100 ns since 1601.",
    parameters: &[P::required(
        "value",
        Type::INTEGER,
        "the number, e.g. `[lastLogonTimestamp]`",
    )],
    returns: Returns::DateText,
    nulls: Nulls::SourceGivesNull,
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new(
            "DateFromNum(129699324000000000)",
            "{}",
            r#""1/1/2012 11:00:00 PM""#,
        ),
        Example::new(
            "DateFromNum(2650467743999999999)",
            "{}",
            r#""12/31/9999 11:59:59 PM""#,
        ),
        Example::fails("DateFromNum(9223372036854775807)", "{}", Code::OutOfRange),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    let Some(number) = call.integer(0)? else {
        return Ok(None);
    };
    // The largest number is Active Directory's "never", beyond the calendar's year 9999.
    let last = Timestamp::LAST.0 + FILE_TIME_OFFSET;
    if !(0..=last).contains(&number) {
        return Err(call.fail(
            Code::OutOfRange,
            format!("`{number}` is no time of the years 1601 to 9999"),
        ));
    }
    Ok(Some(Value::text(datetime::general(Timestamp(
        number - FILE_TIME_OFFSET,
    )))))
}
