//! `NumFromDate(value)`

use syncline_model::Value;

use super::date_from_num::FILE_TIME_OFFSET;
use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Nulls, Returns, Type, Varies,
};

pub static FUNCTION: Function = Function {
    name: "NumFromDate",
    summary: "Gives a date as Active Directory counts time, e.g. for accountExpires: in steps of 100 ns since 1601.",
    parameters: &[P::required(
        "value",
        Type::TIME,
        "a date in ISO 8601 form; convert others with `FormatDateTime`",
    )],
    returns: Returns::Always(Type::INTEGER),
    nulls: Nulls::SourceGivesNull,
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new(
            r#"NumFromDate("2012-01-01T23:00:00Z")"#,
            "{}",
            "129699324000000000",
        ),
        Example::new(
            r#"NumFromDate(Join("", FormatDateTime([ContractEndDate], , "yyyy-MM-ddzzz", "yyyy-MM-dd"), " 23:59:59-08:00"))"#,
            r#"{"ContractEndDate": "2020-12-31-08:00"}"#,
            "132539615990000000",
        ),
        Example::new(
            r#"NumFromDate(Join("", FormatDateTime([endDate], , "M/d/yyyy hh:mm:ss tt", "yyyy-MM-dd"), " 23:59:59-08:00"))"#,
            r#"{"endDate": "12/31/2020 12:00:00 AM"}"#,
            "132539615990000000",
        ),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    Ok(call
        .time(0)?
        .map(|at| Value::Int(at.0.saturating_add(FILE_TIME_OFFSET))))
}
