//! `AltSecIdFromNetId([netId])`

use syncline_model::{Value, b2b};

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Nulls, Returns, Type, Varies,
};

pub static FUNCTION: Function = Function {
    name: "AltSecIdFromNetId",
    summary: "Makes the alternative security id under which a person is found in the target tenant.",
    parameters: &[P::required("source", Type::TEXT, "the attribute `[netId]`")],
    returns: Returns::Always(Type::TEXT),
    nulls: Nulls::SourceGivesNull,
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new(
            "AltSecIdFromNetId([netId])",
            r#"{"netId": "10032001A2B3C4D5"}"#,
            r#""5::10032001A2B3C4D5""#,
        ),
        Example::null("AltSecIdFromNetId([netId])", r#"{"netId": null}"#),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    Ok(call
        .text(0)?
        .map(|net_id| Value::text(b2b::alternative_security_id(&net_id))))
}
