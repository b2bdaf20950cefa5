//! `Redact(value)`

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Nulls, Returns, Type, Varies,
};

pub static FUNCTION: Function = Function {
    name: "Redact",
    summary: "Keeps a value out of the logs, which show `[Redact]`; the value itself is exported. One `Redact` anywhere hides the whole mapping's value.",
    parameters: &[P::required("value", Type::ANY, "the value")],
    returns: Returns::OneOfArgumentsFrom(0),
    nulls: Nulls::SourceGivesNull,
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new(
            "Redact([userPrincipalName])",
            r#"{"userPrincipalName": "a@b.example"}"#,
            r#""a@b.example""#,
        ),
        Example::new(
            r#"Redact("StringToBeRedacted")"#,
            "{}",
            r#""StringToBeRedacted""#,
        ),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    call.value(0)
}
