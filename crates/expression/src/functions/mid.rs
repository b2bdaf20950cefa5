//! `Mid(source, start, length)`

use syncline_model::Value;

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Nulls, Returns, Type, Varies,
};
use crate::call_check::CallCheck;

pub static FUNCTION: Function = Function {
    name: "Mid",
    summary: "Takes a piece out of a text.",
    parameters: &[
        P::required("source", Type::TEXT, "the text, usually an attribute"),
        P::required(
            "start",
            Type::INTEGER,
            "where the piece begins; the first character is 1, and less counts as 1",
        ),
        P::required(
            "length",
            Type::INTEGER,
            "how many characters; a piece that is too long ends with the text",
        ),
    ],
    returns: Returns::Always(Type::TEXT),
    nulls: Nulls::SourceGivesNull,
    varies: Varies::Never,
    check: Some(check),
    examples: &[
        Example::new(
            "Mid([surname], 1, 5)",
            r#"{"surname": "Smithson"}"#,
            r#""Smith""#,
        ),
        Example::new(
            "Mid([surname], 6, 50)",
            r#"{"surname": "Smithson"}"#,
            r#""son""#,
        ),
        Example::new(
            "Mid([surname], 60, 5)",
            r#"{"surname": "Smithson"}"#,
            r#""""#,
        ),
        Example::new(
            "Mid([surname], 0, 1)",
            r#"{"surname": "Smithson"}"#,
            r#""S""#,
        ),
        Example::new(
            "Mid([surname], 1, -1)",
            r#"{"surname": "Smithson"}"#,
            r#""""#,
        ),
    ],
    evaluate,
};

fn check(call: &mut CallCheck<'_>) {
    // A text need not reach as far as where a piece begins that is not the first one, unless its length is known.
    let reach = call.least_length(0);
    if call.constant_integer(1).is_none_or(|start| start > reach) {
        call.set_missing(1);
    }
    if call.constant_integer(2).is_none_or(|length| length < 1) {
        call.set_missing(2);
    }
}

fn evaluate(call: &Call<'_>) -> Evaluated {
    let (Some(source), Some(start), Some(length)) =
        (call.text(0)?, call.integer(1)?, call.integer(2)?)
    else {
        return Ok(None);
    };
    let skipped = usize::try_from(start.saturating_sub(1)).unwrap_or(0);
    let length = usize::try_from(length).unwrap_or(0);
    Ok(Some(Value::Text(
        source.chars().skip(skipped).take(length).collect(),
    )))
}
