//! `IsString(expression)`

use syncline_model::Value;

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Missing, Nulls, Returns, Type,
    Varies,
};

pub static FUNCTION: Function = Function {
    name: "IsString",
    summary: "Says whether there is one value that reads as text: any but several values or a complex one.",
    parameters: &[P::required("Expression", Type::ANY, "the value")],
    returns: Returns::Always(Type::BOOLEAN),
    nulls: Nulls::Special(Missing::Never, "False"),
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new(
            "IsString([displayName])",
            r#"{"displayName": "Zoe"}"#,
            "true",
        ),
        Example::new(
            "IsString([displayName])",
            r#"{"displayName": null}"#,
            "false",
        ),
        Example::new(
            "IsString([otherMails])",
            r#"{"otherMails": ["a@b.example", "c@d.example"]}"#,
            "false",
        ),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    let values = call.values(0)?;
    Ok(Some(Value::Bool(
        matches!(values.as_slice(), [one] if !matches!(one, Value::Map(_))),
    )))
}
