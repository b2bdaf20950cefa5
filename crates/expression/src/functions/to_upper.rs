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
        Example::new(r#"ToUpper("ılgaz")"#, "{}", r#""ıLGAZ""#),
        Example::new(r#"ToUpper("ılgaz", "tr-TR")"#, "{}", r#""ILGAZ""#),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    let Some(source) = call.text(0)? else {
        return Ok(None);
    };
    let culture = call.text(1)?.filter(|it| !it.is_empty());
    let turkish = culture.as_deref().is_some_and(has_dotless_i);
    let text = source.chars().map(|letter| match letter {
        'i' if turkish => 'İ',
        other if culture.is_some() => capital(other),
        other => upper(other),
    });
    Ok(Some(Value::Text(text.collect())))
}

/// The capital in .NET's invariant culture, where no other letter becomes one of ASCII: `ı` and `ſ`
/// stay, or `I` and `S` would stand for two letters each.
pub(super) fn upper(letter: char) -> char {
    match letter {
        'ı' | 'ſ' => letter,
        other => capital(other),
    }
}

/// The capital, where it is one letter: .NET changes no text's length.
fn capital(letter: char) -> char {
    let mut capital = letter.to_uppercase();
    match (capital.next(), capital.next()) {
        (Some(one), None) => one,
        _ => letter,
    }
}
