//! `PCase(source, wordSeparators)`

use syncline_model::Value;
use unicode_normalization::char::is_combining_mark;

use super::to_lower::lower;
use super::to_upper::upper;
use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Nulls, Returns, Type, Varies,
};
use crate::letter_set::LetterSet;

pub static FUNCTION: Function = Function {
    name: "PCase",
    summary: "Writes the first letter of each word as a capital, the others small.",
    parameters: &[
        P::required("source", Type::TEXT, "the text"),
        P::optional(
            "wordSeparators",
            Type::TEXT,
            "the characters that separate words; without, all that are neither letters nor digits",
        ),
    ],
    returns: Returns::Always(Type::TEXT),
    nulls: Nulls::SourceGivesNull,
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new(
            "PCase([firstName])",
            r#"{"firstName": "PABLO GONSALVES (SECOND)"}"#,
            r#""Pablo Gonsalves (Second)""#,
        ),
        Example::new(
            r#"PCase([lastName], " '-")"#,
            r#"{"lastName": "PINTO-DE'SILVA"}"#,
            r#""Pinto-De'Silva""#,
        ),
        Example::new(
            r#"PCase([lastName], " ")"#,
            r#"{"lastName": "PINTO-DE'SILVA"}"#,
            r#""Pinto-de'silva""#,
        ),
        Example::new(
            "PCase([lastName])",
            r#"{"lastName": "ılgaz ſmith"}"#,
            r#""ılgaz ſmith""#,
        ),
        Example::new(
            r#"PCase(Join(" ", [firstName], [lastName]))"#,
            r#"{"firstName": "GREGORY", "lastName": "JAMES"}"#,
            r#""Gregory James""#,
        ),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    let Some(source) = call.text(0)? else {
        return Ok(None);
    };
    let separators = call.text(1)?.filter(|it| !it.is_empty());
    let separators = separators.map(|it| LetterSet::of(&it, call)).transpose()?;
    let separates = |it: char| match &separators {
        Some(separators) => separators.contains(it),
        None => !it.is_alphanumeric() && !is_combining_mark(it),
    };
    let mut text = String::with_capacity(source.len());
    let mut at_start = true;
    for letter in source.chars() {
        text.push(if at_start {
            upper(letter)
        } else {
            lower(letter)
        });
        at_start = separates(letter);
    }
    Ok(Some(Value::text(text)))
}
