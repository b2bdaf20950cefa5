//! `ToLower(source, culture)`

use syncline_model::Value;

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Nulls, Returns, Type, Varies,
};

pub static FUNCTION: Function = Function {
    name: "ToLower",
    summary: "Writes a text in small letters.",
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
        Example::new(
            r#"ToLower(Join("@", NormalizeDiacritics(StripSpaces(Join(".", [PreferredFirstName], [PreferredLastName]))), "contoso.com"))"#,
            r#"{"PreferredFirstName": "John", "PreferredLastName": "Smith"}"#,
            r#""john.smith@contoso.com""#,
        ),
        Example::new(
            r#"ToLower(Word([userPrincipalName], 1, "@"), )"#,
            r#"{"userPrincipalName": "Bob@b.example"}"#,
            r#""bob""#,
        ),
        Example::new(r#"ToLower("ISPARTA", "tr-TR")"#, "{}", r#""ısparta""#),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    let Some(source) = call.text(0)? else {
        return Ok(None);
    };
    let turkish = call.text(1)?.is_some_and(|culture| has_dotless_i(&culture));
    let text = source.chars().map(|letter| match letter {
        'I' if turkish => 'ı',
        'İ' if turkish => 'i',
        other => lower(other),
    });
    Ok(Some(Value::Text(text.collect())))
}

/// Whether a culture tells i and ı apart.
pub(super) fn has_dotless_i(culture: &str) -> bool {
    let language = culture.split(['-', '_']).next().unwrap_or_default();
    ["tr", "az"]
        .iter()
        .any(|it| language.eq_ignore_ascii_case(it))
}

/// The small letter, where it is one letter: .NET's invariant culture changes no text's length.
pub(super) fn lower(letter: char) -> char {
    let mut small = letter.to_lowercase();
    match (small.next(), small.next()) {
        (Some(one), None) => one,
        _ => letter,
    }
}
