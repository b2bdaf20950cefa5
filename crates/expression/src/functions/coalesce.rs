//! `Coalesce(source1, …, sourceN, defaultValue)`

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Missing, Nulls, Returns, Type,
    Varies, is_empty,
};
use crate::call_check::CallCheck;

pub static FUNCTION: Function = Function {
    name: "Coalesce",
    summary: "Takes the first argument that has a value; the last one serves as default.",
    parameters: &[P::required(
        "source",
        Type::ANY,
        "a candidate; an empty text is a value where it is written out, `\"\"`",
    )
    .repeating()],
    returns: Returns::OneOfArgumentsFrom(0),
    nulls: Nulls::Special(
        Missing::AllFrom(0),
        "passes to the next argument, as an empty text does that comes out of one, so that a `Coalesce` whose last argument has a value always has one (in Entra it may not), unless a `\"\"` that is written out comes before: that is taken, and is no value in the target; without any value, no result",
    ),
    varies: Varies::Never,
    check: Some(check),
    examples: &[
        Example::new(
            "Coalesce([mail], [userPrincipalName])",
            r#"{"mail": null, "userPrincipalName": "John.Doe@contoso.com"}"#,
            r#""John.Doe@contoso.com""#,
        ),
        Example::new(
            r#"Coalesce([mail], [otherMails], "none")"#,
            r#"{"mail": null, "otherMails": []}"#,
            r#""none""#,
        ),
        Example::new(
            r#"Coalesce(Word([city], 2, " "), "none")"#,
            r#"{"city": "Rome"}"#,
            r#""none""#,
        ),
        Example::new(r#"Coalesce([mail], "")"#, r#"{"mail": null}"#, r#""""#),
        Example::new(
            r#"Coalesce([mail], "", "none")"#,
            r#"{"mail": null}"#,
            r#""""#,
        ),
        Example::null("Coalesce([mail])", r#"{"mail": null}"#),
    ],
    evaluate,
};

/// No argument is reached behind an empty text that is written out, or behind one that always has a value.
fn check(call: &mut CallCheck<'_>) {
    for position in 0..call.count() {
        if call.constant_text(position) == Some("") {
            return call.set_missing(position);
        }
        if call.is_present(position) {
            return;
        }
    }
}

fn evaluate(call: &Call<'_>) -> Evaluated {
    let mut empty = None;
    for position in 0..call.count() {
        let value = call.value(position)?;
        // An empty text that is written out is meant; one that comes out is no value in the target.
        if call.is_constant(position) || !is_empty(value.as_ref()) {
            call.goes(position);
            return Ok(value);
        }
        empty = empty.or(value.map(|it| (position, it)));
    }
    Ok(empty.map(|(position, value)| {
        call.goes(position);
        value
    }))
}
