//! `Coalesce(source1, …, sourceN, defaultValue)`

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Missing, Nulls, Returns, Type,
    Varies,
};

pub static FUNCTION: Function = Function {
    name: "Coalesce",
    summary: "Takes the first argument that has a value; the last one serves as default.",
    parameters: &[
        P::required("source", Type::ANY, "a candidate; an empty text is a value").repeating(),
    ],
    returns: Returns::OneOfArgumentsFrom(0),
    nulls: Nulls::Special(
        Missing::AllFrom(0),
        "passes to the next argument; without any value, no result",
    ),
    varies: Varies::Never,
    check: None,
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
        Example::new(r#"Coalesce([mail], "none")"#, r#"{"mail": ""}"#, r#""""#),
        Example::null("Coalesce([mail])", r#"{"mail": null}"#),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    for position in 0..call.count() {
        if let Some(value) = call.value(position)? {
            call.goes(position);
            return Ok(Some(value));
        }
    }
    Ok(None)
}
