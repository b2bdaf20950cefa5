//! `ToUpper(source, culture)`

use syncline_model::Value;

use super::to_lower::has_dotless_i;
use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Nulls, Returns, Type, Varies,
};

pub static FUNCTION: Function = Function {
    name: "ToUpper",
    summary: "Writes a text in capitals.",
    parameters: &[
        P::required("source", Type::TEXT, "the text, usually an attribute"),
        P::optional(
            "culture",
            Type::TEXT,
            "a culture such as `tr-TR`; Turkish and Azeri have rules of their own for i",
        ),
    ],
    returns: Returns::Always(Type::TEXT),
    nulls: Nulls::SourceGivesNull,
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new("ToUpper([country])", r#"{"country": "usa"}"#, r#""USA""#),
        Example::new(r#"ToUpper("Straße")"#, "{}", r#""STRAßE""#),
        Example::new(r#"ToUpper("izmir", "tr-TR")"#, "{}", r#""İZMİR""#),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    let Some(source) = call.text(0)? else {
        return Ok(None);
    };
    let turkish = call.text(1)?.is_some_and(|culture| has_dotless_i(&culture));
    let text = source.chars().map(|letter| {
        if turkish && letter == 'i' {
            'İ'
        } else {
            upper(letter)
        }
    });
    Ok(Some(Value::Text(text.collect())))
}

/// The capital, where it is one letter: .NET's invariant culture changes no text's length.
pub(super) fn upper(letter: char) -> char {
    let mut capital = letter.to_uppercase();
    match (capital.next(), capital.next()) {
        (Some(one), None) => one,
        _ => letter,
    }
}
