//! `InStr(value1, value2, start, compareType)`

use syncline_model::Value;

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Missing, Nulls, Returns, Type,
    Varies,
};
use crate::call_check::CallCheck;
use crate::diagnostic::Code;

const IGNORING_CASE: &str = "vbTextCompare";
const COMPARE_TYPES: &[&str] = &[IGNORING_CASE, "vbBinaryCompare"];

pub static FUNCTION: Function = Function {
    name: "InStr",
    summary: "Finds a text inside another and gives the position of its first character, or 0.",
    parameters: &[
        P::required("value1", Type::TEXT, "the text searched"),
        P::required("value2", Type::TEXT, "the text looked for"),
        P::optional(
            "start",
            Type::INTEGER,
            "where to begin; the first character is 1",
        ),
        P::optional(
            "compareType",
            Type::TEXT,
            "vbTextCompare ignores case; vbBinaryCompare, the default, does not",
        )
        .words(COMPARE_TYPES),
    ],
    returns: Returns::Always(Type::INTEGER),
    nulls: Nulls::Special(Missing::Never, "0"),
    varies: Varies::Never,
    check: Some(check),
    examples: &[
        Example::new(r#"InStr("The quick brown fox", "quick")"#, "{}", "5"),
        Example::new(r#"InStr("repEated", "e", 3, vbBinaryCompare)"#, "{}", "7"),
        Example::new(r#"InStr("repEated", "e", 3, vbTextCompare)"#, "{}", "4"),
        Example::new(r#"InStr("abc", "", 3)"#, "{}", "3"),
        Example::new(r#"InStr("abc", "", 9)"#, "{}", "0"),
        Example::new(r#"InStr([mail], "@")"#, r#"{"mail": "nobody"}"#, "0"),
        Example::new(r#"InStr([mail], "@")"#, r#"{"mail": null}"#, "0"),
    ],
    evaluate,
};

fn check(call: &mut CallCheck<'_>) {
    call.one_of(3, COMPARE_TYPES);
    if call.constant_integer(2).is_some_and(|start| start < 1) {
        call.report(
            2,
            Code::WrongConstant,
            "`start` of `InStr` begins at 1",
            "the first character is 1",
        );
    }
}

fn evaluate(call: &Call<'_>) -> Evaluated {
    let (Some(text), Some(wanted)) = (call.text(0)?, call.text(1)?) else {
        return Ok(Some(Value::Int(0)));
    };
    let start = usize::try_from(call.integer(2)?.unwrap_or(1))
        .unwrap_or(1)
        .max(1);
    let ignoring_case = call.text(3)?.as_deref() == Some(IGNORING_CASE);
    Ok(Some(Value::Int(find(&text, &wanted, start, ignoring_case))))
}

/// Folds letter by letter, so that positions count the letters of the text as it was.
fn find(text: &str, wanted: &str, start: usize, ignoring_case: bool) -> i64 {
    let fold = |it: char| {
        if ignoring_case {
            it.to_lowercase().next().unwrap_or(it)
        } else {
            it
        }
    };
    let text: String = text.chars().skip(start - 1).map(fold).collect();
    // Behind the end nothing is found, the empty text neither.
    if text.is_empty() {
        return 0;
    }
    let wanted: String = wanted.chars().map(fold).collect();
    match text.find(&wanted) {
        Some(at) => i64::try_from(text[..at].chars().count() + start).unwrap_or(i64::MAX),
        None => 0,
    }
}
