//! `IsNullOrEmpty(expression)`

use syncline_model::Value;

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Missing, Nulls, Returns, Type,
    Varies, is_empty,
};

pub static FUNCTION: Function = Function {
    name: "IsNullOrEmpty",
    summary: "Says whether there is no value or an empty text.",
    parameters: &[P::required("Expression", Type::ANY, "the value")],
    returns: Returns::Always(Type::BOOLEAN),
    nulls: Nulls::Special(Missing::Never, "True"),
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new(
            "IsNullOrEmpty([displayName])",
            r#"{"displayName": null}"#,
            "true",
        ),
        Example::new(
            "IsNullOrEmpty([displayName])",
            r#"{"displayName": ""}"#,
            "true",
        ),
        Example::new(
            "IsNullOrEmpty([displayName])",
            r#"{"displayName": "Zoe"}"#,
            "false",
        ),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    Ok(Some(Value::Bool(is_empty(call.value(0)?.as_ref()))))
}
