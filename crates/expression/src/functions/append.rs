//! `Append(source, suffix)`

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Nulls, Returns, Type, Varies,
};

pub static FUNCTION: Function = Function {
    name: "Append",
    summary: "Puts a suffix behind a text.",
    parameters: &[
        P::required("source", Type::TEXT, "the text, usually an attribute"),
        P::required(
            "suffix",
            Type::TEXT,
            "what is put behind it; without a value nothing is",
        ),
    ],
    returns: Returns::Always(Type::TEXT),
    nulls: Nulls::SourceGivesNull,
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new(
            r#"Append([userPrincipalName], ".test")"#,
            r#"{"userPrincipalName": "John.Doe@contoso.com"}"#,
            r#""John.Doe@contoso.com.test""#,
        ),
        Example::new(
            r#"Append(Mid([givenName], 1, 3), Mid([surname], 1, 5))"#,
            r#"{"givenName": "John", "surname": "Doe"}"#,
            r#""JohDoe""#,
        ),
        Example::null(r#"Append([mail], ".test")"#, r#"{"mail": null}"#),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    let Some(source) = call.text(0)? else {
        return Ok(None);
    };
    let mut output = call.output();
    output.push(&source)?;
    output.push(&call.text(1)?.unwrap_or_default())?;
    output.finish()
}
