//! `Left(String, NumChars)`

use syncline_model::Value;

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Missing, Nulls, Returns, Type,
    Varies,
};
use crate::call_check::CallCheck;

pub static FUNCTION: Function = Function {
    name: "Left",
    summary: "Takes the first characters of a text. A negative number takes all of it.",
    parameters: &[
        P::required("String", Type::TEXT, "the text"),
        P::required("NumChars", Type::INTEGER, "how many characters"),
    ],
    returns: Returns::Always(Type::TEXT),
    nulls: Nulls::Special(Missing::AnyOf(&[0]), "the empty text"),
    varies: Varies::Never,
    check: Some(check),
    examples: &[
        Example::new(r#"Left("John Doe", 3)"#, "{}", r#""Joh""#),
        Example::new(r#"Left("John Doe", 0)"#, "{}", r#""""#),
        Example::new(r#"Left("John Doe", -1)"#, "{}", r#""John Doe""#),
        Example::new(r#"Left("John Doe", 99)"#, "{}", r#""John Doe""#),
        Example::new(r#"Left([givenName], 3)"#, r#"{"givenName": null}"#, r#""""#),
        Example::new(
            r#"Left([givenName], 2)"#,
            r#"{"givenName": "Åsa"}"#,
            r#""Ås""#,
        ),
    ],
    evaluate,
};

fn check(call: &mut CallCheck<'_>) {
    // None are taken, or nobody knows how many.
    if call.constant_integer(1).is_none_or(|count| count == 0) {
        call.set_missing(1);
    }
}

fn evaluate(call: &Call<'_>) -> Evaluated {
    let source = call.text(0)?.unwrap_or_default();
    let Some(count) = call.integer(1)? else {
        return Ok(None);
    };
    Ok(Some(Value::Text(match usize::try_from(count) {
        Ok(count) => source.chars().take(count).collect(),
        // Negative; a count too large for us can not be, texts are bounded.
        Err(_) => source,
    })))
}
