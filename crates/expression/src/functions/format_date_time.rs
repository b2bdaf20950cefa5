//! `FormatDateTime(source, dateTimeStyles, inputFormat, outputFormat)`

use syncline_model::Value;

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Missing, Nulls, Returns, Type,
    Varies,
};
use crate::call_check::CallCheck;
use crate::diagnostic::Code;
use crate::dotnet_format::{self, NoDate};

const NO_CURRENT_DATE: &str = "NoCurrentDateDefault";
const STYLES: &[&str] = &[
    "None",
    "AllowLeadingWhite",
    "AllowTrailingWhite",
    "AllowInnerWhite",
    "AllowWhiteSpaces",
    NO_CURRENT_DATE,
    "AdjustToUniversal",
    "AssumeLocal",
    "AssumeUniversal",
    "RoundtripKind",
];

pub static FUNCTION: Function = Function {
    name: "FormatDateTime",
    summary: "Reads a date in one form and writes it in another; an offset is applied, so that the result is in UTC.",
    parameters: &[
        P::required("source", Type::TEXT, "the date, usually an attribute"),
        P::optional(
            "dateTimeStyles",
            Type::TEXT,
            "names of .NET's DateTimeStyles; those for white space count, and `NoCurrentDateDefault`: a time alone is one of 0001-01-01 and not of today; the others change nothing because all times are UTC",
        ),
        P::required(
            "inputFormat",
            Type::TEXT,
            "the form it is in: a .NET custom format such as `yyyyMMddHHmmss.fZ`",
        ),
        P::required(
            "outputFormat",
            Type::TEXT,
            "the form wanted: a .NET custom format such as `yyyy-MM-dd`",
        ),
    ],
    returns: Returns::Always(Type::TEXT),
    nulls: Nulls::Special(
        Missing::AnyOf(&[0]),
        "without a source, or with an empty one, no result",
    ),
    varies: Varies::Never,
    check: Some(check),
    examples: &[
        Example::new(
            r#"FormatDateTime([extension_appId_hired], , "yyyyMMddHHmmss.fZ", "yyyy-MM-dd")"#,
            r#"{"extension_appId_hired": "20150123105347.1Z"}"#,
            r#""2015-01-23""#,
        ),
        Example::new(
            r#"FormatDateTime([hireDate], "AllowInnerWhite", "d/M/yyyy", "dd MMM yyyy")"#,
            r#"{"hireDate": "3 / 7 / 2021"}"#,
            r#""03 Jul 2021""#,
        ),
        Example::new(
            r#"FormatDateTime([employeeHireDate], , "yyyy-MM-ddTHH:mm:ssZ", "M/d/yyyy")"#,
            r#"{"employeeHireDate": "2021-03-09T00:00:00Z"}"#,
            r#""3/9/2021""#,
        ),
        Example::new(
            r#"FormatDateTime([starts], , "HH:mm", "yyyy-MM-dd h:mm tt")"#,
            r#"{"starts": "18:30"}"#,
            r#""2024-02-10 6:30 PM""#,
        ),
        Example::new(
            r#"FormatDateTime([starts], "NoCurrentDateDefault", "HH:mm", "yyyy-MM-dd h:mm tt")"#,
            r#"{"starts": "18:30"}"#,
            r#""0001-01-01 6:30 PM""#,
        ),
        Example::new(
            r#"FormatDateTime([whenChanged], , "yyyy-MM-ddTHH:mm:ss.FFFZ", "HH:mm:ss.FFF")"#,
            r#"{"whenChanged": "2021-03-09T07:30:00Z"}"#,
            r#""07:30:00""#,
        ),
        Example::fails(
            r#"FormatDateTime([hireDate], , "yyyy-MM-dd", "yyyy")"#,
            r#"{"hireDate": "3/7/2021"}"#,
            Code::NotADate,
        ),
    ],
    evaluate,
};

const INPUT: usize = 2;
const OUTPUT: usize = 3;

fn check(call: &mut CallCheck<'_>) {
    check_styles(call);
    check_format(call, INPUT);
    check_format(call, OUTPUT);
    if is_of_today(call) {
        call.set_reads_clock();
        // It may be in use where it always flows: there it goes on writing today's date.
        if !call.accepted() {
            call.set_varies_with_time();
        }
    }
}

/// Whether the format leaves the date or the year out, which is today's then, and it comes out again. Formats that are
/// no constants may do so or not.
fn is_of_today(call: &CallCheck<'_>) -> bool {
    let (Some(from), Some(to)) = (call.constant_text(INPUT), call.constant_text(OUTPUT)) else {
        return false;
    };
    let fixed = call
        .constant_text(1)
        .is_some_and(|styles| has_style(styles, NO_CURRENT_DATE));
    let is_date_of_today = !dotnet_format::has_date(from) && dotnet_format::has_date(to) && !fixed;
    is_date_of_today || dotnet_format::shows_year_of_today(from, to)
}

/// A lone letter is one of .NET's standard formats, which are not here. It was taken for a custom one before.
fn check_format(call: &mut CallCheck<'_>, position: usize) {
    let lone = call.constant_text(position).and_then(|it| {
        let mut letters = it.chars();
        letters.next().filter(|_| letters.next().is_none())
    });
    let Some(letter) = lone.filter(|_| !call.accepted()) else {
        return;
    };
    call.report(
        position,
        Code::WrongConstant,
        format!("`{letter}` alone is one of .NET's standard formats, which are not supported"),
        format!("write `%{letter}` for that part alone, or a custom format such as `yyyy-MM-dd`"),
    );
}

fn check_styles(call: &mut CallCheck<'_>) {
    let Some(styles) = call.constant_text(1) else {
        return;
    };
    let unknown = styles
        .split(',')
        .map(style)
        .find(|it| !STYLES.contains(it))
        .map(str::to_owned);
    if let Some(unknown) = unknown {
        let message = format!("`{unknown}` is no DateTimeStyles value");
        call.report(
            1,
            Code::WrongConstant,
            message,
            format!("the values are {}", STYLES.join(", ")),
        );
    }
}

/// One of the styles; `DateTimeStyles.RoundtripKind` is `RoundtripKind`.
fn style(written: &str) -> &str {
    let written = written.trim();
    written.strip_prefix("DateTimeStyles.").unwrap_or(written)
}

fn has_style(styles: &str, wanted: &str) -> bool {
    styles.split(',').map(style).any(|it| it == wanted)
}

/// Units of work for a letter of a format.
const PIECE: usize = 16;

fn evaluate(call: &Call<'_>) -> Evaluated {
    let Some(source) = call.text(0)?.filter(|it| !it.is_empty()) else {
        return Ok(None);
    };
    let styles = call.text(1)?.unwrap_or_default();
    let (Some(from), Some(to)) = (call.text(INPUT)?, call.text(OUTPUT)?) else {
        return Ok(None);
    };
    // Each letter of a format is a piece of its own, and formats are short.
    call.charge(PIECE * (from.len() + to.len()))?;
    let inner_white =
        has_style(&styles, "AllowInnerWhite") || has_style(&styles, "AllowWhiteSpaces");
    let no_date = if has_style(&styles, NO_CURRENT_DATE) {
        NoDate::First
    } else {
        NoDate::Today
    };
    let now = || call.now();
    match dotnet_format::parse(&source, &from, inner_white, no_date, now) {
        Some(at) => Ok(Some(Value::text(dotnet_format::format(at, &to)))),
        None => Err(call.fail(
            Code::NotADate,
            format!("the source of `FormatDateTime` is not in the form `{from}`"),
        )),
    }
}
