//! `CDate(expression)`

use syncline_model::Value;

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Nulls, Returns, Type, Varies,
};
use crate::datetime;
use crate::diagnostic::Code;

pub static FUNCTION: Function = Function {
    name: "CDate",
    summary: "Reads a date and gives it in UTC, as the other date functions take it.",
    parameters: &[P::required(
        "Expression",
        Type::TIME,
        "a date: `2020-03-16-07:00`, `2009-06-15T01:45:30-07:00`, `8/25/2021 5:41:18 PM`",
    )],
    returns: Returns::DateText,
    nulls: Nulls::SourceGivesNull,
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new(
            "CDate([StatusHireDate])",
            r#"{"StatusHireDate": "2020-03-16-07:00"}"#,
            r#""3/16/2020 7:00:00 AM""#,
        ),
        Example::new(
            r#"CDate("2021-06-30+08:00")"#,
            "{}",
            r#""6/29/2021 4:00:00 PM""#,
        ),
        Example::new(
            r#"CDate("2021-06-30 +08:00")"#,
            "{}",
            r#""6/29/2021 4:00:00 PM""#,
        ),
        Example::new(
            r#"CDate("2009-06-15T01:45:30-07:00")"#,
            "{}",
            r#""6/15/2009 8:45:30 AM""#,
        ),
        Example::new(
            r#"CDate("9999-12-31T23:59:59Z")"#,
            "{}",
            r#""12/31/9999 11:59:59 PM""#,
        ),
        Example::fails(
            r#"CDate("9999-12-31T23:59:59-08:00")"#,
            "{}",
            Code::NotADate,
        ),
        Example::fails(
            "CDate([StatusHireDate])",
            r#"{"StatusHireDate": "soon"}"#,
            Code::NotADate,
        ),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    Ok(call.time(0)?.map(|at| Value::text(datetime::general(at))))
}
