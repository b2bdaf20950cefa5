//! `Word(String, WordNumber, Delimiters)`

use std::collections::HashSet;

use syncline_model::Value;

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Missing, Nulls, Returns, Type,
    Varies,
};
use crate::call_check::CallCheck;
use crate::letter_set::LetterSet;

pub static FUNCTION: Function = Function {
    name: "Word",
    summary: "Takes one word of a text. Words are what stands between delimiters, and never empty.",
    parameters: &[
        P::required("String", Type::TEXT, "the text"),
        P::required("WordNumber", Type::INTEGER, "which word; the first is 1"),
        P::required(
            "Delimiters",
            Type::TEXT,
            "the characters that separate words",
        ),
    ],
    returns: Returns::Always(Type::TEXT),
    nulls: Nulls::Special(
        Missing::AnyOf(&[0]),
        "the empty text, as where there are fewer words",
    ),
    varies: Varies::Never,
    check: Some(check),
    examples: &[
        Example::new(r#"Word("The quick brown fox", 3, " ")"#, "{}", r#""brown""#),
        Example::new(
            r#"Word("This,string!has&many separators", 3, ",!&#")"#,
            "{}",
            r#""has""#,
        ),
        Example::new(
            r#"Word([userPrincipalName], 1, "@")"#,
            r#"{"userPrincipalName": "bob@b.example"}"#,
            r#""bob""#,
        ),
        Example::new(r#"Word("one two", 3, " ")"#, "{}", r#""""#),
        Example::new(r#"Word("one two", 0, " ")"#, "{}", r#""""#),
        Example::new(r#"Word([mail], 1, "@")"#, r#"{"mail": null}"#, r#""""#),
    ],
    evaluate,
};

fn check(call: &mut CallCheck<'_>) {
    let number = call.constant_integer(1);
    let is_there = match (call.constant_text(0), call.constant_text(2)) {
        (Some(text), Some(delimiters)) => {
            let delimiters: HashSet<char> = delimiters.chars().collect();
            let words = text.split(|it| delimiters.contains(&it));
            let words = words.filter(|word| !word.is_empty()).count();
            number.is_some_and(|it| it >= 1 && usize::try_from(it).is_ok_and(|it| it <= words))
        }
        // A text that is there has a first word, unless it is nothing but delimiters, which is left to the evaluation. Nobody
        // knows of others.
        _ => number == Some(1),
    };
    if !is_there {
        call.set_missing(1);
    }
}

fn evaluate(call: &Call<'_>) -> Evaluated {
    let source = call.text(0)?.unwrap_or_default();
    let number = call.integer(1)?.unwrap_or(0);
    let delimiters = LetterSet::of(&call.text(2)?.unwrap_or_default(), call)?;
    let word = usize::try_from(number)
        .ok()
        .and_then(|number| number.checked_sub(1))
        .and_then(|skipped| {
            source
                .split(|it| delimiters.contains(it))
                .filter(|word| !word.is_empty())
                .nth(skipped)
        });
    Ok(Some(Value::text(word.unwrap_or_default())))
}
