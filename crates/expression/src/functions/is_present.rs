//! `IsPresent(expression)`

use syncline_model::Value;

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Missing, Nulls, Returns, Type,
    Varies, is_empty,
};

pub static FUNCTION: Function = Function {
    name: "IsPresent",
    summary: "Says whether there is a value that is not empty. Inside `Switch` it reads as `True` or `False`.",
    parameters: &[P::required("Expression", Type::ANY, "the value")],
    returns: Returns::Always(Type::BOOLEAN),
    nulls: Nulls::Special(Missing::Never, "False"),
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new(
            "IsPresent([displayName])",
            r#"{"displayName": "Zoe"}"#,
            "true",
        ),
        Example::new(
            "IsPresent([displayName])",
            r#"{"displayName": ""}"#,
            "false",
        ),
        Example::new(
            "IsPresent([displayName])",
            r#"{"displayName": null}"#,
            "false",
        ),
        Example::new(
            r#"Switch(IsPresent([jobTitle]), "DefaultValue", "True", [jobTitle])"#,
            r#"{"jobTitle": "Clerk"}"#,
            r#""Clerk""#,
        ),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    Ok(Some(Value::Bool(!is_empty(call.value(0)?.as_ref()))))
}
