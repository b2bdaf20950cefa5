//! `Join(separator, source1, source2, …)`

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Missing, Nulls, Returns, Type,
    Varies,
};
use crate::coerce;

pub static FUNCTION: Function = Function {
    name: "Join",
    summary: "Puts texts together, with a separator between them. A multi-valued source contributes all its values.",
    parameters: &[
        P::required(
            "separator",
            Type::TEXT,
            "what stands between two texts; may be \"\"",
        ),
        P::required("source", Type::TEXT_LIST, "a text, or several").repeating(),
    ],
    returns: Returns::Always(Type::TEXT),
    nulls: Nulls::Special(
        Missing::AllFrom(1),
        "a source without value, or with an empty one, contributes nothing, not even a separator; when no source has a value, no result",
    ),
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new(
            r#"Join(", ", "", [surname], [givenName])"#,
            r#"{"surname": "Doe", "givenName": "John"}"#,
            r#""Doe, John""#,
        ),
        Example::new(
            r#"Join(" ", [givenName], [surname])"#,
            r#"{"givenName": null, "surname": "Doe"}"#,
            r#""Doe""#,
        ),
        Example::new(
            r#"Join(";", [otherMails])"#,
            r#"{"otherMails": ["a@b.example", "c@d.example"]}"#,
            r#""a@b.example;c@d.example""#,
        ),
        Example::new(
            r#"Join("", "CN=", Word([userPrincipalName], 1, "@"), ",CN=CloudUsers,DC=Contoso,DC=lab")"#,
            r#"{"userPrincipalName": "bsimon@contoso.com"}"#,
            r#""CN=bsimon,CN=CloudUsers,DC=Contoso,DC=lab""#,
        ),
        Example::null(
            r#"Join(" ", [givenName], [surname])"#,
            r#"{"givenName": null, "surname": null}"#,
        ),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    let separator = call.text(0)?.unwrap_or_default();
    let mut output = call.output();
    let mut has_value = false;
    let mut first = true;
    for position in 1..call.count() {
        for value in call.values(position)? {
            has_value = true;
            let text = coerce::text(&value);
            if text.is_empty() {
                continue;
            }
            if !first {
                output.push(&separator)?;
            }
            output.push(&text)?;
            first = false;
        }
    }
    if has_value { output.finish() } else { Ok(None) }
}
